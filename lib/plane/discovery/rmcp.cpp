#include "plane/discovery/rmcp.h"

#include "codec/asf/presence.h"
#include "codec/rmcp/authentication.h"
#include "core/text.h"

#include <utility>

namespace oob::plane::discovery {

namespace asf = codec::asf;
namespace rmcp = codec::rmcp;

namespace {

constexpr std::uint16_t amt_tls_port = 16993;
constexpr std::uint16_t amt_plain_port = 16992;

std::uint8_t sequence_of(std::uint8_t tag) { return tag & rmcp::largest_sequence; }

Value service(const char* protocol, const char* transport, std::uint16_t port) {
    Value out;
    out.set("protocol", protocol).set("transport", transport).set("port", port);
    return out;
}

/// "pre", "in" or "post": how far the setup is (reference discovery-posture, section 6.6).
Value provisioning(asf::AmtPresence::State state) {
    switch (state) {
        case asf::AmtPresence::State::not_configured:
            return "pre";
        case asf::AmtPresence::State::in_setup:
            return "in";
        case asf::AmtPresence::State::configured:
            return "post";
        case asf::AmtPresence::State::unknown:
            break;
    }
    return {};
}

Value tls_of(const asf::AmtPresence& presence) {
    if (presence.both_ports) return "both";
    if (presence.port == amt_tls_port) return "on";
    if (presence.port == amt_plain_port) return "off";
    return {};
}

/// The pong names the ports, but nobody has tried them: the service says where it is known from.
void add_amt(const asf::AmtPresence& presence, Sighting& sighting) {
    sighting.protocol = "amt";
    sighting.kinds.emplace_back("intel-amt");
    if (presence.major != 0)
        sighting.firmware =
            join({std::to_string(presence.major), ".", std::to_string(presence.minor)});
    Value amt;
    amt.set("version", sighting.firmware ? Value(*sighting.firmware) : Value())
        .set("version_source", sighting.firmware ? "pong" : "none")
        .set("provisioning", provisioning(presence.state))
        .set("tls", tls_of(presence))
        .set("dash", presence.dash);
    sighting.sections.emplace_back("amt", std::move(amt));
    for (const std::uint16_t port : {amt_plain_port, amt_tls_port}) {
        if (!presence.both_ports && presence.port != port) continue;
        Value web = service("amt", "tcp", port);
        web.set("tls", port == amt_tls_port).set("source", "pong");
        sighting.services.push_back(std::move(web));
    }
}

Value names_of_types(std::uint8_t types) {
    Value out = Value::array();
    const std::pair<std::uint8_t, const char*> names[] = {{rmcp::type_none, "none"},
                                                          {rmcp::type_md2, "md2"},
                                                          {rmcp::type_md5, "md5"},
                                                          {rmcp::type_password, "password"},
                                                          {rmcp::type_oem, "oem"}};
    for (const auto& [bit, name] : names)
        if ((types & bit) != 0) out.push(name);
    return out;
}

/// A refusal proves a controller all the same, but says nothing of it.
Value ipmi_value(const rmcp::AuthenticationCapabilities& answer) {
    Value versions = Value::array();
    if (answer.ipmi_1_5()) versions.push("1.5");
    if (answer.ipmi_2_0()) versions.push("2.0");
    Value out;
    out.set("versions", std::move(versions)).set("completion", answer.completion);
    if (answer.completion != rmcp::completed) return out;
    const auto has = [&](std::uint8_t bit) { return (answer.login & bit) != 0; };
    Value login;
    login.set("anonymous", has(rmcp::login_anonymous))
        .set("null_user", has(rmcp::login_null_user))
        .set("named_user", has(rmcp::login_named_user))
        .set("user_level", !has(rmcp::login_user_level_off))
        .set("per_message", !has(rmcp::login_per_message_off))
        .set("key_set", has(rmcp::login_key_set));
    out.set("channel", answer.channel)
        .set("auth_types", names_of_types(answer.types))
        .set("login", std::move(login))
        .set("oem", answer.enterprise == 0 ? Value() : Value(answer.enterprise));
    return out;
}

/// Sets what the pong tells; true when it is a controller that speaks IPMI.
bool add_pong(const asf::Pong& pong, std::uint16_t port, Sighting& sighting) {
    const bool ipmi = (pong.entities & asf::entity_ipmi) != 0;
    Value presence_service = service("rmcp", "udp", port);
    presence_service.set("enterprise", pong.enterprise)
        .set("ipmi", ipmi)
        .set("security_extensions", (pong.interactions & asf::interaction_security) != 0)
        .set("dash", (pong.interactions & asf::interaction_dash) != 0);
    sighting.services.push_back(std::move(presence_service));
    if (const auto presence = asf::amt_presence(pong)) {
        add_amt(*presence, sighting);
        return false;
    }
    return ipmi;
}

}  // namespace

Bytes presence_ping(std::uint8_t tag) {
    return asf::encode(asf::Ping{asf::no_acknowledgement, tag});
}

bool is_presence_pong(View datagram, std::uint8_t tag) {
    const auto pong = asf::decode_pong(datagram);
    return pong && pong->tag == tag;
}

Bytes ipmi_question(std::uint8_t tag) {
    rmcp::AuthenticationQuery query;
    query.sequence = sequence_of(tag);
    return rmcp::encode(query);
}

bool is_ipmi_answer(View datagram, std::uint8_t tag) {
    const auto answer = rmcp::decode_capabilities(datagram);
    return answer && answer->sequence == sequence_of(tag);
}

Sighting describe(const std::optional<Bytes>& pong, const std::optional<Bytes>& ipmi,
                  std::uint16_t port) {
    Sighting out;
    out.protocol = "rmcp";
    if (pong && add_pong(take(asf::decode_pong(*pong)), port, out)) out.protocol = "ipmi";
    if (ipmi) {
        const auto answer = take(rmcp::decode_capabilities(*ipmi));
        out.services.push_back(service("ipmi", "udp", port));
        out.sections.emplace_back("ipmi", ipmi_value(answer));
        if (out.protocol == "rmcp") out.protocol = "ipmi";
    }
    if (ipmi || out.protocol == "ipmi") out.kinds.emplace_back("ipmi-bmc");
    if (pong && out.kinds.empty()) out.kinds.emplace_back("rmcp-unknown");
    return out;
}

}  // namespace oob::plane::discovery
