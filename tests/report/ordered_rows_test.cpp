#include "report/ordered_rows.h"

#include <doctest/doctest.h>

using namespace oob;
using report::OrderedRows;
using namespace std::chrono_literals;

namespace {

/// Rows that are written down, at a time that the test tells.
struct Paper {
    std::string out;
    std::chrono::steady_clock::time_point now;
    OrderedRows rows{[this](std::string_view text) { out += text; }, [this] { return now; }};

    std::string add(std::size_t place) {
        rows.add(place, std::to_string(place) + "\n");
        return std::exchange(out, {});
    }
    std::string later(std::chrono::milliseconds by) {
        now += by;
        rows.write_due();
        return std::exchange(out, {});
    }
    std::string finish() {
        rows.write_all();
        return std::exchange(out, {});
    }
};

}  // namespace

TEST_CASE("rows stand in the order of the targets, whichever comes first") {
    Paper paper;
    CHECK(paper.add(2).empty());
    CHECK(paper.add(1).empty());
    CHECK(paper.add(0) == "0\n1\n2\n");
    CHECK(paper.add(3) == "3\n");
    CHECK(paper.add(5).empty());
    CHECK(paper.finish() == "5\n");
    CHECK(paper.finish().empty());
}

TEST_CASE("a row waits a little for a slow device, whose own row comes when it comes") {
    Paper paper;
    CHECK(paper.add(0) == "0\n");
    CHECK(paper.add(2).empty());
    CHECK(paper.later(OrderedRows::patience - 1ms).empty());
    CHECK(paper.add(3).empty());
    CHECK(paper.add(5).empty());
    // The row before 2 has had its time. 3 follows at once, and 5 waits for 4.
    CHECK(paper.later(1ms) == "2\n3\n");
    CHECK(paper.later(OrderedRows::patience - 2ms).empty());
    CHECK(paper.later(1ms) == "5\n");
    CHECK(paper.add(1) == "1\n");
    CHECK(paper.add(4) == "4\n");
    CHECK(paper.add(6) == "6\n");
}

TEST_CASE("rows that wait are bounded in number and in size") {
    Paper paper;
    for (std::size_t place = 1; place <= OrderedRows::most_rows; ++place)
        CHECK(paper.add(2 * place).empty());
    CHECK(paper.add(1) == "1\n2\n");

    Paper large;
    const std::string row(OrderedRows::most_bytes, 'x');
    large.rows.add(3, row);
    CHECK(large.out.empty());
    large.rows.add(5, "5\n");
    CHECK(large.out == row);
    CHECK(large.finish() == row + "5\n");
}

TEST_CASE("a row without a place waits for nobody") {
    Paper paper;
    CHECK(paper.add(4).empty());
    paper.rows.add(std::nullopt, "x\n");
    CHECK(paper.out == "x\n");
}
