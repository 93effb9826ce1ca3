#pragma once

#include "codec/wsman/message.h"
#include "sim/model/behaviour.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace oob::sim {

/// WS-Management on one device: reads a request, asks the model, writes the answer (reference
/// wsman, chapter 2).
class WsmanService {
 public:
    explicit WsmanService(Machine& machine) : machine_(machine) {}

    /// Any text at all gets an answer: what is no request is a fault.
    Answer answer(std::string_view soap, const Caller& caller);

 private:
    /// An enumeration that has not come to its end.
    struct Context {
        std::string name;
        std::string class_name;
        codec::wsman::EnumerationMode mode;
        std::vector<Store::Id> ids;
        std::size_t next;  ///< index of the first id that was not handed out yet
        std::chrono::system_clock::time_point used;
    };

    static constexpr std::size_t most_contexts = 8;
    static constexpr std::chrono::seconds context_lifetime{60};
    static constexpr std::uint64_t least_envelope = 50000;

    using Reply = codec::wsman::DeviceReply;
    using Result = std::expected<Reply, Fault>;

    Result respond(Call& call);
    Checked check_headers(const codec::wsman::Request& request) const;
    Result get(Call& call);
    Result put(Call& call);
    Result create(Call& call);
    Result remove(Call& call);
    Result enumerate(Call& call);
    Result pull(Call& call);
    Result release(Call& call);
    Result invoke(Call& call);

    Reply start(const Call& call) const;
    void drop_old_contexts();
    void add_item(Reply& reply, Store::Id id, codec::wsman::EnumerationMode mode) const;

    Machine& machine_;
    std::uint64_t messages_ = 0;
    std::uint32_t contexts_made_ = 0x13;
    std::vector<Context> contexts_;  ///< oldest first
};

}  // namespace oob::sim
