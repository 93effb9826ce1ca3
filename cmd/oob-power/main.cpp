#include "alarm.h"
#include "boot.h"
#include "cli/app.h"
#include "core/error.h"
#include "core/text.h"
#include "open_device.h"
#include "switch.h"

#include <algorithm>
#include <array>
#include <optional>

namespace {

using namespace oob;
using net::Task;
using plane::PowerAction;

struct Row {
    const char* name;
    std::optional<PowerAction> action;  ///< none: only look
    const char* summary;
};

constexpr std::array<Row, 11> verbs{{
    {"status", std::nullopt, "show the power state"},
    {"on", PowerAction::on, "switch on"},
    {"off", PowerAction::off, "switch off at once, without asking the operating system"},
    {"cycle", PowerAction::cycle, "switch off and on again; a host that is off is switched on"},
    {"reset", PowerAction::reset, "press the reset button"},
    {"soft-off", PowerAction::soft_off, "ask the operating system to shut down"},
    {"soft-reset", PowerAction::soft_reset, "ask the operating system to restart"},
    {"sleep", PowerAction::sleep, "send to sleep; into standby where the machine has no sleep"},
    {"hibernate", PowerAction::hibernate, "ask the operating system to hibernate"},
    {"nmi", PowerAction::nmi, "raise the diagnostic interrupt"},
    {"wake", PowerAction::wake, "end sleep, hibernation or standby"},
}};

constexpr std::array<std::string_view, 4> states{"on", "off", "sleep", "hibernate"};

constexpr const char* examples =
    "  oob-power status pc[01-40].lab.example\n"
    "  oob-power on --credential file:/etc/oob/amt.secret pc07\n"
    "  oob-power status - < lab.ndjson | jq -c 'select(.state.after.power==\"off\")' | oob-power "
    "on --yes -\n"
    "  oob-power soft-off pc07 && oob-power wait off --timeout 5m pc07\n"
    "  oob-power boot pxe --reset --yes 'pc[01-40]'\n"
    "  oob-power boot bios --console --reset pc07\n";

/// The options that only this tool has.
struct Choices {
    bool close_sessions = false;
    bool once = false;
    bool reset = false;
    bool on = false;
    bool console = false;
    std::optional<std::string> consent_code;
    std::optional<std::string> url;
    std::optional<std::string> name;
    std::optional<std::string> at;
    std::optional<std::string> every;
};

/// What is done to each device: one of the three.
struct Order {
    power::Switching switching;
    std::optional<power::Booting> booting;
    std::optional<power::Waking> waking;
    bool changes = false;
};

cli::ToolOption close_sessions(Choices& choices) {
    return cli::flag_option("--close-sessions", choices.close_sessions,
                            "end redirection sessions that keep the firmware from switching");
}

cli::Verb wait_verb() {
    cli::Verb verb;
    verb.name = "wait";
    verb.summary = "wait until the power is on, off, sleep or hibernate";
    verb.arguments = {"STATE"};
    return verb;
}

cli::Verb alarm_verb(Choices& choices) {
    cli::Verb verb;
    verb.name = "alarm";
    verb.effect = fleet::Effect::changes;
    verb.summary = "list, add or delete times at which the firmware switches the host on";
    verb.arguments = {"ACTION"};
    verb.options = {
        cli::text_option("--name", "NAME", choices.name, "which alarm; add and delete need it"),
        cli::text_option("--at", "TIME", choices.at, "when, in UTC: 2026-01-31T07:00Z"),
        cli::text_option("--every", "DURATION", choices.every,
                         "again and again, 24h apart for instance; otherwise once")};
    return verb;
}

cli::Verb boot_verb(Choices& choices) {
    cli::Verb verb;
    verb.name = "boot";
    verb.effect = fleet::Effect::changes;
    verb.summary =
        "start once from pxe disk[:N] cd[:N] bios diag ider-cd ider-floppy https; or show, clear";
    verb.arguments = {"DEVICE"};
    verb.options = {
        cli::flag_option("--once", choices.once, "only set it for the next start (the default)"),
        cli::flag_option("--reset", choices.reset,
                         "set it and restart; a host that is not on is switched on"),
        cli::flag_option("--on", choices.on, "set it and switch on; an error when the host is on"),
        cli::flag_option("--console", choices.console,
                         "text console over serial-over-LAN; bios and ider only"),
        close_sessions(choices)};
    verb.options.push_back(
        cli::text_option("--consent-code", "CODE", choices.consent_code,
                         "the six digits that the host's screen shows its user"));
    verb.options.push_back(
        cli::text_option("--url", "URL", choices.url, "what https starts: https://HOST/FILE"));
    return verb;
}

cli::Program program(Choices& choices) {
    cli::Program out;
    out.tool.name = "oob-power";
    out.tool.summary = "switch machines on and off below their operating system";
    out.tool.examples = examples;
    out.tool.protocols = "Intel AMT (WS-Management over HTTP and TLS)";
    for (const auto& row : verbs) {
        cli::Verb verb;
        verb.name = row.name;
        verb.effect = row.action ? fleet::Effect::changes : fleet::Effect::reads;
        verb.summary = row.summary;
        if (row.action) verb.options = {close_sessions(choices)};
        out.tool.verbs.push_back(std::move(verb));
    }
    out.tool.verbs.push_back(wait_verb());
    out.tool.verbs.push_back(boot_verb(choices));
    out.tool.verbs.push_back(alarm_verb(choices));
    out.columns =
        report::standard_columns({{"POWER", [](const Value& record) {
                                       return report::text_at(record, "state.after.power");
                                   }}});
    return out;
}

/// Options that do not go together are said before the first device is touched.
power::Booting booting(const Choices& choices, const std::string& word) {
    power::Booting order = take(power::parse_boot(word));
    const bool sets = order.kind == power::Booting::Kind::set;
    const int ways = (choices.once ? 1 : 0) + (choices.reset ? 1 : 0) + (choices.on ? 1 : 0);
    if (ways > (sets ? 1 : 0))
        fail(Class::usage, "usage.boot_start", "one of --once, --reset, --on, with a device",
             "see oob-power boot --help");
    const auto device = order.wish.device;
    const bool may_console =
        sets && (device == plane::BootDevice::bios || device == plane::BootDevice::ider_cd ||
                 device == plane::BootDevice::ider_floppy);
    if (choices.console && !may_console)
        fail(Class::usage, "usage.boot_console",
             "--console goes with bios, ider-cd and ider-floppy only",
             "firmware does not redirect the console together with another boot source");
    if (choices.url.has_value() != (sets && device == plane::BootDevice::https))
        fail(Class::usage, "usage.boot_url", "https needs --url, and nothing else takes it",
             "oob-power boot https --url https://HOST/FILE");
    order.wish.url = choices.url.value_or("");
    order.start = choices.reset ? power::Start::reset
                  : choices.on  ? power::Start::on
                                : power::Start::later;
    order.close_sessions = choices.close_sessions;
    order.wish.console = choices.console;
    if (choices.consent_code)
        order.wish.consent_code = cmd::parse_consent_code(*choices.consent_code);
    return order;
}

Order order_of(const cli::Parsed& parsed, const Choices& choices) {
    Order order;
    order.changes = parsed.verb->effect != fleet::Effect::reads;
    if (parsed.verb->name == "boot") {
        order.booting = booting(choices, parsed.arguments.front());
        order.changes = order.booting->kind != power::Booting::Kind::show;
    } else if (parsed.verb->name == "alarm") {
        order.waking = take(
            power::parse_alarm(parsed.arguments.front(), choices.name, choices.at, choices.every));
        order.changes = order.waking->kind != power::Waking::Kind::list;
    } else if (parsed.verb->name == "wait") {
        const std::string& state = parsed.arguments.front();
        if (std::ranges::find(states, state) == states.end())
            fail(Class::usage, "usage.power_state", "'" + state + "' is no power state",
                 "wait for on, off, sleep or hibernate");
        order.switching.wait_for = state;
    } else {
        order.switching.action = std::ranges::find(verbs, parsed.verb->name, &Row::name)->action;
        order.switching.close_sessions = choices.close_sessions;
    }
    return order;
}

Task<void> serve(Order order, fleet::Attempt& attempt, cli::Reach reach) {
    const std::optional<std::string> expected = reach.expected_uuid;
    const plane::DevicePtr device = plane::open(cmd::access_for(attempt, std::move(reach)));
    co_await device->identify();
    if (order.changes) co_await cmd::require_identity(*device, attempt.findings, expected);
    if (order.booting)
        co_await power::boot(*device, *std::move(order.booting), attempt);
    else if (order.waking)
        co_await power::alarm(*device, *std::move(order.waking), attempt);
    else
        co_await power::switch_power(*device, order.switching, attempt);
}

/// `boot show` reads what `boot pxe` changes: the word behind the verb says which it is.
void refine(cli::Program& tool, const cli::Parsed& parsed, const Order& order) {
    const auto verb = std::ranges::find(tool.tool.verbs, parsed.verb->name, &cli::Verb::name);
    if (verb == tool.tool.verbs.end() || (!order.booting && !order.waking)) return;
    verb->effect = order.changes ? fleet::Effect::changes : fleet::Effect::reads;
    const bool sets = order.booting && order.booting->kind == power::Booting::Kind::set;
    verb->action = "power." + verb->name + (sets ? "" : "_" + parsed.arguments.front());
}

}  // namespace

int main(int argc, char** argv) {
    Choices choices;
    cli::Program tool = program(choices);
    tool.prepare = [&](const cli::Parsed& parsed) -> cli::Act {
        const Order order = order_of(parsed, choices);
        refine(tool, parsed, order);
        return [order](fleet::Attempt& attempt, cli::Reach reach) {
            return serve(order, attempt, std::move(reach));
        };
    };
    return cli::run(tool, argc, argv);
}
