#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace oob {

/// A JSON-like value with ordered keys: what a device said, on its way to a record, without a JSON
/// library in every header. `report` turns it into JSON; nothing else does.
class Value {
 public:
    using Array = std::vector<Value>;
    using Member = std::pair<std::string, Value>;
    using Object = std::vector<Member>;

    Value() = default;
    Value(std::nullptr_t) {}
    Value(bool flag) : data_(flag) {}
    template <class Integer>
        requires(std::is_integral_v<Integer> && !std::is_same_v<Integer, bool>)
    Value(Integer number) {
        if constexpr (std::is_signed_v<Integer>)
            data_ = static_cast<std::int64_t>(number);
        else
            data_ = static_cast<std::uint64_t>(number);
    }
    Value(double number) : data_(number) {}
    Value(std::string text) : data_(std::move(text)) {}
    Value(std::string_view text) : data_(std::string(text)) {}
    Value(const char* text) : data_(std::string(text)) {}
    Value(Array items) : data_(std::move(items)) {}
    Value(Object members) : data_(std::move(members)) {}

    static Value array() { return Value(Array{}); }
    static Value object() { return Value(Object{}); }

    bool is_null() const { return std::holds_alternative<std::monostate>(data_); }
    bool is_array() const { return std::holds_alternative<Array>(data_); }
    bool is_object() const { return std::holds_alternative<Object>(data_); }
    bool is_string() const { return std::holds_alternative<std::string>(data_); }

    /// The text of a string; empty for anything else.
    std::string_view text() const;
    /// The number as a signed integer; `otherwise` for anything else or when it does not fit.
    std::int64_t integer(std::int64_t otherwise = 0) const;
    /// The number as a double, whatever kind it is; zero for anything else.
    double number() const;
    /// True only for the value true.
    bool truth() const;
    /// The items of an array; an empty array for anything else.
    const Array& items() const;
    /// The members of an object in their order; an empty object for anything else.
    const Object& members() const;
    /// The member called `key`, or null when this is no object or has no such member.
    const Value* find(std::string_view key) const;

    /// Sets a member in place, or appends it. A null value becomes an object first.
    Value& set(std::string key, Value value);
    /// Appends an item. A null value becomes an array first.
    Value& push(Value value);

    template <class Visitor>
    decltype(auto) visit(Visitor&& visitor) const {
        return std::visit(std::forward<Visitor>(visitor), data_);
    }

    friend bool operator==(const Value&, const Value&) = default;

 private:
    std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double, std::string, Array,
                 Object>
        data_;
};

}  // namespace oob
