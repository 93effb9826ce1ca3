#include "core/json.h"

#include "core/text.h"
#include "core/unicode.h"

#include <doctest/doctest.h>

#include <limits>

using namespace oob;

TEST_CASE("a value keeps its order and its numbers on the way to JSON and back") {
    Value value;
    value.set("zebra", 1).set("ant", Value::array()).set("none", nullptr).set("yes", true);
    value.set("big", std::numeric_limits<std::uint64_t>::max())
        .set("small", std::numeric_limits<std::int64_t>::min());
    const std::string json = to_json(value);
    CHECK(
        json ==
        R"({"zebra":1,"ant":[],"none":null,"yes":true,"big":18446744073709551615,"small":-9223372036854775808})");
    CHECK(parse_json(json).value().find("big")->integer(-1) == -1);
    CHECK(to_json(parse_json(json).value()) == json);
}

TEST_CASE("texts with escapes and numbers with fractions come back as they were") {
    Value value;
    value.set("quote \" and \\", "line\nbell\a tab\t")
        .set("beyond ASCII", "Gerät ☃")
        .set("half", 0.5);
    value.set("nested", Value::array().push(Value::object()).push(Value::object().set("a", "b")));
    const std::string json = to_json(value);
    CHECK(json ==
          R"({"quote \" and \\":"line\nbell\u0007 tab\t","beyond ASCII":"Gerät ☃","half":0.5,)"
          R"("nested":[{},{"a":"b"}]})");
    CHECK(parse_json(json).value() == value);
}

TEST_CASE("bytes that are no UTF-8 do not break a record") {
    CHECK(to_json(Value("a\xff"
                        "b")) ==
          "\"a\xef\xbf\xbd"
          "b\"");
}

TEST_CASE("what a terminal would obey is escaped in JSON, and comes back as it was") {
    struct Row {
        std::string text;
        std::string_view json;
    };
    for (const Row& row : {
             Row{std::string("nul\0end", 7), R"("nul\u0000end")"},
             Row{"\x1b[2J\x7f\b\f\r", R"("\u001b[2J\u007f\b\f\r")"},
             Row{"\u0080\u009b\u009f\u00a0", "\"\\u0080\\u009b\\u009f\u00a0\""},
             Row{"\u202e\u2066\u200e\u061c\ufeff", R"("\u202e\u2066\u200e\u061c\ufeff")"},
             Row{"\u2028\u2029", R"("\u2028\u2029")"},
             Row{"\U000e0041 \U0010fffe", R"("\udb40\udc41 \udbff\udffe")"},
             Row{"\U0001f600 \ufffd \"\\/", "\"\U0001f600 \ufffd \\\"\\\\/\""},
         }) {
        CAPTURE(row.json);
        CHECK(to_json(Value(row.text)) == row.json);
        CHECK(parse_json(row.json).value() == Value(row.text));
        CHECK(to_json(Value::object().set(row.text, 1)) ==
              std::string("{") + std::string(row.json) + ":1}");
        std::string appended;
        append_json(appended, std::string_view(row.text));
        CHECK(appended == row.json);
    }
}

TEST_CASE("every character comes back from JSON as it was, in ASCII or not") {
    for (char32_t code = 0; code <= 0x10ffff; code += code < 0x3000 ? 1 : 0x3b) {
        if (code >= 0xd800 && code <= 0xdfff) continue;
        std::string text;
        append_utf8(text, code);
        const std::string json = to_json(Value(text));
        REQUIRE(parse_json(json).value() == Value(text));
        REQUIRE(harmless(json) == json);
    }
}

TEST_CASE("each piece of bytes that is no UTF-8 is one replacement character") {
    CHECK(to_json(Value("a\xc3(\xe2\x82!\xed\xa0\x80\xff\x1b")) ==
          "\"a\ufffd(\ufffd!\ufffd\ufffd\ufffd\ufffd\\u001b\"");
}

TEST_CASE("what is no JSON, or too deep, is an error") {
    for (const std::string& text :
         {std::string("{"), std::string("[1,]"), std::string(), std::string(100'000, '[')}) {
        const auto parsed = parse_json(text);
        REQUIRE(!parsed);
        CHECK(parsed.error().code == "usage.json");
    }
}

TEST_CASE("an object with very many members is refused, and soon") {
    std::string text = "{";
    for (int i = 0; i < 300'000; ++i) text += "\"" + std::to_string(i) + "\":1,";
    const auto parsed = parse_json(text + "\"end\":[{}]}");
    REQUIRE(!parsed);
    CHECK(parsed.error().message.find("too many members") != std::string::npos);
    std::string list = "[";
    for (int i = 0; i < 30'000; ++i) list += "{\"a\":{\"b\":1}},";
    CHECK(parse_json(list + "{}]").has_value());
}
