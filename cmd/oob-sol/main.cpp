#include "cli/app.h"
#include "connect.h"
#include "core/error.h"
#include "core/file.h"
#include "core/text.h"
#include "expect.h"
#include "log.h"
#include "monitor.h"
#include "open_device.h"
#include "power.h"
#include "replay.h"

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <optional>

namespace {

using namespace oob;

constexpr const char* examples =
    "  oob-sol connect pc07.lab.example\n"
    "  oob-sol connect --enable --close-sessions --map vt100 --record boot.cast pc07\n"
    "  printf 'root\\r' | oob-sol connect --exec pc07\n"
    "  oob-sol log '/var/log/consoles/{name}.log' @lab\n"
    "  oob-sol expect boot.exp --power cycle --yes pc07\n"
    "  oob-sol monitor 'pc[01-12]'\n"
    "  oob-sol replay boot.cast --speed 4\n";

constexpr std::size_t most_script_bytes = std::size_t{1} << 20;

/// The options that only this tool has.
struct Choices {
    bool enable = false;
    bool close_sessions = false;
    bool exec = false;
    bool no_timestamps = false;
    std::optional<std::string> idle;
    std::optional<std::string> consent_code;
    std::optional<std::string> map;
    std::optional<std::string> record;
    std::optional<std::string> log;
    std::optional<std::string> power;
    std::optional<std::string> rotate;
    std::optional<std::string> keep;
    std::optional<std::string> speed;
};

/// Options of every verb that opens a console.
std::vector<cli::ToolOption> opening_options(Choices& choices) {
    return {cli::flag_option("--enable", choices.enable,
                             "switch serial-over-LAN and its listener on where needed"),
            cli::flag_option("--close-sessions", choices.close_sessions,
                             "end sessions that others have open"),
            cli::text_option("--consent-code", "CODE", choices.consent_code,
                             "the six digits that the host's screen shows its user")};
}

cli::ToolOption map_option(Choices& choices) {
    return cli::text_option("--map", "MAP", choices.map,
                            "the host's keys and characters: vt100, vt-utf8 or ansi");
}

cli::ToolOption power_option(Choices& choices) {
    return cli::text_option("--power", "ACTION", choices.power,
                            "on, off, cycle or reset, once the console is open");
}

cli::Verb connect_verb(Choices& choices) {
    cli::Verb out;
    out.name = "connect";
    out.summary = "open the text console of one machine";
    out.lasting = true;
    out.options = opening_options(choices);
    out.options.insert(
        out.options.end(),
        {map_option(choices), power_option(choices),
         cli::text_option("--record", "FILE", choices.record,
                          "record what is shown, as an asciicast"),
         cli::text_option("--log", "FILE", choices.log, "write what the host says to a file too"),
         cli::flag_option("--exec", choices.exec,
                          "send standard input, print what comes back, and end after a silence"),
         cli::text_option("--idle", "DURATION", choices.idle,
                          "the silence that ends --exec (1s), or the longest pause of replay")});
    return out;
}

cli::Verb log_verb(Choices& choices) {
    cli::Verb out;
    out.name = "log";
    out.summary = "write what consoles say to files, until Ctrl-C";
    out.arguments = {"FILE"};
    out.orderly = true;
    out.options = opening_options(choices);
    out.options.insert(
        out.options.end(),
        {cli::text_option("--rotate", "BYTES", choices.rotate,
                          "put a file aside when it has grown so large (10M); 0: never"),
         cli::text_option("--keep", "N", choices.keep, "of the files put aside (5)"),
         cli::flag_option("--no-timestamps", choices.no_timestamps,
                          "lines as they come, without the time")});
    return out;
}

cli::Verb expect_verb(Choices& choices) {
    cli::Verb out;
    out.name = "expect";
    out.effect = fleet::Effect::changes;
    out.summary = "run a script of send and expect on the console of each machine";
    out.arguments = {"SCRIPT"};
    out.lasting = true;
    out.options = opening_options(choices);
    out.options.insert(out.options.end(), {map_option(choices), power_option(choices)});
    return out;
}

cli::Verb monitor_verb(Choices& choices) {
    cli::Verb out;
    out.name = "monitor";
    out.summary = "print what many consoles say, each line behind its machine's name, until Ctrl-C";
    out.orderly = true;
    out.options = opening_options(choices);
    return out;
}

cli::Verb replay_verb(Choices& choices) {
    cli::Verb out;
    out.name = "replay";
    out.summary = "show a recording in its own time";
    out.arguments = {"FILE"};
    out.login = false;
    out.options = {
        cli::text_option("--speed", "N", choices.speed, "so many times faster"),
        cli::text_option("--idle", "DURATION", choices.idle, "no pause is longer than that")};
    return out;
}

/// A console's standard output is the host's; what went wrong is said beside it.
std::optional<std::string> render(const Value& record, report::Format) {
    const std::string action = report::text_at(record, "action");
    if (action != "sol.connect" && action != "sol.monitor") return std::nullopt;
    if (const Value* error = record.find("error"); error && !error->is_null()) {
        std::fprintf(stderr, "oob-sol: %s\n", report::text_at(record, "error.message").c_str());
        std::fprintf(stderr, "hint: %s\n", report::text_at(record, "error.hint").c_str());
    }
    return std::string();
}

cli::Program program(Choices& choices) {
    cli::Program out;
    out.tool.name = "oob-sol";
    out.tool.summary = "text consoles of machines, below their operating system";
    out.tool.examples = examples;
    out.tool.protocols = "Intel AMT serial-over-LAN (redirection over TCP and TLS)";
    out.tool.verbs = {connect_verb(choices), log_verb(choices), expect_verb(choices),
                      monitor_verb(choices), replay_verb(choices)};
    out.render = render;
    return out;
}

plane::ConsoleWish wish_of(const Choices& choices) {
    plane::ConsoleWish wish;
    wish.enable = choices.enable;
    wish.close_sessions = choices.close_sessions;
    if (choices.consent_code) wish.consent_code = cmd::parse_consent_code(*choices.consent_code);
    return wish;
}

terminal::Map map_of(const Choices& choices) {
    if (!choices.map) return terminal::Map::none;
    const auto map = terminal::map_named(*choices.map);
    if (!map)
        fail(Class::usage, "usage.map", "there is no map called " + *choices.map,
             "vt100, vt-utf8 or ansi");
    return *map;
}

std::optional<plane::PowerAction> power_of(const Choices& choices) {
    if (!choices.power) return std::nullopt;
    const auto action = sol::power_action(*choices.power);
    if (!action)
        fail(Class::usage, "usage.power", "--power cannot " + *choices.power,
             "on, off, cycle or reset");
    return action;
}

std::optional<std::chrono::milliseconds> idle_of(const Choices& choices) {
    if (!choices.idle) return std::nullopt;
    const auto idle = parse_duration(*choices.idle);
    if (!idle) fail(Class::usage, "usage.idle", "--idle is no duration", "500ms, 3s, 2m");
    return idle;
}

/// "10M" or "4096".
std::uint64_t bytes_of(const std::string& text) {
    const bool unit = !text.empty() && std::string_view("kKmMgG").contains(text.back());
    const auto number = parse_unsigned(text.substr(0, text.size() - (unit ? 1 : 0)));
    constexpr std::uint64_t most = std::uint64_t{1} << 40;
    const unsigned shift = !unit                                          ? 0
                           : std::string_view("kK").contains(text.back()) ? 10
                           : std::string_view("mM").contains(text.back()) ? 20
                                                                          : 30;
    if (!number || *number > most >> shift)
        fail(Class::usage, "usage.rotate", "--rotate is no size: " + text, "4096, 100k, 10M, 1G");
    return *number << shift;
}

void require_one_target(const cli::Parsed& parsed) {
    if (parsed.targets.size() != 1 || parsed.targets.front() == "-")
        fail(Class::usage, "usage.one_target", "a console is opened on one machine",
             "name it: oob-sol connect pc07");
}

using Serve = std::function<net::Task<void>(plane::Device&, cli::Interrupt&, fleet::Attempt&)>;

Serve connecting(const cli::Parsed& parsed, const Choices& choices) {
    require_one_target(parsed);
    sol::Connecting order;
    order.wish = wish_of(choices);
    order.exec = choices.exec;
    order.map = map_of(choices);
    order.record = choices.record;
    order.log = choices.log;
    order.power = power_of(choices);
    order.quiet = parsed.options.quiet;
    order.may_ask = !parsed.options.no_input && !choices.exec;
    if (const auto idle = idle_of(choices)) {
        if (!choices.exec)
            fail(Class::usage, "usage.idle", "--idle goes with --exec", "oob-sol connect --exec");
        order.idle = *idle;
    }
    return [order](plane::Device& device, cli::Interrupt&, fleet::Attempt& attempt) {
        return sol::connect(device, order, attempt);
    };
}

Serve logging(const cli::Parsed& parsed, const Choices& choices) {
    sol::Logging order;
    order.file = parsed.arguments.front();
    order.wish = wish_of(choices);
    order.timestamps = !choices.no_timestamps;
    if (choices.rotate) order.rotate_bytes = bytes_of(*choices.rotate);
    if (choices.keep) {
        constexpr std::uint64_t most_kept = 1000;
        const auto keep = parse_unsigned(*choices.keep);
        if (!keep || *keep > most_kept)
            fail(Class::usage, "usage.keep", "--keep is no number of files", "0 to 1000");
        order.keep = static_cast<unsigned>(*keep);
    }
    auto shared = std::make_shared<sol::Logging>(std::move(order));
    return [shared](plane::Device& device, cli::Interrupt& interrupt, fleet::Attempt& attempt) {
        return sol::log(device, *shared, interrupt, attempt);
    };
}

Serve expecting(const cli::Parsed& parsed, const Choices& choices) {
    auto dialogue = std::make_shared<sol::Dialogue>();
    const std::string text =
        take(read_file(parsed.arguments.front(), "config.script", most_script_bytes));
    dialogue->steps = take(sol::parse_script(text));
    dialogue->wish = wish_of(choices);
    dialogue->map = map_of(choices);
    dialogue->power = power_of(choices);
    return [dialogue](plane::Device& device, cli::Interrupt&, fleet::Attempt& attempt) {
        return sol::expect(device, *dialogue, attempt);
    };
}

Serve monitoring(const Choices& choices) {
    return [wish = wish_of(choices)](plane::Device& device, cli::Interrupt& interrupt,
                                     fleet::Attempt& attempt) {
        return sol::monitor(device, wish, interrupt, attempt);
    };
}

Serve serve_of(const cli::Parsed& parsed, const Choices& choices) {
    if (parsed.verb->name == "log") return logging(parsed, choices);
    if (parsed.verb->name == "expect") return expecting(parsed, choices);
    if (parsed.verb->name == "monitor") return monitoring(choices);
    return connecting(parsed, choices);
}

net::Task<void> attend(const Serve& serve, fleet::Attempt& attempt, cli::Reach reach) {
    const std::optional<std::string> expected = reach.expected_uuid;
    cli::Interrupt& interrupt = *reach.interrupt;
    const plane::DevicePtr device = plane::open(cmd::access_for(attempt, std::move(reach)));
    co_await device->identify();
    co_await cmd::require_identity(*device, attempt.findings, expected);
    co_await serve(*device, interrupt, attempt);
}

int replay(const cli::Parsed& parsed, const Choices& choices) {
    sol::Replaying order;
    order.file = parsed.arguments.front();
    order.longest_pause = idle_of(choices);
    if (choices.speed) {
        char* end = nullptr;
        order.speed = std::strtod(choices.speed->c_str(), &end);
        if (*end != '\0' || !(order.speed > 0))
            fail(Class::usage, "usage.speed", "--speed is no number above zero: " + *choices.speed,
                 "2 is twice as fast, 0.5 half as fast");
    }
    sol::replay(order);
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    Choices choices;
    cli::Program tool = program(choices);
    auto parsed = cli::parse_or_print(tool.tool, argc, argv);
    if (!parsed) return parsed.error();
    Serve serve;
    tool.prepare = [&](const cli::Parsed& words) -> cli::Act {
        serve = serve_of(words, choices);
        return [&serve](fleet::Attempt& attempt, cli::Reach reach) {
            return attend(serve, attempt, std::move(reach));
        };
    };
    return cli::report_failures(tool.tool, [&] {
        if (parsed->verb->name == "replay") return replay(*parsed, choices);
        // Whoever switches power is asked before.
        cli::Verb verb = *parsed->verb;
        if (choices.power) verb.effect = fleet::Effect::destroys;
        parsed->verb = &verb;
        return cli::work(tool, *std::move(parsed));
    });
}
