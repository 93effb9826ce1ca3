#include "screen.h"

#include "core/text.h"
#include "report/sink.h"

#include <unistd.h>

#include <cstdlib>
#include <string_view>

namespace oob::sol {

Screen::Screen(const Connecting& order, const std::string& name) : order_(order) {
    if (order.record) cast_.emplace(*order.record, name);
    if (!order.log) return;
    logging_.file = *order.log;
    log_.emplace(log_path(logging_.file, name), logging_);
    logging_on_ = true;
}

void Screen::show(View bytes) {
    if (log_ && logging_on_) log_->add(bytes);
    const bool code_page = order_.map == terminal::Map::vt100 || order_.map == terminal::Map::ansi;
    std::string text(as_text(bytes));
    if (code_page) text = terminal::from_code_page_437(text);
    report::write_exactly_to_stdout(text);
    if (!cast_) return;
    const std::string whole = whole_.feed(text);
    if (!whole.empty()) cast_->show(whole);
}

std::optional<bool> Screen::toggle_log() {
    if (!log_) return std::nullopt;
    logging_on_ = !logging_on_;
    log_->mark(logging_on_ ? "logging goes on" : "logging was switched off");
    return logging_on_;
}

WindowTitle::WindowTitle(const std::string& title) {
    const char* terminal = std::getenv("TERM");
    const std::string_view kind = terminal ? terminal : "";
    if (::isatty(STDOUT_FILENO) == 0 || kind.empty() || kind == "dumb" || kind == "linux") return;
    // The title before goes onto the terminal's stack.
    report::write_exactly_to_stdout(join({"\x1b[22;2t\x1b]2;", harmless(title), "\a"}));
    set_ = true;
}

WindowTitle::~WindowTitle() {
    if (set_) report::write_exactly_to_stdout("\x1b[23;2t");
}

}  // namespace oob::sol
