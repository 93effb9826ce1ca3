#pragma once

#include "core/error.h"
#include "core/value.h"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace oob::fleet {

/// What configuration says of a host, a group or everything. Unset members leave the next wider one
/// in force.
struct Settings {
    std::optional<std::string> user;
    std::optional<std::string> credential;  ///< a reference, never a password
    std::optional<std::string> address;
    std::optional<std::string> uuid;
    std::optional<std::string> pin;
    std::optional<std::string> via;
    std::optional<std::string> tls_ca;
    std::optional<bool> tls_compat;
    std::optional<bool> tls_tofu;
    std::optional<bool> allow_plaintext;
    std::optional<std::chrono::milliseconds> timeout;
    std::optional<std::chrono::milliseconds> connect_timeout;
    std::optional<std::size_t> fanout;  ///< of everything only: it is the whole run's
    std::optional<std::string> output;  ///< likewise

    /// Takes over what `wider` has and this has not.
    void inherit(const Settings& wider);
};

/// Whom a table of settings is for.
enum class Scope { everybody, group, host };

/// The keys that such a table takes, in the order in which they are told of.
std::vector<std::string_view> setting_keys(Scope scope);

/// Puts what a file says under one key into `settings`. Error: class `config`, code `config.toml`;
/// its message names the key, and its hint what was most likely meant.
Result<void> read_setting(std::string_view key, const Value& value, Scope scope,
                          Settings& settings);

}  // namespace oob::fleet
