#include "sim/disk_bus.h"

#include "codec/scsi/sense.h"
#include "net/deadline.h"
#include "net/group.h"
#include "support/run.h"

#include <doctest/doctest.h>

#include <chrono>
#include <functional>
#include <optional>

using namespace oob;
using net::Task;
using sim::DiskBus;
using Drive = DiskBus::Drive;
namespace scsi = codec::scsi;

namespace {

/// A client that answers each command at once, as the test wishes.
class Client final : public DiskBus::Lender {
 public:
    explicit Client(DiskBus& bus) : bus_(bus) {}

    Task<void> send_command(Drive, scsi::Cdb cdb) override {
        ++commands;
        if (answer)
            answer(cdb);
        else
            bus_.end({});
        co_return;
    }
    Task<void> resynchronise() override { co_return; }

    int commands = 0;
    std::function<void(const scsi::Cdb&)> answer;

 private:
    DiskBus& bus_;
};

scsi::Sense sense_of(DiskBus& bus, const scsi::Cdb& cdb, Drive drive = Drive::cd,
                     std::size_t most = 0) {
    return test::run(bus.run(drive, cdb, most)).value().sense;
}

scsi::Sense ready(DiskBus& bus, Drive drive = Drive::cd) {
    return sense_of(bus, scsi::test_unit_ready(), drive);
}

constexpr scsi::Sense good{};

}  // namespace

TEST_CASE("a new medium is told once, before anything but INQUIRY and REQUEST SENSE") {
    DiskBus bus;
    Client client(bus);
    CHECK(ready(bus) == scsi::no_medium);
    bus.lend(client, std::nullopt, 100);
    CHECK(sense_of(bus, scsi::inquiry(36)) == good);
    CHECK(sense_of(bus, scsi::request_sense(18)) == good);
    CHECK(client.commands == 2);
    CHECK(ready(bus) == scsi::medium_changed);
    CHECK(client.commands == 2);
    CHECK(ready(bus) == good);
    CHECK(client.commands == 3);
    CHECK(ready(bus, Drive::floppy) == good);  // an empty drive has nothing to tell
}

TEST_CASE("a client that comes back with the same medium is not told of, another medium is") {
    DiskBus bus;
    Client first(bus);
    bus.lend(first, 2'880, 100);
    CHECK(ready(bus) == scsi::medium_changed);
    CHECK(ready(bus, Drive::floppy) == scsi::medium_changed);
    const std::uint64_t loan = bus.loan();

    bus.lose(first);
    Client again(bus);
    bus.lend(again, 2'880, 100);
    CHECK(ready(bus) == good);
    CHECK(bus.loan() == loan);

    bus.lose(again);
    Client other(bus);
    bus.lend(other, 2'880, 200);
    CHECK(ready(bus) == scsi::medium_changed);
    CHECK(ready(bus) == good);
    CHECK(ready(bus, Drive::floppy) == good);
    CHECK(bus.loan() != loan);

    bus.take_back(other);
    CHECK(ready(bus) == scsi::no_medium);
    bus.lend(other, 2'880, 200);
    CHECK(ready(bus) == scsi::medium_changed);
}

TEST_CASE("a reset ends the command under way, and both drives tell of it once") {
    DiskBus bus;
    Client client(bus);
    bus.lend(client, 2'880, 100);
    CHECK(ready(bus) == scsi::medium_changed);
    client.answer = [&](const scsi::Cdb&) { bus.reset(); };
    CHECK(ready(bus) == scsi::aborted);
    client.answer = {};
    CHECK(ready(bus) == scsi::was_reset);
    CHECK(ready(bus) == good);
    CHECK(ready(bus, Drive::floppy) == scsi::was_reset);
    CHECK(ready(bus, Drive::floppy) == good);
}

TEST_CASE("a read that is called good without its data is an error of the medium") {
    DiskBus bus;
    Client client(bus);
    bus.lend(client, std::nullopt, 100);
    CHECK(ready(bus) == scsi::medium_changed);
    CHECK(sense_of(bus, scsi::read_10(0, 1), Drive::cd, 2048) == scsi::unreadable);
    CHECK(sense_of(bus, scsi::read_12(0, 1), Drive::cd, 2048) == scsi::unreadable);
    const Bytes block(2048);
    client.answer = [&](const scsi::Cdb&) { bus.take_data(block, true); };
    CHECK(sense_of(bus, scsi::read_10(0, 1), Drive::cd, 2048) == good);
}

TEST_CASE("a client that takes its drives back while a command is under way leaves no medium") {
    DiskBus bus;
    Client client(bus);
    bus.lend(client, std::nullopt, 100);
    CHECK(ready(bus) == scsi::medium_changed);
    client.answer = [&](const scsi::Cdb&) { bus.take_back(client); };
    CHECK(ready(bus) == scsi::no_medium);
    CHECK(!bus.blocks(Drive::cd));
}

TEST_CASE("a command whose client is lost waits, and is run on the client that comes back") {
    DiskBus bus;
    Client client(bus);
    Client again(bus);
    bus.lend(client, std::nullopt, 100);
    CHECK(ready(bus) == scsi::medium_changed);
    client.answer = [&](const scsi::Cdb&) { bus.lose(client); };
    const auto both = [&]() -> Task<scsi::Sense> {
        std::optional<scsi::Sense> sense;
        const auto host = [&]() -> Task<void> {
            const auto outcome = co_await bus.run(Drive::cd, scsi::test_unit_ready(), 0);
            sense = outcome.sense;
        };
        net::Group group;
        co_await group.spawn(host());
        while (client.commands == 0) co_await net::sleep_for(std::chrono::milliseconds(1));
        // So long the host sees no failure, however often it is looked at.
        for (int i = 0; i < 20; ++i) co_await net::sleep_for(std::chrono::milliseconds(1));
        CHECK(!sense);
        bus.lend(again, std::nullopt, 100);
        co_await group.join();
        co_return sense.value();
    };
    CHECK(test::run(both()).value() == good);
    CHECK(again.commands == 1);
}
