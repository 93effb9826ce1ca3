#include "net/tls_facts.h"

#include <doctest/doctest.h>
#include <openssl/x509.h>

#include <memory>

using namespace oob;

TEST_CASE("the end of a certificate is told whatever the year is") {
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), &X509_free);
    struct Row {
        const char* written;
        const char* told;
    };
    // Firmware writes the last one where it means for ever (RFC 5280, section 4.1.2.5).
    for (const Row& row : {Row{"20491231235959Z", "2049-12-31T23:59:59.000Z"},
                           Row{"22630101000000Z", "2263-01-01T00:00:00.000Z"},
                           Row{"99991231235959Z", "9999-12-31T23:59:59.000Z"}}) {
        REQUIRE(ASN1_TIME_set_string(X509_getm_notAfter(certificate.get()), row.written) == 1);
        CHECK(net::facts_of(certificate.get()).not_after == row.told);
    }
}
