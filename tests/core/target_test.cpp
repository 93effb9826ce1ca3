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
    const std::string no_identity = "amt://pc1?uuid=00000000-0000-0000-0000-000000000000";
    for (const Row& row : {Row{"", "usage.target"},
                           Row{"amt://", "usage.target"},
                           Row{"ftp://pc1", "usage.scheme"},
                           Row{"amt://pc1:0", "usage.target"},
                           Row{"amt://pc1:99999", "usage.target"},
                           Row{"amt://pc1:https", "usage.target"},
                           Row{"amt://pc1:", "usage.target"},
                           Row{"amt://[::1", "usage.target"},
                           Row{"amt://[::1]16993", "usage.target"},
                           Row{"amt://[10.0.0.7]:16993", "usage.target"},
                           Row{"amt://pc1?colour=red", "usage.target"},
                           Row{"amt://pc1?uuid=12", "usage.target"},
                           Row{no_identity.c_str(), "usage.target"},
                           Row{"amt://pc1?pin=12", "usage.pin"},
                           Row{"amt://admin:secret@pc1", "usage.password"},
                           Row{"admin:secret@pc1?via=x://y", "usage.password"},
                           Row{"amt://@pc1", "usage.target"},
                           Row{"a b", "usage.target"},
                           Row{"pc1/path", "usage.target"},
                           Row{"amt://127.0.0.010", "usage.target"},
                           Row{"amt://me@0x7f.1:16993", "usage.target"},
                           Row{"pc1,pc2", "usage.target"},
                           Row{"10.0.0.0/24:16993", "usage.target"},
                           Row{"me@10.0.0.0/24", "usage.target"},
                           Row{"10.0.0.5-10.0.0.9:16993", "usage.target"},
                           Row{"amt:8a1c0000-0000-4000-8000-000000000001", "usage.target"},
                           Row{"amt:02:00:7f:4d:00:01", "usage.target"}}) {
        CAPTURE(row.text);
        const auto target = parse_target(row.text);
        REQUIRE(!target);
        CHECK(target.error().kind == Class::usage);
        CHECK(target.error().code == row.code);
        CHECK(!target.error().hint.empty());
        CHECK(target.error().message.find("secret") == std::string::npos);
    }
}

TEST_CASE("a target keeps what was written and is compared by its key") {
    struct Row {
        const char* one;
        const char* other;
        bool same;
    };
    for (const Row& row :
         {Row{"pc1", "PC1", true}, Row{"pc1", "AMT://Pc1:16993", true},
          Row{"pc1.lab.example", "amt://PC1.lab.example./", true},
          Row{"amt+tcp://pc1", "AMT+TCP://PC1:16992", true},
          Row{"amt://[2001:DB8:0::7]:16993", "2001:db8::7", true},
          Row{"::ffff:10.0.0.7", "10.0.0.7", true}, Row{"[fe80::1%25eth0]", "fe80::1%eth0", true},
          Row{"fe80::1%eth0", "fe80::1%ETH0", false}, Row{"pc1", "pc1.lab.example", false},
          Row{"pc1", "amt+tcp://pc1", false}, Row{"pc1", "pc1:20000", false},
          Row{"pc1", "me@pc1", false}, Row{"amt://pc1?via=ssh:a", "amt://pc1?via=ssh:b", false}}) {
        CAPTURE(row.one);
        CAPTURE(row.other);
        CHECK((key_of(parse_target(row.one).value()) == key_of(parse_target(row.other).value())) ==
              row.same);
    }
    CHECK(parse_target("AMT://PC07.Lab")->text == "amt://PC07.Lab");
    CHECK(parse_target("PC07.Lab")->name == "PC07.Lab");
}

TEST_CASE("a device id is a plane and a UUID or MAC that tells devices apart") {
    CHECK(parse_device_id("AMT:8A1C0000-0000-4000-8000-000000000001") ==
          "amt:8a1c0000-0000-4000-8000-000000000001");
    CHECK(parse_device_id("amt:02:00:7F:4d:00:01") == "amt:02:00:7f:4d:00:01");
    for (const char* text :
         {"", "amt:", "amt:pc1", "pc1:16993", "8a1c0000-0000-4000-8000-000000000001",
          "amt:00000000-0000-0000-0000-000000000000", "amt:ffffffff-ffff-ffff-ffff-ffffffffffff",
          "tmt:8a1c0000-0000-4000-8000-000000000001", "amt:02:00:7f:4d:00", "amt:02-00-7f-4d-00-01",
          "amt://02:00:7f:4d:00"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_device_id(text));
    }
}

TEST_CASE("a comment begins a line or stands behind a blank") {
    struct Row {
        const char* line;
        const char* words;
    };
    for (const Row& row :
         {Row{"  pc07\r", "pc07"}, Row{"pc07 # the old one", "pc07"}, Row{"pc07\t#", "pc07"},
          Row{"# all of them", ""}, Row{"  #", ""}, Row{"", ""}, Row{"pc07#x # y", "pc07#x"},
          Row{" {\"a\":\"b # c\"} ", "{\"a\":\"b # c\"}"}}) {
        CAPTURE(row.line);
        CHECK(words_of_line(row.line) == row.words);
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
          Row{"amt://me@10.0.0.[5-50]:7", 46, "amt://me@10.0.0.5:7", "amt://me@10.0.0.50:7"},
          Row{"pc1?via=socks5://x", 1, "pc1?via=socks5://x", "pc1?via=socks5://x"},
          Row{"floor-1-2.example", 1, "floor-1-2.example", "floor-1-2.example"},
          Row{"42-printer", 1, "42-printer", "42-printer"},
          Row{"amt://10.0.0.7/", 1, "amt://10.0.0.7/", "amt://10.0.0.7/"},
          Row{"f1::%3.0/", 1, "f1::%3.0/", "f1::%3.0/"},
          Row{"::10.0.0.5-10.0.0.9", 1, "::10.0.0.5-10.0.0.9", "::10.0.0.5-10.0.0.9"},
          Row{"127.0.0.0/13", 524'288, "127.0.0.0", "127.7.255.255"}}) {
        CAPTURE(row.text);
        const auto range = TargetRange::parse(row.text);
        REQUIRE(range);
        CHECK(range->size() == row.size);
        CHECK(range->at(0) == row.first);
        CHECK(range->at(row.size - 1) == row.last);
    }
}

TEST_CASE("the edges of a range are well formed when all of it is") {
    const auto bad = [](const char* text) {
        const auto range = TargetRange::parse(text).value();
        for (const auto index : range.edges())
            if (!parse_target(range.at(index))) return true;
        return false;
    };
    for (const char* text : {"10.0.0.[1-9,250-300,5]", "10.[0-1,256].0.1", "10.0.0.[01-10]",
                             "rack.[1-3]", "10.[1,007-008,9].0.1"}) {
        CAPTURE(text);
        CHECK(bad(text));
    }
    for (const char* text : {"pc1", "10.0.[0-255].[1-9,250-255]", "pc[001-900].lab"}) {
        CAPTURE(text);
        CHECK_FALSE(bad(text));
    }
}

TEST_CASE("a range that expands to nothing or past one million is refused") {
    for (const char* text :
         {"10.0.0.9-10.0.0.1", "10.0.0.0/8", "pc[9-1]", "pc[1-2000000]", "pc[1-2000]x[1-2000]",
          "pc[a-b]", "pc[1", "pc[]", "pc[0-18446744073709551615]", "10.0.0.0/33", "10.0.0.0/024",
          "10.0.0.0/255.255.255.0", "10.0.0.0/24:16993", "amt://admin:secret@pc[1"}) {
        CAPTURE(text);
        const auto range = TargetRange::parse(text);
        REQUIRE(!range);
        CHECK(range.error().code == "usage.range");
        CHECK(!range.error().message.contains("secret"));
    }
}

TEST_CASE("a range whose ends only look like addresses is refused with the host's words") {
    for (const char* text : {"10.0.0.5-50", "10.0.0.010-10.0.0.20", "10.0.0.1-10.0.0.020",
                             "127.1-127.9", "10.0.0.010/24", "0x0a000000/24", "10.0/16",
                             "amt://10.0.0.5-50", "10.0.0.5-10.0.0.256"}) {
        CAPTURE(text);
        const auto range = TargetRange::parse(text);
        REQUIRE(!range);
        CHECK(range.error().code == "usage.host");
    }
}
