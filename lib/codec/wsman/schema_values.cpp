#include "codec/wsman/redaction.h"
#include "codec/wsman/schema.h"
#include "codec/wsman/secrets.h"
#include "core/text.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <string_view>
#include <vector>

namespace oob::codec::wsman {

namespace {

/// The properties that describe some members: of a class, of a method's output, or none.
using Properties = std::vector<Property>;

Value typed_members(const Members& members, const Properties* properties);

template <class Number>
Value number_or_text(std::string_view text) {
    Number number{};
    const std::string_view digits = trim(text);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error != std::errc() || end != digits.data() + digits.size()) return redact_words(text);
    return number;
}

Value boolean_or_text(std::string_view text) {
    const std::string_view word = trim(text);
    if (word == "true" || word == "1") return true;
    if (word == "false" || word == "0") return false;
    return redact_words(text);
}

/// What does not read as its type stays text: a device's word is not lost unless it is a secret.
Value typed_text(std::string_view text, Type type) {
    switch (type) {
        case Type::boolean:
            return boolean_or_text(text);
        case Type::uint8:
        case Type::uint16:
        case Type::uint32:
        case Type::uint64:
            return number_or_text<std::uint64_t>(text);
        case Type::sint16:
        case Type::sint32:
        case Type::sint64:
            return number_or_text<std::int64_t>(text);
        case Type::real:
            return number_or_text<double>(text);
        case Type::string:
        case Type::datetime:
        case Type::reference:
        case Type::object:
            return redact_words(text);
        case Type::base64:
        case Type::hex_binary:
            break;
    }
    return text;
}

Value reference_value(const Member& member) {
    Value value = Value::object();
    value.set("address", redact_words(member.text));
    value.set("resource_uri", member.uri);
    value.set("selectors", typed_members(member.members, nullptr));
    return value;
}

/// A secret is not shown, but whether there is one is.
bool hides(const Member& member) {
    return is_secret(member.name) && member.kind != Member::Kind::null &&
           !(member.text.empty() && member.members.empty());
}

Value typed_member(const Member& member, const Property* property) {
    if (hides(member)) return blot;
    switch (member.kind) {
        case Member::Kind::null:
            return nullptr;
        case Member::Kind::text:
            return typed_text(member.text, property ? property->type : Type::string);
        case Member::Kind::datetime:
        case Member::Kind::interval:
            return redact_words(member.text);
        case Member::Kind::reference:
            return reference_value(member);
        case Member::Kind::object:
            break;
    }
    const ClassSchema* schema = member.uri.empty() ? nullptr : find_class(class_name(member.uri));
    return typed_members(member.members, schema ? &schema->properties : nullptr);
}

const Property* described(const Properties* properties, std::string_view name) {
    if (!properties) return nullptr;
    const auto found = std::ranges::find(*properties, name, &Property::name);
    return found == properties->end() ? nullptr : &*found;
}

/// An array where the schema says array or the name repeats; keys in the order of their first
/// appearance.
Value typed_members(const Members& members, const Properties* properties) {
    std::map<std::string_view, std::vector<const Member*>> by_name;
    std::vector<std::string_view> order;
    for (const Member& member : members) {
        auto& same = by_name[member.name];
        if (same.empty()) order.push_back(member.name);
        same.push_back(&member);
    }
    Value::Object object;
    for (const std::string_view name : order) {
        const auto& same = by_name[name];
        const Property* property = described(properties, name);
        if (same.size() == 1 && !(property && property->array)) {
            object.emplace_back(name, typed_member(*same.front(), property));
            continue;
        }
        Value::Array items;
        for (const Member* member : same) items.push_back(typed_member(*member, property));
        object.emplace_back(name, std::move(items));
    }
    return object;
}

}  // namespace

Value to_value(const Members& members, std::string_view class_name, std::string_view method) {
    const ClassSchema* schema = find_class(class_name);
    if (!schema) return typed_members(members, nullptr);
    if (method.empty()) return typed_members(members, &schema->properties);
    const Method* known = find_method(*schema, method);
    return typed_members(members, known ? &known->output : nullptr);
}

}  // namespace oob::codec::wsman
