#include "codec/http/message.h"

#include "codec/http/transcripts.h"

#include <doctest/doctest.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

using namespace oob;
using namespace oob::codec;

namespace {

std::string_view body_of(std::string_view wire) { return wire.substr(wire.find("\r\n\r\n") + 4); }

/// The sizes of the chunks as they are written, and the body that they carry.
struct Chunks {
    std::vector<std::string> sizes;
    std::string body;
};

/// Takes chunks apart by eye, so to speak: nothing of the code under test helps.
Chunks read_chunks(std::string_view rest) {
    Chunks chunks;
    while (!rest.empty()) {
        const std::size_t end = rest.find("\r\n");
        REQUIRE(end != std::string_view::npos);
        chunks.sizes.emplace_back(rest.substr(0, end));
        const std::size_t size = std::stoul(chunks.sizes.back(), nullptr, 16);
        rest.remove_prefix(end + 2);
        REQUIRE(rest.size() >= size + 2);
        chunks.body += rest.substr(0, size);
        REQUIRE(rest.substr(size, 2) == "\r\n");
        rest.remove_prefix(size + 2);
    }
    return chunks;
}

std::string letters(std::size_t count) {
    std::string text(count, ' ');
    for (std::size_t i = 0; i < count; ++i) text[i] = static_cast<char>('a' + i % 26);
    return text;
}

}  // namespace

TEST_CASE("fields are found whatever their case, the first of a name first") {
    const http::Fields fields{{"Server", "AMT"}, {"X", "1"}, {"x", "2"}};
    CHECK(fields.find("server") == "AMT");
    CHECK(fields.find("X") == "1");
    CHECK(fields.find("x") == "1");
    CHECK_FALSE(fields.find("Serve"));
}

TEST_CASE("fields of one name are one list") {
    const http::Fields fields{{"A", "1"}, {"b", "x"}, {"a", "2, 3"}, {"A", ""}};
    CHECK(fields.combined("a") == "1, 2, 3, ");
    CHECK(fields.combined("B") == "x");
    CHECK(fields.combined("c") == "");
}

TEST_CASE("a request is written like that of the reference, section 7.2") {
    http::Request request;
    request.fields = {{"Host", "10.0.0.7:16992"},
                      {"Content-Type", "application/soap+xml; charset=utf-8"}};
    request.body = body_of(embedded::http_request_get());
    CHECK(http::encode(request) == embedded::http_request_get());
}

TEST_CASE("a request names its method and target") {
    http::Request request;
    request.method = "GET";
    request.target = "/amt-storage/x";
    CHECK(http::encode(request) == "GET /amt-storage/x HTTP/1.1\r\nContent-Length: 0\r\n\r\n");
}

TEST_CASE("the refusal of the reference is written byte for byte, Content-Length in its place") {
    http::Response response;
    response.status = 401;
    response.reason = "Unauthorized";
    response.fields = {{"WWW-Authenticate",
                        "Digest realm=\"Digest:A3B1C5D7E9F00112233445566778899A\", "
                        "nonce=\"ChssPSEAAAAAAAAAABEiM0RVZneImaq7\",stale=\"false\",qop=\"auth\""},
                       {"Content-Type", "text/html"},
                       {"Server", "Intel(R) Active Management Technology 15.0.23.1706"},
                       {"Connection", "close"}};
    response.body = body_of(embedded::http_reply_unauthorized());
    CHECK(http::encode(response) == embedded::http_reply_unauthorized());
}

TEST_CASE("a chunked reply of the reference is written byte for byte") {
    http::Response response;
    response.reason = "OK";
    response.fields = {{"Date", "Mon, 02 Feb 2026 10:00:00 GMT"},
                       {"Server", "Intel(R) Active Management Technology 15.0.23.1706"},
                       {"X-Frame-Options", "DENY"},
                       {"Content-Type", "application/soap+xml; charset=UTF-8"}};
    response.body = read_chunks(body_of(embedded::http_reply_chunked())).body;
    CHECK(http::encode_chunked(response) == embedded::http_reply_chunked());
}

TEST_CASE("chunks are 0x220 bytes, then 0x2FA each, then the rest, then the closing zero") {
    struct Row {
        std::size_t size;
        std::vector<std::string> chunks;
    };
    const Row rows[] = {
        {0, {"0"}},
        {1, {"0001", "0"}},
        {0x21f, {"021F", "0"}},
        {0x220, {"0220", "0"}},
        {0x221, {"0220", "0001", "0"}},
        {0x220 + 0x2fa, {"0220", "02FA", "0"}},
        {0x220 + 0x2fa + 0x2fa + 0xab, {"0220", "02FA", "02FA", "00AB", "0"}},
    };
    for (const Row& row : rows) {
        CAPTURE(row.size);
        http::Response response;
        response.body = letters(row.size);
        const std::string wire = http::encode_chunked(response);
        const Chunks chunks = read_chunks(body_of(wire));
        CHECK(chunks.sizes == row.chunks);
        CHECK(chunks.body == response.body);
    }
}

TEST_CASE("the framing field stands where the caller wants it, and only once") {
    http::Response response;
    response.status = 303;
    response.reason = "See Other";
    response.fields = {{"Location", "/logon.htm"},
                       {"content-length", "9"},
                       {"Server", "AMT"},
                       {"Connection", "x"}};
    CHECK(http::encode(response) ==
          "HTTP/1.1 303 See Other\r\nLocation: /logon.htm\r\nContent-Length: 0\r\nServer: AMT\r\n"
          "Connection: x\r\n\r\n");
    CHECK(http::encode_chunked(response) ==
          "HTTP/1.1 303 See Other\r\nLocation: /logon.htm\r\nServer: AMT\r\n"
          "Transfer-Encoding: chunked\r\nConnection: x\r\n\r\n0\r\n\r\n");
}

TEST_CASE("an interim reply has neither a body nor a length") {
    for (const int status : {100, 204}) {
        CAPTURE(status);
        http::Response response;
        response.status = status;
        response.reason = "R";
        response.body = "nobody reads this";
        CHECK(http::encode(response) == "HTTP/1.1 " + std::to_string(status) + " R\r\n\r\n");
    }
}

TEST_CASE("line ends in a field cannot start another field") {
    http::Request request;
    request.target = "/a\r\nb";
    request.fields = {{"Host", "x\r\nEvil: 1"}, {"A\nB", std::string("\0", 1)}};
    CHECK(http::encode(request) ==
          "POST /a  b HTTP/1.1\r\nHost: x  Evil: 1\r\nA B:  \r\nContent-Length: 0\r\n\r\n");
}
