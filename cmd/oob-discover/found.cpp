#include "found.h"

#include "core/text.h"
#include "plane/discovery/rmcp.h"

#include <utility>

namespace oob::discover {

namespace discovery = plane::discovery;

namespace {

constexpr std::uint16_t usual_amt_tls_port = 16'993;

std::string with_port(std::string_view scheme, std::string_view host, std::uint16_t port,
                      std::uint16_t usual) {
    std::string out = join({scheme, "://", host});
    if (port != usual) out += join({":", std::to_string(port)});
    return out;
}

constexpr std::size_t usual_protocol = 8;
constexpr std::size_t usual_setup = 5;
constexpr std::size_t usual_address = 15;
constexpr std::size_t usual_firmware = 12;

report::Column protocol_column() {
    return report::path_column("PROTOCOL", "device.protocol", usual_protocol);
}

report::Column setup_column() {
    return report::path_column("SETUP", "data.amt.provisioning", usual_setup);
}

/// "amt:16993/tcp".
std::string service_name(const Value& service) {
    return join({report::text_at(service, "protocol"), ":", report::text_at(service, "port"), "/",
                 report::text_at(service, "transport")});
}

/// All services, or why there are none.
std::string services_cell(const Value& record) {
    if (!report::at_path(record, "ok").truth()) return report::result_of(record);
    std::string out;
    for (const Value& each : report::at_path(record, "data.services").items())
        out += join({out.empty() ? "" : " ", service_name(each)});
    return out;
}

/// The address, and the name where it was asked for by name.
std::string address_cell(const Value& record) {
    const Value& address = report::at_path(record, "device.address");
    const std::string name = report::text_at(record, "device.name");
    if (address.is_null()) return name;
    return address.text() == name ? name : join({address.text(), " (", name, ")"});
}

/// "OpenSSH 9.2, key known": what the service tells of itself, or why nothing is known.
std::string service_words(const Value& service) {
    std::string out;
    const auto add = [&](std::string_view before, std::string_view path) {
        const Value& value = report::at_path(service, path);
        if (!value.text().empty()) out += join({out.empty() ? "" : ", ", before, value.text()});
    };
    add("", "server");
    add("", "banner");
    add("", "product");
    add("", "tls_version");
    add("key ", "trust");
    add("", "certificate.subject");
    add("", "problem");
    if (report::at_path(service, "source").text() == "pong") return "the ping tells of it";
    return out;
}

report::Details services(const Value& record) {
    report::Details out;
    for (const Value& each : report::at_path(record, "data.services").items())
        out.push_back({service_name(each), service_words(each)});
    return out;
}

}  // namespace

std::string target_of(const discovery::Sighting& sighting, std::string host, const Plan& plan) {
    if (host.contains(':')) host = join({"[", host, "]"});
    if (sighting.protocol == "amt")
        return with_port("amt", host, plan.amt_tls_port, usual_amt_tls_port);
    if (sighting.protocol == "ipmi")
        return with_port("ipmi", host, plan.rmcp_port, discovery::rmcp_port);
    for (const auto& [protocol, service] :
         {std::pair{"redfish", discovery::Service::redfish}, {"ssh", discovery::Service::ssh}}) {
        if (sighting.protocol != protocol) continue;
        for (const auto& question : plan.tcp)
            for (const auto& named : discovery::tcp_services)
                if (question.service == service && named.service == service)
                    return with_port(protocol, host, question.port, named.port);
    }
    return host;
}

DeviceFacts facts_of(const discovery::Sighting& sighting, std::string name, std::string address) {
    DeviceFacts out;
    out.name = std::move(name);
    out.address = std::move(address);
    out.protocol = sighting.protocol;
    out.firmware = sighting.firmware;
    out.uuid = sighting.uuid;
    out.fingerprint = sighting.fingerprint;
    return out;
}

report::View scan_view() {
    report::View out;
    out.columns = {{"ADDRESS", address_cell, usual_address, report::Column::Kind::device},
                   protocol_column(),
                   report::path_column("FIRMWARE", "device.firmware", usual_firmware),
                   setup_column(),
                   {"SERVICES", services_cell}};
    return out;
}

report::View probe_view() {
    return report::standard_view({protocol_column(), setup_column()}, services);
}

}  // namespace oob::discover
