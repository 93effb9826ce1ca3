#pragma once

#include "cli/order.h"

#include <filesystem>
#include <string>

namespace oob::cli {

/// $XDG_STATE_HOME/oob/known_devices, else below the home folder (contract, section 5).
std::filesystem::path known_devices_file();

/// A message about the whole run, for people.
void say(const Tool& tool, const std::string& text);

/// The whole life of a program: argv, the order behind it, targets, credentials, the loop with its
/// signals, records, exit status.
int run(const Tool& tool, int argc, const char* const* argv);

}  // namespace oob::cli
