#include "core/user_folders.h"

#include "core/text.h"

#include <pwd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <optional>
#include <string>

namespace oob {

namespace {

using Path = std::filesystem::path;

constexpr std::size_t first_entry_bytes = 1024;
/// An entry of the list of users is not longer.
constexpr std::size_t most_entry_bytes = std::size_t{1} << 20;

/// Nothing for a path that would depend on the current directory.
std::optional<Path> absolute(const char* text) {
    if (!text || *text != '/') return std::nullopt;
    return Path(text);
}

std::optional<Path> home_in_list_of_users() {
    passwd entry{};
    passwd* found = nullptr;
    std::string buffer(first_entry_bytes, '\0');
    int problem = 0;
    while ((problem = ::getpwuid_r(::getuid(), &entry, buffer.data(), buffer.size(), &found)) ==
               ERANGE &&
           buffer.size() < most_entry_bytes)
        buffer.resize(2 * buffer.size());
    if (problem != 0 || !found) return std::nullopt;
    return absolute(found->pw_dir);
}

/// The folder that a variable names, else one of the home folder.
Result<Path> folder(const char* variable, const char* below_home) {
    if (const auto named = absolute(std::getenv(variable))) return *named / "oob";
    const auto home = home_folder();
    if (!home) return home;
    return *home / below_home / "oob";
}

}  // namespace

Result<Path> home_folder() {
    auto home = absolute(std::getenv("HOME"));
    if (!home) home = home_in_list_of_users();
    if (home) return *std::move(home);
    return std::unexpected(Error(Class::config, "config.home",
                                 join({"nobody knows the home folder: HOME names none, and user ",
                                       std::to_string(::getuid()), " is not in the list of users"}),
                                 "set HOME to a folder for known devices and configuration"));
}

Result<Path> path_of(std::string_view text) {
    if (text != "~" && !text.starts_with("~/")) return Path(text);
    const auto home = home_folder();
    if (!home || text.size() < 3) return home;
    return *home / text.substr(2);
}

Result<Path> configuration_folder() { return folder("XDG_CONFIG_HOME", ".config"); }

Result<Path> state_folder() { return folder("XDG_STATE_HOME", ".local/state"); }

Result<Path> runtime_folder() {
    if (const auto named = absolute(std::getenv("XDG_RUNTIME_DIR"))) return *named / "oob";
    const auto state = state_folder();
    if (!state) return state;
    return *state / "run";
}

}  // namespace oob
