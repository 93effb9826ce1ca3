#include "core/json.h"

#include <nlohmann/json.hpp>

namespace oob {

namespace {

using Json = nlohmann::ordered_json;

constexpr int deepest = 64;

Json to_nlohmann(const Value& value) {
    return value.visit([](const auto& held) -> Json {
        using Held = std::remove_cvref_t<decltype(held)>;
        if constexpr (std::is_same_v<Held, std::monostate>) {
            return nullptr;
        } else if constexpr (std::is_same_v<Held, Value::Array>) {
            Json out = Json::array();
            for (const auto& item : held) out.push_back(to_nlohmann(item));
            return out;
        } else if constexpr (std::is_same_v<Held, Value::Object>) {
            Json out = Json::object();
            for (const auto& [key, member] : held) out[key] = to_nlohmann(member);
            return out;
        } else {
            return held;
        }
    });
}

Value from_nlohmann(const Json& json) {
    switch (json.type()) {
        case Json::value_t::boolean:
            return json.get<bool>();
        case Json::value_t::number_integer:
            return json.get<std::int64_t>();
        case Json::value_t::number_unsigned:
            return json.get<std::uint64_t>();
        case Json::value_t::number_float:
            return json.get<double>();
        case Json::value_t::string:
            return json.get<std::string>();
        case Json::value_t::array: {
            Value out = Value::array();
            for (const auto& item : json) out.push(from_nlohmann(item));
            return out;
        }
        case Json::value_t::object: {
            Value out = Value::object();
            for (const auto& [key, member] : json.items()) out.set(key, from_nlohmann(member));
            return out;
        }
        default:
            return nullptr;
    }
}

}  // namespace

std::string to_json(const Value& value) {
    return to_nlohmann(value).dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<Value> parse_json(std::string_view text) {
    bool too_deep = false;
    const auto guard = [&](int depth, Json::parse_event_t, Json&) {
        too_deep = too_deep || depth > deepest;
        return !too_deep;
    };
    const Json json = Json::parse(text.begin(), text.end(), guard, /*allow_exceptions=*/false);
    if (too_deep || json.is_discarded())
        return std::unexpected(Error(Class::usage, "usage.json",
                                     too_deep ? "JSON nested too deeply" : "this is not JSON",
                                     "one record a line, as the oob tools write them"));
    return from_nlohmann(json);
}

}  // namespace oob
