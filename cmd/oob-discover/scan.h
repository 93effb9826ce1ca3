#pragma once

#include "cli/options.h"

#include <optional>
#include <string>
#include <vector>

namespace oob::discover {

/// What `scan` has beside the options of every tool, still as text.
struct ScanWords {
    std::optional<std::string> rate;
    std::optional<std::string> copies;
    std::optional<std::string> rmcp_port;
    std::vector<std::string> probes;
    std::vector<std::string> exclude_files;
    bool expect = false;
};

/// Asks all addresses and prints a record for each that answers. Returns the exit status. Throws
/// Failure.
int scan(const cli::Tool& tool, const cli::Parsed& parsed, const ScanWords& words);

}  // namespace oob::discover
