#include "core/excerpt.h"

#include <doctest/doctest.h>

#include "core/error.h"

#include <string>

using namespace oob;

TEST_CASE("a text that is not long stays as it is, a longer one says how much is missing") {
    CHECK(excerpt(std::string("short"), 5) == "short");
    CHECK(excerpt(std::string("longer"), 5) == "longe… (1 bytes more)");
    CHECK(excerpt(std::string(5'000'000, 'x')) ==
          std::string(2048, 'x') + "… (4997952 bytes more)");
    CHECK(excerpt(std::string(5'000'000, 'x')).capacity() < 4096);
    CHECK(excerpt(std::string()).empty());
}

TEST_CASE("a text is cut between characters, and anywhere when it has none") {
    const std::string euros = "€€€€";  // three bytes each
    CHECK(excerpt(euros, 3) == "€… (9 bytes more)");
    CHECK(excerpt(euros, 4) == "€… (9 bytes more)");
    CHECK(excerpt(euros, 5) == "€… (9 bytes more)");
    CHECK(excerpt(euros, 6) == "€€… (6 bytes more)");
    CHECK(excerpt(std::string(20, '\x80'), 10) == std::string(10, '\x80') + "… (10 bytes more)");
}

TEST_CASE("texts are cut wherever they stand in a value, and long lists too") {
    Value inner;
    inner.set("text", std::string(100, 'a')).set("number", 7);
    Value list = Value::array();
    list.push(std::move(inner)).push("short");
    Value whole;
    whole.set("list", std::move(list)).set("null", nullptr);
    const Value cut = excerpt(whole, 10);
    CHECK(cut.find("list")->items()[0].find("text")->text() == "aaaaaaaaaa… (90 bytes more)");
    CHECK(cut.find("list")->items()[0].find("number")->integer() == 7);
    CHECK(cut.find("list")->items()[1].text() == "short");
    CHECK(cut.find("null")->is_null());
    CHECK(excerpt(whole, 1000) == whole);

    Value many = Value::array();
    for (int i = 0; i < 10'005; ++i) many.push(i);
    const Value fewer = excerpt(std::move(many));
    CHECK(fewer.items().size() == 10'001);
    CHECK(fewer.items().back().text() == "… (5 items more)");
}

TEST_CASE("an error keeps only so much of what a peer said, wherever it was put") {
    Error error(Class::firmware, "wsman.fault", std::string(1'000'000, 'm'),
                std::string(1'000'000, 'h'));
    error.with("reason", std::string(1'000'000, 'r'));
    CHECK(error.native.find("reason")->text().size() < 3000);
    try {
        fail(error);
    } catch (const Failure& failure) {
        CHECK(failure.error().message.size() < 3000);
        CHECK(failure.error().hint.size() < 3000);
    }
}
