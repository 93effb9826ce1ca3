#include "sim/nbd_server.h"

#include "net/deadline.h"
#include "sim/disk_host.h"
#include "sim/member.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <utility>

namespace oob::sim {

namespace nbd = codec::nbd;
namespace scsi = codec::scsi;
using nbd::Option;
using nbd::OptionReply;
using scsi::DriveKind;
using std::chrono::milliseconds;

namespace {

constexpr milliseconds longest_negotiation{60'000};
constexpr milliseconds wait_for_medium{30'000};
constexpr milliseconds write_limit{60'000};
/// What one command of the host reads: short enough that a reset is quick (reference redirection,
/// section 4.12).
constexpr std::uint64_t piece_bytes = 65'536;

/// One client from the greeting to its end.
class Conversation {
 public:
    Conversation(net::Stream& stream, DiskBus& bus) : stream_(stream), bus_(bus) {}

    net::Task<void> run() {
        if (!co_await net::within(longest_negotiation, negotiate(), "negotiation")) co_return;
        std::array<std::byte, nbd::request_bytes> head;
        while (co_await net::read_exactly(stream_, head)) {
            const auto request = take(nbd::decode_request(head));
            if (request.command == nbd::Command::disconnect) co_return;
            co_await answer(request);
        }
    }

 private:
    /// True once an export was chosen.
    net::Task<bool> negotiate() {
        co_await write(nbd::greeting());
        std::array<std::byte, nbd::client_flags_bytes> flags;
        if (!co_await net::read_exactly(stream_, flags)) co_return false;
        const bool no_zeroes = take(nbd::decode_client_flags(flags));
        std::array<std::byte, nbd::option_head_bytes> head;
        while (co_await net::read_exactly(stream_, head)) {
            const auto option = take(nbd::decode_option(head));
            if (option.length > nbd::most_option)
                fail(Class::protocol, "nbd.option", "an option is too long");
            Bytes data(option.length);
            if (!co_await net::read_exactly(stream_, data)) co_return false;
            switch (option.option) {
                case Option::export_name:
                    if (!co_await choose(std::string(as_text(data)))) co_return false;
                    co_await write(nbd::encode_export(export_, no_zeroes));
                    co_return true;
                case Option::info:
                case Option::go: {
                    const auto name = nbd::decode_info(data);
                    if (!name || !co_await choose(*name)) {
                        co_await write(nbd::encode_reply(
                            option.option, name ? OptionReply::unknown : OptionReply::invalid,
                            as_view("no client lends such a drive")));
                        break;
                    }
                    co_await write(nbd::encode_info(option.option, export_));
                    if (option.option == Option::go) co_return true;
                    break;
                }
                case Option::list:
                    co_await list();
                    break;
                case Option::abort:
                    co_await write(nbd::encode_reply(option.option, OptionReply::acknowledged));
                    co_return false;
                default:
                    co_await write(nbd::encode_reply(option.option, OptionReply::unsupported));
                    break;
            }
        }
        co_return false;
    }

    net::Task<void> list() {
        for (const auto& [drive, name] :
             {std::pair{DriveKind::cd, "cd"}, std::pair{DriveKind::floppy, "floppy"}}) {
            if (!bus_.blocks(drive)) continue;
            Writer out;
            const View text = as_view(name);
            out.be32(static_cast<std::uint32_t>(text.size())).bytes(text);
            co_await write(nbd::encode_reply(Option::list, OptionReply::server, out.take()));
        }
        co_await write(nbd::encode_reply(Option::list, OptionReply::acknowledged));
    }

    /// Waits for a client that lends the drive.
    net::Task<bool> choose(std::string name) {
        if (!name.empty() && name != "cd" && name != "floppy") co_return false;
        drive_ = name == "floppy" || (name.empty() && !bus_.blocks(DriveKind::cd) &&
                                      bus_.blocks(DriveKind::floppy))
                     ? DriveKind::floppy
                     : DriveKind::cd;
        if (!co_await bus_.wait_for_medium(drive_, wait_for_medium)) co_return false;
        const std::uint32_t block = scsi::block_size(drive_);
        export_.size = *bus_.blocks(drive_) * block;
        export_.smallest = block;
        export_.preferred = piece_bytes;
        co_return true;
    }

    net::Task<void> answer(nbd::Request request) {
        switch (request.command) {
            case nbd::Command::read:
                co_return co_await read(request);
            case nbd::Command::write:
                if (request.length > nbd::most_request)
                    fail(Class::protocol, "nbd.request", "a write is too long");
                if (Bytes data(request.length); !co_await net::read_exactly(stream_, data))
                    co_return;
                co_return co_await write(nbd::encode_reply(request.cookie, nbd::error_permission));
            case nbd::Command::flush:
                co_return co_await write(nbd::encode_reply(request.cookie, 0));
            default:
                co_return co_await write(nbd::encode_reply(request.cookie, nbd::error_invalid));
        }
    }

    net::Task<void> read(nbd::Request request) {
        const bool inside = request.length <= nbd::most_request && request.offset <= export_.size &&
                            request.length <= export_.size - request.offset;
        if (!inside)
            co_return co_await write(nbd::encode_reply(request.cookie, nbd::error_invalid));
        Bytes out = nbd::encode_reply(request.cookie, 0);
        out.reserve(out.size() + request.length);
        while (request.length > 0) {
            const std::uint64_t piece = request.offset / piece_bytes;
            if (!co_await fetch(piece))
                co_return co_await write(nbd::encode_reply(request.cookie, nbd::error_io));
            const std::uint64_t skip = request.offset - piece * piece_bytes;
            const View wanted = View(fetched_).subspan(
                skip, std::min<std::uint64_t>(request.length, fetched_.size() - skip));
            out.insert(out.end(), wanted.begin(), wanted.end());
            request.offset += wanted.size();
            request.length -= static_cast<std::uint32_t>(wanted.size());
        }
        co_await write(std::move(out));
    }

    /// Small reads in a row come out of one command.
    net::Task<bool> fetch(std::uint64_t piece) {
        if (fetched_piece_ == piece && fetched_loan_ == bus_.loan()) co_return true;
        fetched_piece_.reset();
        const std::uint32_t block = scsi::block_size(drive_);
        const std::uint64_t begin = piece * piece_bytes;
        const std::uint64_t size = std::min(piece_bytes, export_.size - begin);
        auto outcome = co_await settled(bus_, drive_,
                                        scsi::read_10(static_cast<std::uint32_t>(begin / block),
                                                      static_cast<std::uint16_t>(size / block)),
                                        size);
        if (!outcome.good() || outcome.data.size() != size) co_return false;
        fetched_ = std::move(outcome.data);
        fetched_piece_ = piece;
        fetched_loan_ = bus_.loan();
        co_return true;
    }

    net::Task<void> write(Bytes bytes) {
        co_await net::within(write_limit, stream_.write(bytes), "write");
    }

    net::Stream& stream_;
    DiskBus& bus_;
    DriveKind drive_ = DriveKind::cd;
    nbd::Export export_;
    Bytes fetched_;
    std::optional<std::uint64_t> fetched_piece_;
    std::uint64_t fetched_loan_ = 0;
};

}  // namespace

net::Task<void> serve_nbd(net::Stream& stream, DiskBus& bus) {
    Conversation conversation(stream, bus);
    co_await conversation.run();
}

NbdServer::NbdServer(boost::asio::any_io_executor executor, DiskBus& bus, const std::string& path)
    : bus_(bus), door_(executor, path, most_connections) {}

net::Task<void> NbdServer::converse(net::StreamPtr stream) {
    (void)co_await net::attempt(serve_nbd(*stream, bus_));
    stream->close();
}

}  // namespace oob::sim
