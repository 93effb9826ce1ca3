#include "codec/wsman/envelope.h"
#include "codec/wsman/message.h"
#include "codec/wsman/namespaces.h"
#include "core/text.h"

#include <algorithm>
#include <array>

namespace oob::codec::wsman {

namespace {

constexpr std::array<Operation, 7> fixed_operations{
    Operation::get,       Operation::put,  Operation::create,  Operation::delete_instance,
    Operation::enumerate, Operation::pull, Operation::release,
};

/// Header blocks that a device acts on or may well ignore, whatever their mustUnderstand says.
constexpr std::array<std::string_view, 12> understood{
    "Action",    "To",   "ResourceURI", "MessageID",        "ReplyTo",         "FaultTo",
    "RelatesTo", "From", "SelectorSet", "OperationTimeout", "MaxEnvelopeSize", "Locale",
};

constexpr std::uint32_t default_timeout_seconds = 60;

bool is_class_uri(std::string_view uri) {
    return uri.starts_with(ns::cim_classes) || uri.starts_with(ns::amt_classes) ||
           uri.starts_with(ns::ips_classes);
}

/// Finds the operation, and for a method its name and class: the part of the action before the last
/// slash.
bool decode_action(Request& request) {
    for (const Operation operation : fixed_operations)
        if (request.action == action_uri(operation, {})) {
            request.operation = operation;
            return true;
        }
    const std::size_t slash = request.action.rfind('/');
    if (slash == std::string::npos || slash + 1 == request.action.size()) return false;
    const std::string class_uri = request.action.substr(0, slash);
    if (class_uri != request.resource_uri && !is_class_uri(class_uri)) return false;
    request.operation = Operation::invoke;
    request.method = request.action.substr(slash + 1);
    if (request.resource_uri.empty()) request.resource_uri = class_uri;
    return true;
}

/// "PT60S", "PT60.000S", "PT1M30S": whole seconds. What is no duration counts as not given.
std::uint32_t decode_timeout(std::string_view text) {
    if (!text.starts_with("PT")) return default_timeout_seconds;
    text.remove_prefix(2);
    std::uint64_t seconds = 0;
    while (!text.empty()) {
        const std::size_t end = text.find_first_not_of("0123456789.");
        if (end == std::string_view::npos) return default_timeout_seconds;
        const auto number = parse_unsigned(text.substr(0, std::min(end, text.find('.'))));
        if (!number || *number > UINT32_MAX) return default_timeout_seconds;
        const std::uint64_t unit = text[end] == 'H' ? 3600 : text[end] == 'M' ? 60 : 1;
        seconds += *number * unit;
        text.remove_prefix(end + 1);
    }
    return seconds > UINT32_MAX ? default_timeout_seconds : static_cast<std::uint32_t>(seconds);
}

std::optional<std::string> find_not_understood(xml::Node header) {
    for (xml::Node block = header.first_child(); block; block = block.next_sibling()) {
        const std::string_view must = trim(block.attribute("mustUnderstand").value_or(""));
        if (must != "true" && must != "1") continue;
        const bool ours = block.uri() == ns::addressing || block.uri() == ns::wsman;
        if (!ours || std::ranges::find(understood, block.name()) == understood.end())
            return std::string(block.name());
    }
    return std::nullopt;
}

EnumerationMode decode_mode(xml::Node enumerate) {
    const std::string text = enumerate.child("EnumerationMode").text();
    const std::string_view mode = trim(text);
    if (mode == "EnumerateEPR") return EnumerationMode::reference;
    if (mode == "EnumerateObjectAndEPR") return EnumerationMode::object_and_reference;
    return EnumerationMode::object;
}

void decode_enumeration(xml::Node element, Request& request) {
    request.enumeration_context = trim(element.child("EnumerationContext").text());
    const std::string text = element.child("MaxElements").text();
    if (const auto count = parse_unsigned(trim(text)))
        request.max_elements =
            static_cast<std::uint32_t>(std::min<std::uint64_t>(*count, UINT32_MAX));
    request.mode = decode_mode(element);
    request.has_filter = static_cast<bool>(element.child("Filter"));
    request.has_optimize = static_cast<bool>(element.child("OptimizeEnumeration"));
}

void decode_header(const Envelope& envelope, Request& request) {
    request.action = envelope.header_text("Action");
    request.resource_uri = envelope.header_text("ResourceURI");
    request.message_id = envelope.header_text("MessageID");
    request.timeout_seconds = decode_timeout(envelope.header_text("OperationTimeout"));
    request.max_envelope_size = parse_unsigned(envelope.header_text("MaxEnvelopeSize"));
    request.not_understood = find_not_understood(envelope.header);
    request.selectors = decode_selectors(envelope.header.child("SelectorSet"));
    std::erase_if(request.selectors,
                  [](const Member& selector) { return selector.name == "__cimnamespace"; });
}

Error refusal(const Request& request, std::string code, std::string message) {
    return Error(Class::protocol, std::move(code), std::move(message))
        .with("message_id", request.message_id);
}

}  // namespace

Result<Request> decode_request(std::string_view xml) {
    const auto envelope = open_envelope(xml);
    if (!envelope) return std::unexpected(envelope.error());
    Request request;
    const xml::Node element = envelope->body.first_child();
    decode_header(*envelope, request);
    if (element.name() == "Identify" && element.uri() == ns::identity) {
        request.operation = Operation::identify;
        return request;
    }
    if (request.action.empty())
        return std::unexpected(refusal(request, "wsman.no_action", "the request has no action"));
    if (!envelope->body)
        return std::unexpected(
            refusal(request, "wsman.no_body", "the request's envelope has no body"));
    if (!decode_action(request))
        return std::unexpected(refusal(request, "wsman.action", "the request's action is unknown")
                                   .with("action", request.action));
    switch (request.operation) {
        case Operation::put:
        case Operation::create:
        case Operation::invoke:
            request.body = decode_members(element);
            break;
        case Operation::enumerate:
        case Operation::pull:
        case Operation::release:
            decode_enumeration(element, request);
            break;
        case Operation::identify:
        case Operation::get:
        case Operation::delete_instance:
            break;
    }
    return request;
}

}  // namespace oob::codec::wsman
