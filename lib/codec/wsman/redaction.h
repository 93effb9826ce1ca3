#pragma once

#include "codec/wsman/instance.h"

#include <string>
#include <string_view>
#include <vector>

namespace oob::codec::wsman {

/// The text with what is secret in it (secrets.h) replaced by `blot`; everything else stays as it
/// was, byte for byte. Meant for the body of a message as it was on the wire, for a piece of one,
/// and for a device's words that may quote one; it need be neither well-formed nor XML at all.
///
/// Blotted out are
/// - all that stands in an element with a secret's name, whatever its prefix: text, CDATA,
///   comments, elements in it; also when an attribute's whole value is such a name
///   (`<Selector Name="Password">`);
/// - the values of attributes with such a name, and of all attributes of such an element but those
///   that declare namespaces, belong to xsi, or hold the name;
/// - in free text, in CDATA, comments and other attributes: what comes behind such a name and looks
///   like its value ("Password: x", "PSK=x", {"Secret":"x"}, quoted or escaped markup), up to the
///   end of the element that it stands in, of the comment, or of the value.
///
/// In doubt nothing is shown: where a secret does not end as it should (tags that do not fit, a `<`
/// that begins nothing, the text cut short), where a comment, a tag or a document type does not
/// end, and from a NUL byte on, all the rest is blotted out; all that came before when a secret's
/// end stands there without its beginning.
///
/// Time and memory are linear in the text's length.
std::string redact(std::string_view text);

/// The same for words that are no markup themselves, as a decoded element's: they are cut where the
/// value of a secret begins, and stay as they are where there is none.
std::string redact_words(std::string_view words);

/// The texts of the secrets among members, also as XML has them: whoever has sent them knows what
/// an answer must not repeat in any words. Those of less than four bytes are left out, since they
/// are found in everything.
std::vector<std::string> secret_texts(const Members& members);

/// The text with `blot` for each of those.
std::string without(std::string text, const std::vector<std::string>& secrets);

}  // namespace oob::codec::wsman
