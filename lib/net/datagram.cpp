#include "net/datagram.h"

#include "core/host.h"
#include "core/text.h"
#include "net/limits.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <utility>

namespace oob::net {

namespace asio = boost::asio;
using Udp = asio::ip::udp;

namespace {

constexpr std::size_t ipv4_at = 12;  // where the four bytes stand in the mapped form
constexpr int buffer_bytes = 4 * 1024 * 1024;
constexpr std::size_t control_bytes = CMSG_SPACE(sizeof(in6_pktinfo));

IpAddress mapped(const in_addr& address) {
    IpAddress out;
    out.bytes[10] = out.bytes[11] = 0xff;
    std::memcpy(&out.bytes[ipv4_at], &address, sizeof address);
    return out;
}

IpAddress whole(const in6_addr& address, std::uint32_t scope) {
    IpAddress out;
    std::memcpy(out.bytes.data(), &address, sizeof address);
    out.scope = scope;
    return out;
}

in_addr ipv4_of(const IpAddress& address) {
    in_addr out{};
    std::memcpy(&out, &address.bytes[ipv4_at], sizeof out);
    return out;
}

in6_addr ipv6_of(const IpAddress& address) {
    in6_addr out{};
    std::memcpy(&out, address.bytes.data(), sizeof out);
    return out;
}

socklen_t write_name(sockaddr_storage& storage, bool ipv6, const IpAddress& address,
                     std::uint16_t port) {
    if (ipv6) {
        sockaddr_in6 name{};
        name.sin6_family = AF_INET6;
        name.sin6_port = htons(port);
        name.sin6_addr = ipv6_of(address);
        name.sin6_scope_id = address.scope;
        std::memcpy(&storage, &name, sizeof name);
        return sizeof name;
    }
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_port = htons(port);
    name.sin_addr = ipv4_of(address);
    std::memcpy(&storage, &name, sizeof name);
    return sizeof name;
}

void read_name(const sockaddr_storage& storage, Datagram& into) {
    if (storage.ss_family == AF_INET6) {
        sockaddr_in6 name{};
        std::memcpy(&name, &storage, sizeof name);
        into.peer = whole(name.sin6_addr, name.sin6_scope_id);
        into.port = ntohs(name.sin6_port);
    } else {
        sockaddr_in name{};
        std::memcpy(&name, &storage, sizeof name);
        into.peer = mapped(name.sin_addr);
        into.port = ntohs(name.sin_port);
    }
}

IpAddress read_local(msghdr& message) {
    for (cmsghdr* each = CMSG_FIRSTHDR(&message); each != nullptr;
         each = CMSG_NXTHDR(&message, each)) {
        if (each->cmsg_level == IPPROTO_IP && each->cmsg_type == IP_PKTINFO) {
            in_pktinfo info{};
            std::memcpy(&info, CMSG_DATA(each), sizeof info);
            return mapped(info.ipi_addr);
        }
        if (each->cmsg_level == IPPROTO_IPV6 && each->cmsg_type == IPV6_PKTINFO) {
            in6_pktinfo info{};
            std::memcpy(&info, CMSG_DATA(each), sizeof info);
            return whole(info.ipi6_addr, 0);
        }
    }
    return {};
}

/// Puts the source address into the message's control data, which has room for it.
void write_local(msghdr& message, bool ipv6, const IpAddress& local) {
    cmsghdr* head = CMSG_FIRSTHDR(&message);
    if (ipv6) {
        in6_pktinfo info{};
        info.ipi6_addr = ipv6_of(local);
        head->cmsg_level = IPPROTO_IPV6;
        head->cmsg_type = IPV6_PKTINFO;
        head->cmsg_len = CMSG_LEN(sizeof info);
        message.msg_controllen = CMSG_SPACE(sizeof info);
        std::memcpy(CMSG_DATA(head), &info, sizeof info);
        return;
    }
    in_pktinfo info{};
    info.ipi_spec_dst = ipv4_of(local);
    head->cmsg_level = IPPROTO_IP;
    head->cmsg_type = IP_PKTINFO;
    head->cmsg_len = CMSG_LEN(sizeof info);
    message.msg_controllen = CMSG_SPACE(sizeof info);
    std::memcpy(CMSG_DATA(head), &info, sizeof info);
}

[[noreturn]] void fail_to_bind(std::uint16_t port, const boost::system::error_code& code) {
    fail_if_short(code);
    std::string hint = "choose another address or port";
    if (code == asio::error::access_denied)
        hint = "ports below 1024 need root; choose a higher one";
    if (code == asio::error::address_in_use)
        hint = "another program listens there; choose another port";
    if (code.value() == EADDRNOTAVAIL)
        hint = "this machine does not have that address; 'ip address' shows those that it has";
    fail(Class::connect, "connect.listen",
         "cannot use UDP port " + std::to_string(port) + ": " + code.message(), std::move(hint));
}

/// As much as the system allows; the force needs a privilege and the rest is a wish.
void enlarge(int descriptor, int option, int forced) {
    if (::setsockopt(descriptor, SOL_SOCKET, forced, &buffer_bytes, sizeof buffer_bytes) != 0)
        ::setsockopt(descriptor, SOL_SOCKET, option, &buffer_bytes, sizeof buffer_bytes);
}

void tell_local(int descriptor, bool ipv6) {
    const int on = 1;
    if (ipv6)
        ::setsockopt(descriptor, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on);
    else
        ::setsockopt(descriptor, IPPROTO_IP, IP_PKTINFO, &on, sizeof on);
}

}  // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
    const auto host = parse_address(text);
    if (!host) return std::nullopt;
    if (host->kind == Host::Kind::ipv4) return from_ipv4(*parse_ipv4(host->text));
    const auto percent = host->text.find('%');
    in6_addr ipv6{};
    if (::inet_pton(AF_INET6, host->text.substr(0, percent).c_str(), &ipv6) != 1)
        return std::nullopt;
    std::uint32_t scope = 0;
    if (percent != std::string::npos) {
        scope = ::if_nametoindex(host->text.substr(percent + 1).c_str());
        if (scope == 0) return std::nullopt;
    }
    return whole(ipv6, scope);
}

bool IpAddress::is_ipv4() const {
    return std::all_of(bytes.begin(), bytes.begin() + 10, [](auto byte) { return byte == 0; }) &&
           bytes[10] == 0xff && bytes[11] == 0xff;
}

IpAddress IpAddress::from_ipv4(std::uint32_t number) { return mapped({htonl(number)}); }

std::uint32_t IpAddress::ipv4() const { return ntohl(ipv4_of(*this).s_addr); }

std::string to_string(const IpAddress& address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (address.is_ipv4()) {
        char* end = text.data();
        for (std::size_t i = ipv4_at; i < address.bytes.size(); ++i) {
            if (i != ipv4_at) *end++ = '.';
            end = std::to_chars(end, text.end(), address.bytes[i]).ptr;
        }
        return {text.data(), end};
    }
    const in6_addr ipv6 = ipv6_of(address);
    std::string out = ::inet_ntop(AF_INET6, &ipv6, text.data(), text.size());
    std::array<char, IF_NAMESIZE> interface{};
    if (address.scope != 0 && ::if_indextoname(address.scope, interface.data()) != nullptr)
        out += join({"%", interface.data()});
    return out;
}

struct DatagramSocket::Impl {
    /// What a system call of many messages needs, set up once.
    struct Batch {
        std::array<mmsghdr, most_at_once> messages{};
        std::array<iovec, most_at_once> parts{};
        std::array<sockaddr_storage, most_at_once> names{};
        struct Control {
            alignas(cmsghdr) std::array<std::byte, control_bytes> bytes{};
        };
        std::array<Control, most_at_once> controls{};
    };

    struct Waiter {
        asio::steady_timer timer;
        bool watching = false;  // for bytes to arrive
    };

    explicit Impl(asio::any_io_executor executor)
        : socket(executor), waiter(std::make_shared<Waiter>(asio::steady_timer(executor))) {}

    Udp::socket socket;
    std::shared_ptr<Waiter> waiter;  // shared with a handler that may run after the socket is gone
    bool ipv6 = false;
    Batch out;
    Batch in;
    std::array<std::array<std::byte, most_bytes>, most_at_once> buffers{};
    std::array<Datagram, most_at_once> received{};
    std::uint64_t refused = 0;

    void prepare(std::size_t at, const Datagram& datagram) {
        msghdr& message = out.messages[at].msg_hdr;
        // sendmsg never writes through this pointer.
        out.parts[at] = {const_cast<std::byte*>(datagram.bytes.data()), datagram.bytes.size()};
        message = {};
        message.msg_name = &out.names[at];
        message.msg_namelen = write_name(out.names[at], ipv6, datagram.peer, datagram.port);
        message.msg_iov = &out.parts[at];
        message.msg_iovlen = 1;
        if (datagram.local == IpAddress{}) return;
        message.msg_control = out.controls[at].bytes.data();
        message.msg_controllen = control_bytes;
        write_local(message, ipv6, datagram.local);
    }
};

DatagramSocket::DatagramSocket(asio::any_io_executor executor, DatagramOptions options)
    : impl_(std::make_unique<Impl>(std::move(executor))) {
    impl_->ipv6 = options.ipv6;
    Udp::socket& socket = impl_->socket;
    boost::system::error_code code;
    socket.open(options.ipv6 ? Udp::v6() : Udp::v4(), code);
    if (!code) close_on_exec(socket.native_handle());
    if (!code && options.ipv6) socket.set_option(asio::ip::v6_only(true), code);
    if (!code) socket.non_blocking(true, code);
    if (code) fail_to_bind(options.port, code);
    const int descriptor = socket.native_handle();
    enlarge(descriptor, SO_RCVBUF, SO_RCVBUFFORCE);
    enlarge(descriptor, SO_SNDBUF, SO_SNDBUFFORCE);
    if (options.tell_local) tell_local(descriptor, options.ipv6);
    sockaddr_storage name{};
    const socklen_t length =
        write_name(name, options.ipv6, options.address.value_or(IpAddress{}), options.port);
    if (::bind(descriptor, reinterpret_cast<const sockaddr*>(&name), length) != 0)
        fail_to_bind(options.port, {errno, boost::system::system_category()});
    for (std::size_t i = 0; i < most_at_once; ++i)
        impl_->in.parts[i] = {impl_->buffers[i].data(), most_bytes};
}

DatagramSocket::DatagramSocket(DatagramSocket&&) noexcept = default;
DatagramSocket::~DatagramSocket() = default;

std::size_t DatagramSocket::send(std::span<const Datagram> datagrams) {
    std::size_t done = 0;
    while (done < datagrams.size() && impl_->socket.is_open()) {
        const std::size_t count = std::min(datagrams.size() - done, most_at_once);
        for (std::size_t i = 0; i < count; ++i) impl_->prepare(i, datagrams[done + i]);
        const int sent = ::sendmmsg(impl_->socket.native_handle(), impl_->out.messages.data(),
                                    static_cast<unsigned>(count), 0);
        if (sent > 0) {
            done += static_cast<std::size_t>(sent);
        } else if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS || errno == ENOMEM) {
            break;
        } else if (errno != EINTR) {  // of the first datagram
            ++impl_->refused;
            ++done;
        }
    }
    return done;
}

std::span<const Datagram> DatagramSocket::receive() {
    if (!impl_->socket.is_open()) return {};
    Impl::Batch& in = impl_->in;
    for (std::size_t i = 0; i < most_at_once; ++i) {
        msghdr& message = in.messages[i].msg_hdr;
        message = {};
        message.msg_name = &in.names[i];
        message.msg_namelen = sizeof in.names[i];
        message.msg_iov = &in.parts[i];
        message.msg_iovlen = 1;
        message.msg_control = in.controls[i].bytes.data();
        message.msg_controllen = control_bytes;
    }
    const int count = ::recvmmsg(impl_->socket.native_handle(), in.messages.data(), most_at_once,
                                 MSG_DONTWAIT, nullptr);
    if (count <= 0) return {};
    const auto arrived = static_cast<std::size_t>(count);
    for (std::size_t i = 0; i < arrived; ++i) {
        Datagram& into = impl_->received[i];
        read_name(in.names[i], into);
        into.local = read_local(in.messages[i].msg_hdr);
        into.bytes = View(impl_->buffers[i]).first(in.messages[i].msg_len);
    }
    return std::span(impl_->received).first(arrived);
}

Task<void> DatagramSocket::wait(Clock::time_point limit) {
    if (!impl_->socket.is_open()) co_return;
    const std::shared_ptr<Impl::Waiter> waiter = impl_->waiter;
    waiter->timer.expires_at(limit);
    if (!std::exchange(waiter->watching, true)) {
        // Watching outlasts one wait for the time: it is asked for once, and ends whichever wait()
        // is under way.
        impl_->socket.async_wait(Udp::socket::wait_read, [waiter](boost::system::error_code) {
            waiter->watching = false;
            waiter->timer.cancel();
        });
    }
    (void)co_await waiter->timer.async_wait(asio::as_tuple(asio::use_awaitable));
}

Task<void> DatagramSocket::give_way() {
    co_await asio::post(impl_->socket.get_executor(), asio::use_awaitable);
}

std::uint16_t DatagramSocket::port() const {
    boost::system::error_code code;
    return impl_->socket.local_endpoint(code).port();
}

std::uint64_t DatagramSocket::refused() const { return impl_->refused; }

void DatagramSocket::close() {
    boost::system::error_code code;
    impl_->socket.close(code);
    impl_->waiter->timer.cancel();
}

}  // namespace oob::net
