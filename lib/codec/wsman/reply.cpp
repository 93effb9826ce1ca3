#include "codec/wsman/message.h"
#include "codec/wsman/namespaces.h"
#include "codec/wsman/schema.h"
#include "codec/wsman/writer.h"
#include "codec/wsman/xml.h"
#include "core/text.h"

#include <algorithm>
#include <array>

namespace oob::codec::wsman {

namespace {

constexpr std::string_view declaration_line = R"(<?xml version="1.0" encoding="UTF-8"?>)";

/// The prefixes a to f, the same in every success reply (reference wsman, section 2.3).
constexpr std::string_view reply_namespaces =
    R"(<a:Envelope xmlns:a="http://www.w3.org/2003/05/soap-envelope")"
    R"( xmlns:b="http://schemas.xmlsoap.org/ws/2004/08/addressing")"
    R"( xmlns:c="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd")"
    R"( xmlns:d="http://schemas.xmlsoap.org/ws/2005/02/trust")"
    R"( xmlns:e="http://docs.oasis-open.org/wss/2004/01/)"
    R"(oasis-200401-wss-wssecurity-secext-1.0.xsd")"
    R"( xmlns:f="http://schemas.dmtf.org/wbem/wsman/1/cimbinding.xsd")";

/// Faults have a map of their own, declared in this order (reference wsman, sections 2.14 and 7.6).
constexpr std::string_view fault_namespaces =
    R"(<a:Envelope xmlns:g="http://schemas.dmtf.org/wbem/wsman/1/cimbinding.xsd")"
    R"( xmlns:f="http://schemas.xmlsoap.org/ws/2004/08/eventing")"
    R"( xmlns:e="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd")"
    R"( xmlns:d="http://schemas.xmlsoap.org/ws/2004/09/transfer")"
    R"( xmlns:c="http://schemas.xmlsoap.org/ws/2004/09/enumeration")"
    R"( xmlns:b="http://schemas.xmlsoap.org/ws/2004/08/addressing")"
    R"( xmlns:a="http://www.w3.org/2003/05/soap-envelope")"
    R"( xmlns:h="http://schemas.xmlsoap.org/ws/2005/02/trust")"
    R"( xmlns:i="http://docs.oasis-open.org/wss/2004/01/)"
    R"(oasis-200401-wss-wssecurity-secext-1.0.xsd")";

constexpr char first_body_prefix = 'g';
constexpr std::size_t single_letters =
    'w' - first_body_prefix;  // x would be mistaken for xsi by a reader

bool is_dated(const Members& members) {
    return std::ranges::any_of(members, [](const Member& member) {
        return member.kind == Member::Kind::datetime || member.kind == Member::Kind::interval ||
               (member.kind == Member::Kind::object && is_dated(member.members));
    });
}

/// True when a class has a datetime among its properties, its superclasses' included. Recorded
/// firmware declares the common namespace for every instance of such a class, whether the property
/// is there or not.
bool may_be_dated(std::string_view class_uri) {
    const ClassSchema* schema = find_class(class_name(class_uri));
    if (!schema) return false;
    return std::ranges::any_of(schema->properties, [](const Property& property) {
        return property.type == Type::datetime;
    });
}

/// The namespaces that an envelope's body needs, in the order in which the firmware hands out
/// letters.
class Namespaces {
 public:
    explicit Namespaces(const DeviceReply& reply) {
        if (reply.operation == Operation::create) add(ns::transfer);
        if (reply.operation == Operation::enumerate || reply.operation == Operation::pull)
            add(ns::enumeration);
        bool dated = false;
        const bool instances = reply.operation != Operation::invoke;
        const bool with_objects = reply.mode != EnumerationMode::reference;
        if (reply.body && reply.operation != Operation::create) dated = add(*reply.body, instances);
        if (!reply.body && reply.operation == Operation::put) dated = add_class(reply.resource_uri);
        if (reply.operation == Operation::pull && with_objects)
            for (const Instance& item : reply.items) dated = add(item, instances) || dated;
        if (dated) common_ = add(ns::common);
    }

    std::string prefix(std::string_view uri) const {
        const auto found = std::ranges::find(declared_, uri, &Declared::uri);
        return found == declared_.end() ? std::string() : found->prefix;
    }

    std::string declarations() const {
        std::string out;
        for (const Declared& each : declared_)
            out += declaration(std::string_view(each.prefix).substr(0, each.prefix.size() - 1),
                               each.uri);
        return out += declaration("xsi", ns::schema_instance);
    }

    const std::vector<Declared>& all() const { return declared_; }
    /// Of the common namespace; empty when no datetime occurs.
    const std::string& common() const { return common_; }

 private:
    /// A put may answer with an empty body; the firmware declares what the instance would have
    /// needed.
    bool add_class(std::string_view class_uri) {
        add(class_uri);
        return may_be_dated(class_uri);
    }

    /// True when the instance needs the common namespace as well.
    bool add(const Instance& instance, bool by_class) {
        add(instance.uri);
        add_objects(instance.members);
        return is_dated(instance.members) || (by_class && may_be_dated(instance.uri));
    }

    void add_objects(const Members& members) {
        for (const Member& member : members) {
            if (member.kind != Member::Kind::object) continue;
            if (!member.uri.empty()) add(member.uri);
            add_objects(member.members);
        }
    }

    std::string add(std::string_view uri) {
        if (std::string known = prefix(uri); !known.empty()) return known;
        const std::size_t number = declared_.size();
        std::string letter(1, static_cast<char>(first_body_prefix + number % single_letters));
        if (number >= single_letters) letter += std::to_string(number / single_letters);
        declared_.push_back({std::string(uri), letter + ":"});
        return declared_.back().prefix;
    }

    std::vector<Declared> declared_;
    std::string common_;
};

std::string message_id(std::uint64_t number) {
    std::array<std::byte, 6> bytes{};
    for (std::size_t i = 0; i < bytes.size(); ++i)
        bytes[bytes.size() - 1 - i] = static_cast<std::byte>(number >> 8 * i & 0xff);
    return join({"uuid:00000000-8086-8086-8086-", hex_upper(bytes)});
}

std::string header(std::string_view relates_to, std::string_view action, std::uint64_t number,
                   std::string_view resource_uri) {
    std::string out =
        join({"<a:Header><b:To>", ns::anonymous, "</b:To><b:RelatesTo>", xml::escape(relates_to),
              R"(</b:RelatesTo><b:Action a:mustUnderstand="true">)", xml::escape(action),
              "</b:Action><b:MessageID>", message_id(number), "</b:MessageID>"});
    if (!resource_uri.empty())
        out += join({"<c:ResourceURI>", xml::escape(resource_uri), "</c:ResourceURI>"});
    return out += "</a:Header>";
}

class Body {
 public:
    explicit Body(const DeviceReply& reply)
        : reply_(reply),
          namespaces_(reply),
          dialect_{.addressing = "b:",
                   .addressing_scope = {},
                   .wsman = "c:",
                   .wsman_scope = {},
                   .common = namespaces_.common(),
                   .common_scope = {}},
          writer_(out_, dialect_, &namespaces_.all()) {
        switch (reply.operation) {
            case Operation::enumerate:
                enumerate();
                break;
            case Operation::pull:
                pull();
                break;
            case Operation::create:
                created();
                break;
            case Operation::get:
            case Operation::put:
            case Operation::invoke:
                if (reply.body) instance(*reply.body);
                break;
            case Operation::identify:
            case Operation::delete_instance:
            case Operation::release:
                break;
        }
    }

    Body(const Body&) = delete;
    Body& operator=(const Body&) = delete;

    const std::string& text() const { return out_; }
    const Namespaces& namespaces() const { return namespaces_; }

 private:
    void instance(const Instance& instance) {
        const std::string prefix = namespaces_.prefix(instance.uri);
        writer_.open(prefix, instance.name);
        writer_.members(instance.members, prefix);
        writer_.close(prefix, instance.name);
    }

    void enumerate() {
        writer_.open("g:", "EnumerateResponse");
        writer_.leaf("g:", "EnumerationContext", reply_.enumeration_context);
        writer_.close("g:", "EnumerateResponse");
    }

    void pull() {
        writer_.open("g:", "PullResponse");
        if (!reply_.enumeration_context.empty())
            writer_.leaf("g:", "EnumerationContext", reply_.enumeration_context);
        writer_.open("g:", "Items");
        for (std::size_t i = 0; i < reply_.items.size(); ++i) item(i);
        writer_.close("g:", "Items");
        if (reply_.end_of_sequence) writer_.leaf("g:", "EndOfSequence", {});
        writer_.close("g:", "PullResponse");
    }

    void item(std::size_t index) {
        const Instance& object = reply_.items[index];
        if (reply_.mode == EnumerationMode::object) return instance(object);
        static const Members none;
        const Members& selectors =
            index < reply_.item_selectors.size() ? reply_.item_selectors[index] : none;
        if (reply_.mode == EnumerationMode::reference)
            return writer_.endpoint_reference(ns::anonymous, object.uri, selectors);
        writer_.open("c:", "Item");
        instance(object);
        writer_.endpoint_reference(ns::anonymous, object.uri, selectors);
        writer_.close("c:", "Item");
    }

    void created() {
        writer_.open("g:", "ResourceCreated");
        writer_.reference(ns::anonymous, reply_.resource_uri, reply_.reference_selectors);
        writer_.close("g:", "ResourceCreated");
    }

    const DeviceReply& reply_;
    Namespaces namespaces_;
    Dialect dialect_;
    std::string out_;
    Writer writer_;
};

/// The action of a fault follows from the specification that its subcode belongs to (reference
/// wsman, 2.14).
std::string_view fault_action(std::string_view subcode) {
    if (subcode.empty() || subcode.starts_with("b:")) return ns::addressing_fault;
    if (subcode.starts_with("c:")) return ns::enumeration_fault;
    if (subcode.starts_with("f:")) return ns::eventing_fault;
    return ns::wsman_fault;
}

}  // namespace

std::string encode_reply(const DeviceReply& reply) {
    const Body body(reply);
    return join({declaration_line, reply_namespaces, body.namespaces().declarations(), ">",
                 header(reply.relates_to, reply.action + "Response", reply.message_number,
                        reply.resource_uri),
                 "<a:Body>", body.text(), "</a:Body></a:Envelope>"});
}

std::string encode_identify_reply(std::string_view vendor, std::string_view version, bool tls) {
    const std::string_view profile =
        tls ? "http://schemas.dmtf.org/wbem/wsman/1/wsman/secprofile/https/digest"
            : "http://schemas.dmtf.org/wbem/wsman/1/wsman/secprofile/http/digest";
    return join({declaration_line, "<a:Envelope", declaration("a", ns::soap),
                 declaration("b", ns::identity),
                 "><a:Header></a:Header><a:Body><b:IdentifyResponse><b:ProtocolVersion>", ns::wsman,
                 "</b:ProtocolVersion><b:ProductVendor>", xml::escape(vendor),
                 "</b:ProductVendor><b:ProductVersion>", xml::escape(version),
                 "</b:ProductVersion><b:SecurityProfiles><b:SecurityProfileName>", profile,
                 "</b:SecurityProfileName></b:SecurityProfiles></b:IdentifyResponse></a:Body></"
                 "a:Envelope>"});
}

std::string encode_fault(const Fault& fault, std::string_view relates_to,
                         std::uint64_t message_number) {
    std::string out =
        join({declaration_line, fault_namespaces, declaration("xsi", ns::schema_instance), ">",
              header(relates_to, fault_action(fault.subcode), message_number, {}),
              "<a:Body><a:Fault><a:Code><a:Value>a:", xml::escape(fault.code), "</a:Value>"});
    if (!fault.subcode.empty())
        out += join({"<a:Subcode><a:Value>", xml::escape(fault.subcode), "</a:Value></a:Subcode>"});
    return out += join({R"(</a:Code><a:Reason><a:Text xml:lang="en-US">)",
                        xml::escape(fault.reason), "</a:Text></a:Reason><a:Detail>",
                        xml::escape(fault.detail), "</a:Detail></a:Fault></a:Body></a:Envelope>"});
}

}  // namespace oob::codec::wsman
