#include "report/person.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <array>
#include <functional>

using namespace oob;

namespace {

/// What reaches standard error, which is a pipe meanwhile: no terminal, and small enough for it.
std::string told(const std::function<void()>& act) {
    std::array<int, 2> ends{};
    REQUIRE(::pipe(ends.data()) == 0);
    const int before = ::dup(STDERR_FILENO);
    REQUIRE(::dup2(ends[1], STDERR_FILENO) == STDERR_FILENO);
    ::close(ends[1]);
    act();
    ::dup2(before, STDERR_FILENO);
    ::close(before);
    std::string out(4096, '\0');
    const ssize_t count = ::read(ends[0], out.data(), out.size());
    ::close(ends[0]);
    out.resize(count < 0 ? 0 : static_cast<std::size_t>(count));
    return out;
}

}  // namespace

TEST_CASE("what is told is one line, whatever stands in it") {
    CHECK(told([] {
              report::tell(
                  "oob-power: pc07 said \x1b[2J\r\n\xc2\x9b"
                  "1m\xe2\x80\xae");
          }) == "oob-power: pc07 said ?[2J???1m?\n");
    CHECK(told([] { report::tell(""); }) == "\n");
}

TEST_CASE("lines of our own keep their breaks and nothing else") {
    CHECK(told([] { report::tell_lines("\nusage:\n  a\tb\x1b[m\n"); }) == "\nusage:\n  a?b?[m\n");
    CHECK(told([] { report::tell_lines("no end"); }) == "no end");
}

TEST_CASE("a question leaves the line open") {
    CHECK(told([] { report::ask("reset pc\n07? [y/N] "); }) == "reset pc?07? [y/N] ");
}

TEST_CASE("a line that is drawn anew is gone at the end") {
    CHECK(told([] {
              report::StatusLine line;
              line.clear();
              line.show("1/2 \x1b]0;title\a");
              line.show("2/2");
          }) == "\r\x1b[K1/2 ?]0;title?\r\x1b[K2/2\r\x1b[K");
}

TEST_CASE("several lines are cleaned between their breaks") {
    struct Row {
        std::string_view said;
        std::string_view shown;
    };
    for (const Row& row : {Row{"", ""}, Row{"a\nb", "a\nb"}, Row{"a\r\nb\r\n", "a\nb\n"},
                           Row{"\ta\r\rb\n\n", "\ta??b\n\n"}, Row{"\x1b[1m\n\x9b\n", "?[1m\n?\n"},
                           Row{"Ger\u00e4t\n", "Ger\u00e4t\n"}, Row{"a\u2028b", "a?b"}}) {
        CAPTURE(row.said);
        CHECK(report::harmless_lines(row.said) == row.shown);
    }
}
