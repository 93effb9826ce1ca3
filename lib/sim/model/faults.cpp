#include "sim/model/faults.h"

#include <algorithm>
#include <array>
#include <string>

namespace oob::sim {

namespace {

struct Known {
    std::string_view subcode;
    std::string_view code;
    std::string_view reason;
};

constexpr std::array<Known, 19> known_faults{{
    {"b:DestinationUnreachable", "Sender",
     "No route can be determined to reach the destination role defined by the WSAddressing To."},
    {"b:ActionNotSupported", "Sender", "The action is not supported by the service."},
    {"b:InvalidMessageInformationHeader", "Sender",
     "A message information header is not valid and the message cannot be processed."},
    {"b:MessageInformationHeaderRequired", "Sender",
     "A required message information header is not present."},
    {"b:EndpointUnavailable", "Receiver", "The specified endpoint is currently unavailable."},
    {"e:AccessDenied", "Sender", "The sender was not authorized to access the resource."},
    {"e:AlreadyExists", "Sender", "The sender attempted to create a resource that already exists."},
    {"e:InvalidSelectors", "Sender", "The selectors for the resource were not valid."},
    {"e:InvalidParameter", "Sender", "An operation parameter was not valid."},
    {"e:SchemaValidationError", "Sender",
     "The supplied SOAP violates the corresponding XML schema definition."},
    {"e:InternalError", "Receiver",
     "The service cannot comply with the request due to internal processing errors."},
    {"e:QuotaLimit", "Sender", "The service is busy servicing other requests."},
    {"e:Concurrency", "Sender",
     "The action could not be completed due to concurrency or locking problems."},
    {"e:EncodingLimit", "Sender", "An internal encoding limit was exceeded in a request."},
    {"e:UnsupportedFeature", "Sender", "The specified feature is not supported."},
    {"d:InvalidRepresentation", "Sender", "The XML content was not valid."},
    {"c:InvalidEnumerationContext", "Receiver", "The supplied enumeration context is invalid."},
    {"c:FilteringNotSupported", "Sender", "Filtered enumeration is not supported."},
    {"", "MustUnderstand", "A header block that must be understood is not supported."},
}};

}  // namespace

codec::wsman::Fault fault(std::string_view subcode, std::string_view detail) {
    const auto* found = std::ranges::find(known_faults, subcode, &Known::subcode);
    codec::wsman::Fault made;
    made.subcode = subcode;
    made.detail = detail;
    made.code = found == known_faults.end() ? "Sender" : found->code;
    if (found != known_faults.end()) made.reason = found->reason;
    return made;
}

codec::wsman::Fault status_fault(std::uint32_t pt_status) {
    return fault("e:InternalError", "AMT-STATUS " + std::to_string(pt_status));
}

}  // namespace oob::sim
