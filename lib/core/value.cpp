#include "core/value.h"

#include <algorithm>
#include <cassert>
#include <limits>

namespace oob {

namespace {

/// Most objects of a record have about as many: growing step by step would move them again and
/// again.
constexpr std::size_t usual_members = 8;

}  // namespace

std::string_view Value::text() const {
    const auto* string = std::get_if<std::string>(&data_);
    return string ? std::string_view(*string) : std::string_view();
}

std::int64_t Value::integer(std::int64_t otherwise) const {
    if (const auto* number = std::get_if<std::int64_t>(&data_)) return *number;
    if (const auto* number = std::get_if<std::uint64_t>(&data_))
        if (*number <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
            return static_cast<std::int64_t>(*number);
    return otherwise;
}

double Value::number() const {
    if (const auto* number = std::get_if<double>(&data_)) return *number;
    if (const auto* number = std::get_if<std::int64_t>(&data_)) return static_cast<double>(*number);
    const auto* number = std::get_if<std::uint64_t>(&data_);
    return number ? static_cast<double>(*number) : 0;
}

bool Value::truth() const {
    const auto* flag = std::get_if<bool>(&data_);
    return flag && *flag;
}

const Value::Array& Value::items() const {
    static const Array none;
    const auto* array = std::get_if<Array>(&data_);
    return array ? *array : none;
}

const Value::Object& Value::members() const {
    static const Object none;
    const auto* object = std::get_if<Object>(&data_);
    return object ? *object : none;
}

const Value* Value::find(std::string_view key) const {
    const auto& all = members();
    const auto found = std::ranges::find(all, key, &Member::first);
    return found == all.end() ? nullptr : &found->second;
}

Value& Value::set(std::string key, Value value) {
    if (is_null()) data_.emplace<Object>().reserve(usual_members);
    auto* object = std::get_if<Object>(&data_);
    assert(object && "set() needs an object");
    const auto found = std::ranges::find(*object, key, &Member::first);
    if (found != object->end())
        found->second = std::move(value);
    else
        object->emplace_back(std::move(key), std::move(value));
    return *this;
}

Value& Value::push(Value value) {
    if (is_null()) data_ = Array{};
    auto* array = std::get_if<Array>(&data_);
    assert(array && "push() needs an array");
    array->push_back(std::move(value));
    return *this;
}

}  // namespace oob
