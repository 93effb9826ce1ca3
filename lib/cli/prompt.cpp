#include "cli/prompt.h"

#include "core/descriptor.h"
#include "report/person.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <utility>

namespace oob::cli {

namespace {

constexpr std::size_t longest = 4096;

/// Turns the terminal's echo off for as long as it lives.
class Silence {
 public:
    explicit Silence(int terminal) : terminal_(terminal) {
        if (::tcgetattr(terminal_, &before_) != 0) return;
        termios quiet = before_;
        quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        quiet.c_lflag |= ECHONL;
        changed_ = ::tcsetattr(terminal_, TCSAFLUSH, &quiet) == 0;
    }
    Silence(const Silence&) = delete;
    Silence& operator=(const Silence&) = delete;
    ~Silence() {
        if (changed_) ::tcsetattr(terminal_, TCSAFLUSH, &before_);
    }

 private:
    int terminal_;
    termios before_{};
    bool changed_ = false;
};

volatile std::sig_atomic_t signal_heard = 0;

void hear_signal(int number) { signal_heard = number; }

/// Lets a signal end the question, for as long as it lives, and hands it on afterwards to whoever
/// had it before: the process must not end with the terminal's echo off.
class Attention {
 public:
    Attention() {
        signal_heard = 0;
        for (auto& [number, before] : before_) {
            struct sigaction hear{};
            hear.sa_handler = hear_signal;  // no SA_RESTART: the read ends
            ::sigaction(number, nullptr, &before);
            if (before.sa_handler != SIG_IGN) ::sigaction(number, &hear, nullptr);
        }
    }
    Attention(const Attention&) = delete;
    Attention& operator=(const Attention&) = delete;
    ~Attention() {
        for (const auto& [number, before] : before_) ::sigaction(number, &before, nullptr);
        if (heard()) ::raise(static_cast<int>(signal_heard));
    }

    bool heard() const { return signal_heard != 0; }

 private:
    std::array<std::pair<int, struct sigaction>, 3> before_{
        {{SIGINT, {}}, {SIGTERM, {}}, {SIGHUP, {}}}};
};

}  // namespace

std::optional<Secret> ask_on_terminal(const std::string& prompt, bool echo) {
    const Descriptor terminal(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY));
    if (!terminal) return std::nullopt;
    const Attention attention;
    std::optional<Silence> silence;  // gone before a signal is handed on
    if (!echo) silence.emplace(terminal.get());
    report::ask(terminal.get(), prompt);
    std::string line;
    line.reserve(longest);  // it never moves, so no copy is left behind
    for (;;) {
        char c = 0;
        const ssize_t count = ::read(terminal.get(), &c, 1);
        if (count < 0 && errno == EINTR && !attention.heard()) continue;
        if (count != 1 || line.size() == longest) {
            cleanse(line);
            return std::nullopt;
        }
        if (c == '\n') return Secret(std::move(line));
        line.push_back(c);
    }
}

}  // namespace oob::cli
