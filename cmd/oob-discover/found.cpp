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

report::Column path_column(const char* heading, const char* where) {
    return {heading, [where](const Value& record) { return report::text_at(record, where); }};
}

std::string services_cell(const Value& record) {
    std::string out;
    for (const Value& each : report::at_path(record, "data.services").items())
        out += join({out.empty() ? "" : " ", report::text_at(each, "protocol"), ":",
                     report::text_at(each, "port"), "/", report::text_at(each, "transport")});
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

std::vector<report::Column> own_columns() {
    return {path_column("PROTOCOL", "device.protocol"),
            path_column("SETUP", "data.amt.provisioning"),
            {"SERVICES", services_cell}};
}

std::vector<report::Column> columns() {
    std::vector<report::Column> out = own_columns();
    out.insert(out.begin(), path_column("ADDRESS", "device.address"));
    out.insert(out.begin() + 2, path_column("FIRMWARE", "device.firmware"));
    return out;
}

}  // namespace oob::discover
