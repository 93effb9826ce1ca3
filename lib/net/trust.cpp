#include "net/trust.h"

#include "core/host.h"
#include "net/deadline.h"
#include "net/tls_versions.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <map>
#include <vector>

namespace oob::net {

namespace {

/// OpenSSL's levels of a chain: 112 bits, which are RSA of 2048 bits and SHA-224; and anything.
constexpr int strong = 2;
constexpr int any_strength = 0;

struct Free {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
    void operator()(X509_STORE* store) const { X509_STORE_free(store); }
    void operator()(X509_STORE_CTX* context) const { X509_STORE_CTX_free(context); }
};

using Context = std::unique_ptr<SSL_CTX, Free>;
using Store = std::unique_ptr<X509_STORE, Free>;

Context make_context(bool compat) {
    Context context(SSL_CTX_new(TLS_client_method()));
    if (!context) fail(Class::internal, "internal.tls", "OpenSSL cannot make a context");
    SSL_CTX_set_min_proto_version(
        context.get(), openssl_version(compat ? TlsVersion::tls1_0 : TlsVersion::tls1_2));
    // The handshake always goes through; judge() decides afterwards, with everything in sight.
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
    SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
    if (compat) {
        SSL_CTX_set_security_level(context.get(), 0);
        SSL_CTX_set_cipher_list(context.get(), "ALL:!aNULL:!eNULL:@SECLEVEL=0");
        SSL_CTX_set_options(context.get(), SSL_OP_LEGACY_SERVER_CONNECT);
    }
    return context;
}

/// OpenSSL calls this when the peer asks for a client certificate.
int note_request(SSL* /*ssl*/, void* asked) {
    *static_cast<bool*>(asked) = true;
    return 1;
}

/// A handshake that failed after the peer had asked who we are most likely failed for that.
Error about_client(Error error, bool asked, bool shown) {
    if (!asked || error.kind != Class::tls) return error;
    error.with("cause", error.code);
    error.code = shown ? "tls.client_refused" : "tls.client_certificate";
    error.message = shown ? "the device refused our client certificate: " + error.message
                          : "the device asks for a client certificate: " + error.message;
    error.hint = shown ? "is it issued by an authority that the device trusts, and still valid?"
                       : "give one with --tls-cert and --tls-key";
    return error;
}

/// The host as certificates have it: names in lower case without a final dot, addresses without a
/// zone.
struct Subject {
    std::string text;
    bool is_name = true;
};

Subject subject_of(const std::string& written) {
    const auto host = parse_host(written);
    if (!host) return {written};
    return {host->key.substr(0, host->key.find('%')), host->kind == Host::Kind::name};
}

/// Why the peer's chain does not verify for this subject at this level, as OpenSSL's number;
/// X509_V_OK when it does.
int chain_problem(ssl_st* ssl, X509_STORE* store, const Subject& subject, int level) {
    const std::unique_ptr<X509_STORE_CTX, Free> context(X509_STORE_CTX_new());
    if (!context || X509_STORE_CTX_init(context.get(), store, SSL_get0_peer_certificate(ssl),
                                        SSL_get_peer_cert_chain(ssl)) != 1)
        return X509_V_ERR_UNSPECIFIED;
    X509_VERIFY_PARAM* parameters = X509_STORE_CTX_get0_param(context.get());
    X509_VERIFY_PARAM_set_purpose(parameters, X509_PURPOSE_SSL_SERVER);
    X509_VERIFY_PARAM_set_auth_level(parameters, level);
    const int set =
        subject.is_name
            ? X509_VERIFY_PARAM_set1_host(parameters, subject.text.c_str(), subject.text.size())
            : X509_VERIFY_PARAM_set1_ip_asc(parameters, subject.text.c_str());
    if (set != 1) return X509_V_ERR_UNSPECIFIED;
    if (X509_verify_cert(context.get()) == 1) return X509_V_OK;
    return X509_STORE_CTX_get_error(context.get());
}

bool is_weakness(int problem) {
    return problem == X509_V_ERR_EE_KEY_TOO_SMALL || problem == X509_V_ERR_CA_KEY_TOO_SMALL ||
           problem == X509_V_ERR_CA_MD_TOO_WEAK;
}

}  // namespace

struct Trust::Contexts {
    std::optional<std::filesystem::path> ca_file;
    std::optional<TlsIdentity> identity;
    Context plain;
    Context compat;
    std::map<std::filesystem::path, Store> stores;  // the system's under the empty path

    SSL_CTX* context(bool old) {
        Context& wanted = old ? compat : plain;
        if (wanted) return wanted.get();
        Context made = make_context(old);
        if (identity) identity->present(made.get());
        wanted = std::move(made);
        return wanted.get();
    }

    X509_STORE* certificates(const std::optional<std::filesystem::path>& of_device) {
        const auto file = of_device ? of_device : ca_file;
        Store& store = stores[file.value_or(std::filesystem::path())];
        if (store) return store.get();
        Store made(X509_STORE_new());
        const bool loaded = file ? X509_STORE_load_file(made.get(), file->c_str()) == 1
                                 : X509_STORE_set_default_paths(made.get()) == 1;
        ERR_clear_error();
        if (!loaded && file)
            fail(Class::config, "config.ca", "cannot load certificates from " + file->string(),
                 "--tls-ca and tls_ca want a file of PEM certificates");
        store = std::move(made);
        return store.get();
    }
};

std::string_view name(Verified verified) {
    switch (verified) {
        case Verified::none:
            return "none";
        case Verified::first_use:
            return "tofu";
        case Verified::pin:
            return "pin";
        case Verified::known_device:
            return "known_device";
        case Verified::ca:
            return "ca";
    }
    return "none";
}

Trust::Trust(Result<std::filesystem::path> known_devices,
             std::optional<std::filesystem::path> ca_file)
    : known_devices_(std::move(known_devices)), contexts_(std::make_unique<Contexts>()) {
    contexts_->ca_file = std::move(ca_file);
}

Trust::~Trust() = default;

void Trust::set_identity(TlsIdentity identity) { contexts_->identity = std::move(identity); }

std::optional<Verified> Trust::knows(const Endpoint& device,
                                     const std::optional<std::string>& address,
                                     const std::string& fingerprint) {
    std::vector<Endpoint> places{device};
    if (address) places.push_back({*address, device.port});
    std::optional<Verified> out;
    for (const Endpoint& place : places) {
        const auto line = take(known_devices_.find(place));
        if (!line) continue;
        if (*line != fingerprint)
            fail(known_devices_.changed(to_string(place), *line, fingerprint));
        if (!known_devices_.is_new(place))
            out = Verified::known_device;
        else if (!out)
            out = Verified::first_use;
    }
    return out;
}

/// Notes in `peer` what is wrong with the chain.
bool Trust::vouched_for_by_ca(ssl_st* ssl, Trusted& peer, const Endpoint& device,
                              const TrustPolicy& policy) {
    X509_STORE* store = contexts_->certificates(policy.ca_file);
    const Subject subject = subject_of(device.host);
    const int problem = chain_problem(ssl, store, subject, strong);
    if (problem == X509_V_OK) return true;
    const std::string words = X509_verify_cert_error_string(problem);
    const bool weak =
        is_weakness(problem) && chain_problem(ssl, store, subject, any_strength) == X509_V_OK;
    (weak && policy.compat ? peer.weakness : peer.facts.chain_error) = words;
    if (weak && !policy.compat)
        peer.facts.chain_error += " (old firmware may need --tls-compat, which takes it)";
    return weak && policy.compat;
}

Verified Trust::judge(ssl_st* ssl, Trusted& peer, const Endpoint& device,
                      const TrustPolicy& policy) {
    const TlsFacts& facts = peer.facts;
    // Whoever names a key wants that one, whatever else is not looked at.
    if (policy.insecure && !policy.pin) return Verified::none;
    if (facts.fingerprint.empty())
        fail(Class::tls, "tls.no_certificate", "the peer shows no certificate",
             "is this a managed device?");
    if (policy.pin) {
        if (*policy.pin == facts.fingerprint) return Verified::pin;
        fail(Error(Class::tls, "tls.pin", "the device's key is not the pinned one",
                   "if its certificate was replaced on purpose, pin " + facts.fingerprint)
                 .with("fingerprint", facts.fingerprint)
                 .with("pin", *policy.pin));
    }
    if (const auto known = knows(device, policy.address, facts.fingerprint)) return *known;
    if (vouched_for_by_ca(ssl, peer, device, policy)) return Verified::ca;
    if (policy.trust_on_first_use) return Verified::first_use;
    fail(Error(Class::tls, "tls.unknown",
               "nothing vouches for the device's certificate: " + facts.chain_error,
               "compare the key with the device, then pin it (--tls-pin " + facts.fingerprint +
                   ") or record it with --tls-tofu")
             .with("fingerprint", facts.fingerprint)
             .with("subject", facts.subject));
}

Task<TrustedStream> Trust::connect(StreamPtr lower, Endpoint device, TrustPolicy policy) {
    SSL* ssl = SSL_new(contexts_->context(policy.compat));
    if (!ssl) fail(Class::internal, "internal.tls", "OpenSSL cannot make a session");
    auto stream = std::make_unique<TlsStream>(ssl, std::move(lower));
    SSL_set_connect_state(ssl);
    const Subject subject = subject_of(device.host);
    if (subject.is_name) SSL_set_tlsext_host_name(ssl, subject.text.c_str());
    bool asked = false;
    SSL_set_cert_cb(ssl, note_request, &asked);
    auto shaken = co_await attempt(stream->handshake());
    if (!shaken)
        fail(about_client(std::move(shaken).error(), asked, contexts_->identity.has_value()));
    SSL_set_cert_cb(ssl, nullptr, nullptr);
    TrustedStream out;
    out.trusted.facts = stream->facts();
    out.trusted.compat = policy.compat;
    out.trusted.verified = judge(ssl, out.trusted, device, policy);
    if (out.trusted.verified == Verified::first_use && policy.record &&
        !known_devices_.is_new(device))
        co_await known_devices_.record(std::move(device), out.trusted.facts.fingerprint,
                                       policy.address);
    out.stream = std::move(stream);
    co_return out;
}

}  // namespace oob::net
