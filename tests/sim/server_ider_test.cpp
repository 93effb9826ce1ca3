#include "codec/redirection/ider.h"
#include "codec/scsi/drive.h"
#include "redirection_client.h"
#include "server_rig.h"
#include "sim/disk_host.h"
#include "support/hex.h"

#include <doctest/doctest.h>

#include <future>
#include <memory>
#include <thread>

using namespace oob;
using namespace oob::sim::test;
using namespace oob::codec::redirection;
using oob::test::hex;
namespace scsi = codec::scsi;
using namespace std::chrono_literals;

namespace {

constexpr scsi::Medium disc{64, false};

/// A client that lends one CD of zeros; its messages are seen one by one.
class Lender {
 public:
    explicit Lender(const Rig& rig) : client_(start(rig)) {
        REQUIRE(client_->log_in() == authenticate_success);
    }

    RedirectionClient& client() { return *client_; }
    /// The next message; its sequence number is the one after the last, as some clients demand.
    Bytes next() {
        Bytes message = client_->next();
        if (!message.empty()) CHECK(sequence_of(message) == expected_++);
        return message;
    }
    void open(std::uint32_t when) {
        client_->send(encode(IderOpen{}));
        const Bytes reply = next();
        CHECK(reply == hex("41 00 00 00 00 00 00 00 01 00 0f 00 00 00 00 00 00 20 00 20 00 00 00 "
                           "00 00 57 01 00 00 00"));
        client_->send(encode_features({1, 3, feature_enable | when}));
        CHECK(decode_features(next()).value().value == 1);
    }
    /// Answers the host until it has asked for the last thing in the list.
    std::vector<scsi::Operation> answer_until(scsi::Operation last, Drive of = Drive::cd) {
        std::vector<scsi::Operation> asked;
        for (;;) {
            const Bytes message = next();
            REQUIRE(!message.empty());
            if (code_of(message) == Code::ider_reset_occurred) {
                client_->send(encode_bare(Code::ider_reset_response, 0));
                ++resets;
            }
            if (code_of(message) != Code::ider_command) continue;
            const auto command = decode_command(message).value();
            asked.push_back(scsi::operation_of(command.cdb));
            answer(command);
            if (asked.back() == last && command.drive == of) return asked;
        }
    }
    int resets = 0;

 private:
    /// A device may not have noticed yet that the session before has ended.
    static std::unique_ptr<RedirectionClient> start(const Rig& rig) {
        constexpr int most_tries = 12'000;
        for (int i = 0; i < most_tries; ++i) {
            auto client = std::make_unique<RedirectionClient>(rig);
            if (client->start(Protocol::ider) == 0) return client;
            std::this_thread::sleep_for(10ms);
        }
        FAIL("the device stays busy");
        return nullptr;
    }

    void answer(const IderCommand& command) {
        scsi::Reply reply =
            command.drive == Drive::cd ? cd_.answer(command.cdb) : floppy_.answer(command.cdb);
        if (reply.kind == scsi::Reply::Kind::read) reply.data.resize(reply.size);
        if (reply.data.empty())
            return client_->send(encode(IderCommandEnd{0, command.drive, reply.sense}));
        for (std::size_t at = 0; at < reply.data.size(); at += ider_buffer) {
            const auto size = std::min<std::size_t>(ider_buffer, reply.data.size() - at);
            const auto head = encode_head({0, command.drive, false, at + size == reply.data.size(),
                                           static_cast<std::uint16_t>(size)});
            Bytes bytes(head.begin(), head.end());
            bytes.insert(bytes.end(), reply.data.begin() + static_cast<std::ptrdiff_t>(at),
                         reply.data.begin() + static_cast<std::ptrdiff_t>(at + size));
            client_->send(bytes);
        }
    }

    std::unique_ptr<RedirectionClient> client_;
    scsi::Drive cd_{scsi::DriveKind::cd, disc};
    scsi::Drive floppy_{scsi::DriveKind::floppy, std::nullopt};
    std::uint32_t expected_ = 0;
};

/// What the host reads when it is told to, meanwhile; nothing when the fleet stops before.
std::future<Value> host_reads(Rig& rig) {
    auto promise = std::make_shared<std::promise<Value>>();
    const auto read = [](sim::DiskBus& bus,
                         std::shared_ptr<std::promise<Value>> done) -> net::Task<void> {
        co_await bus.wait_for_medium(Drive::cd, 120s);
        done->set_value(co_await sim::read_disk(bus, {.bytes = 16 * 2048}));
    };
    rig.on_loop([&](sim::Fleet& fleet) {
        sim::Member& member = *fleet.member(RedirectionClient::address);
        rig.spawn(member.host.spawn(read(member.disks, promise)));
    });
    return promise->get_future();
}

}  // namespace

TEST_CASE("drives are handed over at once, gracefully or at the next start") {
    Rig rig;
    for (const std::uint32_t when : {feature_now, feature_graceful}) {
        Lender lender(rig);
        lender.open(when);
        const auto asked = lender.answer_until(scsi::Operation::read_capacity, Drive::floppy);
        CHECK(asked == std::vector{scsi::Operation::test_unit_ready, scsi::Operation::read_capacity,
                                   scsi::Operation::test_unit_ready,
                                   scsi::Operation::read_capacity});
    }
}

TEST_CASE("a host that starts looks into the drives, and resets those that it had") {
    Rig rig([](auto& options) { options.power_delay = 0ms; });
    Lender lender(rig);
    lender.open(feature_on_reboot);
    rig.on_loop([](sim::Fleet& fleet) {
        sim::Device& device = *fleet.device(RedirectionClient::address);
        REQUIRE(device.set("power", "off"));
        REQUIRE(device.set("power", "on"));
    });
    lender.answer_until(scsi::Operation::read_capacity, Drive::floppy);
    CHECK(lender.resets == 0);
    lender.answer_until(scsi::Operation::inquiry, Drive::floppy);
    lender.answer_until(scsi::Operation::read_capacity, Drive::floppy);
    rig.on_loop([](sim::Fleet& fleet) {
        sim::Device& device = *fleet.device(RedirectionClient::address);
        REQUIRE(device.set("power", "off"));
        REQUIRE(device.set("power", "on"));
    });
    lender.answer_until(scsi::Operation::inquiry, Drive::floppy);
    CHECK(lender.resets == 1);
}

TEST_CASE("features can be asked for, and drives taken away") {
    Rig rig;
    Lender lender(rig);
    lender.open(feature_now);
    lender.answer_until(scsi::Operation::read_capacity, Drive::floppy);
    const auto ask = [&](std::uint8_t question, std::uint32_t value = 0) {
        lender.client().send(encode_features({2, question, value}));
        return decode_features(lender.next()).value().value;
    };
    CHECK(ask(1) == 1);
    CHECK(ask(2) == 2);
    CHECK(ask(3, 0) == 1);
    CHECK(ask(2) == 0);
    CHECK(ask(9) == 0);
}

TEST_CASE("pings are answered, and the end is said") {
    Rig rig;
    Lender lender(rig);
    lender.open(feature_now);
    lender.answer_until(scsi::Operation::read_capacity, Drive::floppy);
    // Clients count on their own: their numbers say nothing of the device's.
    for (const std::uint32_t number : {0U, 1'000U}) {
        lender.client().send(encode_bare(Code::ider_ping, number));
        CHECK(code_of(lender.next()) == Code::ider_pong);
    }
    lender.client().send(encode_bare(Code::ider_close, 0));
    CHECK(code_of(lender.next()) == Code::ider_close_reply);
    lender.client().send(encode_end_session());
    CHECK(lender.next().empty());
}

TEST_CASE("a host's read waits for the client that comes back, and gets all of it") {
    Rig rig;
    std::future<Value> read;
    {
        Lender lender(rig);
        lender.open(feature_now);
        lender.answer_until(scsi::Operation::read_capacity, Drive::floppy);
        read = host_reads(rig);
        lender.answer_until(scsi::Operation::read_10);
    }
    // The connection broke after the first of four reads.
    Lender lender(rig);
    lender.open(feature_now);
    lender.answer_until(scsi::Operation::read_capacity, Drive::floppy);
    for (int i = 0; i < 3; ++i) lender.answer_until(scsi::Operation::read_10);
    const Value result = read.get();
    CHECK(result.find("bytes")->integer() == 64 * 2048);
    CHECK(result.find("failures")->integer() == 0);
}

TEST_CASE("what a client says of a command before a reset is not taken for the next one's answer") {
    Rig rig([](auto& options) { options.power_delay = 0ms; });
    Lender lender(rig);
    lender.open(feature_now);
    lender.answer_until(scsi::Operation::read_capacity, Drive::floppy);
    const auto read = host_reads(rig);
    Bytes message = lender.next();
    while (code_of(message) != Code::ider_command) message = lender.next();
    lender.client().send(encode_features({2, 3, feature_enable | feature_graceful}));
    CHECK(decode_features(lender.next()).value().value == 0);  // the host is using its drives

    rig.on_loop([](sim::Fleet& fleet) {
        sim::Device& device = *fleet.device(RedirectionClient::address);
        REQUIRE(device.set("power", "off"));
        REQUIRE(device.set("power", "on"));
    });
    while (code_of(message) != Code::ider_reset_occurred) message = lender.next();
    const auto head = encode_head({0, Drive::cd, false, true, 2048});
    Bytes late(head.begin(), head.end());
    late.resize(late.size() + 2048);
    lender.client().send(late);
    lender.client().send(encode(IderCommandEnd{0, Drive::cd, scsi::unreadable}));
    lender.client().send(encode_bare(Code::ider_reset_response, 0));
    while (code_of(message) != Code::ider_command) message = lender.next();
    // It waits for its own answer: nothing else is asked before.
    lender.client().send(encode_bare(Code::ider_ping, 1'000));
    do message = lender.next();
    while (code_of(message) == Code::ider_heartbeat);
    CHECK(code_of(message) == Code::ider_pong);
}

TEST_CASE("a client that goes while its media are looked at leaves at once") {
    Rig rig;
    for (int i = 0; i < 3; ++i) {
        Lender lender(rig);
        lender.open(feature_now);
        CHECK(code_of(lender.next()) == Code::ider_command);  // not answered
        lender.client().send(encode_bare(Code::ider_close, 0));
        CHECK(code_of(lender.next()) == Code::ider_close_reply);
    }
}

TEST_CASE("a session that was ended from outside is told so") {
    Rig rig;
    Lender lender(rig);
    lender.open(feature_now);
    lender.answer_until(scsi::Operation::read_capacity, Drive::floppy);
    rig.on_loop([](sim::Fleet& fleet) {
        REQUIRE(fleet.device(RedirectionClient::address)->set("redirection.listener", false));
    });
    CHECK(code_of(lender.next()) == Code::ider_close_reply);
    CHECK(lender.next().empty());
}

TEST_CASE("what is no message of the protocol ends the session, and no other one") {
    Rig rig;
    {
        Lender lender(rig);
        lender.open(feature_now);
        lender.client().send(hex("7f 00 00 00 00 00 00 00"));
        Bytes last;
        for (Bytes message = lender.next(); !message.empty(); message = lender.next())
            last = message;
    }
    Lender other(rig);
    other.open(feature_now);
    other.answer_until(scsi::Operation::read_capacity, Drive::floppy);
}
