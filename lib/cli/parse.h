#pragma once

#include "cli/order.h"

#include <expected>
#include <string>
#include <vector>

namespace oob::cli {

/// The text to print and the exit status when there is nothing to do: --help, --version, or a usage
/// error (text for standard error, status 2).
struct Finished {
    std::string text;
    int status = 0;
};

/// Reads argv. The tool outlives what comes out.
std::expected<Parsed, Finished> parse(const Tool& tool, int argc, const char* const* argv);

/// The words that completion scripts and their tests ask for: verbs and options of a tool.
std::vector<std::string> words_of(const Tool& tool);

}  // namespace oob::cli
