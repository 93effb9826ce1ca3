#pragma once

#include "cli/order.h"

#include <filesystem>
#include <string>

namespace oob::cli {

/// known_devices in the state folder (core/user_folders.h, contract, section 5). Errors: those of
/// state_folder().
Result<std::filesystem::path> known_devices_file();

/// A message about the whole run, for people.
void say(const Tool& tool, const std::string& text);

/// The whole life of a program: argv, the order behind it, targets, credentials, the loop with its
/// signals, records, exit status.
int run(const Tool& tool, int argc, const char* const* argv);

}  // namespace oob::cli
