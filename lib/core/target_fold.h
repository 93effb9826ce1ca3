#pragma once

#include "core/target.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace oob {

/// The shortest way to write a target of a record: "pc1" for "amt://pc1:16993". Text that is no
/// target is left as it is.
std::string short_target(std::string_view text);

/// Targets in as few words as ranges make of them: `pc[01-40,50]` for 41 names, their zeros kept.
/// TargetRange makes of the words what was folded, each once. They stand in their natural order.
/// A word that would be longer than `longest` is cut into several where it can be, and none stands
/// for more than `most` targets.
std::vector<std::string> fold_targets(std::vector<std::string> texts,
                                      std::size_t longest = std::string::npos,
                                      std::uint64_t most = TargetRange::largest);

}  // namespace oob
