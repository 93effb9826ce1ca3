#pragma once

#include "codec/wsman/xml.h"

#include <cstdint>

namespace oob::codec::wsman::xml {

/// Looks at the bytes before a parser sees them: no recursion, no memory. Refuses what is too
/// large, too deep or has too many attributes, document types, entities that nobody declared, a
/// second root, and what is no character of UTF-8 and of XML 1.0 (section 2.2), referred to or not.
/// Whether the tags match each other is left to the parser. Errors: those of Document::parse.
Result<void> guard(std::string_view text, const Limits& limits);

/// True for a code point that XML 1.0 allows in a document (section 2.2, Char).
bool is_character(std::uint64_t code);

/// The error `xml.malformed`, with the place.
Error malformed(std::string_view what, std::size_t offset);

}  // namespace oob::codec::wsman::xml
