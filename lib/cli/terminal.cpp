#include "cli/terminal.h"

#include <termios.h>
#include <unistd.h>

#include <atomic>
#include <csignal>

namespace oob::cli {

namespace {

// A signal handler gets no arguments of ours, so these have to be where it can reach them.
termios before;
std::atomic<bool> raw = false;

/// What ends the process where it stands; the loop hears of the others.
constexpr int deadly[] = {SIGQUIT, SIGPIPE, SIGUSR1, SIGUSR2, SIGALRM,
                          SIGSEGV, SIGBUS,  SIGFPE,  SIGILL,  SIGABRT};

void restore_and_die(int signal) {
    RawTerminal::restore();
    std::signal(signal, SIG_DFL);
    ::raise(signal);
}

}  // namespace

void RawTerminal::restore() {
    if (raw.exchange(false)) ::tcsetattr(STDIN_FILENO, TCSANOW, &before);
}

RawTerminal::RawTerminal() {
    if (::isatty(STDIN_FILENO) == 0 || ::tcgetattr(STDIN_FILENO, &before) != 0) return;
    termios wanted = before;
    ::cfmakeraw(&wanted);
    raw = true;
    for (const int signal : deadly) std::signal(signal, restore_and_die);
    active_ = ::tcsetattr(STDIN_FILENO, TCSANOW, &wanted) == 0;
}

RawTerminal::~RawTerminal() {
    if (!active_) return;
    restore();
    for (const int signal : deadly) std::signal(signal, SIG_DFL);
}

}  // namespace oob::cli
