#pragma once

#include "core/error.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Reading TOML into values that know their line. The library behind it is toml++.
namespace oob::sim {

struct TomlNode {
    enum class Kind { table, array, string, integer, boolean, other };

    Kind kind = Kind::table;
    std::size_t line = 0;
    std::string text;                                      ///< string
    std::int64_t number = 0;                               ///< integer
    bool flag = false;                                     ///< boolean
    std::vector<TomlNode> items;                           ///< array
    std::map<std::string, TomlNode, std::less<>> members;  ///< table, in ASCII order

    bool is(Kind wanted) const { return kind == wanted; }
    /// The member of a table, or null.
    const TomlNode* find(std::string_view key) const;
    /// The table or array of that name; an empty table when it is absent or something else.
    const TomlNode& inner(std::string_view key) const;
    /// The string of that name; empty when it is absent or something else.
    std::string_view text_at(std::string_view key) const;
    /// The boolean of that name.
    bool flag_at(std::string_view key, bool otherwise) const;
    /// The integer of that name.
    std::int64_t number_at(std::string_view key, std::int64_t otherwise) const;
    /// A string, integer or boolean as text; nothing for the others.
    std::optional<std::string> scalar() const;
};

/// The document's root table. Error: class `config`, code `sim.profile`, with the line.
Result<TomlNode> parse_toml(std::string_view document, std::string_view name);

/// An Error of class `config`, code `sim.profile`, that says where the mistake is.
Error profile_error(std::string_view document, const TomlNode& where, std::string_view message);

}  // namespace oob::sim
