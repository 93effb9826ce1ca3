#include "core/target.h"

#include <doctest/doctest.h>

using namespace oob;

TEST_CASE("a bare name is an AMT device over TLS") {
    const auto target = parse_target("pc1");
    REQUIRE(target);
    CHECK(target->text == "amt://pc1");
    CHECK(target->scheme == "amt");
    CHECK(target->host == "pc1");
    CHECK_FALSE(target->port);
}

TEST_CASE("every part of a target is read") {
    const std::string uuid = "D8C14EFA-b1f1-11ea-be6d-c6d21730d800";
    const auto target = parse_target("amt+tcp://operator@[2001:db8::7]:20000?uuid=" + uuid +
                                     "&via=ssh:bastion&pin=sha256:" + std::string(64, 'A'));
    REQUIRE(target);
    CHECK(target->scheme == "amt+tcp");
    CHECK(target->user == "operator");
    CHECK(target->host == "2001:db8::7");
    CHECK(target->port == 20000);
    CHECK(target->uuid == "d8c14efa-b1f1-11ea-be6d-c6d21730d800");
    CHECK(target->via == "ssh:bastion");
    CHECK(target->pin == "sha256:" + std::string(64, 'a'));
}

TEST_CASE("what cannot be meant is a usage error with a hint") {
    struct Row {
        const char* text;
        const char* code;
    };
    for (const Row& row :
         {Row{"", "usage.target"}, Row{"amt://", "usage.target"}, Row{"ftp://pc1", "usage.scheme"},
          Row{"amt://pc1:0", "usage.target"}, Row{"amt://pc1:99999", "usage.target"},
          Row{"amt://pc1:https", "usage.target"}, Row{"amt://[::1", "usage.target"},
          Row{"amt://pc1?colour=red", "usage.target"}, Row{"amt://pc1?pin=12", "usage.pin"},
          Row{"amt://admin:secret@pc1", "usage.password"}, Row{"amt://@pc1", "usage.target"},
          Row{"a b", "usage.target"}, Row{"pc1/path", "usage.target"}}) {
        CAPTURE(row.text);
        const auto target = parse_target(row.text);
        REQUIRE(!target);
        CHECK(target.error().kind == Class::usage);
        CHECK(target.error().code == row.code);
        CHECK(target.error().message.find("secret") == std::string::npos);
    }
}

TEST_CASE("ranges are counted and indexed without being spelt out") {
    struct Row {
        const char* text;
        std::uint64_t size;
        const char* first;
        const char* last;
    };
    for (const Row& row :
         {Row{"pc1", 1, "pc1", "pc1"}, Row{"pc[01-40,50]", 41, "pc01", "pc50"},
          Row{"r[1-2]s[8-10]", 6, "r1s8", "r2s10"}, Row{"10.0.0.9/30", 4, "10.0.0.8", "10.0.0.11"},
          Row{"10.0.0.250-10.0.1.5", 12, "10.0.0.250", "10.0.1.5"},
          Row{"amt+tcp://10.0.0.0/24", 256, "amt+tcp://10.0.0.0", "amt+tcp://10.0.0.255"},
          Row{"amt://[fe80::1]:16993", 1, "amt://[fe80::1]:16993", "amt://[fe80::1]:16993"},
          Row{"amt://pc[1-3]:7?via=ssh:b", 3, "amt://pc1:7?via=ssh:b", "amt://pc3:7?via=ssh:b"},
          Row{"127.0.0.0/13", 524'288, "127.0.0.0", "127.7.255.255"}}) {
        CAPTURE(row.text);
        const auto range = TargetRange::parse(row.text);
        REQUIRE(range);
        CHECK(range->size() == row.size);
        CHECK(range->at(0) == row.first);
        CHECK(range->at(row.size - 1) == row.last);
    }
}

TEST_CASE("a range that expands to nothing or past one million is refused") {
    for (const char* text :
         {"10.0.0.9-10.0.0.1", "10.0.0.0/8", "pc[9-1]", "pc[1-2000000]", "pc[1-2000]x[1-2000]",
          "pc[a-b]", "pc[1", "pc[]", "pc[0-18446744073709551615]"}) {
        CAPTURE(text);
        const auto range = TargetRange::parse(text);
        REQUIRE(!range);
        CHECK(range.error().code == "usage.range");
    }
}
