#include "net/ssh.h"

#include "net/deadline.h"
#include "net/ssh_connection.h"

#include <utility>

namespace oob::net {

namespace {

constexpr std::chrono::milliseconds first_pause{1'000};
constexpr std::chrono::milliseconds longest_pause{30'000};

}  // namespace

SshBastion::SshBastion(SshPlace place, SshOptions options)
    : place_(std::move(place)), options_(std::move(options)), logins_(first_pause, longest_pause) {}

SshBastion::~SshBastion() = default;

Task<void> SshBastion::connect() {
    logins_.begun(Clock::now());
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
    co_await sleep_until(logins_.next(Clock::now()));
    logins_.begun(Clock::now());
    SshOptions options = options_;
    options.ask = nullptr;
    connection_ = co_await Connection::make(place_, options);
}

Task<StreamPtr> SshBastion::open(Endpoint endpoint,
                                 std::optional<std::chrono::milliseconds> limit) {
    if (failure_) fail(*failure_);
    if (!connection_ || !connection_->alive()) co_await reconnect();
    StreamPtr stream =
        co_await within(limit.value_or(options_.dial.connect_timeout),
                        Connection::open(connection_, std::move(endpoint)), "connect");
    logins_.served();
    co_return stream;
}

void SshBastion::close() {
    if (connection_) connection_->close();
    connection_.reset();
}

}  // namespace oob::net
