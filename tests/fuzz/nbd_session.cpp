#include "sim/nbd_server.h"

#include "fuzz/unsteady_stream.h"

#include <memory>
#include <optional>
#include <string>

namespace {

using namespace oob;
using sim::DiskBus;
namespace scsi = codec::scsi;

constexpr std::size_t longest_data = 65'536;

/// A client that lends drives, and what it makes of the host's commands.
class Lender final : public DiskBus::Lender {
 public:
    enum class Kind { good, refuses, short_data, silent, leaves, lost };

    Lender(DiskBus& bus, Kind kind) : bus_(bus), kind_(kind) {}

    net::Task<void> send_command(DiskBus::Drive drive, scsi::Cdb cdb) override {
        if (kind_ == Kind::silent) co_return;
        if (kind_ == Kind::leaves) co_return bus_.take_back(*this);
        if (kind_ == Kind::lost) co_return bus_.lose(*this);
        if (kind_ == Kind::refuses) co_return bus_.end(scsi::unreadable);
        const std::size_t size =
            std::size_t{scsi::blocks_of_read_10(cdb)} * scsi::block_size(drive);
        fuzz::expect(size <= longest_data);
        const Bytes data(kind_ == Kind::short_data ? size / 2 : size, std::byte{'d'});
        bus_.take_data(data, true);
    }
    net::Task<void> resynchronise() override { co_return; }

 private:
    DiskBus& bus_;
    Kind kind_;
};

}  // namespace

/// A client of any manners that says anything: the conversation ends within its limits, the host is
/// asked for no more than a piece at a time, and what the client hears begins with the greeting.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Reader in(fuzz::view_of(data, size));
    const auto manners = fuzz::Manners::read(in);
    const unsigned choice = in.u8();
    const std::uint64_t blocks = std::uint64_t{in.u8()} + 1;
    DiskBus bus;
    Lender lender(bus, static_cast<Lender::Kind>(choice / 4 % 6));
    const auto lent = [&](unsigned bit) {
        return (choice & bit) != 0 ? std::optional(blocks) : std::nullopt;
    };
    bus.lend(lender, lent(1), lent(2));
    test::ScriptedStream::Heard heard;
    fuzz::UnsteadyStream stream(manners, std::string(as_text(in.bytes(in.left()))), heard);
    // A client may be idle for as long as it likes.
    (void)fuzz::run_session(
        manners, net::within(std::chrono::hours(1), sim::serve_nbd(stream, bus), "idle"));
    const std::string greeting(as_text(codec::nbd::greeting()));
    fuzz::expect(heard.text.empty() || heard.text.starts_with(greeting));
    return 0;
}
