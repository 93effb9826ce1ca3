#include "connect.h"

#include "cli/terminal.h"
#include "escape.h"
#include "follow.h"
#include "net/bell.h"
#include "net/deadline.h"
#include "net/group.h"
#include "net/input.h"
#include "open_device.h"
#include "power.h"
#include "report/person.h"
#include "screen.h"

#include <array>
#include <optional>
#include <string>
#include <utility>

namespace oob::sol {

namespace {

using net::Task;

constexpr const char* menu =
    "\nEscapes, at the beginning of a line:\n"
    "  ~.  disconnect\n"
    "  ~P  power: then o on, f off, c cycle, r reset, any other key nothing\n"
    "  ~S  statistics\n"
    "  ~L  switch logging off and on (needs --log)\n"
    "  ~B  send a break (the protocol has none)\n"
    "  ~?  this list\n"
    "  ~~  a tilde\n";
/// After such a time without a byte it is said what is known.
constexpr std::chrono::seconds black_screen{5};
/// So much may be typed, or pasted, before the device has taken any of it.
constexpr std::size_t most_ahead = std::size_t{1} << 20;
/// So long what was typed before an end is waited for.
constexpr std::chrono::seconds longest_settling{2};

/// On a line of its own: the host may have left the cursor anywhere.
void say_below(const std::string& text) {
    report::tell("");
    report::tell(text);
}

/// One console, joined with standard input and output.
class Joined {
 public:
    Joined(plane::Device& device, plane::ConsoleLink& link, const Connecting& order, Screen& screen,
           fleet::Interrupt& interrupt)
        : device_(device), link_(link), order_(order), screen_(screen), interrupt_(interrupt) {}

    /// Must be awaited to its end. Throws what the console throws.
    Task<void> run(bool terminal) {
        input_.emplace(co_await net::Input::standard());
        last_ = net::Clock::now();
        net::Group group;
        net::Group watch;
        co_await watch.spawn(finish_on_interrupt());
        co_await group.spawn(keep(hear()));
        if (terminal) co_await group.spawn(pass_keys_on());
        co_await group.spawn(keep(terminal ? type_keys() : type_all()));
        co_await group.spawn(note_black_screen());
        co_await group.spawn(write());
        if (order_.power) co_await group.spawn(power(*order_.power));
        co_await group.join();
        watch.cancel();
        co_await watch.join();
        if (failure_) fail(*failure_);
        if (!written_ && !heard_end_) fail(written_.error());
    }

    std::uint64_t heard() const { return heard_; }
    std::uint64_t typed() const { return typed_; }

 private:
    Task<void> keep(Task<void> task) {
        const auto ended = co_await net::attempt(std::move(task));
        if (!ended && !failure_ && !done_) failure_ = ended.error();
        link_.finish();
    }

    Task<void> finish_on_interrupt() {
        co_await interrupt_.wait();
        if (!order_.quiet) say_below("the run is being ended");
        link_.finish();
    }

    Task<void> write() {
        written_ = co_await net::attempt(link_.write_loop());
        done_ = true;
        input_->close();
        changed_.ring();
    }

    Task<void> hear() {
        while (const auto bytes = co_await link_.read()) {
            last_ = net::Clock::now();
            heard_ += bytes->size();
            screen_.show(*bytes);
            changed_.ring();
        }
        heard_end_ = true;
    }

    /// A pipe or a file: all of it, byte for byte. What the host makes of it is waited for.
    Task<void> type_all() {
        std::array<std::byte, 4096> chunk;
        while (const std::size_t count = co_await input_->read_some(chunk)) {
            typed_ += count;
            co_await link_.type(View(chunk).first(count));
            if (interrupt_.raised()) co_return;
        }
        last_ = net::Clock::now();
        while (!done_ && !heard_end_ && net::Clock::now() < last_ + order_.idle)
            co_await changed_.wait_until(last_ + order_.idle);
    }

    Task<void> type_keys() {
        std::array<std::byte, 256> chunk;
        EscapeFilter filter;
        while (const std::size_t count = co_await input_->read_some(chunk)) {
            std::string keys;
            for (const std::byte key : View(chunk).first(count)) {
                const EscapeFilter::Typed typed = filter.key(key);
                keys += as_text(typed.bytes);
                if (typed.order == EscapeFilter::Order::none) continue;
                co_await type(std::exchange(keys, {}));
                if (typed.order == EscapeFilter::Order::disconnect) co_return co_await settle();
                co_await obey(typed.order);
            }
            co_await type(std::move(keys));
        }
    }

    /// Keys of the person's terminal, as those of the host's.
    Task<void> type(std::string keys) {
        const std::string bytes = terminal::translate_keys(keys, order_.map);
        typed_ += bytes.size();
        while (ahead_.size() >= most_ahead && !done_) co_await changed_.wait();
        ahead_ += bytes;
        changed_.ring();
    }

    /// Beside the keyboard, whose escapes have to be heard also when the device takes nothing.
    Task<void> pass_keys_on() {
        while (!done_) {
            if (ahead_.empty()) {
                co_await changed_.wait();
                continue;
            }
            passing_ = true;
            const std::string keys = std::exchange(ahead_, {});
            // What breaks the typing breaks the hearing too, which tells.
            (void)co_await net::attempt(link_.type(as_view(keys)));
            passing_ = false;
            changed_.ring();
        }
    }

    Task<void> settle() {
        const auto limit = net::Clock::now() + longest_settling;
        while ((passing_ || !ahead_.empty()) && !done_ && net::Clock::now() < limit)
            co_await changed_.wait_until(limit);
    }

    Task<void> obey(EscapeFilter::Order order) {
        using Order = EscapeFilter::Order;
        switch (order) {
            case Order::help:
                report::tell_lines(menu);
                break;
            case Order::send_break:
                say_below("the known protocol cannot send a break");
                break;
            case Order::statistics:
                tell_statistics();
                break;
            case Order::toggle_log: {
                const auto on = screen_.toggle_log();
                say_below(!on   ? "no file was named with --log"
                          : *on ? "logging goes on"
                                : "logging is off");
                break;
            }
            case Order::ask_power:
                report::tell("");
                report::ask("power: o on, f off, c cycle, r reset ");
                break;
            case Order::power_on:
                co_await power(plane::PowerAction::on);
                break;
            case Order::power_off:
                co_await power(plane::PowerAction::off);
                break;
            case Order::power_cycle:
                co_await power(plane::PowerAction::cycle);
                break;
            case Order::power_reset:
                co_await power(plane::PowerAction::reset);
                break;
            case Order::leave_power:
                say_below("nothing was switched");
                break;
            case Order::none:
            case Order::disconnect:
                break;
        }
    }

    /// What goes wrong is said, and the console stays.
    Task<void> power(plane::PowerAction action) {
        if (interrupt_.raised()) co_return;
        if (!order_.quiet) say_below("switching ...");
        const auto switched = co_await net::attempt(switch_power(device_, action));
        if (done_) co_return;
        if (!switched || !order_.quiet)
            say_below(switched ? *switched
                               : switched.error().message + " (" + switched.error().hint + ")");
    }

    void tell_statistics() const {
        const auto quiet = net::Clock::now() - last_;
        const auto on = link_.host_on();
        say_below(std::to_string(heard_) + " bytes from the host, " + std::to_string(typed_) +
                  " to it; the last one came " +
                  std::to_string(std::chrono::duration_cast<std::chrono::seconds>(quiet).count()) +
                  " s ago; the host is " +
                  (!on   ? "in an unknown state"
                   : *on ? "on"
                         : "off"));
    }

    Task<void> note_black_screen() {
        const auto limit = net::Clock::now() + black_screen;
        while (!done_ && heard_ == 0 && net::Clock::now() < limit)
            co_await changed_.wait_until(limit);
        if (done_ || heard_ > 0 || order_.quiet) co_return;
        const auto on = link_.host_on();
        report::tell(
            std::string("nothing heard yet: redirection is on and the session is open; ") +
            (!on   ? "the device has not told whether the host is on"
             : *on ? "the host is on, but no byte has come from it: does it use its serial port? "
                     "press Enter"
                   : "the host is off"));
    }

    plane::Device& device_;
    plane::ConsoleLink& link_;
    const Connecting& order_;
    Screen& screen_;
    fleet::Interrupt& interrupt_;
    std::optional<net::Input> input_;
    net::Bell changed_;
    std::string ahead_;     // typed, and not passed on yet
    bool passing_ = false;  // what was before it is being passed on
    net::Clock::time_point last_{};
    std::uint64_t heard_ = 0;
    std::uint64_t typed_ = 0;
    std::optional<Error> failure_;
    Result<void> written_;
    bool done_ = false;
    bool heard_end_ = false;
};

}  // namespace

namespace {

Task<void> plan(plane::Device& device, const Connecting& order, fleet::Attempt& attempt) {
    std::string words = "open the console";
    if (order.power) words += ", then " + co_await plan_power(device, *order.power);
    co_await plan_console(device, order.wish, words, attempt);
}

}  // namespace

Task<void> connect(plane::Device& device, Connecting order, fleet::Attempt& attempt) {
    if (attempt.dry_run) co_return co_await plan(device, order, attempt);
    plane::Console& console = console_of(device);
    const std::string& name = attempt.target.name;
    Screen screen(order, name);
    std::vector<std::string> changed;
    const auto open = [&] {
        return net::attempt(open_console(console, order.wish, changed, attempt));
    };
    auto opened = co_await open();
    if (!opened) {
        order.wish.consent_code = cmd::ask_consent_code(opened.error(), order.may_ask);
        if (!order.wish.consent_code) fail(std::move(opened).error());
        opened = co_await open();
    }
    const auto link = take(std::move(opened));
    for (const std::string& each : changed) report::tell(each);
    attempt.changed = !changed.empty();
    std::optional<cli::RawTerminal> raw;
    if (!order.exec) raw.emplace();
    const bool terminal = raw && raw->active();
    if (terminal && !order.quiet) report::tell("connected; ~? shows the escapes");
    std::optional<WindowTitle> title;
    if (terminal) title.emplace(name);
    Joined joined(device, *link, order, screen, *attempt.interrupt);
    const auto ended = co_await net::attempt(joined.run(terminal));
    title.reset();
    raw.reset();
    attempt.data.set("heard_bytes", joined.heard()).set("typed_bytes", joined.typed());
    if (terminal && !order.quiet) say_below("connection closed");
    take(ended);
}

}  // namespace oob::sol
