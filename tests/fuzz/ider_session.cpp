#include "session/ider_session.h"

#include "fuzz/unsteady_stream.h"
#include "net/group.h"
#include "session/redirection_login.h"

#include <algorithm>
#include <memory>
#include <string>

namespace {

using namespace oob;
using namespace oob::codec::redirection;
using session::Attach;
using session::Disk;
using session::IderSession;
using session::RedirectionSession;
using std::chrono::milliseconds;
namespace scsi = codec::scsi;

constexpr std::size_t floppy_blocks = 64;
constexpr std::size_t cd_blocks = 48;

/// A disk in memory, which is asked for nothing outside of it.
class MemoryImage final : public media::Image {
 public:
    enum class Kind { quick, slow, late, broken };

    MemoryImage(std::size_t size, Kind kind, bool writable)
        : bytes_(size), kind_(kind), writable_(writable) {}

    std::uint64_t size() const override { return bytes_.size(); }
    bool writable() const override { return writable_; }
    bool immediate() const override { return kind_ == Kind::quick; }

    net::Task<void> read(std::uint64_t offset, std::span<std::byte> into) override {
        co_await behave(offset, into.size());
        std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(offset), into.size(),
                    into.begin());
    }
    net::Task<void> write(std::uint64_t offset, View from) override {
        fuzz::expect(writable_);
        co_await behave(offset, from.size());
        std::ranges::copy(from, bytes_.begin() + static_cast<std::ptrdiff_t>(offset));
    }

 private:
    net::Task<void> behave(std::uint64_t offset, std::size_t size) const {
        fuzz::expect(offset <= bytes_.size() && size <= bytes_.size() - offset);
        if (kind_ == Kind::slow) co_await net::sleep_for(milliseconds(20));
        if (kind_ == Kind::late) co_await net::sleep_for(milliseconds(20'000));
        if (kind_ == Kind::broken) fail(Class::config, "media.read", "broken");
    }

    Bytes bytes_;
    Kind kind_;
    bool writable_;
};

/// What is lent, and how.
struct Lent {
    Attach attach;
    bool floppy;
    bool floppy_presented;
    MemoryImage::Kind kind;
    milliseconds finish;  ///< when it is enough; zero: never

    explicit Lent(Reader& in) {
        const unsigned choice = in.u8();
        attach = static_cast<Attach>(choice % 3);
        floppy = (choice & 4U) != 0;
        floppy_presented = (choice & 8U) != 0;
        kind = static_cast<MemoryImage::Kind>(choice >> 4U & 3U);
        finish = milliseconds(100) * in.u8();
    }

    Disk disk(scsi::DriveKind drive) const {
        const bool cd = drive == scsi::DriveKind::cd;
        if (!cd && !floppy) return {scsi::Drive(drive, std::nullopt), nullptr, floppy_presented};
        const std::size_t blocks = cd ? cd_blocks : floppy_blocks;
        return {scsi::Drive(drive, scsi::Medium{blocks, !cd}),
                std::make_shared<MemoryImage>(blocks * scsi::block_size(drive), kind, !cd),
                cd || floppy_presented};
    }
};

net::Task<void> lend(net::StreamPtr stream, Lent lent, media::Statistics& statistics) {
    IderSession ider(
        co_await RedirectionSession::open({std::move(stream), std::nullopt}, Protocol::ider,
                                          {"admin", Secret(std::string("P@ssw0rd"))}),
        lent.disk(scsi::DriveKind::floppy), lent.disk(scsi::DriveKind::cd), statistics);
    co_await net::within(milliseconds(30'000), ider.start(lent.attach), "media");
    Result<std::string> ended;
    net::Group group;
    const auto serve = [&]() -> net::Task<void> {
        ended = co_await net::attempt(ider.serve());
        group.cancel();
    };
    const auto finish = [&]() -> net::Task<void> {
        co_await net::sleep_for(lent.finish);
        ider.finish();
    };
    if (lent.finish.count() > 0) co_await group.spawn(finish());
    co_await group.spawn(serve());
    co_await group.join();
    take(std::move(ended));
}

/// What the device heard makes sense, and the messages behind the login are numbered in their
/// order.
void check(std::string_view heard) {
    Framer framer(Side::client);
    framer.feed(as_view(heard));
    std::uint32_t number = 0;
    for (;;) {
        const auto message = framer.next();
        fuzz::expect(message.has_value());
        if (!*message) return;
        if (static_cast<std::uint8_t>(code_of(**message)) < 0x40) continue;
        fuzz::expect(sequence_of(**message) == number++);
    }
}

}  // namespace

/// A device of any manners that lets the client in and then says anything, and asks the drives
/// anything: the session ends within its limits, no disk is asked for what it has not, and what the
/// device hears are whole messages with numbers in a row.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Reader in(fuzz::view_of(data, size));
    const auto manners = fuzz::Manners::read(in);
    const Lent lent(in);
    const std::string_view says = as_text(in.bytes(in.left()));
    test::ScriptedStream::Heard heard;
    media::Statistics statistics;
    (void)fuzz::run_session(
        manners, lend(std::make_unique<fuzz::UnsteadyStream>(
                          manners, test::script(test::login()) + std::string(says), heard),
                      lent, statistics));
    fuzz::expect(statistics.failures <= 2 * statistics.commands);
    check(heard.text);
    return 0;
}
