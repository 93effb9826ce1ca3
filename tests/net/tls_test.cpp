#include "core/file.h"
#include "net/dialer.h"
#include "net/group.h"
#include "net/listener.h"
#include "net/tls_server.h"
#include "net/trust.h"
#include "support/run.h"
#include "support/temporary_folder.h"

#include <doctest/doctest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <boost/asio/this_coro.hpp>

#include <memory>

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
    bool mutual = false;
};

/// Takes one connection, shakes hands and says what it hears in return, once.
Task<void> echo(net::Listener& listener, Versions versions, net::ServerCertificate shown) {
    net::Accepted accepted = co_await listener.accept();
    net::TlsAcceptor acceptor(versions.lowest, versions.highest, versions.mutual);
    net::StreamPtr stream = co_await acceptor.accept(std::move(accepted.stream), shown);
    std::array<std::byte, 100> buffer{};
    const std::size_t count = co_await stream->read_some(buffer);
    co_await stream->write(View(buffer).first(count));
    stream->close();
}

std::string text_of(BIO* memory) {
    char* text = nullptr;
    const long size = BIO_get_mem_data(memory, &text);
    return {text, static_cast<std::size_t>(size)};
}

using Memory = std::unique_ptr<BIO, decltype(&BIO_free)>;

/// The certificate's key as PEM, encrypted when there is a passphrase.
std::string pem_key(const net::ServerCertificate& of, const std::string& passphrase) {
    const Memory out(BIO_new(BIO_s_mem()), &BIO_free);
    const auto* bytes = reinterpret_cast<const unsigned char*>(passphrase.data());
    const auto* cipher = passphrase.empty() ? nullptr : EVP_aes_128_cbc();
    PEM_write_bio_PrivateKey(out.get(), of.key(), cipher, bytes,
                             static_cast<int>(passphrase.size()), nullptr, nullptr);
    return text_of(out.get());
}

/// Certificate and key as PKCS#12.
std::string pkcs12(const net::ServerCertificate& of, const std::string& passphrase) {
    const Memory out(BIO_new(BIO_s_mem()), &BIO_free);
    PKCS12* bundle = PKCS12_create(passphrase.empty() ? nullptr : passphrase.c_str(), "me",
                                   of.key(), of.certificate(), nullptr, 0, 0, 0, 0, 0);
    i2d_PKCS12_bio(out.get(), bundle);
    PKCS12_free(bundle);
    return text_of(out.get());
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
    co_await group.spawn_apart(echo(listener, versions, shown));
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
    CHECK(good->trusted.verified == net::Verified::pin);
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
    CHECK(handshake(trust, {.trust_on_first_use = true}).value().trusted.verified ==
          net::Verified::first_use);
    // Nobody has compared the key before the run is over.
    CHECK(handshake(trust, {}).value().trusted.verified == net::Verified::first_use);
    net::Trust next(folder.path() / "known", std::nullopt);
    CHECK(handshake(next, {}).value().trusted.verified == net::Verified::known_device);

    net::Trust later(
        folder.write("known", "127.0.0.1:16993 sha256:" + std::string(64, '1') + " 2026-01-01\n"),
        std::nullopt);
    const auto changed = handshake(later, {.trust_on_first_use = true});
    REQUIRE(!changed);
    CHECK(changed.error().code == "tls.changed");
}

TEST_CASE("insecure skips the check and says so") {
    const test::TemporaryFolder folder;
    net::Trust trust(folder.path() / "known", std::nullopt);
    CHECK(handshake(trust, {.insecure = true}).value().trusted.verified == net::Verified::none);
}

TEST_CASE("a pin is looked at under insecure too") {
    const test::TemporaryFolder folder;
    net::Trust trust(folder.path() / "known", std::nullopt);
    const auto bad = handshake(trust, {.pin = "sha256:" + std::string(64, '0'), .insecure = true});
    REQUIRE(!bad);
    CHECK(bad.error().code == "tls.pin");
    CHECK(handshake(trust, {.pin = certificate().fingerprint(), .insecure = true})
              .value()
              .trusted.verified == net::Verified::pin);
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
    CHECK(right->trusted.verified == net::Verified::ca);
    const auto wrong = handshake(trust, {}, {}, "pc2.lab.example", named);
    REQUIRE(!wrong);
    CHECK(wrong.error().code == "tls.unknown");
}

TEST_CASE("a certificate is held against the name as it is written, in any case, dot or not") {
    const test::TemporaryFolder folder;
    const auto named = net::ServerCertificate::self_signed(certificate_key(), "pc1.lab.example");
    net::Trust trust(folder.path() / "known", folder.write("ca.pem", named.pem()));
    for (const char* name : {"PC1.Lab.Example", "pc1.lab.example."}) {
        CAPTURE(name);
        CHECK(
            handshake(trust, {.address = "127.0.0.1"}, {}, name, named).value().trusted.verified ==
            net::Verified::ca);
    }
    // Where it is proves nothing.
    CHECK(handshake(trust, {.address = "pc1.lab.example"}, {}, "pc2.lab.example", named)
              .error()
              .code == "tls.unknown");
}

TEST_CASE("a key is known by the device's name, or by its address from before it had one") {
    struct Row {
        const char* by_name;     ///< what the file has; empty: no line
        const char* by_address;  ///< likewise
        const char* outcome;
    };
    const std::string own = certificate().fingerprint();
    const std::string other = "sha256:" + std::string(64, '1');
    for (const Row& row : {Row{"own", "", "known_device"}, Row{"", "own", "known_device"},
                           Row{"own", "own", "known_device"}, Row{"other", "", "tls.changed"},
                           Row{"", "other", "tls.changed"}, Row{"own", "other", "tls.changed"},
                           Row{"other", "own", "tls.changed"}, Row{"", "", "tofu"}}) {
        CAPTURE(row.by_name);
        CAPTURE(row.by_address);
        const test::TemporaryFolder folder;
        const auto line = [&](const char* host, std::string_view key) {
            if (key.empty()) return std::string();
            return std::string(host) + ":16993 " + (key == "own" ? own : other) + " 2026-01-01\n";
        };
        const auto file = folder.write(
            "known", line("PC1.lab.example", row.by_name) + line("10.0.0.7", row.by_address));
        net::Trust trust(file, std::nullopt);
        const net::TrustPolicy policy{.trust_on_first_use = true, .address = "10.0.0.7"};
        const auto result = handshake(trust, policy, {}, "pc1.lab.example");
        CHECK((result ? name(result->trusted.verified) : result.error().code) == row.outcome);
    }
}

TEST_CASE("each device may have its own CA") {
    const test::TemporaryFolder folder;
    const auto named = net::ServerCertificate::self_signed(certificate_key(), "pc1.lab.example");
    net::Trust trust(folder.path() / "known", std::nullopt);
    const auto file = folder.write("ca.pem", named.pem());
    CHECK(handshake(trust, {.ca_file = file}, {}, "pc1.lab.example", named)
              .value()
              .trusted.verified == net::Verified::ca);
    CHECK(handshake(trust, {}, {}, "pc1.lab.example", named).error().code == "tls.unknown");
    const net::TrustPolicy missing{.ca_file = folder.path() / "none"};
    CHECK(handshake(trust, missing, {}, "pc1.lab.example", named).error().code == "config.ca");
}

TEST_CASE(
    "a device that asks for a client certificate gets ours, and an error says when it lacks") {
    const test::TemporaryFolder folder;
    const Versions asking{TlsVersion::tls1_2, TlsVersion::tls1_2, true};
    const net::TrustPolicy policy{.pin = certificate().fingerprint()};
    net::Trust without(folder.path() / "known", std::nullopt);
    const auto refused = handshake(without, policy, asking);
    REQUIRE(!refused);
    CHECK(refused.error().code == "tls.client_certificate");
    CHECK(refused.error().hint.find("--tls-cert") != std::string::npos);

    const auto client =
        net::ServerCertificate::self_signed(net::ServerKey::generate_rsa(2048), "me");
    const auto file = folder.write("client.pem", client.pem() + pem_key(client, ""));
    net::Trust with(folder.path() / "known", std::nullopt);
    with.set_identity(net::TlsIdentity::load(file, std::nullopt, Secret()).value());
    const auto taken = handshake(with, policy, asking);
    REQUIRE(taken);
    CHECK(taken->heard == "word");
    // One that nobody asks for does no harm.
    CHECK(handshake(with, policy).value().heard == "word");
}

TEST_CASE(
    "a client certificate is PEM in one file or two, or PKCS#12, with or without passphrase") {
    const test::TemporaryFolder folder;
    const net::ServerCertificate& own = certificate();
    const auto other_key = net::ServerKey::generate_rsa(2048);
    const auto other = net::ServerCertificate::self_signed(other_key, "other");
    const auto public_part = folder.write("cert.pem", own.pem());
    const auto both = folder.write("both.pem", own.pem() + pem_key(own, ""));
    const auto key = folder.write("key.pem", pem_key(own, ""));
    const auto locked = folder.write("locked.pem", pem_key(own, "hunter2"));
    const auto wrong = folder.write("wrong.pem", pem_key(other, ""));
    const auto bundle = folder.write("client.p12", pkcs12(own, "hunter2"));
    const auto open_bundle = folder.write("open.p12", pkcs12(own, ""));
    const auto exposed = folder.write("exposed.pem", pem_key(own, ""));
    std::filesystem::permissions(exposed, std::filesystem::perms::group_read,
                                 std::filesystem::perm_options::add);
    const auto writable = folder.write("writable.pem", pem_key(own, ""));
    std::filesystem::permissions(writable, std::filesystem::perms::others_write,
                                 std::filesystem::perm_options::add);
    const auto garbage = folder.write("garbage", std::string(100, 'x'));
    using Path = std::optional<std::filesystem::path>;
    struct Row {
        std::filesystem::path certificate;
        Path key;
        const char* passphrase;
        const char* problem;  ///< words of the message; empty: it is good
    };
    for (const Row& row :
         {Row{both, {}, "", ""}, Row{public_part, key, "", ""}, Row{both, key, "", ""},
          Row{public_part, locked, "hunter2", ""}, Row{bundle, {}, "hunter2", ""},
          Row{open_bundle, {}, "", ""}, Row{public_part, {}, "", "no key"},
          Row{public_part, locked, "", "no key"}, Row{public_part, locked, "hunter3", "no key"},
          Row{bundle, {}, "", "cannot open"}, Row{bundle, {}, "hunter3", "cannot open"},
          Row{public_part, wrong, "", "not the one"}, Row{public_part, exposed, "", "by others"},
          Row{public_part, writable, "", "changed by others"}, Row{garbage, {}, "", "cannot open"},
          Row{key, {}, "", "no certificate"}, Row{folder.path() / "none", {}, "", "cannot read"}}) {
        CAPTURE(row.certificate);
        CAPTURE(row.problem);
        const auto loaded =
            net::TlsIdentity::load(row.certificate, row.key, Secret(std::string(row.passphrase)));
        CHECK(loaded.has_value() == std::string_view(row.problem).empty());
        if (loaded) continue;
        CHECK(loaded.error().code == "config.tls_cert");
        CHECK(loaded.error().message.find(row.problem) != std::string::npos);
        CHECK(loaded.error().message.find("hunter") == std::string::npos);
    }
}
