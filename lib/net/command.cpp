#include "net/command.h"

#include "core/text.h"
#include "net/deadline.h"
#include "net/limits.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <exception>
#include <utility>

namespace oob::net {

namespace asio = boost::asio;
using Descriptor = asio::posix::stream_descriptor;
using std::chrono::milliseconds;

namespace {

/// How often the loop looks whether the shell has ended: at first at once, since it mostly has when
/// its output has. A descriptor that tells (pidfd) is not to be had in every container.
constexpr milliseconds first_pause{1};
constexpr milliseconds longest_pause{20};
/// For a command to end by itself after SIGTERM, and for the system to end it after SIGKILL.
constexpr milliseconds grace{500};

boost::system::error_code system_error(int error_number) {
    return {error_number, boost::system::system_category()};
}

[[noreturn]] void fail_to_start(const CommandOptions& options, int error_number) {
    fail_if_short(system_error(error_number));
    fail(Class::config, options.code,
         join({options.called, " cannot be started: ", std::strerror(error_number)}),
         "is there a /bin/sh, and room for another process (ulimit -u)?");
}

/// Whether this process has a terminal and is in front there: only then may the command ask.
bool in_front_on_terminal() {
    const int terminal = ::open("/dev/tty", O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (terminal < 0) return false;
    const bool in_front = ::tcgetpgrp(terminal) == ::getpgrp();
    ::close(terminal);
    return in_front;
}

/// A process that was started and has not been waited for.
class Child {
 public:
    Child(pid_t process, bool has_group) : process_(process), has_group_(has_group) {}
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    /// Only a loop that ends with the process leaves one behind; init waits for it then.
    ~Child() {
        signal(SIGKILL);
        reap();
    }

    /// Until it is waited for, its number cannot be another process's.
    void signal(int number) const {
        if (process_ > 0) ::kill(has_group_ ? -process_ : process_, number);
    }

    bool ended() const {
        if (process_ < 0) return true;
        siginfo_t info{};
        return ::waitid(P_PID, static_cast<id_t>(process_), &info, WEXITED | WNOHANG | WNOWAIT) ==
                   0 &&
               info.si_pid == process_;
    }

    /// Its status as waitpid has it; what still runs stays as it is.
    int reap() {
        int status = 0;
        if (process_ > 0 && ::waitpid(process_, &status, WNOHANG) == process_) process_ = -1;
        return status;
    }

 private:
    pid_t process_;
    const bool has_group_;
};

/// Our copy of the end of the pipe that is the command's.
struct WriteEnd {
    int descriptor;

    explicit WriteEnd(int number) : descriptor(number) {}
    WriteEnd(const WriteEnd&) = delete;
    WriteEnd& operator=(const WriteEnd&) = delete;
    ~WriteEnd() { close(); }
    void close() {
        if (descriptor >= 0) ::close(std::exchange(descriptor, -1));
    }
};

/// The attributes and file actions of a process to be started.
class Plan {
 public:
    Plan(int output, bool shares_terminal) {
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawnattr_init(&attributes);
        if (!shares_terminal || ::isatty(STDIN_FILENO) == 0)
            ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        ::posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
        sigset_t signals;
        sigemptyset(&signals);
        ::posix_spawnattr_setsigmask(&attributes, &signals);
        sigfillset(&signals);
        ::posix_spawnattr_setsigdefault(&attributes, &signals);
        ::posix_spawnattr_setpgroup(&attributes, 0);  // a group of its own
        const int group = shares_terminal ? 0 : POSIX_SPAWN_SETPGROUP;
        ::posix_spawnattr_setflags(&attributes, static_cast<short>(POSIX_SPAWN_SETSIGMASK |
                                                                   POSIX_SPAWN_SETSIGDEF | group));
    }
    ~Plan() {
        ::posix_spawnattr_destroy(&attributes);
        ::posix_spawn_file_actions_destroy(&actions);
    }
    Plan(const Plan&) = delete;
    Plan& operator=(const Plan&) = delete;

    posix_spawn_file_actions_t actions{};
    posix_spawnattr_t attributes{};
};

/// What the command has written so far; wiped when it goes.
class Output {
 public:
    Output(asio::any_io_executor executor, int pipe, const CommandOptions& options)
        : pipe_(executor, pipe), options_(options) {
        pipe_.non_blocking(true);
        text_.resize(options.most_bytes + 1);  // it never moves, so no copy is left behind
    }
    Output(const Output&) = delete;
    Output& operator=(const Output&) = delete;
    ~Output() { cleanse(text_); }

    /// Takes what is there; true when there was something, or the end.
    bool read() {
        bool progress = false;
        while (pipe_.is_open()) {
            const ssize_t count =
                ::read(pipe_.native_handle(), text_.data() + size_, text_.size() - size_);
            if (count < 0 && errno == EINTR) continue;
            if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) break;
            progress = true;
            if (count <= 0) {
                pipe_.close();
                break;
            }
            size_ += static_cast<std::size_t>(count);
            if (size_ > options_.most_bytes)
                fail(Class::config, options_.code,
                     join({options_.called, " writes more than ",
                           std::to_string(options_.most_bytes), " bytes"}),
                     "its first line is what is wanted");
        }
        return progress;
    }

    /// Until there is more to read, or the pause is over.
    Task<void> wait(milliseconds pause) {
        if (!pipe_.is_open()) {
            co_await sleep_for(pause);
            co_return;
        }
        asio::steady_timer timer(pipe_.get_executor(), pause);
        auto either = asio::experimental::make_parallel_group(
            pipe_.async_wait(Descriptor::wait_read, asio::deferred),
            timer.async_wait(asio::deferred));
        co_await either.async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
    }

    Secret take() {
        text_.resize(size_);
        return Secret(std::move(text_));
    }

 private:
    Descriptor pipe_;
    const CommandOptions& options_;
    std::string text_;
    std::size_t size_ = 0;
};

pid_t start(const std::string& command, int output, bool shares_terminal,
            const CommandOptions& options) {
    const Plan plan(output, shares_terminal);
    std::array<std::string, 4> words{"sh", "-c", "--", command};
    std::array<char*, words.size() + 1> arguments{};
    std::ranges::transform(words, arguments.begin(), [](std::string& word) { return word.data(); });
    pid_t process = -1;
    const int error = ::posix_spawn(&process, "/bin/sh", &plan.actions, &plan.attributes,
                                    arguments.data(), environ);
    if (error != 0) fail_to_start(options, error);
    return process;
}

Task<int> collect(Child& child, Output& output) {
    for (milliseconds pause = first_pause;; pause = std::min(2 * pause, longest_pause)) {
        const bool ended = child.ended();  // before the last look at what it wrote
        if (output.read()) pause = first_pause;
        if (ended) co_return child.reap();
        co_await output.wait(pause);
    }
}

Task<void> wait_for_end(const Child& child) {
    for (auto left = grace; !child.ended() && left > milliseconds(0); left -= longest_pause)
        co_await sleep_for(longest_pause);
}

/// Ends a command that is not wanted any more; one that even SIGKILL does not end, because the
/// system or another user holds it, is left to itself.
Task<void> end(Child& child) {
    child.signal(SIGTERM);
    child.signal(SIGCONT);  // a stopped process hears nothing
    co_await wait_for_end(child);
    child.signal(SIGKILL);  // also what is left of its group
    co_await wait_for_end(child);
    child.reap();
}

/// "signal 9 (Killed)"; nothing for a number that is none.
std::string signal_named(int number) {
    if (number < 1 || number >= NSIG) return {};
    return join({"signal ", std::to_string(number), " (", ::strsignal(number), ")"});
}

/// A shell whose own command was ended by a signal says so with 128 and its number.
std::string end_of(int status) {
    constexpr int by_signal = 128;
    if (!WIFEXITED(status)) return " was ended by " + signal_named(WTERMSIG(status));
    const int number = WEXITSTATUS(status);
    const std::string inside = signal_named(number - by_signal);
    return join({" failed with status ", std::to_string(number),
                 inside.empty() ? "" : ": what it ran was ended by ", inside});
}

void check(int status, const CommandOptions& options) {
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return;
    fail(Class::config, options.code, options.called + end_of(status), "run it by hand to see why");
}

Task<Secret> run(std::string command, CommandOptions options) {
    const auto executor = co_await asio::this_coro::executor;
    const bool shares_terminal = options.may_ask && in_front_on_terminal();
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail_to_start(options, errno);
    WriteEnd write_end(ends[1]);
    Output output(executor, ends[0], options);
    Child child(start(command, ends[1], shares_terminal, options), !shares_terminal);
    write_end.close();
    std::exception_ptr caught;
    int status = 0;
    try {
        status = co_await collect(child, output);
    } catch (...) {
        caught = std::current_exception();
    }
    if (!caught) {
        check(status, options);
        co_return output.take();
    }
    // A cancelled task could not wait.
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    co_await end(child);
    try {
        std::rethrow_exception(caught);
    } catch (const boost::system::system_error& error) {
        if (error.code() != asio::error::operation_aborted) throw;
    }
    fail(cut_off("interrupted.command", options.called));
}

}  // namespace

Task<Secret> run_command(std::string command, CommandOptions options) {
    // A task of its own: it goes on for a moment after it was cancelled, and the caller's stays so.
    co_return co_await asio::co_spawn(co_await asio::this_coro::executor,
                                      run(std::move(command), std::move(options)),
                                      asio::use_awaitable);
}

}  // namespace oob::net
