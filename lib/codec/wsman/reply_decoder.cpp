#include "codec/wsman/envelope.h"
#include "codec/wsman/message.h"
#include "codec/wsman/namespaces.h"
#include "codec/wsman/secrets.h"
#include "core/text.h"

#include <algorithm>

namespace oob::codec::wsman {

namespace {

constexpr std::string_view status_word = "AMT-STATUS";

Error unexpected_body(std::string_view wanted, std::string_view found) {
    return Error(Class::protocol, "wsman.unexpected",
                 join({"the device answered with another kind of reply than the request asks for: ",
                       found.empty() ? "an empty body" : found, " instead of ", wanted}));
}

std::string local_name(std::string_view qualified) {
    const std::string_view name = trim(qualified);
    return std::string(name.substr(name.find(':') + 1));
}

/// The texts of all elements below `node` that have any, separated by blanks; not those of secrets,
/// since all of it is shown as the device's words.
void collect_text(xml::Node node, std::string& out) {
    const bool secret = is_secret(node.name());
    const std::string text = secret ? std::string(blot) : node.text();
    if (const std::string_view words = trim(text); !words.empty()) {
        if (!out.empty()) out += ' ';
        out += words;
    }
    if (secret) return;
    for (xml::Node child = node.first_child(); child; child = child.next_sibling())
        collect_text(child, out);
}

Fault decode_fault(xml::Node element) {
    Fault fault;
    const xml::Node code = element.child("Code");
    fault.code = local_name(code.child("Value").text());
    fault.subcode = trim(code.child("Subcode").child("Value").text());
    fault.reason = trim(element.child("Reason").child("Text").text());
    collect_text(element.child("Detail"), fault.detail);
    return fault;
}

void add_reference(xml::Node element, Reply& reply) {
    for (Member& member : decode_instance(element).members)
        reply.references.push_back(std::move(member));
}

/// An item is an instance, an EndpointReference, or a WS-Man Item that holds both (DSP0226,
/// section 8.7).
void decode_item(xml::Node item, Reply& reply) {
    if (item.name() == "EndpointReference") return add_reference(item, reply);
    if (item.name() != "Item" || item.uri() != ns::wsman) {
        reply.items.push_back(decode_instance(item));
        return;
    }
    for (xml::Node part = item.first_child(); part; part = part.next_sibling())
        if (part.name() == "EndpointReference")
            add_reference(part, reply);
        else
            reply.items.push_back(decode_instance(part));
}

Result<void> decode_enumeration(xml::Node element, std::string_view wanted, Reply& reply) {
    if (element.name() != wanted) return std::unexpected(unexpected_body(wanted, element.name()));
    reply.enumeration_context = trim(element.child("EnumerationContext").text());
    reply.end_of_sequence = static_cast<bool>(element.child("EndOfSequence"));
    const xml::Node items = element.child("Items");
    for (xml::Node item = items.first_child(); item; item = item.next_sibling())
        decode_item(item, reply);
    return {};
}

/// An instance or a method's output: any element of a class.
Result<void> decode_class(Operation operation, xml::Node element, Reply& reply) {
    if (!element) {
        if (operation == Operation::put) return {};
        return std::unexpected(unexpected_body("an instance", {}));
    }
    if (element.uri() == ns::enumeration || element.uri() == ns::transfer)
        return std::unexpected(unexpected_body("an instance", element.name()));
    if (operation == Operation::invoke && !element.name().ends_with("_OUTPUT"))
        return std::unexpected(unexpected_body("a method's output", element.name()));
    reply.body = decode_instance(element);
    return {};
}

Result<void> decode_body(Operation operation, xml::Node element, Reply& reply) {
    switch (operation) {
        case Operation::enumerate:
            return decode_enumeration(element, "EnumerateResponse", reply);
        case Operation::pull:
            return decode_enumeration(element, "PullResponse", reply);
        case Operation::release:
        case Operation::delete_instance:
            return {};
        case Operation::create:
            if (element.name() != "ResourceCreated")
                return std::unexpected(unexpected_body("ResourceCreated", element.name()));
            reply.body = decode_instance(element);
            return {};
        case Operation::identify:
            if (element.name() != "IdentifyResponse")
                return std::unexpected(unexpected_body("IdentifyResponse", element.name()));
            reply.body = decode_instance(element);
            return {};
        case Operation::get:
        case Operation::put:
        case Operation::invoke:
            break;
    }
    return decode_class(operation, element, reply);
}

}  // namespace

std::string_view Fault::local_subcode() const {
    const std::string_view name = subcode;
    return name.substr(name.find(':') + 1);
}

Result<std::variant<Reply, Fault>> decode_reply(Operation operation, std::string_view xml) {
    const auto envelope = open_envelope(xml);
    if (!envelope) return std::unexpected(envelope.error());
    if (!envelope->body)
        return std::unexpected(
            Error(Class::protocol, "wsman.no_body", "the device's envelope has no body"));
    const xml::Node element = envelope->body.first_child();
    if (element.name() == "Fault" && element.uri() == ns::soap) return decode_fault(element);

    Reply reply;
    reply.action = envelope->header_text("Action");
    reply.relates_to = envelope->header_text("RelatesTo");
    reply.resource_uri = envelope->header_text("ResourceURI");
    if (auto good = decode_body(operation, element, reply); !good)
        return std::unexpected(std::move(good).error());
    return reply;
}

std::optional<std::uint32_t> amt_status(const Fault& fault) {
    const std::string_view detail = fault.detail;
    const std::size_t word = detail.find(status_word);
    if (word == std::string_view::npos) return std::nullopt;
    std::string_view number = detail.substr(word + status_word.size());
    number.remove_prefix(std::min(number.find_first_not_of(" :="), number.size()));
    number = number.substr(0, number.find_first_not_of("0123456789"));
    const auto status = parse_unsigned(number);
    if (!status || *status > UINT32_MAX) return std::nullopt;
    return static_cast<std::uint32_t>(*status);
}

}  // namespace oob::codec::wsman
