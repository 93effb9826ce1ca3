#include "report/grouped.h"

#include "core/json.h"
#include "core/text.h"
#include "report/width.h"

#include <doctest/doctest.h>

#include <algorithm>

using namespace oob;
using report::Groups;
using report::unlimited;

namespace {

report::View power() {
    return report::standard_view({report::path_column("POWER", "state.after.power", 9)});
}

Value record(const std::string& target, const std::string& rest) {
    const std::string name = target.substr(target.find("://") + 3);
    return take(
        parse_json(join({R"({"target":")", target, R"(","device":{"name":")",
                         name.substr(0, name.find(':')), R"(","firmware":"16.1"},)", rest, "}"})));
}

Value ok(const std::string& target, const char* state) {
    return record(target, join({R"("ok":true,"state":{"after":{"power":")", state, R"("}})"}));
}

Value failed(const std::string& target, const std::string& code, const std::string& message,
             const std::string& hint) {
    return record(target, join({R"("ok":false,"error":{"code":")", code, R"(","message":")",
                                message, R"(","hint":")", hint, R"("})"}));
}

std::string grouped(const report::View& view, const std::vector<Value>& records,
                    std::size_t limit = unlimited) {
    // Whatever comes first, the text is the same.
    std::vector<std::size_t> order(records.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::string first;
    for (int round = 0; round < 3; ++round) {
        Groups groups;
        for (const std::size_t place : order) groups.add(view, records[place], place);
        if (round == 0) first = groups.text(limit);
        CHECK(groups.text(limit) == first);
        std::ranges::rotate(order, order.begin() + static_cast<std::ptrdiff_t>(order.size() / 2));
        if (round == 1) std::ranges::reverse(order);
    }
    return first;
}

}  // namespace

TEST_CASE("devices with the same outcome are one line, in the order of the first of each") {
    std::vector<Value> records;
    for (int i = 1; i <= 40; ++i)
        records.push_back(ok(join({"amt://pc", i < 10 ? "0" : "", std::to_string(i)}), "on"));
    records[4] = ok("amt://pc05", "off");
    records.push_back(ok("amt+tcp://old1:16999", "off"));
    records.push_back(ok("amt://pc41:16993", "on"));
    CHECK(grouped(power(), records) ==
          "on: pc[01-04,06-41]\n"
          "off: amt+tcp://old1:16999 pc05\n");
    CHECK(grouped(power(), {}).empty());
}

TEST_CASE("failures are grouped by their code and words, whichever device is named in them") {
    const std::string key(64, 'a');
    const std::string other(64, 'b');
    CHECK(grouped(power(),
                  {failed("amt://pc1", "connect.refused", "pc1:16993 refused the connection", "x"),
                   failed("amt://pc2", "connect.refused", "pc2:16993 refused the connection", "x"),
                   failed("amt://pc10", "connect.refused", "pc10:1 refused the connection", "x"),
                   failed("amt://pc3", "tls.unknown", "nobody knows the key of pc3",
                          "compare sha256:" + key),
                   failed("amt://pc4", "tls.unknown", "nobody knows the key of pc4",
                          "compare sha256:" + other),
                   ok("amt://pc5", "on")}) ==
          "connect.refused: pc[1-2]\n"
          "    HOST:16993 refused the connection\n"
          "    hint: x\n"
          // Alone, so its own words are told.
          "connect.refused: pc10\n"
          "    pc10:1 refused the connection\n"
          "    hint: x\n"
          "tls.unknown: pc[3-4]\n"
          "    nobody knows the key of HOST\n"
          "    hint: compare sha256:HEX\n"
          "on: pc5\n");
}

TEST_CASE("a change, a plan and what was passed through say so") {
    CHECK(
        grouped(
            power(),
            {record("amt://pc1", R"("ok":true,"changed":true,"state":{"after":{"power":"on"}})"),
             record(
                 "amt://pc2",
                 R"("ok":true,"dry_run":true,"state":{"after":{"power":"on"}},"data":{"plan":"write pc2.log"})"),
             record(
                 "amt://pc3",
                 R"("ok":true,"dry_run":true,"state":{"after":{"power":"on"}},"data":{"plan":"write pc3.log"})"),
             record(
                 "amt://pc4",
                 R"("ok":false,"skipped":true,"error":{"code":"auth.rejected","message":"no"})")}) ==
        "on, changed: pc1\n"
        "on, dry run: write HOST.log: pc[2-3]\n"
        "skipped: pc4\n"
        "    no\n");
}

TEST_CASE("several outcomes have their headings, and what is not known is left away") {
    const report::View view = report::standard_view(
        {report::path_column("TRUST", "data.trust"), report::path_column("KEY", "data.key")},
        [](const Value& record) {
            return report::Details{{"subject", report::text_at(record, "data.subject")}};
        });
    const auto of = [](const char* target, const char* data) {
        return record(target, join({R"("ok":true,"data":)", data}));
    };
    CHECK(grouped(view, {of("amt://a1", R"({"trust":"new","key":"k","subject":"CN=x"})"),
                         of("amt://a2", R"({"trust":"new","key":"k","subject":"CN=x"})"),
                         of("amt://a3", R"({"trust":"known","subject":"CN=x"})")}) ==
          "trust new, key k: a[1-2]\n"
          "    subject  CN=x\n"
          "trust known: a3\n"
          "    subject  CN=x\n");
    CHECK(grouped(report::standard_view(), {of("amt://a1", "{}"), of("amt://a2", "{}")}) ==
          "ok: a[1-2]\n");
}

TEST_CASE("groups fit the width, and no target is cut") {
    std::vector<Value> records;
    for (int i = 0; i < 60; i += 2)
        records.push_back(ok("amt://pc" + std::to_string(100 + i), "on"));
    records.push_back(ok("amt://server.with.a.long.name.lab.example", "on"));
    const std::string out = grouped(power(), records, 40);
    CHECK(out ==
          "on: pc[100,102,104,106,108,110,112]\n"
          "  pc[114,116,118,120,122,124,126,128]\n"
          "  pc[130,132,134,136,138,140,142]\n"
          "  pc[144,146,148,150,152,154,156,158]\n"
          "  server.with.a.long.name.lab.example\n");
}

TEST_CASE("what a device says cannot steer the terminal") {
    const std::string out =
        grouped(power(), {failed("amt://pc1", "x.y", "a\\u001b[2Jb", "c\\r\\nd"),
                          record("amt://pc\\u001b2", R"("ok":true)")});
    CHECK(out.find('\x1b') == std::string::npos);
    CHECK(out.find('\r') == std::string::npos);
}
