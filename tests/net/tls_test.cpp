#include "core/file.h"
#include "net/dialer.h"
#include "net/group.h"
#include "net/listener.h"
#include "net/tls_server.h"
#include "net/trust.h"
#include "support/run.h"
#include "support/temporary_folder.h"

#include <doctest/doctest.h>
#include <boost/asio/this_coro.hpp>

using namespace oob;
using namespace std::chrono_literals;
using net::Task;
using net::TlsVersion;

namespace {

const net::ServerKey& certificate_key() {
    static const auto made = net::ServerKey::generate_rsa(2048);
    return made;
}

const net::ServerCertificate& certificate() {
    static const auto made = net::ServerCertificate::self_signed(certificate_key(), "127.0.0.1");
    return made;
}

struct Versions {
    TlsVersion lowest = TlsVersion::tls1_2;
    TlsVersion highest = TlsVersion::tls1_2;
};

/// Takes one connection, shakes hands and says what it hears in return, once.
Task<void> echo(net::Listener& listener, Versions versions, net::ServerCertificate shown) {
    net::Accepted accepted = co_await listener.accept();
    net::TlsAcceptor acceptor(versions.lowest, versions.highest);
    net::StreamPtr stream = co_await acceptor.accept(std::move(accepted.stream), shown);
    std::array<std::byte, 100> buffer{};
    const std::size_t count = co_await stream->read_some(buffer);
    co_await stream->write(View(buffer).first(count));
    stream->close();
}

struct Outcome {
    net::Trusted trusted;
    std::string heard;
};

/// One handshake over real sockets under the policy, and a word there and back.
Task<Outcome> converse(net::Trust& trust, net::TrustPolicy policy, Versions versions,
                       std::string name, net::ServerCertificate shown) {
    net::Listener listener =
        net::Listener::tcp(co_await boost::asio::this_coro::executor, "127.0.0.1", 0);
    net::Group group;
    co_await group.spawn(echo(listener, versions, shown));
    auto client = [&]() -> Task<Outcome> {
        const net::Endpoint endpoint{"127.0.0.1", listener.port()};
        net::StreamPtr lower = co_await net::direct({})(endpoint);
        // The name under which the device is known does not change with the port of this test.
        net::TrustedStream stream = co_await trust.connect(std::move(lower), {name, 16993}, policy);
        co_await stream.stream->write(as_view("word"));
        std::array<std::byte, 100> buffer{};
        const std::size_t count = co_await stream.stream->read_some(buffer);
        stream.stream->close();
        co_return Outcome{stream.trusted, std::string(as_text(View(buffer).first(count)))};
    };
    auto result = co_await net::attempt(net::within(10s, client()));
    group.cancel();
    co_await group.join();
    co_return take(std::move(result));
}

Result<Outcome> handshake(net::Trust& trust, net::TrustPolicy policy, Versions versions = {},
                          std::string name = "127.0.0.1",
                          const net::ServerCertificate& shown = certificate()) {
    return test::run(converse(trust, std::move(policy), versions, std::move(name), shown));
}

}  // namespace

TEST_CASE("an unknown certificate is refused, and the hint names its fingerprint") {
    const test::TemporaryFolder folder;
    net::Trust trust(folder.path() / "known", std::nullopt);
    const auto result = handshake(trust, {});
    REQUIRE(!result);
    CHECK(result.error().code == "tls.unknown");
    CHECK(result.error().hint.find(certificate().fingerprint()) != std::string::npos);
}

TEST_CASE("a pin is enough, and a wrong pin is never overruled") {
    const test::TemporaryFolder folder;
    net::Trust trust(folder.path() / "known", std::nullopt);
    const auto good = handshake(trust, {.pin = certificate().fingerprint()});
    REQUIRE(good);
    CHECK(good->trusted.verified == "pin");
    CHECK(good->trusted.facts.version == "TLSv1.2");
    CHECK(good->heard == "word");
    const auto bad =
        handshake(trust, {.pin = "sha256:" + std::string(64, '0'), .trust_on_first_use = true});
    REQUIRE(!bad);
    CHECK(bad.error().code == "tls.pin");
}

TEST_CASE("trust on first use records the key, and a changed key is an error ever after") {
    const test::TemporaryFolder folder;
    net::Trust trust(folder.path() / "known", std::nullopt);
    CHECK(handshake(trust, {.trust_on_first_use = true}).value().trusted.verified == "tofu");
    CHECK(handshake(trust, {}).value().trusted.verified == "known_device");

    net::KnownDevices known(folder.path() / "known");
    REQUIRE(known.record({"127.0.0.1", 16993}, "sha256:" + std::string(64, '1')));
    net::Trust later(folder.path() / "known", std::nullopt);
    const auto changed = handshake(later, {.trust_on_first_use = true});
    REQUIRE(!changed);
    CHECK(changed.error().code == "tls.changed");
}

TEST_CASE("insecure skips the check and says so") {
    const test::TemporaryFolder folder;
    net::Trust trust(folder.path() / "known", std::nullopt);
    CHECK(handshake(trust, {.insecure = true}).value().trusted.verified == "none");
}

TEST_CASE("old TLS versions need compat, and the error says so") {
    const test::TemporaryFolder folder;
    net::Trust trust(folder.path() / "known", std::nullopt);
    const Versions old{TlsVersion::tls1_0, TlsVersion::tls1_1};
    const auto refused = handshake(trust, {.pin = certificate().fingerprint()}, old);
    REQUIRE(!refused);
    CHECK(refused.error().code == "tls.version");
    CHECK(refused.error().hint.find("--tls-compat") != std::string::npos);
    const auto allowed =
        handshake(trust, {.pin = certificate().fingerprint(), .compat = true}, old);
    REQUIRE(allowed);
    CHECK(allowed->trusted.facts.version == "TLSv1.1");
    CHECK(allowed->trusted.compat);
}

TEST_CASE("a CA file that vouches for the device is enough, for the right name only") {
    const test::TemporaryFolder folder;
    const auto named = net::ServerCertificate::self_signed(certificate_key(), "pc1.lab.example");
    net::Trust trust(folder.path() / "known", folder.write("ca.pem", named.pem()));
    const auto right = handshake(trust, {}, {}, "pc1.lab.example", named);
    REQUIRE(right);
    CHECK(right->trusted.verified == "ca");
    const auto wrong = handshake(trust, {}, {}, "pc2.lab.example", named);
    REQUIRE(!wrong);
    CHECK(wrong.error().code == "tls.unknown");
}
