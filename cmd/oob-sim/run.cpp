#include "run.h"

#include "cli/values.h"
#include "core/file.h"
#include "core/json.h"
#include "core/private_file.h"
#include "core/text.h"
#include "core/user_folders.h"
#include "net/deadline.h"
#include "net/group.h"
#include "net/limits.h"
#include "report/sink.h"
#include "sim/fleet.h"
#include "sim/personality.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <utility>

namespace oob::sim {

namespace {

constexpr const char* control_code = "config.control";
constexpr const char* default_password = "P@ssw0rd";
constexpr const char* default_generation = "15.0";
constexpr const char* default_listen = "127.77.0.0/24";
constexpr std::uint64_t default_port_base = 16'992;
constexpr std::uint64_t highest_port_base = 65'532;
constexpr std::uint64_t highest_port = 65'535;
constexpr std::uint64_t most_tls_keys = 1'024;
constexpr std::size_t most_password_bytes = 4096;

Secret read_password(const std::optional<std::string>& file) {
    if (!file) return Secret(std::string(default_password));
    constexpr const char* code = "config.password_file";
    const std::string& path = *file;
    const Descriptor opened = take(open_to_read(path, code));
    take(require_private(opened.get(), path, code));
    std::string text = take(read_open_file(opened.get(), path, code, most_password_bytes));
    const std::size_t end = std::min(text.find_first_of("\r\n"), text.size());
    std::string line = text.substr(0, end);
    cleanse(text);
    if (line.empty())
        fail(Class::config, code, "the password file is empty: " + path,
             "its first line is the password");
    return Secret(std::move(line));
}

std::vector<std::shared_ptr<const Personality>> load_personalities(const RunOptions& options) {
    std::vector<std::string> names = options.generations;
    if (names.empty() && options.profiles.empty()) names.emplace_back(default_generation);
    std::vector<std::shared_ptr<const Personality>> out;
    for (const std::string& name : names) {
        const bool mixed = name == "mixed";
        for (const std::string& each : mixed ? Personality::builtin_names() : std::vector{name})
            out.push_back(take(Personality::builtin(each)));
    }
    for (const std::string& path : options.profiles) out.push_back(take(Personality::load(path)));
    return out;
}

/// The path of "nbd:PATH"; empty for an option that was not given.
std::string path_behind(std::string_view prefix, const std::optional<std::string>& text,
                        const char* option) {
    if (!text) return {};
    if (!text->starts_with(prefix) || text->size() == prefix.size())
        fail(Class::usage, "usage.socket", join({option, " is no socket: ", *text}),
             join({prefix, "PATH of a unix socket"}));
    return text->substr(prefix.size());
}

std::uint16_t port(const std::optional<std::string>& text, const char* option,
                   std::uint64_t highest, std::uint64_t usual) {
    return static_cast<std::uint16_t>(cli::number(text, option, 0, highest, usual));
}

FleetOptions fleet_options(const RunOptions& options) {
    FleetOptions out;
    out.range = take(AddressRange::parse(options.listen.value_or(default_listen)));
    out.port_base = port(options.port_base, "--port-base", highest_port_base, default_port_base);
    if (options.rmcp_port) out.rmcp_port = port(options.rmcp_port, "--rmcp-port", highest_port, 0);
    const std::string kind = options.rmcp_as.value_or("amt");
    const auto face = rmcp_face(kind);
    if (!face)
        fail(Class::usage, "usage.rmcp_as", "--rmcp-as is neither amt nor bmc: " + kind,
             "amt, or bmc for a controller of IPMI 2.0");
    out.rmcp_face = *face;
    out.personalities = load_personalities(options);
    out.password = read_password(options.password_file);
    if (const auto delay = cli::duration(options.power_delay, "--power-delay"))
        out.power_delay = *delay;
    for (const std::string& spec : options.faults)
        out.faults.push_back(take(parse_addressed_faults(spec)));
    if (!options.control) {
        take(make_private_folder(take(runtime_folder()), control_code));
        out.control = default_control_path();
    } else if (*options.control != "none") {
        out.control = *options.control;
    }
    out.tls_keys =
        static_cast<unsigned>(cli::number(options.tls_keys, "--tls-keys", 1, most_tls_keys, 8));
    out.nbd = path_behind("nbd:", options.ider, "--ider");
    out.serial = path_behind("unix:", options.sol, "--sol");
    return out;
}

Value record(const char* type) {
    Value out;
    out.set("schema", "oob/1")
        .set("type", type)
        .set("tool", "oob-sim")
        .set("version", OOB_VERSION)
        .set("time", rfc3339(std::chrono::system_clock::now()));
    return out;
}

void announce(const Fleet& fleet) {
    Value ports;
    ports.set("http", fleet.ports().http)
        .set("https", fleet.ports().https)
        .set("redirection", fleet.ports().redirection)
        .set("redirection_tls", fleet.ports().redirection_tls)
        .set("rmcp", fleet.ports().rmcp);
    Value out = record("ready");
    out.set("pid", ::getpid())
        .set("listen", fleet.range().text())
        .set("ports", std::move(ports))
        .set("control", fleet.control().empty() ? Value() : Value(fleet.control()))
        .set("devices", fleet.range().size());
    report::write_to_stdout(to_json(out) + "\n");
}

net::Task<void> stop_after(Fleet& devices, std::chrono::milliseconds limit) {
    co_await net::sleep_for(limit);
    devices.stop();
}

net::Task<void> stop_on_interrupt(Fleet& devices, fleet::Interrupt& interrupt) {
    co_await interrupt.wait();
    devices.stop();
}

net::Task<int> serve(FleetOptions options, std::optional<std::chrono::milliseconds> limit,
                     fleet::Interrupt& interrupt) {
    net::raise_descriptor_limit();
    Fleet devices(co_await boost::asio::this_coro::executor, std::move(options));
    announce(devices);
    net::Group watch;
    if (limit) co_await watch.spawn(stop_after(devices, *limit));
    co_await watch.spawn(stop_on_interrupt(devices, interrupt));
    const auto served = co_await net::attempt(devices.run());
    watch.cancel();
    co_await watch.join();
    take(served);
    co_return 0;
}

Value describe(const Personality& personality) {
    const Ports& has = personality.ports;
    Value ports;
    ports.set("http", has.http)
        .set("https", has.https)
        .set("redirection", has.redirection)
        .set("redirection_tls", has.redirection_tls);
    Value tls;
    tls.set("lowest", personality.tls.lowest).set("highest", personality.tls.highest);
    Value out;
    out.set("name", personality.name)
        .set("server", personality.server)
        .set("tls", std::move(tls))
        .set("ports", std::move(ports));
    return out;
}

}  // namespace

cli::Verb run_verb(RunOptions& options) {
    cli::Verb out;
    out.name = "run";
    out.also = {"start", "serve", "up", "simulate"};
    out.summary = "serve a fleet of virtual devices until stopped";
    out.notes =
        "The account is admin with the password P@ssw0rd, unless --password-file says otherwise. "
        "When the devices can be reached, a record of type ready names their ports.";
    out.examples = {
        "oob-sim run                               # 127.77.0.0 to 127.77.0.255",
        "oob-sim run --listen 127.77.0.0/16 --generation mixed",
        "oob-sim run --port-base 0 --for 10m --fault 127.77.0.5:latency=2s,jitter=500ms"};
    out.behind = "";
    out.takes = {};
    out.options = {
        cli::text_option("--listen", "CIDR", options.listen,
                         "addresses of the fleet, at most a /16 (default 127.77.0.0/24)"),
        cli::text_option("--port-base", "PORT", options.port_base,
                         "first of four ports: http, https, redirection, redirection TLS; 0: any "
                         "free (default 16992)"),
        cli::text_option("--rmcp-port", "PORT", options.rmcp_port,
                         "UDP port of RMCP; 0: any free (default 623 where it may be bound)"),
        cli::text_option("--rmcp-as", "KIND", options.rmcp_as,
                         "what devices are on that port: amt, or bmc for a controller of IPMI 2.0"),
        cli::list_option("--generation", "NAME", options.generations,
                         "firmware of the devices, or mixed for all in turn (repeatable; default "
                         "15.0)"),
        cli::list_option("--profile", "FILE", options.profiles,
                         "firmware out of a TOML file (repeatable)"),
        cli::text_option("--password-file", "PATH", options.password_file,
                         "holds admin's password"),
        cli::text_option("--control", "PATH", options.control,
                         "path of the control socket, or none"),
        cli::text_option("--power-delay", "DUR", options.power_delay,
                         "how long a change of power takes"),
        cli::list_option("--fault", "SPEC", options.faults,
                         "[ADDRESS:]KIND=VALUE,... from the start (repeatable)"),
        cli::text_option("--ider", "WHERE", options.ider,
                         "nbd:PATH, a unix socket to read lent drives from; {address} in it is "
                         "filled in"),
        cli::text_option("--sol", "WHERE", options.sol,
                         "unix:PATH, a unix socket that is a host's serial port; {address} "
                         "likewise"),
        cli::text_option("--tls-keys", "N", options.tls_keys,
                         "RSA keys that the certificates share (default 8)"),
        cli::text_option("--for", "DUR", options.run_for, "stop after this time")};
    out.prepare = [&options](const cli::Parsed& parsed) {
        cli::Order order = cli::begin_order(parsed);
        order.service = true;
        // Shared, because a std::function has to be copyable, and a password is not copied.
        const auto chosen = std::make_shared<FleetOptions>(fleet_options(options));
        order.work = cli::Errand(
            [chosen, limit = cli::duration(options.run_for, "--for")](fleet::Interrupt& interrupt) {
                return serve(std::move(*chosen), limit, interrupt);
            });
        return order;
    };
    return out;
}

void print_generations() {
    for (const std::string& name : Personality::builtin_names()) {
        Value out = record("generation");
        out.set("data", describe(*take(Personality::builtin(name))));
        report::write_to_stdout(to_json(out) + "\n");
    }
}

std::string default_control_path() {
    const std::filesystem::path folder = take(runtime_folder());
    std::error_code unknown;
    if (std::filesystem::exists(std::filesystem::symlink_status(folder, unknown)))
        take(require_private_folder(folder, control_code));
    return folder / "sim.sock";
}

}  // namespace oob::sim
