#include "net/input.h"

#include "core/error.h"
#include "net/limits.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <cerrno>
#include <optional>

namespace oob::net {

namespace asio = boost::asio;
using Descriptor = asio::posix::stream_descriptor;

namespace {

/// Pipes, sockets and terminals. The loop takes anything else too, but never calls it ready.
bool can_be_watched(int descriptor) {
    struct stat status{};
    if (::fstat(descriptor, &status) != 0) return false;
    return S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode) || ::isatty(descriptor) != 0;
}

}  // namespace

struct Input::Impl {
    /// A copy, so that closing it leaves standard input alone; none for a file, which is always
    /// ready and which the loop cannot watch.
    std::optional<Descriptor> watched;
};

Input::Input(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Input::Input(Input&&) noexcept = default;
Input::~Input() = default;

Task<Input> Input::standard() {
    auto impl = std::make_unique<Impl>();
    const int copy = ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
    if (copy < 0) {
        fail_if_short({errno, boost::system::system_category()});
        fail(Class::config, "config.input", "standard input is closed",
             "connect it to something, for instance < /dev/null");
    }
    if (can_be_watched(copy))
        impl->watched.emplace(co_await asio::this_coro::executor, copy);
    else
        ::close(copy);
    co_return Input(std::move(impl));
}

Task<std::size_t> Input::read_some(std::span<std::byte> buffer) {
    if (!impl_->watched) {
        const ssize_t count = ::read(STDIN_FILENO, buffer.data(), buffer.size());
        if (count < 0) fail(Class::config, "config.input", "standard input cannot be read");
        co_return static_cast<std::size_t>(count);
    }
    // Waited for and read apart: the terminal behind standard input may be shared, and must not
    // become non-blocking for others.
    const auto [code] = co_await impl_->watched->async_wait(Descriptor::wait_read,
                                                            asio::as_tuple(asio::use_awaitable));
    if (code) co_return 0;
    const ssize_t count = ::read(STDIN_FILENO, buffer.data(), buffer.size());
    if (count < 0) co_return 0;  // the other end of a terminal is gone
    co_return static_cast<std::size_t>(count);
}

void Input::close() {
    boost::system::error_code ignored;
    if (impl_->watched) impl_->watched->close(ignored);
}

}  // namespace oob::net
