#pragma once

#include <string_view>

/// The namespaces and actions of WS-Management as AMT speaks it (reference wsman, section 2.1).
namespace oob::codec::wsman::ns {

inline constexpr std::string_view soap = "http://www.w3.org/2003/05/soap-envelope";
inline constexpr std::string_view addressing = "http://schemas.xmlsoap.org/ws/2004/08/addressing";
inline constexpr std::string_view anonymous =
    "http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous";
inline constexpr std::string_view wsman = "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd";
inline constexpr std::string_view identity =
    "http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd";
inline constexpr std::string_view cim_binding =
    "http://schemas.dmtf.org/wbem/wsman/1/cimbinding.xsd";
inline constexpr std::string_view transfer = "http://schemas.xmlsoap.org/ws/2004/09/transfer";
inline constexpr std::string_view enumeration = "http://schemas.xmlsoap.org/ws/2004/09/enumeration";
inline constexpr std::string_view eventing = "http://schemas.xmlsoap.org/ws/2004/08/eventing";
inline constexpr std::string_view trust = "http://schemas.xmlsoap.org/ws/2005/02/trust";
inline constexpr std::string_view security =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
inline constexpr std::string_view common = "http://schemas.dmtf.org/wbem/wscim/1/common";
inline constexpr std::string_view schema_instance = "http://www.w3.org/2001/XMLSchema-instance";

inline constexpr std::string_view addressing_fault =
    "http://schemas.xmlsoap.org/ws/2004/08/addressing/fault";
inline constexpr std::string_view enumeration_fault =
    "http://schemas.xmlsoap.org/ws/2004/09/enumeration/fault";
inline constexpr std::string_view eventing_fault =
    "http://schemas.xmlsoap.org/ws/2004/08/eventing/fault";
inline constexpr std::string_view wsman_fault = "http://schemas.dmtf.org/wbem/wsman/1/wsman/fault";

inline constexpr std::string_view cim_classes =
    "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/";
inline constexpr std::string_view amt_classes = "http://intel.com/wbem/wscim/1/amt-schema/1/";
inline constexpr std::string_view ips_classes = "http://intel.com/wbem/wscim/1/ips-schema/1/";

}  // namespace oob::codec::wsman::ns
