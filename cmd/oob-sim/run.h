#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace oob::sim {

/// What the command line says about a fleet, still as text.
struct RunOptions {
    std::string listen = "127.77.0.0/24";
    std::uint16_t port_base = 16992;
    std::optional<std::uint16_t> rmcp_port;
    std::string rmcp_as = "amt";
    std::vector<std::string> generations;  ///< names, or "mixed" for all
    std::vector<std::string> profiles;     ///< paths
    std::string password_file;
    std::string control;  ///< path of the control socket; "none" for no socket
    std::string power_delay;
    std::vector<std::string> faults;
    std::string ider;  ///< "nbd:PATH"
    std::string sol;   ///< "unix:PATH"
    unsigned tls_keys = 8;
    std::string run_for;
};

/// Serves the fleet until a signal, `oob-sim ctl stop` or the end of its time. Throws Failure.
void run_fleet(const RunOptions& options);

/// Prints one record for each generation that is built in.
void print_generations();

/// Where the control socket is when nobody says.
std::string default_control_path();

}  // namespace oob::sim
