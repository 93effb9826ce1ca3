#include "core/json.h"

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

TEST_CASE("what is no JSON, or too deep, is an error") {
    for (const std::string& text :
         {std::string("{"), std::string("[1,]"), std::string(), std::string(100'000, '[')}) {
        const auto parsed = parse_json(text);
        REQUIRE(!parsed);
        CHECK(parsed.error().code == "usage.json");
    }
}
