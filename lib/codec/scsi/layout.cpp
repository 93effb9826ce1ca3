#include "codec/scsi/layout.h"

#include <algorithm>
#include <array>
#include <limits>
#include <string_view>

namespace oob::codec::scsi {

namespace {

constexpr std::uint8_t lead_out = 0xaa;
constexpr std::uint8_t data_track = 0x14;  // ADR 1, a track of data
constexpr std::uint32_t frames_a_second = 75;
constexpr std::uint32_t frames_before_block_0 = 150;
constexpr std::uint16_t profile_cd = 0x0008;
constexpr std::uint16_t profile_dvd = 0x0010;
constexpr std::uint8_t class_media = 0x10;
constexpr unsigned all_pages = 0x3f;

std::uint32_t fitting(std::uint64_t number) {
    return static_cast<std::uint32_t>(
        std::min<std::uint64_t>(number, std::numeric_limits<std::uint32_t>::max()));
}

Bytes zeros(std::size_t count) { return Bytes(count); }

/// A text in a field of fixed width.
Bytes padded(std::string_view text, std::size_t width) {
    Bytes out(width, static_cast<std::byte>(' '));
    const View bytes = as_view(text);
    std::ranges::copy(bytes.first(std::min(bytes.size(), width)), out.begin());
    return out;
}

struct Time {
    std::uint8_t minute;
    std::uint8_t second;
    std::uint8_t frame;
};

Time time_of(std::uint64_t block) {
    const std::uint64_t frames = block + frames_before_block_0;
    const std::uint64_t seconds = frames / frames_a_second;
    return {static_cast<std::uint8_t>(std::min<std::uint64_t>(seconds / 60, 255)),
            static_cast<std::uint8_t>(seconds % 60),
            static_cast<std::uint8_t>(frames % frames_a_second)};
}

void put_place(Writer& out, std::uint64_t block, bool minutes) {
    const Time time = time_of(block);
    if (minutes)
        out.u8(0).u8(time.minute).u8(time.second).u8(time.frame);
    else
        out.be32(fitting(block));
}

Bytes with_length(Bytes body) {
    Writer out;
    out.be16(static_cast<std::uint16_t>(body.size())).bytes(body);
    return out.take();
}

Bytes tracks(const Medium& medium, bool minutes, bool only_lead_out) {
    Writer body;
    body.u8(1).u8(1);
    if (!only_lead_out) {
        body.u8(0).u8(data_track).u8(1).u8(0);
        put_place(body, 0, minutes);
    }
    body.u8(0).u8(data_track).u8(lead_out).u8(0);
    put_place(body, medium.blocks, minutes);
    return with_length(body.take());
}

Bytes sessions(bool minutes) {
    Writer body;
    body.u8(1).u8(1).u8(0).u8(data_track).u8(1).u8(0);
    put_place(body, 0, minutes);
    return with_length(body.take());
}

Bytes raw_toc(const Medium& medium) {
    Writer body;
    body.u8(1).u8(1);
    const auto entry = [&body](std::uint8_t point, Time time) {
        body.u8(1).u8(data_track).u8(0).u8(point).bytes(zeros(4));
        body.u8(time.minute).u8(time.second).u8(time.frame);
    };
    entry(0xa0, {1, 0, 0});
    entry(0xa1, {1, 0, 0});
    entry(0xa2, time_of(medium.blocks));
    entry(1, time_of(0));
    return with_length(body.take());
}

struct Feature {
    std::uint16_t code;
    std::uint8_t flags;  // version, persistent, current
    Bytes data;
};

std::vector<Feature> features(std::uint16_t profile) {
    constexpr std::uint8_t current = 0x01;
    constexpr std::uint8_t always = 0x03;  // persistent and current
    const auto bytes = [](std::initializer_list<int> values) {
        Bytes out;
        for (const int value : values) out.push_back(static_cast<std::byte>(value));
        return out;
    };
    Bytes profiles = bytes({0x00, 0x08, profile == profile_cd ? 1 : 0, 0x00});
    if (profile == profile_dvd) profiles = bytes({0x00, 0x10, 1, 0x00, 0x00, 0x08, 0, 0x00});
    const std::uint8_t with_medium = profile == 0 ? 0 : current;
    return {{0x0000, always, std::move(profiles)},
            {0x0001, always, bytes({0, 0, 0, 2})},
            {0x0002, always, bytes({0, 0, 0, 0})},
            {0x0003, always, bytes({0x29, 0, 0, 2})},
            {0x0010, with_medium, bytes({0, 0, 8, 0, 0, 1, 0, 0})},
            {0x001e, with_medium, bytes({0, 0, 0, 0})},
            {0x0100, always, {}},
            {0x0105, always, bytes({0, 0, 0, 0})}};
}

struct Page {
    unsigned code;
    Bytes data;  // what follows code and length
};

Bytes flexible_disk(const Medium& medium) {
    const bool small = medium.blocks <= most_small_floppy_blocks;
    const std::uint8_t heads = small ? 2 : 8;
    const std::uint8_t sectors = small ? 18 : 32;
    const std::uint64_t a_cylinder = std::uint64_t{heads} * sectors;
    constexpr std::uint16_t rotation = 720;
    Writer out;
    out.be16(small ? 0x04b0 : 0x10a9).u8(heads).u8(sectors).be16(floppy_block);
    out.be16(static_cast<std::uint16_t>(
        std::min<std::uint64_t>((medium.blocks + a_cylinder - 1) / a_cylinder, 0xffff)));
    return out.bytes(zeros(18)).be16(rotation).bytes(zeros(2)).take();
}

/// Ascending, as the page that means all of them shows them.
std::vector<Page> pages_of(DriveKind kind, const Medium& medium) {
    const auto bytes = [](std::initializer_list<int> values) {
        Bytes out;
        for (const int value : values) out.push_back(static_cast<std::byte>(value));
        return out;
    };
    if (kind == DriveKind::cd)
        return {{0x01, bytes({0x00, 0xff, 0, 0, 0, 0})},
                {0x08, zeros(10)},
                {0x1a, zeros(10)},
                {0x1d, zeros(10)},
                {0x2a, bytes({0x00, 0x00, 0x71, 0x60, 0x29, 0x00, 0x02, 0xc2, 0x00, 0x02, 0x02,
                              0x00, 0x02, 0xc2, 0x00, 0x00, 0x00, 0x00})}};
    return {{0x01, bytes({0x00, 0x01, 0, 0, 0, 0, 0x02, 0, 0, 0})},
            {0x03, bytes({0x00, 0xa0, 0, 0, 0, 0, 0, 0, 0, 0x12, 0x02,
                          0x00, 0,    0, 0, 0, 0, 0, 0, 0, 0,    0})},
            {0x05, flexible_disk(medium)},
            {0x08, zeros(10)},
            {0x0b, bytes({0, 0, 0, 0x11, 0x24, 0x31})},
            {0x1a, zeros(10)},
            {0x1d, zeros(10)}};
}

}  // namespace

Bytes inquiry_data(DriveKind kind) {
    const bool cd = kind == DriveKind::cd;
    Writer out;
    out.u8(cd ? 0x05 : 0x00).u8(0x80).u8(0).u8(cd ? 0x32 : 0x02).u8(31).bytes(zeros(3));
    out.bytes(padded("OOB", 8)).bytes(padded(cd ? "Virtual CD-ROM" : "Virtual Floppy", 16));
    return out.bytes(padded("1.00", 4)).take();
}

Bytes sense_data(const Sense& sense) {
    Writer out;
    out.u8(0x70).u8(0).u8(sense.key).bytes(zeros(4)).u8(10).bytes(zeros(4));
    return out.u8(sense.code).u8(sense.qualifier).bytes(zeros(4)).take();
}

Bytes capacity_data(DriveKind kind, const Medium& medium) {
    Writer out;
    return out.be32(fitting(medium.blocks - 1)).be32(block_size(kind)).take();
}

Bytes format_capacities(DriveKind kind, const Medium& medium) {
    constexpr std::uint32_t formatted = 2U << 24U;
    Writer out;
    return out.be32(8).be32(fitting(medium.blocks)).be32(formatted | block_size(kind)).take();
}

std::optional<Bytes> toc(const Medium& medium, unsigned format, bool minutes, unsigned track) {
    switch (format) {
        case 0:
            if (track > 1 && track != lead_out) return std::nullopt;
            return tracks(medium, minutes, track == lead_out);
        case 1:
            return sessions(minutes);
        case 2:
            return raw_toc(medium);
        default:
            return std::nullopt;
    }
}

Bytes configuration(const std::optional<Medium>& medium, unsigned wanted, std::uint16_t first) {
    constexpr unsigned current_ones = 1;
    constexpr unsigned only_one = 2;
    const std::uint16_t profile = !medium                           ? 0
                                  : medium->blocks > most_cd_blocks ? profile_dvd
                                                                    : profile_cd;
    Writer body;
    body.be16(0).be16(profile);
    for (const Feature& feature : features(profile)) {
        if (feature.code < first || (wanted == only_one && feature.code != first)) continue;
        if (wanted == current_ones && (feature.flags & 1) == 0) continue;
        body.be16(feature.code)
            .u8(feature.flags)
            .u8(static_cast<std::uint8_t>(feature.data.size()));
        body.bytes(feature.data);
    }
    const Bytes rest = body.take();
    Writer out;
    return out.be32(static_cast<std::uint32_t>(rest.size())).bytes(rest).take();
}

Bytes event_status(bool present, std::uint8_t classes) {
    constexpr std::uint8_t media_events = 0x04;
    constexpr std::uint8_t no_events = 0x80;
    Writer out;
    if ((classes & class_media) == 0) return out.be16(2).u8(no_events).u8(class_media).take();
    out.be16(6).u8(media_events).u8(class_media);
    return out.u8(0).u8(present ? 0x02 : 0x00).be16(0).take();
}

std::optional<Bytes> mode_pages(DriveKind kind, const std::optional<Medium>& medium, unsigned page,
                                bool changeable) {
    Writer out;
    bool found = page == all_pages;
    for (const Page& each : pages_of(kind, medium.value_or(Medium()))) {
        if (page != all_pages && page != each.code) continue;
        found = true;
        out.u8(static_cast<std::uint8_t>(each.code))
            .u8(static_cast<std::uint8_t>(each.data.size()));
        out.bytes(changeable ? zeros(each.data.size()) : each.data);
    }
    if (!found) return std::nullopt;
    return out.take();
}

std::uint8_t medium_type(DriveKind kind, const std::optional<Medium>& medium) {
    if (kind == DriveKind::cd) return medium ? 0x01 : 0x70;
    if (!medium) return 0;
    return medium->blocks <= most_small_floppy_blocks ? 0x24 : 0x31;
}

Bytes disc_information() {
    constexpr std::uint8_t complete = 0x0e;
    constexpr std::uint8_t unrestricted = 0x20;
    Writer body;
    body.u8(complete).u8(1).u8(1).u8(1).u8(1).u8(unrestricted).u8(0).bytes(zeros(7));
    body.be32(0xffffffff).be32(0xffffffff).bytes(zeros(10));
    return with_length(body.take());
}

Bytes track_information(const Medium& medium) {
    Writer body;
    body.u8(1).u8(1).u8(0).u8(0x04).u8(0x01).u8(0).bytes(zeros(16));
    body.be32(fitting(medium.blocks)).bytes(zeros(8));
    return with_length(body.take());
}

}  // namespace oob::codec::scsi
