#pragma once

#include "cli/order.h"

#include <optional>
#include <string>
#include <vector>

namespace oob::sim {

/// What the command line says about a fleet, still as text.
struct RunOptions {
    std::optional<std::string> listen;
    std::optional<std::string> port_base;
    std::optional<std::string> rmcp_port;
    std::optional<std::string> rmcp_as;
    std::vector<std::string> generations;  ///< names, or "mixed" for all
    std::vector<std::string> profiles;     ///< paths
    std::optional<std::string> password_file;
    std::optional<std::string> control;  ///< path of the control socket; "none" for no socket
    std::optional<std::string> power_delay;
    std::vector<std::string> faults;
    std::optional<std::string> ider;  ///< "nbd:PATH"
    std::optional<std::string> sol;   ///< "unix:PATH"
    std::optional<std::string> tls_keys;
    std::optional<std::string> run_for;
};

/// Serves a fleet until a signal, `oob-sim ctl stop` or the end of its time, which all are a good
/// end. The options outlive the verb.
cli::Verb run_verb(RunOptions& options);

/// Prints one record for each generation that is built in.
void print_generations();

/// Where the control socket is when nobody says: in a folder that nobody else can write. Throws
/// Failure: config.home; config.control when there is something else in the folder's place.
std::string default_control_path();

}  // namespace oob::sim
