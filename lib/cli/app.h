#pragma once

#include "cli/interrupt.h"
#include "cli/options.h"
#include "core/secret.h"
#include "core/trace.h"
#include "fleet/runner.h"
#include "net/dialer.h"
#include "net/trust.h"
#include "report/sink.h"
#include "report/table.h"

#include <expected>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace oob::cli {

/// What a verb needs to reach one device; everything in it outlives the verb's task.
struct Reach {
    std::string user;
    Secret password;
    net::Dial dial;
    bool indirect = false;  ///< dial goes through something: no datagrams
    net::Family family = net::Family::any;
    net::Trust* trust = nullptr;
    net::TrustPolicy trust_policy;
    Interrupt* interrupt = nullptr;            ///< of an orderly verb: somebody wants it to end
    std::optional<std::string> expected_uuid;  ///< of the target or the inventory: who it must be
    Trace* trace = nullptr;
};

/// A verb at work on one device: fills the attempt, throws Failure.
using Act = std::function<net::Task<void>(fleet::Attempt&, Reach)>;

struct Program {
    Tool tool;
    std::vector<report::Column> columns;  ///< of the tool's table, between device and result
    report::Sink::Render render;          ///< may be empty
    /// The work of the parsed verb; called once, before the first device. Throws Failure for words
    /// that make no sense.
    std::function<Act(const Parsed&)> prepare;
};

/// $XDG_STATE_HOME/oob/known_devices, else below the home folder (contract, section 5).
std::filesystem::path known_devices_file();

/// The whole life of a tool: argv, targets, credentials, the loop with its signals, records, exit
/// status.
int run(const Program& program, int argc, const char* const* argv);

/// For tools that have another kind of verb too: `run` after argv, for a verb that works on
/// targets. Throws Failure.
int work(const Program& program, Parsed parsed);
/// The words of the command line, or what ends the program at once, printed already.
std::expected<Parsed, int> parse_or_print(const Tool& tool, int argc, const char* const* argv);
/// What `body` returns; a failure that comes out of it is said on standard error and becomes the
/// exit status.
int report_failures(const Tool& tool, const std::function<int()>& body);

}  // namespace oob::cli
