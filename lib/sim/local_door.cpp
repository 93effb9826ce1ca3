#include "sim/local_door.h"

#include "net/deadline.h"
#include "net/local.h"
#include "sim/member.h"

#include <chrono>
#include <utility>

namespace oob::sim {

namespace {

constexpr std::chrono::milliseconds after_failed_accept{50};

}  // namespace

net::Task<void> LocalDoor::run(net::Group* tasks, Converse converse) {
    converse_ = std::move(converse);
    while (!closing_) {
        Result<net::Accepted> accepted = co_await net::attempt(listener_.accept());
        if (closing_) co_return;
        if (!accepted)
            co_await net::sleep_for(after_failed_accept);
        else if (connections_ < most_connections_ &&
                 (admits_ == Admits::anybody || net::is_own_user(accepted->user)))
            co_await tasks->spawn_apart(attend(std::move(accepted->stream), converse_));
    }
}

net::Task<void> LocalDoor::attend(net::StreamPtr stream, const Converse& converse) {
    const Counted here(connections_);
    (void)co_await net::attempt(converse(std::move(stream)));
}

void LocalDoor::close() {
    closing_ = true;
    listener_.close();
}

}  // namespace oob::sim
