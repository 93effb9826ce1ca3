#include "expect.h"

#include "core/text.h"
#include "follow.h"
#include "net/deadline.h"
#include "net/group.h"
#include "power.h"
#include "terminal/text.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace oob::sol {

using net::Task;
using std::chrono::milliseconds;

namespace {

constexpr milliseconds usual_timeout{30'000};
/// So much of what the host said is looked through; older text is gone.
constexpr std::size_t most_text = std::size_t{64} * 1024;
/// A script that never waits would never end.
constexpr std::size_t most_steps = 100'000;
constexpr std::size_t shown_text = 200;
constexpr std::size_t most_matches = 256;

class Player {
 public:
    Player(plane::ConsoleLink& link, const Dialogue& dialogue, fleet::Interrupt& interrupt,
           Value& result)
        : link_(link), dialogue_(dialogue), interrupt_(interrupt), result_(result) {}

    /// `start` runs once the console is listened to. Must be awaited to its end.
    Task<void> run(Task<void> start) {
        // What is known goes into the record also when the time runs out.
        struct Guard {
            Player& player;
            ~Guard() { player.tell(); }
        } guard{*this};
        net::Group group;
        const auto play_and_end = [&]() -> Task<void> {
            played_ = co_await net::attempt(play_after(std::move(start)));
            link_.finish();
        };
        const auto write = [&]() -> Task<void> {
            const auto written = co_await net::attempt(link_.write_loop());
            if (!written && written.error().kind == Class::timeout) unsent_ = written.error();
        };
        co_await group.spawn(listen());
        co_await group.spawn(write());
        co_await group.spawn(play_and_end());
        co_await group.join();
        // A script has not passed when the host never got what it sent last.
        if (*played_ && unsent_) played_ = std::unexpected(*unsent_);
        take(*played_);
    }

 private:
    void tell() {
        result_.set("line", line_).set("matches", std::move(matches_));
        result_.set("result", played_ && *played_ ? "pass" : "fail");
    }

    /// A change of power that was begun is brought to its end; the script is cut off where it is.
    Task<void> play_after(Task<void> start) {
        co_await std::move(start);
        co_await interrupt_.cut_off(play());
    }

    Task<void> listen() {
        const auto heard = co_await net::attempt(hear());
        if (!heard) lost_ = heard.error().message;
        ended_ = true;
        changed_.ring();
    }

    Task<void> hear() {
        while (const auto bytes = co_await link_.read()) {
            text_ += plain_.feed(as_text(*bytes));
            if (text_.size() > most_text) text_.erase(0, text_.size() - most_text);
            changed_.ring();
        }
    }

    Task<void> play() {
        const std::vector<Step>& steps = dialogue_.steps;
        std::size_t played = 0;
        for (std::size_t at = 0; at < steps.size();) {
            if (++played > most_steps)
                fail(Class::usage, "usage.expect", "the script goes round and round",
                     "let it wait for something in each round");
            const Step& step = steps[at++];
            line_ = step.line;
            switch (step.kind) {
                case Step::Kind::timeout:
                    timeout_ = step.duration;
                    break;
                case Step::Kind::pause:
                    co_await net::sleep_for(step.duration);
                    break;
                case Step::Kind::send:
                    co_await link_.type(as_view(step.text));
                    break;
                case Step::Kind::send_variable:
                    co_await link_.type(as_view(variable(step)));
                    break;
                case Step::Kind::key:
                    co_await type_keys(step);
                    break;
                case Step::Kind::expect:
                    co_await expect(step);
                    break;
                case Step::Kind::branch:
                    at = co_await branch(step);
                    break;
                case Step::Kind::jump:
                    at = step.target;
                    break;
                case Step::Kind::pass:
                    if (!step.text.empty()) result_.set("message", step.text);
                    co_return;
                case Step::Kind::fail:
                    fail(Class::verify, "verify.expect",
                         step.text.empty() ? place() + "the script says fail" : step.text,
                         "the host said: " + tail());
            }
        }
    }

    std::string place() const { return "line " + std::to_string(line_) + ": "; }

    /// The end of what was heard.
    std::string tail() const {
        const std::size_t from = text_.size() - std::min(text_.size(), shown_text);
        return text_.substr(from);
    }

    std::string_view variable(const Step& step) const {
        const char* value = std::getenv(step.text.c_str());
        if (value == nullptr)
            fail(Class::usage, "usage.expect",
                 place() + "the variable " + step.text + " is not set",
                 "it comes from the environment");
        return value;
    }

    Task<void> type_keys(const Step& step) {
        for (const std::string_view name : split(step.text, ' ')) {
            const auto bytes = terminal::key_bytes(name, dialogue_.map);
            if (!bytes)
                fail(Class::usage, "usage.expect", join({place(), "this map has no key ", name}),
                     "--map vt-utf8 has all of them");
            co_await link_.type(as_view(*bytes));
        }
    }

    /// Waits until one of the ways is open; its index, or nothing when the time is over.
    Task<std::optional<std::size_t>> wait_for(const std::vector<const Pattern*>& patterns,
                                              Pattern::Match& match) {
        const auto limit = net::Clock::now() + timeout_;
        for (;;) {
            // The first one in the text counts; of two at the same place the first in the script.
            std::optional<std::size_t> best;
            for (std::size_t i = 0; i < patterns.size(); ++i) {
                if (patterns[i] == nullptr) continue;
                auto found = patterns[i]->find(text_);
                if (!found || (best && match.end <= found->end)) continue;
                match = *std::move(found);
                best = i;
            }
            if (best) {
                text_.erase(0, match.end);
                co_return best;
            }
            if (ended_)
                fail(Class::verify, "verify.expect",
                     place() + "the session ended before that was seen" +
                         (lost_.empty() ? "" : ": " + lost_),
                     "the host said: " + tail());
            if (net::Clock::now() >= limit) co_return std::nullopt;
            co_await changed_.wait_until(limit);
        }
    }

    Task<void> expect(const Step& step) {
        Pattern::Match match;
        if (!co_await wait_for({&*step.pattern}, match))
            co_return timed_out("/" + step.pattern->text() + "/");
        note(step, match);
    }

    void timed_out(const std::string& what) const {
        fail(Class::timeout, "timeout.expect",
             place() + what + " was not seen within " + std::to_string(timeout_.count()) + " ms",
             "the host said: " + tail());
    }

    Task<std::size_t> branch(const Step& step) {
        std::vector<const Pattern*> patterns;
        for (const Step::Way& way : step.ways)
            patterns.push_back(way.pattern ? &*way.pattern : nullptr);
        Pattern::Match match;
        const auto chosen = co_await wait_for(patterns, match);
        if (chosen) {
            note(step, match);
            co_return step.ways[*chosen].target;
        }
        const auto late = std::ranges::find(patterns, nullptr);
        if (late == patterns.end()) timed_out("none of the ways");
        co_return step.ways[static_cast<std::size_t>(late - patterns.begin())].target;
    }

    void note(const Step& step, const Pattern::Match& match) {
        if (matches_.items().size() >= most_matches) return;
        Value groups = Value::array();
        for (const std::string& group : match.groups) groups.push(group);
        Value one;
        one.set("line", step.line)
            .set("name", step.name.empty() ? Value() : Value(step.name))
            .set("groups", std::move(groups));
        matches_.push(std::move(one));
    }

    plane::ConsoleLink& link_;
    const Dialogue& dialogue_;
    fleet::Interrupt& interrupt_;
    Value& result_;
    std::optional<Result<void>> played_;  // nothing before the end
    std::optional<Error> unsent_;         // why something of it was not sent
    Value matches_ = Value::array();
    std::string text_;
    terminal::PlainText plain_;
    net::Bell changed_;
    milliseconds timeout_ = usual_timeout;
    std::size_t line_ = 0;
    std::string lost_;
    bool ended_ = false;
};

Task<void> switch_first(plane::Device& device, const Dialogue& dialogue, fleet::Attempt& attempt) {
    if (!dialogue.power) co_return;
    attempt.interrupt->check();
    attempt.changed = true;
    attempt.data.set("power", co_await switch_power(device, *dialogue.power));
}

Task<void> plan(plane::Device& device, const Dialogue& dialogue, fleet::Attempt& attempt) {
    std::string words =
        join({"run the ", std::to_string(dialogue.steps.size()), " steps of the script"});
    if (dialogue.power)
        words = join({co_await plan_power(device, *dialogue.power), ", then ", words});
    co_await plan_console(device, dialogue.wish, words, attempt);
}

}  // namespace

Task<void> expect(plane::Device& device, const Dialogue& dialogue, fleet::Attempt& attempt) {
    if (attempt.dry_run) co_return co_await plan(device, dialogue, attempt);
    std::vector<std::string> changed;
    attempt.interrupt->check();
    const auto link = co_await open_console(console_of(device), dialogue.wish, changed, attempt);
    for (std::string& each : changed) attempt.findings.warnings.push_back(std::move(each));
    attempt.changed = !changed.empty();
    Value result;
    Player player(*link, dialogue, *attempt.interrupt, result);
    const auto played = co_await net::attempt(player.run(switch_first(device, dialogue, attempt)));
    attempt.data.set("expect", std::move(result));
    attempt.verified = played.has_value();
    take(played);
}

}  // namespace oob::sol
