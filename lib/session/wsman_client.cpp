#include "session/wsman_client.h"

#include "codec/wsman/redaction.h"
#include "codec/wsman/schema.h"
#include "core/excerpt.h"
#include "core/text.h"
#include "net/deadline.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace oob::session {

namespace wsman = codec::wsman;
using net::Task;
using wsman::Operation;

namespace {

/// How a subcode maps to the contract's classes. A row for each one that means more than "refused".
struct FaultRow {
    std::string_view subcode;
    Class kind;
    std::string_view code;
    std::string_view hint;
    bool retryable = false;
};

constexpr std::array<FaultRow, 13> fault_rows{{
    {"AccessDenied", Class::forbidden, "forbidden.access_denied",
     "the account lacks the realm, or user consent is missing"},
    {"DestinationUnreachable", Class::unsupported, "wsman.destination_unreachable",
     "this firmware has no such class, or no instance with these selectors"},
    {"ActionNotSupported", Class::unsupported, "wsman.action_not_supported",
     "this firmware does not offer that verb or method for the class"},
    {"UnsupportedFeature", Class::unsupported, "wsman.unsupported_feature",
     "this firmware lacks the feature"},
    {"AlreadyExists", Class::precondition, "wsman.already_exists",
     "delete the existing instance first"},
    {"InvalidSelectors", Class::firmware, "wsman.invalid_selectors",
     "give the key properties with --selector"},
    {"InvalidRepresentation", Class::firmware, "wsman.invalid_representation",
     "a required property is missing or a value does not fit; compare with 'oob-wsman get'"},
    {"InvalidParameter", Class::firmware, "wsman.invalid_parameter",
     "check the method's parameters"},
    {"SchemaValidationError", Class::firmware, "wsman.schema_validation",
     "check names and types of the properties"},
    {"QuotaLimit", Class::firmware, "wsman.quota",
     "the device's table is full; delete an entry first"},
    {"Concurrency", Class::firmware, "wsman.concurrency",
     "another console is changing this; try again", true},
    {"TimedOut", Class::firmware, "wsman.timed_out", "the firmware took too long; try again", true},
    {"EndpointUnavailable", Class::firmware, "wsman.endpoint_unavailable",
     "the firmware is starting; try again", true},
}};

/// One after the other, of an enumeration that has not ended.
constexpr std::size_t most_empty_pages = 16;
/// Of an enumeration: an element has a few bytes on the wire, and many in memory.
constexpr std::size_t most_elements = 500'000;
/// Of the device's words in a sentence of ours; more of them are under `native`.
constexpr std::size_t most_words = 300;

std::size_t count(const wsman::Members& members) {
    std::size_t out = members.size();
    for (const wsman::Member& member : members) out += count(member.members);
    return out;
}

/// What is left out on the way would be another value than the one that was given.
void require_holdable(const wsman::Members& members) {
    for (const wsman::Member& member : members) {
        if (!wsman::xml::can_hold(member.text))
            fail(Class::usage, "usage.character",
                 join({member.name, ": this text cannot be sent to a device"}),
                 "XML takes UTF-8, and no control characters but tabs and line breaks");
        require_holdable(member.members);
    }
}

}  // namespace

Error error_of(const wsman::Fault& said, const std::vector<std::string>& secrets) {
    const auto shown = [&](const std::string& words) {
        return wsman::redact_words(wsman::without(words, secrets));
    };
    const wsman::Fault fault{shown(said.code), shown(said.subcode), shown(said.reason),
                             shown(said.detail)};
    const std::string_view subcode = fault.local_subcode();
    Error error(Class::firmware, "wsman.fault", "the device refused",
                "the device's own words are under error.native");
    for (const auto& row : fault_rows) {
        if (row.subcode != subcode) continue;
        error.kind = row.kind;
        error.code = row.code;
        error.hint = row.hint;
        error.retryable = row.retryable;
    }
    if (!subcode.empty()) error.message += join({": ", excerpt(std::string(subcode), most_words)});
    if (!fault.reason.empty())
        error.message += join({" (", excerpt(fault.reason, most_words), ")"});
    error.with("http", 400).with("code", fault.code);
    if (!fault.subcode.empty()) error.with("subcode", fault.subcode);
    if (!fault.reason.empty()) error.with("reason", fault.reason);
    if (!fault.detail.empty()) error.with("detail", fault.detail);
    if (const auto status = wsman::amt_status(said)) {
        const std::string_view name = wsman::pt_status_name(*status);
        error.message +=
            join({", AMT status ", std::to_string(*status), name.empty() ? "" : " ", name});
        error.with("amt_status", *status);
        if (!name.empty()) error.with("amt_status_name", name);
    }
    return error;
}

void require_success(const wsman::Members& output, std::string_view class_name,
                     std::string_view method) {
    const auto value = wsman::number_of(output, "ReturnValue");
    if (!value)
        fail(Class::protocol, "wsman.no_return_value",
             join({method, " answered without a ReturnValue"}), "try --trace to see the answer");
    if (*value == 0) return;
    const auto number = static_cast<std::uint32_t>(*value);
    const std::string_view name = wsman::return_value_name(class_name, method, number);
    constexpr std::uint32_t not_permitted = 16;
    Error error(Class::firmware, "firmware.return_value",
                join({method, " answered ", std::to_string(number), name.empty() ? "" : " ", name}),
                "the firmware refused; the state of the device may not allow it now");
    if (number == not_permitted && !class_name.starts_with("CIM_")) {
        error.kind = Class::forbidden;
        error.code = "forbidden.not_permitted";
        error.hint = "the account, the control mode or the interface does not allow this";
    }
    error.with("method", method).with("return_value", number);
    if (!name.empty()) error.with("return_name", name);
    fail(std::move(error));
}

void WsmanClient::keep_secret(const wsman::Request& request) {
    for (const wsman::Members* members : {&request.body, &request.selectors})
        for (std::string& text : wsman::secret_texts(*members))
            if (std::ranges::find(secrets_, text) == secrets_.end())
                secrets_.push_back(std::move(text));
    http_.hide(secrets_);
}

Task<wsman::Reply> WsmanClient::call(wsman::Request request, Effect effect) {
    const Operation operation = request.operation;
    keep_secret(request);
    request.message_id = std::to_string(++message_);
    require_holdable(request.selectors);
    require_holdable(request.body);
    codec::http::Request http;
    http.fields.add("Content-Type", "application/soap+xml; charset=utf-8");
    http.body = wsman::encode_request(request);
    const codec::http::Response response = co_await http_.exchange(std::move(http), effect);
    heard_bytes_ += response.body.size();
    if (keep_replies_) replies_.push_back(wsman::without(wsman::redact(response.body), secrets_));
    auto decoded = wsman::decode_reply(operation, response.body);
    if (!decoded && response.status == 400)
        fail(Error(Class::firmware, "firmware.http", "the device answered HTTP 400 without a fault",
                   "the request does not suit this firmware; try --trace")
                 .with("http", 400));
    if (!decoded && effect == Effect::changes) fail(net::lost(std::move(decoded).error()));
    auto reply = take_explained(std::move(decoded));
    if (const auto* fault = std::get_if<wsman::Fault>(&reply)) fail(error_of(*fault, secrets_));
    co_return std::get<wsman::Reply>(std::move(reply));
}

Task<wsman::Instance> WsmanClient::identify() {
    wsman::Request request;
    request.operation = Operation::identify;
    auto reply = co_await call(std::move(request), Effect::reads);
    co_return std::move(reply.body).value_or(wsman::Instance{});
}

Task<wsman::Instance> WsmanClient::get(std::string resource_uri, wsman::Members selectors) {
    wsman::Request request;
    request.operation = Operation::get;
    request.resource_uri = std::move(resource_uri);
    request.selectors = std::move(selectors);
    auto reply = co_await call(std::move(request), Effect::reads);
    co_return std::move(reply.body).value_or(wsman::Instance{});
}

Task<wsman::Instance> WsmanClient::put(std::string resource_uri, wsman::Members selectors,
                                       wsman::Members members) {
    wsman::Request request;
    request.operation = Operation::put;
    request.resource_uri = std::move(resource_uri);
    request.selectors = std::move(selectors);
    request.body = std::move(members);
    auto reply = co_await call(std::move(request), Effect::changes);
    co_return std::move(reply.body).value_or(wsman::Instance{});
}

Task<wsman::Instance> WsmanClient::create(std::string resource_uri, wsman::Members members) {
    wsman::Request request;
    request.operation = Operation::create;
    request.resource_uri = std::move(resource_uri);
    request.body = std::move(members);
    auto reply = co_await call(std::move(request), Effect::changes);
    co_return std::move(reply.body).value_or(wsman::Instance{});
}

Task<void> WsmanClient::remove(std::string resource_uri, wsman::Members selectors) {
    wsman::Request request;
    request.operation = Operation::delete_instance;
    request.resource_uri = std::move(resource_uri);
    request.selectors = std::move(selectors);
    co_await call(std::move(request), Effect::changes);
}

Task<std::vector<wsman::Instance>> WsmanClient::enumerate(std::string resource_uri,
                                                          std::size_t most,
                                                          std::uint64_t most_bytes) {
    const std::uint64_t heard_before = heard_bytes_;
    wsman::Request start;
    start.operation = Operation::enumerate;
    start.resource_uri = resource_uri;
    auto reply = co_await call(std::move(start), Effect::reads);
    std::vector<wsman::Instance> all;
    std::size_t elements = 0;
    std::string context = reply.enumeration_context;
    // A page without items and without an end would go on for ever.
    for (std::size_t empty_pages = 0; !context.empty();) {
        wsman::Request pull;
        pull.operation = Operation::pull;
        pull.resource_uri = resource_uri;
        pull.enumeration_context = context;
        pull.max_elements = 999;
        // A context moves on with each Pull, so the same page cannot be asked for twice.
        reply = co_await call(std::move(pull), Effect::advances);
        empty_pages = reply.items.empty() ? empty_pages + 1 : 0;
        for (const wsman::Instance& item : reply.items) elements += count(item.members);
        std::ranges::move(reply.items, std::back_inserter(all));
        context = reply.end_of_sequence ? std::string() : reply.enumeration_context;
        if (heard_bytes_ - heard_before > most_bytes || elements > most_elements)
            fail(Error(Class::protocol, "http.too_large",
                       join({"the enumeration is larger than ", std::to_string(most_bytes),
                             " bytes, or than ", std::to_string(most_elements), " elements"}),
                       "no firmware has so much of one class; is this a device with Intel AMT?")
                     .with("limit_bytes", most_bytes)
                     .with("items", all.size()));
        if (all.size() > most || empty_pages > most_empty_pages)
            fail(Class::firmware, "firmware.endless", "the enumeration does not end",
                 "the firmware is in trouble; restarting the management engine may help");
    }
    co_return all;
}

Task<wsman::Members> WsmanClient::invoke(std::string resource_uri, std::string method,
                                         wsman::Members parameters, wsman::Members selectors,
                                         Effect effect) {
    wsman::Request request;
    request.operation = Operation::invoke;
    request.resource_uri = std::move(resource_uri);
    request.method = std::move(method);
    request.body = std::move(parameters);
    request.selectors = std::move(selectors);
    const wsman::Reply reply = co_await call(std::move(request), effect);
    co_return reply.body ? reply.body->members : wsman::Members{};
}

}  // namespace oob::session
