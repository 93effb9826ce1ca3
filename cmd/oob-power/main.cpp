#include "alarm.h"
#include "boot.h"
#include "cli/app.h"
#include "core/error.h"
#include "core/text.h"
#include "open_device.h"
#include "switch.h"
#include "view.h"

#include <algorithm>
#include <array>
#include <functional>
#include <optional>
#include <utility>

namespace {

using namespace oob;
using net::Task;
using plane::PowerAction;

struct Row {
    const char* name;
    std::optional<PowerAction> action;  ///< none: only look
    const char* summary;
    std::vector<std::string> examples;
    std::vector<std::string> also;  ///< what other programs call it
};

const std::vector<Row>& switches() {
    static const std::vector<Row> rows{
        {"status",
         std::nullopt,
         "show the power state",
         {"oob-power status 'pc[01-40]'",
          "oob-power status --tls-tofu pc07          # a new machine: records its TLS key",
          "oob-power status - < lab.ndjson | jq -r 'select(.ok) | .state.after.power'"},
         {"stat", "query", "state", "show", "info", "get", "list", "power"}},
        {"on",
         PowerAction::on,
         "switch on",
         {"oob-power on pc07", "oob-power on --yes --batch 10 'pc[01-40]'"},
         {"start", "power-on", "poweron", "up", "boot-up"}},
        {"off",
         PowerAction::off,
         "switch off at once; the operating system is not asked",
         {"oob-power off pc07", "oob-power off --dry-run 'pc[01-40]'"},
         {"stop", "power-off", "poweroff", "shutdown", "halt", "down", "hard-off", "force-off"}},
        {"cycle",
         PowerAction::cycle,
         "switch off and on again; a host that is off comes on",
         {"oob-power cycle pc07", "oob-power cycle --close-sessions --confirm 12 @lab"},
         {"power-cycle", "powercycle", "reboot", "restart", "bounce"}},
        {"reset",
         PowerAction::reset,
         "press the reset button",
         {"oob-power reset pc07", "oob-power reset --yes --journal night.journal 'pc[01-40]'"},
         {"reboot", "restart", "hard-reset", "warm-reset", "force-restart"}},
        {"soft-off",
         PowerAction::soft_off,
         "ask the operating system to shut down",
         {"oob-power soft-off pc07 && oob-power wait off --timeout 5m pc07"},
         {"shutdown", "poweroff", "halt", "soft", "acpi", "graceful-shutdown", "softoff"}},
        {"soft-reset",
         PowerAction::soft_reset,
         "ask the operating system to restart",
         {"oob-power soft-reset pc07"},
         {"reboot", "restart", "graceful-restart", "softreset"}},
        {"sleep",
         PowerAction::sleep,
         "send to sleep, or to standby where there is no sleep",
         {"oob-power sleep pc07"},
         {"suspend", "standby"}},
        {"hibernate",
         PowerAction::hibernate,
         "ask the operating system to hibernate",
         {"oob-power hibernate pc07"},
         {}},
        {"nmi",
         PowerAction::nmi,
         "raise the diagnostic interrupt",
         {"oob-power nmi pc07"},
         {"diag", "crash", "dump"}},
        {"wake",
         PowerAction::wake,
         "end sleep, hibernation or standby",
         {"oob-power wake --yes @lab"},
         {"resume", "wakeup", "wake-up", "unsuspend"}},
    };
    return rows;
}

constexpr std::array<std::string_view, 4> states{"on", "off", "sleep", "hibernate"};

const std::vector<std::string>& best_examples() {
    static const std::vector<std::string> commands{
        "oob-power status --tls-tofu 'pc[01-40]'",
        "oob-power on pc07",
        "oob-power soft-off pc07 && oob-power wait off --timeout 5m pc07",
        "oob-power reset --dry-run 'pc[01-40]'",
        "oob-power boot pxe --reset --yes 'pc[01-40]'",
        "oob-power status - < lab.ndjson |\n"
        "    jq -c 'select(.state.after.power==\"off\")' |\n"
        "    oob-power on --yes -"};
    return commands;
}

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

/// What is done to a device that is opened and identified.
using Deed = std::function<Task<void>(plane::Device&, fleet::Attempt&)>;

Task<void> serve(const Deed& deed, bool changes, fleet::Attempt& attempt, cli::Reach reach) {
    const plane::DevicePtr device =
        co_await cmd::open_identified(attempt, std::move(reach), changes);
    co_await deed(*device, attempt);
}

/// The order that does it to each target.
cli::Order order_for(const cli::Parsed& parsed, report::View view, Deed deed) {
    cli::Order out = cli::begin_order(parsed);
    out.view = std::move(view);
    const bool changes = out.effect != fleet::Effect::reads;
    out.work =
        cli::Act([deed = std::move(deed), changes](fleet::Attempt& attempt, cli::Reach reach) {
            return serve(deed, changes, attempt, std::move(reach));
        });
    return out;
}

Deed switching(power::Switching wish) {
    return [wish](plane::Device& device, fleet::Attempt& attempt) {
        return power::switch_power(device, wish, attempt);
    };
}

cli::ToolOption close_sessions(Choices& choices) {
    return cli::changing(cli::flag_option("--close-sessions", choices.close_sessions,
                                          "end redirection sessions that are in the way"));
}

cli::Verb switch_verb(const Row& row, Choices& choices) {
    cli::Verb verb;
    verb.name = row.name;
    verb.effect = row.action ? fleet::Effect::changes : fleet::Effect::reads;
    verb.summary = row.summary;
    verb.also = row.also;
    verb.examples = row.examples;
    if (row.action) verb.options = {close_sessions(choices)};
    verb.prepare = [&choices, action = row.action](const cli::Parsed& parsed) {
        return order_for(parsed, power::power_view(),
                         switching({.action = action, .close_sessions = choices.close_sessions}));
    };
    return verb;
}

cli::Verb wait_verb() {
    cli::Verb verb;
    verb.name = "wait";
    verb.summary = "wait until the power is on, off, sleep or hibernate";
    verb.also = {"wait-for", "await", "until"};
    verb.arguments = {"STATE"};
    verb.examples = {"oob-power soft-off pc07 && oob-power wait off --timeout 5m pc07",
                     "oob-power wait on --timeout 2m 'pc[01-40]'"};
    verb.prepare = [](const cli::Parsed& parsed) {
        const std::string& state = parsed.arguments.front();
        if (std::ranges::find(states, state) == states.end())
            fail(Class::usage, "usage.power_state", "'" + state + "' is no power state",
                 "wait for on, off, sleep or hibernate");
        return order_for(parsed, power::power_view(), switching({.wait_for = state}));
    };
    return verb;
}

cli::Verb alarm_verb(const char* action, std::vector<std::string> also, const char* summary,
                     fleet::Effect effect, Choices& choices, const char* example) {
    cli::Verb verb;
    verb.name = join({"alarm ", action});
    verb.also = std::move(also);
    verb.effect = effect;
    verb.summary = summary;
    verb.examples = {example};
    verb.prepare = [&choices, action](const cli::Parsed& parsed) {
        const power::Waking wish =
            take(power::parse_alarm(action, choices.name, choices.at, choices.every));
        cli::Order order = order_for(parsed, power::alarm_view(),
                                     [wish](plane::Device& device, fleet::Attempt& attempt) {
                                         return power::alarm(device, wish, attempt);
                                     });
        order.deed = join({action, " the alarm ", wish.alarm.name,
                           action == std::string_view("add") ? " on" : " of"});
        return order;
    };
    return verb;
}

std::vector<cli::Verb> alarm_verbs(Choices& choices) {
    using fleet::Effect;
    const auto name =
        cli::text_option("--name", "NAME", choices.name, "which alarm; it has to be given");
    cli::Verb list = alarm_verb("list", {"alarm show", "alarm ls", "alarm status", "alarm get"},
                                "show when the firmware switches the host on", Effect::reads,
                                choices, "oob-power alarm list 'pc[01-40]'");
    cli::Verb add =
        alarm_verb("add", {"alarm set", "alarm create", "alarm new"},
                   "have the firmware switch the host on at a time", Effect::changes, choices,
                   "oob-power alarm add --name morning --every 24h \\\n"
                   "    --at \"$(date -u -d 'tomorrow 6:00' +%FT%RZ)\" pc07");
    add.options = {name,
                   cli::text_option("--at", "TIME", choices.at,
                                    "when: 2026-01-31T07:00Z, or 2026-01-31T08:00+01:00"),
                   cli::text_option("--every", "DURATION", choices.every,
                                    "again and again, 24h apart for instance; otherwise once")};
    cli::Verb remove = alarm_verb(
        "delete", {"alarm remove", "alarm rm", "alarm del", "alarm clear"}, "take such a time away",
        Effect::changes, choices, "oob-power alarm delete --name morning pc07");
    remove.options = {name};
    return {std::move(list), std::move(add), std::move(remove)};
}

/// Options that do not go together are said before the first device is touched.
power::Booting booting(const Choices& choices, const std::string& word) {
    power::Booting order = take(power::parse_boot(word));
    const int ways = (choices.once ? 1 : 0) + (choices.reset ? 1 : 0) + (choices.on ? 1 : 0);
    if (ways > 1)
        fail(Class::usage, "usage.boot_start", "one of --once, --reset, --on, with a device",
             "see oob-power boot --help");
    const auto device = order.wish.device;
    const bool may_console = device == plane::BootDevice::bios ||
                             device == plane::BootDevice::ider_cd ||
                             device == plane::BootDevice::ider_floppy;
    if (choices.console && !may_console)
        fail(Class::usage, "usage.boot_console",
             "--console goes with bios, ider-cd and ider-floppy only",
             "firmware does not redirect the console together with another boot source");
    if (choices.url.has_value() != (device == plane::BootDevice::https))
        fail(Class::usage, "usage.boot_url", "https needs --url, and nothing else takes it",
             "oob-power boot https --url https://HOST/FILE");
    if (choices.url && !choices.url->starts_with("https://"))
        fail(Class::usage, "usage.boot_url", "--url is no https:// URL: " + *choices.url,
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

cli::Order boot_order(const cli::Parsed& parsed, const power::Booting& wish) {
    report::View view =
        wish.kind == power::Booting::Kind::show ? power::boot_show_view() : power::boot_view();
    return order_for(parsed, std::move(view),
                     [wish](plane::Device& device, fleet::Attempt& attempt) {
                         return power::boot(device, wish, attempt);
                     });
}

cli::Verb boot_verb(Choices& choices) {
    cli::Verb verb;
    verb.name = "boot";
    verb.also = {"bootdev", "boot-device", "bootorder", "pxe", "bios"};
    verb.effect = fleet::Effect::changes;
    verb.summary = "choose what the machine starts from, once";
    verb.notes = "DEVICE is pxe, disk[:N], cd[:N], bios, diag, ider-cd, ider-floppy or https.";
    verb.examples = {"oob-power boot pxe --reset --yes 'pc[01-40]'",
                     "oob-power boot bios --console --reset pc07"};
    verb.arguments = {"DEVICE"};
    verb.options = {
        cli::flag_option("--once", choices.once, "only set it for the next start (the default)"),
        cli::changing(
            cli::flag_option("--reset", choices.reset, "and restart; a host that is off comes on")),
        cli::changing(
            cli::flag_option("--on", choices.on, "and switch on; an error when it is on")),
        cli::flag_option("--console", choices.console,
                         "text console over serial-over-LAN; bios and ider only"),
        close_sessions(choices),
        cli::text_option("--consent-code", "CODE", choices.consent_code,
                         "the six digits that the host's screen shows its user"),
        cli::text_option("--url", "URL", choices.url, "what https starts: https://HOST/FILE")};
    verb.prepare = [&choices](const cli::Parsed& parsed) {
        const power::Booting wish = booting(choices, parsed.arguments.front());
        cli::Order order = boot_order(parsed, wish);
        order.deed = cli::deed_with_options(parsed, "boot " + wish.word);
        return order;
    };
    return verb;
}

std::vector<cli::Verb> boot_settings_verbs() {
    cli::Verb show;
    show.name = "boot show";
    show.also = {"boot get", "boot status", "boot list"};
    show.summary = "show what is set for the next start, and what could be";
    show.examples = {"oob-power boot show pc07"};
    show.prepare = [](const cli::Parsed& parsed) {
        return boot_order(parsed, {.kind = power::Booting::Kind::show, .word = "show"});
    };
    cli::Verb clear;
    clear.name = "boot clear";
    clear.also = {"boot reset", "boot none", "boot delete"};
    clear.effect = fleet::Effect::changes;
    clear.summary = "take back what is set for the next start";
    clear.examples = {"oob-power boot clear pc07"};
    clear.prepare = [](const cli::Parsed& parsed) {
        cli::Order order =
            boot_order(parsed, {.kind = power::Booting::Kind::clear, .word = "clear"});
        order.deed = "take back the boot settings of";
        return order;
    };
    return {std::move(show), std::move(clear)};
}

cli::Tool tool_of(Choices& choices) {
    cli::Tool out;
    out.name = "oob-power";
    out.summary = "switch machines on and off below their operating system";
    out.examples = best_examples();
    out.protocols = "Intel AMT (WS-Management over HTTP and TLS)";
    for (const auto& row : switches()) out.verbs.push_back(switch_verb(row, choices));
    out.verbs.push_back(wait_verb());
    out.verbs.push_back(boot_verb(choices));
    for (auto& verb : boot_settings_verbs()) out.verbs.push_back(std::move(verb));
    for (auto& verb : alarm_verbs(choices)) out.verbs.push_back(std::move(verb));
    return out;
}

}  // namespace

int main(int argc, char** argv) {
    Choices choices;
    return cli::run(tool_of(choices), argc, argv);
}
