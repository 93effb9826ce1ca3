#include "core/json.h"
#include "net/group.h"
#include "net/listener.h"
#include "plane/discovery/maker.h"
#include "plane/discovery/tcp.h"
#include "plane/discovery/web.h"
#include "support/run.h"
#include "support/temporary_folder.h"

#include <doctest/doctest.h>
#include <boost/asio/this_coro.hpp>

using namespace oob;
namespace discovery = plane::discovery;
namespace http = codec::http;

namespace {

http::Response response(int status, http::Fields fields, std::string body = {}) {
    return {status, "", std::move(fields), std::move(body), true};
}

std::string text_of(const Value& value, const char* key) {
    const Value* found = value.find(key);
    return found ? std::string(found->text()) : "(absent)";
}

/// Takes one connection, says its words, and closes once the peer has.
net::Task<void> serve(net::Listener& listener, std::string words) {
    net::Accepted peer = co_await listener.accept();
    const auto said = co_await net::attempt(peer.stream->write(as_view(words)));
    std::array<std::byte, 1024> heard;
    while (said) {
        const auto count = co_await net::attempt(peer.stream->read_some(heard));
        if (!count || *count == 0 || !words.empty()) break;
    }
}

/// What discovery makes of a server that says `words`.
std::optional<discovery::Face> face_of(discovery::Service service, std::string words) {
    const test::TemporaryFolder folder;
    net::Trust trust(folder.path() / "known", std::nullopt);
    std::optional<discovery::Face> out;
    net::run([&]() -> net::Task<void> {
        net::Listener listener =
            net::Listener::tcp(co_await boost::asio::this_coro::executor, "127.0.0.1", 0);
        net::Group group;
        co_await group.spawn(serve(listener, words));
        out = co_await discovery::ask("127.0.0.1", {service, listener.port()},
                                      {net::direct({}), &trust});
        listener.close();
        co_await group.join();
    });
    return out;
}

}  // namespace

TEST_CASE("a web server of AMT tells product, version and realm") {
    struct Row {
        const char* server;
        const char* realm;
        const char* kind;  ///< empty: it is no AMT
        const char* version;
    };
    constexpr const char* real = "Digest:76E1BB298B475862F06E5199CA7A6EA6";
    for (const Row& row : {
             Row{"Intel(R) Active Management Technology 7.1.91", real, "intel-amt", "7.1.91"},
             Row{"Intel(R) Active Management Technology", real, "intel-amt", ""},
             Row{"Intel(R) Standard Manageability 11.8.50", real, "intel-ism", "11.8.50"},
             Row{"AMT", real, "intel-amt", ""},
             Row{"AMT", "elsewhere", "", ""},
             Row{"Apache", real, "", ""},
             Row{"Intel(R) Active Management Technology <script>", real, "intel-amt", ""},
         }) {
        CAPTURE(row.server);
        CAPTURE(row.realm);
        const auto face = discovery::amt_face(
            response(401, {{"Server", row.server},
                           {"WWW-Authenticate", std::string("Digest realm=\"") + row.realm +
                                                    "\", nonce=\"n\", qop=\"auth\""}}),
            Value::object());
        CHECK((face.kinds.empty() ? std::string() : face.kinds.front()) == row.kind);
        CHECK(face.firmware.value_or("") == row.version);
        CHECK(text_of(face.service, "protocol") == (*row.kind ? "amt" : "http"));
    }
}

TEST_CASE("the root of Redfish tells maker and UUID, and anything else is a web server") {
    const auto root = discovery::redfish_face(
        response(200, {{"Server", "HPE-iLO-Server/2.10"}},
                 R"({"RedfishVersion":"1.6.0","UUID":"8A1C0000-1111-2222-3333-444455556666",)"
                 R"("Name":"HPE RESTful Root Service","Oem":{"Hpe":{}}})"),
        Value::object());
    CHECK(root.protocol == "redfish");
    CHECK(root.uuid == "8a1c0000-1111-2222-3333-444455556666");
    CHECK(root.kinds == std::vector<std::string>{"redfish", "ilo"});
    CHECK(text_of(root.details, "oem") == "Hpe");
    for (const char* body : {"", "<html>", "{}", R"({"RedfishVersion":7})", R"({"UUID":"x"})"}) {
        CAPTURE(body);
        const auto other = discovery::redfish_face(response(200, {}, body), Value::object());
        CHECK(other.protocol.empty());
        CHECK(other.kinds.empty());
        CHECK(text_of(other.service, "protocol") == "https");
    }
}

TEST_CASE("makers are known by their traces, and nobody is guessed") {
    CHECK(discovery::kind_of({.subject = "O=Super Micro Computer,OU=Software,CN=IPMI"}) ==
          "supermicro");
    CHECK(discovery::kind_of({.banner = "SSH-2.0-mpSSH_0.2.1"}) == "ilo");
    CHECK(discovery::kind_of({.oem = "OpenBmc"}) == "openbmc");
    CHECK(discovery::kind_of({.server = "nginx", .banner = "SSH-2.0-OpenSSH_9.2"}).empty());
    CHECK(discovery::kind_of({}).empty());
}

TEST_CASE("faces of one address become one sighting") {
    discovery::Sighting sighting;
    sighting.protocol = "ipmi";
    sighting.firmware = "15.0";
    Value named;
    named.set("transport", "tcp").set("port", 16993).set("source", "pong");
    sighting.services.push_back(named);
    discovery::Face tried;
    tried.service.set("transport", "tcp").set("port", 16993).set("protocol", "amt");
    tried.kinds = {"intel-amt"};
    tried.protocol = "amt";
    tried.firmware = "15.0.23";
    tried.fingerprint = "sha256:1";
    sighting.add(std::move(tried));
    discovery::Face other;
    other.service.set("transport", "tcp").set("port", 22).set("protocol", "ssh");
    other.kinds = {"ssh"};
    other.protocol = "ssh";
    sighting.add(std::move(other));
    CHECK(sighting.protocol == "amt");
    CHECK(sighting.firmware == "15.0.23");
    CHECK(sighting.services.size() == 2);
    CHECK(to_json(sighting.take_data()) ==
          R"({"kinds":["intel-amt","ssh"],"services":[{"transport":"tcp","port":16993,)"
          R"("protocol":"amt"},{"transport":"tcp","port":22,"protocol":"ssh"}]})");
}

TEST_CASE("banners are read without a word, whatever the peer says") {
    struct Row {
        const char* what;
        discovery::Service service;
        std::string words;
        const char* protocol;
        const char* banner;
    };
    using discovery::Service;
    for (const Row& row : {
             Row{"SSH", Service::ssh, "SSH-2.0-OpenSSH_9.2p1 Debian\r\n", "ssh",
                 "SSH-2.0-OpenSSH_9.2p1 Debian"},
             Row{"SSH behind other lines", Service::ssh, "hello\r\nyou\r\nSSH-2.0-x\r\n", "ssh",
                 "SSH-2.0-x"},
             Row{"SSH with a terminal's codes, kept exactly", Service::ssh, "SSH-2.0-\x1b[2J\r\n",
                 "ssh", "SSH-2.0-\x1b[2J"},
             Row{"an endless line", Service::ssh, std::string(100'000, 'x'), "unknown", ""},
             Row{"something else", Service::ssh, "220 mail\r\n", "unknown", ""},
             Row{"RFB", Service::rfb, "RFB 003.008\n", "rfb", "RFB 003.008"},
             Row{"no RFB", Service::rfb, "SSH-2.0-x\r\n", "unknown", ""},
             Row{"a web server that is none", Service::amt, "RFB 003.008\n\n\n", "unknown", ""},
             Row{"a web server", Service::amt,
                 "HTTP/1.1 200 OK\r\nServer: printer\r\nContent-Length: 2\r\n\r\nhi", "http", ""},
             Row{"a TLS port that is none", Service::amt_tls, "HTTP/1.1 400 Bad\r\n\r\n", "unknown",
                 ""},
         }) {
        CAPTURE(row.what);
        const auto face = face_of(row.service, row.words);
        REQUIRE(face);
        CHECK(text_of(face->service, "protocol") == row.protocol);
        if (*row.banner) CHECK(text_of(face->service, "banner") == row.banner);
    }
}

TEST_CASE("who cannot be reached has no face, and what is wrong on this side is no answer") {
    struct Row {
        Class kind;
        const char* code;
        bool nobody;  ///< nobody is there; else the error goes up
    };
    using discovery::Service;
    const test::TemporaryFolder folder;
    net::Trust trust(folder.path() / "known", std::nullopt);
    for (const Row& row : {
             Row{Class::connect, "connect.refused", true},
             Row{Class::connect, "connect.unreachable", true},
             Row{Class::timeout, "timeout.connect", true},
             Row{Class::forbidden, "forbidden.proxy", true},
             Row{Class::timeout, "timeout.proxy", true},
             Row{Class::connect, "connect.proxy", false},
             Row{Class::connect, "connect.bastion", false},
             Row{Class::connect, "connect.bastion_unknown", false},
             Row{Class::timeout, "timeout.bastion", false},
             Row{Class::resolve, "resolve.proxy", false},
             Row{Class::config, "config.descriptors", false},
             Row{Class::config, "config.memory", false},
             Row{Class::config, "config.ports", false},
             Row{Class::config, "config.threads", false},
             Row{Class::resolve, "resolve.timeout", false},
             Row{Class::resolve, "resolve.failed", false},
             Row{Class::usage, "usage.bind", false},
             Row{Class::interrupted, "interrupted.lookup", false},
         }) {
        CAPTURE(row.code);
        const net::Dial dial = [row](net::Endpoint) -> net::Task<net::StreamPtr> {
            fail(row.kind, row.code, "no connection");
            co_return nullptr;
        };
        const discovery::Asking asking{dial, &trust};
        for (const auto& named : discovery::tcp_services) {
            CAPTURE(named.name);
            const auto face = test::run(discovery::ask("pc1", {named.service, named.port}, asking));
            CHECK((face ? "nobody" : face.error().code) == (row.nobody ? "nobody" : row.code));
            if (face) CHECK(!*face);
        }
        const auto all = test::run(discovery::ask_all(
            "pc1", {{Service::amt_tls, 1}, {Service::ssh, 2}, {Service::rfb, 3}}, asking));
        CHECK(all.has_value() == row.nobody);
    }
}

TEST_CASE("a port that is closed has no face") {
    const test::TemporaryFolder folder;
    net::Trust trust(folder.path() / "known", std::nullopt);
    const auto faces = test::run(discovery::ask_all(
        "127.0.0.1", {{discovery::Service::ssh, 1}, {discovery::Service::amt_tls, 1}},
        {net::direct({}), &trust}));
    REQUIRE(faces);
    CHECK(faces->empty());
}
