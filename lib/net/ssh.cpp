#include "net/ssh.h"

#include "core/text.h"
#include "net/deadline.h"
#include "net/ssh_connection.h"

#include <utility>

namespace oob::net {

std::optional<SshPlace> SshPlace::parse(std::string_view text) {
    SshPlace out;
    if (const auto at = text.rfind('@'); at != std::string_view::npos) {
        out.user = text.substr(0, at);
        text.remove_prefix(at + 1);
        if (out.user->empty()) return std::nullopt;
    }
    const bool bracketed = text.starts_with('[');
    const auto end = bracketed ? text.find(']') : text.find(':');
    if (bracketed && end == std::string_view::npos) return std::nullopt;
    out.host = text.substr(bracketed ? 1 : 0, bracketed ? end - 1 : end);
    // A name that begins with a dash would be an option to many a program.
    if (out.host.empty() || out.host.starts_with('-') ||
        out.host.find_first_of(bracketed ? "[]/ " : "[]/: ") != std::string::npos)
        return std::nullopt;
    if (end == std::string_view::npos) return out;
    std::string_view rest = text.substr(bracketed ? end + 1 : end);
    if (rest.empty()) return out;
    const auto port = rest.starts_with(':') ? parse_unsigned(rest.substr(1)) : std::nullopt;
    if (!port || *port == 0 || *port > 65535) return std::nullopt;
    out.port = static_cast<std::uint16_t>(*port);
    return out;
}

std::string SshPlace::text() const {
    std::string out = user ? *user + "@" : std::string();
    out += host.contains(':') ? join({"[", host, "]"}) : host;
    if (port) out += join({":", std::to_string(*port)});
    return out;
}

SshBastion::SshBastion(SshPlace place, SshOptions options)
    : place_(std::move(place)), options_(std::move(options)) {}

SshBastion::~SshBastion() = default;

Task<void> SshBastion::connect() {
    auto made = co_await attempt(Connection::make(place_, options_));
    if (!made) {
        failure_ = made.error();
        fail(*failure_);
    }
    connection_ = *std::move(made);
}

/// One at a time; whoever comes meanwhile waits for it.
Task<void> SshBastion::reconnect() {
    while (connecting_) co_await sleep_for(std::chrono::milliseconds(20));
    if (connection_ && connection_->alive()) co_return;
    struct Busy {
        bool& flag;
        ~Busy() { flag = false; }
    } busy{connecting_ = true};
    SshOptions options = options_;
    options.ask = nullptr;
    connection_ = co_await Connection::make(place_, options);
}

Task<StreamPtr> SshBastion::open(Endpoint endpoint) {
    if (failure_) fail(*failure_);
    if (!connection_ || !connection_->alive()) co_await reconnect();
    co_return co_await within(options_.dial.connect_timeout,
                              Connection::open(connection_, std::move(endpoint)), "connect");
}

void SshBastion::close() {
    if (connection_) connection_->close();
    connection_.reset();
}

}  // namespace oob::net
