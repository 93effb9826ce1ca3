#include "cli/app.h"
#include "cli/values.h"
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
#include "report/person.h"
#include "view.h"

#include <cstdlib>
#include <functional>
#include <memory>
#include <optional>

namespace {

using namespace oob;

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
    return {cli::changing(cli::flag_option("--enable", choices.enable,
                                           "switch serial-over-LAN on where it is off")),
            cli::changing(cli::flag_option("--close-sessions", choices.close_sessions,
                                           "end sessions that others have open")),
            cli::text_option("--consent-code", "CODE", choices.consent_code,
                             "the six digits that the host's screen shows its user")};
}

cli::ToolOption map_option(Choices& choices) {
    return cli::text_option("--map", "MAP", choices.map,
                            "the host's keys and characters: vt100, vt-utf8 or ansi");
}

cli::ToolOption power_option(Choices& choices) {
    return cli::changing(cli::text_option("--power", "ACTION", choices.power,
                                          "on, off, cycle or reset when it is open"));
}

/// A console's standard output is the host's; what went wrong is said beside it.
std::optional<std::string> render(const Value& record, report::Format) {
    const bool planned = report::at_path(record, "dry_run").truth();
    if (planned || report::text_at(record, "type") != "result") return std::nullopt;
    const std::string action = report::text_at(record, "action");
    if (action != "sol.connect" && action != "sol.monitor") return std::nullopt;
    if (const Value* error = record.find("error"); error && !error->is_null()) {
        report::tell("oob-sol: " + report::text_at(record, "error.message"));
        report::tell("hint: " + report::text_at(record, "error.hint"));
    }
    return std::string();
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

/// What is done with a device that is opened and identified.
using Serve = std::function<net::Task<void>(plane::Device&, fleet::Attempt&)>;

net::Task<void> attend(const Serve& serve, fleet::Attempt& attempt, cli::Reach reach) {
    const plane::DevicePtr device = co_await cmd::open_to_stay(attempt, std::move(reach));
    co_await serve(*device, attempt);
}

cli::Order order_for(const cli::Parsed& parsed, std::string deed, report::View view, Serve serve) {
    cli::Order out = cli::begin_order(parsed);
    out.lasting = true;
    out.render = render;
    out.view = std::move(view);
    out.deed = cli::deed_with_options(parsed, std::move(deed), "of");
    out.work = cli::Act([serve = std::move(serve)](fleet::Attempt& attempt, cli::Reach reach) {
        return attend(serve, attempt, std::move(reach));
    });
    return out;
}

cli::Order connecting(const cli::Parsed& parsed, const Choices& choices) {
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
    if (const auto idle = cli::duration(choices.idle, "--idle")) {
        if (!choices.exec)
            fail(Class::usage, "usage.idle", "--idle goes with --exec", "oob-sol connect --exec");
        order.idle = *idle;
    }
    return order_for(parsed, "open the console", report::standard_view(),
                     [order](plane::Device& device, fleet::Attempt& attempt) {
                         return sol::connect(device, order, attempt);
                     });
}

cli::Order logging(const cli::Parsed& parsed, const Choices& choices) {
    // The files of all consoles are known to all acts, and a std::function has to be copyable.
    const auto shared = std::make_shared<sol::Logging>();
    shared->file = parsed.arguments.front();
    shared->wish = wish_of(choices);
    shared->timestamps = !choices.no_timestamps;
    if (choices.rotate) shared->rotate_bytes = bytes_of(*choices.rotate);
    constexpr std::uint64_t most_kept = 1000;
    shared->keep =
        static_cast<unsigned>(cli::number(choices.keep, "--keep", 0, most_kept, shared->keep));
    cli::Order order = order_for(parsed, "log the console", sol::log_view(),
                                 [shared](plane::Device& device, fleet::Attempt& attempt) {
                                     return sol::log(device, *shared, attempt);
                                 });
    order.reopen = [shared] { sol::reopen_all(*shared); };
    return order;
}

/// Before anything is opened or switched.
void require_variables(const sol::Dialogue& dialogue, const std::string& file) {
    for (const sol::Step& step : dialogue.steps)
        if (step.kind == sol::Step::Kind::send_variable &&
            std::getenv(step.text.c_str()) == nullptr)
            fail(Class::usage, "usage.expect",
                 join({file, ", line ", std::to_string(step.line), ": the variable ", step.text,
                       " is not set"}),
                 "it comes from the environment");
}

cli::Order expecting(const cli::Parsed& parsed, const Choices& choices) {
    const auto dialogue = std::make_shared<sol::Dialogue>();
    const std::string& file = parsed.arguments.front();
    auto steps = sol::parse_script(take(read_file(file, "config.script", most_script_bytes)));
    if (!steps) {
        steps.error().message = join({file, ", ", steps.error().message});
        fail(std::move(steps).error());
    }
    dialogue->steps = *std::move(steps);
    require_variables(*dialogue, file);
    dialogue->wish = wish_of(choices);
    dialogue->map = map_of(choices);
    dialogue->power = power_of(choices);
    cli::Order order =
        order_for(parsed, join({"run ", file, " on the console"}), sol::expect_view(),
                  [dialogue](plane::Device& device, fleet::Attempt& attempt) {
                      return sol::expect(device, *dialogue, attempt);
                  });
    // A script has its own time-outs; --timeout holds for all of it.
    order.lasting = !parsed.options.timeout_given;
    return order;
}

cli::Order monitoring(const cli::Parsed& parsed, const Choices& choices) {
    return order_for(parsed, "listen to the console", report::standard_view(),
                     [wish = wish_of(choices)](plane::Device& device, fleet::Attempt& attempt) {
                         return sol::monitor(device, wish, attempt);
                     });
}

cli::Order replaying(const cli::Parsed& parsed, const Choices& choices) {
    sol::Replaying recording;
    recording.file = parsed.arguments.front();
    recording.longest_pause = cli::duration(choices.idle, "--idle");
    if (choices.speed) {
        char* end = nullptr;
        recording.speed = std::strtod(choices.speed->c_str(), &end);
        if (*end != '\0' || !(recording.speed > 0))
            fail(Class::usage, "usage.speed", "--speed is no number above zero: " + *choices.speed,
                 "2 is twice as fast, 0.5 half as fast");
    }
    cli::Order order = cli::begin_order(parsed);
    order.work = cli::Errand([recording](fleet::Interrupt& interrupt) -> net::Task<int> {
        co_await interrupt.cut_off(sol::replay(recording));
        co_return 0;
    });
    return order;
}

cli::Verb connect_verb(Choices& choices) {
    cli::Verb out;
    out.name = "connect";
    out.also = {"open", "activate", "attach", "console", "sol", "start"};
    out.behind = "TARGET";
    out.summary = "open the text console of one machine";
    out.notes = "At the beginning of a line ~. ends it, and ~? lists what else there is.";
    out.examples = {"oob-sol connect pc07",
                    "oob-sol connect --power cycle --map vt100 --record boot.cast pc07",
                    "printf 'root\\r' | oob-sol connect --exec pc07"};
    out.takes = cli::log_in_and_stay.without(cli::Group::fanout | cli::Group::piped);
    out.options = opening_options(choices);
    out.options.insert(
        out.options.end(),
        {map_option(choices), power_option(choices),
         cli::text_option("--record", "FILE", choices.record,
                          "record what is shown, as an asciicast"),
         cli::text_option("--log", "FILE", choices.log, "write what the host says to a file too"),
         cli::flag_option("--exec", choices.exec, "send standard input, print what comes back"),
         cli::text_option("--idle", "DURATION", choices.idle,
                          "the silence that ends --exec (1s)")});
    out.prepare = [&choices](const cli::Parsed& parsed) { return connecting(parsed, choices); };
    return out;
}

cli::Verb log_verb(Choices& choices) {
    cli::Verb out;
    out.name = "log";
    out.also = {"capture", "record", "logger"};
    out.summary = "write what consoles say to files, until Ctrl-C";
    out.notes = "{name} in FILE stands for the name of each machine.";
    out.examples = {"oob-sol log pc07.log pc07",
                    "oob-sol log --rotate 100M --keep 9 '{name}.log' @lab"};
    out.arguments = {"FILE"};
    out.takes = cli::log_in_and_stay | cli::Group::dry_run;
    out.options = opening_options(choices);
    out.options.insert(
        out.options.end(),
        {cli::text_option("--rotate", "BYTES", choices.rotate,
                          "put a file aside when so large (10M; 0: never)"),
         cli::text_option("--keep", "N", choices.keep, "so many of the files put aside (5)"),
         cli::flag_option("--no-timestamps", choices.no_timestamps,
                          "lines as they come, without the time")});
    out.prepare = [&choices](const cli::Parsed& parsed) { return logging(parsed, choices); };
    return out;
}

cli::Verb expect_verb(Choices& choices) {
    cli::Verb out;
    out.name = "expect";
    out.also = {"script", "run", "automate", "chat"};
    out.effect = fleet::Effect::changes;
    out.summary = "run a script of send and expect on each machine's console";
    out.notes = "The steps of a SCRIPT are told in man oob-sol.";
    out.examples = {
        "printf '%s\\n' 'send \"\\r\"' 'expect /login: $/' > boot.exp\n"
        "oob-sol expect boot.exp --power cycle --yes pc07"};
    out.arguments = {"SCRIPT"};
    out.options = opening_options(choices);
    out.options.insert(out.options.end(), {map_option(choices), power_option(choices)});
    out.prepare = [&choices](const cli::Parsed& parsed) { return expecting(parsed, choices); };
    return out;
}

cli::Verb monitor_verb(Choices& choices) {
    cli::Verb out;
    out.name = "monitor";
    out.also = {"watch", "follow", "tail", "listen"};
    out.summary = "print what many consoles say, line by line, until Ctrl-C";
    out.notes = "Each line stands behind its machine's name.";
    out.examples = {"oob-sol monitor 'pc[01-12]'"};
    out.takes = cli::log_in_and_stay;
    out.options = opening_options(choices);
    out.prepare = [&choices](const cli::Parsed& parsed) { return monitoring(parsed, choices); };
    return out;
}

cli::Verb replay_verb(Choices& choices) {
    cli::Verb out;
    out.name = "replay";
    out.also = {"play", "show"};
    out.summary = "show a recording in its own time";
    out.examples = {"oob-sol replay boot.cast", "oob-sol replay --speed 4 --idle 1s boot.cast"};
    out.arguments = {"FILE"};
    out.behind = "";
    out.takes = {};
    out.options = {
        cli::text_option("--speed", "N", choices.speed, "so many times faster"),
        cli::text_option("--idle", "DURATION", choices.idle, "no pause is longer than that")};
    out.prepare = [&choices](const cli::Parsed& parsed) { return replaying(parsed, choices); };
    return out;
}

}  // namespace

int main(int argc, char** argv) {
    Choices choices;
    cli::Tool tool;
    tool.name = "oob-sol";
    tool.summary = "text consoles of machines, below their operating system";
    tool.examples = {
        "oob-sol connect pc07", "oob-sol connect --power cycle --map vt100 --record boot.cast pc07",
        "oob-sol log '{name}.log' @lab", "oob-sol expect boot.exp --power cycle --yes pc07",
        "oob-sol monitor 'pc[01-12]'"};
    tool.protocols = "Intel AMT serial-over-LAN (redirection over TCP and TLS)";
    tool.verbs = {connect_verb(choices), log_verb(choices), expect_verb(choices),
                  monitor_verb(choices), replay_verb(choices)};
    return cli::run(tool, argc, argv);
}
