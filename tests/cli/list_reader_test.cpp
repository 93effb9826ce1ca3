#include "cli/list_reader.h"

#include <doctest/doctest.h>

#include <sstream>
#include <vector>

using namespace oob;

namespace {

using Words = std::vector<std::string>;

/// The entries, `at_a_time` bytes by `at_a_time`, or the error as the last of them.
Words entries(std::string_view text, std::size_t at_a_time) {
    Words out;
    cli::ListReader reader([&](std::string_view entry) -> Result<void> {
        out.emplace_back(entry);
        if (entry == "bad") return std::unexpected(Error(Class::usage, "usage.target", "no host"));
        return {};
    });
    Result<void> read;
    while (read && !text.empty()) {
        read = reader.feed(text.substr(0, at_a_time));
        text.remove_prefix(std::min(at_a_time, text.size()));
    }
    if (read) read = reader.finish();
    if (!read) out.push_back(read.error().code + ": " + read.error().message);
    return out;
}

}  // namespace

TEST_CASE("a list is cut into entries, however it arrives and wherever it is cut") {
    struct Row {
        std::string_view text;
        Words entries;
    };
    for (const Row& row : {
             Row{"", {}},
             Row{"pc1\n\n  pc2 # note\r\npc3", {"pc1", "pc2 # note\r", "pc3"}},
             Row{"[2001:db8::1]:16993\n[::1]\n", {"[2001:db8::1]:16993", "[::1]"}},
             Row{"{\"a\":1}\n{\"b\":\"}{\"}\n", {"{\"a\":1}", "{\"b\":\"}{\"}"}},
             Row{"{\"a\":1}{\"b\":2} pc1\n", {"{\"a\":1}", "{\"b\":2}", "pc1"}},
             Row{"{\n  \"a\": [1, {\"b\": \"\\\"]\"}]\n}\npc1\n",
                 {"{\n  \"a\": [1, {\"b\": \"\\\"]\"}]\n}", "pc1"}},
             Row{"[]", {}},
             Row{"[\n]\npc1\n", {"pc1"}},
             Row{"[{\"a\":1},{\"b\":2}]", {"{\"a\":1}", "{\"b\":2}"}},
             Row{"[\n  {\n    \"a\": 1\n  },\n  {\"b\":2}\n]\n",
                 {"{\n    \"a\": 1\n  }", "{\"b\":2}"}},
             Row{"[{\"a\":1}]\n[{\"b\":2}]\n", {"{\"a\":1}", "{\"b\":2}"}},
             Row{"\xef\xbb\xbf[{\"a\":1}]", {"{\"a\":1}"}},
             Row{"\xef\xbb\xbfpc1\n", {"pc1"}},
             Row{"\xef\xbb", {"\xef\xbb"}},
             Row{"\xef", {"\xef"}},
             Row{"[", {"["}},
             Row{"[ pc1\n", {"[ pc1"}},
             Row{"[\npc1\n", {"[", "pc1"}},
             Row{"pc1\nbad\npc3\n", {"pc1", "bad", "usage.target: line 2: no host"}},
             Row{"[{\"a\":1},\n7]",
                 {"{\"a\":1}", "usage.input: line 2: an array holds records: { is missing"}},
             Row{"[{\"a\":1}\n{\"b\":2}]",
                 {"{\"a\":1}", "usage.input: line 2: behind a record of an array stands , or ]"}},
             Row{"[\n\"pc1\"]", {"usage.input: line 2: an array holds records, not texts"}},
             Row{"\n{\"a\":1,\n", {"usage.input: line 2: the record has no end"}},
             Row{"[{\"a\":1},", {"{\"a\":1}", "usage.input: line 1: the array has no end"}},
         }) {
        CAPTURE(row.text);
        for (const std::size_t at_a_time : {std::size_t{1}, std::size_t{2}, std::size_t{1000}})
            CHECK(entries(row.text, at_a_time) == row.entries);
    }
}

TEST_CASE("an entry has a limit, a list has none") {
    const std::string most(cli::ListReader::longest_entry, 'x');
    CHECK(entries(most + "\n" + most + "\n", 4096).size() == 2);
    CHECK(entries(most + "x\n", 4096).back().contains("longer than 16 MiB"));
    CHECK(entries("{\"a\":\"" + most, 4096).back().contains("longer than 16 MiB"));
    CHECK(entries("[{\"a\":\"" + most, 4096).back().contains("longer than 16 MiB"));
    std::string list = "[{}";
    for (int i = 1; i < 100'000; ++i) list += ",{}";
    CHECK(entries(list + "]", 4096).size() == 100'000);
}

TEST_CASE("a stream is read to its end") {
    std::istringstream in("[{\"target\":\"pc1\"},\n{\"target\":\"pc2\"}]\n");
    std::size_t count = 0;
    REQUIRE(cli::read_list(in, [&](std::string_view) -> Result<void> {
        ++count;
        return {};
    }));
    CHECK(count == 2);
}
