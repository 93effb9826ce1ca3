#include "codec/wsman/xml.h"

#include <doctest/doctest.h>

#include <string>

using namespace oob::codec::wsman;

namespace {

xml::Document parsed(std::string_view text) {
    auto document = xml::Document::parse(text);
    REQUIRE_MESSAGE(document.has_value(), document.error().message);
    return *std::move(document);
}

std::string refusal(std::string_view text, xml::Limits limits = {}) {
    const auto document = xml::Document::parse(text, limits);
    REQUIRE_FALSE(document);
    CHECK(document.error().kind == oob::Class::protocol);
    return document.error().code;
}

std::string repeated(std::string_view text, std::size_t count) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i) out += text;
    return out;
}

}  // namespace

TEST_CASE("prefixes stand for the nearest declaration on the way up") {
    const auto document =
        parsed(R"(<p:a xmlns:p="one" xmlns="none"><b><p:c xmlns:p="two"><p:d/></p:c><p:e/></b>)"
               R"(<q:f/><g xmlns=""/></p:a>)");
    const xml::Node a = document.root();
    CHECK(a.name() == "a");
    CHECK(a.uri() == "one");
    const xml::Node b = a.child("b");
    CHECK(b.uri() == "none");
    CHECK(b.child("c").uri() == "two");
    CHECK(b.child("c").child("d").uri() == "two");
    CHECK(b.child("e").uri() == "one");
    CHECK(a.child("f").uri() == "");
    CHECK(a.child("g").uri() == "");
}

TEST_CASE("blanks around an attribute's equals sign do no harm") {
    const auto document =
        parsed("<?xml version= \"1.0\"?>\n<a:x xmlns:a= \"u\" xmlns:b =\"v\" n = 'w'\n></a:x>\n");
    CHECK(document.root().uri() == "u");
    CHECK(document.root().attribute("n") == "w");
}

TEST_CASE("a missing element answers everything with nothing") {
    const xml::Node none;
    CHECK_FALSE(none);
    CHECK(none.name() == "");
    CHECK(none.uri() == "");
    CHECK(none.text() == "");
    CHECK_FALSE(none.attribute("x"));
    CHECK_FALSE(none.child("x"));
    CHECK_FALSE(none.first_child());
    CHECK_FALSE(none.next_sibling());
    CHECK(none.children().empty());
    CHECK_FALSE(none.nil());
}

TEST_CASE("children are elements only, texts come with entities resolved and white space kept") {
    const auto document = parsed(
        "<r>\n <a> x &lt;&amp;&#x41; </a><!-- c -->text<b><![CDATA[<raw>]]>&gt;</b><c> "
        "</c><d/>\n</r>");
    const auto children = document.root().children();
    REQUIRE(children.size() == 4);
    CHECK(children[0].text() == " x <&A ");
    CHECK(children[1].text() == "<raw>>");
    CHECK(children[2].text() == " ");
    CHECK(children[3].text() == "");
    CHECK(document.root().first_child().next_sibling().name() == "b");
}

TEST_CASE("attributes are found by local name, declarations are none") {
    const auto document = parsed(R"(<r xmlns:Name="u" w:Name="yes" xmlns:w="v"/>)");
    CHECK(document.root().attribute("Name") == "yes");
    CHECK_FALSE(document.root().attribute("w"));
    CHECK_FALSE(document.root().attribute("xmlns"));
}

TEST_CASE("nil counts in the namespace of schema instances only") {
    const auto nil = [](std::string_view attributes) {
        return parsed("<r " + std::string(attributes) + "/>").root().nil();
    };
    CHECK(nil(R"(xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true")"));
    CHECK(nil(R"(xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:nil="1")"));
    CHECK_FALSE(nil(R"(xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="false")"));
    CHECK_FALSE(nil(R"(xmlns:xsi="other" xsi:nil="true")"));
    CHECK_FALSE(nil(R"(nil="true")"));
}

TEST_CASE("a byte order mark is skipped") {
    CHECK(parsed("\xef\xbb\xbf<a>b</a>").root().text() == "b");
}

TEST_CASE("what is not well-formed is refused with its place") {
    const char* const cases[] = {"",
                                 "   ",
                                 "text",
                                 "<a>",
                                 "<a></b>",
                                 "<a",
                                 "<a b=\"c></a>",
                                 "<a b=c></a>",
                                 "<a/><b/>",
                                 "<a>&nobody;</a>",
                                 "<a b=\"&nobody;\"/>",
                                 "<a>&#1114112;</a>",
                                 "<a>&#x;</a>",
                                 "<a b=\"<\"/>",
                                 "<a><!-- </a>",
                                 "<a><![CDATA[ </a>",
                                 "<?xml",
                                 "</a>",
                                 "<a></a></a>"};
    for (const char* text : cases) {
        CAPTURE(text);
        CHECK(refusal(text) == "xml.malformed");
    }
    const auto document = xml::Document::parse("<a>&nobody;</a>");
    CHECK(document.error().message.find("byte 3") != std::string::npos);
}

TEST_CASE("characters that XML forbids are refused wherever they stand, named or not") {
    const std::string zeros(100, '0');
    for (const std::string& text :
         {std::string("<a>\0</a>", 8), std::string("<a>\x1b[2J</a>"), std::string("<a b='\a'/>"),
          std::string("<a><![CDATA[\x01]]></a>"), std::string("<a><!-- \b --></a>"),
          std::string("<a\x0b/>"), std::string("<a>\xef\xbf\xbe</a>"),
          std::string("<a>\xef\xbf\xbf</a>"), std::string("<a>&#0;</a>"),
          std::string("<a>&#27;</a>"), std::string("<a>&#x1b;</a>"), std::string("<a b='&#27;'/>"),
          std::string("<a>&#xD800;</a>"), std::string("<a>&#xFFFE;</a>"),
          "<a>&#" + zeros + "27;</a>", "<a>&#x" + zeros + "1B;</a>"}) {
        CAPTURE(text);
        CHECK(refusal(text) == "xml.character");
    }
    const auto document = xml::Document::parse("<a>&#27;</a>");
    CHECK(document.error().kind == oob::Class::protocol);
    CHECK(document.error().message.contains("U+001B at byte 3"));
    CHECK(!document.error().hint.empty());
    CHECK(refusal("<a>&#4294967323;</a>") == "xml.malformed");  // 27, where 32 bits are counted
    CHECK(refusal("<a>&#18446744073709551643;</a>") == "xml.malformed");
}

TEST_CASE("what is no UTF-8 is refused") {
    for (const char* text :
         {"<a>\xff</a>", "<a>\x9b</a>", "<a>\xc0\x9b</a>", "<a>\xed\xa0\x80</a>", "<a>\xe2\x82</a>",
          "<a b='\xe4'/>", "<a>\xf4\x90\x80\x80</a>", "<a><![CDATA[\xc3]]></a>"}) {
        CAPTURE(text);
        CHECK(refusal(text) == "xml.encoding");
    }
}

TEST_CASE("every other character is taken as it is") {
    const std::string text = "\t\n \x7f\u0080\u009b\u202e\u2028\ufdd0\ufffd\U0001f600\U0010ffff";
    CHECK(parsed("<a>" + text + "</a>").root().text() == text);
    CHECK(parsed("<a>&#9;&#x9b;&#x202E;&#0000000000000000000000000000000000000000000000000000000"
                 "000000000000065;</a>")
              .root()
              .text() == "\t\u009b\u202eA");
}

TEST_CASE("what a document cannot hold is left out of it, and can be asked for") {
    const std::string text =
        "a\x1b\ufffe"
        "b\xff\xed\xa0\x80\u009b\t<";
    CHECK(xml::escape(text) == "ab\u009b\t&lt;");
    for (const char* bad : {"\x1b", "\ufffe", "\xff", "\xe2\x82", "\xed\xa0\x80"}) {
        CAPTURE(bad);
        CHECK(!xml::can_hold(bad));
    }
    CHECK(xml::can_hold("Ger\u00e4t\r\n\u009b\u202e <&>"));
}

TEST_CASE("a bare ampersand is taken as it is") {
    CHECK(parsed("<a>fish & chips; more</a>").root().text() == "fish & chips; more");
}

TEST_CASE("document types are refused, wherever they stand") {
    CHECK(refusal("<!DOCTYPE a><a/>") == "xml.doctype");
    CHECK(refusal(R"(<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>)") == "xml.doctype");
    CHECK(refusal("<a><!ELEMENT b></a>") == "xml.doctype");
    CHECK(parsed("<a><!-- <!DOCTYPE a> --><![CDATA[<!DOCTYPE a>]]></a>").root().text() ==
          "<!DOCTYPE a>");
}

TEST_CASE("limits hold exactly") {
    const xml::Limits depth{.depth = 3};
    CHECK(xml::Document::parse("<a><b><c></c></b></a>", depth));
    CHECK(xml::Document::parse("<a><b><c/><c/></b></a>", depth));
    CHECK(refusal("<a><b><c><d/></c></b></a>", depth) == "xml.too_deep");
    CHECK(refusal("<a><b><c><d></d></c></b></a>", depth) == "xml.too_deep");
    CHECK(xml::Document::parse("<a/>", {.bytes = 4}));
    CHECK(refusal("<a/> ", {.bytes = 4}) == "xml.too_large");
    CHECK(xml::Document::parse("<a><b/></a>", {.elements = 2}));
    CHECK(refusal("<a><b/><c/></a>", {.elements = 2}) == "xml.too_large");
    CHECK(xml::Document::parse("<a b='1' c='2'/>", {.attributes = 2}));
    CHECK(refusal("<a b='1' c='2' d='3'/>", {.attributes = 2}) == "xml.too_large");
}

TEST_CASE("a million open elements are refused, not followed") {
    CHECK(refusal(repeated("<a>", 1'000'000)) == "xml.too_deep");
    CHECK(refusal(repeated("<a>", 65) + repeated("</a>", 65)) == "xml.too_deep");
    CHECK(xml::Document::parse(repeated("<a>", 64) + repeated("</a>", 64)));
}

TEST_CASE("escaped text comes back as it was") {
    const std::string text = "a&b<c>d\"e'f\r\n\tg \xc3\xa9";
    CHECK(xml::escape(text) == "a&amp;b&lt;c&gt;d&quot;e'f&#13;\n\tg \xc3\xa9");
    CHECK(parsed("<a>" + xml::escape(text) + "</a>").root().text() == text);
    CHECK(xml::escape({"\0\x01\x1f", 3}) == "");
}
