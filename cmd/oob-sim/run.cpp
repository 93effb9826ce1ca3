#include "run.h"

#include "core/file.h"
#include "core/json.h"
#include "core/text.h"
#include "net/deadline.h"
#include "net/run.h"
#include "sim/fleet.h"
#include "sim/personality.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <optional>
#include <utility>

namespace oob::sim {

namespace {

constexpr const char* default_password = "P@ssw0rd";
constexpr const char* default_generation = "15.0";
constexpr std::size_t most_password_bytes = 4096;

std::chrono::milliseconds duration(const std::string& text, const char* option) {
    const auto out = parse_duration(text);
    if (!out)
        fail(Class::usage, "usage.duration", join({option, " is no duration: ", text}),
             "for instance 500ms, 3s or 2m");
    return *out;
}

Secret read_password(const std::string& path) {
    if (path.empty()) return Secret(std::string(default_password));
    if (take(readable_by_others(path, "config.password_file")))
        fail(Class::config, "config.password_file", "others can read the password file " + path,
             "chmod 600 " + path);
    std::string text = take(read_file(path, "config.password_file", most_password_bytes));
    const std::size_t end = std::min(text.find_first_of("\r\n"), text.size());
    std::string line = text.substr(0, end);
    cleanse(text);
    if (line.empty())
        fail(Class::config, "config.password_file", "the password file is empty: " + path,
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
std::string path_behind(std::string_view prefix, const std::string& text, const char* option) {
    if (text.empty()) return {};
    if (!text.starts_with(prefix) || text.size() == prefix.size())
        fail(Class::usage, "usage.socket", join({option, " is no socket: ", text}),
             join({prefix, "PATH of a unix socket"}));
    return text.substr(prefix.size());
}

FleetOptions fleet_options(const RunOptions& options) {
    FleetOptions out;
    out.range = take(AddressRange::parse(options.listen));
    out.port_base = options.port_base;
    out.rmcp_port = options.rmcp_port;
    const auto face = rmcp_face(options.rmcp_as);
    if (!face)
        fail(Class::usage, "usage.rmcp_as", "--rmcp-as is neither amt nor bmc: " + options.rmcp_as,
             "amt, or bmc for a controller of IPMI 2.0");
    out.rmcp_face = *face;
    out.personalities = load_personalities(options);
    out.password = read_password(options.password_file);
    if (!options.power_delay.empty())
        out.power_delay = duration(options.power_delay, "--power-delay");
    for (const std::string& spec : options.faults)
        out.faults.push_back(take(parse_addressed_faults(spec)));
    if (options.control != "none")
        out.control = options.control.empty() ? default_control_path() : options.control;
    out.tls_keys = options.tls_keys;
    out.nbd = path_behind("nbd:", options.ider, "--ider");
    out.serial = path_behind("unix:", options.sol, "--sol");
    return out;
}

/// A connection is a descriptor, and the usual limit of 1024 ends a fleet early.
void allow_many_descriptors() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
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
    std::cout << to_json(out) << std::endl;
}

net::Task<void> stop_after(Fleet* fleet, std::chrono::milliseconds limit) {
    co_await net::sleep_for(limit);
    fleet->stop();
}

/// `fleet` is the caller's, so that a signal finds it.
net::Task<void> serve(FleetOptions options, std::optional<std::chrono::milliseconds> limit,
                      std::unique_ptr<Fleet>* fleet) {
    const auto executor = co_await boost::asio::this_coro::executor;
    *fleet = std::make_unique<Fleet>(executor, std::move(options));
    announce(**fleet);
    net::Group clock;
    if (limit) co_await clock.spawn(stop_after(fleet->get(), *limit));
    co_await (*fleet)->run();
    clock.cancel();
    co_await clock.join();
    fleet->reset();
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

void run_fleet(const RunOptions& options) {
    allow_many_descriptors();
    std::optional<std::chrono::milliseconds> limit;
    if (!options.run_for.empty()) limit = duration(options.run_for, "--for");
    FleetOptions chosen = fleet_options(options);
    std::unique_ptr<Fleet> fleet;
    bool stopped = false;
    net::run([&] { return serve(std::move(chosen), limit, &fleet); },
             [&](int number) {
                 if (std::exchange(stopped, true)) std::_Exit(128 + number);
                 if (fleet) fleet->stop();
             });
}

void print_generations() {
    for (const std::string& name : Personality::builtin_names()) {
        Value out = record("generation");
        out.set("data", describe(*take(Personality::builtin(name))));
        std::cout << to_json(out) << '\n';
    }
    std::cout.flush();
}

std::string default_control_path() {
    const char* folder = std::getenv("XDG_RUNTIME_DIR");
    if (folder != nullptr && *folder == '/') return std::string(folder) + "/oob-sim.sock";
    return "/tmp/oob-sim-" + std::to_string(::getuid()) + ".sock";
}

}  // namespace oob::sim
