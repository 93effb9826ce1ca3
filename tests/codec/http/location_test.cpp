#include "codec/http/location.h"

#include <doctest/doctest.h>

#include <string>

using namespace oob;
using codec::http::parse_url;
using codec::http::remove_dot_segments;
using codec::http::resolve_location;

namespace {

std::string resolved(const char* base, std::string_view location) {
    const auto url = resolve_location(parse_url(base).value(), location);
    return url ? to_string(*url) : url.error().code;
}

}  // namespace

TEST_CASE("references are resolved as RFC 3986, section 5.4, lists them") {
    struct Row {
        const char* reference;
        const char* whole;
    };
    for (const Row& row : {Row{"g", "http://a/b/c/g"},
                           Row{"./g", "http://a/b/c/g"},
                           Row{"g/", "http://a/b/c/g/"},
                           Row{"/g", "http://a/g"},
                           Row{"//g", "http://g/"},
                           Row{"?y", "http://a/b/c/d;p?y"},
                           Row{"g?y", "http://a/b/c/g?y"},
                           Row{"#s", "http://a/b/c/d;p?q"},
                           Row{"g#s", "http://a/b/c/g"},
                           Row{"g?y#s", "http://a/b/c/g?y"},
                           Row{";x", "http://a/b/c/;x"},
                           Row{"g;x", "http://a/b/c/g;x"},
                           Row{"g;x?y#s", "http://a/b/c/g;x?y"},
                           Row{".", "http://a/b/c/"},
                           Row{"./", "http://a/b/c/"},
                           Row{"..", "http://a/b/"},
                           Row{"../", "http://a/b/"},
                           Row{"../g", "http://a/b/g"},
                           Row{"../..", "http://a/"},
                           Row{"../../", "http://a/"},
                           Row{"../../g", "http://a/g"},
                           Row{"../../../g", "http://a/g"},
                           Row{"../../../../g", "http://a/g"},
                           Row{"/./g", "http://a/g"},
                           Row{"/../g", "http://a/g"},
                           Row{"g.", "http://a/b/c/g."},
                           Row{".g", "http://a/b/c/.g"},
                           Row{"g..", "http://a/b/c/g.."},
                           Row{"..g", "http://a/b/c/..g"},
                           Row{"./../g", "http://a/b/g"},
                           Row{"./g/.", "http://a/b/c/g/"},
                           Row{"g/./h", "http://a/b/c/g/h"},
                           Row{"g/../h", "http://a/b/c/h"},
                           Row{"g;x=1/./y", "http://a/b/c/g;x=1/y"},
                           Row{"g;x=1/../y", "http://a/b/c/y"},
                           Row{"g?y/./x", "http://a/b/c/g?y/./x"},
                           Row{"g?y/../x", "http://a/b/c/g?y/../x"}}) {
        CAPTURE(row.reference);
        CHECK(resolved("http://a/b/c/d;p?q", row.reference) == row.whole);
    }
}

TEST_CASE("a Location may name another server, port or protocol, in any case of letters") {
    const char* const base = "https://web:8443/images/rescue.iso?x=1";
    CHECK(resolved(base, "HTTPS://mirror/x.iso") == "https://mirror/x.iso");
    CHECK(resolved(base, "http://mirror:81/x.iso#part") == "http://mirror:81/x.iso");
    CHECK(resolved(base, "//mirror/x.iso") == "https://mirror/x.iso");
    CHECK(resolved(base, "//mirror:/x.iso") == "https://mirror/x.iso");
    CHECK(resolved(base, "https://[2001:db8::1]:81/x") == "https://[2001:db8::1]:81/x");
    CHECK(resolved(base, "https://mirror?x") == "https://mirror/?x");
    CHECK(resolved(base, "other.iso") == "https://web:8443/images/other.iso");
    CHECK(resolved("http://web", "x.iso") == "http://web/x.iso");
}

TEST_CASE("a Location that is no place for an image is refused, and repeats no password") {
    const std::string long_one = "/" + std::string(9000, 'x');
    for (const std::string_view wrong : {std::string_view(""),
                                         std::string_view(" "),
                                         std::string_view("/a b"),
                                         std::string_view("/a\tb"),
                                         std::string_view("/a\\b"),
                                         std::string_view("/\xc3\xa4"),
                                         std::string_view("ftp://web/x"),
                                         std::string_view("file:///etc/passwd"),
                                         std::string_view("javascript:x"),
                                         std::string_view("http:"),
                                         std::string_view("http:x"),
                                         std::string_view("http:///x"),
                                         std::string_view("http://:80/x"),
                                         std::string_view("//web:0/x"),
                                         std::string_view("//web:65536/x"),
                                         std::string_view("//web:x/"),
                                         std::string_view("//[::1/x"),
                                         std::string_view("//127.1/x"),
                                         std::string_view("http://me:secret@web/x"),
                                         std::string_view("//me@web/x"),
                                         std::string_view("/a\x7f"),
                                         std::string_view("/a\0b", 4),
                                         std::string_view(long_one)}) {
        CAPTURE(wrong);
        const auto url = resolve_location(parse_url("http://web/rescue.iso").value(), wrong);
        REQUIRE(!url);
        CHECK(url.error().kind == Class::protocol);
        CHECK(url.error().code == "http.location");
        CHECK(!url.error().message.contains("secret"));
        CHECK(url.error().hint.contains("Location"));
    }
}

TEST_CASE("dots are taken out of a path as RFC 3986, section 5.2.4, does") {
    CHECK(remove_dot_segments("/a/b/c/./../../g") == "/a/g");
    CHECK(remove_dot_segments("mid/content=5/../6") == "mid/6");
    CHECK(remove_dot_segments("") == "");
    CHECK(remove_dot_segments("/..") == "/");
    CHECK(remove_dot_segments("/../../..") == "/");
    CHECK(remove_dot_segments("//a/..//b") == "///b");
}
