#pragma once

#include "codec/wsman/xml.h"
#include "core/error.h"

#include <string>
#include <string_view>

namespace oob::codec::wsman {

/// A SOAP 1.2 envelope, parsed.
struct Envelope {
    xml::Document document;
    xml::Node header;  ///< missing when the envelope has none
    xml::Node body;    ///< missing when the envelope has none

    /// The text of a header block, without white space at its ends; empty when it is absent.
    std::string header_text(std::string_view local_name) const;
};

/// Errors: those of xml::Document::parse, `wsman.no_envelope`.
Result<Envelope> open_envelope(std::string_view xml);

}  // namespace oob::codec::wsman
