#include "sim/toml_reader.h"

#include "core/text.h"

#include <toml++/toml.h>

namespace oob::sim {

namespace {

Error error_at(std::string_view document, std::size_t line, std::string_view message) {
    return Error(Class::config, "sim.profile",
                 join({document, ":", std::to_string(line), ": ", message}));
}

TomlNode copy(const toml::node& node) {
    TomlNode out;
    out.kind = TomlNode::Kind::other;
    out.line = node.source().begin.line;
    if (const auto* table = node.as_table()) {
        out.kind = TomlNode::Kind::table;
        for (const auto& [key, value] : *table)
            out.members.emplace(std::string(key.str()), copy(value));
    } else if (const auto* array = node.as_array()) {
        out.kind = TomlNode::Kind::array;
        for (const auto& value : *array) out.items.push_back(copy(value));
    } else if (const auto* text = node.as_string()) {
        out.kind = TomlNode::Kind::string;
        out.text = text->get();
    } else if (const auto* number = node.as_integer()) {
        out.kind = TomlNode::Kind::integer;
        out.number = number->get();
    } else if (const auto* flag = node.as_boolean()) {
        out.kind = TomlNode::Kind::boolean;
        out.flag = flag->get();
    }
    return out;
}

}  // namespace

const TomlNode* TomlNode::find(std::string_view key) const {
    const auto found = members.find(key);
    return found == members.end() ? nullptr : &found->second;
}

const TomlNode& TomlNode::inner(std::string_view key) const {
    static const TomlNode none;
    const TomlNode* node = find(key);
    return node && (node->is(Kind::table) || node->is(Kind::array)) ? *node : none;
}

std::string_view TomlNode::text_at(std::string_view key) const {
    const TomlNode* node = find(key);
    return node ? std::string_view(node->text) : std::string_view();
}

bool TomlNode::flag_at(std::string_view key, bool otherwise) const {
    const TomlNode* node = find(key);
    return node && node->is(Kind::boolean) ? node->flag : otherwise;
}

std::int64_t TomlNode::number_at(std::string_view key, std::int64_t otherwise) const {
    const TomlNode* node = find(key);
    return node && node->is(Kind::integer) ? node->number : otherwise;
}

std::optional<std::string> TomlNode::scalar() const {
    switch (kind) {
        case Kind::string:
            return text;
        case Kind::integer:
            return std::to_string(number);
        case Kind::boolean:
            return flag ? "true" : "false";
        default:
            return std::nullopt;
    }
}

Result<TomlNode> parse_toml(std::string_view document, std::string_view name) {
    try {
        return copy(toml::parse(document));
    } catch (const toml::parse_error& error) {
        return std::unexpected(error_at(name, error.source().begin.line, error.description()));
    }
}

Error profile_error(std::string_view document, const TomlNode& where, std::string_view message) {
    return error_at(document, where.line, message);
}

}  // namespace oob::sim
