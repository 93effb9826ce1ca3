#pragma once

#include "cli/order.h"
#include "plane/discovery/tcp.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace oob::discover {

/// What the verbs have beside the options of every tool, still as text.
struct Words {
    std::optional<std::string> rate;
    std::optional<std::string> copies;
    std::optional<std::string> rmcp_port;
    std::optional<std::string> amt_port;
    std::optional<std::string> redfish_port;
    std::optional<std::string> ssh_port;
    std::optional<std::string> rfb_port;
    std::vector<std::string> probes;
    std::vector<std::string> exclude_files;
    bool expect = false;
};

/// The options for the words: those of every verb that asks, and those of scan alone.
void add_probe_options(cli::Verb& verb, Words& words);
void add_scan_options(cli::Verb& verb, Words& words);

/// What each address is asked, and where.
struct Plan {
    bool ping = false;
    bool ipmi = false;
    std::vector<plane::discovery::Question> tcp;
    bool tcp_of_all = false;  ///< not only of those that answered over UDP
    std::uint16_t rmcp_port = 0;
    std::uint16_t amt_tls_port = 0;
    unsigned copies = 0;  ///< of a datagram, at most
};

/// Throws Failure: class `usage`.
Plan plan_of(const Words& words);

}  // namespace oob::discover
