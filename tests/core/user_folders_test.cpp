#include "core/user_folders.h"

#include <doctest/doctest.h>
#include <pwd.h>
#include <unistd.h>

#include <cstdlib>
#include <map>
#include <optional>
#include <string>

using namespace oob;

namespace {

/// Variables that the test changes, as they were before once it is over.
class Variables {
 public:
    Variables() {
        for (const char* name : {"HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR"}) {
            const char* value = std::getenv(name);
            before_[name] = value ? std::optional<std::string>(value) : std::nullopt;
            ::unsetenv(name);
        }
    }
    ~Variables() {
        for (const auto& [name, value] : before_) set(name.c_str(), value);
    }
    static void set(const char* name, const std::optional<std::string>& value) {
        if (value)
            ::setenv(name, value->c_str(), 1);
        else
            ::unsetenv(name);
    }

 private:
    std::map<std::string, std::optional<std::string>> before_;
};

}  // namespace

TEST_CASE("the user's folders come from variables, else from the home folder") {
    const Variables variables;
    ::setenv("HOME", "/home/anne", 1);
    CHECK(home_folder().value() == "/home/anne");
    CHECK(configuration_folder().value() == "/home/anne/.config/oob");
    CHECK(state_folder().value() == "/home/anne/.local/state/oob");
    CHECK(runtime_folder().value() == "/home/anne/.local/state/oob/run");
    ::setenv("XDG_CONFIG_HOME", "/c", 1);
    ::setenv("XDG_STATE_HOME", "/s", 1);
    ::setenv("XDG_RUNTIME_DIR", "/r", 1);
    CHECK(configuration_folder().value() == "/c/oob");
    CHECK(state_folder().value() == "/s/oob");
    CHECK(runtime_folder().value() == "/r/oob");
}

TEST_CASE("a relative or missing variable is none, and the home folder is in the list of users") {
    const Variables variables;
    const passwd* entry = ::getpwuid(::getuid());
    const std::string home = entry ? entry->pw_dir : "";
    for (const std::optional<std::string>& useless :
         {std::optional<std::string>(), std::optional<std::string>(""),
          std::optional<std::string>("."), std::optional<std::string>("somewhere")}) {
        for (const char* name : {"HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR"})
            Variables::set(name, useless);
        const auto folder = state_folder();
        if (home.starts_with('/')) {
            CHECK(home_folder().value() == home);
            CHECK(folder.value() == home + "/.local/state/oob");
        } else {
            REQUIRE(!folder);
            CHECK(folder.error().code == "config.home");
            CHECK(!folder.error().hint.empty());
        }
    }
}

TEST_CASE("a tilde in front of a path is the home folder, and nothing else is") {
    const Variables variables;
    ::setenv("HOME", "/home/me", 1);
    CHECK(path_of("~/secret").value() == "/home/me/secret");
    CHECK(path_of("~").value() == "/home/me");
    CHECK(path_of("~/").value() == "/home/me");
    for (const char* text : {"/etc/secret", "secret", "a/~/b", "~other/secret", "~x"}) {
        CAPTURE(text);
        CHECK(path_of(text).value() == text);
    }
}
