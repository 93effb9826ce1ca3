#pragma once

#include "net/dialer.h"
#include "net/trust.h"
#include "plane/discovery/sighting.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What listens on TCP, asked without a login (reference discovery-posture, chapters 2 and 4).
/// Nothing here ever logs in, starts a redirection session, or sends an Authorization header.
namespace oob::plane::discovery {

enum class Service { amt_tls, amt, redirection_tls, redirection, redfish, ssh, rfb };

struct ServiceName {
    Service service;
    std::string_view name;  ///< as it is typed
    std::uint16_t port;     ///< where it usually listens
};

/// All of them, in the order in which they are asked.
inline constexpr std::array<ServiceName, 7> tcp_services{{
    {Service::amt_tls, "amt-tls", 16993},
    {Service::amt, "amt", 16992},
    {Service::redirection_tls, "redirection-tls", 16995},
    {Service::redirection, "redirection", 16994},
    {Service::redfish, "redfish", 443},
    {Service::ssh, "ssh", 22},
    {Service::rfb, "rfb", 5900},
}};

/// A service and the port where it is looked for.
struct Question {
    Service service;
    std::uint16_t port;
};

/// What is needed to ask; the trust outlives the tasks.
struct Asking {
    net::Dial dial;
    net::Trust* trust = nullptr;
    /// Taken before each connection; may be empty.
    std::function<net::Task<void>()> before_connecting{};
};

/// What the service at `host` tells; nothing when the port is closed or silent. A peer that says
/// something else than expected is a face too: its service tells what it is, as far as that can be
/// seen. Each wait lasts 10 seconds at most, and 64 KiB are read at most. Throws Failure only for
/// reasons of ours: a name that is not found, what this machine is short of, a wait that was
/// cancelled.
net::Task<std::optional<Face>> ask(std::string host, Question question, Asking asking);

/// All questions, those to AMT one after the other, because it serves few connections.
net::Task<std::vector<Face>> ask_all(std::string host, std::vector<Question> questions,
                                     Asking asking);

}  // namespace oob::plane::discovery
