#include "codec/http/reading.h"
#include "codec/http/transcripts.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace oob;
using namespace oob::codec;

namespace {

constexpr std::string_view interim = "HTTP/1.1 100 Continue\r\n\r\n";
constexpr std::string_view short_reply = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// Whole replies, each with what has to come out.
struct Reply {
    std::string wire;
    int status;
    std::string_view body;
    bool keep_alive;
};

std::vector<Reply> replies() {
    return {
        {std::string(short_reply), 200, "ok", true},
        {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200, "", true},
        {"HTTP/1.1 204 \r\nServer: x\r\n\r\n", 204, "", true},
        {"HTTP/1.1 400 Bad\r\nConnection: close\r\nContent-Length: 3\r\n\r\nbad", 400, "bad",
         false},
        {"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx", 200, "x", false},
        {"HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 1\r\n\r\nx", 200, "x", true},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 200, "", true},
        {"HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n"
         "0003\r\na\r\n\r\n1;name=\"v\"\r\nb\r\n0002\r\n\xc3\xa4\r\n0\r\nTrailer: x\r\n\r\n",
         200, "a\r\nb\xc3\xa4", true},
        {std::string(interim) + std::string(short_reply), 200, "ok", true},
        {repeated(interim, 8) + std::string(short_reply), 200, "ok", true},
        {"HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n", 101, "", true},
    };
}

}  // namespace

TEST_CASE("the refusal of the reference is read, body and all") {
    const auto outcome = read_response(embedded::http_reply_unauthorized());
    REQUIRE(outcome.done);
    CHECK(outcome.message.status == 401);
    CHECK(outcome.message.reason == "Unauthorized");
    CHECK(outcome.message.body.size() == 202);
    CHECK(outcome.message.body.ends_with("</html>"));
    CHECK_FALSE(outcome.message.keep_alive);
    CHECK(outcome.message.fields.find("www-authenticate") ==
          "Digest realm=\"Digest:A3B1C5D7E9F00112233445566778899A\", "
          "nonce=\"ChssPSEAAAAAAAAAABEiM0RVZneImaq7\",stale=\"false\",qop=\"auth\"");
}

TEST_CASE("AMT's chunks are put together, wherever they are cut") {
    const auto outcome = read_response(embedded::http_reply_chunked());
    REQUIRE(outcome.done);
    CHECK(outcome.used == embedded::http_reply_chunked().size());
    CHECK(outcome.message.status == 200);
    CHECK(outcome.message.keep_alive);
    CHECK(outcome.message.body.size() == 0x220 + 0x2fa + 0x2fa + 0x27);
    CHECK(outcome.message.body.starts_with("<?xml"));
    CHECK(outcome.message.body.ends_with("</a:Envelope>"));
    CHECK(outcome.message.body.find("xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">") !=
          std::string::npos);
}

TEST_CASE("many forms of replies are read") {
    for (const Reply& reply : replies()) {
        CAPTURE(reply.wire);
        const auto outcome = read_response(reply.wire);
        REQUIRE(outcome.done);
        CHECK(outcome.used == reply.wire.size());
        CHECK(outcome.message.status == reply.status);
        CHECK(outcome.message.body == reply.body);
        CHECK(outcome.message.keep_alive == reply.keep_alive);
    }
}

TEST_CASE("fields keep their order, spelling and number") {
    const auto outcome = read_response(
        "HTTP/1.1 200 OK\r\nb: 1\r\nA:2\r\nB:  3 \r\nWWW-Authenticate: Negotiate\r\n"
        "WWW-Authenticate: Digest realm=\"r\"\r\nEmpty:\r\nContent-Length: 0\r\n\r\n");
    REQUIRE(outcome.done);
    const http::Fields expected{{"b", "1"},
                                {"A", "2"},
                                {"B", "3"},
                                {"WWW-Authenticate", "Negotiate"},
                                {"WWW-Authenticate", "Digest realm=\"r\""},
                                {"Empty", ""},
                                {"Content-Length", "0"}};
    CHECK(std::ranges::equal(outcome.message.fields, expected));
}

TEST_CASE("a trailer is not taken for a field of the header") {
    const auto outcome = read_response(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nServer: evil\r\n\r\n");
    REQUIRE(outcome.done);
    CHECK_FALSE(outcome.message.fields.find("Server"));
}

TEST_CASE("replies come out the same however they are cut") {
    for (const Reply& reply : replies()) check_every_split<http::ResponseParser>(reply.wire);
    check_every_split<http::ResponseParser>(embedded::http_reply_unauthorized());
    check_every_split<http::ResponseParser>(embedded::http_reply_chunked());
}

TEST_CASE("bytes after the end are left alone") {
    const std::string two = std::string(short_reply) + std::string(short_reply);
    http::ResponseParser parser;
    CHECK(parser.feed(as_view(two)) == short_reply.size());
    CHECK(parser.done());
    CHECK(parser.feed(as_view(two)) == 0);
    CHECK(parser.take().body == "ok");

    const std::string chunked(embedded::http_reply_chunked());
    CHECK(read_response(chunked + "HTTP").used == chunked.size());
}

TEST_CASE("every prefix of a reply is incomplete, and truncated when the peer closes there") {
    for (const Reply& reply : replies()) {
        CAPTURE(reply.wire);
        for (std::size_t n = 0; n < reply.wire.size(); ++n) {
            CAPTURE(n);
            http::ResponseParser parser;
            REQUIRE(parser.feed(as_view(reply.wire).first(n)) == n);
            CHECK_FALSE(parser.done());
            const auto end = parser.end_of_stream();
            REQUIRE_FALSE(end.has_value());
            CHECK(end.error().kind == Class::protocol);
            CHECK(end.error().code == "http.truncated");
            CHECK(parser.feed(as_view(reply.wire)).error().code == "http.truncated");
        }
    }
}

TEST_CASE("a body without a length lasts until the peer closes") {
    for (const std::string_view body : {"", "x", "several words\r\n\r\n"}) {
        CAPTURE(body);
        const std::string wire = "HTTP/1.1 200 OK\r\nServer: x\r\n\r\n" + std::string(body);
        check_every_split<http::ResponseParser>(wire);
        http::ResponseParser parser;
        REQUIRE(parser.feed(as_view(wire)) == wire.size());
        CHECK_FALSE(parser.done());
        REQUIRE(parser.end_of_stream().has_value());
        REQUIRE(parser.done());
        const http::Response response = parser.take();
        CHECK(response.body == body);
        CHECK_FALSE(response.keep_alive);
    }
}

TEST_CASE("closing after the whole message is no error") {
    http::ResponseParser parser;
    REQUIRE(parser.feed(as_view(short_reply)));
    CHECK(parser.end_of_stream().has_value());
    CHECK(parser.take().body == "ok");
}

TEST_CASE("a parser knows whether anything has come") {
    http::ResponseParser parser;
    CHECK(parser.untouched());
    REQUIRE(parser.feed(View()) == 0);
    CHECK(parser.untouched());
    REQUIRE(parser.feed(as_view("H")) == 1);
    CHECK_FALSE(parser.untouched());

    http::ResponseParser after_interim;
    REQUIRE(after_interim.feed(as_view(interim)) == interim.size());
    CHECK_FALSE(after_interim.untouched());

    http::RequestParser request;
    REQUIRE(request.feed(as_view("\r\n")) == 2);
    CHECK(request.untouched());
    REQUIRE(request.feed(as_view("P")) == 1);
    CHECK_FALSE(request.untouched());
}

TEST_CASE("a parser can be moved while it reads") {
    http::ResponseParser first;
    REQUIRE(first.feed(as_view(short_reply).first(20)));
    http::ResponseParser second = std::move(first);
    REQUIRE(second.feed(as_view(short_reply).subspan(20)));
    CHECK(second.take().body == "ok");
}

TEST_CASE("what is no HTTP reply is malformed, however it is cut") {
    const std::string_view wires[] = {
        "\x15\x03\x01\x00\x02\x02\x28",  // a TLS alert
        "SSH-2.0-OpenSSH_9.2\r\n",
        "HTTP/2.0 200 OK\r\n\r\n",
        "HTTP/1.2 200 OK\r\n\r\n",
        "HTTP/1.1 2x0 OK\r\n\r\n",
        "HTTP/1.1 040 OK\r\n\r\n",
        "HTTP/1.1200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\nContent-Length: 0\n\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 0\n\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 0x2\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        "HTTP/1.1 200 OK\r\nName : x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA: \x01\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\nx\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nxyz\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10000000000000000\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0 x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nbad\r\n\r\n",
    };
    for (const std::string_view wire : wires) {
        CAPTURE(wire);
        CHECK(read_response(wire).error == "http.malformed");
        check_every_split<http::ResponseParser>(wire);
    }
    CHECK(read_response(repeated(interim, 9)).error == "http.malformed");
}

TEST_CASE("an error stays, and is of class protocol") {
    http::ResponseParser parser;
    const auto first = parser.feed(as_view("hello"));
    REQUIRE_FALSE(first.has_value());
    CHECK(first.error().kind == Class::protocol);
    CHECK(parser.feed(as_view(short_reply)).error().code == "http.malformed");
    CHECK(parser.end_of_stream().error().code == "http.malformed");
    CHECK_FALSE(parser.done());
}

TEST_CASE("a body may be as long as the limit and no longer") {
    const http::Limits limits{.header_bytes = 1000, .body_bytes = 5};
    struct Row {
        std::string_view wire;
        bool fits;
    };
    const Row rows[] = {
        {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n12345", true},
        {"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n123456", false},
        {"HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551615\r\n\r\n", false},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n123\r\n2\r\n45\r\n0\r\n\r\n",
         true},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n123\r\n3\r\n456\r\n0\r\n\r\n",
         false},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\n", false},
        {"HTTP/1.1 200 OK\r\n\r\n123456", false},
    };
    for (const Row& row : rows) {
        CAPTURE(row.wire);
        check_every_split<http::ResponseParser>(row.wire, limits);
        const auto outcome = read_response(row.wire, limits);
        CHECK(outcome.done == row.fits);
        CHECK(outcome.error == (row.fits ? "" : "http.too_large"));
    }

    http::ResponseParser parser(limits);
    const auto result = parser.feed(as_view("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n"));
    REQUIRE_FALSE(result.has_value());
    const Value* const limit = result.error().native.find("limit_bytes");
    REQUIRE(limit != nullptr);
    CHECK(limit->integer() == 5);
}

TEST_CASE("a header may be as long as the limit and no longer") {
    const std::string_view wire = "HTTP/1.1 200 OK\r\nA: 1\r\nContent-Length: 1\r\n\r\nx";
    const std::size_t header = wire.size() - 1;
    check_every_split<http::ResponseParser>(wire, {.header_bytes = header, .body_bytes = 1});
    check_every_split<http::ResponseParser>(wire, {.header_bytes = header - 1, .body_bytes = 1});
    CHECK(read_response(wire, {.header_bytes = header, .body_bytes = 1}).done);
    CHECK(read_response(wire, {.header_bytes = header - 1, .body_bytes = 1}).error ==
          "http.too_large");
    CHECK(read_response(wire, {.header_bytes = 0, .body_bytes = 1}).error == "http.too_large");

    const std::string endless = "HTTP/1.1 200 OK\r\nA: " + std::string(20'000, 'a');
    CHECK(read_response(endless).error == "http.too_large");
    const std::string many = "HTTP/1.1 200 OK\r\n" + repeated("A: 1\r\n", 5'000);
    CHECK(read_response(many).error == "http.too_large");
}

TEST_CASE("neither chunk extensions nor trailers grow without limit") {
    const std::string head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    CHECK(read_response(head + "1;" + std::string(20'000, 'x')).error == "http.too_large");
    CHECK(read_response(head + "0\r\n" + repeated("A: 1\r\n", 5'000)).error == "http.too_large");
    // The count begins anew with each chunk: AMT's replies have thousands of size lines.
    const std::string many = repeated("1\r\nx\r\n", 10'000);
    CHECK(read_response(head + many + "0\r\n\r\n").message.body.size() == 10'000);
}
