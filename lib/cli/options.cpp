#include "cli/options.h"

#include "core/text.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cctype>
#include <cstdlib>

namespace oob::cli {

namespace {

using std::chrono::milliseconds;

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

/// An option whose value is a duration.
void add_duration(CLI::App& app, const std::string& names, std::function<void(milliseconds)> set,
                  const std::string& help) {
    auto* option = app.add_option_function<std::string>(
        names,
        [set = std::move(set), names](const std::string& text) {
            const auto duration = parse_duration(text);
            if (!duration)
                throw CLI::ValidationError(names,
                                           "'" + text + "' is no duration; write 500ms, 3s or 2m");
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

std::optional<report::Format> format_named(std::string_view text) {
    if (text == "table") return report::Format::table;
    if (text == "ndjson") return report::Format::ndjson;
    if (text == "json") return report::Format::json;
    return std::nullopt;
}

void add_who_and_what(CLI::App& app, Options& options) {
    add_text(app, "-u,--user", options.user, "NAME", "account (default: inventory, else admin)");
    add_text(app, "-c,--credential", options.credential, "REF",
             "where the password is: file:PATH fd:N env:NAME netrc[:PATH] exec:COMMAND "
             "systemd:NAME ask");
    app.add_option("-i,--inventory", options.inventories,
                   "hosts and groups, TOML or NDJSON (repeatable)")
        ->type_name("FILE")
        ->allow_extra_args(false);
    app.add_option("-x,--exclude", options.exclude, "take targets away (repeatable)")
        ->type_name("TARGET")
        ->allow_extra_args(false);
    app.add_flag("--include-failed", options.include_failed,
                 "act on records with \"ok\":false, too");
}

void add_output(CLI::App& app, Options& options) {
    app.add_option_function<std::string>(
           "-o,--output",
           [&options](const std::string& text) {
               options.output = format_named(text);
               if (!options.output)
                   throw CLI::ValidationError("--output",
                                              "'" + text + "' is none of table, ndjson, json");
           },
           "table, ndjson or json (default: table on a terminal, else ndjson)")
        ->type_name("FMT");
    app.add_flag("-q,--quiet", options.quiet, "say less on standard error");
    app.add_flag_function(
        "-v,--verbose",
        [&options](std::int64_t count) { options.verbose = static_cast<int>(count); },
        "say more on standard error");
    add_path(app, "--trace", options.trace, "write what goes over the wire, secrets taken out");
    app.add_option("--progress", options.progress, "auto, none or ndjson, on standard error")
        ->type_name("KIND")
        ->check(CLI::IsMember({"auto", "none", "ndjson"}));
    app.add_flag("--summary", options.summary, "one last record about the whole run");
}

void add_caution(CLI::App& app, Options& options) {
    app.add_flag("-n,--dry-run", options.dry_run,
                 "read the real state, print the plan, change nothing");
    app.add_flag("-y,--yes", options.yes, "do not ask");
    add_count(
        app, "--confirm", [&options](std::size_t n) { options.confirm = n; },
        "do not ask if there are N devices, else stop");
    app.add_flag("--no-input", options.no_input, "never ask for anything");
}

void add_limits(CLI::App& app, Options& options) {
    fleet::Limits& limits = options.limits;
    add_count(
        app, "-F,--fanout", [&limits](std::size_t n) { limits.fanout = n; },
        "devices at once (default 64)");
    add_duration(
        app, "--connect-timeout", [&options](milliseconds d) { options.dial.connect_timeout = d; },
        "for each connection (default 3s)");
    add_duration(
        app, "-t,--timeout", [&limits](milliseconds d) { limits.timeout = d; },
        "for each device (default 30s)");
    add_duration(
        app, "--deadline", [&limits](milliseconds d) { limits.deadline = d; }, "for the whole run");
    add_count(
        app, "--batch", [&limits](std::size_t n) { limits.batch = n; },
        "N devices, then the next N");
    add_count(
        app, "--max-failures", [&limits](std::size_t n) { limits.max_failures = n; },
        "stop after N failures");
    add_path(app, "--journal", options.journal, "write down what is done, for --resume");
    add_path(app, "--resume", options.resume,
             "go on where the run with this journal was interrupted");
    app.get_option("--journal")->excludes(app.get_option("--resume"));
}

void add_connection(CLI::App& app, Options& options) {
    add_path(app, "--tls-ca", options.tls_ca, "PEM certificates to trust instead of the system's");
    add_text(app, "--tls-pin", options.tls_pin, "sha256:HEX", "the device's public key");
    add_path(app, "--tls-cert", options.tls_cert,
             "our certificate for devices that ask for one, PEM or PKCS#12");
    add_path(app, "--tls-key", options.tls_key, "its key, PEM, when it stands in another file");
    add_text(app, "--tls-key-password", options.tls_key_password, "REF",
             "where the key's passphrase is, as for --credential");
    app.get_option("--tls-key")->needs(app.get_option("--tls-cert"));
    app.get_option("--tls-key-password")->needs(app.get_option("--tls-cert"));
    app.add_flag("--tls-tofu", options.tls_tofu, "trust a new device's key and record it");
    app.add_flag("--tls-compat", options.tls_compat, "allow TLS 1.0 and 1.1 for old firmware");
    app.add_flag("--insecure", options.insecure, "do not check the device's key");
    add_text(app, "--via", options.via, "SPEC",
             "reach the devices through ssh:[USER@]HOST[:PORT] or socks5:HOST:PORT");
    auto* ipv4 = app.add_flag_callback(
        "-4", [&options] { options.dial.family = net::Family::ipv4; }, "IPv4 only");
    auto* ipv6 = app.add_flag_callback(
        "-6", [&options] { options.dial.family = net::Family::ipv6; }, "IPv6 only");
    ipv4->excludes(ipv6);
    add_text(app, "--bind", options.dial.bind, "ADDR", "source address");
}

void add_common(CLI::App& app, Options& options) {
    app.option_defaults()->group("What to act on");
    add_who_and_what(app, options);
    app.option_defaults()->group("Output");
    add_output(app, options);
    app.option_defaults()->group("Caution");
    add_caution(app, options);
    app.option_defaults()->group("Limits");
    add_limits(app, options);
    app.option_defaults()->group("Connection");
    add_connection(app, options);
}

void add_own(CLI::App& app, const std::vector<ToolOption>& own) {
    app.option_defaults()->group("This verb");
    for (const auto& option : own) {
        if (option.flag) {
            app.add_flag(option.name, *option.flag, option.help);
        } else if (option.text) {
            add_text(app, option.name, *option.text, option.value, option.help);
        } else {
            app.add_option(option.name, *option.list, option.help)
                ->type_name(option.value)
                ->allow_extra_args(false);
        }
    }
}

/// "k=v" with a property name in front; a URL with a query is none.
std::optional<std::pair<std::string, std::string>> as_pair(const std::string& text) {
    const auto equals = text.find('=');
    if (equals == std::string::npos || equals == 0) return std::nullopt;
    const auto key = std::string_view(text).substr(0, equals);
    const bool name = std::ranges::all_of(key, [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '_' || c == '.' || c == '[' || c == ']';
    });
    if (!name) return std::nullopt;
    return std::pair{std::string(key), text.substr(equals + 1)};
}

/// Deals the words out: arguments, pairs, targets. Returns what is missing.
std::optional<std::string> deal(const std::vector<std::string>& words, Parsed& parsed) {
    const Verb& verb = *parsed.verb;
    for (const auto& text : words) {
        if (parsed.arguments.size() < verb.arguments.size()) {
            parsed.arguments.push_back(text);
            continue;
        }
        if (const auto pair = as_pair(text); verb.pairs && pair)
            parsed.pairs.push_back(*pair);
        else
            parsed.targets.push_back(text);
    }
    if (parsed.arguments.size() < verb.arguments.size())
        return verb.arguments[parsed.arguments.size()] + " is missing";
    return std::nullopt;
}

std::string usage_of(const Tool& tool, const Verb& verb) {
    std::string out = tool.name + " " + verb.name;
    for (const auto& argument : verb.arguments) out += " " + argument;
    if (verb.pairs) out += " [KEY=VALUE ...]";
    return out + " [OPTIONS] TARGET ...";
}

std::string short_help(const Tool& tool) {
    std::size_t widest = 0;
    for (const auto& verb : tool.verbs) widest = std::max(widest, verb.name.size());
    std::string out = join({tool.name, " - ", tool.summary, "\n\nUsage: ", tool.name,
                            " VERB [OPTIONS] TARGET ...\n\nVerbs:\n"});
    for (const auto& verb : tool.verbs)
        out += join({"  ", verb.name, std::string(widest - verb.name.size() + 2, ' '), verb.summary,
                     " (", word(verb.effect), ")\n"});
    out +=
        join({"\nTargets: a name, amt://HOST[:PORT], amt+tcp://HOST, pc[01-40], 10.0.0.0/24, "
              "@GROUP, or - for "
              "standard input.\n",
              "See '", tool.name, " VERB --help' for the options, and 'man ", tool.name, "'.\n"});
    return out;
}

std::string version_text(const Tool& tool) {
    return join({tool.name, " ", OOB_VERSION, "\nschema oob/1; ", tool.protocols, "\n"});
}

/// CLI11's help with our own usage line: the verb's arguments stand before the targets.
class UsageFormatter : public CLI::Formatter {
 public:
    explicit UsageFormatter(std::string usage) : usage_(std::move(usage)) {}
    std::string make_usage(const CLI::App*, std::string) const override {
        return "Usage: " + usage_ + "\n";
    }

 private:
    std::string usage_;
};

Finished usage_error(const Tool& tool, const std::string& why, const std::string& hint) {
    return {join({tool.name, ": ", why, "\nhint: ", hint, "\n"}), 2};
}

void apply_environment(Options& options) {
    const auto from = [](const char* name, std::optional<std::string>& place) {
        const char* value = std::getenv(name);
        if (value && *value && !place) place = value;
    };
    from("OOB_USER", options.user);
    from("OOB_CREDENTIAL", options.credential);
    from("OOB_VIA", options.via);
    if (const char* format = std::getenv("OOB_OUTPUT"); format && !options.output)
        options.output = format_named(format);
}

}  // namespace

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

std::expected<Parsed, Finished> parse(const Tool& tool, int argc, const char* const* argv) {
    const std::string first = argc > 1 ? argv[1] : "";
    if (first == "--version") return std::unexpected(Finished{version_text(tool), 0});
    if (first == "-h" || first == "--help" || first == "help") {
        std::string text = short_help(tool);
        if (first != "-h") text += join({"\nExamples:\n", tool.examples});
        return std::unexpected(Finished{text, 0});
    }
    const auto verb = std::ranges::find(tool.verbs, first, &Verb::name);
    if (verb == tool.verbs.end()) {
        if (first.empty()) return std::unexpected(Finished{short_help(tool), 2});
        std::vector<std::string_view> names;
        for (const auto& known : tool.verbs) names.push_back(known.name);
        const auto near = nearest(first, names);
        return std::unexpected(usage_error(tool, "unknown verb '" + first + "'",
                                           near.empty()
                                               ? "see " + tool.name + " --help"
                                               : "did you mean '" + std::string(near) + "'?"));
    }

    Parsed parsed;
    parsed.verb = &*verb;
    std::vector<std::string> words;
    CLI::App app(join({verb->summary, ". This verb ", word(verb->effect), "."}));
    app.name(tool.name + " " + verb->name);
    app.formatter(std::make_shared<UsageFormatter>(usage_of(tool, *verb)));
    app.footer("\nExamples:\n" + tool.examples);
    app.set_help_flag("-h,--help", "this text");
    bool version = false;
    app.add_flag("--version", version, "version, with the protocols built in");
    app.add_option("TARGET", words, "arguments and targets; - reads targets from standard input")
        ->group("");
    add_own(app, verb->options);
    add_common(app, parsed.options);
    try {
        app.parse(argc - 1, argv + 1);
    } catch (const CLI::CallForHelp&) {
        return std::unexpected(Finished{app.help(), 0});
    } catch (const CLI::ParseError& error) {
        return std::unexpected(
            usage_error(tool, error.what(), "see " + tool.name + " " + verb->name + " --help"));
    }
    if (version) return std::unexpected(Finished{version_text(tool), 0});
    if (const auto missing = deal(words, parsed))
        return std::unexpected(usage_error(tool, *missing, "usage: " + usage_of(tool, *verb)));
    apply_environment(parsed.options);
    return parsed;
}

std::vector<std::string> words_of_work(const Parsed& parsed) {
    std::vector<std::string> out = parsed.arguments;
    for (const auto& [key, value] : parsed.pairs) out.push_back(join({key, "=", value}));
    for (const auto& option : parsed.verb->options) {
        if (option.flag && *option.flag) out.push_back(option.name);
        if (option.text && *option.text) out.push_back(join({option.name, "=", **option.text}));
        if (!option.list) continue;
        for (const auto& value : *option.list) out.push_back(join({option.name, "=", value}));
    }
    return out;
}

std::vector<std::string> words_of(const Tool& tool) {
    std::vector<std::string> out;
    Options options;
    CLI::App app;
    add_common(app, options);
    for (const auto& verb : tool.verbs) {
        out.push_back(verb.name);
        for (const auto& option : verb.options) out.push_back(option.name);
    }
    for (const auto* option : app.get_options()) {
        for (const auto& name : option->get_lnames()) out.push_back("--" + name);
    }
    std::ranges::sort(out);
    out.erase(std::ranges::unique(out).begin(), out.end());
    return out;
}

}  // namespace oob::cli
