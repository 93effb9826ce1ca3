#pragma once

#include "codec/wsman/xml.h"

#include <cstdlib>
#include <string_view>

namespace oob::codec::wsman {

/// Aborts when an element stands deeper than the guard before the parser promises.
inline void check_depth(xml::Node node, std::size_t depth) {
    if (depth > xml::Limits{}.depth) std::abort();
    for (xml::Node child = node.first_child(); child; child = child.next_sibling())
        check_depth(child, depth + 1);
}

inline void check_depth(std::string_view text) {
    const auto document = xml::Document::parse(text);
    if (document) check_depth(document->root(), 1);
}

}  // namespace oob::codec::wsman
