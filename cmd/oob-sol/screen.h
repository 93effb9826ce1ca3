#pragma once

#include "connect.h"
#include "log.h"
#include "terminal/cast.h"
#include "terminal/text.h"

#include <optional>
#include <string>

namespace oob::sol {

/// Where the bytes of a host go: standard output, in the characters of its map, and the files that
/// were asked for.
class Screen {
 public:
    /// Throws Failure: config.cast, config.log. The order outlives it.
    Screen(const Connecting& order, const std::string& name);

    void show(View bytes);
    /// Starts or stops writing to the log; nothing when no file was named.
    std::optional<bool> toggle_log();

 private:
    const Connecting& order_;
    Logging logging_;
    std::optional<LogFile> log_;
    std::optional<terminal::CastWriter> cast_;
    terminal::WholeCharacters whole_;
    bool logging_on_ = false;
};

/// The title of the terminal's window, for as long as it lives; nothing where titles are not
/// understood.
class WindowTitle {
 public:
    explicit WindowTitle(const std::string& title);
    ~WindowTitle();
    WindowTitle(const WindowTitle&) = delete;
    WindowTitle& operator=(const WindowTitle&) = delete;

 private:
    bool set_ = false;
};

}  // namespace oob::sol
