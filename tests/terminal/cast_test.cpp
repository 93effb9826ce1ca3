#include "terminal/cast.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include <fstream>

using namespace oob;
using namespace oob::terminal;

namespace {

/// A folder that goes with the test.
struct Folder {
    std::string path = "/tmp/oob-cast-XXXXXX";
    Folder() { REQUIRE(::mkdtemp(path.data()) != nullptr); }
    ~Folder() { std::filesystem::remove_all(path); }
    std::string write(std::string_view text) const {
        std::ofstream(path + "/file") << text;
        return path + "/file";
    }
};

}  // namespace

TEST_CASE("a recording is read as it was written") {
    const Folder folder;
    const std::string path = folder.path + "/boot.cast";
    {
        CastWriter writer(path, "pc07");
        writer.show("╔═╗\r\n");
        writer.show("\x1b[2J\"quoted\"");
    }
    const auto events = read_cast(path);
    REQUIRE(events);
    REQUIRE(events->size() == 2);
    CHECK(events->at(0).text == "╔═╗\r\n");
    CHECK(events->at(1).text == "\x1b[2J\"quoted\"");
    CHECK(events->at(0).at <= events->at(1).at);
    CHECK_THROWS_AS(CastWriter(path, "again"), Failure);
    struct stat status{};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);
    // A link to nowhere is there as well.
    std::filesystem::create_symlink(folder.path + "/elsewhere", folder.path + "/link.cast");
    CHECK_THROWS_AS(CastWriter(folder.path + "/link.cast", "linked"), Failure);
    CHECK(!std::filesystem::exists(folder.path + "/elsewhere"));
}

TEST_CASE("a recording of asciinema's own") {
    const Folder folder;
    const auto events = read_cast(folder.write(
        "{\"version\": 2, \"width\": 80, \"height\": 24, \"env\": {\"TERM\": \"xterm\"}}\n"
        "[0.248848, \"o\", \"\\u001b[1;31mHello\"]\n[1.001376, \"i\", \"x\"]\n[2, \"o\", "
        "\"there\"]\n"));
    REQUIRE(events);
    REQUIRE(events->size() == 2);
    CHECK(events->at(0).at == std::chrono::microseconds(248'848));
    CHECK(events->at(1).at == std::chrono::seconds(2));
}

TEST_CASE("what is no recording says so") {
    const Folder folder;
    for (const char* text :
         {"", "hello", "{\"version\": 1}\n", "{}\n", "{\"version\": 2}\n[1]\n",
          "{\"version\": 2}\n[-1, \"o\", \"x\"]\n", "{\"version\": 2}\n[1e300, \"o\", \"x\"]\n"}) {
        CAPTURE(text);
        const auto events = read_cast(folder.write(text));
        REQUIRE(!events);
        CHECK(events.error().code == "config.cast");
        CHECK(!events.error().hint.empty());
    }
    CHECK(!read_cast(folder.path + "/none"));
}
