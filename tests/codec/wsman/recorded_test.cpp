#include "recorded.h"
#include "vectors.h"

#include "codec/wsman/redaction.h"
#include "codec/wsman/schema.h"
#include "core/text.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>

using namespace oob::codec::wsman;

namespace {

constexpr std::string_view message_id_start = "uuid:00000000-8086-8086-8086-0";

/// Counts the texts of a value's leaves, as they stood on the wire.
void count_leaves(const oob::Value& value, std::map<std::string, int>& counts) {
    struct Visitor {
        std::map<std::string, int>& counts;
        void operator()(std::monostate) {}
        void operator()(bool flag) {
            ++counts[flag ? "true" : "false"];
            ++counts[flag ? "1" : "0"];
        }
        void operator()(std::int64_t number) { ++counts[std::to_string(number)]; }
        void operator()(std::uint64_t number) { ++counts[std::to_string(number)]; }
        void operator()(double number) { ++counts[std::to_string(number)]; }
        void operator()(const std::string& text) { ++counts[std::string(oob::trim(text))]; }
        void operator()(const oob::Value::Array& items) {
            for (const oob::Value& item : items) count_leaves(item, counts);
        }
        void operator()(const oob::Value::Object& members) {
            for (const auto& [key, item] : members) count_leaves(item, counts);
        }
    };
    value.visit(Visitor{counts});
}

/// All that a reply says, typed by the schema.
oob::Value value_of(const Recording& recording, const Reply& reply) {
    oob::Value value = oob::Value::object();
    value.set("context", reply.enumeration_context);
    if (reply.body)
        value.set("body",
                  to_value(reply.body->members, class_name(reply.resource_uri), recording.method));
    oob::Value items = oob::Value::array();
    for (const Instance& item : reply.items) items.push(to_value(item.members, item.name));
    value.set("items", std::move(items));
    return value;
}

/// The counter in the recorded MessageID; 0 when it has another form.
std::uint64_t message_number(std::string_view xml) {
    const std::size_t place = xml.find(message_id_start);
    if (place == std::string_view::npos) return 0;
    const auto number = oob::parse_unsigned(xml.substr(place + message_id_start.size(), 11), 16);
    return number.value_or(0);
}

/// Recordings that no firmware can have sent as they stand, and why.
const std::map<std::string, std::string, std::less<>> made_up{
    {"amt/boot/settingdata/put.xml", "a request's envelope around an instance"},
    {"amt/setupandconfiguration/getuuid.xml", "a request's envelope around a method's output"},
    {"amt/setupandconfiguration/getuuid-bad.xml", "the same, with a UUID that is none"},
    {"amt/eventlogentry/get.xml", "properties that the class does not have"},
    {"amt/eventlogentry/pull.xml", "properties that the class does not have"},
    {"ips/alarmclock/get.xml", "a StartTime that is no datetime, out of order"},
    {"ips/alarmclock/pull.xml", "the same, in the namespace of the enumeration"},
};

/// The text of the first element called `tag`, prefix included.
std::string_view text_in(std::string_view xml, std::string_view tag) {
    const std::size_t open = xml.find(oob::join({"<", tag}));
    REQUIRE(open != std::string_view::npos);
    const std::size_t begin = xml.find('>', open) + 1;
    return xml.substr(begin, xml.find(oob::join({"</", tag, ">"}), begin) - begin);
}

/// `encoded` with the text of one header element taken over from the recording.
std::string with_header_of(std::string_view recorded, std::string encoded, std::string_view tag) {
    const std::string_view old = text_in(encoded, tag);
    const auto place = static_cast<std::size_t>(old.data() - encoded.data());
    return encoded.replace(place, old.size(), text_in(recorded, tag));
}

}  // namespace

TEST_CASE("every recorded answer decodes, and nothing that it says is lost but what is secret") {
    for (const Recording& recording : recordings()) {
        CAPTURE(recording.name);
        const Reply reply = reply_in(recording.operation, recording.xml);
        CHECK_FALSE(reply.action.empty());
        CHECK(oob::trim(reply.resource_uri) == reply.resource_uri);
        CHECK_FALSE(reply.resource_uri.empty());

        std::map<std::string, int> have;
        count_leaves(value_of(recording, reply), have);
        for (const std::string& leaf : body_leaves(redact(recording.xml))) {
            CAPTURE(leaf);
            CHECK(have[leaf]-- > 0);
        }
    }
}

// Some recordings were given another MessageID or the request's Action by hand; these two header
// texts are taken over from such a recording, everything else must come out as it was.
TEST_CASE("a recorded answer is encoded again as it was, white space between tags aside") {
    for (const Recording& recording : recordings()) {
        if (made_up.contains(recording.name)) continue;
        CAPTURE(recording.name);
        const Reply reply = reply_in(recording.operation, recording.xml);
        const std::string recorded = canonical(recording.xml);
        std::string encoded =
            encode_reply(device_reply(recording.operation, reply, message_number(recording.xml)));
        encoded.erase(0, encoded.find("?>") + 2);
        if (!text_in(recorded, "b:MessageID").starts_with(message_id_start))
            encoded = with_header_of(recorded, std::move(encoded), "b:MessageID");
        if (!reply.action.ends_with("Response"))
            encoded = with_header_of(recorded, std::move(encoded), "b:Action");
        CHECK(encoded == recorded);
    }
}

TEST_CASE("the schema knows what recorded devices send") {
    std::set<std::string> unknown;
    for (const Recording& recording : recordings()) {
        if (made_up.contains(recording.name)) continue;
        const Reply reply = reply_in(recording.operation, recording.xml);
        std::vector<Instance> instances = reply.items;
        if (recording.operation == Operation::get || recording.operation == Operation::put)
            if (reply.body) instances.push_back(*reply.body);
        for (const Instance& instance : instances) {
            const ClassSchema* schema = find_class(instance.name);
            if (!schema) {
                unknown.insert(instance.name);
                continue;
            }
            for (const Member& member : instance.members)
                if (!find_property(*schema, member.name))
                    unknown.insert(instance.name + "." + member.name);
        }
        if (recording.operation != Operation::invoke || !reply.body) continue;
        const ClassSchema* schema = find_class(class_name(reply.resource_uri));
        const Method* method = schema ? find_method(*schema, recording.method) : nullptr;
        if (!method) {
            unknown.insert(reply.resource_uri + "/" + recording.method);
            continue;
        }
        for (const Member& member : reply.body->members)
            if (std::ranges::find(method->output, member.name, &Property::name) ==
                method->output.end())
                unknown.insert(recording.method + "." + member.name);
    }
    for (const std::string& name : unknown) FAIL_CHECK(name);
}
