#pragma once

namespace oob::cli {

/// The terminal of standard input in raw mode, for as long as it lives: every key goes to the
/// program. A signal that ends the process, and a crash, restore it too. There is one at a time.
class RawTerminal {
 public:
    /// Does nothing when standard input is no terminal.
    RawTerminal();
    RawTerminal(const RawTerminal&) = delete;
    RawTerminal& operator=(const RawTerminal&) = delete;
    ~RawTerminal();

    bool active() const { return active_; }
    /// Restores the terminal now, if it is raw; safe in a signal handler.
    static void restore();

 private:
    bool active_ = false;
};

}  // namespace oob::cli
