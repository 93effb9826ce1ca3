#pragma once

#include "core/error.h"
#include "core/host.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace oob {

/// The planes of the contract, section 2. Which of them a tool can serve is the plane registry's
/// affair.
inline constexpr std::string_view amt_scheme = "amt";
inline constexpr std::string_view amt_plain_scheme = "amt+tcp";

/// One device to act on, as a person or an inventory named it.
struct Target {
    std::string text;  ///< as it stands in the record's "target": "amt://pc1", the host as written
    std::string name;  ///< the bare name, for people and for the inventory: "pc1"
    std::string scheme = std::string(amt_scheme);  ///< lower case
    std::optional<std::string> user;
    std::string host;  ///< name or address as written; IPv6 without brackets
    std::optional<std::uint16_t> port;
    std::optional<std::string> uuid;  ///< expected identity, lower case
    std::optional<std::string> pin;   ///< "sha256:" and 64 lower-case hex digits
    std::optional<std::string> via;
    /// Where to connect when that is not the host: the certificate, the known-devices file and
    /// HTTP's Host field still go by the host.
    std::optional<std::string> address;
    /// What a record that was read said of the device: where it was, and who ("amt:8a1c…").
    std::optional<std::string> told_address;
    std::optional<std::string> told_id;

    const std::string& where() const { return address ? *address : host; }
};

/// Reads `amt://[user@]host[:port][?uuid=…&pin=…&via=…]` or a bare name, which means amt. Errors
/// are of class `usage`: `usage.target`, `usage.scheme`, `usage.password` (a URL must not hold
/// one), `usage.pin`.
Result<Target> parse_target(std::string_view text);

/// What all ways of writing one target have in common, the usual port included: two targets with
/// the same key are one.
std::string key_of(const Target& target);

/// The port that a scheme stands for; nothing for one without ports.
std::optional<std::uint16_t> usual_port(std::string_view scheme);

/// "amt:<uuid>" or "amt:<mac>", as the record's device.id has it, in lower case; nothing for any
/// other text, and for a UUID that is no identity.
std::optional<std::string> parse_device_id(std::string_view text);

/// A line of a list of targets or addresses without blanks around it and without its comment, which
/// begins with a `#` at the beginning of the line or behind a blank. Empty when nothing is left. A
/// line that holds a record is left as it is.
std::string_view words_of_line(std::string_view line);

/// "sha256:HEX", "SHA256:HEX" or bare hex with or without colons, as one form: "sha256:" and
/// lower-case digits.
Result<std::string> parse_pin(std::string_view text);

/// Several targets in one word: `pc[01-40,50]` (zero padding kept), `10.0.0.0/24`,
/// `10.0.0.5-10.0.0.90`, or a single one, which may still be no target. Nothing is spelt out until
/// it is asked for, so a range costs no memory.
class TargetRange {
 public:
    /// The most targets that one word may stand for.
    static constexpr std::uint64_t largest = 1'000'000;

    /// Errors: class `usage`, codes `usage.range` and, for an end that only looks like an address,
    /// `usage.host`.
    static Result<TargetRange> parse(std::string_view text);

    std::uint64_t size() const;
    /// The target text number `index`, counted in the order written, the last bracket fastest.
    std::string at(std::uint64_t index) const;
    /// Where each number is smallest or largest: when these targets are well formed, all are.
    std::vector<std::uint64_t> edges() const;

 private:
    struct Numbers {  ///< one stretch inside brackets
        std::uint64_t first;
        std::uint64_t last;
        std::size_t width;  ///< digits to pad to
    };
    using Set = std::vector<Numbers>;
    struct Addresses {
        std::uint32_t first;
        std::uint64_t count;
    };
    using Part = std::variant<std::string, Set, Addresses>;

    static Result<std::optional<Addresses>> no_range(std::string_view text);
    static Result<std::optional<Addresses>> parse_addresses(std::string_view text);
    static Result<Set> parse_set(std::string_view inside);
    static std::uint64_t size_of(const Part& part);

    std::vector<Part> parts_;
};

}  // namespace oob
