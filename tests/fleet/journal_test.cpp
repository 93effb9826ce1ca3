#include "fleet/journal.h"

#include "core/file.h"
#include "core/json.h"
#include "fleet/runner.h"
#include "support/run.h"
#include "support/temporary_folder.h"

#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <map>

using namespace oob;
using namespace std::chrono_literals;
using fleet::Journal;
using fleet::Purpose;

namespace {

const Purpose power_off{"oob-power", "power.off", "0000", true};

std::string read(const std::filesystem::path& path) { return read_file(path, "test").value(); }

/// Devices that can be switched; "fragile" dies with its answer, "broken" cannot be reached,
/// "stubborn" takes the change and does not follow, "denied" takes nothing.
struct Site {
    std::filesystem::path journal;
    Purpose purpose = power_off;
    bool fragile_is_switched = true;
    std::map<std::string, int> changes{};
    std::map<std::string, bool> off{};
    std::vector<Value> records{};
    int status = 0;

    net::Task<void> act(fleet::Attempt& attempt) {
        const std::string name = attempt.target.name;
        co_await net::sleep_for(1ms);
        if (name == "broken") fail(Class::connect, "connect.refused", "no", "hint");
        if (attempt.dry_run) {
            attempt.data.set("plan", off[name] ? std::string(fleet::nothing_to_do) : "switch off");
            co_return;
        }
        if (name == "denied") fail(Class::auth, "auth.rejected", "no", "hint");
        ++changes[name];
        if (name == "stubborn") {
            attempt.changed = true;
            fail(Class::verify, "verify.power", "still on", "hint");
        }
        off[name] = name != "fragile" || fragile_is_switched;
        if (name == "fragile") fail(net::lost(Error(Class::connect, "connect.reset", "gone")));
        attempt.changed = true;
        attempt.verified = true;
    }

    void run(Journal journal_of_run, std::vector<std::string> names) {
        std::vector<fleet::Work> list;
        for (const auto& name : names)
            list.push_back({parse_target(name).value(), std::nullopt, std::nullopt});
        list = journal_of_run.remaining(std::move(list));
        records.clear();
        report::Sink sink(report::Format::ndjson, {}, [this](std::string_view line) {
            records.push_back(parse_json(line).value());
        });
        fleet::Job job;
        job.tool = purpose.tool;
        job.action = purpose.action;
        job.effect = purpose.changes ? fleet::Effect::changes : fleet::Effect::reads;
        job.journal = &journal_of_run;
        job.act = [this](fleet::Attempt& attempt) { return act(attempt); };
        fleet::Runner runner(std::move(job), {}, sink);
        REQUIRE(test::run(runner.run(std::move(list))));
        REQUIRE(!runner.journal_error());
        status = runner.exit_status();
    }

    void start(std::vector<std::string> names) {
        run(Journal::create(journal, purpose).value(), std::move(names));
    }
    void resume(std::vector<std::string> names) {
        run(Journal::resume(journal, purpose).value(), std::move(names));
    }

    const Value& record(std::string_view name) const {
        for (const auto& one : records)
            if (report::at_path(one, "device.name").text() == name) return one;
        FAIL("no record of " << name);
        return records.front();
    }
};

}  // namespace

TEST_CASE("what was done is not done again, what had failed is tried again") {
    const test::TemporaryFolder folder;
    Site site{folder.path() / "journal"};
    site.start({"a", "b", "denied"});
    CHECK(site.status == 13);
    site.resume({"a", "b", "denied", "c"});
    CHECK(site.changes == std::map<std::string, int>{{"a", 1}, {"b", 1}, {"c", 1}});
    CHECK(site.records.size() == 2);
    CHECK(site.record("denied").find("ok")->truth() == false);
    site.resume({"a", "b", "c"});
    CHECK(site.records.empty());
}

TEST_CASE("a run that is gone on with is held against the targets of the one before") {
    const test::TemporaryFolder folder;
    const auto path = folder.path() / "journal";
    const auto work_of = [](std::vector<std::string> names) {
        std::vector<fleet::Work> list;
        for (const auto& name : names) list.push_back({parse_target(name).value()});
        return list;
    };
    {
        Journal journal = Journal::create(path, power_off).value();
        REQUIRE(journal.intend(work_of({"a", "b", "c"})));
        REQUIRE(journal.started("amt://a"));
        REQUIRE(journal.finished(
            parse_json(R"({"target":"amt://a","ok":true,"changed":true})").value()));
    }
    const auto compare = [&](std::vector<std::string> names) {
        return Journal::resume(path, power_off).value().compare(work_of(std::move(names)));
    };
    CHECK(compare({"A", "amt://b:16993", "c."}).added.empty());
    CHECK(compare({"a", "b", "c"}).missing.empty());
    CHECK(compare({"b", "c"}).missing.empty());  // a is done
    const auto other = compare({"b", "d", "a"});
    CHECK(other.added == std::vector<std::string>{"amt://d"});
    CHECK(other.missing == std::vector<std::string>{"amt://c"});
    {
        REQUIRE(Journal::create(folder.path() / "silent", power_off));
    }
    const auto silent = Journal::resume(folder.path() / "silent", power_off).value();
    CHECK(silent.compare(work_of({"d"})).added.empty());
}

TEST_CASE("a journal names more targets than one line holds") {
    const test::TemporaryFolder folder;
    const auto path = folder.path() / "journal";
    std::vector<fleet::Work> list;
    for (int i = 0; i < 2'500; ++i)
        list.push_back({parse_target("pc" + std::to_string(i)).value()});
    {
        REQUIRE(Journal::create(path, power_off).value().intend(list));
    }
    const auto resumed = Journal::resume(path, power_off).value();
    CHECK(resumed.compare(list).added.empty());
    list.pop_back();
    CHECK(resumed.compare(list).missing == std::vector<std::string>{"amt://pc2499"});
}

TEST_CASE("a failure after a change is given back, and its change is not repeated") {
    const test::TemporaryFolder folder;
    Site site{folder.path() / "journal"};
    site.start({"stubborn"});
    site.resume({"stubborn"});
    CHECK(site.changes["stubborn"] == 1);
    CHECK(site.status == 18);
    CHECK(site.record("stubborn").find("skipped")->truth());
}

TEST_CASE("an unknown outcome is settled by reading the state, never by doing it again") {
    for (const bool switched : {true, false}) {
        CAPTURE(switched);
        const test::TemporaryFolder folder;
        Site site{folder.path() / "journal"};
        site.fragile_is_switched = switched;
        site.start({"fragile"});
        CHECK(site.status == 20);
        site.resume({"fragile"});
        CHECK(site.status == (switched ? 0 : 20));
        CHECK(site.record("fragile").find("verified")->truth() == switched);
        // It stays unknown until somebody settles it; what is settled is done.
        site.resume({"fragile"});
        CHECK(site.status == (switched ? 3 : 20));
        CHECK(site.changes["fragile"] == 1);
    }
}

TEST_CASE("an unknown outcome that cannot be read stays indeterminate, whatever the reason") {
    const test::TemporaryFolder folder;
    Site site{folder.path() / "journal"};
    {
        Journal journal = Journal::create(site.journal, power_off).value();
        REQUIRE(journal.started("amt://broken"));
    }
    for (int i = 0; i < 2; ++i) {
        site.resume({"broken"});
        CHECK(site.status == 20);
        CHECK(site.record("broken").find("changed")->is_null());
        CHECK(report::at_path(site.record("broken"), "error.native.cause").text() ==
              "connect.refused");
    }
}

TEST_CASE("a journal cut at any byte never leads to a change that is made twice") {
    const test::TemporaryFolder folder;
    Site site{folder.path() / "whole"};
    site.start({"a", "b", "c"});
    const std::string whole = read(site.journal);
    const std::size_t head = whole.find('\n') + 1;
    for (std::size_t size = head; size <= whole.size(); size += 23) {
        CAPTURE(size);
        const std::string left = whole.substr(0, size);
        Site later{folder.write("cut", left)};
        later.changes = site.changes;
        later.off = site.off;
        // A device that the journal's whole lines do not know of was never touched.
        for (const char* name : {"a", "b", "c"}) {
            const auto start = whole.find(std::string("\"target\":\"amt://") + name + "\"}");
            REQUIRE(start != std::string::npos);
            if (whole.find('\n', start) < size) continue;
            later.changes[name] = 0;
            later.off[name] = false;
        }
        later.resume({"a", "b", "c"});
        CHECK(later.status == (later.records.empty() ? 3 : 0));
        for (const char* name : {"a", "b", "c"}) CHECK(later.changes[name] == 1);
        later.resume({"a", "b", "c"});
        CHECK(later.records.empty());
    }
    for (std::size_t size = 0; size < head; ++size) {
        const auto path = folder.write("cut", whole.substr(0, size));
        CHECK(Journal::resume(path, power_off).error().code == "usage.resume");
    }
}

TEST_CASE("a journal is its owner's, is not overwritten, and serves one run at a time") {
    const test::TemporaryFolder folder;
    const auto path = folder.path() / "journal";
    const auto journal = Journal::create(path, power_off);
    REQUIRE(journal);
    struct stat status{};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);
    CHECK(Journal::create(path, power_off).error().code == "usage.journal");
    CHECK(Journal::resume(path, power_off).error().code == "config.journal");
    CHECK(Journal::resume(folder.path() / "none", power_off).error().code == "config.journal");
    CHECK(Journal::create(folder.path() / "no/folder", power_off).error().code == "config.journal");
}

TEST_CASE("a journal of another command or with a line that makes no sense is refused") {
    const test::TemporaryFolder folder;
    const auto path = folder.path() / "journal";
    {
        REQUIRE(Journal::create(path, power_off));
    }
    struct Row {
        Purpose purpose;
        const char* more;
        const char* code;
    };
    Purpose other_tool = power_off;
    other_tool.tool = "oob-wsman";
    Purpose other_verb = power_off;
    other_verb.action = "power.on";
    Purpose other_words = power_off;
    other_words.check = "0001";
    const std::string head = read(path);
    for (const Row& row :
         {Row{power_off, "", ""}, Row{other_tool, "", "usage.resume"},
          Row{other_verb, "", "usage.resume"}, Row{other_words, "", "usage.resume"},
          Row{power_off, "garbage\n", "config.journal"}, Row{power_off, "{}\n", "config.journal"},
          Row{power_off, "{\"type\":\"start\"}\n", "config.journal"},
          Row{power_off, "{\"type\":\"targets\",\"targets\":7}\n", "config.journal"},
          Row{power_off, "{\"type\":\"done\",\"record\":{}}\n", "config.journal"}}) {
        CAPTURE(row.more);
        const auto resumed = Journal::resume(folder.write("other", head + row.more), row.purpose);
        CHECK((resumed ? std::string() : resumed.error().code) == row.code);
    }
}

TEST_CASE("the check tells words apart and gives away four digits at most") {
    CHECK(fleet::check_of({"a", "b"}) != fleet::check_of({"ab"}));
    CHECK(fleet::check_of({"a", "b"}) != fleet::check_of({"b", "a"}));
    CHECK(fleet::check_of({"Password=hunter2"}).size() == 4);
}

TEST_CASE("a journal that cannot be written stops the run before the device is touched") {
    const test::TemporaryFolder folder;
    const auto path = folder.path() / "journal";
    Journal journal = Journal::create(path, power_off).value();
    // The file may grow no further: the next write fails as it does on a full disk.
    rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
    const rlimit full{std::filesystem::file_size(path), before.rlim_max};
    std::signal(SIGXFSZ, SIG_IGN);
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &full) == 0);

    int calls = 0;
    fleet::Job job;
    job.tool = "oob-power";
    job.action = "power.off";
    job.effect = fleet::Effect::changes;
    job.journal = &journal;
    job.act = [&calls](fleet::Attempt&) -> net::Task<void> {
        ++calls;
        co_return;
    };
    std::size_t records = 0;
    report::Sink sink(report::Format::ndjson, {}, [&](std::string_view) { ++records; });
    fleet::Runner runner(std::move(job), {.fanout = 1}, sink);
    std::vector<fleet::Work> list;
    for (const char* name : {"a", "b"})
        list.push_back({parse_target(name).value(), std::nullopt, std::nullopt});
    const auto ran = test::run(runner.run(std::move(list)));
    ::setrlimit(RLIMIT_FSIZE, &before);
    REQUIRE(ran);
    CHECK(calls == 0);
    CHECK(records == 1);
    REQUIRE(runner.journal_error());
    CHECK(runner.journal_error()->code == "config.journal");
}
