#pragma once

#include "core/error.h"

#include <filesystem>
#include <string_view>

/// Where the user's own files are (XDG Base Directory Specification). A variable that holds no
/// absolute path counts as not set: nothing of the user's ever lies in the current directory.
namespace oob {

/// $HOME, else what the system's list of users says. Error: class `config`, code `config.home`,
/// when neither names a folder.
Result<std::filesystem::path> home_folder();
/// A path as people write it in files and in references, where no shell reads it: "~" and "~/"
/// stand for the home folder. Errors: those of home_folder().
Result<std::filesystem::path> path_of(std::string_view text);
/// $XDG_CONFIG_HOME/oob, else ~/.config/oob. Errors: those of home_folder().
Result<std::filesystem::path> configuration_folder();
/// $XDG_STATE_HOME/oob, else ~/.local/state/oob. Errors: those of home_folder().
Result<std::filesystem::path> state_folder();
/// $XDG_RUNTIME_DIR/oob, else "run" in the state folder. Errors: those of home_folder().
Result<std::filesystem::path> runtime_folder();

}  // namespace oob
