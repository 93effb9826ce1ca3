#include "report/sink.h"

#include "core/json.h"

#include <doctest/doctest.h>

#include <algorithm>

using namespace oob;
using report::Format;
using report::Sink;

namespace {

Value record(const std::string& name, bool ok) {
    return parse_json(R"({"type":"result","ok":)" + std::string(ok ? "true" : "false") +
                      R"(,"device":{"name":")" + name +
                      R"("},"error":{"code":"tls.unknown","message":"no","hint":"do"}})")
        .value();
}

std::string written(Format format, int records) {
    std::string out;
    Sink sink(format, report::standard_columns(), [&](std::string_view text) { out += text; });
    for (int i = 0; i < records; ++i) sink.add(record("pc" + std::to_string(i), i % 2 == 1));
    sink.finish();
    return out;
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
          "DEVICE  FIRMWARE  RESULT       DETAIL\n"
          "pc0     -         tls.unknown  no (do)\n"
          "pc1     -         ok           no (do)\n");
}
