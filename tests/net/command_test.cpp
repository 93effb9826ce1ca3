#include "net/command.h"

#include "net/deadline.h"
#include "net/group.h"
#include "support/run.h"
#include "support/temporary_folder.h"

#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include <array>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

using namespace oob;
using namespace std::chrono_literals;
using net::Task;

namespace {

/// Nobody is asked, so that the tests are the same on a terminal.
net::CommandOptions quiet() { return {.called = "the test's command", .may_ask = false}; }

Result<std::string> output_of(std::string command) {
    const auto out = test::run(net::run_command(std::move(command), quiet()));
    if (!out) return std::unexpected(out.error());
    return std::string(out->reveal());
}

/// The output, or the message of the error.
std::string told(std::string command) {
    const auto out = output_of(std::move(command));
    return out ? *out : out.error().message;
}

bool has_children() { return ::waitpid(-1, nullptr, WNOHANG) >= 0; }

/// False for one that is gone and for one that nobody has waited for yet.
bool runs(pid_t process) {
    std::ifstream status("/proc/" + std::to_string(process) + "/stat");
    std::string number;
    std::string name;
    std::string state;
    return (status >> number >> name >> state) && state != "Z" && state != "X";
}

/// The numbers in a file, as soon as there are so many.
Task<std::vector<pid_t>> numbers_in(std::string path, std::size_t count) {
    for (;;) {
        std::ifstream file(path);
        std::vector<pid_t> out;
        for (pid_t number; file >> number;) out.push_back(number);
        if (out.size() == count) co_return out;
        co_await net::sleep_for(1ms);
    }
}

/// What `body` says in a process that is in front on a terminal of its own, on which `typed` was
/// typed beforehand.
std::string on_terminal(std::string_view typed, const std::function<std::string()>& body) {
    std::array<int, 2> ends{};
    REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
    int terminal = -1;
    const pid_t process = ::forkpty(&terminal, nullptr, nullptr, nullptr);
    if (process == 0) {
        const std::string said = body();
        ::_exit(::write(ends[1], said.data(), said.size()) < 0 ? 1 : 0);
    }
    REQUIRE(process > 0);
    ::close(ends[1]);
    CHECK(::write(terminal, typed.data(), typed.size()) == static_cast<ssize_t>(typed.size()));
    std::string out;
    std::array<char, 256> chunk;
    for (ssize_t count; (count = ::read(ends[0], chunk.data(), chunk.size())) > 0;)
        out.append(chunk.data(), static_cast<std::size_t>(count));
    ::close(ends[0]);
    ::close(terminal);
    ::waitpid(process, nullptr, 0);
    return out;
}

}  // namespace

TEST_CASE("a command's output comes back, and its failure in words") {
    struct Row {
        const char* command;
        const char* said;
    };
    for (const Row& row : {
             Row{"printf secret", "secret"},
             Row{"echo one; { echo two >&2; } 2>/dev/null; echo three", "one\nthree\n"},
             Row{"true", ""},
             Row{"sleep 0.05; echo late", "late\n"},
             Row{"echo early; exec >&-; sleep 0.05", "early\n"},
             Row{"cat", ""},  // there is nothing to read
             Row{"echo 'a  b' \"c\"", "a  b c\n"},
             Row{"-x 2>/dev/null", "the test's command failed with status 127"},
             Row{"exit 3", "the test's command failed with status 3"},
             Row{"echo secret; exit 1", "the test's command failed with status 1"},
             Row{"kill -KILL $$", "the test's command was ended by signal 9 (Killed)"},
             Row{"exec 2>/dev/null; sh -c 'kill -KILL $$'; exit $?",
                 "the test's command failed with status 137: what it ran was ended by signal 9 "
                 "(Killed)"},
             Row{"exit 255", "the test's command failed with status 255"},
             Row{"kill -PIPE $$", "the test's command was ended by signal 13 (Broken pipe)"},
             Row{"/no/such/program 2>/dev/null", "the test's command failed with status 127"},
         }) {
        CAPTURE(row.command);
        CHECK(told(row.command) == row.said);
        CHECK_FALSE(has_children());
    }
    const auto failed = output_of("exit 3");
    CHECK(failed.error().kind == Class::config);
    CHECK(failed.error().code == "config.command");
    CHECK(!failed.error().hint.empty());
}

TEST_CASE("output has a limit, and a command that goes on behind it is ended") {
    CHECK(told("head -c 4096 /dev/zero").size() == 4096);
    for (const char* command : {"head -c 4097 /dev/zero", "yes", "yes & yes"}) {
        CAPTURE(command);
        CHECK(told(command) == "the test's command writes more than 4096 bytes");
        CHECK_FALSE(has_children());
    }
    net::CommandOptions options = quiet();
    options.most_bytes = 100'000;
    options.code = "config.credential";
    const auto much = test::run(net::run_command("head -c 100000 /dev/zero", options));
    REQUIRE(much);
    CHECK(much->reveal().size() == 100'000);
    const auto more = test::run(net::run_command("head -c 100001 /dev/zero", options));
    CHECK(more.error().code == "config.credential");
}

TEST_CASE("a command has ended when its shell has, though what it started keeps the output open") {
    const std::string out = told("sleep 1000 & echo $!");
    const auto left = static_cast<pid_t>(std::stol(out));
    CHECK(runs(left));  // an agent, for instance, is meant to stay
    CHECK_FALSE(has_children());
    ::kill(left, SIGKILL);
}

TEST_CASE("a limit ends a command that hangs, and says what was waited for") {
    for (const char* command :
         {"sleep 1000", "trap '' TERM; sleep 1000", "kill -STOP $$", "exec >&-; sleep 1000"}) {
        CAPTURE(command);
        const auto done =
            test::run(net::within(20ms, net::run_command(command, quiet()), "device"));
        REQUIRE(!done);
        CHECK(done.error().kind == Class::config);
        CHECK(done.error().code == "config.timeout");
        CHECK(done.error().message == "waiting for the test's command took longer than 20 ms");
        CHECK_FALSE(has_children());
    }
}

TEST_CASE("a command that is cancelled goes with everything that it has started") {
    const test::TemporaryFolder folder;
    const std::string path = (folder.path() / "processes").string();
    const std::string command = "trap '' TERM; sleep 1000 & echo $! >> '" + path +
                                "'; (trap '' TERM; sleep 1001) & echo $! $$ >> '" + path +
                                "'; wait; wait";
    std::vector<pid_t> processes;
    std::string ended;
    const auto done = test::run([&]() -> Task<void> {
        net::Group group;
        co_await group.spawn([](std::string text, std::string& into) -> Task<void> {
            const auto out = co_await net::attempt(net::run_command(std::move(text), quiet()));
            into = out ? "ended well" : out.error().code;
        }(command, ended));
        processes = co_await numbers_in(path, 3);
        group.cancel();
        co_await group.join();
    }());
    CHECK(done.has_value());
    CHECK(ended == "interrupted.command");
    CHECK_FALSE(has_children());
    for (const pid_t process : processes)
        while (runs(process)) std::this_thread::sleep_for(1ms);
}

TEST_CASE("a task that is cancelled in a command does nothing after it") {
    bool went_on = false;
    const auto done = test::run([&]() -> Task<std::string> {
        const auto work = [&]() -> Task<void> {
            (void)co_await net::attempt(net::run_command("sleep 1000", quiet()));
            co_await net::sleep_for(0ms);
            went_on = true;
        };
        const auto out = co_await net::attempt(net::within(20ms, work(), "test"));
        co_return out ? "ended well" : out.error().code;
    }());
    CHECK(done == "timeout.test");
    CHECK_FALSE(went_on);
}

TEST_CASE("a command starts with the usual signals, whatever this process blocks and ignores") {
    sigset_t blocked;
    sigset_t before;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    ::pthread_sigmask(SIG_BLOCK, &blocked, &before);
    const auto pipe = ::signal(SIGPIPE, SIG_IGN);
    const std::string out = told("sed -En 's/^Sig(Blk|Ign):.//p' /proc/self/status");
    ::signal(SIGPIPE, pipe);
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    // The C library keeps two numbers above the usual ones to itself.
    constexpr unsigned long long usual = 0x7fffffff;
    std::istringstream words(out);
    std::vector<unsigned long long> masks;
    for (std::string word; words >> word;) masks.push_back(std::stoull(word, nullptr, 16) & usual);
    CHECK(masks == std::vector<unsigned long long>{0, 0});
}

TEST_CASE("many commands run beside each other") {
    const auto done = test::run([]() -> Task<std::size_t> {
        std::size_t good = 0;
        net::Group group;
        for (int i = 0; i < 20; ++i)
            co_await group.spawn([](int number, std::size_t& into) -> Task<void> {
                const auto out = co_await net::attempt(
                    net::run_command("sleep 0.05; echo " + std::to_string(number), quiet()));
                if (out && out->reveal() == std::to_string(number) + "\n") ++into;
            }(i, good));
        co_await group.join();
        co_return good;
    }());
    CHECK(done == 20);
    CHECK_FALSE(has_children());
}

TEST_CASE(
    "a command may ask on the terminal when this process is in front there, and may else not") {
    struct Row {
        const char* command;
        bool may_ask;
        const char* said;
    };
    // The fifth word there is the process group (proc(5)).
    const std::string group =
        "test $(cut -d ' ' -f 5 /proc/$$/stat /proc/$PPID/stat | uniq | wc -l) = 1 && echo shared";
    for (const Row& row : {
             Row{"read -r word && echo \"$word\"", true, "typed\n"},
             Row{"read -r word < /dev/tty && echo \"$word\"", true, "typed\n"},
             Row{"read -r word && echo \"$word\"", false, "config.command"},
             Row{group.c_str(), true, "shared\n"},
             Row{group.c_str(), false, "config.command"},
             Row{"sleep 1000", true, "config.timeout"},
         }) {
        CAPTURE(row.command);
        CAPTURE(row.may_ask);
        const bool hangs = std::string_view(row.said) == "config.timeout";
        const std::string said = on_terminal("typed\n", [&] {
            const net::CommandOptions options{.may_ask = row.may_ask};
            const auto out = test::run(
                net::within(hangs ? 20ms : 1h, net::run_command(row.command, options), "test"));
            return out ? std::string(out->reveal()) : out.error().code;
        });
        CHECK(said == row.said);
    }
}
