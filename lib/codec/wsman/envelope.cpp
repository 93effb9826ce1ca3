#include "codec/wsman/envelope.h"

#include "codec/wsman/namespaces.h"
#include "core/text.h"

namespace oob::codec::wsman {

std::string Envelope::header_text(std::string_view local_name) const {
    return std::string(trim(header.child(local_name).text()));
}

Result<Envelope> open_envelope(std::string_view xml) {
    auto document = xml::Document::parse(xml);
    if (!document) return std::unexpected(std::move(document).error());
    const xml::Node root = document->root();
    if (root.name() != "Envelope" || root.uri() != ns::soap)
        return std::unexpected(
            Error(Class::protocol, "wsman.no_envelope", "the document is no SOAP 1.2 envelope"));
    return Envelope{std::move(*document), root.child("Header"), root.child("Body")};
}

}  // namespace oob::codec::wsman
