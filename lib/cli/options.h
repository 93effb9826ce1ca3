#pragma once

#include "core/error.h"
#include "fleet/runner.h"
#include "net/dialer.h"
#include "report/sink.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace oob::cli {

/// The options that have the same letters in every tool (contract, section 1).
struct Options {
    std::optional<std::string> user;
    std::optional<std::string> credential;
    std::vector<std::filesystem::path> inventories;
    std::vector<std::string> exclude;
    std::optional<report::Format> output;
    bool quiet = false;
    int verbose = 0;
    std::optional<std::filesystem::path> trace;
    std::string progress = "auto";
    bool dry_run = false;
    bool yes = false;
    std::optional<std::size_t> confirm;
    bool no_input = false;
    bool include_failed = false;
    fleet::Limits limits;
    // Whether options or variables said so: then configuration has no word in it.
    bool fanout_given = false;
    bool timeout_given = false;
    bool connect_timeout_given = false;
    std::optional<std::filesystem::path> journal;
    std::optional<std::filesystem::path> resume;
    net::DialOptions dial;
    std::optional<std::filesystem::path> tls_ca;
    std::optional<std::string> tls_pin;
    std::optional<std::filesystem::path> tls_cert;
    std::optional<std::filesystem::path> tls_key;
    std::optional<std::string> tls_key_password;  ///< a credential reference
    std::optional<bool> tls_tofu;
    bool tls_compat = false;
    bool insecure = false;
    std::optional<std::string> via;
    bool summary = false;
};

/// Options that are taken together. A verb takes the groups that have an effect on it; an option of
/// another group is a usage error (contract, section 1). -q, -v, -h and --version are everybody's.
enum class Group : std::uint32_t {
    targets = 1U << 0U,    ///< -i -x
    piped = 1U << 1U,      ///< --include-failed
    account = 1U << 2U,    ///< -u -c
    input = 1U << 3U,      ///< --no-input
    output = 1U << 4U,     ///< -o
    run = 1U << 5U,        ///< --summary
    trace = 1U << 6U,      ///< --trace
    dry_run = 1U << 7U,    ///< -n
    confirm = 1U << 8U,    ///< -y --confirm
    fanout = 1U << 9U,     ///< -F
    rolling = 1U << 10U,   ///< --batch --max-failures
    timeout = 1U << 11U,   ///< -t
    deadline = 1U << 12U,  ///< --deadline
    journal = 1U << 13U,   ///< --journal --resume
    connect = 1U << 14U,   ///< --connect-timeout -4 -6 --bind
    via = 1U << 15U,       ///< --via
    trust = 1U << 16U,     ///< --tls-ca --tls-tofu --insecure
    pin = 1U << 17U,       ///< --tls-pin
    client = 1U << 18U,    ///< --tls-cert --tls-key --tls-key-password
    compat = 1U << 19U,    ///< --tls-compat
    progress = 1U << 20U,  ///< --progress
};

/// A set of groups.
class Groups {
 public:
    constexpr Groups() = default;
    // NOLINTNEXTLINE(google-explicit-constructor): one group is a set of one
    constexpr Groups(Group group) : bits_(static_cast<std::uint32_t>(group)) {}

    constexpr bool has(Group group) const {
        return (bits_ & static_cast<std::uint32_t>(group)) != 0;
    }
    constexpr Groups without(Groups other) const { return Groups(bits_ & ~other.bits_); }
    friend constexpr Groups operator|(Groups a, Groups b) { return Groups(a.bits_ | b.bits_); }
    friend constexpr bool operator==(Groups a, Groups b) = default;

 private:
    constexpr explicit Groups(std::uint32_t bits) : bits_(bits) {}
    std::uint32_t bits_ = 0;
};

constexpr Groups operator|(Group a, Group b) { return Groups(a) | Groups(b); }

/// All that there are.
inline constexpr Groups every_group =
    Groups(Group::targets) | Group::piped | Group::account | Group::input | Group::output |
    Group::run | Group::trace | Group::dry_run | Group::confirm | Group::fanout | Group::rolling |
    Group::timeout | Group::deadline | Group::journal | Group::connect | Group::via | Group::trust |
    Group::pin | Group::client | Group::compat | Group::progress;
/// Before a change: what a verb takes beside its own, when it or one of its options changes
/// something.
inline constexpr Groups caution = Group::dry_run | Group::confirm;
/// A verb that reaches devices, and looks at them one by one.
inline constexpr Groups reach_devices =
    Group::targets | Group::piped | Group::input | Group::output | Group::run | Group::progress |
    Group::fanout | Group::rolling | Group::timeout | Group::deadline | Group::connect |
    Group::via | Group::client | Group::compat | Group::pin;
/// The same with a login.
inline constexpr Groups log_in =
    reach_devices | Group::account | Group::trace | Group::trust | Group::journal;
/// The same for work that goes on until somebody ends it: there is nothing to resume.
inline constexpr Groups log_in_and_stay = log_in.without(Group::journal | Group::rolling);

/// The heading in help of the options that are a verb's own.
inline constexpr const char* own_group = "This verb";

/// An option of one tool or verb. Exactly one of the three places is set.
struct ToolOption {
    std::string name;  ///< "--selector"
    std::string help;
    std::string value;  ///< what the help calls the value, "K=V"; empty for a flag
    bool* flag = nullptr;
    std::optional<std::string>* text = nullptr;
    std::vector<std::string>* list = nullptr;  ///< may be given several times
    /// What the option makes of an order that only reads.
    fleet::Effect effect = fleet::Effect::reads;

    bool given() const { return (flag && *flag) || (text && *text) || (list && !list->empty()); }
};

/// The three kinds; the place outlives the parsing.
ToolOption flag_option(const char* name, bool& place, const char* help);
ToolOption text_option(const char* name, const char* value, std::optional<std::string>& place,
                       const char* help);
ToolOption list_option(const char* name, const char* value, std::vector<std::string>& place,
                       const char* help);
/// An option with which the order changes something.
ToolOption changing(ToolOption option);

/// Makes the options of these groups known to a parser. `options` outlives the parsing.
void add_groups(CLI::App& app, Groups groups, Options& options);
/// Makes a verb's own options known to it.
void add_own(CLI::App& app, const std::vector<ToolOption>& own);
/// The format that a word after --output means. Error: class `usage`, code `usage.output`.
Result<report::Format> format_named(std::string_view word);

/// The word of the contract: "reads", "changes", "destroys".
const char* word(fleet::Effect effect);

}  // namespace oob::cli
