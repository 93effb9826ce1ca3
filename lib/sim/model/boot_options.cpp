#include "sim/model/boot_options.h"

#include "core/text.h"
#include "sim/model/faults.h"
#include "sim/model/machine.h"

#include <memory>
#include <utility>
#include <vector>

namespace oob::sim {

namespace wsman = codec::wsman;

namespace {

Texts option_texts(const Machine& machine, std::size_t index) {
    const std::uint32_t value = machine.boot.options[index];
    return boot_options[index].flag ? text_of_flag(value != 0) : text_of_number(value);
}

template <std::size_t index>
Texts live_option(const Machine& machine) {
    return option_texts(machine, index);
}

template <std::size_t index>
Value read_option(const Machine& machine) {
    const std::uint32_t value = machine.boot.options[index];
    return boot_options[index].flag ? Value(value != 0) : Value(value);
}

template <std::size_t index>
bool write_option(Machine& machine, const Value& value) {
    const bool truth = value == Value(true);
    if (boot_options[index].flag && !truth && value != Value(false)) return false;
    const std::int64_t number = boot_options[index].flag ? (truth ? 1 : 0) : value.integer(-1);
    if (number < 0 || number > 0xffff) return false;
    machine.boot.options[index] = static_cast<std::uint32_t>(number);
    machine.boot.options_cleared = false;
    return true;
}

/// Names that are put together once and live as long as the program.
std::string_view kept(std::string_view prefix, std::string_view name) {
    static std::vector<std::unique_ptr<std::string>> names;
    names.push_back(std::make_unique<std::string>(join({prefix, name})));
    return *names.back();
}

template <std::size_t... index>
void add_options(std::vector<LiveValue>& values, std::vector<StateEntry>& state,
                 std::index_sequence<index...>) {
    (values.push_back({kept("boot.", boot_options[index].member), live_option<index>}), ...);
    (state.push_back(
         {kept("boot.", boot_options[index].key), read_option<index>, write_option<index>}),
     ...);
}

constexpr std::array<LiveValue, 4> other_values{{
    {"boot.OptionsCleared",
     [](const Machine& machine) { return text_of_flag(machine.boot.options_cleared); }},
    {"boot.BIOSLastStatus",
     [](const Machine& machine) {
         return Texts{std::to_string(machine.boot.last_status),
                      std::to_string(machine.boot.last_detail)};
     }},
    {"boot.is_next",
     [](const Machine& machine) { return text_of_number(machine.boot.next_single_use ? 3 : 2); }},
    {"boot.service_state",
     [](const Machine& machine) { return text_of_number(machine.boot.service_state); }},
}};

constexpr std::array<StateEntry, 6> other_state{{
    {"booted_from", [](const Machine& machine) { return Value(machine.boot.booted_from); },
     nullptr},
    {"booted_with", [](const Machine& machine) { return machine.boot.booted_with; }, nullptr},
    {"boot.source",
     [](const Machine& machine) {
         return machine.boot.source.empty() ? Value() : Value(machine.boot.source);
     },
     nullptr},
    {"boot.next_single_use",
     [](const Machine& machine) { return Value(machine.boot.next_single_use); },
     [](Machine& machine, const Value& value) {
         machine.boot.next_single_use = value.truth();
         return value == Value(true) || value == Value(false);
     }},
    {"boot.options_cleared",
     [](const Machine& machine) { return Value(machine.boot.options_cleared); }, nullptr},
    {"boot.service_state", [](const Machine& machine) { return Value(machine.boot.service_state); },
     nullptr},
}};

/// Rows for every option, put together once.
struct Tables {
    Tables() {
        add_options(values, state, std::make_index_sequence<boot_option_count>());
        values.insert(values.end(), other_values.begin(), other_values.end());
        state.insert(state.end(), other_state.begin(), other_state.end());
    }
    std::vector<LiveValue> values;
    std::vector<StateEntry> state;
};

const Tables& tables() {
    static const Tables all;
    return all;
}

}  // namespace

bool excludes_source(const BootOptions& chosen) {
    for (std::size_t i = 0; i < boot_options.size(); ++i)
        if (boot_options[i].not_with_source && chosen[i] != 0) return true;
    return false;
}

std::expected<BootOptions, Fault> requested_options(const Boot& boot, const Members& changes) {
    BootOptions chosen = boot.options;
    for (std::size_t i = 0; i < boot_options.size(); ++i) {
        if (!wsman::find(changes, boot_options[i].member)) continue;
        const auto flag = wsman::truth_of(changes, boot_options[i].member);
        const auto number = wsman::number_of(changes, boot_options[i].member);
        if (boot_options[i].flag ? !flag : !number)
            return std::unexpected(fault("d:InvalidRepresentation", detail_invalid_values));
        chosen[i] = boot_options[i].flag ? (*flag ? 1 : 0) : static_cast<std::uint32_t>(*number);
    }
    return chosen;
}

Value used_options(const Boot& boot) {
    Value used = Value::object();
    for (std::size_t i = 0; i < boot_options.size(); ++i)
        if (boot.options[i] != 0)
            used.set(std::string(boot_options[i].key),
                     boot_options[i].flag ? Value(true) : Value(boot.options[i]));
    return used;
}

std::span<const LiveValue> boot_values() { return tables().values; }
std::span<const StateEntry> boot_state_entries() { return tables().state; }

}  // namespace oob::sim
