#include "codec/wsman/instance.h"

#include "codec/wsman/namespaces.h"
#include "codec/wsman/secrets.h"
#include "core/text.h"

#include <algorithm>

namespace oob::codec::wsman {

namespace {

Member decode_member(xml::Node element);

/// The reference whose Address and ReferenceParameters are children of `parent`.
Member decode_reference(std::string name, xml::Node parent) {
    const xml::Node parameters = parent.child("ReferenceParameters");
    Member reference =
        reference_member(std::move(name), std::string(trim(parameters.child("ResourceURI").text())),
                         decode_selectors(parameters.child("SelectorSet")));
    reference.text = trim(parent.child("Address").text());
    return reference;
}

bool is_reference(xml::Node element) {
    return static_cast<bool>(element.child("ReferenceParameters"));
}

/// The kind that a lone child of a CIM common type gives its parent; text when it is none.
Member::Kind wrapped_kind(xml::Node only_child) {
    if (only_child.next_sibling() || only_child.first_child()) return Member::Kind::text;
    if (only_child.name() == "Datetime") return Member::Kind::datetime;
    if (only_child.name() == "Interval") return Member::Kind::interval;
    return Member::Kind::text;
}

Member decode_value(std::string name, xml::Node element) {
    const xml::Node first = element.first_child();
    if (!first) return text_member(std::move(name), element.text());
    if (is_reference(element)) return decode_reference(std::move(name), element);
    if (first.name() == "EndpointReference" && is_reference(first))
        return decode_reference(std::move(name), first);

    Member member;
    member.name = std::move(name);
    member.kind = wrapped_kind(first);
    if (member.kind != Member::Kind::text) {
        member.text = trim(first.text());
        return member;
    }
    member.kind = Member::Kind::object;
    member.uri = first.uri();
    member.members = decode_members(element);
    return member;
}

/// What a member is called: as its element; as its Name attribute, which selectors have, where that
/// says that it is a secret.
std::string name_of(xml::Node element) {
    const auto said = element.attribute("Name");
    return std::string(said && is_secret(*said) ? *said : element.name());
}

Member decode_member(xml::Node element) {
    std::string name = name_of(element);
    if (!element.nil()) return decode_value(std::move(name), element);
    Member nothing;
    nothing.name = std::move(name);
    nothing.kind = Member::Kind::null;
    return nothing;
}

std::optional<std::uint64_t> decimal(std::string_view text) { return parse_unsigned(trim(text)); }

}  // namespace

Member text_member(std::string name, std::string text) {
    Member member;
    member.name = std::move(name);
    member.text = std::move(text);
    return member;
}

Member datetime_member(std::string name, std::string text) {
    Member member = text_member(std::move(name), std::move(text));
    member.kind = Member::Kind::datetime;
    return member;
}

Member interval_member(std::string name, std::string text) {
    Member member = text_member(std::move(name), std::move(text));
    member.kind = Member::Kind::interval;
    return member;
}

Member reference_member(std::string name, std::string resource_uri, Members selectors) {
    Member member = text_member(std::move(name), std::string(ns::anonymous));
    member.kind = Member::Kind::reference;
    member.uri = std::move(resource_uri);
    member.members = std::move(selectors);
    return member;
}

const Member* find(const Members& members, std::string_view name) {
    const auto found = std::ranges::find(members, name, &Member::name);
    return found == members.end() ? nullptr : &*found;
}

std::optional<std::string_view> text_of(const Members& members, std::string_view name) {
    const Member* member = find(members, name);
    if (!member || member->kind == Member::Kind::null) return std::nullopt;
    return member->text;
}

std::optional<std::uint64_t> number_of(const Members& members, std::string_view name) {
    const auto text = text_of(members, name);
    return text ? decimal(*text) : std::nullopt;
}

std::optional<bool> truth_of(const Members& members, std::string_view name) {
    const auto text = text_of(members, name);
    if (!text) return std::nullopt;
    const std::string_view word = trim(*text);
    if (word == "true" || word == "1") return true;
    if (word == "false" || word == "0") return false;
    return std::nullopt;
}

std::vector<std::uint64_t> numbers_of(const Members& members, std::string_view name) {
    std::vector<std::uint64_t> numbers;
    for (const Member& member : members) {
        if (member.name != name || member.kind != Member::Kind::text) continue;
        if (const auto number = decimal(member.text)) numbers.push_back(*number);
    }
    return numbers;
}

Instance decode_instance(xml::Node element) {
    Instance instance;
    instance.name = element.name();
    instance.uri = element.uri();
    if (is_reference(element))
        instance.members.push_back(decode_reference("EndpointReference", element));
    else
        instance.members = decode_members(element);
    return instance;
}

Members decode_members(xml::Node parent) {
    Members members;
    for (xml::Node node = parent.first_child(); node; node = node.next_sibling())
        members.push_back(decode_member(node));
    return members;
}

Members decode_selectors(xml::Node selector_set) {
    Members selectors;
    for (xml::Node node = selector_set.first_child(); node; node = node.next_sibling())
        selectors.push_back(decode_value(std::string(node.attribute("Name").value_or("")), node));
    return selectors;
}

}  // namespace oob::codec::wsman
