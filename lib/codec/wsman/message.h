#pragma once

#include "codec/wsman/instance.h"
#include "core/error.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace oob::codec::wsman {

/// What a request asks for. `invoke` stands for every method; its name is in Request::method.
enum class Operation {
    identify,
    get,
    put,
    create,
    delete_instance,
    enumerate,
    pull,
    release,
    invoke
};

/// The wsa:Action of an operation; for invoke the resource URI, a slash and the method.
std::string action_uri(Operation operation, std::string_view resource_uri,
                       std::string_view method = {});

/// How an enumeration hands out what it finds (DSP0226, section 8.7).
enum class EnumerationMode { object, reference, object_and_reference };

/// One WS-Management request, as a client writes it and a device reads it.
struct Request {
    Operation operation = Operation::get;
    std::string resource_uri;
    std::string method;      ///< invoke only
    std::string message_id;  ///< copied into the reply's RelatesTo
    Members selectors;
    std::uint32_t timeout_seconds = 60;  ///< OperationTimeout; AMT enforces 30 at least
    Members body;  ///< put, create: the instance's members; invoke: the parameters
    std::string enumeration_context;                 ///< pull and release
    std::optional<std::uint32_t> max_elements;       ///< pull; none: whatever the device gives
    EnumerationMode mode = EnumerationMode::object;  ///< enumerate and pull

    // What only a device needs, filled by decode_request.
    std::string action;
    std::optional<std::uint64_t> max_envelope_size;
    /// The local name of a header block with mustUnderstand that nobody here understands
    /// (OptionSet, for one).
    std::optional<std::string> not_understood;
    bool has_filter = false;    ///< enumerate with an association filter
    bool has_optimize = false;  ///< enumerate with OptimizeEnumeration
};

/// A SOAP fault (reference wsman, section 2.14).
struct Fault {
    std::string code;     ///< "Sender", "Receiver", "MustUnderstand"; no prefix
    std::string subcode;  ///< as on the wire, prefix included: "b:DestinationUnreachable"; empty
                          ///< when there is none
    std::string reason;
    std::string detail;  ///< all text below Detail but that of secrets
    /// Subcode without its prefix.
    std::string_view local_subcode() const;
};

/// What came back. Exactly one of the parts that belong to the operation is filled.
struct Reply {
    std::string action;
    std::string relates_to;
    std::string resource_uri;
    /// get, put, invoke, identify: the only element in Body. Nothing when a put answers with an
    /// empty Body. create: ResourceCreated, whose only member is the reference `EndpointReference`
    /// to the new instance.
    std::optional<Instance> body;
    std::vector<Instance> items;  ///< pull
    Members references;           ///< pull of references, alone or beside `items` in the same order
    std::string enumeration_context;  ///< enumerate, pull: empty at the end
    bool end_of_sequence = false;     ///< pull
};

/// A client's request in the form of reference wsman, sections 7.2 to 7.6 and 7.8: one line, SOAP
/// as the default namespace, every selector and parameter escaped, null members left away. Cannot
/// fail.
std::string encode_request(const Request& request);

/// Reads any client's request by namespace, whatever prefixes it uses (reference wsman, 2.2 and 6.5
/// to 6.8). The openwsman selector __cimnamespace is left out. Errors: class `protocol`, those of
/// xml::Document::parse, `wsman.no_envelope`, `wsman.no_action`, `wsman.no_body`, `wsman.action`
/// for an unknown action; the last three carry the request's `message_id` under `native`, for the
/// RelatesTo of the fault.
Result<Request> decode_request(std::string_view xml);

/// Reads a device's reply to `operation`: a Reply or, as a value, the Fault that it sent instead.
/// Errors: class `protocol`, those of xml::Document::parse, `wsman.no_envelope`, `wsman.no_body`,
/// `wsman.unexpected`.
Result<std::variant<Reply, Fault>> decode_reply(Operation operation, std::string_view xml);

/// The number that AMT puts into an InternalError's detail as "AMT-STATUS n"; nothing when there is
/// none.
std::optional<std::uint32_t> amt_status(const Fault& fault);

// ---- the device's side
// ------------------------------------------------------------------------------------------

/// What a device answers, before it becomes XML in AMT's exact shape (reference wsman, 2.3
/// and 6.1).
struct DeviceReply {
    Operation operation = Operation::get;
    std::string relates_to;
    std::uint64_t message_number = 0;  ///< becomes uuid:00000000-8086-8086-8086-<12 hex digits>
    std::string action;                ///< the request's; the reply's gets "Response" appended
    std::string resource_uri;
    std::optional<Instance> body;     ///< get, put, invoke; nothing: an empty Body
    std::vector<Instance> items;      ///< pull
    std::string enumeration_context;  ///< enumerate, pull
    bool end_of_sequence = false;
    EnumerationMode mode = EnumerationMode::object;
    Members reference_selectors;  ///< create: selectors of the new instance
    std::vector<Members>
        item_selectors;  ///< pull with references: the key selectors of each item, same order
};

/// One line, prefixes a, b, c … as the firmware hands them out, no self-closing element, no white
/// space between tags.
std::string encode_reply(const DeviceReply& reply);

/// The reply to Identify (reference wsman, 2.4 and 7.8).
std::string encode_identify_reply(std::string_view vendor, std::string_view version, bool tls);

/// A fault in the firmware's form with its own prefix map (2.14). The action follows from the
/// subcode's prefix.
std::string encode_fault(const Fault& fault, std::string_view relates_to,
                         std::uint64_t message_number);

}  // namespace oob::codec::wsman
