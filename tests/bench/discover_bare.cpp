// The least that a sweep can be: presence pings to every address of a /16 with sendmmsg, answers
// taken with recvmmsg and counted, nothing else. Who has not answered is asked again once nothing
// comes any more, so that it finds everybody. scripts/bench builds it and measures oob-discover
// against it.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace {

constexpr unsigned addresses = 65'536;
constexpr unsigned batch = 64;
constexpr int silence_ms = 100;
constexpr unsigned most_rounds = 10;
constexpr int buffer_bytes = 4 * 1024 * 1024;

struct Sweep {
    int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    std::vector<bool> seen = std::vector<bool>(addresses);
    unsigned found = 0;
    std::array<unsigned char, 12> ping{6, 0, 0xff, 6, 0, 0, 0x11, 0xbe, 0x80, 0, 0, 0};
    std::array<mmsghdr, batch> messages{};
    std::array<sockaddr_in, batch> names{};
    std::array<iovec, batch> parts{};
    std::array<std::array<unsigned char, 64>, batch> buffers{};

    /// Asks the next ones from `next` on that have not answered, and moves it behind them.
    void send(unsigned& next, in_addr_t base, in_port_t port) {
        iovec part{ping.data(), ping.size()};
        std::array<unsigned, batch> numbers{};
        unsigned count = 0;
        for (; next < addresses && count < batch; ++next) {
            if (seen[next]) continue;
            names[count] = {};
            names[count].sin_family = AF_INET;
            names[count].sin_port = htons(port);
            names[count].sin_addr.s_addr = htonl(base + next);
            messages[count] = {};
            messages[count].msg_hdr.msg_name = &names[count];
            messages[count].msg_hdr.msg_namelen = sizeof names[count];
            messages[count].msg_hdr.msg_iov = &part;
            messages[count].msg_hdr.msg_iovlen = 1;
            numbers[count++] = next;
        }
        const int sent = ::sendmmsg(socket, messages.data(), count, 0);
        const unsigned done = sent > 0 ? static_cast<unsigned>(sent) : 0;
        if (done < count) next = numbers[done];
    }

    void receive(in_addr_t base) {
        for (;;) {
            for (unsigned i = 0; i < batch; ++i) {
                parts[i] = {buffers[i].data(), buffers[i].size()};
                messages[i] = {};
                messages[i].msg_hdr.msg_name = &names[i];
                messages[i].msg_hdr.msg_namelen = sizeof names[i];
                messages[i].msg_hdr.msg_iov = &parts[i];
                messages[i].msg_hdr.msg_iovlen = 1;
            }
            const int count = ::recvmmsg(socket, messages.data(), batch, MSG_DONTWAIT, nullptr);
            for (int i = 0; i < count; ++i) {
                const auto at = static_cast<std::size_t>(i);
                const in_addr_t number = ntohl(names[at].sin_addr.s_addr) - base;
                if (number >= addresses || messages[at].msg_len < 28 || seen[number]) continue;
                seen[number] = true;
                ++found;
            }
            if (count < static_cast<int>(batch)) return;
        }
    }
};

}  // namespace

int main(int argc, char** argv) {
    in_addr base{};
    if (argc != 3 || ::inet_pton(AF_INET, argv[1], &base) != 1) {
        std::fprintf(stderr, "usage: discover_bare FIRST-ADDRESS PORT\n");
        return 2;
    }
    const in_addr_t first = ntohl(base.s_addr);
    const auto port = static_cast<in_port_t>(std::atoi(argv[2]));
    Sweep sweep;
    if (::setsockopt(sweep.socket, SOL_SOCKET, SO_RCVBUFFORCE, &buffer_bytes,
                     sizeof buffer_bytes) != 0)
        ::setsockopt(sweep.socket, SOL_SOCKET, SO_RCVBUF, &buffer_bytes, sizeof buffer_bytes);
    pollfd ready{sweep.socket, POLLIN, 0};
    for (unsigned round = 0; round < most_rounds && sweep.found < addresses; ++round) {
        for (unsigned next = 0; next < addresses;) {
            sweep.send(next, first, port);
            sweep.receive(first);
        }
        while (sweep.found < addresses && ::poll(&ready, 1, silence_ms) > 0) sweep.receive(first);
    }
    std::printf("%u\n", sweep.found);
    ::close(sweep.socket);
    return 0;
}
