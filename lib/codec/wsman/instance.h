#pragma once

#include "codec/wsman/xml.h"
#include "core/error.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace oob::codec::wsman {

/// One named thing of an instance: a property, a method's parameter or a selector, kept as it is on
/// the wire. An array is several members of the same name next to each other (CIM arrays are
/// repeated elements).
struct Member {
    enum class Kind {
        null,       ///< xsi:nil; on the way out the element is left away
        text,       ///< any scalar: number, boolean, string, base64
        datetime,   ///< text inside a CIM common Datetime element
        interval,   ///< text inside a CIM common Interval element
        reference,  ///< an endpoint reference: text is its Address, uri its ResourceURI, members
                    ///< its selectors
        object,     ///< an embedded instance: uri is its class, members its properties
    };

    std::string name;
    Kind kind = Kind::text;
    std::string text;
    std::string uri;
    std::vector<Member> members;

    friend bool operator==(const Member&, const Member&) = default;
};

using Members = std::vector<Member>;

Member text_member(std::string name, std::string text);
Member datetime_member(std::string name, std::string text);
Member interval_member(std::string name, std::string text);
/// Its Address is the anonymous one.
Member reference_member(std::string name, std::string resource_uri, Members selectors);

/// The first member called `name`, or null.
const Member* find(const Members& members, std::string_view name);
/// The text of the first member called `name`; nothing when it is absent or null.
std::optional<std::string_view> text_of(const Members& members, std::string_view name);
/// The same as a number; nothing when it is absent or no decimal number.
std::optional<std::uint64_t> number_of(const Members& members, std::string_view name);
/// The same as a boolean: true, false, 1, 0.
std::optional<bool> truth_of(const Members& members, std::string_view name);
/// Every number of the array `name`; texts that are no number are left out.
std::vector<std::uint64_t> numbers_of(const Members& members, std::string_view name);

/// An instance of a class, or the parameters of a method.
struct Instance {
    std::string name;  ///< local name: class, or Method_INPUT, Method_OUTPUT
    std::string uri;   ///< namespace: the class URI
    Members members;

    friend bool operator==(const Instance&, const Instance&) = default;
};

/// Reads an element and everything in it. Never fails: whatever is there becomes members. An
/// element with ReferenceParameters below it (or one EndpointReference child) is a reference; a
/// lone Datetime or Interval child makes a datetime or interval; other child elements make an
/// object. Texts keep their white space; addresses, URIs and dates lose it at both ends. An element
/// that is a reference itself (EndpointReference, ResourceCreated) becomes an instance with one
/// member, the reference `EndpointReference`.
Instance decode_instance(xml::Node element);
Members decode_members(xml::Node parent);
/// The selectors under a SelectorSet.
Members decode_selectors(xml::Node selector_set);

}  // namespace oob::codec::wsman
