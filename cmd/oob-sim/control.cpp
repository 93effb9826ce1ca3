#include "control.h"

#include "core/error.h"
#include "core/json.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <iostream>
#include <string_view>
#include <utility>

namespace oob::sim {

namespace {

constexpr timeval patience{30, 0};
/// A host reads a whole disk in one request.
constexpr timeval patience_for_disks{1800, 0};
constexpr std::size_t most_line_bytes = 16 * 1024 * 1024;

[[noreturn]] void fail_to_reach(const std::string& path) {
    const char* reason = std::strerror(errno);
    fail(Class::connect, "connect.control", "cannot talk to the fleet at " + path + ": " + reason,
         "is oob-sim running? its ready record names the socket; choose it with --control");
}

/// A blocking connection to the fleet: lines out, lines in.
class Conversation {
 public:
    explicit Conversation(std::string path)
        : path_(std::move(path)), socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        if (path_.size() >= sizeof address.sun_path)
            fail(Class::usage, "usage.path", "the path of the control socket is too long",
                 "at most 107 bytes");
        path_.copy(address.sun_path, path_.size());
        ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
        const auto* generic = reinterpret_cast<const sockaddr*>(&address);
        if (::connect(socket_, generic, sizeof address) != 0) {
            const int reason = errno;
            ::close(socket_);
            errno = reason;
            fail_to_reach(path_);
        }
    }
    ~Conversation() { ::close(socket_); }
    Conversation(const Conversation&) = delete;
    Conversation& operator=(const Conversation&) = delete;

    void wait_longer() {
        ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience_for_disks,
                     sizeof patience_for_disks);
    }

    void send(std::string_view line) {
        while (!line.empty()) {
            const ssize_t sent = ::send(socket_, line.data(), line.size(), MSG_NOSIGNAL);
            if (sent <= 0) fail_to_reach(path_);
            line.remove_prefix(static_cast<std::size_t>(sent));
        }
    }

    std::string receive() {
        std::array<char, 4096> chunk;
        std::size_t end = pending_.find('\n');
        while (end == std::string::npos) {
            errno = ECONNRESET;  // what an early end means; recv says better when it fails
            const ssize_t count = ::recv(socket_, chunk.data(), chunk.size(), 0);
            if (count <= 0 || pending_.size() > most_line_bytes) fail_to_reach(path_);
            const std::size_t before = pending_.size();
            pending_.append(chunk.data(), static_cast<std::size_t>(count));
            end = pending_.find('\n', before);
        }
        std::string line = pending_.substr(0, end);
        pending_.erase(0, end + 1);
        return line;
    }

 private:
    std::string path_;
    int socket_;
    std::string pending_;
};

std::string text_of(const Value& object, std::string_view key) {
    const Value* found = object.find(key);
    return found == nullptr ? std::string() : std::string(found->text());
}

Class class_of(std::string_view word) {
    for (int i = 0; i <= static_cast<int>(Class::internal); ++i)
        if (name(static_cast<Class>(i)) == word) return static_cast<Class>(i);
    return Class::internal;
}

void check(const Value& end) {
    const Value* ok = end.find("ok");
    if (ok != nullptr && ok->truth()) return;
    const Value* error = end.find("error");
    const Value none;
    const Value& said = error == nullptr ? none : *error;
    fail(class_of(text_of(said, "class")), text_of(said, "code"), text_of(said, "message"),
         text_of(said, "hint"));
}

}  // namespace

void control_fleet(const std::string& path, const std::vector<Value>& requests) {
    Conversation fleet(path);
    for (const Value& request : requests) {
        if (text_of(request, "verb") == "disk") fleet.wait_longer();
        fleet.send(to_json(request) + "\n");
        for (;;) {
            const std::string line = fleet.receive();
            const Value record = take(parse_json(line));
            if (text_of(record, "type") == "end") {
                check(record);
                break;
            }
            std::cout << line << '\n';
        }
    }
    std::cout.flush();
}

Value::Member parse_assignment(const std::string& text) {
    const std::size_t sign = text.find('=');
    if (sign == std::string::npos || sign == 0)
        fail(Class::usage, "usage.assignment", "this is no KEY=VALUE: " + text,
             "for instance power=off");
    const std::string value = text.substr(sign + 1);
    const auto parsed = parse_json(value);
    return {text.substr(0, sign), parsed ? *parsed : Value(value)};
}

}  // namespace oob::sim
