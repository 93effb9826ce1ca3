#include "session/http_image.h"

#include "core/text.h"
#include "support/run.h"
#include "support/scripted_stream.h"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

using namespace oob;
using session::HttpImage;
using session::WebPlace;

namespace {

/// A web server that says on each connection what the test wrote down.
struct Server {
    std::vector<std::string> connections;
    std::vector<WebPlace> places = {};
    std::vector<std::unique_ptr<test::ScriptedStream::Heard>> heard = {};

    HttpImage::Connect connect() {
        return [this](const WebPlace& place) -> net::Task<net::StreamPtr> {
            if (places.size() == connections.size())
                fail(Class::connect, "connect.refused", "nobody listens");
            places.push_back(place);
            heard.push_back(std::make_unique<test::ScriptedStream::Heard>());
            co_return std::make_unique<test::ScriptedStream>(connections[places.size() - 1], 4096,
                                                             *heard.back());
        };
    }
    Result<std::shared_ptr<HttpImage>> open(const char* url) {
        return test::run(HttpImage::open(take(session::parse_web_place(url)), connect()));
    }
};

const std::string turn(1, test::ScriptedStream::turn);

std::string reply(const std::string& status, const std::string& fields, const std::string& body) {
    return turn + "HTTP/1.1 " + status + "\r\n" + fields +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

/// A range of an image of four bytes, in one of its versions.
std::string range(const std::string& which, const std::string& body,
                  const std::string& version = "1") {
    return reply("206 Partial Content",
                 join({"Content-Range: bytes ", which, "/4\r\nETag: \"", version, "\"\r\n"}), body);
}

net::Task<std::string> read_all(HttpImage& image) {
    Bytes bytes(image.size());
    co_await image.read(0, bytes);
    co_return std::string(as_text(bytes));
}

/// Opens and reads an image of a server that closes whenever it has said what it had to say.
Result<std::string> read(Server& server) {
    const auto both = [&]() -> net::Task<std::string> {
        const auto place = take(session::parse_web_place("http://web/rescue.iso"));
        const auto image = co_await HttpImage::open(place, server.connect());
        co_return co_await read_all(*image);
    };
    return test::run(both());
}

const std::string first = range("0-0", "a");

/// Whoever lends an image from a web server is told of that, and not of firmware.
void check_words(const Error& error) {
    CHECK(!error.hint.empty());
    for (const char* word : {"AMT", "amt", "device", "secret", "management"}) {
        CHECK(!error.hint.contains(word));
        CHECK(!error.message.contains(word));
    }
}

}  // namespace

TEST_CASE("an image is read in ranges, and what was read is kept") {
    Server server{{first + range("0-3", "abcd")}};
    const auto twice = [&]() -> net::Task<std::string> {
        const auto place = take(session::parse_web_place("http://web/rescue.iso"));
        const auto image = co_await HttpImage::open(place, server.connect());
        const std::string once = co_await read_all(*image);
        co_return once + co_await read_all(*image);
    };
    CHECK(test::run(twice()).value() == "abcdabcd");
    CHECK(server.heard[0]->text.contains("GET /rescue.iso HTTP/1.1\r\n"));
    CHECK(server.heard[0]->text.contains("Range: bytes=0-3\r\n"));
}

TEST_CASE("a range that was lost is asked for three times in all") {
    Server twice_lost{{first, turn, range("0-3", "abcd")}};
    CHECK(read(twice_lost).value() == "abcd");
    Server lost{{first, turn, turn, range("0-3", "abcd")}};
    // The first try meets the end of the connection that was kept.
    CHECK(read(lost).error().code == "connect.closed");
    CHECK(lost.places.size() == 3);
}

TEST_CASE("an image that is replaced, or cut short, is no image any more") {
    for (const std::string& second :
         {range("0-3", "wxyz", "2"), reply("200 OK", "", "abcd"), reply("404 Not Found", "", ""),
          reply("206 Partial Content", "Content-Range: bytes 0-3/5\r\nETag: \"1\"\r\n", "abcd")}) {
        CAPTURE(second);
        Server server{{first + second}};
        const auto outcome = read(server);
        REQUIRE(!outcome);
        CHECK(outcome.error().code == "media.read");
    }
}

TEST_CASE("redirections are followed, but not out of TLS and not without end") {
    const auto to = [](const std::string& where) {
        return reply("302 Found", "Location: " + where + "\r\n", "");
    };
    Server moved{{to("/other.iso"), to("https://mirror:8443/x.iso"), first}};
    REQUIRE(moved.open("https://web/rescue.iso"));
    CHECK(moved.heard[1]->text.contains("GET /other.iso "));
    CHECK(moved.places[1].host == "web");
    CHECK(moved.places[2].host == "mirror");
    CHECK(moved.places[2].port == 8443);
    CHECK(moved.places[2].secured);

    Server stripped{{to("http://web/rescue.iso"), first}};
    const auto refused = stripped.open("https://web/rescue.iso");
    REQUIRE(!refused);
    CHECK(refused.error().code == "config.image");
    CHECK(stripped.places.size() == 1);

    Server round{std::vector<std::string>(10, to("/rescue.iso"))};
    CHECK(round.open("http://web/rescue.iso").error().code == "config.image");
    CHECK(round.places.size() == 1);
    std::vector<std::string> chain;
    for (int i = 0; i < 10; ++i) chain.push_back(to(std::to_string(i) + ".iso"));
    Server endless{chain};
    CHECK(endless.open("http://web/rescue.iso").error().code == "config.image");
    CHECK(endless.places.size() == 5);
    Server nowhere{{reply("302 Found", "", "")}};
    CHECK(nowhere.open("http://web/rescue.iso").error().code == "config.image");
}

TEST_CASE("a server that cannot lend an image says why") {
    struct Row {
        std::string says;
        const char* code;
    };
    for (const Row& row :
         {Row{reply("200 OK", "", "all of it"), "unsupported.image_ranges"},
          Row{reply("404 Not Found", "", ""), "config.image"},
          // The whole of a large file, of which nothing is read.
          Row{turn + "HTTP/1.1 200 OK\r\nContent-Length: 734003200\r\n\r\n" + std::string(9, 'x'),
              "unsupported.image_ranges"},
          Row{reply("416 Range Not Satisfiable", "Content-Range: bytes */0\r\n", ""),
              "config.image"},
          Row{reply("206 Partial Content", "", "a"), "http.range"},
          Row{reply("206 Partial Content", "Content-Range: bytes 0-0/*\r\n", "a"), "http.range"},
          Row{reply("206 Partial Content", "Content-Range: bytes 1-1/4\r\n", "a"), "http.range"},
          Row{reply("206 Partial Content", "Content-Range: bytes 0-3/4\r\n", "abcd"), "http.range"},
          Row{reply("206 Partial Content", "Content-Range: bytes 0-0/4\r\n", "ab"), "http.range"},
          Row{reply("206 Partial Content", "Content-Range: bytes 0-0/4\r\n", ""), "http.range"},
          Row{reply("206 Partial Content", "Content-Type: multipart/byteranges; boundary=x\r\n",
                    "a"),
              "http.range"},
          Row{reply("206 Partial Content",
                    "Content-Encoding: gzip\r\nContent-Range: bytes 0-0/4\r\n", "a"),
              "http.range"},
          Row{reply("206 Partial Content",
                    "Content-Range: bytes 0-0/4\r\nContent-Range: bytes 0-0/5\r\n", "a"),
              "http.content_range"},
          Row{reply("206 Partial Content", "Content-Range: bytes 0-0/0\r\n", "a"),
              "http.content_range"},
          Row{reply("302 Found", "Location: ftp://web/x\r\n", ""), "http.location"},
          Row{reply("302 Found", "Location: //me:secret@web/x\r\n", ""), "http.location"},
          Row{turn + "220 mail.example ESMTP\r\n", "http.malformed"}}) {
        CAPTURE(row.says);
        Server server{{row.says}};
        const auto opened = server.open("http://web/rescue.iso");
        REQUIRE(!opened);
        CHECK(opened.error().code == row.code);
        CHECK(opened.error().kind != Class::usage);
        check_words(opened.error());
    }
}

TEST_CASE("a range that was not asked for is not taken for the one that was") {
    for (const std::string& second : {range("0-2", "abc"), range("1-3", "bcd"), range("0-3", "abc"),
                                      reply("206 Partial Content", "ETag: \"1\"\r\n", "abcd")}) {
        CAPTURE(second);
        Server server{{first + second}};
        const auto outcome = read(server);
        REQUIRE(!outcome);
        CHECK(outcome.error().code == "http.range");
        CHECK(outcome.error().kind == Class::protocol);
        check_words(outcome.error());
    }
}

TEST_CASE("a Location may be relative in every way that there is") {
    for (const auto& [location, target] : {std::pair{"/b/other.iso", "/b/other.iso"},
                                           {"other.iso", "/a/other.iso"},
                                           {"../other.iso", "/other.iso"},
                                           {"?v=2", "/a/rescue.iso?v=2"},
                                           {"//mirror/other.iso", "/other.iso"}}) {
        CAPTURE(location);
        Server server{
            {reply("307 Temporary Redirect", join({"Location: ", location, "\r\n"}), ""), first}};
        REQUIRE(server.open("http://web/a/rescue.iso"));
        CHECK(server.heard[1]->text.contains(join({"GET ", target, " HTTP/1.1\r\n"})));
    }
}

TEST_CASE("a web server that cannot be reached is not spoken of as firmware") {
    Server gone{{}};
    const auto opened = gone.open("http://web/rescue.iso");
    REQUIRE(!opened);
    CHECK(opened.error().code == "connect.refused");
    check_words(opened.error());
}

TEST_CASE("a URL of an image has a host and perhaps a port, and no secret") {
    const auto place =
        session::parse_web_place("https://web.example:8443/a/b.iso?x=1#part").value();
    CHECK(place.secured);
    CHECK(place.host == "web.example");
    CHECK(place.port == 8443);
    CHECK(place.target == "/a/b.iso?x=1");
    CHECK(session::parse_web_place("http://[2001:db8::1]:81/x").value().host == "2001:db8::1");
    CHECK(session::parse_web_place("http://web").value().target == "/");
    CHECK(session::parse_web_place("http://web").value().port_or_usual() == 80);
    for (const char* wrong : {"ftp://web/x", "http://me:secret@web/x", "http://web:0/x",
                              "http://web:70000/x", "http:///x", "http://web/a b", "rescue.iso"}) {
        CAPTURE(wrong);
        CHECK(session::parse_web_place(wrong).error().code == "usage.image_url");
    }
}
