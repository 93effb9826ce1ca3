#include "sim/wsman_service.h"

#include "codec/wsman/schema.h"
#include "core/bytes.h"
#include "core/text.h"
#include "sim/model/accounts.h"
#include "sim/model/faults.h"
#include "sim/model/journal.h"
#include "sim/model/machine.h"
#include "sim/model/validation.h"

#include <algorithm>

namespace oob::sim {

namespace wsman = codec::wsman;

namespace {

template <class Rule>
const Rule* find_rule(std::span<const Rule> Feature::* table, std::string_view class_name) {
    for (const Feature* feature : features())
        for (const Rule& rule : feature->*table)
            if (rule.class_name == class_name) return &rule;
    return nullptr;
}

const Method* find_method(std::string_view class_name, std::string_view name) {
    for (const Feature* feature : features())
        for (const Method& method : feature->methods)
            if (method.class_name == class_name && method.name == name) return &method;
    return nullptr;
}

std::string uri_of(std::string_view class_name) {
    return wsman::resource_uri(class_name).value_or(std::string());
}

/// The counter as AMT writes it: a GUID whose first group is little-endian.
std::string context_name(std::uint32_t counter) {
    Writer out;
    out.le32(counter);
    return hex_upper(out.take()) + "-0000-0000-0000-000000000000";
}

/// The rule of the class that a request is about; DestinationUnreachable when there is no such
/// class.
std::expected<const ClassRule*, Fault> rule_of(const Call& call) {
    const auto name = wsman::class_name(call.request.resource_uri);
    const ClassRule* rule = call.machine.store.catalogue().rule(name);
    if (!rule || call.request.resource_uri != uri_of(name))
        return std::unexpected(fault("b:DestinationUnreachable"));
    return rule;
}

Checked require_realm(const Call& call, unsigned realm) {
    if (holds_realm(call.caller.account, realm)) return {};
    return std::unexpected(fault("e:AccessDenied"));
}

/// The one instance that the selectors, or else the keys in the body, name.
std::expected<Store::Id, Fault> find_instance(const Call& call, const ClassRule& rule,
                                              std::string_view when_several) {
    const auto& store = call.machine.store;
    auto found = store.matching(rule.name, call.request.selectors);
    if (found.size() > 1 && call.request.selectors.empty())
        found = store.matching(rule.name, call.request.body);
    if (found.size() == 1) return found.front();
    return std::unexpected(fault(found.empty() ? "b:DestinationUnreachable" : when_several));
}

bool contains(const std::vector<std::string>& names, std::string_view name) {
    return std::ranges::find(names, name) != names.end();
}

/// What a Put changes: without keys, read-only members and those that are worked out.
void drop_unwritable(const Store& store, Store::Id id, const ClassRule& rule, Members& changes) {
    const auto keys = store.catalogue().keys(rule.name);
    std::erase_if(changes, [&](const Member& member) {
        return contains(keys, member.name) || contains(rule.read_only, member.name) ||
               contains(rule.write_only, member.name);
    });
    std::erase_if(changes, [&](const Member& member) { return store.live(id, member.name); });
}

}  // namespace

Answer WsmanService::answer(std::string_view soap, const Caller& caller) {
    machine_.advance();
    const auto request = wsman::decode_request(soap);
    const std::uint64_t number = ++messages_;
    if (!request) {
        const Fault refused = request.error().code == "wsman.action"
                                  ? fault("b:ActionNotSupported")
                                  : fault("e:SchemaValidationError");
        return {400, wsman::encode_fault(refused, {}, number), journal_of(refused)};
    }
    if (request->operation == wsman::Operation::identify) {
        const Version& version = machine_.personality->version;
        const std::string text =
            join({"AMT ", std::to_string(version.major), ".", std::to_string(version.minor)});
        return {200, wsman::encode_identify_reply("Intel(r)", text, caller.tls),
                journal_of(*request, nullptr)};
    }
    Call call{machine_, *request, caller};
    auto reply = respond(call);
    if (!reply)
        return {400, wsman::encode_fault(reply.error(), request->message_id, number),
                journal_of(*request, reply.error())};
    reply->message_number = number;
    return {200, wsman::encode_reply(*reply), journal_of(*request, &*reply)};
}

WsmanService::Result WsmanService::respond(Call& call) {
    if (auto checked = check_headers(call.request); !checked)
        return std::unexpected(checked.error());
    switch (call.request.operation) {
        case wsman::Operation::get:
            return get(call);
        case wsman::Operation::put:
            return put(call);
        case wsman::Operation::create:
            return create(call);
        case wsman::Operation::delete_instance:
            return remove(call);
        case wsman::Operation::enumerate:
            return enumerate(call);
        case wsman::Operation::pull:
            return pull(call);
        case wsman::Operation::release:
            return release(call);
        case wsman::Operation::invoke:
            return invoke(call);
        case wsman::Operation::identify:
            break;
    }
    return std::unexpected(fault("b:ActionNotSupported"));
}

Checked WsmanService::check_headers(const wsman::Request& request) const {
    if (request.not_understood) return std::unexpected(fault("", *request.not_understood));
    if (request.max_envelope_size && *request.max_envelope_size < least_envelope)
        return std::unexpected(fault("e:EncodingLimit"));
    if (request.resource_uri.empty())
        return std::unexpected(fault("b:MessageInformationHeaderRequired"));
    return {};
}

WsmanService::Reply WsmanService::start(const Call& call) const {
    Reply reply;
    reply.operation = call.request.operation;
    reply.relates_to = call.request.message_id;
    reply.action = call.request.action;
    reply.resource_uri = call.request.resource_uri;
    return reply;
}

WsmanService::Result WsmanService::get(Call& call) {
    const auto rule = rule_of(call);
    if (!rule) return std::unexpected(rule.error());
    if (auto allowed = require_realm(call, (*rule)->realm); !allowed)
        return std::unexpected(allowed.error());
    const auto id = find_instance(call, **rule, "b:DestinationUnreachable");
    if (!id) return std::unexpected(id.error());
    Reply reply = start(call);
    reply.body = wsman::Instance{(*rule)->name, uri_of((*rule)->name), machine_.store.read(*id)};
    return reply;
}

WsmanService::Result WsmanService::put(Call& call) {
    const auto rule = rule_of(call);
    if (!rule) return std::unexpected(rule.error());
    if (!(*rule)->puttable) return std::unexpected(fault("b:ActionNotSupported"));
    if (auto allowed = require_realm(call, (*rule)->write_realm); !allowed)
        return std::unexpected(allowed.error());
    const auto id = find_instance(call, **rule, "e:InvalidSelectors");
    if (!id) return std::unexpected(id.error());
    const bool sparse = (*rule)->name == "AMT_BootSettingData" &&
                        machine_.personality->quirk("sparse_boot_put", 0) != 0;
    auto changes = validated((*rule)->name, call.request.body);
    if (!changes) return std::unexpected(changes.error());
    if (!sparse) {
        const Members present = machine_.store.read(*id);
        if (auto whole = require_members((*rule)->name, *changes, &present); !whole)
            return std::unexpected(whole.error());
    }
    const auto* hook = find_rule(&Feature::puts, (*rule)->name);
    if (!hook) {
        drop_unwritable(machine_.store, *id, **rule, *changes);
    } else {
        std::erase_if(*changes, [&](const Member& member) {
            return contains((*rule)->read_only, member.name);
        });
        if (auto done = hook->run(call, *id, *changes); !done) return std::unexpected(done.error());
        drop_unwritable(machine_.store, *id, **rule, *changes);
    }
    machine_.store.write(*id, *changes);
    Reply reply = start(call);
    if (!(*rule)->quiet_put)
        reply.body =
            wsman::Instance{(*rule)->name, uri_of((*rule)->name), machine_.store.read(*id)};
    return reply;
}

WsmanService::Result WsmanService::create(Call& call) {
    const auto rule = rule_of(call);
    if (!rule) return std::unexpected(rule.error());
    if (!(*rule)->creatable) return std::unexpected(fault("b:ActionNotSupported"));
    if (auto allowed = require_realm(call, (*rule)->write_realm); !allowed)
        return std::unexpected(allowed.error());
    auto members = validated((*rule)->name, call.request.body);
    if (!members) return std::unexpected(members.error());
    if (auto whole = require_members((*rule)->name, *members, nullptr); !whole)
        return std::unexpected(whole.error());
    if (const auto* hook = find_rule(&Feature::creates, (*rule)->name))
        if (auto done = hook->run(call, *members); !done) return std::unexpected(done.error());
    Members keys;
    const auto names = machine_.store.catalogue().keys((*rule)->name);
    std::ranges::copy_if(*members, std::back_inserter(keys),
                         [&](const Member& member) { return contains(names, member.name); });
    if (!keys.empty() && machine_.store.find((*rule)->name, keys))
        return std::unexpected(fault("e:AlreadyExists"));
    const auto id = machine_.store.add((*rule)->name, *std::move(members));
    if (!id) return std::unexpected(fault("e:QuotaLimit"));
    Reply reply = start(call);
    reply.reference_selectors = machine_.store.keys(*id);
    return reply;
}

WsmanService::Result WsmanService::remove(Call& call) {
    const auto rule = rule_of(call);
    if (!rule) return std::unexpected(rule.error());
    const auto* hook = find_rule(&Feature::deletes, (*rule)->name);
    if (!(*rule)->deletable) return std::unexpected(fault("b:ActionNotSupported"));
    if (auto allowed = require_realm(call, (*rule)->write_realm); !allowed)
        return std::unexpected(allowed.error());
    const auto id = find_instance(call, **rule, "e:InvalidSelectors");
    if (!id) return std::unexpected(id.error());
    if (hook)
        if (auto done = hook->run(call, *id); !done) return std::unexpected(done.error());
    machine_.store.remove(*id);
    return start(call);
}

void WsmanService::drop_old_contexts() {
    const auto now = machine_.now();
    std::erase_if(contexts_,
                  [&](const Context& context) { return now - context.used > context_lifetime; });
}

WsmanService::Result WsmanService::enumerate(Call& call) {
    const auto rule = rule_of(call);
    if (!rule) return std::unexpected(rule.error());
    if (auto allowed = require_realm(call, (*rule)->realm); !allowed)
        return std::unexpected(allowed.error());
    if (call.request.has_filter) return std::unexpected(fault("c:FilteringNotSupported"));
    if (call.request.has_optimize) return std::unexpected(fault("e:UnsupportedFeature"));
    drop_old_contexts();
    if (contexts_.size() == most_contexts) contexts_.erase(contexts_.begin());
    contexts_.push_back({context_name(++contexts_made_), (*rule)->name, call.request.mode,
                         machine_.store.all((*rule)->name), 0, machine_.now()});
    Reply reply = start(call);
    reply.enumeration_context = contexts_.back().name;
    return reply;
}

void WsmanService::add_item(Reply& reply, Store::Id id, wsman::EnumerationMode mode) const {
    const std::string& name = machine_.store.class_of(id);
    wsman::Instance item{name, uri_of(name), {}};
    if (mode != wsman::EnumerationMode::reference) item.members = machine_.store.read(id);
    reply.items.push_back(std::move(item));
    if (mode != wsman::EnumerationMode::object)
        reply.item_selectors.push_back(machine_.store.keys(id));
}

WsmanService::Result WsmanService::pull(Call& call) {
    const auto rule = rule_of(call);
    if (!rule) return std::unexpected(rule.error());
    drop_old_contexts();
    const auto context = std::ranges::find_if(contexts_, [&](const Context& one) {
        return one.name == call.request.enumeration_context && one.class_name == (*rule)->name;
    });
    if (context == contexts_.end()) return std::unexpected(fault("c:InvalidEnumerationContext"));
    std::size_t most = call.request.max_elements.value_or(Store::most_created * 16);
    if (most == 0) most = 1;
    if ((*rule)->one_per_pull) most = 1;
    Reply reply = start(call);
    reply.mode = context->mode;
    while (context->next < context->ids.size() && reply.items.size() < most) {
        const Store::Id id = context->ids[context->next++];
        if (machine_.store.exists(id)) add_item(reply, id, context->mode);
    }
    // Providers that hand out one item at a time only notice the end when asked once more.
    const bool done =
        context->next == context->ids.size() && (!(*rule)->one_per_pull || reply.items.empty());
    context->used = machine_.now();
    reply.end_of_sequence = done;
    if (done)
        contexts_.erase(context);
    else
        reply.enumeration_context = context->name;
    return reply;
}

WsmanService::Result WsmanService::release(Call& call) {
    const auto gone = std::erase_if(contexts_, [&](const Context& one) {
        return one.name == call.request.enumeration_context;
    });
    if (gone == 0) return std::unexpected(fault("c:InvalidEnumerationContext"));
    return start(call);
}

WsmanService::Result WsmanService::invoke(Call& call) {
    const auto rule = rule_of(call);
    if (!rule) return std::unexpected(rule.error());
    const Method* method = find_method((*rule)->name, call.request.method);
    if (!method) return std::unexpected(fault("b:ActionNotSupported"));
    const auto& store = machine_.store;
    if (store.matching((*rule)->name, call.request.selectors).empty())
        return std::unexpected(fault("b:DestinationUnreachable"));
    Outcome outcome = returned(pt_not_permitted);
    if (holds_realm(call.caller.account, method->realm))
        outcome = method->run(call);
    else if ((*rule)->name.starts_with("CIM_"))
        outcome = returned(cim_vendor_base + pt_not_permitted);
    if (!outcome) return std::unexpected(outcome.error());
    audit(call, *outcome);
    Reply reply = start(call);
    wsman::Instance body{call.request.method + "_OUTPUT", call.request.resource_uri,
                         std::move(outcome->out)};
    body.members.push_back(
        wsman::text_member("ReturnValue", std::to_string(outcome->return_value)));
    reply.body = std::move(body);
    return reply;
}

}  // namespace oob::sim
