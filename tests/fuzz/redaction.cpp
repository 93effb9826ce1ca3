#include "codec/wsman/redaction.h"
#include "codec/wsman/secrets.h"
#include "core/text.h"
#include "session/redact.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

using oob::join;
namespace wsman = oob::codec::wsman;

namespace {

/// No fuzzer writes this by itself.
constexpr std::string_view planted = "Wq7Zk2Vx9Jt4Lm8R";

void must_not_show(std::string_view told) {
    if (told.find(planted) != std::string_view::npos) std::abort();
}

/// Whatever stands before and behind it, a secret in an element of its own is not shown, nor when
/// the text ends early.
void in_body(std::string_view before, std::string_view behind) {
    const auto& names = wsman::secret_names();
    const std::string_view name = names[(before.size() + behind.size()) % names.size()];
    const std::string whole = join({before, "<h:", name, ">", planted, "</h:", name, ">", behind});
    must_not_show(wsman::redact(whole));
    must_not_show(wsman::redact(join({before, "<", name, ">", planted, behind})));
    must_not_show(wsman::redact_words(join({before, " ", name, "=", planted, behind})));
    must_not_show(oob::session::redact(join({"POST /wsman HTTP/1.1\r\n\r\n", whole})));
    must_not_show(oob::session::redact(join({"A: b\n", "\n", whole})));
}

/// A line of a header: there the secret is a field's own.
void in_field(std::string_view before, std::string_view behind) {
    std::string line(before);
    std::erase_if(line, [](char c) { return c == '\r' || c == '\n'; });
    for (const std::string_view field :
         {"Authorization: Digest ", "Proxy-Authorization: ", "Authentication-Info: "})
        must_not_show(oob::session::redact(
            join({"HTTP/1.1 200 OK\r\n", field, line, ", response=\"", planted, "\"", behind})));
    must_not_show(
        oob::session::redact(join({"HTTP/1.1 200 OK\r\nCookie: ", line, planted, behind})));
}

}  // namespace

/// Any bytes at all: they are redacted without growing beyond what is put in for secrets, and a
/// secret among them is not shown.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const std::size_t most = (size + 1) * (1 + wsman::blot.size());
    if (wsman::redact(text).size() > most) std::abort();
    if (oob::session::redact(text).size() > most) std::abort();
    if (text.find(planted) != std::string_view::npos) return 0;
    const std::size_t half = size / 2;
    in_body(text.substr(0, half), text.substr(half));
    in_body(text, {});
    in_field(text.substr(0, half), text.substr(half));
    return 0;
}
