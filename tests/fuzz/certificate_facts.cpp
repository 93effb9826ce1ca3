#include "core/text.h"
#include "fuzz/printable.h"
#include "net/tls_facts.h"

#include <openssl/err.h>
#include <openssl/x509.h>

#include <memory>
#include <string>

namespace {

using namespace oob;
using fuzz::expect;

void check_fingerprint(std::string_view text) {
    expect(text.starts_with("sha256:"));
    const auto digest = parse_hex(text.substr(text.find(':') + 1));
    expect(digest && digest->size() == 32);
    expect(lower(text) == text);
}

/// One line; whoever shows it to a person takes more away.
void check_name(std::string_view text) {
    while (!text.empty()) expect(fuzz::take_character(text) >= ' ');
}

/// "2049-12-31T23:59:59.000Z", or nothing.
void check_time(std::string_view text) {
    constexpr std::string_view form = "dddd-dd-ddTdd:dd:dd.dddZ";
    if (text.empty()) return;
    expect(text.size() == form.size());
    for (std::size_t i = 0; i < form.size(); ++i)
        expect(form[i] == 'd' ? text[i] >= '0' && text[i] <= '9' : text[i] == form[i]);
}

}  // namespace

/// Any bytes that OpenSSL takes for a certificate: whose it is and until when is text of one line
/// in UTF-8, the key has a fingerprint, and a time is one.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const unsigned char* bytes = data;
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(
        d2i_X509(nullptr, &bytes, static_cast<long>(size)), &X509_free);
    if (certificate) {
        const net::TlsFacts facts = net::facts_of(certificate.get());
        check_fingerprint(facts.fingerprint);
        check_name(facts.subject);
        check_name(facts.issuer);
        check_time(facts.not_after);
    }
    ERR_clear_error();
    return 0;
}
