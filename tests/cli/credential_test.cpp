#include "cli/credential.h"

#include "cli/password.h"
#include "support/run.h"
#include "support/temporary_folder.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

using namespace oob;

namespace {

/// The password behind the reference, or the error's code.
std::string outcome(const std::string& reference) {
    cli::Credentials credentials(/*may_ask=*/false);
    const auto found = cli::is_command(reference)
                           ? test::run(credentials.run(reference, std::chrono::minutes(1)))
                           : credentials.find(reference, "admin", "pc1");
    return found ? std::string(found->reveal()) : "error " + found.error().code;
}

}  // namespace

TEST_CASE("each source gives its first line") {
    const test::TemporaryFolder folder;
    const auto file = folder.write("secret", "P@ss word\nsecond line\n");
    CHECK(outcome("file:" + file.string()) == "P@ss word");
    ::setenv("OOB_TEST_SECRET", "from-env", 1);
    CHECK(outcome("env:OOB_TEST_SECRET") == "from-env");
    CHECK(outcome("exec:printf 'from-exec\\n'") == "from-exec");
    ::setenv("CREDENTIALS_DIRECTORY", folder.path().c_str(), 1);
    CHECK(outcome("systemd:secret") == "P@ss word");
    const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    CHECK(outcome("fd:" + std::to_string(descriptor)) == "P@ss word");
    ::close(descriptor);
}

TEST_CASE("the ends of lines and a mark of UTF-8 are no part of a password") {
    const test::TemporaryFolder folder;
    for (const char* text : {"P@ss word", "P@ss word\n", "P@ss word\r\n", "P@ss word\r",
                             "\xef\xbb\xbfP@ss word\r\n", "P@ss word\nnext\n"}) {
        CAPTURE(text);
        CHECK(outcome("file:" + folder.write("secret", text).string()) == "P@ss word");
        ::setenv("OOB_TEST_SECRET", text, 1);
        CHECK(outcome("env:OOB_TEST_SECRET") == "P@ss word");
    }
    const auto netrc = folder.write("netrc", "\xef\xbb\xbfmachine pc1 login admin password x\r\n");
    CHECK(outcome("netrc:" + netrc.string()) == "x");
}

TEST_CASE("what can be no password is told in words, and not repeated") {
    using namespace std::string_literals;
    struct Row {
        std::string text;
        const char* says;
    };
    const test::TemporaryFolder folder;
    for (const Row& row :
         {Row{"", "no password in"}, Row{"\n", "no password in"},
          Row{"\xef\xbb\xbf\n", "no password in"}, Row{"\nhunter2\n", "its first line is empty"},
          Row{"hun\0ter2\n"s, "a NUL"}, Row{"\xff\xfeh\0u\0n\0"s, "UTF-16"},
          Row{"\xfe\xff\0h\0u\0n"s, "UTF-16"}}) {
        CAPTURE(row.says);
        cli::Credentials credentials(false);
        const auto path = folder.write("secret", row.text).string();
        const auto found = credentials.find("file:" + path, "admin", "pc1");
        REQUIRE(!found);
        CHECK(found.error().code == "config.credential");
        CHECK(found.error().message.contains(row.says));
        CHECK(found.error().message.contains(path));
        CHECK_FALSE(found.error().message.contains("hun"));
        CHECK(!found.error().hint.empty());
    }
}

TEST_CASE("a password that no account of AMT can have is not tried there") {
    const Secret longest(std::string(32, 'x'));
    const Secret longer(std::string(33, 'x'));
    CHECK(cli::check_password(longest, "amt", "admin"));
    CHECK(cli::check_password(longer, "redfish", "admin"));
    for (const char* scheme : {"amt", "amt+tcp"}) {
        const auto checked = cli::check_password(longer, scheme, "admin");
        REQUIRE(!checked);
        CHECK(checked.error().kind == Class::config);
        CHECK(checked.error().message.contains("longer than 32"));
        CHECK_FALSE(checked.error().message.contains("xx"));
    }
}

TEST_CASE("a file below the home folder is found") {
    const test::TemporaryFolder folder;
    folder.write("secret", "P@ssw0rd\n");
    folder.write(".netrc", "default login admin password four\n");
    const char* home = std::getenv("HOME");
    const std::string before = home ? home : "";
    ::setenv("HOME", folder.path().c_str(), 1);
    ::unsetenv("NETRC");
    CHECK(outcome("file:~/secret") == "P@ssw0rd");
    CHECK(outcome("netrc") == "four");
    CHECK(outcome("netrc:~/.netrc") == "four");
    ::setenv("HOME", before.c_str(), 1);
}

TEST_CASE("an environment variable is gone after it was read") {
    ::setenv("OOB_TEST_SECRET", "once", 1);
    CHECK(outcome("env:OOB_TEST_SECRET") == "once");
    CHECK(std::getenv("OOB_TEST_SECRET") == nullptr);
}

TEST_CASE("a source is asked once a run") {
    const test::TemporaryFolder folder;
    const auto counter = folder.path() / "calls";
    cli::Credentials credentials(false);
    const std::string reference = "exec:echo x >> " + counter.string() + "; echo secret";
    for (int i = 0; i < 3; ++i)
        CHECK(test::run(credentials.run(reference, std::chrono::minutes(1))).value().reveal() ==
              "secret");
    CHECK(std::filesystem::file_size(counter) == 2);
}

TEST_CASE("a file that others can read or write is refused") {
    using std::filesystem::perms;
    const test::TemporaryFolder folder;
    const auto file = folder.write("secret", "P@ssw0rd\n");
    for (const auto others :
         {perms::group_read, perms::others_read, perms::group_write, perms::others_write}) {
        std::filesystem::permissions(file, std::filesystem::perms::owner_read | others);
        CHECK(outcome("file:" + file.string()) == "error config.credential");
        CHECK(outcome("netrc:" + file.string()) == "error config.credential");
    }
    const auto pipe = folder.path() / "pipe";
    REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    std::filesystem::permissions(pipe, perms::others_write, std::filesystem::perm_options::add);
    cli::Credentials credentials(false);
    const auto piped = credentials.find("file:" + pipe.string(), "admin", "pc1");
    REQUIRE(!piped);
    CHECK(piped.error().message.contains("changed by others"));
}

TEST_CASE("netrc without a path lies in the home folder, which is not the current one") {
    const test::TemporaryFolder folder;
    folder.write(".netrc", "machine pc1 login admin password three\n");
    const char* home = std::getenv("HOME");
    const std::string before = home ? home : "";
    ::unsetenv("NETRC");
    ::setenv("HOME", folder.path().c_str(), 1);
    CHECK(outcome("netrc") == "three");
    // Not /.netrc, and nothing relative either.
    ::setenv("HOME", "somewhere", 1);
    cli::Credentials credentials(false);
    const auto found = credentials.find("netrc", "admin", "pc1");
    CHECK((found || !found.error().message.contains("somewhere")));
    if (home)
        ::setenv("HOME", before.c_str(), 1);
    else
        ::unsetenv("HOME");
}

TEST_CASE("what is no source, or an empty one, is an error that repeats no secret") {
    const test::TemporaryFolder folder;
    const auto empty = folder.write("empty", "");
    CHECK(outcome("file:" + empty.string()) == "error config.credential");
    CHECK(outcome("file:/nowhere/at/all") == "error config.credential");
    CHECK(outcome("env:OOB_TEST_UNSET") == "error config.credential");
    CHECK(outcome("exec:exit 3") == "error config.credential");
    CHECK(outcome("ask") == "error config.credential");
    CHECK(outcome("fd:x") == "error usage.credential");
    CHECK(outcome("systemd:../secret") == "error usage.credential");

    cli::Credentials credentials(false);
    const auto mistaken = credentials.find("MyPassword1!", "admin", "pc1");
    REQUIRE(!mistaken);
    CHECK(mistaken.error().kind == Class::usage);
}

TEST_CASE("netrc is read by machine and login, default last") {
    const std::string text =
        "# comment machine pc1 password wrong\n"
        "machine pc1 login other password one\n"
        "machine pc1\n  login admin\n  password two\n"
        "machine pc2 password three\n"
        "default login admin password four\n";
    const auto of = [&](const char* machine, const char* user) {
        const auto found = cli::password_from_netrc(text, machine, user);
        return found ? std::string(found->reveal()) : std::string("none");
    };
    CHECK(of("pc1", "admin") == "two");
    CHECK(of("pc1", "other") == "one");
    CHECK(of("pc2", "admin") == "three");
    CHECK(of("pc9", "admin") == "four");
    CHECK(of("pc9", "nobody") == "none");
}
