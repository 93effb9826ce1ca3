#include "core/private_file.h"

#include "core/file.h"
#include "support/temporary_folder.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

using namespace oob;

namespace {

mode_t mode_of(const std::filesystem::path& path) {
    struct stat status{};
    REQUIRE(::lstat(path.c_str(), &status) == 0);
    return status.st_mode & 07777;
}

/// Writes the text, or the errno of the opening.
int put(const std::filesystem::path& path, Writing writing, std::string_view text = "new") {
    const auto file = open_private(path, writing);
    if (!file) return file.error().number;
    CHECK(write_all(file->get(), text));
    return 0;
}

std::string text_of(const std::filesystem::path& path) { return read_file(path, "test").value(); }

/// The mask that lets everything through, for as long as it lives.
struct OpenMask {
    mode_t before = ::umask(0);
    ~OpenMask() { ::umask(before); }
};

}  // namespace

TEST_CASE("a file that is made is for its owner alone, whatever the mask") {
    const test::TemporaryFolder folder;
    const OpenMask mask;
    for (const Writing writing : {Writing::anew, Writing::appending}) {
        const auto path = folder.path() / (writing == Writing::anew ? "anew" : "appending");
        CHECK(put(path, writing) == 0);
        CHECK(mode_of(path) == 0600);
    }
}

TEST_CASE("a new file is new, an existing one exists, and the rest is appended") {
    const test::TemporaryFolder folder;
    const auto path = folder.path() / "file";
    CHECK(put(path, Writing::existing) == ENOENT);
    CHECK(put(path, Writing::anew, "one ") == 0);
    CHECK(put(path, Writing::anew) == EEXIST);
    CHECK(put(path, Writing::appending, "two ") == 0);
    CHECK(put(path, Writing::existing, "three") == 0);
    CHECK(text_of(path) == "one two three");
    // Who may read a file that is there is its owner's choice.
    std::filesystem::permissions(path, std::filesystem::perms(0640));
    CHECK(put(path, Writing::appending) == 0);
    CHECK(mode_of(path) == 0640);
}

TEST_CASE("no link is followed, to a file or to none") {
    const test::TemporaryFolder folder;
    const auto victim = folder.write("victim", "precious");
    for (const char* target : {"victim", "nothing"}) {
        const auto link = folder.path() / (std::string("link to ") + target);
        std::filesystem::create_symlink(folder.path() / target, link);
        CHECK(put(link, Writing::anew) == EEXIST);
        CHECK(put(link, Writing::appending) == ELOOP);
        CHECK(put(link, Writing::existing) == ELOOP);
        CHECK(open_private(link, Writing::appending).error().reason.contains("symbolic link"));
    }
    CHECK(text_of(victim) == "precious");
    CHECK(!std::filesystem::exists(folder.path() / "nothing"));
}

TEST_CASE("a file of another user's is refused where anybody could have laid it") {
    if (::geteuid() != 0) return;  // only root can lay one
    const test::TemporaryFolder folder;
    constexpr uid_t somebody = 65534;
    const auto path = folder.write("laid", "");
    REQUIRE(::chown(path.c_str(), somebody, static_cast<gid_t>(-1)) == 0);
    CHECK(put(path, Writing::appending) == 0);
    REQUIRE(::chmod(folder.path().c_str(), 01777) == 0);
    CHECK(put(path, Writing::appending) == EACCES);
    CHECK(put(path, Writing::existing) == EACCES);
}

TEST_CASE("what is open under a number is written to as such") {
    const test::TemporaryFolder folder;
    const auto path = folder.write("file", "before ");
    const Descriptor file(::open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
    const Descriptor read_only(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    for (const char* where : {"/dev/fd/", "/proc/self/fd/"}) {
        CHECK(put(where + std::to_string(file.get()), Writing::appending, "x") == 0);
        CHECK(put(where + std::to_string(read_only.get()), Writing::appending) == EBADF);
        CHECK(put(std::string(where) + "999999", Writing::appending) == EBADF);
    }
    CHECK(text_of(path) == "before xx");
    CHECK(open_private("/dev/stderr", Writing::appending).has_value());
    CHECK(put("/dev/null", Writing::appending) == 0);
}

TEST_CASE("a secret is in a file or a pipe that nobody else may read or write") {
    const test::TemporaryFolder folder;
    const auto file = folder.write("secret", "x");
    const auto pipe = folder.path() / "pipe";
    REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    struct Row {
        mode_t mode;
        const char* words;  ///< empty: it is taken
    };
    for (const Row& row : {Row{0600, ""}, Row{0400, ""}, Row{0700, ""}, Row{0640, "be read by"},
                           Row{0604, "be read by"}, Row{0620, "be changed by"},
                           Row{0602, "be changed by"}, Row{0666, "read and changed"}})
        for (const auto& path : {file, pipe}) {
            CAPTURE(row.mode);
            REQUIRE(::chmod(path.c_str(), row.mode) == 0);
            const auto opened = open_to_read(path, "config.test");
            REQUIRE(opened);
            const auto taken = require_private(opened->get(), path, "config.test");
            CHECK(taken.has_value() == std::string_view(row.words).empty());
            if (taken) continue;
            CHECK(taken.error().code == "config.test");
            CHECK(taken.error().message.contains(row.words));
            CHECK(taken.error().hint.contains("chmod"));
        }
}

TEST_CASE("a private folder is made so, and one that is not is refused") {
    const test::TemporaryFolder folder;
    const OpenMask mask;
    const auto path = folder.path() / "above/private";
    CHECK(!require_private_folder(path, "config.test"));
    CHECK(make_private_folder(path, "config.test"));
    CHECK(mode_of(path) == 0700);
    CHECK(make_private_folder(path, "config.test"));
    REQUIRE(::chmod(path.c_str(), 0755) == 0);
    CHECK(make_private_folder(path, "config.test"));
    for (const mode_t mode : {0770, 0702, 01777}) {
        REQUIRE(::chmod(path.c_str(), mode) == 0);
        CHECK(make_private_folder(path, "config.test").error().message.contains("by others"));
    }
    REQUIRE(::chmod(path.c_str(), 0700) == 0);
    std::filesystem::create_symlink(path, folder.path() / "link");
    CHECK(make_private_folder(folder.path() / "link", "config.test").error().code == "config.test");
    CHECK(!make_private_folder(folder.write("file", ""), "config.test"));
    constexpr uid_t somebody = 65534;
    if (::geteuid() != 0) return;
    REQUIRE(::chown(path.c_str(), somebody, static_cast<gid_t>(-1)) == 0);
    CHECK(make_private_folder(path, "config.test").error().message.contains("another user"));
}
