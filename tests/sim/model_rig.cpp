#include "model_rig.h"

#include "codec/wsman/schema.h"
#include "core/text.h"

#include <doctest/doctest.h>

namespace oob::sim {

namespace wsman = codec::wsman;

namespace {

std::shared_ptr<const Personality> personality_of(std::string_view generation,
                                                  std::string_view extra) {
    const std::string text = join({"extends = \"", generation, "\"\n", extra});
    auto made = Personality::parse(text, "test");
    REQUIRE_MESSAGE(made.has_value(), made.error().message);
    return *made;
}

Identity test_identity() {
    return {"127.77.0.5",        5,          "8a1c0fd2-0000-4000-8000-00000000b005",
            "02:00:7f:4d:00:05", "sim-0005", "Digest:727734D63A1FC0423736E48DA554E462"};
}

Device make_device(std::string_view generation, std::string_view extra,
                   const std::shared_ptr<std::chrono::system_clock::time_point>& now) {
    return Device(personality_of(generation, extra), test_identity(),
                  Secret(std::string("P@ssw0rd")), [now] { return *now; });
}

}  // namespace

Rig::Rig(std::string_view generation, std::string_view extra)
    : now(std::make_shared<std::chrono::system_clock::time_point>(
          std::chrono::sys_days(std::chrono::year(2026) / 2 / 2) + std::chrono::hours(10))),
      device(make_device(generation, extra, now)),
      caller{*device.account("admin"), true} {}

Request Rig::request(Operation operation, std::string_view class_name, Members selectors,
                     Members body) const {
    Request made;
    made.operation = operation;
    made.resource_uri = wsman::resource_uri(class_name).value_or(std::string(class_name));
    made.message_id = "7";
    made.selectors = std::move(selectors);
    made.body = std::move(body);
    return made;
}

Answer Rig::ask(const Request& request) {
    return device.answer(wsman::encode_request(request), caller);
}

std::variant<Reply, Fault> Rig::send(const Request& request) {
    const Answer answer = ask(request);
    auto decoded = wsman::decode_reply(request.operation, answer.body);
    REQUIRE_MESSAGE(decoded.has_value(), answer.body);
    CHECK((answer.status == 400) == std::holds_alternative<Fault>(*decoded));
    return *std::move(decoded);
}

Reply Rig::must(const Request& request) {
    auto answer = send(request);
    const auto* fault = std::get_if<Fault>(&answer);
    REQUIRE_MESSAGE(!fault, request.resource_uri << " " << (fault ? fault->subcode : ""));
    return std::get<Reply>(std::move(answer));
}

Fault Rig::refused(const Request& request) {
    auto answer = send(request);
    REQUIRE(std::holds_alternative<Fault>(answer));
    return std::get<Fault>(std::move(answer));
}

Members Rig::get(std::string_view class_name, Members selectors) {
    const Reply reply = must(request(Operation::get, class_name, std::move(selectors)));
    REQUIRE(reply.body.has_value());
    return reply.body->members;
}

std::vector<wsman::Instance> Rig::all(std::string_view class_name) {
    Request pull = request(Operation::pull, class_name);
    pull.enumeration_context = must(request(Operation::enumerate, class_name)).enumeration_context;
    std::vector<wsman::Instance> items;
    for (int turn = 0; turn < 1000; ++turn) {
        Reply reply = must(pull);
        items.insert(items.end(), reply.items.begin(), reply.items.end());
        if (reply.end_of_sequence) return items;
        pull.enumeration_context = reply.enumeration_context;
    }
    FAIL("the enumeration has no end");
    return items;
}

Reply Rig::put(std::string_view class_name, Members body, Members selectors) {
    return must(request(Operation::put, class_name, std::move(selectors), std::move(body)));
}

Reply Rig::change(std::string_view class_name, const Members& changes, Members selectors) {
    Members body;
    for (const Member& member : get(class_name, selectors))
        if (!wsman::find(changes, member.name)) body.push_back(member);
    body.insert(body.end(), changes.begin(), changes.end());
    return put(class_name, std::move(body), std::move(selectors));
}

Members Rig::invoke(std::string_view class_name, std::string_view method, Members parameters,
                    Members selectors) {
    Request made =
        request(Operation::invoke, class_name, std::move(selectors), std::move(parameters));
    made.method = method;
    const Reply reply = must(made);
    REQUIRE(reply.body.has_value());
    CHECK(reply.body->name == std::string(method) + "_OUTPUT");
    return reply.body->members;
}

std::uint64_t Rig::call(std::string_view class_name, std::string_view method, Members parameters,
                        Members selectors) {
    const auto value = wsman::number_of(
        invoke(class_name, method, std::move(parameters), std::move(selectors)), "ReturnValue");
    REQUIRE(value.has_value());
    return *value;
}

std::uint64_t Rig::power(unsigned wanted) {
    return call("CIM_PowerManagementService", "RequestPowerStateChange",
                {text("PowerState", std::to_string(wanted)),
                 reference("ManagedElement", "CIM_ComputerSystem", "Name", "ManagedSystem")});
}

Value Rig::state(std::string_view key) const {
    Value at = device.state();
    for (const std::string_view part : split(key, '.')) {
        const Value* next = at.find(part);
        REQUIRE_MESSAGE(next, key);
        at = Value(*next);
    }
    return at;
}

void Rig::set(std::string_view key, Value value) {
    const auto done = device.set(key, value);
    REQUIRE_MESSAGE(done.has_value(), key);
}

Member text(std::string name, std::string value) {
    return wsman::text_member(std::move(name), std::move(value));
}

Member reference(std::string name, std::string_view class_name, std::string key,
                 std::string value) {
    return wsman::reference_member(std::move(name),
                                   wsman::resource_uri(class_name).value_or(std::string()),
                                   {text(std::move(key), std::move(value))});
}

std::string said(const Members& members, std::string_view name) {
    return std::string(wsman::text_of(members, name).value_or("(absent)"));
}

}  // namespace oob::sim
