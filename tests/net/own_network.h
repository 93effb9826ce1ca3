#pragma once

#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <fstream>
#include <functional>
#include <optional>
#include <string>

namespace oob::test {

/// Moves this process into a network that holds a loopback interface and nothing else; false where
/// the system does not allow it.
inline bool enter_own_network() {
    const auto user = ::getuid();
    const auto group = ::getgid();
    if (::unshare(CLONE_NEWNET) != 0) {
        if (::unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) return false;
        std::ofstream("/proc/self/setgroups") << "deny";
        std::ofstream("/proc/self/uid_map") << user << ' ' << user << " 1";
        std::ofstream("/proc/self/gid_map") << group << ' ' << group << " 1";
    }
    const int any = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ifreq request{};
    std::strcpy(request.ifr_name, "lo");
    request.ifr_flags = IFF_UP;
    const bool up = ::ioctl(any, SIOCSIFFLAGS, &request) == 0;
    ::close(any);
    return up;
}

/// What `body` says in a process of its own, in a network of its own; nothing where the system does
/// not allow it.
inline std::optional<std::string> in_own_network(const std::function<std::string()>& body) {
    std::array<int, 2> ends{};
    if (::pipe(ends.data()) != 0) return std::nullopt;
    const pid_t child = ::fork();
    if (child == 0) {
        if (!enter_own_network()) ::_exit(1);
        const std::string said = body();
        ::_exit(::write(ends[1], said.data(), said.size()) < 0 ? 2 : 0);
    }
    ::close(ends[1]);
    std::string out;
    std::array<char, 256> chunk;
    for (ssize_t count; (count = ::read(ends[0], chunk.data(), chunk.size())) > 0;)
        out.append(chunk.data(), static_cast<std::size_t>(count));
    ::close(ends[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    constexpr int not_allowed = 1;
    if (WIFEXITED(status) && WEXITSTATUS(status) == not_allowed) return std::nullopt;
    return out;
}

}  // namespace oob::test
