#include "sim/model/x509.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <limits>
#include <memory>

namespace oob::sim::x509 {

namespace {

template <auto free_it>
struct Freed {
    template <class T>
    void operator()(T* object) const {
        free_it(object);
    }
};

using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using Request = std::unique_ptr<X509_REQ, Freed<X509_REQ_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;

constexpr std::size_t largest_object = 16384;

const unsigned char* raw(View bytes) {
    return reinterpret_cast<const unsigned char*>(bytes.data());
}

/// What `encode` (one of OpenSSL's i2d functions) writes.
template <class Object, class Encode>
Bytes encoded(Object* object, Encode encode) {
    const int size = encode(object, nullptr);
    if (size <= 0) return {};
    Bytes out(static_cast<std::size_t>(size));
    auto* end = reinterpret_cast<unsigned char*>(out.data());
    encode(object, &end);
    return out;
}

Bytes public_bytes(EVP_PKEY* key) {
    if (!key || EVP_PKEY_base_id(key) != EVP_PKEY_RSA) return {};
    return encoded(key, [](EVP_PKEY* one, unsigned char** out) { return i2d_PublicKey(one, out); });
}

Key decode_key(View der) {
    const unsigned char* at = raw(der);
    if (der.size() > largest_object) return nullptr;
    Key key(d2i_PrivateKey(EVP_PKEY_RSA, nullptr, &at, static_cast<long>(der.size())));
    return at == raw(der) + der.size() ? std::move(key) : nullptr;
}

KeyPair pair_of(EVP_PKEY* key) {
    return {
        encoded(key, [](EVP_PKEY* one, unsigned char** out) { return i2d_PrivateKey(one, out); }),
        public_bytes(key), static_cast<unsigned>(EVP_PKEY_bits(key))};
}

std::string name_text(const X509_NAME* name) {
    std::string text;
    for (int i = 0; i < X509_NAME_entry_count(name); ++i) {
        const X509_NAME_ENTRY* entry = X509_NAME_get_entry(name, i);
        const int kind = OBJ_obj2nid(X509_NAME_ENTRY_get_object(entry));
        unsigned char* value = nullptr;
        const int size = ASN1_STRING_to_UTF8(&value, X509_NAME_ENTRY_get_data(entry));
        if (size < 0) continue;
        if (!text.empty()) text += ',';
        text += OBJ_nid2sn(kind);
        text += '=';
        text.append(reinterpret_cast<const char*>(value), static_cast<std::size_t>(size));
        OPENSSL_free(value);
    }
    return text;
}

const EVP_MD* digest_of(Hash hash) {
    switch (hash) {
        case Hash::sha1:
            return EVP_sha1();
        case Hash::sha256:
            return EVP_sha256();
        case Hash::sha384:
            return EVP_sha384();
    }
    return EVP_sha256();
}

}  // namespace

std::optional<CertificateFacts> read_certificate(View der) {
    if (der.size() > largest_object) return std::nullopt;
    const unsigned char* at = raw(der);
    const Certificate certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
    if (!certificate || at != raw(der) + der.size()) return std::nullopt;
    CertificateFacts facts;
    facts.subject = name_text(X509_get_subject_name(certificate.get()));
    facts.issuer = name_text(X509_get_issuer_name(certificate.get()));
    facts.public_key = public_bytes(X509_get0_pubkey(certificate.get()));
    facts.self_issued = facts.subject == facts.issuer;
    facts.authority = X509_check_ca(certificate.get()) != 0;
    return facts;
}

std::optional<KeyPair> read_key(View der) {
    const Key key = decode_key(der);
    if (!key) return std::nullopt;
    return pair_of(key.get());
}

std::optional<KeyPair> generate_key(unsigned bits) {
    const Key key(EVP_RSA_gen(bits));
    if (!key) return std::nullopt;
    return pair_of(key.get());
}

std::optional<Bytes> sign_request(View der, View private_key, Hash hash) {
    if (der.size() > largest_object) return std::nullopt;
    const unsigned char* at = raw(der);
    const Request request(d2i_X509_REQ(nullptr, &at, static_cast<long>(der.size())));
    const Key key = decode_key(private_key);
    if (!request || !key || at != raw(der) + der.size()) return std::nullopt;
    if (EVP_PKEY_eq(X509_REQ_get0_pubkey(request.get()), key.get()) != 1) return std::nullopt;
    if (X509_REQ_sign(request.get(), key.get(), digest_of(hash)) <= 0) return std::nullopt;
    return encoded(request.get(),
                   [](X509_REQ* one, unsigned char** out) { return i2d_X509_REQ(one, out); });
}

}  // namespace oob::sim::x509
