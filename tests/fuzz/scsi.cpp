#include "codec/scsi/drive.h"

#include <algorithm>
#include <cstdlib>
#include <span>

namespace {

using namespace oob;
using namespace oob::codec::scsi;

constexpr std::size_t most_reply = 512;

/// Whatever is asked: the answer is no longer than any, a place lies within the medium, and a
/// failure says why.
void check(const Reply& reply, const Drive& drive) {
    const bool moves = reply.kind == Reply::Kind::read || reply.kind == Reply::Kind::write;
    if (reply.data.size() > most_reply) std::abort();
    if ((reply.kind == Reply::Kind::data) == reply.data.empty()) std::abort();
    if ((reply.kind == Reply::Kind::failed) != (reply.sense.key != 0)) std::abort();
    if (!moves) return;
    const std::uint64_t bytes =
        drive.medium() ? drive.medium()->blocks * block_size(drive.kind()) : 0;
    if (reply.size == 0 || reply.offset > bytes || reply.size > bytes - reply.offset) std::abort();
    if (reply.kind == Reply::Kind::write && !drive.medium()->writable) std::abort();
}

}  // namespace

/// The first byte chooses drive and medium, the next four the size of the medium; then commands of
/// twelve bytes follow each other.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Reader in(std::as_bytes(std::span(data, size)));
    const std::uint8_t choice = in.u8();
    const std::uint64_t blocks = std::uint64_t{in.le32()} + 1;
    std::optional<Medium> medium;
    if ((choice & 2) != 0) medium = Medium{blocks, (choice & 4) != 0};
    Drive drive((choice & 1) != 0 ? DriveKind::cd : DriveKind::floppy, medium);
    while (in.left() > 0) {
        Cdb cdb{};
        const View bytes = in.bytes(std::min(in.left(), cdb.size()));
        std::ranges::copy(bytes, cdb.begin());
        check(drive.answer(cdb), drive);
    }
    return 0;
}
