#include "sim/model/validation.h"

#include "codec/wsman/schema.h"
#include "core/text.h"
#include "sim/model/faults.h"

#include <algorithm>
#include <limits>

namespace oob::sim {

namespace wsman = codec::wsman;

namespace {

template <class Integer>
bool fits_unsigned(std::string_view text) {
    const auto number = parse_unsigned(text);
    return number && *number <= std::numeric_limits<Integer>::max();
}

template <class Integer>
bool fits_signed(std::string_view text) {
    const bool negative = text.starts_with('-');
    const auto number = parse_unsigned(negative ? text.substr(1) : text);
    const auto largest = static_cast<std::uint64_t>(std::numeric_limits<Integer>::max());
    return number && *number <= largest + (negative ? 1 : 0);
}

bool good_text(wsman::Type type, std::string_view text) {
    switch (type) {
        case wsman::Type::boolean:
            return text == "true" || text == "false" || text == "1" || text == "0";
        case wsman::Type::uint8:
            return fits_unsigned<std::uint8_t>(text);
        case wsman::Type::uint16:
            return fits_unsigned<std::uint16_t>(text);
        case wsman::Type::uint32:
            return fits_unsigned<std::uint32_t>(text);
        case wsman::Type::uint64:
            return fits_unsigned<std::uint64_t>(text);
        case wsman::Type::sint16:
            return fits_signed<std::int16_t>(text);
        case wsman::Type::sint32:
            return fits_signed<std::int32_t>(text);
        case wsman::Type::sint64:
            return fits_signed<std::int64_t>(text);
        case wsman::Type::base64:
            return base64_decode(text).has_value();
        case wsman::Type::hex_binary:
            return parse_hex(text).has_value();
        default:
            return true;
    }
}

bool good_kind(wsman::Type type, Member::Kind kind) {
    switch (type) {
        case wsman::Type::reference:
            return kind == Member::Kind::reference;
        case wsman::Type::object:
            return kind == Member::Kind::object;
        case wsman::Type::datetime:
            return kind == Member::Kind::datetime || kind == Member::Kind::interval;
        default:
            return kind == Member::Kind::text;
    }
}

}  // namespace

std::expected<Members, Fault> validated(std::string_view class_name, const Members& body) {
    const auto* schema = wsman::find_class(class_name);
    Members out;
    for (const Member& member : body) {
        const auto* property = schema ? wsman::find_property(*schema, member.name) : nullptr;
        if (!property || member.kind == Member::Kind::null) continue;
        const bool good =
            good_kind(property->type, member.kind) &&
            (member.kind != Member::Kind::text || good_text(property->type, member.text));
        if (!good) return std::unexpected(fault("e:SchemaValidationError"));
        out.push_back(member);
        if (property->type == wsman::Type::boolean)
            out.back().text = member.text == "1" || member.text == "true" ? "true" : "false";
    }
    return out;
}

std::expected<void, Fault> require_members(std::string_view class_name, const Members& members,
                                           const Members* instance) {
    const auto* schema = wsman::find_class(class_name);
    if (!schema) return {};
    for (const auto& property : schema->properties) {
        if (!property.required || property.key || wsman::find(members, property.name)) continue;
        if (instance && !wsman::find(*instance, property.name)) continue;
        return std::unexpected(fault("d:InvalidRepresentation", detail_missing_values));
    }
    return {};
}

}  // namespace oob::sim
