#include "core/text.h"
#include "sim/server_rig.h"

#include <doctest/doctest.h>
#include <regex>

using namespace oob;
using namespace oob::sim::test;

namespace {

constexpr const char* device = "127.77.9.3";
constexpr const char* server_15 = "Intel(R) Active Management Technology 15.0.23.1706";

std::string soap_reply(const Rig& rig, const std::string& text) {
    Credentials login = get_challenge(rig, device);
    RawClient client(device, rig.ports().http);
    client.send(post(text, login.line(text)));
    return client.read_reply();
}

std::string reply_to(const Rig& rig, std::string_view request) {
    RawClient client(device, rig.ports().http);
    client.send(request);
    return client.read_reply();
}

std::vector<std::string> field_names(std::string_view reply) {
    std::vector<std::string> out;
    for (const std::string_view line : split(head(reply), '\n'))
        if (const auto colon = line.find(": "); colon != std::string_view::npos)
            out.emplace_back(line.substr(0, colon));
    return out;
}

std::vector<std::size_t> chunk_sizes(std::string_view reply) {
    std::vector<std::size_t> out;
    std::string_view rest = reply.substr(head(reply).size() + 4);
    for (;;) {
        const auto line = rest.find("\r\n");
        REQUIRE(line != std::string_view::npos);
        const std::string digits(rest.substr(0, line));
        const std::size_t size = std::stoul(digits, nullptr, 16);
        if (size == 0) {
            CHECK(rest == "0\r\n\r\n");
            return out;
        }
        CHECK(std::regex_match(digits, std::regex("[0-9A-F]{4}")));
        out.push_back(size);
        rest.remove_prefix(line + 2 + size);
        CHECK(rest.starts_with("\r\n"));
        rest.remove_prefix(2);
    }
}

}  // namespace

TEST_CASE("W13: replies to SOAP requests are chunked, 200 as well as 400") {
    const Rig rig;
    struct {
        std::string request;
        int expected;
    } const cases[] = {{envelope(), 200}, {"<no><soap></soap></no>", 400}, {"not even XML", 400}};
    for (const auto& each : cases) {
        CAPTURE(each.request);
        const std::string reply = soap_reply(rig, each.request);
        CHECK(status(reply) == each.expected);
        CHECK(field(reply, "Transfer-Encoding") == "chunked");
        CHECK(field(reply, "Content-Length").empty());
        const auto sizes = chunk_sizes(reply);
        REQUIRE(!sizes.empty());
        std::size_t total = 0;
        for (std::size_t i = 0; i < sizes.size(); ++i) {
            total += sizes[i];
            const std::size_t full = i == 0 ? 0x220 : 0x2fa;
            if (i + 1 < sizes.size()) CHECK(sizes[i] == full);
            CHECK(sizes[i] <= full);
        }
        CHECK(total == body(reply).size());
    }
}

TEST_CASE("W14: of all replies to SOAP requests only a 401 both closes and is not chunked") {
    const Rig rig;
    const std::string refused = reply_to(rig, post(envelope()));
    CHECK(status(refused) == 401);
    CHECK(field(refused, "Connection") == "close");
    CHECK(field(refused, "Transfer-Encoding").empty());

    const std::string fault = soap_reply(rig, "<no></no>");
    CHECK(status(fault) == 400);
    CHECK(field(fault, "Connection") == "close");
    CHECK(field(fault, "Transfer-Encoding") == "chunked");

    const std::string good = soap_reply(rig, envelope());
    CHECK(field(good, "Connection").empty());
}

TEST_CASE("W15: every header line is a name, a colon, one blank and a value") {
    const Rig rig;
    const std::string replies[] = {soap_reply(rig, envelope()),
                                   soap_reply(rig, "<no></no>"),
                                   reply_to(rig, post(envelope())),
                                   reply_to(rig, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
                                   reply_to(rig, "GET /none HTTP/1.1\r\nHost: x\r\n\r\n"),
                                   reply_to(rig, "PUT /wsman HTTP/1.1\r\nHost: x\r\n\r\n")};
    const std::regex line("[A-Za-z-]+: [^ \r\n][^\r\n]*");
    for (const std::string& reply : replies) {
        CAPTURE(reply);
        std::string_view rest = head(reply);
        rest.remove_prefix(rest.find("\r\n") + 2);
        while (!rest.empty()) {
            const std::string one(rest.substr(0, rest.find("\r\n")));
            CAPTURE(one);
            CHECK(std::regex_match(one, line));
            rest.remove_prefix(std::min(rest.size(), one.size() + 2));
        }
        CHECK(reply.find(std::string("\r\nServer: ") + server_15 + "\r\n") != std::string::npos);
    }
}

TEST_CASE("W15: the Server line has the form of the device's generation") {
    struct {
        const char* generation;
        const char* form;
    } const cases[] = {
        {"7.1", R"(Intel\(R\) Active Management Technology 7\.1\.\d+)"},
        {"11.8", R"(Intel\(R\) Active Management Technology 11\.8\.\d+\.\d+)"},
        {"15.0", R"(Intel\(R\) Active Management Technology 15\.0\.\d+\.\d+)"},
    };
    for (const auto& each : cases) {
        CAPTURE(each.generation);
        const Rig rig([&](auto& options) {
            options.personalities = {take(sim::Personality::builtin(each.generation))};
        });
        const std::string reply = reply_to(rig, post(envelope()));
        CHECK(std::regex_match(field(reply, "Server"), std::regex(each.form)));
    }
}

TEST_CASE("W16: envelopes and error pages end with the text that relays look for") {
    const Rig rig;
    CHECK(body(soap_reply(rig, envelope())).ends_with("</a:Envelope>"));
    CHECK(body(soap_reply(rig, "<no></no>")).ends_with("</a:Envelope>"));
    const std::string_view pages[] = {
        "POST /wsman HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
        "GET /none HTTP/1.1\r\nHost: x\r\n\r\n", "PUT /wsman HTTP/1.1\r\nHost: x\r\n\r\n",
        "nonsense\r\n\r\n"};
    for (const std::string_view request : pages) {
        CAPTURE(request);
        CHECK(body(reply_to(rig, request)).ends_with("</html>"));
    }
}

TEST_CASE("W17: an envelope begins with its XML declaration, without a byte order mark") {
    const Rig rig;
    for (const std::string& request : {envelope(), std::string("<no></no>")})
        CHECK(body(soap_reply(rig, request))
                  .starts_with(R"(<?xml version="1.0" encoding="UTF-8"?>)"));
}

TEST_CASE("W18: the challenge has the firmware's exact form") {
    struct {
        const char* generation;
        const char* qop;
        bool tls;
    } const cases[] = {{"7.1", "auth", false},
                       {"11.8", "auth", false},
                       {"15.0", "auth", false},
                       {"16.1", "auth-int, auth", true}};
    for (const auto& each : cases) {
        CAPTURE(each.generation);
        const Rig rig([&](auto& options) {
            options.personalities = {take(sim::Personality::builtin(each.generation))};
        });
        const std::string challenge = get_challenge(rig, device, each.tls).challenge;
        CAPTURE(challenge);
        const std::regex form(R"re(Digest realm="Digest:[0-9A-F]{32}", )re"
                              R"re(nonce="([A-Za-z0-9+/]{32})",stale="false",qop="([^"]*)")re");
        std::smatch match;
        REQUIRE(std::regex_match(challenge, match, form));
        CHECK(match[2] == each.qop);
        const auto nonce = base64_decode(match[1].str());
        REQUIRE(nonce);
        REQUIRE(nonce->size() == 24);
        for (std::size_t i = 8; i < 12; ++i) CHECK((*nonce)[i] == std::byte{0});
    }
}

TEST_CASE("the counter in the nonces goes up, the bytes around it differ") {
    Rig rig;
    std::optional<std::uint32_t> last;
    std::string before;
    for (int i = 0; i < 4; ++i) {
        const std::string challenge = get_challenge(rig, device).challenge;
        const std::size_t at = challenge.find("nonce=\"") + 7;
        const Bytes nonce = base64_decode(challenge.substr(at, 32)).value();
        Reader in(nonce);
        const std::string varying = hex_lower(in.bytes(4));
        const std::uint32_t counter = in.le32();
        if (last) CHECK(counter == *last + 1);
        CHECK(varying != before);
        last = counter;
        before = varying;
    }
}

TEST_CASE("header fields stand in the order in which firmware sends them") {
    const Rig rig;
    using Names = std::vector<std::string>;
    CHECK(field_names(soap_reply(rig, envelope())) ==
          Names{"Date", "Server", "X-Frame-Options", "Content-Type", "Transfer-Encoding"});
    CHECK(field_names(soap_reply(rig, "<no></no>")) == Names{"Date", "Server", "X-Frame-Options",
                                                             "Content-Type", "Transfer-Encoding",
                                                             "Connection"});
    CHECK(field_names(reply_to(rig, post(envelope()))) ==
          Names{"WWW-Authenticate", "Content-Type", "Server", "Content-Length", "Connection"});
    CHECK(field_names(reply_to(rig, "nonsense\r\n\r\n")) ==
          Names{"Content-Type", "Server", "Content-Length", "Connection"});
    CHECK(field_names(reply_to(rig, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")) ==
          Names{"Location", "Content-Length", "Server"});
}

TEST_CASE("other URLs are answered as the firmware's web server answers them") {
    const Rig rig;
    struct {
        const char* request;
        int expected;
    } const cases[] = {
        {"GET / HTTP/1.1\r\nHost: x\r\n\r\n", 303},
        {"GET /logon.htm HTTP/1.1\r\nHost: x\r\n\r\n", 200},
        {"GET /index.htm HTTP/1.1\r\nHost: x\r\n\r\n", 401},
        {"GET /wsman HTTP/1.1\r\nHost: x\r\n\r\n", 405},
        {"DELETE / HTTP/1.1\r\nHost: x\r\n\r\n", 405},
        {"POST /logon.htm HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", 405},
        {"GET /amt-storage/ HTTP/1.1\r\nHost: x\r\n\r\n", 404},
        {"POST /RemoteControlService HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}", 404},
    };
    for (const auto& each : cases) {
        CAPTURE(each.request);
        CHECK(status(reply_to(rig, each.request)) == each.expected);
    }
    CHECK(field(reply_to(rig, cases[0].request), "Location") == "/logon.htm");

    Credentials login = get_challenge(rig, device);
    RawClient client(device, rig.ports().http);
    client.send("GET /index.htm HTTP/1.1\r\nHost: x\r\n" + login.line({}, "/index.htm", "GET") +
                "\r\n");
    CHECK(status(client.read_reply()) == 200);
}
