#include "core/text.h"
#include "model_rig.h"
#include "sim/model/x509.h"

#include <doctest/doctest.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>

using namespace oob;
using namespace oob::sim;

namespace {

constexpr std::string_view keys_class = "AMT_PublicKeyManagementService";

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

Key key_of(const Bytes& der) {
    const auto* at = reinterpret_cast<const unsigned char*>(der.data());
    return {d2i_PrivateKey(EVP_PKEY_RSA, nullptr, &at, static_cast<long>(der.size())),
            EVP_PKEY_free};
}

template <class Object, class Encode>
std::string der_base64(Object* object, Encode encode) {
    unsigned char* out = nullptr;
    const int size = encode(object, &out);
    REQUIRE(size > 0);
    const std::string text =
        base64_encode(std::as_bytes(std::span(out, static_cast<std::size_t>(size))));
    OPENSSL_free(out);
    return text;
}

void set_name(X509_NAME* name, const char* common_name) {
    const auto add = [&](const char* field, const char* value) {
        X509_NAME_add_entry_by_txt(name, field, MBSTRING_ASC,
                                   reinterpret_cast<const unsigned char*>(value), -1, -1, 0);
    };
    add("O", "Example");
    add("CN", common_name);
}

/// A self-signed certificate for the key.
std::string certificate(EVP_PKEY* key, const char* common_name, bool authority) {
    const std::unique_ptr<X509, decltype(&X509_free)> made(X509_new(), X509_free);
    X509_set_version(made.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(made.get()), 7);
    X509_gmtime_adj(X509_getm_notBefore(made.get()), 0);
    X509_gmtime_adj(X509_getm_notAfter(made.get()), 86400);
    set_name(X509_get_subject_name(made.get()), common_name);
    X509_set_issuer_name(made.get(), X509_get_subject_name(made.get()));
    X509_set_pubkey(made.get(), key);
    const char* const constraint = authority ? "critical,CA:TRUE" : "CA:FALSE";
    X509_EXTENSION* extension =
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_basic_constraints, constraint);
    X509_add_ext(made.get(), extension, -1);
    X509_EXTENSION_free(extension);
    REQUIRE(X509_sign(made.get(), key, EVP_sha256()) > 0);
    return der_base64(made.get(), i2d_X509);
}

std::string instance(const Members& output, std::string_view name) {
    const Member* reference = codec::wsman::find(output, name);
    REQUIRE(reference);
    return said(reference->members, "InstanceID");
}

}  // namespace

TEST_CASE("a key, its certificate and a root: stored, linked and told apart") {
    Rig rig;
    const auto pair = x509::generate_key(2048);
    REQUIRE(pair.has_value());
    const Key key = key_of(pair->private_key);
    REQUIRE(key);
    const auto add = [&](std::string_view method, std::string name, std::string value) {
        return rig.invoke(keys_class, method, {text(std::move(name), std::move(value))});
    };
    const std::string leaf = certificate(key.get(), "device", false);
    CHECK(said(add("AddCertificate", "CertificateBlob", leaf), "ReturnValue") == "2064");
    CHECK(said(add("AddTrustedRootCertificate", "CertificateBlob", leaf), "ReturnValue") == "2063");
    const std::string stored =
        instance(add("AddKey", "KeyBlob", base64_encode(pair->private_key)), "CreatedKey");
    CHECK(said(rig.get("AMT_PublicPrivateKeyPair", {text("InstanceID", stored)}), "DERKey") ==
          base64_encode(pair->public_key));
    CHECK(said(add("AddKey", "KeyBlob", base64_encode(pair->private_key)), "ReturnValue") ==
          "2058");
    const std::string own =
        instance(add("AddCertificate", "CertificateBlob", leaf), "CreatedCertificate");
    const Members shown = rig.get("AMT_PublicKeyCertificate", {text("InstanceID", own)});
    CHECK(said(shown, "Subject") == "O=Example,CN=device");
    CHECK(said(shown, "TrustedRootCertficate") == "false");
    const std::string root = instance(
        add("AddTrustedRootCertificate", "CertificateBlob", certificate(key.get(), "root", true)),
        "CreatedCertificate");
    CHECK(said(rig.get("AMT_PublicKeyCertificate", {text("InstanceID", root)}),
               "TrustedRootCertficate") == "true");

    const auto remove = [&](std::string_view class_name, const std::string& name) {
        return rig.request(Operation::delete_instance, class_name, {text("InstanceID", name)});
    };
    CHECK(rig.refused(remove("AMT_PublicPrivateKeyPair", stored)).detail == "AMT-STATUS 16");
    rig.put("AMT_TLSCredentialContext",
            {reference("ElementInContext", "AMT_PublicKeyCertificate", "InstanceID", own)});
    CHECK(rig.refused(remove("AMT_PublicKeyCertificate", own)).detail == "AMT-STATUS 16");
    rig.must(remove("AMT_PublicKeyCertificate", root));
    rig.must(remove("AMT_PublicKeyCertificate", "Intel(r) AMT Certificate: Handle: 0"));
}

TEST_CASE("a certificate request is signed with the device's key, and only with the right one") {
    Rig rig;
    const auto pair = x509::generate_key(2048);
    REQUIRE(pair.has_value());
    const Key key = key_of(pair->private_key);
    const std::string stored = instance(
        rig.invoke(keys_class, "AddKey", {text("KeyBlob", base64_encode(pair->private_key))}),
        "CreatedKey");
    const std::unique_ptr<X509_REQ, decltype(&X509_REQ_free)> request(X509_REQ_new(),
                                                                      X509_REQ_free);
    set_name(X509_REQ_get_subject_name(request.get()), "device");
    X509_REQ_set_pubkey(request.get(), key.get());
    REQUIRE(X509_REQ_sign(request.get(), key.get(), EVP_sha256()) > 0);
    const std::string blob = der_base64(request.get(), i2d_X509_REQ);
    const auto sign = [&](const std::string& name) {
        return rig.invoke(
            keys_class, "GeneratePKCS10RequestEx",
            {reference("KeyPair", "AMT_PublicPrivateKeyPair", "InstanceID", name),
             text("SigningAlgorithm", "1"), text("NullSignedCertificateRequest", blob)});
    };
    const auto made = base64_decode(said(sign(stored), "SignedCertificateRequest"));
    REQUIRE(made.has_value());
    const auto* at = reinterpret_cast<const unsigned char*>(made->data());
    const std::unique_ptr<X509_REQ, decltype(&X509_REQ_free)> back(
        d2i_X509_REQ(nullptr, &at, static_cast<long>(made->size())), X509_REQ_free);
    REQUIRE(back);
    CHECK(X509_REQ_verify(back.get(), key.get()) == 1);
    const std::string other =
        instance(rig.invoke(keys_class, "GenerateKeyPair",
                            {text("KeyAlgorithm", "0"), text("KeyLength", "2048")}),
                 "KeyPair");
    CHECK(said(sign(other), "ReturnValue") == "2064");
    CHECK(said(sign("Intel(r) AMT Key: Handle: 0"), "ReturnValue") == "2053");
}

TEST_CASE("bytes that are no certificate, key or request are refused, at every length") {
    const auto pair = x509::generate_key(2048);
    REQUIRE(pair.has_value());
    const Key key = key_of(pair->private_key);
    const auto whole = base64_decode(certificate(key.get(), "device", false));
    REQUIRE(whole.has_value());
    CHECK(x509::read_certificate(*whole).has_value());
    for (std::size_t size = 0; size < whole->size(); ++size)
        CHECK(!x509::read_certificate(View(*whole).first(size)).has_value());
    for (std::size_t size = 0; size < pair->private_key.size(); size += 7)
        CHECK(!x509::read_key(View(pair->private_key).first(size)).has_value());
    CHECK(!x509::sign_request(*whole, pair->private_key, x509::Hash::sha256).has_value());
}
