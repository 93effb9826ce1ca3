#include "session/ider_session.h"

#include "codec/redirection/frame.h"
#include "redirection_login.h"
#include "support/hex.h"
#include "support/run.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <memory>

using namespace oob;
using namespace oob::codec::redirection;
using session::Attach;
using session::Disk;
using session::IderSession;
using session::RedirectionSession;
using test::hex;
using test::login;
using test::script;
using test::text;
namespace scsi = codec::scsi;

namespace {

/// A disk in memory. Its reads fail when that is wished, and do first what they are told to.
class MemoryImage final : public media::Image {
 public:
    MemoryImage(std::size_t size, bool writable) : bytes(size), writable_(writable) {
        for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(i * 31 + (i >> 9));
    }
    std::uint64_t size() const override { return bytes.size(); }
    bool writable() const override { return writable_; }
    net::Task<void> read(std::uint64_t offset, std::span<std::byte> into) override {
        if (before_read) co_await before_read();
        if (broken) fail(Class::config, "media.read", "broken", "");
        std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(offset), into.size(), into.begin());
        co_return;
    }
    net::Task<void> write(std::uint64_t offset, View from) override {
        if (broken) fail(Class::config, "media.write", "broken", "");
        std::ranges::copy(from, bytes.begin() + static_cast<std::ptrdiff_t>(offset));
        co_return;
    }

    Bytes bytes;
    bool broken = false;
    std::function<net::Task<void>()> before_read;

 private:
    bool writable_;
};

struct Rig {
    std::shared_ptr<MemoryImage> cd = std::make_shared<MemoryImage>(40 * 2048, false);
    std::shared_ptr<MemoryImage> floppy = std::make_shared<MemoryImage>(2880 * 512, true);
    media::Statistics statistics;
    test::ScriptedStream::Heard heard;
    bool floppy_presented = true;
    // For as long as the session lasts.
    test::ScriptedStream* peer = nullptr;
    IderSession* session = nullptr;

    Disk disk(scsi::DriveKind kind, const std::shared_ptr<MemoryImage>& image) const {
        return {scsi::Drive(
                    kind, scsi::Medium{image->size() / scsi::block_size(kind), image->writable()}),
                image, kind == scsi::DriveKind::cd || floppy_presented};
    }

    /// The peer says what comes next, and the host was reset by that.
    net::Task<void> reset_meanwhile() {
        const std::uint64_t before = statistics.resets;
        peer->go_on();
        while (statistics.resets == before) co_await net::sleep_for(std::chrono::milliseconds(1));
    }

    net::Task<std::string> serve(std::string says, std::size_t at_a_time) {
        auto stream = std::make_unique<test::ScriptedStream>(std::move(says), at_a_time, heard);
        peer = stream.get();
        IderSession ider(
            co_await RedirectionSession::open(test::peer(std::move(stream)), Protocol::ider,
                                              {"admin", Secret(std::string("P@ssw0rd"))}),
            disk(scsi::DriveKind::floppy, floppy), disk(scsi::DriveKind::cd, cd), statistics);
        session = &ider;
        co_await ider.start(Attach::now);
        co_return co_await ider.serve();
    }

    Result<std::string> run(const std::string& says, std::size_t at_a_time = 4096) {
        statistics = {};
        heard = {};
        return test::run(serve(says, at_a_time));
    }

    /// What the device heard after the login, message by message.
    std::vector<Bytes> messages() const {
        Framer framer(Side::client);
        framer.feed(as_view(heard.text));
        std::vector<Bytes> out;
        while (const auto message = framer.next().value())
            if (static_cast<std::uint8_t>(code_of(*message)) >= 0x40)
                out.emplace_back(message->begin(), message->end());
        return out;
    }
};

std::string command(std::uint32_t sequence, const scsi::Cdb& cdb, Drive drive = Drive::cd,
                    bool dma = false) {
    IderCommand out;
    out.sequence = sequence;
    out.drive = drive;
    out.dma = dma;
    out.cdb = cdb;
    return text(encode(out));
}

/// A device that hands over the drives, asks what `asks` says, and closes.
std::vector<std::string> device(const std::vector<std::string>& asks, std::uint32_t done = 1,
                                const IderOpenReply& opened = {.firmware_major = 16,
                                                               .firmware_minor = 1}) {
    std::vector<std::string> out = login();
    out.push_back(text(encode(opened)));
    std::string rest =
        text(encode_features_reply({1, static_cast<std::uint8_t>(FeatureQuestion::set), done}));
    for (const std::string& each : asks) {
        rest += each;
        out.push_back(std::move(rest));
        rest.clear();
    }
    if (out.back().empty() || asks.empty()) out.push_back(std::move(rest));
    out.push_back(text(encode_bare(Code::ider_close_reply, 99)));
    return out;
}

}  // namespace

TEST_CASE("the transcript of the reference: the same questions get the same answers") {
    Rig rig;
    // Reference redirection, section 7.3: what the device sends, and what the client said there.
    const auto ended = rig.run(script(
        device({text(hex("50 00 00 00 02 00 00 00 00 00 00 00 fe ff b0 a0 00 00 00 00 00 00 00 00 "
                         "00 00 00 00")),
                text(hex("50 00 00 00 04 00 00 00 00 00 00 00 fe ff b0 a0 25 00 00 00 00 00 00 00 "
                         "00 00 00 00")),
                text(hex("50 00 00 00 05 00 00 00 00 00 00 00 fe ff b0 a0 28 00 00 00 00 10 00 00 "
                         "01 00 00 00")),
                text(hex("50 00 00 00 07 00 00 00 00 01 00 00 fe ff b0 a0 28 00 00 00 00 10 00 00 "
                         "01 00 00 00")),
                text(hex("44 00 00 00 0a 00 00 00")), text(hex("46 00 00 00 0b 00 00 00 01"))})));
    CHECK(ended == "closed_by_device");
    const auto heard = rig.messages();
    REQUIRE(heard.size() == 8);
    CHECK(heard[0] == hex("40 00 00 00 00 00 00 00 30 75 00 00 20 4e 01 00 00 00"));
    CHECK(heard[1] == hex("48 00 00 00 01 00 00 00 03 19 00 00 00"));
    CHECK(heard[2] == hex("51 00 00 02 02 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 c5 00 03 00 "
                          "00 00 b0 50 00 00 00"));
    CHECK(heard[3] == hex("54 00 00 02 03 00 00 00 00 08 00 00 b5 00 02 00 08 00 b0 58 85 00 03 00 "
                          "00 00 b0 50 00 00 00 00"
                          "00 00 00 00 00 27 00 00 08 00"));
    CHECK(Bytes(heard[4].begin(), heard[4].begin() + 34) ==
          hex("54 00 00 02 04 00 00 00 00 00 08 00 b5 00 02 00 00 08 b0 58 85 00 03 00 00 00 b0 50 "
              "00 00 00 00 00 00"));
    CHECK(std::ranges::equal(View(heard[4]).subspan(34),
                             View(rig.cd->bytes).subspan(16 * 2048, 2048)));
    CHECK(Bytes(heard[5].begin(), heard[5].begin() + 34) ==
          hex("54 00 00 03 05 00 00 00 00 00 08 00 b4 00 02 00 00 00 b0 58 85 00 03 00 00 00 b0 50 "
              "00 00 00 00 00 00"));
    CHECK(heard[6] == hex("45 00 00 00 06 00 00 00"));
    CHECK(heard[7] == hex("47 00 00 00 07 00 00 00"));
    CHECK(rig.statistics.reads == 2);
    CHECK(rig.statistics.read_bytes == 4096);
    CHECK(rig.statistics.resets == 1);
}

TEST_CASE("a long read comes in pieces of 8192 bytes, and only the last one says so") {
    Rig rig;
    for (const std::size_t at_a_time : {std::size_t{1}, std::size_t{7}, std::size_t{4096}}) {
        CHECK(rig.run(script(device({command(2, scsi::read_10(1, 32))})), at_a_time) ==
              "closed_by_device");
        const auto heard = rig.messages();
        REQUIRE(heard.size() == 2 + 8);
        Bytes all;
        for (std::size_t i = 2; i < heard.size(); ++i) {
            const auto head = decode_data_to_host(heard[i]).value();
            CHECK(head.sequence == i);
            CHECK(head.size == 8192);
            CHECK(head.completed == (i + 1 == heard.size()));
            all.insert(all.end(), heard[i].begin() + ider_data_head, heard[i].end());
        }
        CHECK(std::ranges::equal(all, View(rig.cd->bytes).subspan(2048, all.size())));
    }
}

TEST_CASE("refusals reach the host as sense data") {
    Rig rig;
    rig.cd->broken = true;
    CHECK(rig.run(
        script(device({command(2, scsi::read_10(0, 1)), command(3, scsi::read_10(40, 1)),
                       command(4, scsi::write_10(0, 1)), command(5, scsi::request_sense(18))}))));
    const auto heard = rig.messages();
    REQUIRE(heard.size() == 6);
    CHECK(decode_command_end(heard[2]).value().sense == scsi::unreadable);
    CHECK(decode_command_end(heard[3]).value().sense == scsi::out_of_range);
    CHECK(decode_command_end(heard[4]).value().sense == scsi::write_protected);
    CHECK(View(heard[5]).subspan(ider_data_head).size() == 18);
    CHECK(rig.statistics.failures == 3);
}

TEST_CASE("a write is fetched in rounds and stored") {
    Rig rig;
    const Bytes first(8192, std::byte{0x11});
    const Bytes second(512, std::byte{0x22});
    const auto ended = rig.run(script(device({command(2, scsi::write_10(10, 17), Drive::floppy),
                                              text(encode(IderDataFromHost{3, false, first})),
                                              text(encode(IderDataFromHost{4, true, second}))})));
    CHECK(ended == "closed_by_device");
    const auto heard = rig.messages();
    REQUIRE(heard.size() == 5);
    CHECK(decode_get_data(heard[2]).value().size == 8192);
    CHECK(decode_get_data(heard[3]).value().size == 512);
    CHECK(decode_command_end(heard[4]).value().sense.key == 0);
    CHECK(std::ranges::equal(View(rig.floppy->bytes).subspan(5120, 8192), first));
    CHECK(std::ranges::equal(View(rig.floppy->bytes).subspan(5120 + 8192, 512), second));
    CHECK(rig.statistics.written_bytes == 17 * 512);
}

TEST_CASE("a write that fails is told, and kept for REQUEST SENSE") {
    Rig rig;
    rig.floppy->broken = true;
    CHECK(rig.run(script(device({command(2, scsi::write_10(0, 1), Drive::floppy),
                                 text(encode(IderDataFromHost{3, true, Bytes(512, std::byte{1})})),
                                 command(4, scsi::request_sense(18), Drive::floppy)}))) ==
          "closed_by_device");
    const auto heard = rig.messages();
    REQUIRE(heard.size() == 5);
    CHECK(decode_command_end(heard[3]).value().sense == scsi::unwritable);
    CHECK(std::ranges::equal(View(heard[4]).subspan(ider_data_head),
                             scsi::sense_data(scsi::unwritable)));
}

TEST_CASE("a device with little room gets and sends smaller pieces") {
    Rig rig;
    const IderOpenReply little{.read_buffer = 1024, .write_buffer = 256};
    const Bytes half(256, std::byte{0x33});
    CHECK(rig.run(script(device(
              {command(2, scsi::read_10(2, 1)), command(3, scsi::write_10(0, 1), Drive::floppy),
               text(encode(IderDataFromHost{4, false, half})),
               text(encode(IderDataFromHost{5, true, half}))},
              1, little))) == "closed_by_device");
    const auto heard = rig.messages();
    REQUIRE(heard.size() == 2 + 2 + 2 + 1);
    for (const std::size_t i : {2u, 3u}) CHECK(decode_data_to_host(heard[i]).value().size == 1024);
    for (const std::size_t i : {4u, 5u}) CHECK(decode_get_data(heard[i]).value().size == 256);
    CHECK(decode_command_end(heard[6]).value().sense.key == 0);
    CHECK(rig.floppy->bytes[511] == std::byte{0x33});
}

TEST_CASE("a drive that is not presented has no medium, whatever it is asked") {
    Rig rig;
    rig.floppy_presented = false;
    CHECK(rig.run(script(
        device({command(2, scsi::inquiry(36), Drive::floppy),
                command(3, scsi::read_10(0, 1), Drive::floppy), command(4, scsi::inquiry(36))}))));
    const auto heard = rig.messages();
    REQUIRE(heard.size() == 5);
    for (const std::size_t i : {2u, 3u})
        CHECK(decode_command_end(heard[i]).value().sense == scsi::no_medium);
    CHECK(decode_data_to_host(heard[4]).value().completed);
}

TEST_CASE("whoever finishes says goodbye, behind the answer at hand") {
    Rig rig;
    rig.cd->before_read = [&]() -> net::Task<void> {
        rig.session->finish();
        co_return;
    };
    // The device answers the goodbye, and closes once it has heard the end.
    std::vector<std::string> says = device({command(2, scsi::read_10(3, 1)), ""});
    says.emplace_back();
    CHECK(rig.run(script(says)) == "finished");
    const auto heard = rig.messages();
    REQUIRE(heard.size() == 4);
    CHECK(decode_data_to_host(heard[2]).value().completed);
    CHECK(code_of(heard[3]) == Code::ider_close);
    CHECK(rig.heard.text.ends_with(text(encode_end_session())));
}

TEST_CASE("a reset of the host voids the read under way and what waits behind it") {
    struct Row {
        int at_read;  ///< of the 64 KiB that an image is asked for at once
        bool broken;
    };
    for (const Row& row : {Row{1, false}, Row{1, true}, Row{2, false}, Row{2, true}}) {
        CAPTURE(row.at_read);
        CAPTURE(row.broken);
        Rig rig;
        int reads = 0;
        rig.cd->before_read = [&]() -> net::Task<void> {
            const bool meant = ++reads == row.at_read;
            if (meant) co_await rig.reset_meanwhile();
            rig.cd->broken = meant && row.broken;
        };
        std::vector<std::string> asks{command(2, scsi::read_10(0, 40)) +
                                      command(3, scsi::inquiry(36))};
        if (row.at_read == 2) asks.emplace_back();  // heard with the first 64 KiB
        asks.push_back(text(encode_reset_occurred(4, 1)));
        asks.push_back(command(5, scsi::read_10(3, 1)));
        CHECK(rig.run(script(device(asks))) == "closed_by_device");
        const auto heard = rig.messages();
        const std::size_t before = row.at_read == 1 ? 0 : 8;
        REQUIRE(heard.size() == 2 + before + 2);
        CHECK(code_of(heard[2 + before]) == Code::ider_reset_response);
        CHECK(decode_data_to_host(heard.back()).value().completed);
        CHECK(std::ranges::equal(View(heard.back()).subspan(ider_data_head),
                                 View(rig.cd->bytes).subspan(std::size_t{3} * 2048, 2048)));
    }
}

TEST_CASE("a reset of the host voids the write that waits for its data") {
    Rig rig;
    const Bytes untouched = rig.floppy->bytes;
    const Bytes late(512, std::byte{0x77});
    const auto ended = rig.run(script(
        device({command(2, scsi::write_10(0, 1), Drive::floppy), text(encode_reset_occurred(3, 1)),
                text(encode(IderDataFromHost{4, true, late})) +
                    command(5, scsi::read_10(0, 1), Drive::floppy)})));
    CHECK(ended == "closed_by_device");
    const auto heard = rig.messages();
    REQUIRE(heard.size() == 5);
    CHECK(code_of(heard[2]) == Code::ider_get_data);
    CHECK(code_of(heard[3]) == Code::ider_reset_response);
    CHECK(std::ranges::equal(View(heard[4]).subspan(ider_data_head), View(untouched).first(512)));
    CHECK(rig.floppy->bytes == untouched);
}

TEST_CASE("a host that sends more than it was asked for ends the session") {
    Rig rig;
    const auto ended =
        rig.run(script(device({command(2, scsi::write_10(0, 1), Drive::floppy),
                               text(encode(IderDataFromHost{3, true, Bytes(1024)}))})));
    REQUIRE(!ended);
    CHECK(ended.error().code == "redirection.data");
}

TEST_CASE("a device that cannot hand over the drives is a precondition with a way out") {
    Rig rig;
    const auto refused = rig.run(script(device({}, 0)));
    REQUIRE(!refused);
    CHECK(refused.error().code == "firmware.ider_attach");
    CHECK(refused.error().hint.contains("--start"));
    std::vector<std::string> closed = login();
    closed.push_back(text(encode(IderOpenReply{.status = 4})));
    const auto status = rig.run(script(closed));
    REQUIRE(!status);
    CHECK(status.error().code == "firmware.ider");
}

TEST_CASE("a session that breaks off at any byte is lost, and nothing hangs") {
    Rig rig;
    const std::string whole = script(
        device({command(2, scsi::read_10(0, 4)), command(3, scsi::write_10(0, 1), Drive::floppy),
                text(encode(IderDataFromHost{4, true, Bytes(512)})),
                text(encode_bare(Code::ider_ping, 5)), text(encode_reset_occurred(6, 1))}));
    for (std::size_t n = 0; n + 1 < whole.size(); ++n) {
        CAPTURE(n);
        const auto outcome = rig.run(whole.substr(0, n), 64);
        REQUIRE(!outcome);
        CHECK(outcome.error().kind != Class::internal);
        CHECK(!outcome.error().hint.empty());
    }
    CHECK(rig.run(whole, 64) == "closed_by_device");
}

TEST_CASE("commands without end are no device's") {
    Rig rig;
    std::string many;
    for (std::uint32_t i = 0; i < 200; ++i) many += command(2, scsi::write_10(0, 1), Drive::floppy);
    const auto outcome = rig.run(script(device({many})));
    REQUIRE(!outcome);
    CHECK(outcome.error().code == "redirection.commands");
}
