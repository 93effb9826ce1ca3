#include "core/text.h"
#include "sim/server_rig.h"

#include <doctest/doctest.h>
#include <openssl/ssl.h>

#include <chrono>
#include <thread>

using namespace oob;
using namespace oob::sim::test;
using namespace std::chrono_literals;

namespace {

constexpr const char* device = "127.77.9.4";

/// One login on a connection that is there already.
int ask(RawClient& client, Credentials& login, const std::string& text = envelope()) {
    client.send(post(text, login.line(text)));
    return status(client.read_reply());
}

std::string last_login(Rig& rig) { return rig.last_entry(device).login; }

}  // namespace

TEST_CASE("a first request without credentials is read whole, then answered 401 and closed") {
    const Rig rig;
    RawClient client(device, rig.ports().http);
    client.send(post(std::string(60'000, 'x')));
    const std::string reply = client.read_to_end();
    CHECK(status(reply) == 401);
    CHECK(reply.ends_with("</html>"));
    CHECK(!client.was_reset());
}

TEST_CASE("a connection serves several requests in turn") {
    const Rig rig;
    Credentials login = get_challenge(rig, device);
    RawClient client(device, rig.ports().http);
    for (int i = 0; i < 5; ++i) CHECK(ask(client, login) == 200);
}

TEST_CASE("an idle connection is kept for at least a minute, and not for ever") {
    CHECK(sim::Limits{}.idle >= 60s);
    const Rig rig([](auto& options) { options.limits.idle = 3s; });
    Credentials login = get_challenge(rig, device);
    RawClient client(device, rig.ports().http);
    CHECK(ask(client, login) == 200);
    CHECK(client.read_to_end().empty());
    CHECK(!client.was_reset());
}

TEST_CASE("a request that trickles in for too long is cut off") {
    Rig rig([](auto& options) { options.limits.request = 2s; });
    RawClient client(device, rig.ports().http);
    client.send("POST /wsman HTTP/1.1\r\n");
    CHECK(status(client.read_to_end()) == 400);
    CHECK(rig.last_entry(device).event == sim::JournalEntry::Event::malformed);
}

TEST_CASE("a nonce stays valid on other connections") {
    const Rig rig;
    Credentials login = get_challenge(rig, device);
    for (int i = 0; i < 4; ++i) {
        RawClient client(device, rig.ports().http);
        CHECK(ask(client, login) == 200);
    }
}

TEST_CASE("a nonce of the challenge on a connection holds for the next one after the close") {
    const Rig rig;
    Credentials login = get_challenge(rig, device);
    Credentials other = get_challenge(rig, device);
    CHECK(login.challenge != other.challenge);
    RawClient client(device, rig.ports().http);
    CHECK(ask(client, login) == 200);
    CHECK(ask(client, other) == 200);
    CHECK(ask(client, login) == 200);
}

TEST_CASE("nonce counts may begin anywhere and have gaps") {
    const Rig rig;
    Credentials login = get_challenge(rig, device);
    RawClient client(device, rig.ports().http);
    for (const std::uint32_t count : {41U, 7U, 0x12345678U, 0xfffffffeU}) {
        login.count = count;
        CHECK(ask(client, login) == 200);
    }
}

TEST_CASE("an exact replay is refused on the same connection and accepted on another") {
    Rig rig;
    Credentials login = get_challenge(rig, device);
    const std::string request = post(envelope(), login.line(envelope()));
    RawClient client(device, rig.ports().http);
    client.send(request);
    CHECK(status(client.read_reply()) == 200);
    client.send(request);
    CHECK(status(client.read_reply()) == 401);
    CHECK(last_login(rig) == "replayed");

    RawClient other(device, rig.ports().http);
    other.send(request);
    CHECK(status(other.read_reply()) == 200);
}

TEST_CASE("on TLS a credential that was accepted once may be repeated on its connection") {
    const Rig rig;
    Credentials login = get_challenge(rig, device);
    const std::string request = post(envelope(), login.line(envelope()));
    RawClient client(device, rig.ports().https);
    REQUIRE(client.secure());
    for (int i = 0; i < 3; ++i) {
        client.send(request);
        CHECK(status(client.read_reply()) == 200);
    }
}

TEST_CASE("a correct digest is challenged anew at most once") {
    Rig rig;
    Credentials login = get_challenge(rig, device);
    for (std::size_t i = 0; i < sim::DigestGuard::most_nonces; ++i) get_challenge(rig, device);
    RawClient client(device, rig.ports().http);
    client.send(post(envelope(), login.line(envelope())));
    const std::string refused = client.read_reply();
    CHECK(status(refused) == 401);
    CHECK(last_login(rig) == "unknown_nonce");
    login.challenge = field(refused, "WWW-Authenticate");
    RawClient again(device, rig.ports().http);
    CHECK(ask(again, login) == 200);
}

TEST_CASE("a nonce in use outlives many that nobody answers") {
    const Rig rig;
    Credentials login = get_challenge(rig, device);
    for (std::size_t i = 0; i < sim::DigestGuard::most_nonces * 2; ++i) {
        if (i % 32 == 0) {
            RawClient client(device, rig.ports().http);
            REQUIRE(ask(client, login) == 200);
        }
        get_challenge(rig, device);
    }
}

TEST_CASE("the realm of the challenge is that of the device, and each device has its own") {
    Rig rig;
    const std::string challenge = get_challenge(rig, device).challenge;
    rig.on_loop([&](sim::Fleet& fleet) {
        const std::string realm(fleet.device(device)->digest_realm());
        CHECK(challenge.find("realm=\"" + realm + "\"") != std::string::npos);
        CHECK(fleet.device("127.77.9.5")->digest_realm() != realm);
    });
}

TEST_CASE("auth-int is accepted where it was offered, and covers the body") {
    const Rig rig([](auto& options) {
        constexpr const char* profile = R"(extends = "15.0"
            qop = ["auth-int", "auth"])";
        options.personalities = {take(sim::Personality::parse(profile, "test"))};
    });
    Credentials login = get_challenge(rig, device);
    login.auth_int = true;
    RawClient client(device, rig.ports().http);
    CHECK(ask(client, login) == 200);
    client.send(post(envelope() + " ", login.line(envelope())));
    CHECK(status(client.read_reply()) == 401);
}

TEST_CASE("auth-int is refused where it was not offered") {
    const Rig rig(
        [](auto& options) { options.personalities = {take(sim::Personality::builtin("11.8"))}; });
    Credentials login = get_challenge(rig, device);
    const std::size_t qop = login.challenge.find("qop=\"auth\"");
    REQUIRE(qop != std::string::npos);
    login.challenge.replace(qop, std::string::npos, "qop=\"auth-int, auth\"");
    login.auth_int = true;
    RawClient client(device, rig.ports().http);
    CHECK(ask(client, login) == 401);
}

TEST_CASE("what is wrong with a login decides whether it counts as a failure") {
    struct {
        const char* what;
        const char* target;
        const char* user;
        const char* secret;
        const char* login;
    } const cases[] = {
        {"wrong password", "/wsman", "admin", "wrong", "rejected"},
        {"wrong case of the user", "/wsman", "Admin", password, "rejected"},
        {"no such user", "/wsman", "nobody", password, "rejected"},
        {"another target", "/other", "admin", password, "rejected"},
        {"all right", "/wsman", "admin", password, "accepted"},
    };
    Rig rig;
    for (const auto& each : cases) {
        CAPTURE(each.what);
        Credentials login = get_challenge(rig, device);
        login.user = each.user;
        login.secret = each.secret;
        RawClient client(device, rig.ports().http);
        client.send(post(envelope(), login.line(envelope(), each.target)));
        const bool good = std::string_view(each.login) == "accepted";
        CHECK(status(client.read_reply()) == (good ? 200 : 401));
        CHECK(last_login(rig) == each.login);
    }
}

TEST_CASE("TLS offers RSA key exchange and ephemeral Diffie-Hellman") {
    const Rig rig;
    for (const char* cipher : {"AES128-SHA", "AES256-SHA", "AES128-GCM-SHA256", "AES256-GCM-SHA384",
                               "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES256-GCM-SHA384"}) {
        CAPTURE(cipher);
        RawClient client(device, rig.ports().https);
        REQUIRE(client.secure((std::string(cipher) + ":@SECLEVEL=0").c_str(), TLS1_2_VERSION));
        CHECK(client.cipher() == cipher);
    }
}

TEST_CASE("TLS versions are those of the generation") {
    struct {
        const char* generation;
        int version;
        bool works;
    } const cases[] = {
        {"7.1", TLS1_VERSION, true},    {"7.1", TLS1_2_VERSION, false},
        {"12.0", TLS1_VERSION, false},  {"12.0", TLS1_1_VERSION, true},
        {"12.0", TLS1_2_VERSION, true}, {"16.1", TLS1_1_VERSION, false},
        {"16.1", TLS1_2_VERSION, true},
    };
    for (const auto& each : cases) {
        CAPTURE(each.generation);
        CAPTURE(each.version);
        Rig rig([&](auto& options) {
            options.personalities = {take(sim::Personality::builtin(each.generation))};
        });
        RawClient client(device, rig.ports().https);
        CHECK(client.secure("ALL:@SECLEVEL=0", each.version) == each.works);
    }
}

TEST_CASE("eight connections to one device are served side by side, one more is told 503") {
    Rig rig;
    Credentials login = get_challenge(rig, device);
    std::vector<std::unique_ptr<RawClient>> clients;
    for (int i = 0; i < 8; ++i) {
        clients.push_back(std::make_unique<RawClient>(device, rig.ports().http));
        REQUIRE(ask(*clients.back(), login) == 200);
    }
    RawClient further(device, rig.ports().http);
    CHECK(ask(further, login) == 503);
    RawClient elsewhere("127.77.9.5", rig.ports().http);
    elsewhere.send(post(envelope()));
    CHECK(status(elsewhere.read_reply()) == 401);
    for (auto& client : clients) CHECK(ask(*client, login) == 200);
}

TEST_CASE("bodies up to 64 KiB are read; larger ones get a fault, and far larger ones a page") {
    const Rig rig;
    struct {
        std::size_t size;
        int expected;
        bool soap;
    } const cases[] = {
        {64 * 1024, 200, true}, {64 * 1024 + 1, 400, true}, {300 * 1024, 400, false}};
    for (const auto& each : cases) {
        CAPTURE(each.size);
        std::string text = envelope();
        text.insert(text.find("<Body>"), std::string(each.size - text.size(), ' '));
        Credentials login = get_challenge(rig, device);
        RawClient client(device, rig.ports().http);
        client.send(post(text, login.line(text)));
        const std::string reply = client.read_reply();
        CHECK(status(reply) == each.expected);
        CHECK(body(reply).ends_with(each.soap ? "</a:Envelope>" : "</html>"));
        if (each.expected == 400 && each.soap)
            CHECK(body(reply).find("e:EncodingLimit") != std::string::npos);
    }
}

TEST_CASE("requests come in the framings of all clients") {
    const Rig rig;
    const std::string text = envelope();
    SUBCASE("one chunk") {
        Credentials login = get_challenge(rig, device);
        RawClient client(device, rig.ports().http);
        const Bytes size = Writer().be16(static_cast<std::uint16_t>(text.size())).take();
        client.send("POST /wsman HTTP/1.1\r\nHost: x\r\n" + login.line(text) +
                    "Transfer-Encoding: chunked\r\n\r\n" + hex_upper(size) + "\r\n" + text +
                    "\r\n0\r\n\r\n");
        CHECK(status(client.read_reply()) == 200);
    }
    SUBCASE("waiting to be told to go on") {
        Credentials login = get_challenge(rig, device);
        RawClient client(device, rig.ports().http);
        client.send("POST /wsman HTTP/1.1\r\nHost: x\r\n" + login.line(text) +
                    "Expect: 100-continue\r\nContent-Length: " + std::to_string(text.size()) +
                    "\r\n\r\n");
        CHECK(client.read_some() == "HTTP/1.1 100 Continue\r\n\r\n");
        client.send(text);
        CHECK(status(client.read_reply()) == 200);
    }
    SUBCASE("byte for byte") {
        Credentials login = get_challenge(rig, device);
        RawClient client(device, rig.ports().http);
        for (const char letter : post(text, login.line(text))) REQUIRE(client.send({&letter, 1}));
        CHECK(status(client.read_reply()) == 200);
    }
    SUBCASE("the client wants the connection closed") {
        Credentials login = get_challenge(rig, device);
        RawClient client(device, rig.ports().http);
        client.send(post(text, login.line(text) + "Connection: close\r\n"));
        CHECK(status(client.read_to_end()) == 200);
        CHECK(!client.was_reset());
    }
}

TEST_CASE("what is no request is answered 400 and noted") {
    Rig rig;
    for (const char* bytes : {"nonsense\r\n\r\n", "\x16\x03\x01\x02\x05\x01\r\n\r\n",
                              "POST /wsman HTTP/1.1\r\nContent-Length: x\r\n\r\n"}) {
        CAPTURE(bytes);
        RawClient client(device, rig.ports().http);
        client.send(bytes);
        CHECK(status(client.read_reply()) == 400);
        CHECK(rig.last_entry(device).event == sim::JournalEntry::Event::malformed);
    }
}
