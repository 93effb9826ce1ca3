#pragma once

#include "codec/wsman/instance.h"
#include "codec/wsman/message.h"
#include "session/http_client.h"

#include <cstdint>
#include <string>
#include <vector>

namespace oob::session {

/// WS-Management with one device: each call is one or a few exchanges. A fault becomes a Failure
/// that keeps code, subcode, reason and detail under `native`. The client must outlive its calls.
class WsmanClient {
 public:
    explicit WsmanClient(HttpClient::Options options) : http_(std::move(options)) {}

    net::Task<codec::wsman::Instance> identify();
    net::Task<codec::wsman::Instance> get(std::string resource_uri,
                                          codec::wsman::Members selectors = {});
    /// The instance as the device has it after the change; an empty one when the device answers
    /// without.
    net::Task<codec::wsman::Instance> put(std::string resource_uri, codec::wsman::Members selectors,
                                          codec::wsman::Members members);
    /// The endpoint reference of the new instance, as members.
    net::Task<codec::wsman::Instance> create(std::string resource_uri,
                                             codec::wsman::Members members);
    net::Task<void> remove(std::string resource_uri, codec::wsman::Members selectors);
    /// Of the replies of one enumeration together.
    static constexpr std::uint64_t most_enumerated_bytes = std::uint64_t{64} << 20;
    /// All instances, pulled page by page. `most` and `most_bytes` guard against a device that
    /// never ends (firmware.endless, http.too_large).
    net::Task<std::vector<codec::wsman::Instance>> enumerate(
        std::string resource_uri, std::size_t most = 10'000,
        std::uint64_t most_bytes = most_enumerated_bytes);
    /// A method's output. A ReturnValue other than 0 is left to the caller; see require_success().
    net::Task<codec::wsman::Members> invoke(std::string resource_uri, std::string method,
                                            codec::wsman::Members parameters,
                                            codec::wsman::Members selectors = {},
                                            Effect effect = Effect::changes);

    HttpClient& http() { return http_; }
    /// The XML of every reply since the last call, in order, without secrets; kept only after
    /// keep_replies().
    std::vector<std::string> take_replies() { return std::move(replies_); }
    void keep_replies() { keep_replies_ = true; }

 private:
    net::Task<codec::wsman::Reply> call(codec::wsman::Request request, Effect effect);
    /// What this sends in secret is not told by a trace, a reply kept, or an error.
    void keep_secret(const codec::wsman::Request& request);

    HttpClient http_;
    std::uint32_t message_ = 0;
    std::uint64_t heard_bytes_ = 0;  // of all replies
    bool keep_replies_ = false;
    std::vector<std::string> replies_;
    std::vector<std::string> secrets_;  // sent so far
};

/// What a fault means as an Error. What was sent in secret is not repeated in it.
Error error_of(const codec::wsman::Fault& fault, const std::vector<std::string>& secrets = {});

/// Fails when a method's ReturnValue is not 0: class firmware (or forbidden), code
/// firmware.return_value, with the number and its name in message and `native`.
void require_success(const codec::wsman::Members& output, std::string_view class_name,
                     std::string_view method);

}  // namespace oob::session
