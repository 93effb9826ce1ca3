#include "codec/http/reading.h"
#include "codec/http/transcripts.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using namespace oob;
using namespace oob::codec;

TEST_CASE("the requests of the reference are read") {
    for (const std::string_view wire :
         {embedded::http_request_get(), embedded::http_request_get_with_digest()}) {
        const auto outcome = read_request(wire);
        REQUIRE(outcome.done);
        CHECK(outcome.used == wire.size());
        CHECK(outcome.message.method == "POST");
        CHECK(outcome.message.target == "/wsman");
        CHECK(outcome.message.fields.find("host") == "10.0.0.7:16992");
        CHECK(outcome.message.body.size() == 673);
        CHECK(outcome.message.keep_alive);
        check_every_split<http::RequestParser>(wire);
    }
}

TEST_CASE("requests of many clients are read, however they are cut") {
    struct Row {
        std::string_view wire;
        std::string_view method;
        std::string_view body;
        bool keep_alive;
    };
    const Row rows[] = {
        {"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "GET", "", true},
        {"GET / HTTP/1.0\r\n\r\n", "GET", "", false},
        {"POST /wsman HTTP/1.1\r\nContent-Length: 0\r\n\r\n", "POST", "", true},
        // one chunk with an upper-case size, as RPS sends it
        {"POST /wsman HTTP/1.1\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
         "A\r\n0123456789\r\n0\r\n\r\n",
         "POST", "0123456789", false},
        // an empty line before the request (RFC 9112, section 2.2)
        {"\r\n\r\nPOST /wsman HTTP/1.1\r\nContent-Length: 1\r\n\r\nx", "POST", "x", true},
        {"M-SEARCH * HTTP/1.1\r\n\r\n", "M-SEARCH", "", true},
    };
    for (const Row& row : rows) {
        CAPTURE(row.wire);
        const auto outcome = read_request(row.wire);
        REQUIRE(outcome.done);
        CHECK(outcome.message.method == row.method);
        CHECK(outcome.message.body == row.body);
        CHECK(outcome.message.keep_alive == row.keep_alive);
        check_every_split<http::RequestParser>(row.wire);
    }
}

TEST_CASE("what is no HTTP request is malformed, however it is cut") {
    const std::string_view wires[] = {
        "\x16\x03\x01\x02\x00\x01",  // a TLS client hello
        "\x10\x01\x00\x00SOL ",      // a redirection session
        "SSH-2.0-x\x01",
        "get / HTTP/1.1\r\n\r\n",
        "GET /\r\n\r\n",
        "GET  / HTTP/1.1\r\n\r\n",
        "GET / HTTP/3.0\r\n\r\n",
        "GET / HTTP/1.1\n\n",
        "POST / HTTP/1.1\r\nContent-Length: 1, 2\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
    };
    for (const std::string_view wire : wires) {
        CAPTURE(wire);
        CHECK(read_request(wire).error == "http.malformed");
        check_every_split<http::RequestParser>(wire);
    }
    CHECK(read_request(repeated("\r\n", 10'000)).error == "http.too_large");
    CHECK(read_request("POST /" + std::string(20'000, 'a')).error == "http.too_large");
    const http::Limits limits{.header_bytes = 100, .body_bytes = 5};
    CHECK(read_request("POST / HTTP/1.1\r\nContent-Length: 6\r\n\r\n", limits).error ==
          "http.too_large");
}

TEST_CASE("every prefix of a request is incomplete, never a crash") {
    const std::string_view wire = embedded::http_request_get_with_digest();
    for (std::size_t n = 0; n < wire.size(); ++n) {
        CAPTURE(n);
        http::RequestParser parser;
        REQUIRE(parser.feed(as_view(wire).first(n)) == n);
        CHECK_FALSE(parser.done());
    }
}

TEST_CASE("a client that waits for 100 Continue is noticed until its body begins") {
    const std::string_view head =
        "POST /wsman HTTP/1.1\r\nContent-Length: 4\r\nexpect: 100-Continue\r\n\r\n";
    http::RequestParser parser;
    CHECK_FALSE(parser.wants_continue());
    REQUIRE(parser.feed(as_view(head).first(head.size() - 1)));
    CHECK_FALSE(parser.wants_continue());
    REQUIRE(parser.feed(as_view(head).last(1)));
    CHECK(parser.wants_continue());
    REQUIRE(parser.feed(as_view("bo")));
    CHECK_FALSE(parser.wants_continue());
    REQUIRE(parser.feed(as_view("dy")));
    CHECK_FALSE(parser.wants_continue());
    CHECK(parser.take().body == "body");
}

TEST_CASE("who does not wait gets no 100 Continue") {
    for (const std::string_view head :
         {"POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\n",
          "POST / HTTP/1.1\r\nExpect: something\r\nContent-Length: 4\r\n\r\n",
          "POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n",
          "POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 0\r\n\r\n"}) {
        CAPTURE(head);
        http::RequestParser parser;
        REQUIRE(parser.feed(as_view(head)));
        CHECK_FALSE(parser.wants_continue());
    }
    http::RequestParser chunked;
    REQUIRE(chunked.feed(
        as_view("POST / HTTP/1.1\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n")));
    CHECK(chunked.wants_continue());
    REQUIRE(chunked.feed(as_view("1")));
    CHECK_FALSE(chunked.wants_continue());
}

TEST_CASE("what the encoders write is what the parsers read") {
    http::Request request;
    request.fields = {{"Host", "x"}};
    request.body = std::string(3000, 'r');
    const auto read_back = read_request(http::encode(request));
    REQUIRE(read_back.done);
    CHECK(read_back.message.target == request.target);
    CHECK(read_back.message.body == request.body);

    http::Response response;
    response.status = 400;
    response.reason = "Bad Request";
    response.fields = {{"Server", "AMT"}, {"Connection", "close"}};
    response.body = std::string(3000, 's');
    for (const std::string& wire : {http::encode(response), http::encode_chunked(response)}) {
        const auto reply = read_response(wire);
        REQUIRE(reply.done);
        CHECK(reply.message.status == 400);
        CHECK(reply.message.reason == "Bad Request");
        CHECK(reply.message.body == response.body);
        CHECK_FALSE(reply.message.keep_alive);
    }
}
