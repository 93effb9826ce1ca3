#include "codec/wsman/writer.h"

#include "codec/wsman/xml.h"
#include "core/text.h"

#include <algorithm>

namespace oob::codec::wsman {

namespace {

bool is_name_character(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           c == '-' || c == '.' || static_cast<unsigned char>(c) >= 0x80;
}

}  // namespace

std::string declaration(std::string_view prefix, std::string_view uri) {
    return join({" xmlns:", prefix, "=\"", xml::escape(uri), "\""});
}

/// Names come from a person or from another program, so what no name may hold is left out: nothing
/// that stands in a name can open an element or an attribute.
void Writer::name(std::string_view name) {
    for (const char c : name)
        if (is_name_character(c)) out_ += c;
}

void Writer::open(std::string_view prefix, std::string_view element, std::string_view scope) {
    out_ += '<';
    out_ += prefix;
    name(element);
    out_ += scope;
    out_ += '>';
}

void Writer::close(std::string_view prefix, std::string_view element) {
    out_ += "</";
    out_ += prefix;
    name(element);
    out_ += '>';
}

void Writer::leaf(std::string_view prefix, std::string_view element, std::string_view text) {
    open(prefix, element);
    out_ += xml::escape(text);
    close(prefix, element);
}

void Writer::members(const Members& members, std::string_view prefix, std::size_t depth) {
    for (const Member& each : members)
        if (each.kind != Member::Kind::null) member(each, prefix, depth);
}

void Writer::member(const Member& member, std::string_view prefix, std::size_t depth) {
    switch (member.kind) {
        case Member::Kind::null:
            return;
        case Member::Kind::text:
            return leaf(prefix, member.name, member.text);
        case Member::Kind::object:
            return object(member, prefix, depth);
        case Member::Kind::datetime:
        case Member::Kind::interval:
            open(prefix, member.name);
            wrapped(member, member.kind == Member::Kind::datetime ? "Datetime" : "Interval");
            break;
        case Member::Kind::reference:
            open(prefix, member.name);
            reference(member.text, member.uri, member.members);
            break;
    }
    close(prefix, member.name);
}

void Writer::wrapped(const Member& member, std::string_view type) {
    open(dialect_.common, type, dialect_.common_scope);
    out_ += xml::escape(member.text);
    close(dialect_.common, type);
}

void Writer::object(const Member& member, std::string_view prefix, std::size_t depth) {
    std::string inner(prefix);
    std::string scope;
    if (!member.uri.empty()) {
        const auto known = declared_ ? std::ranges::find(*declared_, member.uri, &Declared::uri)
                                     : std::vector<Declared>::const_iterator();
        if (declared_ && known != declared_->end()) {
            inner = known->prefix;
        } else {
            const std::string own = join({"h", std::to_string(depth)});
            scope = declaration(own, member.uri);
            inner = join({own, ":"});
        }
    }
    open(prefix, member.name, scope);
    members(member.members, inner, depth + 1);
    close(prefix, member.name);
}

void Writer::reference(std::string_view address, std::string_view resource_uri,
                       const Members& selectors) {
    open(dialect_.addressing, "Address", dialect_.addressing_scope);
    out_ += xml::escape(address);
    close(dialect_.addressing, "Address");
    open(dialect_.addressing, "ReferenceParameters", dialect_.addressing_scope);
    open(dialect_.wsman, "ResourceURI", dialect_.wsman_scope);
    out_ += xml::escape(resource_uri);
    close(dialect_.wsman, "ResourceURI");
    selector_set(selectors);
    close(dialect_.addressing, "ReferenceParameters");
}

void Writer::endpoint_reference(std::string_view address, std::string_view resource_uri,
                                const Members& selectors) {
    open(dialect_.addressing, "EndpointReference", dialect_.addressing_scope);
    reference(address, resource_uri, selectors);
    close(dialect_.addressing, "EndpointReference");
}

void Writer::selector_set(const Members& selectors) {
    open(dialect_.wsman, "SelectorSet", dialect_.wsman_scope);
    for (const Member& selector : selectors) {
        const std::string attribute = join({" Name=\"", xml::escape(selector.name), "\""});
        open(dialect_.wsman, "Selector", attribute);
        if (selector.kind == Member::Kind::reference)
            endpoint_reference(selector.text, selector.uri, selector.members);
        else
            out_ += xml::escape(selector.text);
        close(dialect_.wsman, "Selector");
    }
    close(dialect_.wsman, "SelectorSet");
}

}  // namespace oob::codec::wsman
