#include "net/ssh_connection.h"

#include "core/text.h"
#include "core/user_folders.h"
#include "net/deadline.h"
#include "net/limits.h"
#include "net/stalled.h"
#include "net/stopover.h"

#include <fcntl.h>
#include <libssh/callbacks.h>
#include <libssh/libssh.h>
#include <unistd.h>

#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace oob::net {

namespace asio = boost::asio;

namespace {

/// As long as somebody may have to type a passphrase.
constexpr std::chrono::minutes longest_login{2};
/// Handed to libssh at once: it keeps what the socket does not take.
constexpr std::size_t most_unsent = 128 * 1024;
constexpr std::size_t most_read = 256 * 1024;

[[noreturn]] void fail_lost(const SshPlace& place) {
    Error error(Class::connect, "connect.reset",
                join({"the SSH connection to ", place.text(), " was lost"}),
                "is the bastion still up?");
    error.retryable = true;
    fail(std::move(error));
}

/// RFC 4254, section 5.1: why a channel was not opened; libssh puts the number into its message.
[[noreturn]] void fail_to_open(const SshPlace& place, const Endpoint& endpoint,
                               const std::string& reason) {
    const std::string where = join({place.text(), " to ", to_string(endpoint)});
    if (reason.contains("error (1)"))
        fail(Class::forbidden, "forbidden.bastion",
             join({"the bastion does not forward from ", where, ": ", reason}),
             "AllowTcpForwarding and PermitOpen in its sshd_config decide that");
    const bool refused = reason.contains("refused");
    Error error(Class::connect, refused ? "connect.refused" : "connect.failed",
                join({"the bastion cannot connect from ", where, ": ", reason}),
                "is the device reachable from the bastion?");
    error.retryable = true;
    fail(std::move(error));
}

class ChannelStream final : public Stream {
 public:
    using Connection = std::shared_ptr<SshBastion::Connection>;

    ChannelStream(Connection connection, ssh_channel channel)
        : connection_(std::move(connection)), channel_(channel) {}

    ~ChannelStream() override {
        close();
        ssh_channel_free(channel_);
    }

    Task<std::size_t> read_some(std::span<std::byte> buffer) override {
        const auto size = static_cast<std::uint32_t>(std::min(buffer.size(), most_read));
        for (;;) {
            check_open();
            const int count = ssh_channel_read_nonblocking(channel_, buffer.data(), size, 0);
            connection_->settle();
            if (count > 0) co_return static_cast<std::size_t>(count);
            if (ssh_channel_is_eof(channel_) != 0) co_return 0;
            if (count == SSH_ERROR || !connection_->alive()) fail_lost(connection_->place());
            co_await connection_->wait();
        }
    }

    Task<void> write(View bytes) override {
        // Packets for others wake this too, so what counts is when something was taken last.
        auto limit = Clock::now() + connection_->write_limit();
        while (!bytes.empty()) {
            check_open();
            if (!connection_->alive()) fail_lost(connection_->place());
            const std::size_t window = ssh_channel_window_size(channel_);
            const bool full = (ssh_get_poll_flags(connection_->session()) & SSH_WRITE_PENDING) != 0;
            if (window == 0 || full) {
                if (ssh_channel_is_closed(channel_) != 0) fail_lost(connection_->place());
                if (Clock::now() >= limit) fail(stalled(connection_->write_limit()));
                co_await connection_->wait_until(limit);
                continue;
            }
            const auto size =
                static_cast<std::uint32_t>(std::min({bytes.size(), window, most_unsent}));
            const int count = ssh_channel_write(channel_, bytes.data(), size);
            connection_->settle();
            if (count < 0) fail_lost(connection_->place());
            bytes = bytes.subspan(static_cast<std::size_t>(count));
            if (count > 0) limit = Clock::now() + connection_->write_limit();
        }
    }

    void close() override {
        if (std::exchange(closed_, true)) return;
        // libssh would send the end of one that was never opened to another channel.
        if (ssh_channel_is_open(channel_) != 0) {
            ssh_channel_send_eof(channel_);
            ssh_channel_close(channel_);
            connection_->settle();
        }
        connection_->notify();
    }

 private:
    void check_open() const {
        if (closed_) throw boost::system::system_error(asio::error::operation_aborted);
    }

    Connection connection_;  // shared: the session goes after its last channel
    ssh_channel channel_;
    bool closed_ = false;
};

}  // namespace

struct SshBastion::Connection::Counter : ssh_counter_struct {
    Counter() : ssh_counter_struct{} {}
};

struct SshBastion::Connection::Callbacks : ssh_callbacks_struct {
    explicit Callbacks(AskPerson& ask) : ssh_callbacks_struct{} {
        userdata = &ask;
        auth_function = ssh_answer_passphrase;
        ssh_callbacks_init(this);
    }
};

SshBastion::Connection::Connection(asio::any_io_executor executor, SshPlace place,
                                   SshOptions options)
    : place_(std::move(place)),
      options_(std::move(options)),
      session_(ssh_new()),
      counter_(std::make_unique<Counter>()),
      callbacks_(std::make_unique<Callbacks>(options_.ask)),
      descriptor_(executor) {
    if (!session_) fail(Class::internal, "internal.ssh", "libssh cannot make a session");
}

SshBastion::Connection::~Connection() {
    close();
    if (event_) {
        ssh_event_remove_session(event_, session_);
        ssh_event_free(event_);
    }
    ssh_disconnect(session_);
    ssh_free(session_);
}

bool SshBastion::Connection::alive() const { return !closed_ && ssh_is_connected(session_) != 0; }

std::string SshBastion::Connection::reason() const {
    const char* text = ssh_get_error(session_);
    return text && *text ? text : "no reason given";
}

void SshBastion::Connection::close() {
    closed_ = true;
    boost::system::error_code ignored;
    descriptor_.close(ignored);
    notify();
}

/// The configuration is read for what the place leaves open; what it says of proxies has no effect,
/// because the socket is ours.
void SshBastion::Connection::configure() {
    bool good = ssh_options_set(session_, SSH_OPTIONS_HOST, place_.host.c_str()) == SSH_OK;
    if (const auto home = home_folder())
        good &= ssh_options_set(session_, SSH_OPTIONS_SSH_DIR, (*home / ".ssh").c_str()) == SSH_OK;
    if (place_.user)
        good &= ssh_options_set(session_, SSH_OPTIONS_USER, place_.user->c_str()) == SSH_OK;
    if (place_.port) {
        const unsigned port = *place_.port;
        good &= ssh_options_set(session_, SSH_OPTIONS_PORT, &port) == SSH_OK;
    }
    good &= ssh_options_parse_config(session_, nullptr) == SSH_OK;
    if (!good)
        fail(Class::config, "config.ssh",
             join({"the SSH configuration cannot be used for ", place_.text(), ": ", reason()}),
             "mend ~/.ssh/config or the text after --via ssh:");
    ssh_set_blocking(session_, 0);
    ssh_set_counters(session_, nullptr, counter_.get());
    ssh_set_callbacks(session_, callbacks_.get());
}

void SshBastion::Connection::watch(int descriptor) {
    if (ssh_options_set(session_, SSH_OPTIONS_FD, &descriptor) != SSH_OK) {
        ::close(descriptor);
        fail(Class::internal, "internal.ssh", reason());
    }
    const int copy = ::fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
    if (copy < 0) {
        fail_if_short({errno, boost::system::system_category()});
        fail(Class::internal, "internal.ssh", "the SSH connection cannot be watched");
    }
    descriptor_.assign(copy);
}

void SshBastion::Connection::arm() {
    if (closed_) return;
    const auto woken = [weak = weak_from_this()](bool Connection::* watching) {
        return [weak, watching](const boost::system::error_code& code) {
            const auto self = weak.lock();
            if (!self) return;
            (*self).*watching = false;
            if (!code) self->ready();
        };
    };
    using Descriptor = asio::posix::stream_descriptor;
    if (!std::exchange(reading_, true))
        descriptor_.async_wait(Descriptor::wait_read, woken(&Connection::reading_));
    const bool pending = (ssh_get_poll_flags(session_) & SSH_WRITE_PENDING) != 0;
    if (pending && !std::exchange(writing_, true))
        descriptor_.async_wait(Descriptor::wait_write, woken(&Connection::writing_));
}

void SshBastion::Connection::ready() {
    if (event_) ssh_event_dopoll(event_, 0);
    if (event_ && !alive()) close();
    notify();
    arm();
}

void SshBastion::Connection::settle() {
    if (packets_seen_ != counter_->in_packets) {
        packets_seen_ = counter_->in_packets;
        notify();
    }
    arm();
}

Task<void> SshBastion::Connection::wait_until(Clock::time_point limit) {
    if (!closed_) co_await changed_.wait_until(limit);
}

Task<void> SshBastion::Connection::shake_hands() {
    const int outcome = co_await finish(SSH_AGAIN, [this] { return ssh_connect(session_); });
    if (outcome != SSH_OK)
        fail(Class::connect, "connect.bastion",
             join({"no SSH connection to ", place_.text(), ": ", reason()}),
             "does 'ssh' reach it? --via wants ssh:[USER@]HOST[:PORT]");
    event_ = ssh_event_new();
    if (!event_ || ssh_event_add_session(event_, session_) != SSH_OK)
        fail(Class::internal, "internal.ssh", "libssh cannot make an event");
}

/// A bastion that says nothing is no device that says nothing.
Task<void> SshBastion::Connection::within_its_time(std::chrono::milliseconds limit,
                                                   Task<void> task) {
    auto done = co_await attempt(within(limit, std::move(task), "bastion"));
    if (!done && done.error().code == "timeout.bastion") {
        done.error().message = join({"the bastion ", place_.text(), ": ", done.error().message});
        done.error().hint = "does 'ssh' reach it? --connect-timeout gives it more time";
    }
    take(std::move(done));
}

Task<std::shared_ptr<SshBastion::Connection>> SshBastion::Connection::make(SshPlace place,
                                                                           SshOptions options) {
    const auto self =
        std::make_shared<Connection>(co_await asio::this_coro::executor, std::move(place), options);
    self->configure();
    char* host = nullptr;
    unsigned port = 0;
    if (ssh_options_get(self->session_, SSH_OPTIONS_HOST, &host) != SSH_OK ||
        ssh_options_get_port(self->session_, &port) != SSH_OK)
        fail(Class::internal, "internal.ssh", self->reason());
    const Endpoint endpoint{host, static_cast<std::uint16_t>(port)};
    ssh_string_free_char(host);
    auto connected = co_await attempt(connect_tcp(endpoint, options.dial));
    if (!connected) {
        fail(at_stopover(std::move(connected).error(), "bastion " + self->place_.text(), "bastion",
                         "does 'ssh' reach it? nothing was heard of the device"));
    }
    self->watch(*connected);
    const std::chrono::milliseconds limit = options.dial.connect_timeout;
    co_await self->within_its_time(limit, self->shake_hands());
    co_await self->within_its_time(
        options.ask ? std::max<std::chrono::milliseconds>(limit, longest_login) : limit,
        ssh_login(*self));
    co_return self;
}

Task<StreamPtr> SshBastion::Connection::open(std::shared_ptr<Connection> connection,
                                             Endpoint endpoint) {
    ssh_channel channel = ssh_channel_new(connection->session_);
    if (!channel) fail_lost(connection->place_);
    auto stream = std::make_unique<ChannelStream>(connection, channel);
    const int outcome = co_await connection->finish(SSH_AGAIN, [&] {
        // The originator is of no use to anybody; OpenSSH only logs it.
        return ssh_channel_open_forward(channel, endpoint.host.c_str(), endpoint.port, "127.0.0.1",
                                        0);
    });
    if (outcome == SSH_OK) co_return stream;
    if (!connection->alive()) fail_lost(connection->place_);
    fail_to_open(connection->place_, endpoint, connection->reason());
}

}  // namespace oob::net
