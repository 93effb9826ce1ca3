#pragma once

#include "codec/wsman/message.h"
#include "core/value.h"
#include "sim/device.h"
#include "sim/model/text_template.h"
#include "sim/store.h"

#include <cstdint>
#include <expected>
#include <span>
#include <string_view>

/// How a feature of the firmware plugs into the model: rows of tables, one for each method, each
/// class with a Put, Create or Delete of its own, each entry of the device's state.
namespace oob::sim {

struct Machine;

using codec::wsman::Fault;

/// One request on its way through the model.
struct Call {
    Machine& machine;
    const codec::wsman::Request& request;
    const Caller& caller;
};

struct MethodReply {
    std::uint32_t return_value = 0;
    Members out;  ///< without ReturnValue
};

using Outcome = std::expected<MethodReply, Fault>;
using Checked = std::expected<void, Fault>;

struct Method {
    std::string_view class_name;
    std::string_view name;
    unsigned realm;
    Outcome (*run)(Call& call);
};

/// Takes out of `changes` what it deals with itself; the rest is stored.
struct PutRule {
    std::string_view class_name;
    Checked (*run)(Call& call, Store::Id id, Members& changes);
};

/// Completes and checks the members of an instance that is about to be stored.
struct CreateRule {
    std::string_view class_name;
    Checked (*run)(Call& call, Members& members);
};

/// Checks a removal, and removes what depends on the instance.
struct DeleteRule {
    std::string_view class_name;
    Checked (*run)(Call& call, Store::Id id);
};

/// A value that instances show as {prefix.name}.
struct LiveValue {
    std::string_view name;
    Texts (*read)(const Machine& machine);
};

/// An entry of Device::state(); `write` is null where it can only be looked at. `write` gives back
/// false for a value that the entry cannot have.
struct StateEntry {
    std::string_view key;
    Value (*read)(const Machine& machine);
    bool (*write)(Machine& machine, const Value& value);
};

/// Everything that one feature adds.
struct Feature {
    std::span<const Method> methods;
    std::span<const PutRule> puts;
    std::span<const CreateRule> creates;
    std::span<const DeleteRule> deletes;
    std::span<const LiveValue> values;
    std::span<const StateEntry> state;
    /// Works out what is due at the present time; may be null.
    void (*advance)(Machine& machine) = nullptr;
};

std::span<const Feature* const> features();

// PT_STATUS and CIM return values that several features use (reference wsman-classes, C0).
inline constexpr std::uint32_t pt_internal_error = 1;
inline constexpr std::uint32_t pt_invalid_mode = 3;
inline constexpr std::uint32_t pt_not_permitted = 16;
inline constexpr std::uint32_t pt_max_limit = 23;
inline constexpr std::uint32_t pt_invalid_index = 35;
inline constexpr std::uint32_t pt_invalid_parameter = 36;
inline constexpr std::uint32_t pt_invalid_handle = 2053;
inline constexpr std::uint32_t pt_invalid_password = 2054;
inline constexpr std::uint32_t pt_data_missing = 2057;
inline constexpr std::uint32_t pt_duplicate = 2058;
inline constexpr std::uint32_t cim_not_supported = 1;
inline constexpr std::uint32_t cim_unknown_error = 2;
inline constexpr std::uint32_t cim_invalid_parameter = 5;
inline constexpr std::uint32_t cim_timeout_parameter = 4098;
/// What a standard CIM method adds to a PT_STATUS.
inline constexpr std::uint32_t cim_vendor_base = 32768;

inline MethodReply returned(std::uint32_t value) { return {value, {}}; }

Texts text_of_number(std::uint64_t number);
Texts text_of_flag(bool flag);

}  // namespace oob::sim
