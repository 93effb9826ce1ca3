#include "net/limits.h"

#include "core/text.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <limits>

namespace oob::net {

namespace {

Error short_of(const char* code, const char* what, const char* hint,
               const boost::system::error_code& cause) {
    Error error(Class::config, code, join({what, ": ", cause.message()}), hint);
    error.with("errno", cause.value());
    return error;
}

}  // namespace

std::size_t descriptor_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return std::numeric_limits<std::size_t>::max();
    return limit.rlim_cur;
}

std::size_t raise_descriptor_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur != limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        ::setrlimit(RLIMIT_NOFILE, &limit);
    }
    return descriptor_limit();
}

std::optional<Error> local_shortage(const boost::system::error_code& code) {
    if (code.category() != boost::system::system_category()) return std::nullopt;
    switch (code.value()) {
        case EMFILE:
            return short_of("config.descriptors", "this process has no descriptors left",
                            "lower --fanout, or raise the hard limit (ulimit -Hn)", code);
        case ENFILE:
            return short_of("config.descriptors", "this machine has no descriptors left",
                            "lower --fanout, or raise fs.file-max (sysctl)", code);
        case ENOBUFS:
        case ENOMEM:
            return short_of("config.memory", "this machine has no memory left for connections",
                            "lower --fanout", code);
        default:
            return std::nullopt;
    }
}

Error no_port_left(const boost::system::error_code& code) {
    return short_of("config.ports", "this machine has no port left to connect from",
                    "lower --fanout, or widen net.ipv4.ip_local_port_range (sysctl)", code);
}

void fail_if_short(const boost::system::error_code& code) {
    if (auto error = local_shortage(code)) fail(*std::move(error));
}

void close_on_exec(int descriptor) { ::fcntl(descriptor, F_SETFD, FD_CLOEXEC); }

void fill_standard_descriptors() {
    for (const int number : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        if (::fcntl(number, F_GETFD) >= 0 || errno != EBADF) continue;
        // The lowest free number is this one. Input cannot be read, output cannot be written.
        [[maybe_unused]] const int filled =
            ::open("/dev/null", number == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    }
}

}  // namespace oob::net
