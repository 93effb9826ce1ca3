// The least that asking many devices for their power state can be: for each device the canned
// request without a login, the connection that the device then closes, and a second connection with
// two canned requests and the digest answer. Sixty-four devices at a time on one epoll, over TCP or
// with OpenSSL and no verification; nothing is parsed but the nonce and the end of a reply.
// scripts/bench builds it and measures oob-power against it.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr unsigned at_once = 64;
constexpr unsigned requests_after_login = 2;
constexpr int longest_wait_ms = 30'000;

const std::string classes[requests_after_login] = {"CIM_ComputerSystemPackage",
                                                   "CIM_AssociatedPowerManagementService"};

struct Options {
    in_addr_t first = 0;
    unsigned count = 0;
    in_port_t port = 0;
    std::string password;
    SSL_CTX* tls = nullptr;
};

std::string md5(const std::string& text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned length = 0;
    EVP_Digest(text.data(), text.size(), digest.data(), &length, EVP_md5(), nullptr);
    std::string out;
    for (unsigned i = 0; i < length; ++i) {
        out += "0123456789abcdef"[digest[i] >> 4];
        out += "0123456789abcdef"[digest[i] & 15];
    }
    return out;
}

std::string envelope(const std::string& class_name) {
    return R"(<?xml version="1.0" encoding="utf-8"?><Envelope xmlns:a="http://schemas.xmlsoap.org/)"
           R"(ws/2004/08/addressing" xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd" )"
           R"(xmlns="http://www.w3.org/2003/05/soap-envelope"><Header><a:Action>http://schemas.)"
           R"(xmlsoap.org/ws/2004/09/transfer/Get</a:Action><a:To>/wsman</a:To><w:ResourceURI>)"
           R"(http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/)" +
           class_name +
           R"(</w:ResourceURI><a:MessageID>1</a:MessageID><a:ReplyTo><a:Address>http://schemas.)"
           R"(xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:Address></a:ReplyTo>)"
           R"(<w:OperationTimeout>PT60S</w:OperationTimeout></Header><Body></Body></Envelope>)";
}

std::string quoted(std::string_view text, std::string_view name) {
    const auto begin = text.find(name) + name.size();
    return std::string(text.substr(begin, text.find('"', begin) - begin));
}

struct Device {
    in_addr_t address = 0;
    int socket = -1;
    SSL* ssl = nullptr;
    unsigned answered = 0;  // requests after the login
    std::string realm;
    std::string nonce;
    std::string out;
    std::string in;
};

class Client {
 public:
    explicit Client(Options options) : options_(std::move(options)) {}

    unsigned run() {
        while (next_ < options_.count && busy_ < at_once) begin();
        std::array<epoll_event, at_once> events{};
        while (busy_ > 0) {
            const int ready = ::epoll_wait(epoll_, events.data(), at_once, longest_wait_ms);
            if (ready <= 0) return done_;
            for (int i = 0; i < ready; ++i)
                step(static_cast<Device*>(events[static_cast<std::size_t>(i)].data.ptr));
        }
        return done_;
    }

 private:
    void begin() {
        Device& device = *devices_.emplace_back(std::make_unique<Device>());
        device.address = options_.first + next_++;
        ++busy_;
        ask(device);
        connect(device);
    }

    void connect(Device& device) {
        device.socket = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        const int on = 1;
        ::setsockopt(device.socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        sockaddr_in name{};
        name.sin_family = AF_INET;
        name.sin_port = htons(options_.port);
        name.sin_addr.s_addr = htonl(device.address);
        ::connect(device.socket, reinterpret_cast<const sockaddr*>(&name), sizeof name);
        if (options_.tls != nullptr) {
            device.ssl = SSL_new(options_.tls);
            SSL_set_fd(device.ssl, device.socket);
            SSL_set_connect_state(device.ssl);
        }
        epoll_event event{EPOLLIN | EPOLLOUT | EPOLLET, {.ptr = &device}};
        ::epoll_ctl(epoll_, EPOLL_CTL_ADD, device.socket, &event);
    }

    void disconnect(Device& device) {
        SSL_free(device.ssl);
        device.ssl = nullptr;
        ::close(device.socket);
    }

    void ask(Device& device) {
        const std::string body = envelope(classes[device.answered]);
        device.out =
            "POST /wsman HTTP/1.1\r\nHost: device\r\nContent-Type: "
            "application/soap+xml;charset=UTF-8\r\n";
        if (!device.nonce.empty()) {
            char count[9];
            std::snprintf(count, sizeof count, "%08x", device.answered + 1);
            const std::string answer =
                md5(md5("admin:" + device.realm + ":" + options_.password) + ":" + device.nonce +
                    ":" + count + ":0123456789abcdef:auth:" + md5("POST:/wsman"));
            device.out += "Authorization: Digest username=\"admin\",realm=\"" + device.realm +
                          "\",nonce=\"" + device.nonce + "\",uri=\"/wsman\",qop=auth,nc=" + count +
                          ",cnonce=\"0123456789abcdef\",response=\"" + answer + "\"\r\n";
        }
        device.out += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    }

    /// What recv() and send() return; would-block is -1.
    ssize_t move(Device& device, char* data, std::size_t size, bool reading) {
        if (device.ssl == nullptr)
            return reading ? ::recv(device.socket, data, size, 0)
                           : ::send(device.socket, data, size, MSG_NOSIGNAL);
        const int count = reading ? SSL_read(device.ssl, data, static_cast<int>(size))
                                  : SSL_write(device.ssl, data, static_cast<int>(size));
        if (count > 0) return count;
        const int reason = SSL_get_error(device.ssl, count);
        errno = reason == SSL_ERROR_WANT_READ || reason == SSL_ERROR_WANT_WRITE ? EAGAIN : EIO;
        return reason == SSL_ERROR_ZERO_RETURN ? 0 : -1;
    }

    void step(Device* device) {
        std::array<char, 16384> chunk{};
        for (;;) {
            while (!device->out.empty()) {
                const ssize_t sent = move(*device, device->out.data(), device->out.size(), false);
                if (sent <= 0) break;
                device->out.erase(0, static_cast<std::size_t>(sent));
            }
            const ssize_t count = move(*device, chunk.data(), chunk.size(), true);
            if (count < 0 && (errno == EAGAIN || errno == ENOTCONN)) return;
            if (count > 0) device->in.append(chunk.data(), static_cast<std::size_t>(count));
            if (!whole(device->in)) {
                if (count > 0) continue;
                return finish(*device, false);
            }
            if (!answered(*device)) return;
        }
    }

    static bool whole(const std::string& in) {
        const auto head = in.find("\r\n\r\n");
        if (head == std::string::npos) return false;
        const auto length = in.find("Content-Length: ");
        if (length < head)
            return in.size() >= head + 4 + std::strtoul(in.c_str() + length + 16, nullptr, 10);
        return in.ends_with("0\r\n\r\n");
    }

    /// True when there is more to do on the same connection.
    bool answered(Device& device) {
        const bool challenge = device.in.starts_with("HTTP/1.1 401");
        if (challenge) {
            if (!device.nonce.empty()) return finish(device, false), false;
            device.realm = quoted(device.in, "realm=\"");
            device.nonce = quoted(device.in, "nonce=\"");
        } else if (++device.answered == requests_after_login) {
            return finish(device, true), false;
        }
        const bool closes = device.in.find("Connection: close") != std::string::npos;
        device.in.clear();
        ask(device);
        if (!closes) return true;
        disconnect(device);
        connect(device);
        return false;
    }

    void finish(Device& device, bool ok) {
        disconnect(device);
        --busy_;
        done_ += ok ? 1U : 0U;
        if (next_ < options_.count) begin();
    }

    Options options_;
    int epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
    std::vector<std::unique_ptr<Device>> devices_;
    unsigned next_ = 0;
    unsigned busy_ = 0;
    unsigned done_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
    in_addr base{};
    if (argc != 6 || ::inet_pton(AF_INET, argv[1], &base) != 1) {
        std::fprintf(stderr, "usage: status_bare FIRST-ADDRESS COUNT PORT PASSWORD plain|tls\n");
        return 2;
    }
    Options options;
    options.first = ntohl(base.s_addr);
    options.count = static_cast<unsigned>(std::atoi(argv[2]));
    options.port = static_cast<in_port_t>(std::atoi(argv[3]));
    options.password = argv[4];
    if (std::string_view(argv[5]) == "tls") options.tls = SSL_CTX_new(TLS_client_method());
    std::printf("%u\n", Client(std::move(options)).run());
    return 0;
}
