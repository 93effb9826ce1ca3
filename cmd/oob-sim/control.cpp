#include "control.h"

#include "cli/values.h"
#include "core/error.h"
#include "core/json.h"
#include "core/text.h"
#include "net/deadline.h"
#include "net/local.h"
#include "report/sink.h"
#include "run.h"

#include <array>
#include <functional>
#include <limits>
#include <string_view>
#include <utility>

namespace oob::sim {

using net::Task;

namespace {

constexpr std::chrono::seconds patience{30};
/// A host reads a whole disk in one request.
constexpr std::chrono::minutes patience_for_disks{30};
constexpr std::size_t most_line_bytes = 16 * 1024 * 1024;
constexpr std::uint64_t most_bytes = std::uint64_t{1} << 30;

[[noreturn]] void fail_to_reach(const std::string& path, const std::string& reason) {
    fail(Class::connect, "connect.control", "cannot talk to the fleet at " + path + ": " + reason,
         "is oob-sim running? its ready record names the socket; choose it with --control");
}

/// Lines out, lines in.
class Conversation {
 public:
    explicit Conversation(net::StreamPtr stream) : stream_(std::move(stream)) {}

    Task<void> send(std::string line) { return stream_->write(as_view(line)); }

    Task<std::string> receive() {
        std::array<std::byte, 4096> chunk;
        std::size_t end = pending_.find('\n');
        while (end == std::string::npos) {
            const std::size_t count = co_await stream_->read_some(chunk);
            if (count == 0 || pending_.size() > most_line_bytes)
                fail(Class::connect, "connect.closed", "it ended the conversation");
            const std::size_t before = pending_.size();
            pending_.append(as_text(View(chunk).first(count)));
            end = pending_.find('\n', before);
        }
        std::string line = pending_.substr(0, end);
        pending_.erase(0, end + 1);
        co_return line;
    }

 private:
    net::StreamPtr stream_;
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

/// Sends one request; prints the records of its answer, but not the closing one.
Task<void> ask(Conversation& fleet, Value request) {
    co_await fleet.send(to_json(request) + "\n");
    for (;;) {
        const std::string line = co_await fleet.receive();
        const Value record = take(parse_json(line));
        if (text_of(record, "type") == "end") co_return check(record);
        report::write_to_stdout(to_json(record) + "\n");
    }
}

Task<void> ask_all(std::string path, std::vector<Value> requests) {
    auto stream = co_await net::attempt(net::within(patience, net::connect_local(path), "control"));
    if (!stream && stream.error().kind != Class::connect && stream.error().kind != Class::timeout)
        fail(std::move(stream).error());
    if (!stream) fail_to_reach(path, stream.error().message);
    Conversation fleet(*std::move(stream));
    for (Value& request : requests) {
        const bool disk = text_of(request, "verb") == "disk";
        const std::chrono::milliseconds limit = disk ? patience_for_disks : patience;
        const auto asked =
            co_await net::attempt(net::within(limit, ask(fleet, std::move(request)), "control"));
        if (!asked && asked.error().code == "connect.closed")
            fail_to_reach(path, asked.error().message);
        take(asked);
    }
}

/// The requests behind the words of a verb.
using Requests = std::function<std::vector<Value>(const cli::Parsed&)>;

Value request_of(const cli::Parsed& parsed, bool any_device = false) {
    const std::string& name = parsed.verb->name;
    Value out;
    out.set("verb", name.substr(name.find(' ') + 1));
    if (!parsed.arguments.empty())
        out.set("device", parsed.arguments.front());
    else if (any_device)
        out.set("device", parsed.targets.empty() ? "all" : parsed.targets.front());
    return out;
}

/// At most so many words behind the arguments.
void require_at_most(const cli::Parsed& parsed, std::size_t most) {
    if (parsed.targets.size() > most)
        fail(Class::usage, "usage.arguments",
             "there is nothing to do with '" + parsed.targets[most] + "'",
             "see oob-sim " + parsed.verb->name + " --help");
}

std::vector<Value> get_requests(const cli::Parsed& parsed) {
    require_at_most(parsed, 1);
    Value out = request_of(parsed);
    if (!parsed.targets.empty()) out.set("key", parsed.targets.front());
    return {std::move(out)};
}

/// One for each assignment.
std::vector<Value> set_requests(const cli::Parsed& parsed) {
    if (parsed.targets.empty())
        fail(Class::usage, "usage.arguments", "nothing to set", "for instance power=off");
    std::vector<Value> out;
    for (const std::string& each : parsed.targets) {
        auto [key, value] = parse_assignment(each);
        out.push_back(request_of(parsed).set("key", key).set("value", value));
    }
    return out;
}

std::vector<Value> fault_requests(const cli::Parsed& parsed) {
    require_at_most(parsed, 2);
    Value out = request_of(parsed, true);
    if (parsed.targets.size() > 1) out.set("faults", parsed.targets[1]);
    return {std::move(out)};
}

std::vector<Value> journal_requests(const cli::Parsed& parsed, const ControlOptions& options) {
    require_at_most(parsed, 1);
    constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max();
    Value out = request_of(parsed, true);
    out.set("since", cli::number(options.since, "--since", 0, most, 0)).set("clear", options.clear);
    return {std::move(out)};
}

std::vector<Value> disk_requests(const cli::Parsed& parsed, const ControlOptions& options) {
    constexpr std::uint64_t usual_read = 65'536;
    constexpr std::uint64_t highest_block = std::numeric_limits<std::uint32_t>::max();
    const auto wait = cli::duration(options.wait, "--wait").value_or(std::chrono::milliseconds(0));
    Value out = request_of(parsed);
    out.set("do", parsed.arguments.back())
        .set("drive", options.drive.value_or("cd"))
        .set("bytes", cli::number(options.bytes, "--bytes", 1, most_bytes, usual_read))
        .set("digest", !options.no_digest)
        .set("read_12", options.read_12)
        .set("block", cli::number(options.block, "--block", 0, highest_block, 0))
        .set("text", options.text.value_or(""))
        .set("wait_ms", wait.count());
    return {std::move(out)};
}

cli::Verb control_verb(const char* name, fleet::Effect effect, const char* summary,
                       const char* example, ControlOptions& options, Requests requests) {
    cli::Verb out;
    out.name = join({"ctl ", name});
    out.effect = effect;
    out.summary = summary;
    out.examples = {example};
    out.behind = "";
    // A rehearsal asks nobody: the fleet is not real.
    out.takes = {};
    out.asks = false;
    out.options = {
        cli::text_option("--control", "PATH", options.path, "path of the control socket")};
    out.prepare = [&options, requests = std::move(requests)](const cli::Parsed& parsed) {
        cli::Order order = cli::begin_order(parsed);
        order.work =
            cli::Errand([path = options.path ? *options.path : default_control_path(),
                         list = requests(parsed)](fleet::Interrupt& interrupt) -> Task<int> {
                co_await interrupt.cut_off(ask_all(path, list));
                co_return 0;
            });
        return order;
    };
    return out;
}

void add_disk_options(cli::Verb& disk, ControlOptions& options) {
    disk.arguments = {"ADDRESS", "probe|read|write"};
    disk.options.insert(
        disk.options.end(),
        {cli::text_option("--drive", "DRIVE", options.drive, "cd (the default) or floppy"),
         cli::text_option("--bytes", "N", options.bytes, "what one READ asks for (default 65536)"),
         cli::flag_option("--no-digest", options.no_digest, "leave SHA-256 out"),
         cli::flag_option("--read-12", options.read_12, "READ(12) in place of READ(10)"),
         cli::text_option("--block", "N", options.block, "where a write goes"),
         cli::text_option("--text", "TEXT", options.text, "what a write fills its block with"),
         cli::text_option("--wait", "DUR", options.wait, "for a medium, at most so long")});
}

}  // namespace

std::vector<cli::Verb> control_verbs(ControlOptions& options) {
    using fleet::Effect;
    const auto bare = [](const cli::Parsed& parsed) {
        return std::vector<Value>{request_of(parsed)};
    };
    cli::Verb list =
        control_verb("list", Effect::reads, "list the devices that were asked for so far",
                     "oob-sim ctl list | jq -r .target", options, bare);
    cli::Verb get = control_verb("get", Effect::reads, "show a device's state, or one entry of it",
                                 "oob-sim ctl get 127.77.0.5 power", options, get_requests);
    get.arguments = {"ADDRESS"};
    get.behind = "[KEY]";
    cli::Verb set = control_verb("set", Effect::changes, "change entries of a device's state",
                                 "oob-sim ctl set 127.77.0.5 power=off", options, set_requests);
    set.arguments = {"ADDRESS"};
    set.behind = "KEY=VALUE ...";
    cli::Verb fault =
        control_verb("fault", Effect::changes, "show or replace a device's faults",
                     "oob-sim ctl fault 127.77.0.5 status=503,count=2", options, fault_requests);
    fault.behind = "[ADDRESS|all [KIND=VALUE,...|none]]";
    cli::Verb journal = control_verb(
        "journal", Effect::reads, "show what devices were asked and answered",
        "oob-sim ctl journal 127.77.0.5 | jq -c .data", options,
        [&options](const cli::Parsed& parsed) { return journal_requests(parsed, options); });
    journal.behind = "[ADDRESS|all]";
    journal.options.push_back(
        cli::text_option("--since", "N", options.since, "only entries above this sequence number"));
    journal.options.push_back(
        cli::flag_option("--clear", options.clear, "forget the entries once they are printed"));
    cli::Verb disk = control_verb(
        "disk", Effect::changes, "let the host use a drive that is lent to it",
        "oob-sim ctl disk 127.77.0.5 read", options,
        [&options](const cli::Parsed& parsed) { return disk_requests(parsed, options); });
    add_disk_options(disk, options);
    cli::Verb stop =
        control_verb("stop", Effect::changes, "end the fleet", "oob-sim ctl stop", options, bare);
    return {std::move(list),    std::move(get),  std::move(set), std::move(fault),
            std::move(journal), std::move(disk), std::move(stop)};
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
