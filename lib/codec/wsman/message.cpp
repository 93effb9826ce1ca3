#include "codec/wsman/message.h"

#include "codec/wsman/namespaces.h"
#include "codec/wsman/schema.h"
#include "codec/wsman/writer.h"
#include "core/text.h"

namespace oob::codec::wsman {

namespace {

/// Prefixes that the request's envelope declares.
const Dialect by_prefix{
    .addressing = "a:",
    .addressing_scope = {},
    .wsman = "w:",
    .wsman_scope = {},
    .common = {},
    .common_scope = " xmlns=\"http://schemas.dmtf.org/wbem/wscim/1/common\"",
};

/// Method parameters declare what they use where they use it (reference wsman, sections 2.11
/// and 7.4).
const Dialect in_place{
    .addressing = {},
    .addressing_scope = " xmlns=\"http://schemas.xmlsoap.org/ws/2004/08/addressing\"",
    .wsman = {},
    .wsman_scope = " xmlns=\"http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd\"",
    .common = {},
    .common_scope = " xmlns=\"http://schemas.dmtf.org/wbem/wscim/1/common\"",
};

constexpr std::string_view envelope_start =
    R"(<?xml version="1.0" encoding="utf-8"?>)"
    R"(<Envelope xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance")"
    R"( xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing")"
    R"( xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd")"
    R"( xmlns="http://www.w3.org/2003/05/soap-envelope">)";

constexpr std::string_view enumeration_scope =
    R"( xmlns="http://schemas.xmlsoap.org/ws/2004/09/enumeration")";

constexpr std::string_view identify_request =
    R"(<?xml version="1.0" encoding="UTF-8"?>)"
    R"(<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope")"
    R"( xmlns:wsmid="http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd">)"
    R"(<s:Header></s:Header><s:Body><wsmid:Identify></wsmid:Identify></s:Body></s:Envelope>)";

/// Sent with MaxElements, so that a full page of large instances is not cut by the device's
/// default.
constexpr std::string_view max_characters = "99999";

std::string header(const Request& request) {
    std::string out = "<Header>";
    Writer writer(out, by_prefix);
    writer.leaf("a:", "Action",
                action_uri(request.operation, request.resource_uri, request.method));
    writer.leaf("a:", "To", "/wsman");
    writer.leaf("w:", "ResourceURI", request.resource_uri);
    writer.leaf("a:", "MessageID", request.message_id);
    writer.open("a:", "ReplyTo");
    writer.leaf("a:", "Address", ns::anonymous);
    writer.close("a:", "ReplyTo");
    writer.leaf("w:", "OperationTimeout",
                join({"PT", std::to_string(request.timeout_seconds), "S"}));
    if (!request.selectors.empty()) writer.selector_set(request.selectors);
    return out += "</Header>";
}

std::string class_element(const Request& request, std::string_view name, const Dialect& dialect) {
    std::string out;
    Writer writer(out, dialect);
    writer.open("h:", name, declaration("h", request.resource_uri));
    writer.members(request.body, "h:");
    writer.close("h:", name);
    return out;
}

std::string enumeration_element(const Request& request) {
    std::string out;
    Writer writer(out, by_prefix);
    const std::string_view name = request.operation == Operation::enumerate ? "Enumerate"
                                  : request.operation == Operation::pull    ? "Pull"
                                                                            : "Release";
    writer.open({}, name, enumeration_scope);
    if (request.operation != Operation::enumerate)
        writer.leaf({}, "EnumerationContext", request.enumeration_context);
    else if (request.mode == EnumerationMode::reference)
        writer.leaf("w:", "EnumerationMode", "EnumerateEPR");
    else if (request.mode == EnumerationMode::object_and_reference)
        writer.leaf("w:", "EnumerationMode", "EnumerateObjectAndEPR");
    if (request.operation == Operation::pull && request.max_elements) {
        writer.leaf({}, "MaxElements", std::to_string(*request.max_elements));
        writer.leaf({}, "MaxCharacters", max_characters);
    }
    writer.close({}, name);
    return out;
}

std::string body(const Request& request) {
    switch (request.operation) {
        case Operation::put:
        case Operation::create:
            return class_element(request, class_name(request.resource_uri), by_prefix);
        case Operation::invoke:
            return class_element(request, request.method + "_INPUT", in_place);
        case Operation::enumerate:
        case Operation::pull:
        case Operation::release:
            return enumeration_element(request);
        case Operation::get:
        case Operation::delete_instance:
        case Operation::identify:
            break;
    }
    return {};
}

}  // namespace

std::string action_uri(Operation operation, std::string_view resource_uri,
                       std::string_view method) {
    switch (operation) {
        case Operation::identify:
            return {};
        case Operation::get:
            return join({ns::transfer, "/Get"});
        case Operation::put:
            return join({ns::transfer, "/Put"});
        case Operation::create:
            return join({ns::transfer, "/Create"});
        case Operation::delete_instance:
            return join({ns::transfer, "/Delete"});
        case Operation::enumerate:
            return join({ns::enumeration, "/Enumerate"});
        case Operation::pull:
            return join({ns::enumeration, "/Pull"});
        case Operation::release:
            return join({ns::enumeration, "/Release"});
        case Operation::invoke:
            break;
    }
    return join({resource_uri, "/", method});
}

std::string encode_request(const Request& request) {
    if (request.operation == Operation::identify) return std::string(identify_request);
    return join({envelope_start, header(request), "<Body>", body(request), "</Body></Envelope>"});
}

}  // namespace oob::codec::wsman
