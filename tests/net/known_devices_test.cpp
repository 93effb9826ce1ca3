#include "net/known_devices.h"

#include "core/file.h"
#include "net/deadline.h"
#include "net/group.h"
#include "net/run.h"
#include "support/run.h"
#include "support/temporary_folder.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

using namespace oob;

namespace {

const std::string key_a = "sha256:" + std::string(64, 'a');
const std::string key_b = "sha256:" + std::string(64, 'b');
const net::Endpoint pc1{"pc1", 16993};
const net::Endpoint six{"2001:db8::1", 16993};

void record(net::KnownDevices& known, const net::Endpoint& endpoint, const std::string& key) {
    net::run([&] { return known.record(endpoint, key); });
}

net::Task<void> record_all(net::KnownDevices& known, unsigned count) {
    net::Group group;
    for (unsigned i = 0; i < count; ++i)
        co_await group.spawn(known.record({"pc" + std::to_string(i), 16993}, key_a));
    co_await group.wait_until_at_most(0);
}

}  // namespace

TEST_CASE("a device that was recorded is known to the next program") {
    const test::TemporaryFolder folder;
    const auto path = folder.path() / "state/known_devices";
    net::KnownDevices first(path);
    CHECK(first.find(pc1).value() == std::nullopt);
    record(first, pc1, key_a);
    record(first, six, key_b);

    net::KnownDevices second(path);
    CHECK(second.find(pc1).value() == key_a);
    CHECK(second.find(six).value() == key_b);
    CHECK(second.find({"pc1", 443}).value() == std::nullopt);
}

TEST_CASE("two programs that record at the same time lose nothing") {
    const test::TemporaryFolder folder;
    net::KnownDevices one(folder.path() / "known");
    net::KnownDevices two(folder.path() / "known");
    REQUIRE(one.find(pc1));  // both have read the empty file
    REQUIRE(two.find(pc1));
    record(one, pc1, key_a);
    record(two, six, key_b);
    net::KnownDevices three(folder.path() / "known");
    CHECK(three.find(pc1).value() == key_a);
    CHECK(three.find(six).value() == key_b);
}

TEST_CASE("of two first contacts that see two keys the later one is an error, in two programs") {
    const test::TemporaryFolder folder;
    net::KnownDevices one(folder.path() / "known");
    net::KnownDevices two(folder.path() / "known");
    REQUIRE(one.find(pc1));  // both have read the empty file
    REQUIRE(two.find(pc1));
    record(one, pc1, key_a);
    const auto later = test::run(two.record(pc1, key_b));
    REQUIRE(!later);
    CHECK(later.error().code == "tls.changed");
    CHECK(!later.error().hint.empty());
    CHECK(two.find(pc1).value() == key_a);
    CHECK(!two.is_new(pc1));
    // The same key is none.
    record(two, pc1, key_a);
    CHECK(net::KnownDevices(folder.path() / "known").find(pc1).value() == key_a);
}

TEST_CASE("of two first contacts that see two keys the later one is an error, in one batch") {
    const test::TemporaryFolder folder;
    net::KnownDevices known(folder.path() / "known");
    struct Row {
        net::Endpoint endpoint;
        const std::string& key;
        std::optional<std::string> address;
        const char* code;  ///< empty: it is recorded
    };
    const std::vector<Row> rows{{pc1, key_a, {}, ""},
                                {{"PC1.", 16993}, key_b, {}, "tls.changed"},
                                {pc1, key_a, {}, ""},
                                {six, key_b, {}, ""},
                                {{"pc2", 16993}, key_a, "2001:db8::1", "tls.changed"},
                                {{"pc3", 16993}, key_b, "2001:db8::1", ""}};
    std::vector<std::string> codes(rows.size(), "none");
    net::run([&]() -> net::Task<void> {
        net::Group group;
        const auto one = [&](std::size_t at) -> net::Task<void> {
            const Row& row = rows[at];
            const auto done =
                co_await net::attempt(known.record(row.endpoint, row.key, row.address));
            codes[at] = done ? "" : done.error().code;
        };
        for (std::size_t at = 0; at < rows.size(); ++at) co_await group.spawn(one(at));
        co_await group.join();
    });
    for (std::size_t at = 0; at < rows.size(); ++at) {
        CAPTURE(at);
        CHECK(codes[at] == rows[at].code);
    }
    net::KnownDevices later(folder.path() / "known");
    CHECK(later.find(pc1).value() == key_a);
    CHECK(later.find({"pc2", 16993}).value() == std::nullopt);
    CHECK(later.find({"pc3", 16993}).value() == key_b);
}

TEST_CASE("a device is new in the run that has recorded it, and in no other") {
    const test::TemporaryFolder folder;
    net::KnownDevices first(folder.path() / "known");
    CHECK(!first.is_new(pc1));
    record(first, pc1, key_a);
    CHECK(first.is_new({"PC1.", 16993}));
    CHECK(!first.is_new(six));
    net::KnownDevices second(folder.path() / "known");
    CHECK(second.find(pc1).value() == key_a);
    CHECK(!second.is_new(pc1));
}

TEST_CASE("where no file can be, that is the error of whoever needs it") {
    net::KnownDevices known(std::unexpected(Error(Class::config, "config.home", "no home")));
    CHECK(known.find(pc1).error().code == "config.home");
    CHECK(test::run(known.record(pc1, key_a)).error().code == "config.home");
}

TEST_CASE("many devices at the same time are all on disk once each is recorded") {
    const test::TemporaryFolder folder;
    net::KnownDevices known(folder.path() / "known");
    net::run([&] { return record_all(known, 500); });
    net::KnownDevices later(folder.path() / "known");
    for (const unsigned i : {0U, 250U, 499U})
        CHECK(later.find({"pc" + std::to_string(i), 16993}).value() == key_a);
}

TEST_CASE("a file that cannot be written fails everybody who waited for it") {
    const test::TemporaryFolder folder;
    net::KnownDevices known(folder.write("file", "no folder") / "known");
    unsigned failures = 0;
    net::run([&]() -> net::Task<void> {
        for (int i = 0; i < 2; ++i) {
            const auto done = co_await net::attempt(known.record(pc1, key_a));
            if (!done && done.error().code == "config.known_devices") ++failures;
        }
    });
    CHECK(failures == 2);
}

TEST_CASE("the known-devices file is for its owner only") {
    const test::TemporaryFolder folder;
    net::KnownDevices known(folder.path() / "known");
    record(known, pc1, key_a);
    struct stat status{};
    REQUIRE(::stat((folder.path() / "known").c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);
    REQUIRE(::stat((folder.path() / "known.lock").c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);
}

TEST_CASE("a lock file that is a link is not followed") {
    const test::TemporaryFolder folder;
    std::filesystem::create_symlink(folder.path() / "elsewhere", folder.path() / "known.lock");
    net::KnownDevices known(folder.path() / "known");
    CHECK(test::run(known.record(pc1, key_a)).error().code == "config.known_devices");
    CHECK(!std::filesystem::exists(folder.path() / "elsewhere"));
}

TEST_CASE("a line that makes no sense is an error that names it") {
    const test::TemporaryFolder folder;
    net::KnownDevices known(folder.write("known", "# comment\n\npc1:16993 what is this thing\n"));
    const auto found = known.find(pc1);
    REQUIRE(!found);
    CHECK(found.error().kind == Class::config);
    CHECK(found.error().message.find("line 3") != std::string::npos);
}

TEST_CASE("a device is known however its name is written") {
    const test::TemporaryFolder folder;
    const auto path = folder.write("known", "LOCALHOST:16993 " + key_a + " 2026-01-01\n" +
                                                "[2001:DB8:0::1]:16993 " + key_b + " 2026-01-01\n");
    net::KnownDevices known(path);
    for (const char* name : {"localhost", "LocalHost", "localhost."})
        CHECK(known.find({name, 16993}).value() == key_a);
    CHECK(known.find(six).value() == key_b);
    record(known, {"PC1.", 16993}, key_a);
    CHECK(net::KnownDevices(path).find(pc1).value() == key_a);
    CHECK(read_file(path, "test").value().contains("\npc1:16993 " + key_a));
}

TEST_CASE("two lines that give one device different keys are an error for that device alone") {
    const test::TemporaryFolder folder;
    const auto path =
        folder.write("known", "LOCALHOST:16993 " + key_a + " 2026-01-01\n" + "localhost:16993 " +
                                  key_b + " 2026-01-02\n" + "PC1:16993 " + key_a + " 2026-01-01\n" +
                                  "pc1:16993 " + key_a + " 2026-01-01\n");
    net::KnownDevices known(path);
    const auto found = known.find({"localhost", 16993});
    REQUIRE(!found);
    CHECK(found.error().code == "config.known_devices");
    CHECK(known.find(pc1).value() == key_a);
    // Nobody's line is lost when another device is recorded.
    record(known, six, key_b);
    CHECK(!net::KnownDevices(path).find({"localhost", 16993}));
}

TEST_CASE("a file that cannot be looked into is not an empty one") {
    const test::TemporaryFolder folder;
    const auto path = folder.path() / "known";
    std::filesystem::create_symlink(folder.path() / "elsewhere", path);
    net::KnownDevices dangling(path);
    REQUIRE(!dangling.find(pc1));
    CHECK(dangling.find(pc1).error().code == "config.known_devices");
}

TEST_CASE("where the file is a link, what it leads to is written") {
    const test::TemporaryFolder folder;
    const auto path = folder.path() / "known";
    REQUIRE(replace_file(folder.path() / "elsewhere", "", "config.test"));
    std::filesystem::create_symlink(folder.path() / "elsewhere", path);
    net::KnownDevices known(path);
    record(known, pc1, key_a);
    CHECK(std::filesystem::is_symlink(path));
    net::KnownDevices there(folder.path() / "elsewhere");
    CHECK(there.find(pc1).value() == key_a);
}

TEST_CASE("what people wrote into the file is read as they meant it, and stays") {
    const test::TemporaryFolder folder;
    const auto path = folder.path() / "known";
    const std::string loud = "sha256:" + std::string(64, 'A');
    REQUIRE(replace_file(path, "# rack 4\npc1:16993 " + loud + " 2026-01-01T00:00:00.000Z\n",
                         "config.test"));
    net::KnownDevices known(path);
    CHECK(known.find(pc1).value() == key_a);
    record(known, six, key_b);
    const std::string text = read_file(path, "config.test").value();
    CHECK(text.find("# rack 4\n") != std::string::npos);
    REQUIRE(replace_file(path, "pc1:16993 sha256: 2026-01-01T00:00:00.000Z\n", "config.test"));
    net::KnownDevices cut(path);
    CHECK(!cut.find(pc1));
}
