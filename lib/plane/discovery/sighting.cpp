#include "plane/discovery/sighting.h"

#include <algorithm>
#include <array>
#include <utility>

namespace oob::plane::discovery {

namespace {

constexpr std::string_view told_by_pong = "pong";

/// The planes that other tools know, the one that can do most first.
constexpr std::array<std::string_view, 4> planes{"amt", "redfish", "ipmi", "ssh"};

std::size_t rank(std::string_view protocol) {
    return static_cast<std::size_t>(std::ranges::find(planes, protocol) - planes.begin());
}

bool same_place(const Value& a, const Value& b) {
    const auto member = [](const Value& value, const char* key) {
        const Value* found = value.find(key);
        return found ? *found : Value();
    };
    return member(a, "port") == member(b, "port") &&
           member(a, "transport") == member(b, "transport");
}

void merge(Value& into, const Value& from) {
    for (const auto& [key, value] : from.members())
        if (!value.is_null() || !into.find(key)) into.set(key, value);
}

}  // namespace

void Sighting::add(Face face) {
    const auto named = std::ranges::find_if(services, [&](const Value& known) {
        const Value* source = known.find("source");
        return source && source->text() == told_by_pong && same_place(known, face.service);
    });
    if (named != services.end())
        *named = std::move(face.service);
    else
        services.push_back(std::move(face.service));
    for (std::string& kind : face.kinds)
        if (std::ranges::find(kinds, kind) == kinds.end()) kinds.push_back(std::move(kind));
    if (rank(face.protocol) < rank(protocol)) protocol = std::move(face.protocol);
    // The longer one is the more exact one: a pong tells "15.0" where a web server tells "15.0.23".
    if (face.firmware && (!firmware || firmware->size() < face.firmware->size()))
        firmware = std::move(face.firmware);
    if (!uuid) uuid = std::move(face.uuid);
    if (face.fingerprint && !fingerprint) {
        fingerprint = std::move(face.fingerprint);
        tls = std::move(face.tls);
    }
    if (face.section.empty()) return;
    const auto section = std::ranges::find(sections, face.section, &Value::Member::first);
    if (section != sections.end())
        merge(section->second, face.details);
    else
        sections.emplace_back(std::move(face.section), std::move(face.details));
}

Value Sighting::take_data() {
    Value::Array names;
    for (std::string& kind : kinds) names.emplace_back(std::move(kind));
    Value out;
    out.set("kinds", std::move(names)).set("services", std::move(services));
    for (auto& [key, section] : sections) out.set(std::move(key), std::move(section));
    return out;
}

}  // namespace oob::plane::discovery
