#pragma once

#include "codec/wsman/message.h"
#include "codec/wsman/xml.h"
#include "sim/device.h"
#include "sim/personality.h"

#include <chrono>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace oob::sim {

using codec::wsman::Fault;
using codec::wsman::Member;
using codec::wsman::Members;
using codec::wsman::Operation;
using codec::wsman::Reply;
using codec::wsman::Request;

/// One device with a clock that a test sets, and short ways to ask it things.
struct Rig {
    /// `extra` is TOML that goes over the generation's own, for instance "[quirks]\npower_delay_ms
    /// = 0".
    explicit Rig(std::string_view generation = "15.0", std::string_view extra = {});

    void wait(std::chrono::milliseconds time) { *now += time; }

    Request request(Operation operation, std::string_view class_name, Members selectors = {},
                    Members body = {}) const;
    Answer ask(const Request& request);
    /// What came back, decoded.
    std::variant<Reply, Fault> send(const Request& request);
    Reply must(const Request& request);
    Fault refused(const Request& request);

    /// The members of an instance.
    Members get(std::string_view class_name, Members selectors = {});
    /// Everything that Enumerate and Pull give.
    std::vector<codec::wsman::Instance> all(std::string_view class_name);
    Reply put(std::string_view class_name, Members body, Members selectors = {});
    /// Get, change, Put the whole instance, as clients do.
    Reply change(std::string_view class_name, const Members& changes, Members selectors = {});
    /// The whole output of a method.
    Members invoke(std::string_view class_name, std::string_view method, Members parameters = {},
                   Members selectors = {});
    /// Its ReturnValue.
    std::uint64_t call(std::string_view class_name, std::string_view method,
                       Members parameters = {}, Members selectors = {});
    std::uint64_t power(unsigned state);

    /// An entry of the device's state by its dotted key.
    Value state(std::string_view key) const;
    void set(std::string_view key, Value value);

    std::shared_ptr<std::chrono::system_clock::time_point> now;
    Device device;
    Caller caller;
};

Member text(std::string name, std::string value);
/// A reference to an instance of a class by one selector.
Member reference(std::string name, std::string_view class_name, std::string key, std::string value);
std::string said(const Members& members, std::string_view name);

}  // namespace oob::sim
