#include "net/known_devices.h"

#include "core/file.h"
#include "core/text.h"

#include <chrono>

namespace oob::net {

namespace {

constexpr const char* code = "config.known_devices";
constexpr std::string_view first_line =
    "# Keys of managed devices, as first seen: host:port, public key, time. Written by the oob "
    "tools.\n";

}  // namespace

Result<void> KnownDevices::load() {
    lines_.clear();
    loaded_ = true;
    std::error_code ignored;
    if (!std::filesystem::exists(path_, ignored)) return {};
    auto text = read_file(path_, code);
    if (!text) return std::unexpected(text.error());
    std::size_t number = 0;
    for (const auto line : split(*text, '\n')) {
        ++number;
        if (trim(line).empty() || line.starts_with('#')) continue;
        const auto words = split(line, ' ');
        const bool well_formed = words.size() == 3 && words[1].starts_with("sha256:");
        if (!well_formed)
            return std::unexpected(Error(
                Class::config, code,
                join({"line ", std::to_string(number), " of ", path_.string(), " makes no sense"}),
                "a line is: host:port sha256:HEX time; mend or remove it"));
        lines_[std::string(words[0])] = {std::string(words[1]), std::string(words[2])};
    }
    return {};
}

Result<void> KnownDevices::save() const {
    std::string text(first_line);
    for (const auto& [host, line] : lines_)
        text += join({host, " ", line.fingerprint, " ", line.first_seen, "\n"});
    return replace_file(path_, text, code);
}

Result<std::optional<std::string>> KnownDevices::find(const Endpoint& endpoint) {
    if (!loaded_)
        if (auto result = load(); !result) return std::unexpected(result.error());
    const auto found = lines_.find(to_string(endpoint));
    if (found == lines_.end()) return std::nullopt;
    return found->second.fingerprint;
}

Result<void> KnownDevices::record(const Endpoint& endpoint, const std::string& fingerprint) {
    std::error_code failed;
    if (path_.has_parent_path()) std::filesystem::create_directories(path_.parent_path(), failed);
    const auto lock = FileLock::take(path_.string() + ".lock", code);
    if (!lock) return std::unexpected(lock.error());
    if (auto result = load(); !result) return result;  // another program may have written meanwhile
    lines_[to_string(endpoint)] = {fingerprint, rfc3339(std::chrono::system_clock::now())};
    return save();
}

}  // namespace oob::net
