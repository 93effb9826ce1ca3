#include "cli/options.h"

#include "core/text.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace oob::cli {

namespace {

using std::chrono::milliseconds;

/// An option whose value is a duration.
void add_duration(CLI::App& app, const std::string& names, std::function<void(milliseconds)> set,
                  const std::string& help) {
    auto* option = app.add_option_function<std::string>(
        names,
        [set = std::move(set), names](const std::string& text) {
            const auto duration = parse_duration(text);
            if (!duration)
                throw CLI::ValidationError(
                    names, "'" + text + "' is no duration; write 500ms, 3s, 2m, 1h or 7d");
            set(*duration);
        },
        help);
    option->type_name("DUR");
}

void add_count(CLI::App& app, const std::string& names, std::function<void(std::size_t)> set,
               const std::string& help) {
    auto* option = app.add_option_function<std::string>(
        names,
        [set = std::move(set), names](const std::string& text) {
            const auto count = parse_unsigned(text);
            if (!count || *count == 0 || *count > 1'000'000)
                throw CLI::ValidationError(names, "'" + text + "' is no count from 1 to 1000000");
            set(static_cast<std::size_t>(*count));
        },
        help);
    option->type_name("N");
}

void add_text(CLI::App& app, const std::string& names, std::optional<std::string>& place,
              const std::string& value, const std::string& help) {
    app.add_option_function<std::string>(
           names, [&place](const std::string& text) { place = text; }, help)
        ->type_name(value);
}

void add_path(CLI::App& app, const std::string& names, std::optional<std::filesystem::path>& place,
              const std::string& help) {
    app.add_option_function<std::string>(
           names, [&place](const std::string& text) { place = text; }, help)
        ->type_name("FILE");
}

constexpr std::array<std::pair<std::string_view, report::Format>, 4> formats{
    {{"table", report::Format::table},
     {"grouped", report::Format::grouped},
     {"ndjson", report::Format::ndjson},
     {"json", report::Format::json}}};

/// "'jsn' is none of table, ndjson, json; did you mean json?"
std::string none_of(std::string_view word, const std::vector<std::string_view>& known) {
    std::string out = join({"'", word, "' is none of"});
    for (const auto each : known) out += join({each == known.front() ? " " : ", ", each});
    const auto near = nearest(word, known);
    return near.empty() ? out : join({out, "; did you mean ", near, "?"});
}

void add_progress(CLI::App& app, Options& options) {
    app.add_option_function<std::string>(
           "--progress",
           [&options](const std::string& text) {
               const std::vector<std::string_view> known{"auto", "none", "ndjson"};
               if (std::ranges::find(known, text) == known.end())
                   throw CLI::ValidationError("--progress", none_of(text, known));
               options.progress = text;
           },
           "auto, none or ndjson, on standard error")
        ->type_name("KIND");
}

void add_whom(CLI::App& app, Groups groups, Options& options) {
    if (groups.has(Group::account)) {
        add_text(app, "-u,--user", options.user, "NAME",
                 "account (default: inventory, else admin)");
        add_text(app, "-c,--credential", options.credential, "REF",
                 "where the password is: file:PATH fd:N env:NAME netrc[:PATH] exec:COMMAND "
                 "systemd:NAME ask");
    }
    if (groups.has(Group::targets)) {
        app.add_option("-i,--inventory", options.inventories,
                       "hosts and groups, TOML or NDJSON (repeatable)")
            ->type_name("FILE")
            ->allow_extra_args(false);
        app.add_option("-x,--exclude", options.exclude, "take targets away (repeatable)")
            ->type_name("TARGET")
            ->allow_extra_args(false);
    }
    if (groups.has(Group::piped))
        app.add_flag("--include-failed", options.include_failed,
                     "act on records with \"ok\":false, too");
}

void add_output(CLI::App& app, Groups groups, Options& options) {
    if (groups.has(Group::output))
        app.add_option_function<std::string>(
               "-o,--output",
               [&options](const std::string& text) {
                   const auto format = format_named(text);
                   if (!format) throw CLI::ValidationError("--output", format.error().message);
                   options.output = *format;
               },
               "table, grouped, ndjson or json (default: table on a terminal, else ndjson)")
            ->type_name("FMT");
    app.add_flag("-q,--quiet", options.quiet, "say less on standard error");
    app.add_flag_function(
        "-v,--verbose",
        [&options](std::int64_t count) { options.verbose = static_cast<int>(count); },
        "say more on standard error");
    if (groups.has(Group::trace))
        add_path(app, "--trace", options.trace, "write what goes over the wire, secrets taken out");
    if (groups.has(Group::progress)) add_progress(app, options);
    if (groups.has(Group::run))
        app.add_flag("--summary", options.summary, "one last record about the whole run");
}

void add_caution(CLI::App& app, Groups groups, Options& options) {
    if (groups.has(Group::dry_run))
        app.add_flag("-n,--dry-run", options.dry_run,
                     "read the real state, print the plan, change nothing");
    if (groups.has(Group::confirm)) {
        app.add_flag("-y,--yes", options.yes, "do not ask");
        add_count(
            app, "--confirm", [&options](std::size_t n) { options.confirm = n; },
            "do not ask if there are N devices, else stop");
    }
    if (groups.has(Group::input))
        app.add_flag("--no-input", options.no_input, "never ask for anything");
}

void add_time(CLI::App& app, Groups groups, Options& options) {
    fleet::Limits& limits = options.limits;
    if (groups.has(Group::connect))
        add_duration(
            app, "--connect-timeout",
            [&options](milliseconds d) {
                options.dial.connect_timeout = d;
                options.connect_timeout_given = true;
            },
            "for each connection (default 3s)");
    if (groups.has(Group::timeout))
        add_duration(
            app, "-t,--timeout",
            [&options](milliseconds d) {
                options.limits.timeout = d;
                options.dial.write_limit = d;
                options.timeout_given = true;
            },
            "for each device (default 30s)");
    if (groups.has(Group::deadline))
        add_duration(
            app, "--deadline", [&limits](milliseconds d) { limits.deadline = d; },
            "for the whole run");
}

void add_limits(CLI::App& app, Groups groups, Options& options) {
    fleet::Limits& limits = options.limits;
    if (groups.has(Group::fanout))
        add_count(
            app, "-F,--fanout",
            [&options](std::size_t n) {
                options.limits.fanout = n;
                options.fanout_given = true;
            },
            "devices at once (default 64)");
    add_time(app, groups, options);
    if (groups.has(Group::rolling)) {
        add_count(
            app, "--batch", [&limits](std::size_t n) { limits.batch = n; },
            "N devices, then the next N");
        add_count(
            app, "--max-failures", [&limits](std::size_t n) { limits.max_failures = n; },
            "stop after N failures");
    }
    if (groups.has(Group::journal)) {
        add_path(app, "--journal", options.journal, "write down what is done, for --resume");
        add_path(app, "--resume", options.resume,
                 "go on where the run with this journal was interrupted");
        app.get_option("--journal")->excludes(app.get_option("--resume"));
    }
}

void add_client(CLI::App& app, Options& options) {
    add_path(app, "--tls-cert", options.tls_cert,
             "our certificate for devices that ask for one, PEM or PKCS#12");
    add_path(app, "--tls-key", options.tls_key, "its key, PEM, when it stands in another file");
    add_text(app, "--tls-key-password", options.tls_key_password, "REF",
             "where the key's passphrase is, as for --credential");
    app.get_option("--tls-key")->needs(app.get_option("--tls-cert"));
    app.get_option("--tls-key-password")->needs(app.get_option("--tls-cert"));
}

void add_connection(CLI::App& app, Groups groups, Options& options) {
    if (groups.has(Group::trust)) {
        add_path(app, "--tls-ca", options.tls_ca,
                 "PEM certificates to trust instead of the system's");
        app.add_flag_callback(
            "--tls-tofu", [&options] { options.tls_tofu = true; },
            "trust a new device's key and record it");
        app.add_flag("--insecure", options.insecure, "do not check the device's key");
    }
    if (groups.has(Group::pin))
        add_text(app, "--tls-pin", options.tls_pin, "sha256:HEX", "the device's public key");
    if (groups.has(Group::client)) add_client(app, options);
    if (groups.has(Group::compat))
        app.add_flag("--tls-compat", options.tls_compat, "allow TLS 1.0 and 1.1 for old firmware");
    if (groups.has(Group::via))
        add_text(app, "--via", options.via, "SPEC",
                 "reach the devices through ssh:[USER@]HOST[:PORT] or socks5:HOST:PORT");
    if (groups.has(Group::connect)) {
        auto* ipv4 = app.add_flag_callback(
            "-4", [&options] { options.dial.family = net::Family::ipv4; }, "IPv4 only");
        auto* ipv6 = app.add_flag_callback(
            "-6", [&options] { options.dial.family = net::Family::ipv6; }, "IPv6 only");
        ipv4->excludes(ipv6);
        add_text(app, "--bind", options.dial.bind, "ADDR", "source address");
    }
}

}  // namespace

void add_groups(CLI::App& app, Groups groups, Options& options) {
    app.option_defaults()->group("What to act on");
    add_whom(app, groups, options);
    app.option_defaults()->group("Output");
    add_output(app, groups, options);
    app.option_defaults()->group("Caution");
    add_caution(app, groups, options);
    app.option_defaults()->group("Limits");
    add_limits(app, groups, options);
    app.option_defaults()->group("Connection");
    add_connection(app, groups, options);
}

void add_own(CLI::App& app, const std::vector<ToolOption>& own) {
    app.option_defaults()->group(own_group);
    for (const auto& option : own) {
        const std::string help = option.effect == fleet::Effect::reads
                                     ? option.help
                                     : join({option.help, " (", word(option.effect), ")"});
        if (option.flag) {
            app.add_flag(option.name, *option.flag, help);
        } else if (option.text) {
            add_text(app, option.name, *option.text, option.value, help);
        } else {
            app.add_option(option.name, *option.list, help)
                ->type_name(option.value)
                ->allow_extra_args(false);
        }
    }
}

Result<report::Format> format_named(std::string_view word) {
    std::vector<std::string_view> known;
    for (const auto& [name, format] : formats) {
        if (name == word) return format;
        known.push_back(name);
    }
    return std::unexpected(
        Error(Class::usage, "usage.output", none_of(word, known), "see --output in --help"));
}

const char* word(fleet::Effect effect) {
    switch (effect) {
        case fleet::Effect::reads:
            return "reads";
        case fleet::Effect::changes:
            return "changes";
        case fleet::Effect::destroys:
            return "destroys";
    }
    return "";
}

ToolOption flag_option(const char* name, bool& place, const char* help) {
    ToolOption out;
    out.name = name;
    out.help = help;
    out.flag = &place;
    return out;
}

ToolOption text_option(const char* name, const char* value, std::optional<std::string>& place,
                       const char* help) {
    ToolOption out;
    out.name = name;
    out.help = help;
    out.value = value;
    out.text = &place;
    return out;
}

ToolOption list_option(const char* name, const char* value, std::vector<std::string>& place,
                       const char* help) {
    ToolOption out;
    out.name = name;
    out.help = help;
    out.value = value;
    out.list = &place;
    return out;
}

ToolOption changing(ToolOption option) {
    option.effect = fleet::Effect::changes;
    return option;
}

}  // namespace oob::cli
