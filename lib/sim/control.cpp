#include "sim/control.h"

#include "core/json.h"
#include "core/text.h"
#include "net/deadline.h"
#include "sim/disk_host.h"
#include "sim/fleet.h"

#include <algorithm>
#include <array>
#include <utility>

namespace oob::sim {

namespace {

constexpr std::chrono::milliseconds write_limit{60'000};
constexpr std::chrono::milliseconds longest_wait{600'000};
constexpr std::size_t chunk_bytes = 4096;
constexpr std::string_view every_device = "all";

using Records = std::vector<Value>;

Value record(std::string_view type) {
    Value out;
    out.set("schema", "oob/1").set("type", type).set("tool", "oob-sim");
    return out;
}

Value record(std::string_view type, const Member& member, Value data) {
    Value out = record(type);
    out.set("target", member.device.identity().address).set("data", std::move(data));
    return out;
}

Value to_value(const Error& error) {
    Value out;
    out.set("class", name(error.kind))
        .set("code", error.code)
        .set("message", error.message)
        .set("hint", error.hint);
    return out;
}

Error unknown_device(const Fleet& fleet, std::string_view address) {
    return Error(Class::usage, "usage.device", join({"no device has the address ", address}),
                 "the fleet is " + fleet.range().text());
}

/// The device that the request names, made when need be.
Result<Member*> named(Fleet& fleet, const Value& request) {
    const Value* address = request.find("device");
    const std::string_view text = address == nullptr ? "" : address->text();
    Member* member = fleet.member(text);
    if (member == nullptr) return std::unexpected(unknown_device(fleet, text));
    return member;
}

/// Those that the request names: one, or with "all" every one that exists.
Result<std::vector<Member*>> named_or_all(Fleet& fleet, const Value& request) {
    const Value* address = request.find("device");
    if (address == nullptr || address->text() == every_device) return fleet.members();
    const auto member = named(fleet, request);
    if (!member) return std::unexpected(member.error());
    return std::vector{*member};
}

Value faults_of(const Member& member) {
    std::string text = member.faults().describe();
    return text.empty() ? Value() : Value(std::move(text));
}

Value summary(const Member& member) {
    const Identity& identity = member.device.identity();
    const Personality& personality = member.device.personality();
    Value out;
    out.set("address", identity.address)
        .set("number", identity.number)
        .set("host_name", identity.host_name)
        .set("uuid", identity.uuid)
        .set("mac", identity.mac)
        .set("generation", personality.name)
        .set("connections", member.connections)
        .set("events", member.journal.total())
        .set("login_failures", member.guard.failures())
        .set("faults", faults_of(member));
    return out;
}

Result<Records> list(Fleet& fleet, const Value&) {
    Records out;
    for (const Member* member : fleet.members())
        out.push_back(record("device", *member, summary(*member)));
    return out;
}

/// The entry of a dotted name, "boot.use_sol"; null when there is none.
const Value* entry_of(const Value& state, std::string_view key) {
    const Value* out = &state;
    for (const std::string_view part : split(key, '.')) {
        out = out->find(part);
        if (out == nullptr) return nullptr;
    }
    return out;
}

Result<Records> get(Fleet& fleet, const Value& request) {
    const auto member = named(fleet, request);
    if (!member) return std::unexpected(member.error());
    const Value state = (*member)->device.state();
    const Value* key = request.find("key");
    if (key == nullptr) return Records{record("state", **member, state)};
    const Value* value = entry_of(state, key->text());
    if (value == nullptr)
        return std::unexpected(Error(Class::usage, "usage.key",
                                     join({"the state has no entry called ", key->text()}),
                                     "get without a key shows them all"));
    Value data;
    data.set(std::string(key->text()), *value);
    return Records{record("state", **member, std::move(data))};
}

Result<Records> set(Fleet& fleet, const Value& request) {
    const auto member = named(fleet, request);
    if (!member) return std::unexpected(member.error());
    const Value* key = request.find("key");
    const Value* value = request.find("value");
    if (key == nullptr || value == nullptr)
        return std::unexpected(Error(Class::usage, "usage.control", "set needs a key and a value",
                                     "for instance power=off; `get` shows the keys"));
    const auto done = (*member)->device.set(key->text(), *value);
    if (!done) return std::unexpected(done.error());
    return Records{record("state", **member, (*member)->device.state())};
}

Result<Records> fault(Fleet& fleet, const Value& request) {
    if (const Value* spec = request.find("faults")) {
        const auto faults = parse_faults(spec->text());
        if (!faults) return std::unexpected(faults.error());
        const Value* address = request.find("device");
        const std::string_view text = address == nullptr ? "" : address->text();
        const auto done = fleet.set_fault(text == every_device ? "" : text, *faults);
        if (!done) return std::unexpected(done.error());
    }
    const auto members = named_or_all(fleet, request);
    if (!members) return std::unexpected(members.error());
    Records out;
    for (const Member* member : *members) {
        Value data;
        data.set("faults", faults_of(*member));
        out.push_back(record("fault", *member, std::move(data)));
    }
    return out;
}

Result<Records> journal(Fleet& fleet, const Value& request) {
    const auto members = named_or_all(fleet, request);
    if (!members) return std::unexpected(members.error());
    const Value* since = request.find("since");
    const Value* clear = request.find("clear");
    const auto after = since == nullptr ? 0 : std::max<std::int64_t>(since->integer(), 0);

    std::vector<std::pair<std::uint64_t, Value>> entries;
    for (Member* member : *members) {
        for (const JournalEntry& entry : member->journal.since(static_cast<std::uint64_t>(after)))
            entries.emplace_back(entry.sequence, record("journal", *member, sim::to_value(entry)));
        if (clear != nullptr && clear->truth()) member->clear_journal();
    }
    std::ranges::sort(entries, {}, &std::pair<std::uint64_t, Value>::first);
    Records out;
    for (auto& [sequence, entry] : entries) out.push_back(std::move(entry));
    return out;
}

Result<Records> stop(Fleet&, const Value&) { return Records(); }

std::int64_t number_in(const Value& request, std::string_view key, std::int64_t otherwise) {
    const Value* found = request.find(key);
    return found == nullptr ? otherwise : found->integer(otherwise);
}

bool truth_in(const Value& request, std::string_view key, bool otherwise) {
    const Value* found = request.find(key);
    return found == nullptr ? otherwise : found->truth();
}

std::string_view text_in(const Value& request, std::string_view key) {
    const Value* found = request.find(key);
    return found == nullptr ? std::string_view() : found->text();
}

Result<DiskJob> job_of(const Value& request) {
    constexpr std::int64_t most_bytes = std::int64_t{32} << 20;
    DiskJob out;
    const std::string_view drive = text_in(request, "drive");
    if (drive == "floppy") out.drive = DiskBus::Drive::floppy;
    const std::int64_t bytes = number_in(request, "bytes", static_cast<std::int64_t>(out.bytes));
    if (bytes < 512 || bytes > most_bytes || (drive != "floppy" && drive != "cd" && !drive.empty()))
        return std::unexpected(Error(Class::usage, "usage.disk", "no such drive, or no such size",
                                     "cd or floppy; 512 bytes to 32 MiB"));
    out.bytes = static_cast<std::size_t>(bytes);
    out.digest = truth_in(request, "digest", true);
    out.long_reads = truth_in(request, "read_12", false);
    out.block = static_cast<std::uint32_t>(number_in(request, "block", 0));
    out.text = text_in(request, "text");
    return out;
}

/// What the host of one device does with a drive; takes as long as that takes.
net::Task<Result<Records>> disk(Fleet& fleet, Value request) {
    const auto member = named(fleet, request);
    if (!member) co_return std::unexpected(member.error());
    const auto job = job_of(request);
    if (!job) co_return std::unexpected(job.error());
    DiskBus& bus = (*member)->disks;
    const std::chrono::milliseconds wait(
        std::clamp<std::int64_t>(number_in(request, "wait_ms", 0), 0, longest_wait.count()));
    if (wait.count() > 0) co_await bus.wait_for_medium(job->drive, wait);
    const std::string_view what = text_in(request, "do");
    Value data;
    if (what == "probe")
        data.set("probe", co_await probe_disk(bus, *job));
    else if (what == "read")
        data.set("read", co_await read_disk(bus, *job));
    else if (what == "write")
        data.set("write", co_await write_disk(bus, *job));
    else
        co_return std::unexpected(Error(Class::usage, "usage.disk",
                                        join({"the host cannot do this with a drive: ", what}),
                                        "probe, read or write"));
    co_return Records{record("disk", **member, std::move(data))};
}

struct Verb {
    std::string_view name;
    Result<Records> (*run)(Fleet& fleet, const Value& request);
};

constexpr std::array verbs{Verb{"list", list},   Verb{"get", get},         Verb{"set", set},
                           Verb{"fault", fault}, Verb{"journal", journal}, Verb{"stop", stop}};

std::string_view verb_of(const Value& request) {
    const Value* verb = request.find("verb");
    return verb == nullptr ? std::string_view() : verb->text();
}

Result<Records> run_verb(Fleet& fleet, const Value& request) {
    const std::string_view word = verb_of(request);
    std::vector<std::string_view> names;
    for (const Verb& verb : verbs) {
        if (verb.name == word) return verb.run(fleet, request);
        names.push_back(verb.name);
    }
    const std::string_view near = nearest(word, names);
    return std::unexpected(Error(Class::usage, "usage.control", join({"there is no verb ", word}),
                                 near.empty() ? "list, get, set, fault, journal, disk or stop"
                                              : join({"did you mean ", near, "?"})));
}

}  // namespace

net::Task<std::vector<Value>> answer_control(Fleet& fleet, std::string request) {
    const Result<Value> parsed = parse_json(request);
    Result<Records> outcome = parsed ? Records() : Result<Records>(std::unexpected(parsed.error()));
    if (parsed && verb_of(*parsed) == "disk")
        outcome = co_await disk(fleet, *parsed);
    else if (parsed)
        outcome = run_verb(fleet, *parsed);
    Records out = outcome ? *std::move(outcome) : Records();
    Value end = record("end");
    end.set("ok", outcome.has_value()).set("count", out.size());
    if (!outcome) end.set("error", to_value(outcome.error()));
    out.push_back(std::move(end));
    co_return out;
}

ControlServer::ControlServer(boost::asio::any_io_executor executor, Fleet& fleet,
                             const std::string& path)
    : fleet_(fleet), door_(executor, path, most_connections, LocalDoor::Admits::own_user) {}

net::Task<void> ControlServer::converse(net::StreamPtr stream) {
    std::string pending;
    std::array<std::byte, chunk_bytes> chunk;
    for (;;) {
        const std::size_t count = co_await stream->read_some(chunk);
        if (count == 0) co_return;
        pending += as_text(View(chunk).first(count));
        for (std::size_t end = pending.find('\n'); end != std::string::npos;
             end = pending.find('\n')) {
            const bool go_on = co_await answer(stream.get(), pending.substr(0, end));
            if (!go_on) co_return;
            pending.erase(0, end + 1);
        }
        if (pending.size() > most_line_bytes) co_return;
    }
}

/// False when the fleet is to end.
net::Task<bool> ControlServer::answer(net::Stream* stream, std::string line) {
    std::string out;
    for (const Value& each : co_await answer_control(fleet_, line)) out += to_json(each) + "\n";
    co_await net::within(write_limit, stream->write(as_view(out)), "write");
    const auto request = parse_json(line);
    if (!request || verb_of(*request) != "stop") co_return true;
    fleet_.stop();
    co_return false;
}

}  // namespace oob::sim
