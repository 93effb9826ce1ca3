#include "sim/disk_host.h"

#include "core/text.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <vector>

namespace oob::sim {

namespace scsi = codec::scsi;
using scsi::DriveKind;

namespace {

constexpr std::size_t most_reply = 512;
constexpr std::uint32_t volume_descriptor = 16;  // block of a disc that says what it is
constexpr int most_attentions = 3;
constexpr std::uint8_t unit_attention = 6;

std::string text_of(const scsi::Sense& sense) {
    const std::array<std::byte, 3> bytes{static_cast<std::byte>(sense.key),
                                         static_cast<std::byte>(sense.code),
                                         static_cast<std::byte>(sense.qualifier)};
    const std::string hex = hex_lower(bytes);
    return join({hex.substr(0, 2), "/", hex.substr(2, 2), "/", hex.substr(4, 2)});
}

/// SHA-256 as it grows.
class Digest {
 public:
    Digest() : context_(EVP_MD_CTX_new(), EVP_MD_CTX_free) {
        EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr);
    }
    void add(View bytes) { EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()); }
    std::string finish() {
        std::array<std::byte, 32> out{};
        EVP_DigestFinal_ex(context_.get(), reinterpret_cast<unsigned char*>(out.data()), nullptr);
        return hex_lower(out);
    }

 private:
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

struct Question {
    scsi::Cdb cdb;
    std::size_t most;
};

std::vector<Question> questions(DriveKind drive) {
    constexpr std::uint8_t all_pages = 0x3f;
    const std::uint32_t block = scsi::block_size(drive);
    std::vector<Question> out{{scsi::inquiry(36), 36},
                              {scsi::test_unit_ready(), 0},
                              {scsi::request_sense(18), 18},
                              {scsi::prevent_removal(true), 0},
                              {scsi::read_capacity(), 8},
                              {scsi::mode_sense_10(all_pages, 255), 255},
                              {scsi::read_format_capacities(252), 252}};
    if (drive == DriveKind::cd) {
        out.push_back({scsi::get_configuration(most_reply), most_reply});
        out.push_back({scsi::get_event_status(8), 8});
        out.push_back({scsi::read_toc(false, 804), 804});
        out.push_back({scsi::read_toc(true, 804), 804});
    }
    out.push_back({scsi::start_stop_unit(true, false), 0});
    out.push_back({scsi::read_10(0, 1), block});
    out.push_back({scsi::read_12(0, 1), block});
    out.push_back({scsi::prevent_removal(false), 0});
    return out;
}

}  // namespace

net::Task<DiskBus::Outcome> settled(DiskBus& bus, DriveKind drive, scsi::Cdb cdb, std::size_t most,
                                    Bytes out) {
    DiskBus::Outcome outcome;
    for (int i = 0; i < most_attentions; ++i) {
        outcome = co_await bus.run(drive, cdb, most, out);
        if (outcome.sense.key != unit_attention) break;
    }
    co_return outcome;
}

net::Task<void> boot_from_disks(DiskBus& bus, std::string from) {
    for (const DriveKind drive : {DriveKind::cd, DriveKind::floppy}) {
        for (const Question& each :
             {Question{scsi::inquiry(36), 36}, Question{scsi::test_unit_ready(), 0},
              Question{scsi::read_capacity(), 8}})
            (void)co_await settled(bus, drive, each.cdb, each.most);
    }
    const bool cd = from == "ider-cd";
    if (!cd && from != "ider-floppy") co_return;
    const DriveKind drive = cd ? DriveKind::cd : DriveKind::floppy;
    const std::uint32_t block = scsi::block_size(drive);
    const std::uint64_t blocks = bus.blocks(drive).value_or(0);
    // The descriptors of a disc, or the boot sector of a floppy, and then what lies behind them.
    for (std::uint32_t at = cd ? volume_descriptor : 0, i = 0; i < 16 && at < blocks; ++i, ++at)
        (void)co_await settled(bus, drive, scsi::read_10(at, 1), block);
}

net::Task<Value> probe_disk(DiskBus& bus, DiskJob job) {
    Value out = Value::array();
    for (const Question& each : questions(job.drive)) {
        const auto outcome = co_await settled(bus, job.drive, each.cdb, each.most);
        Value one;
        one.set("command", scsi::name(scsi::operation_of(each.cdb)))
            .set("sense", text_of(outcome.sense))
            .set("bytes", outcome.data.size())
            .set("data",
                 hex_lower(View(outcome.data)
                               .first(std::min<std::size_t>(outcome.data.size(), most_reply))));
        out.push(std::move(one));
    }
    co_return out;
}

net::Task<Value> read_disk(DiskBus& bus, DiskJob job) {
    using Micros = std::chrono::microseconds;
    const std::uint32_t block = scsi::block_size(job.drive);
    const std::uint64_t blocks = bus.blocks(job.drive).value_or(0);
    const std::uint64_t step = std::max<std::uint64_t>(job.bytes / block, 1);
    Digest digest;
    std::vector<std::uint32_t> times;
    times.reserve(static_cast<std::size_t>(blocks / step + 1));
    std::uint64_t bytes = 0;
    std::uint64_t failures = 0;
    scsi::Sense last;
    const auto begin = net::Clock::now();
    for (std::uint64_t at = 0; at < blocks; at += step) {
        const auto count = static_cast<std::uint32_t>(std::min(step, blocks - at));
        const auto place = static_cast<std::uint32_t>(at);
        const scsi::Cdb cdb = job.long_reads
                                  ? scsi::read_12(place, count)
                                  : scsi::read_10(place, static_cast<std::uint16_t>(count));
        const auto start = net::Clock::now();
        const auto outcome = co_await settled(bus, job.drive, cdb, std::size_t{count} * block);
        times.push_back(static_cast<std::uint32_t>(
            std::chrono::duration_cast<Micros>(net::Clock::now() - start).count()));
        if (!outcome.good()) {
            ++failures;
            last = outcome.sense;
            if (outcome.sense == scsi::no_medium) break;
            continue;
        }
        bytes += outcome.data.size();
        if (job.digest) digest.add(outcome.data);
    }
    const std::chrono::duration<double> seconds = net::Clock::now() - begin;
    std::ranges::sort(times);
    Value out;
    out.set("bytes", bytes)
        .set("reads", times.size())
        .set("failures", failures)
        .set("last_sense", failures > 0 ? Value(text_of(last)) : Value())
        .set("seconds", seconds.count())
        .set("reads_per_second", static_cast<double>(times.size()) / seconds.count())
        .set("median_us", times.empty() ? Value() : Value(times[times.size() / 2]))
        .set("longest_us", times.empty() ? Value() : Value(times.back()))
        .set("sha256", job.digest ? Value(digest.finish()) : Value());
    co_return out;
}

net::Task<Value> write_disk(DiskBus& bus, DiskJob job) {
    const std::uint32_t block = scsi::block_size(job.drive);
    Bytes data(block);
    const View text = as_view(job.text);
    std::ranges::copy(text.first(std::min<std::size_t>(text.size(), block)), data.begin());
    const auto written = co_await settled(bus, job.drive, scsi::write_10(job.block, 1), 0, data);
    const auto read = co_await settled(bus, job.drive, scsi::read_10(job.block, 1), block);
    Value out;
    out.set("sense", text_of(written.sense)).set("same", read.data == data);
    co_return out;
}

}  // namespace oob::sim
