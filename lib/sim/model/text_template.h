#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace oob::sim {

using Texts = std::vector<std::string>;
/// What a placeholder stands for on one device: no text, one, or several for an array.
using Resolver = std::function<Texts(std::string_view name)>;

/// True for "{name}" with nothing around it.
bool is_placeholder(std::string_view text);
/// True when the name has a dot: the value is worked out each time and cannot be overwritten.
bool is_live(std::string_view text);
/// The text with every {name} replaced by its first value.
std::string fill(std::string_view text, const Resolver& resolve);

}  // namespace oob::sim
