#pragma once

#include "core/error.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace oob::sol {

/// A regular expression as Perl writes it.
class Pattern {
 public:
    /// Error: class `usage`, code `usage.expect`.
    static Result<Pattern> parse(std::string_view text);
    Pattern(Pattern&&) noexcept;
    Pattern& operator=(Pattern&&) noexcept;
    ~Pattern();

    struct Match {
        std::size_t end = 0;              ///< the text up to there is done with
        std::vector<std::string> groups;  ///< the whole match first
    };
    /// The first match; nothing as well when the pattern takes too long for this text.
    std::optional<Match> find(const std::string& text) const;
    const std::string& text() const { return text_; }

 private:
    struct Compiled;
    Pattern(std::string text, std::unique_ptr<Compiled> compiled);
    std::string text_;
    std::unique_ptr<Compiled> compiled_;
};

/// One step of a script.
struct Step {
    enum class Kind { timeout, send, send_variable, key, expect, branch, jump, pause, pass, fail };
    /// Where to go on when something is seen.
    struct Way {
        std::optional<Pattern> pattern;  ///< none: when the time is over
        std::size_t target = 0;          ///< index of a step
    };
    Kind kind = Kind::pass;
    std::size_t line = 0;
    std::string text{};  ///< to send, the variable's name, the keys' names, the message
    std::chrono::milliseconds duration{0};
    std::optional<Pattern> pattern{};
    std::string name{};       ///< what a match is called in the record
    std::vector<Way> ways{};  ///< of a branch
    std::size_t target = 0;   ///< of a jump
};

/// Reads a script; the language is told in oob-sol(1). Error: class `usage`, code `usage.expect`,
/// with the line.
Result<std::vector<Step>> parse_script(std::string_view text);

}  // namespace oob::sol
