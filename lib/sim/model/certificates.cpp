#include "sim/model/certificates.h"

#include "codec/wsman/schema.h"
#include "core/text.h"
#include "sim/model/faults.h"
#include "sim/model/machine.h"
#include "sim/model/x509.h"

#include <algorithm>
#include <array>

namespace oob::sim {

namespace wsman = codec::wsman;

namespace {

constexpr std::string_view certificate_class = "AMT_PublicKeyCertificate";
constexpr std::string_view key_class = "AMT_PublicPrivateKeyPair";
constexpr std::string_view context_class = "AMT_TLSCredentialContext";
constexpr std::string_view dependency_class = "CIM_ConcreteDependency";
constexpr std::string_view certificate_prefix = "Intel(r) AMT Certificate: Handle: ";
constexpr std::string_view key_prefix = "Intel(r) AMT Key: Handle: ";
constexpr std::size_t most_certificates = 16;
constexpr std::size_t most_keys = 16;
constexpr std::size_t largest_certificate = 4100;

constexpr std::uint32_t pt_invalid_key = 2062;
constexpr std::uint32_t pt_invalid_certificate = 2063;
constexpr std::uint32_t pt_key_mismatch = 2064;
constexpr std::uint32_t pt_in_progress = 2082;

std::string uri_of(std::string_view class_name) {
    return wsman::resource_uri(class_name).value_or(std::string());
}

Member reference_to(std::string name, std::string_view class_name, std::string instance) {
    return wsman::reference_member(std::move(name), uri_of(class_name),
                                   {wsman::text_member("InstanceID", std::move(instance))});
}

/// The lowest handle that no instance of the class has.
std::uint32_t free_handle(const Store& store, std::string_view class_name,
                          std::string_view prefix) {
    std::uint32_t handle = 0;
    while (store.find(class_name,
                      {wsman::text_member("InstanceID", join({prefix, std::to_string(handle)}))}))
        ++handle;
    return handle;
}

std::optional<std::uint32_t> handle_of(std::string_view instance, std::string_view prefix) {
    if (!instance.starts_with(prefix)) return std::nullopt;
    const auto number = parse_unsigned(instance.substr(prefix.size()));
    if (!number) return std::nullopt;
    return static_cast<std::uint32_t>(*number);
}

/// The InstanceID of the instance of `class_name` whose member has that text; empty when there is
/// none.
std::string instance_with(const Store& store, std::string_view class_name, std::string_view member,
                          std::string_view text) {
    for (const Store::Id id : store.own(class_name))
        if (store.text(id, member) == text) return store.text(id, "InstanceID");
    return {};
}

Outcome add_any_certificate(Call& call, bool root) {
    Store& store = call.machine.store;
    const auto blob = wsman::text_of(call.request.body, "CertificateBlob");
    const auto der = base64_decode(blob.value_or(""));
    if (!blob || !der || der->empty()) return returned(pt_invalid_parameter);
    if (der->size() > largest_certificate) return returned(pt_invalid_certificate);
    const auto facts = x509::read_certificate(*der);
    if (!facts) return returned(pt_invalid_certificate);
    if (root && (!facts->self_issued || !facts->authority)) return returned(pt_invalid_certificate);
    if (!instance_with(store, certificate_class, "X509Certificate", *blob).empty())
        return returned(pt_duplicate);
    if (store.own(certificate_class).size() >= most_certificates) return returned(pt_max_limit);
    const std::string key =
        root ? std::string()
             : instance_with(store, key_class, "DERKey", base64_encode(facts->public_key));
    if (!root && key.empty()) return returned(pt_key_mismatch);

    const std::string instance =
        join({certificate_prefix,
              std::to_string(free_handle(store, certificate_class, certificate_prefix))});
    Members members{wsman::text_member("ElementName", "Intel(r) AMT Certificate"),
                    wsman::text_member("InstanceID", instance),
                    wsman::text_member("Issuer", facts->issuer),
                    wsman::text_member("Subject", facts->subject),
                    wsman::text_member("TrustedRootCertficate", root ? "true" : "false"),
                    wsman::text_member("X509Certificate", std::string(*blob))};
    if (call.machine.personality->quirk("plain_optional", 1) == 0)
        members.push_back(wsman::text_member("ReadOnlyCertificate", "false"));
    if (!store.add(certificate_class, std::move(members))) return returned(pt_max_limit);
    if (!key.empty())
        store.add(dependency_class, {reference_to("Antecedent", key_class, key),
                                     reference_to("Dependent", certificate_class, instance)});
    return MethodReply{0, {reference_to("CreatedCertificate", certificate_class, instance)}};
}

Outcome add_root(Call& call) { return add_any_certificate(call, true); }
Outcome add_certificate(Call& call) { return add_any_certificate(call, false); }

/// A new instance for the key; its InstanceID, or empty when the store is full.
std::string store_key(Machine& machine, x509::KeyPair key) {
    Store& store = machine.store;
    if (store.own(key_class).size() >= most_keys) return {};
    const std::uint32_t handle = free_handle(store, key_class, key_prefix);
    const std::string instance = join({key_prefix, std::to_string(handle)});
    Members members{wsman::text_member("DERKey", base64_encode(key.public_key)),
                    wsman::text_member("ElementName", "Intel(r) AMT Key"),
                    wsman::text_member("InstanceID", instance)};
    if (!store.add(key_class, std::move(members))) return {};
    machine.keys.private_keys[handle] = std::move(key.private_key);
    return instance;
}

bool good_length(const Machine& machine, std::uint64_t bits) {
    const auto most = static_cast<std::uint64_t>(machine.personality->quirk("key_bits_max", 2048));
    return (bits == 2048 || bits == 3072) && bits <= most;
}

Outcome add_key(Call& call) {
    const auto der = base64_decode(wsman::text_of(call.request.body, "KeyBlob").value_or(""));
    if (!der || der->empty()) return returned(pt_invalid_parameter);
    auto key = x509::read_key(*der);
    if (!key) return returned(pt_invalid_key);
    const bool legacy = key->bits >= 1024 && key->bits <= 2048;
    if (!legacy && !good_length(call.machine, key->bits)) return returned(pt_invalid_key);
    const std::string same =
        instance_with(call.machine.store, key_class, "DERKey", base64_encode(key->public_key));
    if (!same.empty()) return returned(pt_duplicate);
    const std::string instance = store_key(call.machine, *std::move(key));
    if (instance.empty()) return returned(pt_max_limit);
    return MethodReply{0, {reference_to("CreatedKey", key_class, instance)}};
}

Outcome generate_key_pair(Call& call) {
    Machine& machine = call.machine;
    const auto algorithm = wsman::number_of(call.request.body, "KeyAlgorithm");
    const auto bits = wsman::number_of(call.request.body, "KeyLength");
    if (algorithm != 0U || !bits) return returned(pt_invalid_parameter);
    if (!good_length(machine, *bits)) return returned(pt_invalid_key);
    if (machine.keys.busy_answers < machine.personality->quirk("key_busy", 0)) {
        ++machine.keys.busy_answers;
        return returned(pt_in_progress);
    }
    machine.keys.busy_answers = 0;
    auto key = x509::generate_key(static_cast<unsigned>(*bits));
    if (!key) return returned(pt_internal_error);
    const std::string instance = store_key(machine, *std::move(key));
    if (instance.empty()) return returned(pt_max_limit);
    return MethodReply{0, {reference_to("KeyPair", key_class, instance)}};
}

Outcome sign_request(Call& call) {
    Machine& machine = call.machine;
    const Member* pair = wsman::find(call.request.body, "KeyPair");
    const auto algorithm = wsman::number_of(call.request.body, "SigningAlgorithm");
    const auto request = base64_decode(
        wsman::text_of(call.request.body, "NullSignedCertificateRequest").value_or(""));
    constexpr std::uint64_t last_algorithm = 2;
    if (!pair || !algorithm || *algorithm > last_algorithm || !request)
        return returned(pt_invalid_parameter);
    const auto handle =
        handle_of(wsman::text_of(pair->members, "InstanceID").value_or(""), key_prefix);
    const auto& keys = machine.keys.private_keys;
    const auto key = handle ? keys.find(*handle) : keys.end();
    if (key == keys.end()) return returned(pt_invalid_handle);
    const auto made =
        x509::sign_request(*request, key->second, static_cast<x509::Hash>(*algorithm));
    if (!made) return returned(pt_key_mismatch);
    return MethodReply{0, {wsman::text_member("SignedCertificateRequest", base64_encode(*made))}};
}

/// Every association that names the certificate as the credential.
bool certificate_in_use(const Store& store, const Member& reference) {
    return std::ranges::any_of(store.all("CIM_CredentialContext"), [&](Store::Id id) {
        const Members context = store.read(id);
        const Member* element = wsman::find(context, "ElementInContext");
        return element && agrees(*element, reference);
    });
}

/// The dependencies in which `role` is the instance.
std::vector<Store::Id> dependencies(const Store& store, std::string_view role,
                                    const Member& reference) {
    std::vector<Store::Id> found;
    for (const Store::Id id : store.own(dependency_class)) {
        const Members members = store.read(id);
        const Member* element = wsman::find(members, role);
        if (element && agrees(*element, reference)) found.push_back(id);
    }
    return found;
}

Checked delete_certificate(Call& call, Store::Id id) {
    Store& store = call.machine.store;
    const Member reference = reference_to("", certificate_class, store.text(id, "InstanceID"));
    if (store.text(id, "ReadOnlyCertificate") == "true" || certificate_in_use(store, reference))
        return std::unexpected(status_fault(pt_not_permitted));
    for (const Store::Id link : dependencies(store, "Dependent", reference)) store.remove(link);
    return {};
}

Checked delete_key(Call& call, Store::Id id) {
    Store& store = call.machine.store;
    const std::string instance = store.text(id, "InstanceID");
    if (!dependencies(store, "Antecedent", reference_to("", key_class, instance)).empty())
        return std::unexpected(status_fault(pt_not_permitted));
    if (const auto handle = handle_of(instance, key_prefix))
        call.machine.keys.private_keys.erase(*handle);
    return {};
}

/// Some clients delete a key through the service's URI (reference wsman-classes, C6).
Checked delete_through_service(Call& call, Store::Id) {
    const Member* instance = wsman::find(call.request.selectors, "InstanceID");
    const auto id =
        instance ? call.machine.store.find(key_class, call.request.selectors) : std::nullopt;
    if (!id) return std::unexpected(fault("b:DestinationUnreachable"));
    if (auto done = delete_key(call, *id); !done) return done;
    call.machine.store.remove(*id);
    return {};
}

/// The certificate must be there and no root; the collection is the only one, however it is spelt.
Checked check_context(const Store& store, Members& members) {
    const Member* certificate = wsman::find(members, "ElementInContext");
    const auto id = certificate && certificate->kind == Member::Kind::reference
                        ? store.find(certificate_class, certificate->members)
                        : std::nullopt;
    if (!id) return std::unexpected(fault("d:InvalidRepresentation", detail_missing_values));
    if (store.text(*id, "TrustedRootCertficate") == "true")
        return std::unexpected(fault("d:InvalidRepresentation", detail_invalid_values));
    const std::string instance = store.text(*id, "InstanceID");
    members.clear();
    members.push_back(reference_to("ElementInContext", certificate_class, instance));
    members.push_back(wsman::reference_member(
        "ElementProvidingContext", uri_of("AMT_TLSProtocolEndpointCollection"),
        {wsman::text_member("ElementName", "TLSProtocolEndpoint Instances Collection")}));
    return {};
}

Checked create_context(Call& call, Members& members) {
    if (!call.machine.store.own(context_class).empty())
        return std::unexpected(fault("e:AlreadyExists"));
    return check_context(call.machine.store, members);
}

/// Replaces the certificate: here the key itself changes.
Checked put_context(Call& call, Store::Id id, Members& changes) {
    if (auto good = check_context(call.machine.store, changes); !good) return good;
    call.machine.store.write(id, changes);
    changes.clear();
    return {};
}

Checked delete_context(Call& call, Store::Id) {
    if (call.machine.setup.tls) return std::unexpected(status_fault(pt_not_permitted));
    return {};
}

constexpr std::array<Method, 5> methods{{
    {"AMT_PublicKeyManagementService", "AddTrustedRootCertificate", 3, add_root},
    {"AMT_PublicKeyManagementService", "AddCertificate", 3, add_certificate},
    {"AMT_PublicKeyManagementService", "AddKey", 3, add_key},
    {"AMT_PublicKeyManagementService", "GenerateKeyPair", 3, generate_key_pair},
    {"AMT_PublicKeyManagementService", "GeneratePKCS10RequestEx", 3, sign_request},
}};
constexpr std::array<PutRule, 1> puts{{{context_class, put_context}}};
constexpr std::array<CreateRule, 1> creates{{{context_class, create_context}}};
constexpr std::array<DeleteRule, 4> deletes{{
    {certificate_class, delete_certificate},
    {key_class, delete_key},
    {context_class, delete_context},
    {"AMT_PublicKeyManagementService", delete_through_service},
}};

constexpr std::array<StateEntry, 2> state_entries{{
    {"certificates",
     [](const Machine& machine) { return Value(machine.store.own(certificate_class).size()); },
     nullptr},
    {"keys", [](const Machine& machine) { return Value(machine.store.own(key_class).size()); },
     nullptr},
}};

}  // namespace

const Feature& certificates_feature() {
    static const Feature feature{methods, puts, creates, deletes, {}, state_entries, nullptr};
    return feature;
}

}  // namespace oob::sim
