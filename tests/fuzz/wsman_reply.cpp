#include "codec/wsman/message.h"
#include "codec/wsman/schema.h"
#include "fuzz/wsman_tree.h"

#include <cstdlib>
#include <string_view>

using namespace oob::codec::wsman;

namespace {

/// What was read can be written, and what was written is well-formed.
void write_and_read(Operation operation, const Reply& reply) {
    DeviceReply device;
    device.operation = operation;
    device.relates_to = reply.relates_to;
    device.action = reply.action;
    device.resource_uri = reply.resource_uri;
    device.items = reply.items;
    device.enumeration_context = reply.enumeration_context;
    device.end_of_sequence = reply.end_of_sequence;
    device.body = reply.body;
    if (reply.body) device.reference_selectors = reply.body->members;
    const auto again = decode_reply(operation, encode_reply(device));
    if (!again && again.error().code == "xml.malformed") std::abort();
}

}  // namespace

/// Any bytes at all: every decoder of replies must return, and must not throw.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    check_depth(text);
    for (const Operation operation : {Operation::get, Operation::pull, Operation::create}) {
        const auto decoded = decode_reply(operation, text);
        if (!decoded) continue;
        if (const auto* fault = std::get_if<Fault>(&*decoded)) {
            (void)amt_status(*fault);
            (void)fault->local_subcode();
            const auto again = decode_reply(operation, encode_fault(*fault, "1", 1));
            if (!again || !std::holds_alternative<Fault>(*again)) std::abort();
            continue;
        }
        const auto& reply = std::get<Reply>(*decoded);
        if (reply.body) (void)to_value(reply.body->members, class_name(reply.resource_uri));
        for (const Instance& item : reply.items) (void)to_value(item.members, item.name);
        write_and_read(operation, reply);
    }
    return 0;
}
