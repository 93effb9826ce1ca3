#include "control.h"
#include "core/error.h"
#include "core/text.h"
#include "run.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

namespace {

using oob::Value;
using oob::sim::RunOptions;

constexpr const char* verb_group = "Verbs";
constexpr const char* examples = R"(Examples:
  oob-sim run                                   256 devices, 127.77.0.0 to 127.77.0.255
  oob-sim run --listen 127.77.0.0/16 --generation mixed
  oob-sim run --port-base 0 --for 10m --fault 127.77.0.5:latency=2s,jitter=500ms
  oob-sim ctl get 127.77.0.5 power
  oob-sim ctl set 127.77.0.5 power=off
  oob-sim ctl fault 127.77.0.5 status=503,count=2
  oob-sim ctl journal 127.77.0.5 | jq -c .data
  oob-sim ctl stop

The account is admin with the password P@ssw0rd unless --password-file says otherwise.
When the devices can be reached, one record of type "ready" with the ports is printed.)";

struct ControlOptions {
    std::string path;
    std::string device;
    std::string key;
    std::vector<std::string> assignments;
    std::string faults;
    std::uint64_t since = 0;
    bool clear = false;
    std::string disk_job;
    std::string drive = "cd";
    std::size_t bytes = 65'536;
    bool no_digest = false;
    bool read_12 = false;
    std::uint32_t block = 0;
    std::string text;
    std::string wait;
};

void add_run(CLI::App& app, RunOptions& options) {
    CLI::App* run = app.add_subcommand("run", "serve a fleet of virtual devices until stopped");
    run->group(verb_group);
    run->add_option("--listen", options.listen, "addresses of the fleet, at most a /16")
        ->type_name("CIDR")
        ->capture_default_str();
    run->add_option("--port-base", options.port_base,
                    "first of four ports: http, https, redirection, redirection TLS; 0: any free")
        ->check(CLI::Range(0, 65532))
        ->type_name("PORT")
        ->capture_default_str();
    run->add_option("--rmcp-port", options.rmcp_port,
                    "UDP port of RMCP; 0: any free (default 623 where it may be bound)")
        ->check(CLI::Range(0, 65535))
        ->type_name("PORT");
    run->add_option("--rmcp-as", options.rmcp_as,
                    "what devices are on that port: amt, or bmc for a controller of IPMI 2.0")
        ->type_name("KIND")
        ->capture_default_str();
    run->add_option("--generation", options.generations,
                    "firmware of the devices, or mixed for all in turn (repeatable; default 15.0)")
        ->allow_extra_args(false)
        ->type_name("NAME");
    run->add_option("--profile", options.profiles, "firmware out of a TOML file (repeatable)")
        ->allow_extra_args(false)
        ->type_name("FILE");
    run->add_option("--password-file", options.password_file, "holds admin's password")
        ->type_name("PATH");
    run->add_option("--control", options.control, "path of the control socket, or none")
        ->type_name("PATH");
    run->add_option("--power-delay", options.power_delay, "how long a change of power takes")
        ->type_name("DUR");
    run->add_option("--fault", options.faults,
                    "[ADDRESS:]KIND=VALUE,... from the start (repeatable)")
        ->allow_extra_args(false)
        ->type_name("SPEC");
    run->add_option(
           "--ider", options.ider,
           "nbd:PATH, a unix socket to read lent drives from; {address} in it is filled in")
        ->type_name("WHERE");
    run->add_option("--sol", options.sol,
                    "unix:PATH, a unix socket that is a host's serial port; {address} likewise")
        ->type_name("WHERE");
    run->add_option("--tls-keys", options.tls_keys, "RSA keys that the certificates share")
        ->check(CLI::Range(1, 1024))
        ->type_name("N")
        ->capture_default_str();
    run->add_option("--for", options.run_for, "stop after this time")->type_name("DUR");
}

CLI::App* add_device_verb(CLI::App& ctl, ControlOptions& options, const char* verb,
                          const char* what, const char* device) {
    CLI::App* out = ctl.add_subcommand(verb, what);
    out->group(verb_group);
    CLI::Option* option = out->add_option("device", options.device, device)->type_name("ADDRESS");
    if (std::string_view(device).find("all") == std::string_view::npos) option->required();
    return out;
}

void add_disk(CLI::App& ctl, ControlOptions& options) {
    CLI::App* disk =
        add_device_verb(ctl, options, "disk",
                        "let the host use a drive that is lent to it (changes)", "which device");
    disk->add_option("job", options.disk_job, "probe, read or write")->type_name("JOB")->required();
    disk->add_option("--drive", options.drive, "cd or floppy")
        ->type_name("DRIVE")
        ->capture_default_str();
    disk->add_option("--bytes", options.bytes, "what one READ asks for")
        ->type_name("N")
        ->capture_default_str();
    disk->add_flag("--no-digest", options.no_digest, "leave SHA-256 out");
    disk->add_flag("--read-12", options.read_12, "READ(12) in place of READ(10)");
    disk->add_option("--block", options.block, "where a write goes")->type_name("N");
    disk->add_option("--text", options.text, "what a write fills its block with")
        ->type_name("TEXT");
    disk->add_option("--wait", options.wait, "for a medium, at most so long")->type_name("DUR");
}

CLI::App* add_control(CLI::App& app, ControlOptions& options) {
    CLI::App* ctl = app.add_subcommand("ctl", "look into a running fleet and change it");
    ctl->group(verb_group);
    ctl->add_option("--control", options.path, "path of the control socket")->type_name("PATH");
    ctl->fallthrough();
    ctl->require_subcommand(1);
    ctl->add_subcommand("list", "devices that were asked for so far (reads)")->group(verb_group);
    add_device_verb(*ctl, options, "get", "a device's state (reads)", "which device")
        ->add_option("key", options.key, "one entry of the state, dots between names")
        ->type_name("KEY");
    add_device_verb(*ctl, options, "set", "change a device's state (changes)", "which device")
        ->add_option("assignment", options.assignments, "entries of the state")
        ->type_name("KEY=VALUE")
        ->required();
    add_device_verb(*ctl, options, "fault", "show or replace faults (changes)", "or all")
        ->add_option("faults", options.faults, "KIND=VALUE,... or none")
        ->type_name("SPEC");
    CLI::App* journal = add_device_verb(*ctl, options, "journal",
                                        "what devices were asked and answered (reads)", "or all");
    journal->add_option("--since", options.since, "only entries above this sequence number")
        ->type_name("N");
    journal->add_flag("--clear", options.clear, "forget the entries once they are printed");
    add_disk(*ctl, options);
    ctl->add_subcommand("stop", "end the fleet (changes)")->group(verb_group);
    return ctl;
}

/// The requests that a ctl verb stands for; `set` has one for each assignment.
std::vector<Value> requests_of(const std::string& verb, const ControlOptions& options) {
    Value request;
    request.set("verb", verb);
    if (verb == "list" || verb == "stop") return {request};
    request.set("device", options.device.empty() ? "all" : options.device);
    if (verb == "get" && !options.key.empty()) request.set("key", options.key);
    if (verb == "fault" && !options.faults.empty()) request.set("faults", options.faults);
    if (verb == "journal") request.set("since", options.since).set("clear", options.clear);
    if (verb == "disk") {
        const auto wait =
            options.wait.empty() ? std::chrono::milliseconds(0) : oob::parse_duration(options.wait);
        if (!wait)
            oob::fail(oob::Class::usage, "usage.duration", "--wait is no duration",
                      "for instance 5s");
        request.set("do", options.disk_job)
            .set("drive", options.drive)
            .set("bytes", options.bytes)
            .set("digest", !options.no_digest)
            .set("read_12", options.read_12)
            .set("block", options.block)
            .set("text", options.text)
            .set("wait_ms", wait->count());
    }
    if (verb != "set") return {request};

    std::vector<Value> out;
    for (const std::string& each : options.assignments) {
        auto [key, value] = oob::sim::parse_assignment(each);
        out.push_back(Value(request).set("key", key).set("value", value));
    }
    return out;
}

int report(const oob::Error& error) {
    std::cerr << "oob-sim: " << error.message << '\n';
    if (!error.hint.empty()) std::cerr << "hint: " << error.hint << '\n';
    return oob::exit_status(error.kind);
}

/// The first word that is no option must be a verb; CLI11 would only say that one is missing.
void check_verb(const std::vector<std::string_view>& words) {
    const std::vector<std::string_view> verbs{"run", "ctl", "generations"};
    const auto word = std::ranges::find_if(words, [](auto each) { return !each.starts_with('-'); });
    if (word == words.end() || std::ranges::find(verbs, *word) != verbs.end()) return;
    const std::string_view near = oob::nearest(*word, verbs);
    oob::fail(oob::Class::usage, "usage.verb", oob::join({"there is no verb ", *word}),
              near.empty() ? "run, ctl or generations" : oob::join({"did you mean ", near, "?"}));
}

int dispatch(const CLI::App& app, const RunOptions& run, const ControlOptions& control) {
    const std::string verb = app.get_subcommands().front()->get_name();
    if (verb == "run") oob::sim::run_fleet(run);
    if (verb == "generations") oob::sim::print_generations();
    if (verb == "ctl") {
        const CLI::App* ctl = app.get_subcommands().front();
        const std::string path =
            control.path.empty() ? oob::sim::default_control_path() : control.path;
        oob::sim::control_fleet(path,
                                requests_of(ctl->get_subcommands().front()->get_name(), control));
    }
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("A fleet of virtual Intel AMT devices on this machine", "oob-sim");
    app.set_version_flag("--version", "oob-sim " OOB_VERSION);
    app.set_help_flag("-h,--help", "short help; --help shows examples too");
    app.require_subcommand(1);
    const std::vector<std::string_view> words(argv + 1, argv + argc);
    if (std::ranges::find(words, "--help") != words.end()) app.footer(examples);

    RunOptions run;
    ControlOptions control;
    add_run(app, run);
    add_control(app, control);
    app.add_subcommand("generations", "the firmware generations that are built in")
        ->group(verb_group);
    try {
        check_verb(words);
        app.parse(argc, argv);
        return dispatch(app, run, control);
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) return app.exit(error);
        return report(oob::Error(oob::Class::usage, "usage.arguments", error.what(),
                                 "oob-sim --help shows the verbs and their options"));
    } catch (const oob::Failure& failure) {
        return report(failure.error());
    } catch (const std::exception& error) {
        return report(oob::Error(oob::Class::internal, "internal.exception", error.what(),
                                 "this is a fault of the program; please report it"));
    }
}
