#include "core/host.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>

#include <string>

using namespace oob;

TEST_CASE("names and addresses are told apart, and each has one key") {
    struct Row {
        const char* text;
        Host::Kind kind;
        const char* host;
        const char* key;
    };
    using enum Host::Kind;
    for (const Row& row :
         {Row{"pc1", name, "pc1", "pc1"},
          Row{"PC07.Lab.Example.", name, "PC07.Lab.Example.", "pc07.lab.example"},
          Row{"pc_1", name, "pc_1", "pc_1"}, Row{"3com", name, "3com", "3com"},
          Row{"10-20", name, "10-20", "10-20"},
          Row{"1.2.3.example", name, "1.2.3.example", "1.2.3.example"},
          Row{"0xcafe.lab", name, "0xcafe.lab", "0xcafe.lab"},
          Row{"xn--mnchen-3ya", name, "xn--mnchen-3ya", "xn--mnchen-3ya"},
          Row{"7.0.0.10.in-addr.arpa", name, "7.0.0.10.in-addr.arpa", "7.0.0.10.in-addr.arpa"},
          Row{"10.0.0.7", ipv4, "10.0.0.7", "10.0.0.7"}, Row{"0.0.0.0", ipv4, "0.0.0.0", "0.0.0.0"},
          Row{"2001:DB8:0:0::7", ipv6, "2001:DB8:0:0::7", "2001:db8::7"},
          Row{"[::1]", ipv6, "::1", "::1"},
          Row{"::ffff:10.0.0.7", ipv6, "::ffff:10.0.0.7", "10.0.0.7"},
          Row{"fe80::1%Eth0", ipv6, "fe80::1%Eth0", "fe80::1%Eth0"},
          Row{"FE80::1%25eth0", ipv6, "FE80::1%eth0", "fe80::1%eth0"},
          Row{"[fe80::1%252x]", ipv6, "fe80::1%2x", "fe80::1%2x"},
          Row{"fe80::1%2", ipv6, "fe80::1%2", "fe80::1%2"}}) {
        CAPTURE(row.text);
        const auto host = parse_host(row.text);
        REQUIRE(host);
        CHECK(host->kind == row.kind);
        CHECK(host->text == row.host);
        CHECK(host->key == row.key);
        CHECK(host_key(row.text) == row.key);
        CHECK(parse_address(row.text).has_value() == (row.kind != name));
    }
}

TEST_CASE("what only looks like an address, or is in no DNS, is refused in words that name it") {
    struct Row {
        std::string text;
        const char* says;
    };
    for (const Row& row : {Row{"127.0.0.010", "leading zero"},
                           Row{"10.0.0.00", "leading zero"},
                           Row{"0177.0.0.1", "leading zero"},
                           Row{"127.1", "2 parts"},
                           Row{"1.2.3", "3 parts"},
                           Row{"1.2.3.4.5", "5 parts"},
                           Row{"2130706433", "no name"},
                           Row{"42", "no name"},
                           Row{"0x7f.1", "hexadecimal"},
                           Row{"0x7f000001", "hexadecimal"},
                           Row{"0X7F.0.0.1", "hexadecimal"},
                           Row{"127.0.0.0x1", "hexadecimal"},
                           Row{"0x", "hexadecimal"},
                           Row{"256.1.1.1", "255"},
                           Row{"10.0.0.99999999999999999999", "255"},
                           Row{"10.0.0.7.", "dot"},
                           Row{"10.0.0.5-50", "range"},
                           Row{"10.0.0.1a", "no address"},
                           Row{"10.0.0.x", "no address"},
                           Row{"rack.7", "no address"},
                           Row{"[10.0.0.7]", "brackets"},
                           Row{"10.0.0.*", "patterns"},
                           Row{"pc?", "patterns"},
                           Row{"pc1,pc2", "commas"},
                           Row{"10.0.0.0/24", "slash"},
                           Row{"pc1%eth0", "zone"},
                           Row{"pc07#old", "comment"},
                           Row{"me@pc1", "user"},
                           Row{"pc[1", "bracket"},
                           Row{"pc1 pc2", "blank"},
                           Row{"m\xc3\xbcnchen", "ASCII"},
                           Row{"\xef\xbb\xbfpc1", "ASCII"},
                           Row{"pc1\n", "letter"},
                           Row{"pc1$(x)", "letter"},
                           Row{"", "no host"},
                           Row{"[]", "brackets"},
                           Row{".", "two dots"},
                           Row{"pc1..lab", "two dots"},
                           Row{".lab", "two dots"},
                           Row{"-pc1", "begins with '-'"},
                           Row{"pc1.-lab", "begins with '-'"},
                           Row{std::string(64, 'a'), "63"},
                           Row{"a." + std::string(252, 'b'), "253"},
                           Row{"2001:db8::/64", "networks"},
                           Row{"2001:db8::1-2001:db8::9", "ranges"},
                           Row{"2001:db8::g", "IPv6"},
                           Row{"::ffff:10.0.0.07", "IPv6"},
                           Row{"10.0.0.7:1:2", "IPv6"},
                           Row{std::string("::1\0x", 5), "IPv6"},
                           Row{"fe80::1%", "interface"},
                           Row{"fe80::1%eth 0", "interface"},
                           Row{"fe80::1%an-interface-with-a-long-name", "interface"},
                           Row{"fe80::1%2525x", "interface"},
                           Row{"fe80::1%253", "interface"}}) {
        CAPTURE(row.text);
        const auto host = parse_host(row.text);
        REQUIRE(!host);
        CHECK(host.error().kind == Class::usage);
        CHECK(host.error().code == "usage.host");
        CHECK(host.error().message.contains(row.says));
        CHECK(!host.error().hint.empty());
        CHECK(!parse_address(row.text));
    }
}

TEST_CASE("no name is an address to the C library") {
    // Every way of dots and numbers up to five parts.
    const char* parts[] = {"0", "7", "010", "256", "0x1f", "4294967295", "pc", "1a"};
    std::string text;
    const auto check = [&](const auto& self, int left) -> void {
        in_addr address{};
        const auto host = parse_host(text);
        const bool read = ::inet_aton(text.c_str(), &address) != 0;
        if (read && host) {
            CAPTURE(text);
            CHECK(host->kind == Host::Kind::ipv4);
            CHECK(ntohl(address.s_addr) == parse_ipv4(text));
        }
        if (left == 0) return;
        const std::string before = text;
        for (const char* part : parts) {
            text = before + "." + part;
            self(self, left - 1);
        }
        text = before;
    };
    for (const char* part : parts) {
        text = part;
        check(check, 4);
    }
}

TEST_CASE("a long word is cut in messages, and steers no terminal") {
    CHECK(shown("pc1") == "pc1");
    CHECK(shown("\x1b[2Jpc1") == "?[2Jpc1");
    CHECK(shown(std::string(200, 'a')) == std::string(80, 'a') + "...");
}
