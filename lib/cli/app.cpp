#include "cli/app.h"

#include "cli/parse.h"
#include "cli/private_memory.h"
#include "cli/signals.h"
#include "cli/work.h"
#include "core/text.h"
#include "core/user_folders.h"
#include "net/deadline.h"
#include "net/limits.h"
#include "net/run.h"
#include "report/person.h"
#include "report/sink.h"

#include <csignal>

namespace oob::cli {

namespace {

int report_error(const Tool& tool, const Error& error) {
    say(tool, error.message);
    if (!error.hint.empty()) report::tell(join({"hint: ", error.hint}));
    return exit_status(error.kind);
}

/// A verb without targets.
int run_errand(const Order& order, const Errand& errand) {
    fleet::Interrupt interrupt;
    Signals signals(order, [&] { interrupt.raise(); });
    Result<int> status = 0;
    net::run([&]() -> net::Task<void> { status = co_await net::attempt(errand(interrupt)); },
             [&](int number) { signals.hear(number); });
    const bool stopped = signals.heard() && !status && status.error().kind == Class::interrupted;
    if (!status && !stopped) fail(std::move(status).error());
    return order.service && status ? *status : signals.status(status.value_or(0));
}

int carry_out(const Parsed& parsed) {
    const Order order = parsed.verb->prepare(parsed);
    if (const auto* errand = std::get_if<Errand>(&order.work)) return run_errand(order, *errand);
    return work(parsed, order);
}

}  // namespace

void say(const Tool& tool, const std::string& text) { report::tell(join({tool.name, ": ", text})); }

Result<std::filesystem::path> known_devices_file() {
    const auto folder = state_folder();
    if (!folder) return folder;
    return *folder / "known_devices";
}

int run(const Tool& tool, int argc, const char* const* argv) {
    keep_memory_private();
    net::fill_standard_descriptors();
    // A pipe that nobody reads any more is told by the write to it, and the run ends in order.
    std::signal(SIGPIPE, SIG_IGN);
    const auto parsed = parse(tool, argc, argv);
    if (!parsed) {
        const Finished& finished = parsed.error();
        if (finished.status == 0)
            report::write_to_stdout(finished.text);
        else
            report::tell_lines(finished.text);
        return finished.status;
    }
    try {
        return carry_out(*parsed);
    } catch (const Failure& failure) {
        return report_error(tool, failure.error());
    } catch (...) {
        return report_error(tool, net::detail::error_of(std::current_exception()));
    }
}

}  // namespace oob::cli
