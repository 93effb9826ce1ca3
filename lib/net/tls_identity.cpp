#include "net/tls_identity.h"

#include "core/file.h"
#include "core/private_file.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <cstring>

namespace oob::net {

namespace {

constexpr const char* code = "config.tls_cert";
/// Certificates and keys together are a few kilobytes.
constexpr std::size_t most_bytes = std::size_t{256} * 1024;
/// A chain of issuers is three or four long.
constexpr int most_issuers = 16;

struct Free {
    void operator()(X509* certificate) const { X509_free(certificate); }
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(PKCS12* bundle) const { PKCS12_free(bundle); }
    void operator()(BIO* bio) const { BIO_free(bio); }
    void operator()(STACK_OF(X509) * chain) const { sk_X509_pop_free(chain, X509_free); }
};

using Certificate = std::unique_ptr<X509, Free>;
using Key = std::unique_ptr<EVP_PKEY, Free>;
using Chain = std::unique_ptr<STACK_OF(X509), Free>;
using Memory = std::unique_ptr<BIO, Free>;

std::unexpected<Error> unusable(std::string message, std::string hint) {
    ERR_clear_error();
    return std::unexpected(Error(Class::config, code, std::move(message), std::move(hint)));
}

/// A file's text, wiped when it goes: a key may stand in it.
struct Text {
    std::string text;
    explicit Text(std::string from) : text(std::move(from)) {}
    Text(const Text&) = delete;
    Text& operator=(const Text&) = delete;
    Text(Text&& other) noexcept : text(std::move(other.text)) { cleanse(other.text); }
    ~Text() { cleanse(text); }
    Memory open() const {
        return Memory(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
    }
};

/// Gives OpenSSL the passphrase of a key; without one it must not ask on the terminal.
int give_passphrase(char* buffer, int size, int /*writing*/, void* secret) {
    const auto text = static_cast<const Secret*>(secret)->reveal();
    if (text.empty() || size < 0 || text.size() > static_cast<std::size_t>(size)) return -1;
    std::memcpy(buffer, text.data(), text.size());
    return static_cast<int>(text.size());
}

/// A file that is open, with its text.
struct ReadFile {
    Descriptor file;
    Text text;
};

Result<ReadFile> read_whole(const std::filesystem::path& path) {
    auto file = open_to_read(path, code);
    if (!file) return std::unexpected(file.error());
    auto text = read_open_file(file->get(), path, code, most_bytes);
    if (!text) return std::unexpected(text.error());
    return ReadFile{*std::move(file), Text(*std::move(text))};
}

}  // namespace

struct TlsIdentity::Parts {
    Certificate certificate;
    Key key;
    Chain issuers{sk_X509_new_null()};

    bool read_pkcs12(const Text& file, const Secret& passphrase) {
        const std::unique_ptr<PKCS12, Free> bundle(d2i_PKCS12_bio(file.open().get(), nullptr));
        if (!bundle) return false;
        X509* own = nullptr;
        EVP_PKEY* own_key = nullptr;
        STACK_OF(X509)* others = nullptr;
        const std::string_view text = passphrase.reveal();
        // The text of a Secret ends with a zero, as that of any std::string.
        const bool opened = PKCS12_parse(bundle.get(), text.empty() ? nullptr : text.data(),
                                         &own_key, &own, &others) == 1;
        certificate.reset(own);
        key.reset(own_key);
        if (others) issuers.reset(others);
        return opened;
    }

    void read_pem_certificates(const Text& file) {
        const Memory memory = file.open();
        certificate.reset(PEM_read_bio_X509(memory.get(), nullptr, nullptr, nullptr));
        while (certificate && sk_X509_num(issuers.get()) < most_issuers) {
            X509* issuer = PEM_read_bio_X509(memory.get(), nullptr, nullptr, nullptr);
            if (!issuer) break;
            sk_X509_push(issuers.get(), issuer);
        }
        ERR_clear_error();  // the end of the file is no error
    }

    void read_pem_key(const Text& file, const Secret& passphrase) {
        key.reset(PEM_read_bio_PrivateKey(file.open().get(), nullptr, give_passphrase,
                                          const_cast<Secret*>(&passphrase)));
        ERR_clear_error();
    }
};

Result<TlsIdentity> TlsIdentity::load(const std::filesystem::path& certificate,
                                      const std::optional<std::filesystem::path>& key,
                                      const Secret& passphrase) {
    auto shown = read_whole(certificate);
    if (!shown) return std::unexpected(shown.error());
    const Text& text = shown->text;
    auto parts = std::make_shared<Parts>();
    const bool pem = text.text.find("-----BEGIN ") != std::string::npos;
    if (!key || !pem)
        if (auto owned = require_private(shown->file.get(), certificate, code); !owned)
            return std::unexpected(owned.error());
    if (!pem && !parts->read_pkcs12(text, passphrase))
        return unusable("cannot open " + certificate.string(),
                        "it must be PEM or PKCS#12; is the passphrase right?");
    if (pem) parts->read_pem_certificates(text);
    if (pem && !key) parts->read_pem_key(text, passphrase);
    if (key) {
        auto secret = read_whole(*key);
        if (!secret) return std::unexpected(secret.error());
        if (auto owned = require_private(secret->file.get(), *key, code); !owned)
            return std::unexpected(owned.error());
        parts->read_pem_key(secret->text, passphrase);
    }
    if (!parts->certificate)
        return unusable("no certificate in " + certificate.string(), "it must be PEM or PKCS#12");
    if (!parts->key)
        return unusable("no key in " + (key ? *key : certificate).string() + " that could be read",
                        "it must be PEM; is the passphrase right?");
    if (X509_check_private_key(parts->certificate.get(), parts->key.get()) != 1)
        return unusable("the key is not the one of the certificate in " + certificate.string(),
                        "name the two that belong together");
    TlsIdentity out;
    out.parts_ = std::move(parts);
    return out;
}

void TlsIdentity::present(ssl_ctx_st* context) const {
    if (SSL_CTX_use_cert_and_key(context, parts_->certificate.get(), parts_->key.get(),
                                 parts_->issuers.get(), 1) == 1)
        return;
    const unsigned long reason = ERR_get_error();
    ERR_clear_error();
    const char* text = reason ? ERR_reason_error_string(reason) : nullptr;
    fail(Class::config, code,
         std::string("OpenSSL does not take the client certificate") +
             (text ? std::string(": ") + text : ""),
         "is its key long enough?");
}

}  // namespace oob::net
