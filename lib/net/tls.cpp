#include "net/tls.h"

#include "core/text.h"
#include "net/deadline.h"
#include "net/stalled.h"
#include "net/tls_facts.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

namespace oob::net {

namespace {

/// What is read from below at once: small while a connection is idle, a whole record while it is
/// busy.
constexpr std::size_t smallest_read = 4 * 1024;
constexpr std::size_t largest_read = 32 * 1024;
/// Old firmware takes seconds for its part, and a device has a limit of its own: this ends only
/// what nobody else does.
constexpr std::chrono::milliseconds longest_handshake{120'000};

Error handshake_error(unsigned long code) {
    const char* text = ERR_reason_error_string(code);
    const std::string reason = text ? text : "unknown reason";
    switch (ERR_GET_REASON(code)) {
        case SSL_R_WRONG_VERSION_NUMBER:
        case SSL_R_HTTP_REQUEST:
            return Error(Class::tls, "tls.not_tls", "the peer does not speak TLS on this port",
                         "is this the plain port? then write amt+tcp://HOST");
        case SSL_R_UNSUPPORTED_PROTOCOL:
        case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
        case SSL_R_VERSION_TOO_LOW:
        case SSL_R_NO_PROTOCOLS_AVAILABLE:
            return Error(Class::tls, "tls.version", "no TLS version in common: " + reason,
                         "old firmware speaks TLS 1.0 or 1.1 only: allow it for this device with "
                         "--tls-compat");
        case SSL_R_UNSAFE_LEGACY_RENEGOTIATION_DISABLED:
            return Error(Class::tls, "tls.renegotiation", "the peer lacks secure renegotiation",
                         "allow it for this device with --tls-compat");
        default:
            return Error(
                Class::tls, "tls.handshake", "the TLS handshake failed: " + reason,
                "old firmware may need --tls-compat; some devices ask for a client certificate");
    }
}

/// The newest entry of OpenSSL's queue says least; the first says what went wrong.
Error take_error(std::string code, const std::string& doing) {
    const unsigned long number = ERR_get_error();
    ERR_clear_error();
    const char* reason = number ? ERR_reason_error_string(number) : nullptr;
    return Error(Class::tls, std::move(code), doing + (reason ? std::string(": ") + reason : ""),
                 "the connection is encrypted but broke; try again");
}

}  // namespace

TlsStream::TlsStream(ssl_st* ssl, StreamPtr lower)
    : ssl_(ssl), lower_(std::move(lower)), inbox_(smallest_read) {
    SSL_set_bio(ssl_, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    BIO_set_mem_eof_return(SSL_get_rbio(ssl_), -1);
    BIO_set_mem_eof_return(SSL_get_wbio(ssl_), -1);
    SSL_set_mode(ssl_, SSL_MODE_RELEASE_BUFFERS);
}

TlsStream::~TlsStream() { SSL_free(ssl_); }

Task<void> TlsStream::flush() {
    if (flushing_) co_return;
    flushing_ = true;
    struct Guard {
        bool& flag;
        ~Guard() { flag = false; }
    } guard{flushing_};
    BIO* out = SSL_get_wbio(ssl_);
    while (BIO_pending(out) > 0) {
        Bytes pending(static_cast<std::size_t>(BIO_pending(out)));
        BIO_read(out, pending.data(), static_cast<int>(pending.size()));
        co_await lower_->write(pending);
    }
}

Task<bool> TlsStream::fill() {
    const std::size_t count = co_await lower_->read_some(inbox_);
    if (count == 0) co_return false;
    BIO_write(SSL_get_rbio(ssl_), inbox_.data(), static_cast<int>(count));
    if (count == inbox_.size() && count < largest_read) inbox_.resize(2 * count);
    co_return true;
}

Task<void> TlsStream::handshake() { return within(longest_handshake, shake_hands(), "handshake"); }

Task<void> TlsStream::shake_hands() {
    for (;;) {
        ERR_clear_error();
        const int result = SSL_do_handshake(ssl_);
        const int reason = SSL_get_error(ssl_, result);
        const unsigned long code = ERR_peek_error();
        co_await flush();
        if (result == 1) break;
        if (reason != SSL_ERROR_WANT_READ) fail(handshake_error(code));
        if (!co_await fill())
            fail(Class::tls, "tls.closed",
                 "the peer closed the connection during the TLS handshake",
                 "old firmware may need --tls-compat; is this the TLS port?");
    }
    facts_ = facts_of(ssl_);
}

Task<std::size_t> TlsStream::read_some(std::span<std::byte> buffer) {
    for (;;) {
        ERR_clear_error();
        std::size_t count = 0;
        if (SSL_read_ex(ssl_, buffer.data(), buffer.size(), &count) == 1) co_return count;
        const int reason = SSL_get_error(ssl_, 0);
        if (reason == SSL_ERROR_ZERO_RETURN) co_return 0;
        if (reason != SSL_ERROR_WANT_READ)
            fail(take_error("tls.read", "reading through TLS failed"));
        co_await flush();
        if (!co_await fill()) co_return 0;
    }
}

Task<void> TlsStream::write(View bytes) {
    while (!bytes.empty()) {
        ERR_clear_error();
        std::size_t count = 0;
        if (SSL_write_ex(ssl_, bytes.data(), bytes.size(), &count) != 1) {
            if (SSL_get_error(ssl_, 0) != SSL_ERROR_WANT_READ)
                fail(take_error("tls.write", "writing through TLS failed"));
            co_await flush();
            if (!co_await within(usual_write_limit, fill(), "write"))
                fail(Class::connect, "connect.closed", "the peer closed the connection");
            continue;
        }
        bytes = bytes.subspan(count);
        co_await flush();
    }
}

void TlsStream::close() {
    // A close_notify would have to be waited for; the protocols above mark their own ends.
    lower_->close();
}

void TlsStream::reset() { lower_->reset(); }

}  // namespace oob::net
