#include "codec/wsman/xml.h"

#include "codec/wsman/namespaces.h"
#include "codec/wsman/xml_guard.h"
#include "core/unicode.h"

#include <pugixml.hpp>

namespace oob::codec::wsman::xml {

namespace {

constexpr unsigned parse_options = pugi::parse_cdata | pugi::parse_escapes |
                                   pugi::parse_wconv_attribute | pugi::parse_eol |
                                   pugi::parse_ws_pcdata_single;

pugi::xml_node node_of(const void* element) {
    // pugixml has no handle for constant nodes; nothing here changes the tree.
    return pugi::xml_node(static_cast<pugi::xml_node_struct*>(const_cast<void*>(element)));
}

struct QualifiedName {
    std::string_view prefix;
    std::string_view local;
};

QualifiedName split_name(std::string_view name) {
    const std::size_t colon = name.find(':');
    if (colon == std::string_view::npos) return {{}, name};
    return {name.substr(0, colon), name.substr(colon + 1)};
}

/// The URI that `prefix` stands for at `node`, by the nearest declaration on the way up; empty
/// prefix: the default namespace. The way is short: the guard limits depth and attributes.
std::string_view resolve(pugi::xml_node node, std::string_view prefix) {
    for (; node; node = node.parent())
        for (const pugi::xml_attribute attribute : node.attributes()) {
            const QualifiedName name = split_name(attribute.name());
            const bool declares = prefix.empty() ? name.prefix.empty() && name.local == "xmlns"
                                                 : name.prefix == "xmlns" && name.local == prefix;
            if (declares) return attribute.value();
        }
    return {};
}

bool is_element(pugi::xml_node node) { return node.type() == pugi::node_element; }

}  // namespace

std::string_view Node::name() const {
    return element_ ? split_name(node_of(element_).name()).local : std::string_view();
}

std::string_view Node::uri() const {
    if (!element_) return {};
    const pugi::xml_node node = node_of(element_);
    return resolve(node, split_name(node.name()).prefix);
}

std::string Node::text() const {
    std::string text;
    if (!element_) return text;
    for (const pugi::xml_node part : node_of(element_).children())
        if (part.type() == pugi::node_pcdata || part.type() == pugi::node_cdata)
            text += part.value();
    return text;
}

std::optional<std::string_view> Node::attribute(std::string_view local_name) const {
    if (!element_) return std::nullopt;
    for (const pugi::xml_attribute attribute : node_of(element_).attributes()) {
        const QualifiedName name = split_name(attribute.name());
        if (name.prefix != "xmlns" && name.local == local_name)
            return std::string_view(attribute.value());
    }
    return std::nullopt;
}

Node Node::child(std::string_view local_name) const {
    for (Node node = first_child(); node; node = node.next_sibling())
        if (node.name() == local_name) return node;
    return {};
}

std::vector<Node> Node::children() const {
    std::vector<Node> all;
    for (Node node = first_child(); node; node = node.next_sibling()) all.push_back(node);
    return all;
}

Node Node::first_child() const {
    if (!element_) return {};
    pugi::xml_node node = node_of(element_).first_child();
    while (node && !is_element(node)) node = node.next_sibling();
    return Node(node.internal_object());
}

Node Node::next_sibling() const {
    if (!element_) return {};
    pugi::xml_node node = node_of(element_).next_sibling();
    while (node && !is_element(node)) node = node.next_sibling();
    return Node(node.internal_object());
}

bool Node::nil() const {
    if (!element_) return false;
    const pugi::xml_node node = node_of(element_);
    for (const pugi::xml_attribute attribute : node.attributes()) {
        const QualifiedName name = split_name(attribute.name());
        if (name.local != "nil" || name.prefix.empty()) continue;
        if (resolve(node, name.prefix) != ns::schema_instance) continue;
        const std::string_view value = attribute.value();
        return value == "true" || value == "1";
    }
    return false;
}

struct Document::Impl {
    pugi::xml_document document;
};

Document::Document() : impl_(std::make_unique<Impl>()) {}
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;
Document::~Document() = default;

Result<Document> Document::parse(std::string_view text, Limits limits) {
    if (auto good = guard(text, limits); !good) return std::unexpected(std::move(good).error());
    Document parsed;
    const pugi::xml_parse_result result = parsed.impl_->document.load_buffer(
        text.data(), text.size(), parse_options, pugi::encoding_utf8);
    if (!result)
        return std::unexpected(
            malformed(result.description(), static_cast<std::size_t>(result.offset)));
    return parsed;
}

Node Document::root() const { return Node(impl_->document.document_element().internal_object()); }

bool can_hold(std::string_view text) {
    while (!text.empty()) {
        const Character next = first_character(text);
        if (!next.valid || !is_character(next.code)) return false;
        text.remove_prefix(next.bytes);
    }
    return true;
}

std::string escape(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const Character next = first_character(text);
        switch (next.code) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            case '\r':
                out += "&#13;";
                break;
            default:
                if (next.valid && is_character(next.code)) out += text.substr(0, next.bytes);
        }
        text.remove_prefix(next.bytes);
    }
    return out;
}

}  // namespace oob::codec::wsman::xml
