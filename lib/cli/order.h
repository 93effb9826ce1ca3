#pragma once

#include "cli/options.h"
#include "core/secret.h"
#include "core/trace.h"
#include "fleet/runner.h"
#include "net/dialer.h"
#include "net/trust.h"
#include "report/sink.h"
#include "report/view.h"

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace oob::cli {

/// What a verb needs to reach one device; everything in it outlives the verb's task.
struct Reach {
    std::string user;
    Secret password;
    net::Dial dial;
    bool indirect = false;  ///< dial goes through something: no datagrams
    net::Family family = net::Family::any;
    std::optional<std::string> source;  ///< of datagrams too: --bind
    std::chrono::milliseconds connect_timeout = net::usual_connect_timeout;
    net::Trust* trust = nullptr;
    net::TrustPolicy trust_policy;
    std::optional<std::string> expected_uuid;  ///< of the target or the inventory: who it must be
    Trace* trace = nullptr;
};

/// A verb at work on one device: fills the attempt, throws Failure.
using Act = std::function<net::Task<void>(fleet::Attempt&, Reach)>;
/// A verb at work without targets: returns the exit status, throws Failure.
using Errand = std::function<net::Task<int>(fleet::Interrupt&)>;

/// What one command line asks for, in one value: nothing of it changes once prepare() returned it.
struct Order {
    fleet::Effect effect = fleet::Effect::reads;  ///< of the verb and the options given
    std::string action;                           ///< the record's "action": "power.on"
    std::string deed;  ///< what the machines' names stand behind in a question: "reset"
    /// What a run has in common with one that it resumes.
    std::vector<std::string> words;
    /// There is no limit to a device's time: the act puts one on each of its steps.
    bool lasting = false;
    /// A signal is how it usually ends, and no failure: status 0.
    bool service = false;
    report::View view;            ///< of its records, for people
    report::Sink::Render render;  ///< may be empty
    /// Takes away what the work draws on the terminal, before records are written; may be empty.
    std::function<void()> make_room;
    /// Opens files anew after SIGHUP, where no terminal can have been lost; empty: SIGHUP ends it.
    std::function<void()> reopen;
    std::variant<std::monostate, Act, Errand> work;
};

struct Parsed;

/// One verb of a tool: what the command line may say, and what that asks for.
struct Verb {
    std::string name;  ///< one word, or two: "boot show"
    fleet::Effect effect = fleet::Effect::reads;
    std::string summary;                ///< one line of help, lower case, no full stop
    std::string notes;                  ///< sentences behind it: what its arguments may be
    std::vector<std::string> examples;  ///< commands with this verb, as they are typed
    /// What people call the same in other programs: told of as what was meant, never taken for it.
    std::vector<std::string> also;
    std::vector<std::string> arguments;  ///< names of the words before the targets: "CLASS"
    std::string behind = "TARGET ...";   ///< what stands behind them; empty: nothing may
    bool pairs = false;                  ///< takes k=v words too
    Groups takes = log_in;               ///< `caution` is added where something can change
    bool asks = true;                    ///< false: what it changes is not worth a question
    std::vector<ToolOption> options;
    /// The order behind the words, checked; nothing is sent or written yet. What it captures, and
    /// the words, outlive the run. Throws Failure for words that make no sense.
    std::function<Order(const Parsed&)> prepare;

    bool may_change() const;
    Groups groups() const { return asks && may_change() ? takes | caution : takes; }
};

/// A program: its verbs, and what its help says.
struct Tool {
    std::string name;  ///< "oob-power"
    std::string summary;
    std::vector<std::string> examples;  ///< the best of all verbs, the very best first
    std::string protocols;              ///< shown by --version
    std::vector<Verb> verbs;
};

/// What the command line said.
struct Parsed {
    const Tool* tool = nullptr;
    const Verb* verb = nullptr;
    Options options;
    std::vector<std::string> arguments;                      ///< as many as the verb names
    std::vector<std::pair<std::string, std::string>> pairs;  ///< k=v words in their order
    std::vector<std::string> targets;                        ///< words as written, "-" included
};

/// The order as the verb's row and the options given have it: effect, action, deed and words; for
/// prepare() to put the work into.
Order begin_order(const Parsed& parsed);

/// "open the console (--enable) of": the deed with those of the given options that change
/// something.
std::string deed_with_options(const Parsed& parsed, std::string before, std::string after = {});

}  // namespace oob::cli
