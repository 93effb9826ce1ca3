#pragma once

#include "core/error.h"
#include "fleet/runner.h"
#include "net/dialer.h"
#include "report/sink.h"

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace oob::cli {

/// The options that have the same letters in every tool (contract, section 1).
struct Options {
    std::optional<std::string> user;
    std::optional<std::string> credential;
    std::vector<std::filesystem::path> inventories;
    std::vector<std::string> exclude;
    std::optional<report::Format> output;
    bool quiet = false;
    int verbose = 0;
    std::optional<std::filesystem::path> trace;
    std::string progress = "auto";
    bool dry_run = false;
    bool yes = false;
    std::optional<std::size_t> confirm;
    bool no_input = false;
    bool include_failed = false;
    fleet::Limits limits;
    std::optional<std::filesystem::path> journal;
    std::optional<std::filesystem::path> resume;
    net::DialOptions dial;
    std::optional<std::filesystem::path> tls_ca;
    std::optional<std::string> tls_pin;
    std::optional<std::filesystem::path> tls_cert;
    std::optional<std::filesystem::path> tls_key;
    std::optional<std::string> tls_key_password;  ///< a credential reference
    bool tls_tofu = false;
    bool tls_compat = false;
    bool insecure = false;
    std::optional<std::string> via;
    bool summary = false;
};

/// An option of one tool or verb. Exactly one of the three places is set.
struct ToolOption {
    std::string name;  ///< "--selector"
    std::string help;
    std::string value;  ///< what the help calls the value, "K=V"; empty for a flag
    bool* flag = nullptr;
    std::optional<std::string>* text = nullptr;
    std::vector<std::string>* list = nullptr;  ///< may be given several times
};

/// The three kinds; the place outlives the parsing.
ToolOption flag_option(const char* name, bool& place, const char* help);
ToolOption text_option(const char* name, const char* value, std::optional<std::string>& place,
                       const char* help);
ToolOption list_option(const char* name, const char* value, std::vector<std::string>& place,
                       const char* help);

/// One verb of a tool.
struct Verb {
    std::string name;
    fleet::Effect effect = fleet::Effect::reads;
    std::string summary;                 ///< one line of help, lower case, no full stop
    std::vector<std::string> arguments;  ///< names of the words before the targets: "CLASS"
    bool pairs = false;                  ///< takes k=v words too
    bool login = true;                   ///< needs the account's password
    bool lasting = false;                ///< has no time limit, and a signal ends it at once
    bool orderly = false;  ///< has no time limit; the first signal asks its devices to end
    std::vector<ToolOption> options;
    std::string action;  ///< the record's "action"; empty: TOOL.VERB without "oob-"
};

/// A program: what its help says.
struct Tool {
    std::string name;  ///< "oob-power"
    std::string summary;
    std::string examples;   ///< whole lines, shown by --help
    std::string protocols;  ///< shown by --version
    std::vector<Verb> verbs;
};

/// What the command line said.
struct Parsed {
    const Verb* verb = nullptr;
    Options options;
    std::vector<std::string> arguments;                      ///< as many as the verb names
    std::vector<std::pair<std::string, std::string>> pairs;  ///< k=v words in their order
    std::vector<std::string> targets;                        ///< words as written, "-" included
};

/// Reads argv. Returns the text to print and the exit status instead when there is nothing to do:
/// --help, --version, or a usage error (text for standard error, status 2).
struct Finished {
    std::string text;
    int status = 0;
};
std::expected<Parsed, Finished> parse(const Tool& tool, int argc, const char* const* argv);

/// The words that say what the verb shall do, values of its own options included, targets left out:
/// what a run has to have in common with the one that it resumes.
std::vector<std::string> words_of_work(const Parsed& parsed);

/// The words that completion scripts and their tests ask for: verbs and options of a tool.
std::vector<std::string> words_of(const Tool& tool);

}  // namespace oob::cli
