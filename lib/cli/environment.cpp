#include "cli/environment.h"

#include "core/credential_reference.h"
#include "core/text.h"
#include "net/via_spec.h"

#include <array>
#include <cstdlib>
#include <string>

namespace oob::cli {

namespace {

constexpr std::size_t most_at_once = 1'000'000;

std::unexpected<Error> bad(std::string message, std::string hint) {
    return std::unexpected(
        Error(Class::usage, "usage.environment", std::move(message), std::move(hint)));
}

Result<void> set_user(Options& options, const std::string& text) {
    if (!options.user) options.user = text;
    return {};
}

Result<void> set_credential(Options& options, const std::string& text) {
    if (options.credential) return {};
    if (auto good = check_credential_reference(text); !good)
        return bad(good.error().message, good.error().hint);
    options.credential = text;
    return {};
}

Result<void> set_output(Options& options, const std::string& text) {
    if (options.output) return {};
    const auto format = format_named(text);
    if (!format) return bad(format.error().message, format.error().hint);
    options.output = *format;
    return {};
}

Result<void> set_via(Options& options, const std::string& text) {
    if (options.via) return {};
    const auto via = net::parse_via(text);
    if (!via && via.error().kind == Class::usage) return bad(via.error().message, via.error().hint);
    options.via = text;
    return {};
}

Result<std::chrono::milliseconds> duration_of(const std::string& text) {
    const auto duration = parse_duration(text);
    if (!duration) return bad(join({"'", text, "' is no duration"}), "500ms, 3s, 2m");
    return *duration;
}

Result<void> set_timeout(Options& options, const std::string& text) {
    if (options.timeout_given) return {};
    const auto duration = duration_of(text);
    if (!duration) return std::unexpected(duration.error());
    options.limits.timeout = *duration;
    options.timeout_given = true;
    return {};
}

Result<void> set_connect_timeout(Options& options, const std::string& text) {
    if (options.connect_timeout_given) return {};
    const auto duration = duration_of(text);
    if (!duration) return std::unexpected(duration.error());
    options.dial.connect_timeout = *duration;
    options.connect_timeout_given = true;
    return {};
}

Result<void> set_fanout(Options& options, const std::string& text) {
    if (options.fanout_given) return {};
    const auto count = parse_unsigned(text);
    if (!count || *count == 0 || *count > most_at_once)
        return bad(join({"'", text, "' is no count"}), "a number from 1 to 1000000");
    options.limits.fanout = static_cast<std::size_t>(*count);
    options.fanout_given = true;
    return {};
}

Result<void> set_tls_tofu(Options& options, const std::string& text) {
    if (options.tls_tofu) return {};
    const bool yes = text == "true" || text == "1";
    if (!yes && text != "false" && text != "0")
        return bad(join({"'", text, "' is neither true nor false"}), "true or false");
    options.tls_tofu = yes;
    return {};
}

struct Variable {
    const char* name;
    Group group;
    Result<void> (*set)(Options& options, const std::string& text);
};

constexpr std::array<Variable, 8> variables{{
    {"OOB_USER", Group::account, set_user},
    {"OOB_CREDENTIAL", Group::account, set_credential},
    {"OOB_OUTPUT", Group::output, set_output},
    {"OOB_VIA", Group::via, set_via},
    {"OOB_TIMEOUT", Group::timeout, set_timeout},
    {"OOB_CONNECT_TIMEOUT", Group::connect, set_connect_timeout},
    {"OOB_FANOUT", Group::fanout, set_fanout},
    {"OOB_TLS_TOFU", Group::trust, set_tls_tofu},
}};

}  // namespace

Result<void> apply_environment(Options& options, Groups taken) {
    for (const Variable& variable : variables) {
        const char* text = std::getenv(variable.name);
        if (!text || !*text || !taken.has(variable.group)) continue;
        auto set = variable.set(options, text);
        if (set) continue;
        set.error().message = join({variable.name, ": ", set.error().message});
        return set;
    }
    return {};
}

Result<void> apply_defaults(Options& options, const fleet::Settings& defaults) {
    if (!options.fanout_given && defaults.fanout) options.limits.fanout = *defaults.fanout;
    if (!options.timeout_given && defaults.timeout) options.limits.timeout = *defaults.timeout;
    if (!options.connect_timeout_given && defaults.connect_timeout)
        options.dial.connect_timeout = *defaults.connect_timeout;
    if (options.output || !defaults.output) return {};
    const auto format = format_named(*defaults.output);
    if (!format)
        return std::unexpected(Error(Class::config, "config.toml",
                                     "output in [defaults]: " + format.error().message,
                                     "the configuration and the inventories name it"));
    options.output = *format;
    return {};
}

}  // namespace oob::cli
