#include "sim/console.h"

#include "core/text.h"

#include <algorithm>

namespace oob::sim {

namespace {

constexpr std::size_t longest_line = 256;
constexpr std::uint64_t most_flood = std::uint64_t{1} << 40;
constexpr std::size_t flood_line = 16;

/// Lines of code page 437 and of VT100, as a firmware set-up draws them.
constexpr std::string_view boot_text =
    "\x1b[2J\x1b[H\xc9\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xbb\r\n"
    "\xba Virtual BIOS\xba\r\n"
    "\xc8\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xbc\r\n"
    "Memory test: 8192 MiB good\r\nStarting the operating system\r\n\r\n";

constexpr std::string_view kernel_name = "Linux\r\n";
constexpr std::string_view kernel_release = "6.12.38+deb13-amd64\r\n";
constexpr std::string_view help = "help, echo WORDS, uname, flood BYTES, raw BYTES, exit\r\n";

/// Byte `at` of a flood.
char flood_byte(std::uint64_t at) {
    const std::size_t column = at % flood_line;
    if (column == flood_line - 1) return '\n';
    std::uint64_t number = at / flood_line;
    for (std::size_t i = flood_line - 2; i > column; --i) number /= 10;
    return static_cast<char>('0' + number % 10);
}

}  // namespace

void Console::print(std::string_view text) {
    output_ += text;
    if (output_.size() <= most_output) return;
    output_.erase(0, output_.size() - most_output);
    overflow_ = true;
}

void Console::prompt() {
    if (mode_ == Mode::login) print(join({host_name_, " login: "}));
    if (mode_ == Mode::password) print("Password: ");
    if (mode_ == Mode::shell) print(join({user_, "@", host_name_, ":~$ "}));
}

void Console::attach() {
    stop();
    mode_ = Mode::attached;
}

void Console::start() {
    if (mode_ == Mode::attached) return;  // it starts as it likes
    stop();
    mode_ = Mode::login;
    print(boot_text);
    prompt();
}

void Console::stop() {
    mode_ = Mode::off;
    line_.clear();
    output_.clear();
    typed_.clear();
    flood_ = raw_ = 0;
}

void Console::type(View bytes) {
    if (mode_ == Mode::attached) {
        const std::size_t room = most_typed - std::min(most_typed, typed_.size());
        const View taken = bytes.first(std::min(room, bytes.size()));
        typed_.insert(typed_.end(), taken.begin(), taken.end());
        return;
    }
    for (const std::byte byte : bytes) type(static_cast<char>(byte));
}

void Console::type(char c) {
    constexpr char backspace = 8;
    constexpr char rubout = 127;
    constexpr char interrupt = 3;
    const char before = std::exchange(before_, c);
    if (mode_ == Mode::off) return;
    if (raw_ > 0) {
        --raw_;
        print({&c, 1});
        if (raw_ == 0) prompt();
        return;
    }
    if (c == interrupt) {
        flood_ = 0;
        line_.clear();
        print("^C\r\n");
        prompt();
    } else if (c == '\r' || c == '\n') {
        if (c == '\n' && before == '\r') return;  // one key, sent as two bytes
        enter();
    } else if (c == backspace || c == rubout) {
        if (line_.empty()) return;
        line_.pop_back();
        print("\b \b");
    } else if (line_.size() < longest_line) {
        line_ += c;
        if (mode_ != Mode::password) print({&c, 1});
    }
}

void Console::enter() {
    print("\r\n");
    const std::string line = std::exchange(line_, {});
    switch (mode_) {
        case Mode::off:
        case Mode::attached:
            return;
        case Mode::login:
            if (!line.empty()) {
                user_ = line;
                mode_ = Mode::password;
            }
            break;
        case Mode::password:
            print(join({"Welcome, ", user_, "\r\n"}));
            mode_ = Mode::shell;
            break;
        case Mode::shell:
            run(line);
            break;
    }
    if (flood_ == 0 && raw_ == 0) prompt();
}

void Console::run(std::string_view line) {
    const auto space = line.find(' ');
    const std::string_view command = line.substr(0, space);
    const std::string_view rest =
        space == std::string_view::npos ? std::string_view() : line.substr(space + 1);
    const auto count = parse_unsigned(trim(rest));
    if (command.empty()) return;
    if (command == "help") {
        print(help);
    } else if (command == "echo") {
        print(join({rest, "\r\n"}));
    } else if (command == "uname") {
        print(trim(rest) == "-r" ? kernel_release : kernel_name);
    } else if (command == "exit") {
        mode_ = Mode::login;
    } else if (command == "flood" && count && *count <= most_flood) {
        flood_ = *count;
        flooded_ = 0;
    } else if (command == "raw" && count && *count <= most_flood) {
        raw_ = *count;
    } else {
        print(join({command, ": not found, or not so\r\n"}));
    }
}

Bytes Console::take(std::size_t most) {
    std::string out = output_.substr(0, most);
    output_.erase(0, out.size());
    if (output_.empty() && flood_ > 0) {
        const std::uint64_t count = std::min<std::uint64_t>(flood_, most - out.size());
        for (std::uint64_t i = 0; i < count; ++i) out += flood_byte(flooded_++);
        flood_ -= count;
        if (flood_ == 0) prompt();
    }
    const View bytes = as_view(out);
    return {bytes.begin(), bytes.end()};
}

bool Console::take_overflow() { return std::exchange(overflow_, false); }

}  // namespace oob::sim
