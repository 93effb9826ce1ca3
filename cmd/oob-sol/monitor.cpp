#include "monitor.h"

#include "core/text.h"
#include "core/unicode.h"
#include "net/deadline.h"
#include "report/person.h"
#include "report/sink.h"
#include "terminal/text.h"

#include <string>
#include <utility>

namespace oob::sol {

namespace {

/// A line that does not end is cut here.
constexpr std::size_t longest_line = 4096;
constexpr std::size_t longest_character = 4;  // bytes
constexpr std::size_t tab_width = 8;

/// One host's lines.
class Lines {
 public:
    explicit Lines(std::string name) : name_(std::move(name)) {}

    void add(View bytes) {
        std::string out;
        for (const char c : plain_.feed(as_text(bytes))) {
            if (c == '\n') {
                end(out, std::exchange(line_, {}));
            } else if (c == '\t') {
                line_.append(tab_width - line_.size() % tab_width, ' ');
            } else if (c != '\r') {
                line_ += c;
            }
            if (line_.size() > longest_line + longest_character) cut(out);
        }
        report::write_to_stdout(out);
    }
    void flush() {
        std::string out;
        if (!line_.empty()) end(out, std::exchange(line_, {}));
        report::write_to_stdout(out);
    }

 private:
    void cut(std::string& out) {
        const std::string begin(first_bytes(line_, longest_line));
        line_.erase(0, begin.size());
        end(out, begin);
    }
    /// Lines of several hosts are mixed, for persons: the host's own control has no place in them.
    void end(std::string& out, const std::string& line) const {
        out += join({harmless(name_), ": ", harmless(line), "\n"});
    }

    std::string name_;
    std::string line_;
    terminal::PlainText plain_;
};

}  // namespace

net::Task<void> monitor(plane::Device& device, plane::ConsoleWish wish, fleet::Attempt& attempt) {
    if (attempt.dry_run)
        co_return co_await plan_console(device, wish, "print what the console says", attempt);
    Lines lines(attempt.target.name);
    Follower follower(console_of(device), attempt, wish);
    const auto done = co_await net::attempt(
        follower.run([&](View bytes) { lines.add(bytes); },
                     [&](const std::string& text) {
                         lines.flush();
                         report::tell(join({attempt.target.name, ": ", text}));
                     }));
    lines.flush();
    attempt.data.set("heard_bytes", follower.followed().heard_bytes);
    take(done);
}

}  // namespace oob::sol
