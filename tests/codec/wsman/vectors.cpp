#include "vectors.h"

#include "core/text.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace oob::codec::wsman {

std::string example(std::string_view name) {
    const auto path = std::filesystem::path(OOB_WSMAN_VECTORS) / join({name, ".xml"});
    std::ifstream file(path, std::ios::binary);
    REQUIRE_MESSAGE(file.good(), path.string());
    std::string text{std::istreambuf_iterator<char>(file), {}};
    while (text.ends_with('\n')) text.pop_back();
    return text;
}

DeviceReply device_reply(Operation operation, const Reply& reply, std::uint64_t message_number) {
    DeviceReply device;
    device.operation = operation;
    device.relates_to = reply.relates_to;
    device.message_number = message_number;
    device.action = reply.action.substr(0, reply.action.rfind("Response"));
    device.resource_uri = reply.resource_uri;
    device.items = reply.items;
    device.enumeration_context = reply.enumeration_context;
    device.end_of_sequence = reply.end_of_sequence;
    if (operation != Operation::create) {
        device.body = reply.body;
        return device;
    }
    REQUIRE(reply.body);
    const Member* created = find(reply.body->members, "EndpointReference");
    REQUIRE(created);
    device.reference_selectors = created->members;
    return device;
}

Reply reply_in(Operation operation, std::string_view xml) {
    auto decoded = decode_reply(operation, xml);
    REQUIRE_MESSAGE(decoded.has_value(), decoded.error().message);
    REQUIRE(std::holds_alternative<Reply>(*decoded));
    return std::get<Reply>(*std::move(decoded));
}

Fault fault_in(std::string_view xml) {
    auto decoded = decode_reply(Operation::get, xml);
    REQUIRE_MESSAGE(decoded.has_value(), decoded.error().message);
    REQUIRE(std::holds_alternative<Fault>(*decoded));
    return std::get<Fault>(*std::move(decoded));
}

std::string with_common(std::string xml, char prefix) {
    const std::string declaration =
        join({" xmlns:", {&prefix, 1}, "=\"http://schemas.dmtf.org/wbem/wscim/1/common\""});
    const std::size_t place = xml.find(" xmlns:xsi=");
    REQUIRE(place != std::string::npos);
    return xml.insert(place, declaration);
}

}  // namespace oob::codec::wsman
