#include "monitor.h"

#include "core/text.h"
#include "net/deadline.h"
#include "report/sink.h"
#include "terminal/text.h"

#include <cstdio>

namespace oob::sol {

namespace {

/// A line that does not end is cut here.
constexpr std::size_t longest_line = 4096;

/// One host's lines.
class Lines {
 public:
    explicit Lines(std::string name) : name_(std::move(name)) {}

    void add(View bytes) {
        std::string out;
        for (const char c : plain_.feed(as_text(bytes))) {
            if (c == '\r') continue;
            if (c != '\n') line_ += c;
            if (c == '\n' || line_.size() >= longest_line) end(out);
        }
        report::write_to_stdout(out);
    }
    void flush() {
        std::string out;
        if (!line_.empty()) end(out);
        report::write_to_stdout(out);
    }

 private:
    void end(std::string& out) {
        out += join({name_, ": ", line_, "\n"});
        line_.clear();
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
    const auto done = co_await net::attempt(follower.run(
        [&](View bytes) { lines.add(bytes); },
        [&](const std::string& text) {
            lines.flush();
            std::fprintf(stderr, "%s: %s\n", attempt.target.name.c_str(), text.c_str());
        }));
    lines.flush();
    attempt.data.set("heard_bytes", follower.followed().heard_bytes);
    take(done);
}

}  // namespace oob::sol
