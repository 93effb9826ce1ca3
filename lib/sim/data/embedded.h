#pragma once

#include <span>
#include <string_view>

namespace oob::sim::embedded {

/// One file that the program carries, by the name that profiles use for it.
struct Profile {
    std::string_view name;
    std::string_view text;
};

/// "base" first, then the generations, oldest first.
std::span<const Profile> profiles();
/// The class files, in the order in which they are read.
std::span<const Profile> classes();

}  // namespace oob::sim::embedded
