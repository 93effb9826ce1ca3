#include "fleet/runner.h"

#include "core/json.h"
#include "net/bell.h"
#include "support/run.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>

using namespace oob;
using namespace std::chrono_literals;
using fleet::Attempt;
using net::Task;

namespace {

/// A run over named devices whose behaviour follows from their names.
struct Rehearsal {
    fleet::Effect effect = fleet::Effect::reads;
    fleet::Limits limits{};
    std::vector<Value> records{};
    std::map<std::string, int> calls{};
    std::size_t now = 0;
    std::size_t most = 0;
    fleet::Runner* runner = nullptr;
    std::string drain_after{};
    report::Summary summary{};
    fleet::Stop stop = fleet::Stop::none;
    bool lasting = false;

    Task<void> act(Attempt& attempt) {
        const std::string& name = attempt.target.name;
        most = std::max(most, ++now);
        ++calls[name];
        struct Leave {
            std::size_t& now;
            ~Leave() { --now; }
        } leave{now};
        co_await net::sleep_for(1ms);
        if (name == drain_after) runner->drain();
        if (name == "silent") co_await net::sleep_for(1h);
        if (name == "lasting") co_await attempt.interrupt->wait();
        if (name == "reading") co_await attempt.interrupt->cut_off(net::sleep_for(1h));
        if (name == "refused") fail(retryable(Class::connect, "connect.refused"));
        if (name == "busy") fail(retryable(Class::firmware, "firmware.busy"));
        if (name == "slow") fail(Class::timeout, "timeout.connect", "slow", "raise --timeout");
        if (name == "denied") fail(Class::auth, "auth.rejected", "no", "hint");
        if (name == "lost") fail(net::lost(Error(Class::connect, "connect.reset", "gone")));
        if (name.ends_with("wordy")) {
            const std::string words(5000, 'x');
            attempt.whole_texts = name == "asked-wordy";
            attempt.before = attempt.after = attempt.data = Value::object().set("words", words);
            attempt.findings.device.firmware = words;
            attempt.findings.warnings.push_back(words);
        }
        if (name.starts_with("clone"))
            attempt.findings.device.uuid = "8a1c0000-1111-2222-3333-444455556666";
        attempt.changed = effect == fleet::Effect::changes;
        attempt.verified = true;
    }

    static Error retryable(Class kind, const char* code) {
        Error error(kind, code, "message", "hint");
        error.retryable = true;
        return error;
    }

    int run(std::vector<std::string> names) {
        std::vector<fleet::Work> list;
        for (const auto& name : names)
            list.push_back({parse_target(name).value(), std::nullopt, std::nullopt});
        return run(std::move(list));
    }

    int run(std::vector<fleet::Work> list) {
        report::Sink sink(report::Format::ndjson, {}, [this](std::string_view line) {
            records.push_back(parse_json(line).value());
        });
        fleet::Job job;
        job.tool = "oob-test";
        job.action = "test.act";
        job.effect = effect;
        job.lasting = lasting;
        job.act = [this](Attempt& attempt) {
            // Before there is a task: this must not take the device away.
            if (attempt.target.name == "throws") fail(Class::config, "config.broken", "no", "hint");
            return act(attempt);
        };
        fleet::Runner under_test(std::move(job), limits, sink);
        runner = &under_test;
        REQUIRE(test::run(under_test.run(std::move(list))));
        summary = under_test.summary();
        stop = under_test.stopped();
        return under_test.exit_status();
    }

    const Value& record(std::string_view name) const {
        for (const auto& one : records)
            if (report::at_path(one, "device.name").text() == name) return one;
        FAIL("no record of " << name);
        return records.front();
    }
};

}  // namespace

TEST_CASE("every device has one record, and no more run at once than the fan-out") {
    Rehearsal rehearsal;
    rehearsal.limits.fanout = 4;
    std::vector<std::string> names;
    for (int i = 0; i < 50; ++i) names.push_back("pc" + std::to_string(i));
    CHECK(rehearsal.run(names) == 0);
    CHECK(rehearsal.records.size() == 50);
    CHECK(rehearsal.most == 4);
}

TEST_CASE("the exit status is the failures' class when they agree, and 1 when they do not") {
    struct Row {
        std::vector<std::string> names;
        int status;
    };
    for (const Row& row : {Row{{"a", "b"}, 0}, Row{{"a", "refused"}, 10}, Row{{"denied"}, 13},
                           Row{{"denied", "refused"}, 1}, Row{{"busy"}, 17}}) {
        Rehearsal rehearsal;
        CHECK(rehearsal.run(row.names) == row.status);
    }
}

TEST_CASE("reads are tried again when that may help, changes never") {
    Rehearsal reads;
    CHECK(reads.run({"busy", "refused", "denied"}) == 1);
    CHECK(reads.calls["busy"] == 3);
    CHECK(reads.calls["refused"] == 1);
    CHECK(reads.calls["denied"] == 1);
    CHECK(reads.record("busy").find("attempts")->integer() == 3);

    Rehearsal changes{.effect = fleet::Effect::changes};
    changes.run(std::vector<std::string>{"busy"});
    CHECK(changes.calls["busy"] == 1);
}

TEST_CASE("a silent device costs its own limit and holds nobody up") {
    Rehearsal rehearsal;
    rehearsal.limits.timeout = 300ms;
    rehearsal.limits.fanout = 2;
    const auto start = net::Clock::now();
    CHECK(rehearsal.run({"silent", "a", "b", "c"}) == 11);
    CHECK(net::Clock::now() - start < 5s);
    CHECK(rehearsal.calls["silent"] == 1);
    CHECK(report::at_path(rehearsal.record("silent"), "error.class").text() == "timeout");
    CHECK(report::at_path(rehearsal.records.front(), "device.name").text() != "silent");
}

TEST_CASE("a change whose answer was lost has changed:null and exit status 20") {
    Rehearsal rehearsal{.effect = fleet::Effect::changes};
    CHECK(rehearsal.run(std::vector<std::string>{"lost"}) == 20);
    CHECK(rehearsal.record("lost").find("changed")->is_null());
    CHECK(report::at_path(rehearsal.record("lost"), "error.indeterminate").truth());
}

TEST_CASE("draining starts nothing new and says that the run stopped early") {
    Rehearsal rehearsal;
    rehearsal.limits.fanout = 1;
    rehearsal.drain_after = "b";
    CHECK(rehearsal.run({"a", "b", "c", "d"}) == 5);
    CHECK(rehearsal.records.size() == 2);
    CHECK(rehearsal.summary.not_started == 2);
    CHECK(rehearsal.summary.ok + rehearsal.summary.failed + rehearsal.summary.not_started == 4);
    CHECK(rehearsal.stop == fleet::Stop::interrupted);
}

TEST_CASE("a rolling change stops after so many failures") {
    Rehearsal rehearsal{.effect = fleet::Effect::changes};
    rehearsal.limits.fanout = 1;
    rehearsal.limits.max_failures = 2;
    CHECK(rehearsal.run({"denied", "a", "denied", "b", "c"}) == 5);
    CHECK(rehearsal.records.size() == 3);
    CHECK(rehearsal.stop == fleet::Stop::failures);
}

TEST_CASE("a record that had failed is passed through as skipped and counts") {
    Rehearsal rehearsal;
    const Value failed =
        parse_json(
            R"({"target":"amt://x","ok":false,"device":{"name":"x"},"error":{"class":"tls","code":"tls.unknown"}})")
            .value();
    std::vector<fleet::Work> list;
    list.push_back({parse_target("x").value(), failed, std::nullopt});
    CHECK(rehearsal.run(std::move(list)) == 12);
    CHECK(rehearsal.record("x").find("skipped")->truth());
    CHECK(rehearsal.calls.empty());
}

TEST_CASE("two devices that tell the same identity are told apart by a warning") {
    Rehearsal rehearsal;
    rehearsal.limits.fanout = 1;
    rehearsal.run({"clone1", "pc1", "clone2"});
    REQUIRE(rehearsal.records.size() == 3);
    const auto quality = [&](std::size_t at) {
        const Value* device = rehearsal.records[at].find("device");
        return std::string(device->find("id_quality")->text());
    };
    CHECK(quality(0) == "strong");
    CHECK(quality(1).empty());
    CHECK(quality(2) == "duplicate");
    CHECK(rehearsal.records[2].find("warnings")->items().size() == 1);
}

TEST_CASE("an act that throws before there is a task fails its own device") {
    Rehearsal rehearsal{.effect = fleet::Effect::changes};
    CHECK(rehearsal.run({"a", "throws", "b"}) == 2);
    CHECK(rehearsal.records.size() == 3);
    CHECK(report::at_path(rehearsal.record("throws"), "error.code").text() == "config.broken");
    CHECK(rehearsal.summary.ok == 2);
}

TEST_CASE("work that only waits is cut off when the run is to end") {
    Rehearsal rehearsal;
    rehearsal.limits.fanout = 2;
    rehearsal.drain_after = "b";
    CHECK(rehearsal.run({"reading", "b", "c"}) == 5);
    CHECK(report::at_path(rehearsal.record("reading"), "error.code").text() ==
          "interrupted.stopped");
    CHECK(rehearsal.summary.not_started == 1);
}

TEST_CASE("a device that the deadline cuts off is not told to wait longer for each") {
    Rehearsal rehearsal;
    rehearsal.limits.deadline = 50ms;
    CHECK(rehearsal.run(std::vector<std::string>{"silent"}) == 11);
    const Value& record = rehearsal.record("silent");
    CHECK(report::at_path(record, "error.code").text() == "timeout.deadline");
    const std::string hint(report::at_path(record, "error.hint").text());
    CHECK(hint.find("--deadline") != std::string::npos);
    CHECK(hint.find("--timeout") == std::string::npos);
}

TEST_CASE("nothing is begun once the deadline has come") {
    Rehearsal rehearsal;
    rehearsal.limits.fanout = 1;
    rehearsal.limits.deadline = 50ms;
    CHECK(rehearsal.run({"silent", "a", "b"}) == 5);
    CHECK(rehearsal.calls.size() == 1);
    CHECK(rehearsal.summary.failed == 1);
    CHECK(rehearsal.summary.not_started == 2);
    CHECK(rehearsal.stop == fleet::Stop::deadline);
}

TEST_CASE("a limit that the deadline has cut short is not to be raised") {
    Rehearsal rehearsal;
    rehearsal.limits.timeout = 2h;
    rehearsal.limits.deadline = 1h;
    CHECK(rehearsal.run(std::vector<std::string>{"slow"}) == 11);
    const Value& record = rehearsal.record("slow");
    CHECK(report::at_path(record, "error.code").text() == "timeout.connect");
    CHECK(report::at_path(record, "error.hint").text().find("--deadline") != std::string::npos);
    CHECK(report::at_path(record, "error.hint").text().find("--timeout") == std::string::npos);
}

TEST_CASE("a read is not tried again once the run is to end") {
    Rehearsal rehearsal;
    rehearsal.drain_after = "busy";
    CHECK(rehearsal.run(std::vector<std::string>{"busy"}) == 17);
    CHECK(rehearsal.calls["busy"] == 1);
}

TEST_CASE("lasting work that the deadline interrupts says so, and that nobody stopped it") {
    Rehearsal rehearsal{.lasting = true};
    rehearsal.limits.deadline = 50ms;
    CHECK(rehearsal.run(std::vector<std::string>{"reading"}) == 11);
    const Value& record = rehearsal.record("reading");
    CHECK(report::at_path(record, "error.class").text() == "timeout");
    CHECK(report::at_path(record, "error.code").text() == "timeout.deadline");
    CHECK(report::at_path(record, "error.hint").text().find("--deadline") != std::string::npos);
}

TEST_CASE("lasting work has no time of its own, and the deadline is its orderly end") {
    Rehearsal rehearsal{.lasting = true};
    rehearsal.limits.timeout = 1ms;
    rehearsal.limits.deadline = 50ms;
    CHECK(rehearsal.run(std::vector<std::string>{"lasting"}) == 0);
    CHECK(rehearsal.record("lasting").find("ok")->truth());
}

TEST_CASE("a device that was met under another name, or is excluded, is not admitted to a change") {
    fleet::Identities identities;
    identities.exclude({"amt:8a1c0000-1111-2222-3333-444455556666"});
    DeviceFacts excluded;
    excluded.protocol = "amt";
    excluded.uuid = "8a1c0000-1111-2222-3333-444455556666";
    CHECK(identities.matter());
    CHECK(identities.admit(excluded, "amt://a").error().code == "identity.excluded");
    DeviceFacts machine;
    machine.protocol = "amt";
    machine.uuid = "8a1c0000-1111-2222-3333-444455550000";
    CHECK(identities.admit(machine, "amt://a"));
    CHECK(identities.admit(machine, "amt://a"));
    CHECK(identities.admit(machine, "amt://alias").error().code == "identity.duplicate");
    DeviceFacts nobody;
    nobody.uuid = "00000000-0000-0000-0000-000000000000";
    CHECK(identities.admit(nobody, "amt://b"));
    CHECK(identities.admit(nobody, "amt://c"));
    fleet::Identities one;
    one.expect(1);
    CHECK_FALSE(one.matter());
    one.expect(2);
    CHECK(one.matter());
}

TEST_CASE("a table has its rows in the order of the targets, whoever is done first") {
    std::string out;
    report::Sink sink(report::Format::table, report::standard_view(),
                      [&](std::string_view text) { out += text; }, {},
                      // Time stands still: no row gets tired of waiting.
                      {report::unlimited, [] { return std::chrono::steady_clock::time_point(); }});
    net::Bell last_is_done;
    bool done = false;
    fleet::Job job;
    job.tool = "oob-test";
    job.action = "test.act";
    job.act = [&](Attempt& attempt) -> Task<void> {
        while (attempt.target.name == "first" && !done) co_await last_is_done.wait();
        done = done || attempt.target.name == "the-last-one";
        if (done) last_is_done.ring();
    };
    fleet::Runner runner(std::move(job), {.timeout = 1h}, sink);
    std::vector<fleet::Work> list;
    for (const char* name : {"first", "second", "the-last-one"})
        list.push_back({parse_target(name).value(), std::nullopt, std::nullopt});
    list[1].passed_through = parse_json(R"({"ok":false,"device":{"name":"second"}})").value();
    REQUIRE(test::run(runner.run(std::move(list))));
    CHECK(out ==
          "DEVICE        FIRMWARE      RESULT\n"
          "first         -             ok\n"
          "second        -             skipped\n"
          "the-last-one  -             ok\n");
}

TEST_CASE("a read that timed out is not sent again, though its device has time left") {
    int calls = 0;
    std::vector<Value> records;
    report::Sink sink(report::Format::ndjson, {},
                      [&](std::string_view line) { records.push_back(parse_json(line).value()); });
    fleet::Job job;
    job.tool = "oob-test";
    job.action = "test.act";
    job.act = [&](Attempt&) -> Task<void> {
        ++calls;
        fail(Rehearsal::retryable(Class::timeout, "timeout.connect"));
        co_return;
    };
    fleet::Runner runner(std::move(job), {.timeout = 1h}, sink);
    std::vector<fleet::Work> list;
    list.push_back({parse_target("pc1").value(), std::nullopt, std::nullopt});
    REQUIRE(test::run(runner.run(std::move(list))));
    CHECK(calls == 1);
    REQUIRE(records.size() == 1);
    CHECK(records[0].find("attempts")->integer() == 1);
}

TEST_CASE("a device's own limit holds for it alone") {
    Rehearsal rehearsal;
    rehearsal.limits.timeout = 1h;
    std::vector<fleet::Work> list;
    for (const char* name : {"silent", "a", "b"})
        list.push_back({parse_target(name).value(), std::nullopt, std::nullopt});
    list.front().timeout = 20ms;
    CHECK(rehearsal.run(std::move(list)) == 11);
    CHECK(report::at_path(rehearsal.record("silent"), "error.native.limit_ms").integer() <= 20);
    CHECK(rehearsal.record("a").find("ok")->truth());
    CHECK(rehearsal.record("b").find("ok")->truth());
}

TEST_CASE("of what a device says a record has as much as a person reads, unless it was asked for") {
    Rehearsal rehearsal;
    CHECK(rehearsal.run(std::vector<std::string>{"wordy", "asked-wordy"}) == 0);
    const Value& cut = rehearsal.record("wordy");
    const Value& whole = rehearsal.record("asked-wordy");
    for (const char* path : {"state.before.words", "state.after.words", "data.words"}) {
        CAPTURE(path);
        CHECK(report::at_path(cut, path).text().ends_with("x… (2952 bytes more)"));
        CHECK(report::at_path(whole, path).text().size() == 5000);
    }
    for (const Value* record : {&cut, &whole}) {
        CHECK(report::at_path(*record, "device.firmware").text().ends_with("bytes more)"));
        CHECK(record->find("warnings")->items().front().text().ends_with("bytes more)"));
    }
}
