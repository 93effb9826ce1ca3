#include "session/redact.h"

#include <doctest/doctest.h>

using oob::session::describe;
using oob::session::redact;

namespace {

constexpr std::string_view secret = "hunter2";

std::string message(std::string_view field) {
    return "POST /wsman HTTP/1.1\r\nHost: pc1\r\n" + std::string(field) +
           "\r\nContent-Length: 4\r\n\r\n<a/>";
}

}  // namespace

TEST_CASE("no beginning of a message tells the secrets of its fields") {
    for (const char* field :
         {"Authorization: Digest username=\"admin\", response=\"hunter2\", nc=1",
          "AUTHORIZATION : Digest username=admin,cnonce=hunter2,qop=auth",
          "Authorization: Digest username=\"a\\\"b\", unheard=\"hunter2\"",
          "Authorization: Digest realm=\"x\"hunter2\", nc=1",
          "Authorization: Digest hunter2",
          "Authorization:Digest\r\n response=\"hunter2\"",
          "Authorization: Basic hunter2",
          "Authorization: hunter2",
          "Authorization: Other a hunter2",
          "authorization:\thunter2",
          "Proxy-Authorization: Basic hunter2",
          "Proxy-Authorization: Digest response=hunter2",
          "Authentication-Info: rspauth=\"hunter2\", qop=auth",
          "WWW-Authenticate: NTLM hunter2",
          "Cookie: a=hunter2",
          "Set-Cookie: hunter2; path=/",
          "set-cookie2: hunter2",
          "X-Auth-Token: hunter2",
          "X-Password: hunter2",
          "Location: http://admin:hunter2@pc1/",
          "Referer: /x?Password=hunter2",
          "Session-Id: hunter2"}) {
        const std::string text = message(field);
        for (std::size_t size = 0; size <= text.size(); ++size) {
            CAPTURE(text.substr(0, size));
            CHECK(redact(text.substr(0, size)).find(secret) == std::string::npos);
        }
        CHECK(redact(text).starts_with("POST /wsman HTTP/1.1\r\nHost: pc1\r\n"));
        CHECK(redact(text).ends_with("\r\nContent-Length: 4\r\n\r\n<a/>"));
    }
}

TEST_CASE("of a login is left how it was made") {
    CHECK(redact(message("Authorization: Digest username=\"admin\",realm=\"Digest:1\",nonce=\"n=\","
                         "uri=\"/wsman\",qop=auth,nc=00000001,cnonce=\"c\",response=\"r\"")) ==
          message("Authorization: Digest username=\"admin\",realm=\"Digest:1\",nonce=\"n=\",uri=\"/"
                  "wsman\",qop=auth,nc=00000001,cnonce=[redacted],response=[redacted]"));
    CHECK(redact(message("Authorization: Basic YTpi")) ==
          message("Authorization: Basic [redacted]"));
    CHECK(redact(message("Cookie: a=b")) == message("Cookie: [redacted]"));
}

TEST_CASE("the secrets of a body, of the first line and of a lone body are not shown") {
    for (const char* text :
         {"GET /x?Password=hunter2 HTTP/1.1\r\n\r\n", "GET http://a:hunter2@pc1/ HTTP/1.1\r\n\r\n",
          "POST / HTTP/1.1\r\n\r\n<Password>\r\nhunter2\r\n</Password>",
          "POST / HTTP/1.1\n\n<Password>\n\nhunter2\n</Password>", "<Password>\r\n\r\nhunter2",
          "HTTP/1.1 200 OK\r\nno field\r\n<PSK>hunter2</PSK>", "{\"PSK\":\n\n\"hunter2\"}"}) {
        CAPTURE(text);
        CHECK(redact(text).find(secret) == std::string::npos);
    }
}

TEST_CASE("everything else reaches the trace as it was") {
    for (const std::string& text :
         {message("WWW-Authenticate: Digest realm=\"Digest:1\", nonce=\"x\",stale=\"false\""),
          message("Server: AMT 15.0.23"), message("Location: https://pc1:16993/index.htm"),
          message("X-Folded: a\r\n b"), std::string("POST"), std::string("HTTP/1.1 200 OK\r\nA"),
          std::string("<h:HostName>pc1</h:HostName><h:PasswordModel>1</h:PasswordModel>")})
        CHECK(redact(text) == text);
}

TEST_CASE("a response is described with its secrets taken out") {
    oob::codec::http::Response response;
    response.status = 200;
    response.reason = "OK";
    response.fields.add("Set-Cookie", "hunter2");
    response.body = "<a:Body>\n\n<PSK>hunter2</PSK></a:Body>";
    CHECK(describe(response) ==
          "HTTP/1.1 200 OK\r\nSet-Cookie: "
          "[redacted]\r\n\r\n<a:Body>\n\n<PSK>[redacted]</PSK></a:Body>");
}
