#pragma once

#include "net/bell.h"
#include "net/ssh.h"
#include "net/stream.h"

#include <boost/asio/posix/stream_descriptor.hpp>

#include <cstdint>
#include <memory>
#include <string>

struct ssh_session_struct;
struct ssh_event_struct;
struct ssh_channel_struct;

namespace oob::net {

/// A session of libssh on the event loop. libssh never blocks: each of its calls moves what can be
/// moved, and wait() ends when there may be more.
class SshBastion::Connection : public std::enable_shared_from_this<Connection> {
 public:
    static Task<std::shared_ptr<Connection>> make(SshPlace place, SshOptions options);
    static Task<StreamPtr> open(std::shared_ptr<Connection> connection, Endpoint endpoint);

    Connection(boost::asio::any_io_executor executor, SshPlace place, SshOptions options);
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection();

    ssh_session_struct* session() { return session_; }
    const SshPlace& place() const { return place_; }
    const AskPerson& ask() const { return options_.ask; }
    std::chrono::milliseconds write_limit() const { return options_.dial.write_limit; }
    bool alive() const;
    /// What libssh says went wrong last.
    std::string reason() const;
    /// After every call of libssh that may have taken in packets: they may be for others.
    void settle();
    /// Until something arrived, could be sent, or the connection ended.
    Task<void> wait() { return wait_until(Clock::time_point::max()); }
    /// The same, or until that time.
    Task<void> wait_until(Clock::time_point limit);
    /// Wakes everybody who waits.
    void notify() { changed_.ring(); }
    /// Ends the watching; streams that are left fail.
    void close();

    /// Calls until the answer is not `again`.
    template <class Call>
    Task<int> finish(int again, Call call) {
        for (;;) {
            const int outcome = call();
            settle();
            if (outcome != again) co_return outcome;
            co_await wait();
        }
    }

 private:
    struct Counter;
    struct Callbacks;

    void configure();
    void watch(int descriptor);
    void arm();
    void ready();
    Task<void> shake_hands();
    Task<void> within_its_time(std::chrono::milliseconds limit, Task<void> task);

    SshPlace place_;
    SshOptions options_;
    ssh_session_struct* session_;
    ssh_event_struct* event_ = nullptr;
    std::unique_ptr<Counter> counter_;
    std::unique_ptr<Callbacks> callbacks_;
    std::uint64_t packets_seen_ = 0;
    boost::asio::posix::stream_descriptor descriptor_;  // a copy of libssh's, to be watched
    Bell changed_;                                      // rung by notify()
    bool reading_ = false;                              // watched for bytes to read
    bool writing_ = false;                              // watched for room to write
    bool closed_ = false;
};

/// Verifies the host's key by known_hosts and logs in. The connection outlives the task. Throws
/// Failure: connect.bastion_unknown, connect.bastion_changed, auth.bastion.
Task<void> ssh_login(SshBastion::Connection& connection);

/// What libssh calls for the passphrase of a key file; `person` is an AskPerson.
int ssh_answer_passphrase(const char* prompt, char* buffer, std::size_t size, int echo, int verify,
                          void* person);

}  // namespace oob::net
