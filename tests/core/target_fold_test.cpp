#include "core/target_fold.h"

#include "core/target.h"
#include "core/text.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

using namespace oob;

namespace {

using Texts = std::vector<std::string>;

/// What the tools make of the words, in alphabetical order.
Texts spelt_out(const Texts& words) {
    Texts out;
    for (const std::string& word : words) {
        const auto range = TargetRange::parse(word);
        REQUIRE_MESSAGE(range, word);
        for (std::uint64_t i = 0; i < range->size(); ++i) out.push_back(range->at(i));
    }
    std::ranges::sort(out);
    return out;
}

Texts sorted(Texts texts) {
    std::ranges::sort(texts);
    const auto repeated = std::ranges::unique(texts);
    texts.erase(repeated.begin(), repeated.end());
    return texts;
}

}  // namespace

TEST_CASE("targets are folded into ranges") {
    struct Row {
        Texts texts;
        Texts words;
    };
    for (const Row& row : {
             Row{{}, {}},
             Row{{"pc1"}, {"pc1"}},
             Row{{"pc43", "pc41"}, {"pc[41,43]"}},
             Row{{"pc02", "pc01", "pc02"}, {"pc[01-02]"}},
             Row{{"pc08", "pc09", "pc10", "pc99", "pc100"}, {"pc[08-10,99-100]"}},
             Row{{"pc1", "pc2", "pc01", "pc02"}, {"pc[1-2,01-02]"}},
             Row{{"10.0.0.9", "10.0.0.10", "10.0.0.11"}, {"10.0.0.[9-11]"}},
             Row{{"pc1.lab2.example", "pc2.lab2.example", "pc1.site.example"},
                 {"pc[1-2].lab2.example", "pc1.site.example"}},
             Row{{"r1n1", "r1n2", "r2n1", "r2n2", "r3n2"}, {"r[1-2]n1", "r[1-3]n2"}},
             Row{{"r1n1", "r1n2", "r1n3", "r2n1", "r2n2", "r2n3"}, {"r[1-2]n[1-3]"}},
             Row{{"amt+tcp://pc1:16999", "amt+tcp://pc2:16999", "pc3"},
                 {"amt+tcp://pc[1-2]:16999", "pc3"}},
             Row{{"ops@pc1", "ops@pc2"}, {"ops@pc[1-2]"}},
             Row{{"[fd00::1]", "[fd00::2]:16999"}, {"[fd00::1]", "[fd00::2]:16999"}},
             Row{{"pc1?via=ssh:b1", "pc2?via=ssh:b1", "pc2?via=ssh:b2"},
                 {"pc[1-2]?via=ssh:b1", "pc2?via=ssh:b2"}},
             Row{{"pc1,pc2", "a b 3", "a b 4"}, {"a b 3", "a b 4", "pc1,pc2"}},
             Row{{"x12345678901234567890", "x12345678901234567891"},
                 {"x12345678901234567890", "x12345678901234567891"}},
         })
        CHECK(fold_targets(row.texts) == row.words);
}

TEST_CASE("what is folded can be spelt out again, whatever the names") {
    std::mt19937 random(20260822);
    const auto below = [&](std::size_t count) {
        return std::uniform_int_distribution<std::size_t>(0, count - 1)(random);
    };
    const std::vector<std::string> texts{"pc",         "n",   "-",    ".lab", ".example",
                                         "amt+tcp://", ":16", "10.",  "r",    "www",
                                         "0",          "00",  "ops@", "-10."};
    for (int round = 0; round < 1000; ++round) {
        CAPTURE(round);
        // A few patterns with numbers in them, and many names of each.
        Texts names;
        for (std::size_t pattern = 0; pattern <= below(3); ++pattern) {
            std::vector<std::string> literals;
            for (std::size_t i = 0; i <= below(3); ++i)
                literals.push_back(texts[below(texts.size())]);
            const std::size_t width = below(4);
            const std::size_t most = below(2) == 0 ? 12 : 130;
            for (std::size_t count = 0; count < below(60); ++count) {
                std::string name;
                for (const std::string& literal : literals) {
                    std::string number = std::to_string(below(most));
                    if (number.size() < width) number.insert(0, width - number.size(), '0');
                    name += join({literal, number});
                }
                // Some of these would themselves be ranges, backwards, or no host.
                const auto alone = TargetRange::parse(name);
                if (alone && alone->size() == 1 && parse_target(name))
                    names.push_back(std::move(name));
            }
        }
        const std::size_t longest = below(2) == 0 ? std::string::npos : 10 + below(30);
        const Texts words = fold_targets(names, longest);
        CHECK(spelt_out(words) == sorted(names));
        for (const std::string& word : words)
            CHECK((word.size() <= longest || !word.contains('[')));
    }
}

TEST_CASE("a word stands for no more than a range may") {
    Texts names;
    for (int i = 0; i < 12; ++i)
        for (int k = 0; k < 9; ++k)
            names.push_back(join({"r", std::to_string(i), "n", std::to_string(k)}));
    CHECK(fold_targets(names, std::string::npos, 100) == Texts{"r[0-5]n[0-8]", "r[6-11]n[0-8]"});
    CHECK(fold_targets(names, std::string::npos, 108) == Texts{"r[0-11]n[0-8]"});
    CHECK(fold_targets(names, std::string::npos, 1).size() == names.size());
}

TEST_CASE("a target is written as short as it can be") {
    struct Row {
        const char* text;
        const char* written;
    };
    for (const Row& row :
         {Row{"amt://pc1", "pc1"}, Row{"amt://pc1:16993", "pc1"},
          Row{"amt://pc1:16992", "pc1:16992"},
          Row{"amt://ops@pc1:16993/?via=ssh:b", "ops@pc1?via=ssh:b"},
          Row{"amt+tcp://pc1", "amt+tcp://pc1"}, Row{"amt+tcp://pc1:16992", "amt+tcp://pc1"},
          Row{"ipmi://[fd00::623]", "ipmi://[fd00::623]"},
          Row{"ipmi://fd00::623", "ipmi://fd00::623"}, Row{"amt://[fd00::5]:16993", "[fd00::5]"},
          Row{"ipmi://10.0.0.5:623", "ipmi://10.0.0.5"}, Row{"mei:///dev/mei0", "mei:///dev/mei0"},
          Row{"10.0.0.5", "10.0.0.5"}, Row{"what is that", "what is that"}})
        CHECK(short_target(row.text) == row.written);
}
