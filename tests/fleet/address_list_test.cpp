#include "fleet/address_list.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace oob;
using fleet::AddressList;
using Words = std::vector<std::string>;

namespace {

AddressList list_of(const Words& wanted, const Words& unwanted = {}) {
    AddressList out;
    for (const auto& word : wanted) take(out.add(word));
    for (const auto& word : unwanted) take(out.exclude(word));
    out.finish();
    return out;
}

Words all(const AddressList& list) {
    Words out;
    for (std::uint64_t i = 0; i < list.size(); ++i) out.push_back(net::to_string(list.at(i)));
    return out;
}

}  // namespace

TEST_CASE("words become addresses in order, each once, exclusions taken away") {
    struct {
        const char* what;
        Words wanted;
        Words unwanted;
        Words expected;
    } const cases[] = {
        {"one", {"10.0.0.7"}, {}, {"10.0.0.7"}},
        {"a network", {"10.0.0.0/30"}, {}, {"10.0.0.0", "10.0.0.1", "10.0.0.2", "10.0.0.3"}},
        {"a stretch",
         {"10.0.0.254-10.0.1.1"},
         {},
         {"10.0.0.254", "10.0.0.255", "10.0.1.0", "10.0.1.1"}},
        {"brackets", {"10.0.0.[1-2,9]"}, {}, {"10.0.0.1", "10.0.0.2", "10.0.0.9"}},
        {"overlaps",
         {"10.0.0.2-10.0.0.4", "10.0.0.1-10.0.0.3", "10.0.0.3"},
         {},
         {"10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"}},
        {"a hole", {"10.0.0.0/30"}, {"10.0.0.1"}, {"10.0.0.0", "10.0.0.2", "10.0.0.3"}},
        {"a hole over two stretches",
         {"10.0.0.1-10.0.0.3", "10.0.0.6-10.0.0.8"},
         {"10.0.0.3-10.0.0.6"},
         {"10.0.0.1", "10.0.0.2", "10.0.0.7", "10.0.0.8"}},
        {"holes at both ends", {"10.0.0.0/30"}, {"10.0.0.0", "10.0.0.3"}, {"10.0.0.1", "10.0.0.2"}},
        {"nothing left", {"10.0.0.0/30"}, {"10.0.0.0/24"}, {}},
        {"the last address of all",
         {"255.255.255.254-255.255.255.255"},
         {"255.255.255.255"},
         {"255.255.255.254"}},
        {"IPv6", {"::2", "[::1]", "10.0.0.1", "::2"}, {"::3"}, {"10.0.0.1", "::1", "::2"}},
        {"IPv6 taken away", {"::2", "::1"}, {"[::2]"}, {"::1"}},
    };
    for (const auto& each : cases) {
        CAPTURE(each.what);
        CHECK(all(list_of(each.wanted, each.unwanted)) == each.expected);
    }
}

TEST_CASE("a large network costs nothing and every place in it is right") {
    const AddressList list = list_of({"127.77.0.0/16"}, {"127.77.3.0/24"});
    CHECK(list.size() == 65'536 - 256);
    CHECK(net::to_string(list.at(3 * 256 - 1)) == "127.77.2.255");
    CHECK(net::to_string(list.at(3 * 256)) == "127.77.4.0");
    CHECK(net::to_string(list.at(list.size() - 1)) == "127.77.255.255");
}

TEST_CASE("names and nonsense are refused with a hint") {
    for (const char* word : {"pc1",
                             "pc[01-40]",
                             "amt://10.0.0.1",
                             "10.0.0.256",
                             "10.0.0.[1-300]",
                             "",
                             "10.0.0.9-10.0.0.1",
                             "10.0.0.0/8",
                             "10.0.0.[1-",
                             "10.0.0.010",
                             "127.1",
                             "0x7f.1",
                             "2130706433",
                             "10.0.0.5-50",
                             "10.0.0.*",
                             "10.0.0.[08-10]",
                             "10.0.0.010/30",
                             "2001:db8::/64",
                             "[10.0.0.1]",
                             "10.0.0.1,10.0.0.2",
                             "fe80::1%no-interface"}) {
        CAPTURE(word);
        AddressList list;
        const auto added = list.add(word);
        REQUIRE(!added.has_value());
        CHECK(added.error().kind == Class::usage);
        CHECK(!added.error().hint.empty());
        CHECK(!list.exclude(word).has_value());
    }
}

TEST_CASE("an exclusion has an effect when it took something away") {
    struct {
        Words wanted;
        const char* unwanted;
        bool effect;
    } const cases[] = {
        {{"10.0.0.0/30"}, "10.0.0.2", true},
        {{"10.0.0.0/30"}, "10.0.0.4", false},
        {{"10.0.0.4"}, "10.0.0.0/30", false},
        {{"10.0.0.4"}, "10.0.0.0/24", true},
        {{"10.0.0.0/30", "10.0.0.8/30"}, "10.0.0.4-10.0.0.7", false},
        {{"10.0.0.0/30", "10.0.0.8/30"}, "10.0.0.4-10.0.0.8", true},
        {{"::1", "::2"}, "[::2]", true},
        {{"::1", "::2"}, "::3", false},
        {{"10.0.0.7"}, "::ffff:10.0.0.7", true},
    };
    for (const auto& each : cases) {
        CAPTURE(each.unwanted);
        CHECK(list_of(each.wanted, {each.unwanted}).has_effect(each.unwanted) == each.effect);
    }
    AddressList list;
    take(list.add("10.0.0.7"));
    take(list.exclude("10.0.0.7", "pc07"));
    list.finish();
    CHECK(list.has_effect("pc07"));
    CHECK(!list.has_effect("10.0.0.7"));
}
