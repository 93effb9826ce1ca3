#pragma once

#include "core/bytes.h"
#include "core/error.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Reading XML by namespace and local name, and writing text into it. The parser behind it is
/// pugixml.
namespace oob::codec::wsman::xml {

struct Limits {
    std::size_t bytes = 4 * 1024 * 1024;
    std::size_t depth = 64;
    std::size_t elements = 100'000;
    std::size_t attributes = 64;  ///< of one element, namespace declarations included
};

/// An element of a Document: a light handle that is valid while the Document lives. A missing
/// element is a handle too, false in a condition; asking it anything gives an empty answer.
class Node {
 public:
    Node() = default;

    explicit operator bool() const { return element_ != nullptr; }
    /// Without its prefix.
    std::string_view name() const;
    /// The namespace that its prefix stands for; empty when it has none or the prefix was never
    /// declared.
    std::string_view uri() const;
    /// The text directly inside, entities resolved, CDATA included, white space at both ends kept.
    std::string text() const;
    /// The value of an attribute by local name; nothing when it is absent.
    std::optional<std::string_view> attribute(std::string_view local_name) const;
    /// The first child element with that local name, whatever its namespace.
    Node child(std::string_view local_name) const;
    /// The child elements in their order; text and comments are left out.
    std::vector<Node> children() const;
    Node first_child() const;
    Node next_sibling() const;
    /// True for xsi:nil="true".
    bool nil() const;

 private:
    friend class Document;
    explicit Node(const void* element) : element_(element) {}

    const void* element_ = nullptr;
};

/// A parsed document. Document type definitions and custom entities are refused, not resolved.
class Document {
 public:
    /// UTF-8 only, with or without a byte order mark. Errors: class `protocol`, codes
    /// `xml.malformed` (says where), `xml.too_large` (bytes, elements or attributes),
    /// `xml.too_deep`, `xml.doctype`, `xml.character` (control characters, surrogates, U+FFFE and
    /// U+FFFF, also as references), `xml.encoding` (no UTF-8).
    static Result<Document> parse(std::string_view text, Limits limits = {});

    Document(Document&&) noexcept;
    Document& operator=(Document&&) noexcept;
    ~Document();

    Node root() const;

 private:
    Document();

    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// The text with & < > " as entities, as the firmware escapes it. A carriage return becomes a
/// character reference, so that a reader does not turn it into a line feed; what a document cannot
/// hold is left out.
std::string escape(std::string_view text);

/// True when a document can hold the text: it is UTF-8, and XML 1.0 forbids none of its characters.
bool can_hold(std::string_view text);

}  // namespace oob::codec::wsman::xml
