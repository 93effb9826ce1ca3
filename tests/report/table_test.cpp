#include "report/table.h"

#include "core/json.h"

#include <doctest/doctest.h>

using namespace oob;
using report::Column;
using report::Details;
using report::unlimited;
using report::View;

namespace {

Value record(const std::string& json) { return take(parse_json(json)); }

/// A view as verbs have it: a cell of their own, and lines under the row.
View view() {
    return report::standard_view(
        {report::path_column("POWER", "state.after.power", 9)}, [](const Value& record) {
            Details out;
            for (const auto& [name, value] : report::at_path(record, "data.facts").members())
                out.push_back({name, std::string(value.text())});
            return out;
        });
}

const Value on = record(
    R"({"ok":true,"device":{"name":"pc01","firmware":"16.1.30.2307"},"state":{"after":{"power":"on"}}})");
const Value planned = record(
    R"({"ok":true,"dry_run":true,"device":{"name":"pc02","firmware":"15.0.23.1706"},)"
    R"("state":{"after":{"power":"on"}},"data":{"plan":"switch off without asking the operating system"}})");
const Value failing = record(
    R"({"ok":false,"device":{"name":"pc03.lab.example","firmware":null},"error":{"code":"connect.refused",)"
    R"("message":"pc03.lab.example:16993 refused the connection",)"
    R"("hint":"is AMT provisioned and its network access on? firmware from 16.1 serves TLS only"},)"
    R"("warnings":["the clock is off"]})");
const Value with_facts = record(
    R"({"ok":true,"device":{"name":"pc04","firmware":"16.1.30.2307"},"state":{"after":{"power":"off"}},)"
    R"("data":{"facts":{"a":"one two three four five six seven eight nine ten","longer name":"short"}}})");

std::string written(std::size_t limit) {
    const View shown = view();
    const report::Table table(shown, report::display_width("pc03.lab.example"), limit);
    std::string out = table.heading();
    for (const Value* each : {&on, &planned, &failing, &with_facts})
        out += table.row(report::cells_of(shown, *each), report::details_of(shown, *each));
    return out;
}

}  // namespace

TEST_CASE("a table without a limit has a line for each row, and one for each detail") {
    CHECK(written(unlimited) ==
          "DEVICE            FIRMWARE      POWER      RESULT\n"
          "pc01              16.1.30.2307  on         ok\n"
          "pc02              15.0.23.1706  on         dry run: switch off without asking the "
          "operating system\n"
          "pc03.lab.example  -             -          connect.refused\n"
          "    pc03.lab.example:16993 refused the connection\n"
          "    hint: is AMT provisioned and its network access on? firmware from 16.1 serves TLS "
          "only\n"
          "    warning: the clock is off\n"
          "pc04              16.1.30.2307  off        ok\n"
          "    a            one two three four five six seven eight nine ten\n"
          "    longer name  short\n");
    CHECK(written(200) == written(unlimited));
}

TEST_CASE("80 columns: long cells and details are cut between words") {
    CHECK(written(80) ==
          "DEVICE            FIRMWARE      POWER      RESULT\n"
          "pc01              16.1.30.2307  on         ok\n"
          "pc02              15.0.23.1706  on         dry run: switch off without asking\n"
          "                                           the operating system\n"
          "pc03.lab.example  -             -          connect.refused\n"
          "    pc03.lab.example:16993 refused the connection\n"
          "    hint: is AMT provisioned and its network access on? firmware from 16.1\n"
          "    serves TLS only\n"
          "    warning: the clock is off\n"
          "pc04              16.1.30.2307  off        ok\n"
          "    a            one two three four five six seven eight nine ten\n"
          "    longer name  short\n");
}

TEST_CASE("40 columns: what has no room stands in the next line") {
    CHECK(written(40) ==
          "DEVICE            FIRMWARE\n"
          "  POWER      RESULT\n"
          "pc01              16.1.30.2307\n"
          "  on         ok\n"
          "pc02              15.0.23.1706\n"
          "  on         dry run: switch off without\n"
          "             asking the operating system\n"
          "pc03.lab.example  -\n"
          "  -          connect.refused\n"
          "    pc03.lab.example:16993 refused the\n"
          "    connection\n"
          "    hint: is AMT provisioned and its\n"
          "    network access on? firmware from\n"
          "    16.1 serves TLS only\n"
          "    warning: the clock is off\n"
          "pc04              16.1.30.2307\n"
          "  off        ok\n"
          "    a  one two three four five six seven\n"
          "      eight nine ten\n"
          "    longer name  short\n");
}

TEST_CASE("no line is longer than its limit, and nothing is cut away") {
    const auto joined = [](const std::string& text) {
        std::string out;
        for (const char c : text)
            if (c != ' ' && c != '\n') out += c;
        return out;
    };
    for (std::size_t limit = 30; limit < 120; ++limit) {
        CAPTURE(limit);
        const std::string out = written(limit);
        std::size_t start = 0;
        for (auto end = out.find('\n'); end != std::string::npos; end = out.find('\n', start)) {
            CHECK(end - start <= limit);
            CHECK((end == start || out[end - 1] != ' '));
            start = end + 1;
        }
        CHECK(joined(out) == joined(written(unlimited)));
    }
}

TEST_CASE("a cell that is too long pushes those behind it, a word that is too long stays whole") {
    View wide;
    wide.columns = {report::path_column("A", "a", 4), report::path_column("B", "b", 4),
                    report::path_column("C", "c", 4)};
    const report::Table table(wide, 0, 20);
    CHECK(table.heading() == "A     B     C\n");
    CHECK(table.row({"1", "2", "3"}, {}) == "1     2     3\n");
    CHECK(table.row({"123456", "2", "3"}, {}) == "123456  2   3\n");
    CHECK(table.row({"1234567890", "2", "345678"}, {}) == "1234567890  2\n  345678\n");
    CHECK(table.row({"1", std::string(30, 'x'), "3"}, {}) ==
          "1\n  " + std::string(30, 'x') + "\n  3\n");
    CHECK(table.row({"1", "", ""}, {{"", std::string(40, 'y')}}) ==
          "1\n    " + std::string(40, 'y') + "\n");
}

TEST_CASE("a word that has no room beside its label stands in the next line") {
    const std::string word(30, 'x');
    const Details details{{"a", "short"}, {"label", word + " y"}};
    CHECK(report::details_text(details, 44) == "    a      short\n    label  " + word + " y\n");
    CHECK(report::details_text(details, 40) ==
          "    a      short\n    label\n      " + word + " y\n");
    CHECK(report::details_text(details, 20) ==
          "    a  short\n    label\n      " + word + "\n      y\n");
}

TEST_CASE("wide characters take two columns, and marks none") {
    CHECK(report::display_width("pc01") == 4);
    CHECK(report::display_width("端末01") == 6);
    CHECK(report::display_width("e\u0301") == 1);
    CHECK(report::display_width("\u00e9") == 1);
    CHECK(report::display_width("\xff") == 1);
    View two;
    two.columns = {report::path_column("NAME", "a", 6), report::path_column("B", "b")};
    const report::Table table(two, 0, unlimited);
    CHECK(table.row({"端末", "x"}, {}) == "端末    x\n");
    CHECK(table.row({"e\u0301", "x"}, {}) == "e\u0301       x\n");
}

TEST_CASE("texts are cut between words, and between wide characters") {
    CHECK(report::wrapped("one two three", 0, 2, 7) == "one two\n  three");
    CHECK(report::wrapped("one two three", 4, 2, 7) == "one\n  two\n  three");
    CHECK(report::wrapped("  one", 0, 2, 80) == "  one");
    CHECK(report::wrapped("端末端末端末", 0, 0, 5) == "端末\n端末\n端末");
    CHECK(report::wrapped("long one", 5, 2, 7) == "\n  long\n  one");
    CHECK(report::wrapped("longer than that", 2, 2, 7) == "longer\n  than\n  that");
    CHECK(report::longest_word("one three two") == 5);
    CHECK(report::longest_word("端末") == 2);
    CHECK(report::longest_word("") == 0);
    CHECK(report::wrapped("", 0, 2, 7).empty());
    CHECK(report::wrapped("one two", 0, 2, unlimited) == "one two");
}

TEST_CASE("what a peer says cannot steer the terminal, wherever it is shown") {
    const Value hostile = record(
        R"({"ok":false,"device":{"name":"pc\u001b[2J","firmware":"\u0007"},"error":{"code":"x\u001b","message":"a\u001b[31m","hint":"b\r\n"},)"
        R"("warnings":["c\u001b"],"data":{"facts":{"n\u001b":"v\u001b\n"}}})");
    const View shown = view();
    const report::Table table(shown, 0, unlimited);
    const std::string out =
        table.row(report::cells_of(shown, hostile), report::details_of(shown, hostile));
    for (const char c : {'\x1b', '\x07', '\r'}) CHECK(out.find(c) == std::string::npos);
    CHECK(std::count(out.begin(), out.end(), '\n') == 5);
}

TEST_CASE("a summary in words") {
    CHECK(
        report::words_of_summary(record(
            R"({"targets":12,"ok":9,"changed":2,"failed":3,"skipped":0,"not_started":0,"classes":{"timeout":2,"auth":1}})")) ==
        "12 targets: 9 ok (2 changed), 3 failed (2 timeout, 1 auth)");
    CHECK(
        report::words_of_summary(record(
            R"({"targets":1,"ok":0,"changed":0,"failed":1,"skipped":1,"not_started":4,"classes":{"tls":1},"silent":7})")) ==
        "1 target: 0 ok, 1 failed (1 tls), 1 of them skipped, 4 not started, 7 silent");
}
