#include "sim/server_rig.h"

#include "codec/http/digest.h"
#include "core/text.h"
#include "net/deadline.h"
#include "net/run.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

#include <array>
#include <cerrno>

namespace oob::sim::test {

namespace {

/// So that a test fails instead of waiting for ever.
constexpr timeval patience{120, 0};

net::Task<void> serve(FleetOptions options, std::unique_ptr<Fleet>* fleet,
                      std::promise<boost::asio::any_io_executor>* ready,
                      const std::atomic<bool>* leaving) {
    const auto executor = co_await boost::asio::this_coro::executor;
    *fleet = std::make_unique<Fleet>(executor, std::move(options));
    ready->set_value(executor);
    co_await (*fleet)->run();
    while (!*leaving) co_await net::sleep_for(std::chrono::milliseconds(2));
    fleet->reset();  // before the loop that its sockets belong to
}

}  // namespace

Rig::Rig(std::function<void(FleetOptions&)> change) {
    FleetOptions options;
    options.range = take(AddressRange::parse("127.77.9.0/28"));
    options.port_base = 0;
    options.personalities = {take(Personality::builtin("15.0"))};
    options.password = Secret(std::string(password));
    options.tls_keys = 1;
    if (change) change(options);

    std::promise<boost::asio::any_io_executor> ready;
    auto executor = ready.get_future();
    thread_ = std::thread([this, &ready, options = std::move(options)]() mutable {
        net::run([&] { return serve(std::move(options), &fleet_, &ready, &leaving_); });
    });
    executor_ = executor.get();
    ports_ = fleet_->ports();
}

Rig::~Rig() {
    boost::asio::post(executor_, [this] { fleet_->stop(); });
    leaving_ = true;
    thread_.join();
}

void Rig::on_loop(std::function<void(Fleet&)> work) {
    std::promise<void> done;
    auto waiting = done.get_future();
    boost::asio::post(executor_, [&] {
        work(*fleet_);
        done.set_value();
    });
    waiting.get();
}

void Rig::spawn(net::Task<void> task) {
    boost::asio::co_spawn(executor_, std::move(task), boost::asio::detached);
}

void Rig::set_fault(std::string_view address, std::string_view spec) {
    on_loop([&](Fleet& fleet) { take(fleet.set_fault(address, take(parse_faults(spec)))); });
}

std::vector<JournalEntry> Rig::journal(std::string_view address) {
    std::vector<JournalEntry> out;
    on_loop([&](Fleet& fleet) { out = fleet.journal(address); });
    return out;
}

JournalEntry Rig::last_entry(std::string_view address) {
    for (int tries = 0; tries < 12'000; ++tries) {
        const auto entries = journal(address);
        if (!entries.empty()) return entries.back();
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    FAIL("nothing was noted");
    return {};
}

RawClient::RawClient(std::string_view address, std::uint16_t port)
    : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    REQUIRE(::inet_pton(AF_INET, std::string(address).c_str(), &to.sin_addr) == 1);
    REQUIRE(::connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0);
}

RawClient::~RawClient() {
    SSL_free(ssl_);
    SSL_CTX_free(context_);
    ::close(socket_);
}

bool RawClient::secure(const char* ciphers, int version) {
    context_ = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_security_level(context_, 0);
    SSL_CTX_set_min_proto_version(context_, version);
    SSL_CTX_set_max_proto_version(context_, version);
    REQUIRE(SSL_CTX_set_cipher_list(context_, ciphers) == 1);
    ssl_ = SSL_new(context_);
    SSL_set_fd(ssl_, socket_);
    return SSL_connect(ssl_) == 1;
}

bool RawClient::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = ssl_ != nullptr
                                 ? SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size()))
                                 : ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) {
            reset_ = errno == ECONNRESET || errno == EPIPE;
            return false;
        }
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

std::string RawClient::read_some() {
    std::array<char, 16384> chunk;
    errno = 0;
    const ssize_t count = ssl_ != nullptr
                              ? SSL_read(ssl_, chunk.data(), static_cast<int>(chunk.size()))
                              : ::recv(socket_, chunk.data(), chunk.size(), 0);
    if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) FAIL("the device says nothing");
    if (count <= 0) {
        reset_ = reset_ || errno == ECONNRESET;
        return {};
    }
    return std::string(chunk.data(), static_cast<std::size_t>(count));
}

std::string RawClient::read_to_end() {
    std::string out = std::exchange(pending_, {});
    for (std::string more = read_some(); !more.empty(); more = read_some()) out += more;
    return out;
}

std::string RawClient::read_reply() {
    const auto size_of = [](std::string_view bytes) -> std::optional<std::size_t> {
        const std::size_t blank = bytes.find("\r\n\r\n");
        if (blank == std::string_view::npos) return std::nullopt;
        if (field(bytes, "Transfer-Encoding") == "chunked") {
            const std::size_t end = bytes.find("\r\n0\r\n\r\n", blank);
            if (end == std::string_view::npos) return std::nullopt;
            return end + 7;
        }
        const auto length = parse_unsigned(field(bytes, "Content-Length")).value_or(0);
        return blank + 4 + static_cast<std::size_t>(length);
    };
    for (;;) {
        const auto size = size_of(pending_);
        if (size && *size <= pending_.size()) {
            std::string out = pending_.substr(0, *size);
            pending_.erase(0, *size);
            return out;
        }
        const std::string more = read_some();
        if (more.empty()) return std::exchange(pending_, {});
        pending_ += more;
    }
}

std::string RawClient::server_key() const {
    X509* certificate = SSL_get1_peer_certificate(ssl_);
    REQUIRE(certificate != nullptr);
    unsigned char* der = nullptr;
    const int size = i2d_PUBKEY(X509_get0_pubkey(certificate), &der);
    const std::string out(reinterpret_cast<char*>(der), static_cast<std::size_t>(size));
    OPENSSL_free(der);
    X509_free(certificate);
    return out;
}

std::string RawClient::server_name() const {
    X509* certificate = SSL_get1_peer_certificate(ssl_);
    REQUIRE(certificate != nullptr);
    std::array<char, 256> name{};
    X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name.data(),
                              static_cast<int>(name.size()));
    X509_free(certificate);
    return name.data();
}

std::string RawClient::cipher() const { return SSL_get_cipher_name(ssl_); }

std::string field(std::string_view reply, std::string_view name) {
    for (const std::string_view line : split(head(reply), '\n')) {
        const std::size_t colon = line.find(':');
        if (colon != std::string_view::npos && equal_ignoring_case(line.substr(0, colon), name))
            return std::string(trim(line.substr(colon + 1)));
    }
    return {};
}

int status(std::string_view reply) {
    if (!reply.starts_with("HTTP/1.1 ") || reply.size() < 12) return 0;
    return static_cast<int>(parse_unsigned(reply.substr(9, 3)).value_or(0));
}

std::string_view head(std::string_view reply) { return reply.substr(0, reply.find("\r\n\r\n")); }

std::string body(std::string_view reply) {
    std::string_view rest = reply.substr(std::min(reply.size(), head(reply).size() + 4));
    if (field(reply, "Transfer-Encoding") != "chunked") return std::string(rest);
    std::string out;
    for (;;) {
        const std::size_t line = rest.find("\r\n");
        if (line == std::string_view::npos) return out;
        const auto size =
            static_cast<std::size_t>(parse_unsigned(rest.substr(0, line), 16).value_or(0));
        if (size == 0 || line + 2 + size > rest.size()) return out;
        out += rest.substr(line + 2, size);
        rest.remove_prefix(std::min(rest.size(), line + 4 + size));
    }
}

std::string envelope() {
    return R"(<?xml version="1.0" encoding="utf-8"?>)"
           R"(<Envelope xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing")"
           R"( xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd")"
           R"( xmlns="http://www.w3.org/2003/05/soap-envelope"><Header>)"
           R"(<a:Action>http://schemas.xmlsoap.org/ws/2004/09/transfer/Get</a:Action>)"
           R"(<a:To>/wsman</a:To><w:ResourceURI>)"
           R"(http://intel.com/wbem/wscim/1/amt-schema/1/AMT_GeneralSettings</w:ResourceURI>)"
           R"(<a:MessageID>1</a:MessageID><a:ReplyTo><a:Address>)"
           R"(http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:Address>)"
           R"(</a:ReplyTo></Header><Body></Body></Envelope>)";
}

std::string post(std::string_view body, std::string_view fields) {
    return join({"POST /wsman HTTP/1.1\r\nHost: device\r\n", fields,
                 "Content-Length: ", std::to_string(body.size()), "\r\n\r\n", body});
}

std::string Credentials::line(std::string_view body, std::string_view target,
                              std::string_view method) {
    auto decoded = take(codec::http::decode_challenge(challenge));
    decoded.offers_auth = !auth_int;
    codec::http::DigestInput input;
    input.method = method;
    input.uri = target;
    input.body = body;
    input.cnonce = "5f3a9c0e1b7d2468";
    input.nc = ++count;
    return join(
        {"Authorization: ",
         codec::http::encode_authorization(decoded, user, Secret(std::string(secret)), input),
         "\r\n"});
}

Credentials get_challenge(const Rig& rig, std::string_view address, bool tls) {
    RawClient client(address, tls ? rig.ports().https : rig.ports().http);
    if (tls) REQUIRE(client.secure());
    client.send(post(envelope()));
    Credentials out;
    out.challenge = field(client.read_reply(), "WWW-Authenticate");
    return out;
}

}  // namespace oob::sim::test
