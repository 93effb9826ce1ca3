#include "report/sink.h"

#include "core/json.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>

using namespace oob;
using report::Format;
using report::Sink;

namespace {

Value record(const std::string& name, bool ok) {
    return parse_json(R"({"type":"result","ok":)" + std::string(ok ? "true" : "false") +
                      R"(,"device":{"name":")" + name + R"("})" +
                      (ok ? "}" : R"(,"error":{"code":"tls.unknown","message":"no","hint":"do"}})"))
        .value();
}

const Value summary =
    parse_json(
        R"({"type":"summary","targets":2,"ok":1,"changed":0,"failed":1,"classes":{"tls":1}})")
        .value();

/// Where the records of a run go.
struct Paper {
    explicit Paper(Format format)
        : sink(format, report::standard_view(), [this](std::string_view text) { out += text; }, {},
               {report::unlimited, [this] { return now; }}) {}

    std::string out;
    std::chrono::steady_clock::time_point now;
    Sink sink;
};

std::string written(Format format, int records) {
    Paper paper(format);
    for (int i = 0; i < records; ++i) paper.sink.add(record("pc" + std::to_string(i), i % 2 == 1));
    paper.sink.finish();
    return paper.out;
}

}  // namespace

TEST_CASE("ndjson is a line a record") {
    const std::string out = written(Format::ndjson, 3);
    CHECK(std::ranges::count(out, '\n') == 3);
    CHECK(written(Format::ndjson, 0).empty());
}

TEST_CASE("json is one array, also of nothing") {
    for (int count : {0, 1, 3}) {
        const auto parsed = parse_json(written(Format::json, count));
        REQUIRE(parsed);
        CHECK(parsed->items().size() == static_cast<std::size_t>(count));
    }
}

TEST_CASE("a table has a heading, aligned columns, and says what went wrong") {
    CHECK(written(Format::table, 2) ==
          "DEVICE           FIRMWARE      RESULT\n"
          "pc0              -             tls.unknown\n"
          "    no\n"
          "    hint: do\n"
          "pc1              -             ok\n");
    CHECK(written(Format::table, 0).empty());
}

TEST_CASE("a table is as wide as the devices that were told before, and prints while others run") {
    Paper paper(Format::table);
    for (const char* name : {"pc0", "pc1", "pc2"}) paper.sink.expect(name);
    paper.sink.add(record("pc1", true), 1);
    CHECK(paper.out.empty());
    paper.sink.add(record("pc0", true), 0);
    CHECK(paper.out ==
          "DEVICE  FIRMWARE      RESULT\n"
          "pc0     -             ok\n"
          "pc1     -             ok\n");
    paper.out.clear();
    paper.sink.add(record("pc3", true), 3);
    paper.sink.write_due();
    CHECK(paper.out.empty());
    paper.now += report::OrderedRows::patience;
    paper.sink.write_due();
    CHECK(paper.out == "pc3     -             ok\n");
    paper.out.clear();
    paper.sink.add(record("pc2", true), 2);
    CHECK(paper.out == "pc2     -             ok\n");
}

TEST_CASE("groups and a summary stand at the end") {
    Paper paper(Format::grouped);
    for (int i = 0; i < 3; ++i) {
        Value each = record("pc" + std::to_string(i), i != 1);
        each.set("target", "amt://pc" + std::to_string(i));
        paper.sink.add(each, static_cast<std::size_t>(i));
    }
    paper.sink.add(summary);
    CHECK(paper.out.empty());
    paper.sink.finish();
    CHECK(paper.out ==
          "ok: pc[0,2]\n"
          "tls.unknown: pc1\n"
          "    no\n"
          "    hint: do\n"
          "2 targets: 1 ok, 1 failed (1 tls)\n");
}

TEST_CASE("a summary of a table is told in words, behind the rows that wait") {
    Paper paper(Format::table);
    paper.sink.add(record("pc1", true), 1);
    paper.sink.add(summary);
    paper.sink.finish();
    CHECK(paper.out ==
          "DEVICE           FIRMWARE      RESULT\n"
          "pc1              -             ok\n"
          "2 targets: 1 ok, 1 failed (1 tls)\n");
}

TEST_CASE("a run that ends by a failure loses no record that came") {
    for (const Format format : {Format::table, Format::grouped, Format::json}) {
        std::string out;
        {
            Sink sink(format, report::standard_view(), [&](std::string_view text) { out += text; });
            sink.add(record("pc1", true), 1);
        }
        CHECK(out.find(format == Format::grouped ? "ok:" : "pc1") != std::string::npos);
        CHECK((format != Format::json || parse_json(out).has_value()));
        out.clear();
        {
            Sink sink(format, report::standard_view(), [&](std::string_view text) { out += text; });
        }
        CHECK(out.empty());
    }
}
