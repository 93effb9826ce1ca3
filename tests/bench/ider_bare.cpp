// The least that reading a disk over IDE redirection can be: two processes on one TCP connection
// over loopback. One sends a message as long as a command and waits for 64 KiB in eight messages of
// 8 KiB with their heads, sent in one write; nothing is looked at. scripts/bench builds it and
// measures oob-ider against it.
//
//   ider_bare READS     prints seconds and the median of a read in microseconds
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace {

constexpr std::size_t command_bytes = 28;
constexpr std::size_t answer_bytes = 8 * (34 + 8192);
constexpr std::size_t chunk_bytes = 128 * 1024;

[[noreturn]] void give_up(const char* what) {
    std::perror(what);
    std::exit(1);
}

void send_all(int socket, const std::vector<char>& bytes) {
    for (std::size_t sent = 0; sent < bytes.size();) {
        const ssize_t count =
            ::send(socket, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
        if (count <= 0) give_up("send");
        sent += static_cast<std::size_t>(count);
    }
}

/// False at the end of the stream.
bool receive_all(int socket, std::vector<char>& into, std::size_t wanted) {
    for (std::size_t got = 0; got < wanted;) {
        const ssize_t count = ::recv(socket, into.data(), std::min(into.size(), wanted - got), 0);
        if (count < 0) give_up("recv");
        if (count == 0) return false;
        got += static_cast<std::size_t>(count);
    }
    return true;
}

void no_delay(int socket) {
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

void answer(const sockaddr_in& address) {
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        give_up("connect");
    no_delay(socket);
    const std::vector<char> frames(answer_bytes, 'x');
    std::vector<char> chunk(chunk_bytes);
    while (receive_all(socket, chunk, command_bytes)) send_all(socket, frames);
    ::close(socket);
}

}  // namespace

int main(int argc, char** argv) {
    const long reads = argc > 1 ? std::atol(argv[1]) : 0;
    const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (reads <= 0 || ::bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        ::listen(listener, 1) != 0 ||
        ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0)
        give_up("listen");
    const pid_t child = ::fork();
    if (child == 0) {
        ::close(listener);
        answer(address);
        return 0;
    }
    const int socket = ::accept(listener, nullptr, nullptr);
    if (socket < 0) give_up("accept");
    no_delay(socket);
    const std::vector<char> command(command_bytes, 'c');
    std::vector<char> chunk(chunk_bytes);
    std::vector<double> taken;
    const auto begin = std::chrono::steady_clock::now();
    for (long i = 0; i < reads; ++i) {
        const auto start = std::chrono::steady_clock::now();
        send_all(socket, command);
        if (!receive_all(socket, chunk, answer_bytes)) give_up("the other side has ended");
        taken.push_back(
            std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start)
                .count());
    }
    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    ::close(socket);
    ::waitpid(child, nullptr, 0);
    std::ranges::sort(taken);
    std::printf("%.6f %.1f\n", seconds, taken[taken.size() / 2]);
}
