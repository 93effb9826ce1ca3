#include "images.h"

#include "cli/app.h"
#include "codec/scsi/layout.h"
#include "core/text.h"
#include "media/file_image.h"
#include "media/overlay.h"
#include "net/deadline.h"
#include "session/http_image.h"

#include <array>
#include <limits>
#include <utility>

namespace oob::ider {

namespace scsi = codec::scsi;
using net::Task;

namespace {

constexpr std::string_view standard_input = "-";

bool is_url(std::string_view word) { return word.contains("://"); }
bool is_local(std::string_view word) { return word != standard_input && !is_url(word); }

[[noreturn]] void misuse(const char* what, const char* hint) {
    fail(Class::usage, "usage.image", what, hint);
    std::unreachable();
}

/// ISO 9660 and UDF both say so behind their first sixteen blocks.
Task<bool> is_disc(media::Image& image, std::string_view word) {
    constexpr std::uint64_t identifier = 16 * std::uint64_t{scsi::cd_block} + 1;
    std::array<std::byte, 5> found{};
    if (image.size() >= identifier + found.size()) co_await image.read(identifier, found);
    const std::string_view text = as_text(found);
    co_return text == "CD001" || text == "BEA01" || lower(std::string(word)).ends_with(".iso");
}

void require_size(const media::Image& image, const std::string& word, scsi::DriveKind kind) {
    const std::uint32_t block = scsi::block_size(kind);
    const std::string name = kind == scsi::DriveKind::cd ? "a CD" : "a floppy";
    if (image.size() % block != 0)
        fail(Class::config, "config.image_size",
             join({word, " has ", std::to_string(image.size()), " bytes, no whole number of the ",
                   std::to_string(block), "-byte sectors of ", name}),
             join({"was it copied whole? 'truncate -s %", std::to_string(block),
                   " FILE' fills the last sector up"}));
    if (image.size() / block > std::numeric_limits<std::uint32_t>::max())
        fail(Class::config, "config.image_size", join({word, " is too large for ", name}),
             "a disk has at most 4294967295 sectors");
}

}  // namespace

Images::Images(ImageWords words, const cli::Options& options)
    : words_(std::move(words)),
      dial_(net::direct(options.dial)),
      trust_(cli::known_devices_file(), options.tls_ca) {
    if (words_.as && *words_.as != "cd" && *words_.as != "floppy")
        misuse("--as names no drive", "cd or floppy");
    if (words_.in_place && !words_.writable)
        misuse("--in-place is for images that may be written", "add --writable");
    if (words_.cd && words_.floppy)
        misuse("there are three images and two drives",
               "name one image, and the other one's drive");
    const bool local = is_local(words_.image) && (!words_.cd || is_local(*words_.cd)) &&
                       (!words_.floppy || is_local(*words_.floppy));
    for (const auto* word : {&words_.cd, &words_.floppy})
        if (*word && **word == standard_input && words_.image == standard_input)
            misuse("standard input is one image only", "name a file for the other drive");
    if (words_.in_place && !local)
        misuse("only a file or a block device can be written in place", "leave --in-place away");
    // What is wrong with a file is said before the first device is touched.
    for (const auto& word : {std::optional(words_.image), words_.cd, words_.floppy})
        if (word && is_local(*word)) (void)media::FileImage::open(*word, words_.in_place);
}

Task<media::ImagePtr> Images::open(std::string word) {
    if (word == standard_input) {
        net::Input input = co_await net::Input::standard();
        co_return co_await media::FileImage::spool(input);
    }
    if (!is_url(word)) co_return media::FileImage::open(word, words_.in_place);
    session::HttpImage::Connect connect =
        [this](const session::WebPlace& place) -> Task<net::StreamPtr> {
        const net::Endpoint endpoint = session::endpoint_of(place);
        net::StreamPtr stream = co_await dial_(endpoint);
        if (!place.secured) co_return stream;
        net::TrustedStream secured = co_await trust_.connect(std::move(stream), endpoint, {});
        co_return std::move(secured.stream);
    };
    co_return co_await session::HttpImage::open(take(session::parse_web_place(word)),
                                                std::move(connect));
}

void Images::place(media::ImagePtr image, const std::string& word, bool cd) {
    require_size(*image, word, cd ? scsi::DriveKind::cd : scsi::DriveKind::floppy);
    media::ImagePtr& drive = cd ? lent_.cd : lent_.floppy;
    if (drive)
        misuse(cd ? "both images belong into the CD drive"
                  : "both images belong into the floppy drive",
               "--cd and --floppy name the drive of the second one");
    drive = std::move(image);
}

Task<void> Images::open_all() {
    lent_ = {};
    if (words_.cd) place(co_await open(*words_.cd), *words_.cd, true);
    if (words_.floppy) place(co_await open(*words_.floppy), *words_.floppy, false);
    media::ImagePtr image = co_await open(words_.image);
    // With the other drive taken there is only one left for it.
    const bool cd = words_.as
                        ? *words_.as == "cd"
                        : words_.floppy || (!words_.cd && co_await is_disc(*image, words_.image));
    place(std::move(image), words_.image, cd);
    if (words_.writable && !lent_.floppy)
        misuse("a CD cannot be written", "--writable is for floppy images");
    open_ = true;
}

Task<Images::Lent> Images::enter() {
    const auto turn = co_await opening_.take();
    if (!open_) co_await open_all();
    if (words_.in_place && users_ > 0)
        fail(Class::precondition, "precondition.image",
             "another device is writing this image, and two would destroy it",
             "leave --in-place away: each device then writes a copy of its own");
    Lent out = lent_;
    if (words_.writable && !words_.in_place)
        out.floppy = std::make_shared<media::Overlay>(lent_.floppy);
    ++users_;
    co_return out;
}

Task<void> Images::leave() {
    if (--users_ > 0 || words_.image == standard_input) co_return;
    open_ = false;
    const Lent done = std::exchange(lent_, {});
    for (const auto& image : {done.cd, done.floppy})
        if (image) co_await image->close();
}

}  // namespace oob::ider
