#include "boot.h"

#include "core/error.h"
#include "core/text.h"
#include "net/deadline.h"
#include "start_host.h"
#include "switch.h"

#include <algorithm>
#include <array>
#include <utility>

namespace oob::power {

using net::Task;
using plane::BootDevice;

namespace {

constexpr std::array<std::pair<std::string_view, BootDevice>, 8> devices{{
    {"pxe", BootDevice::pxe},
    {"disk", BootDevice::disk},
    {"cd", BootDevice::cd},
    {"bios", BootDevice::bios},
    {"diag", BootDevice::diag},
    {"ider-cd", BootDevice::ider_cd},
    {"ider-floppy", BootDevice::ider_floppy},
    {"https", BootDevice::https},
}};
constexpr std::uint64_t most_media = 2;

plane::Boot& boot_of(plane::Device& device) {
    plane::Boot* boot = device.boot();
    if (boot == nullptr)
        fail(Class::unsupported, "unsupported.boot", "this plane cannot choose what a host starts",
             "use a target of another kind for the same machine");
    return *boot;
}

/// What both watches saw goes into the record, whatever became of the order.
struct Guard {
    fleet::Attempt& attempt;
    const Booting& order;
    const plane::BootWatch& boot;
    const plane::PowerWatch& power;

    ~Guard() {
        attempt.changed = boot.sent;
        note(attempt, power);
        attempt.verified = boot.verified && (order.start == Start::later || power.verified);
        Value now = boot.after.is_null() ? boot.before : boot.after;
        if (order.kind == Booting::Kind::set) now.set("device", order.word);
        attempt.data.set("boot", std::move(now));
        if (order.kind != Booting::Kind::show) attempt.data.set("boot_before", boot.before);
        for (const auto& warning : boot.warnings) attempt.findings.warnings.push_back(warning);
    }
};

std::string start_words(Start start, const std::string& power) {
    if (start == Start::later) return {};
    if (power == "on") return ", then press the reset button";
    return power == "sleep" ? ", then switch off and on" : ", then switch on";
}

bool nothing_set(const Value& boot) {
    const Value* options = boot.find("options");
    const Value* armed = boot.find("armed");
    return options && options->members().empty() && !(armed && armed->truth());
}

/// A host that is on cannot be switched on.
void require_possible(Start start, const std::string& power) {
    if (start == Start::on && power == "on")
        fail(Error(Class::precondition, "power.is_on",
                   "the host is on already: it would not start from anything",
                   "use --reset, or leave it for the next start with --once")
                 .with("power", power));
}

/// A start that the device refused must not happen in that way some other day.
Task<void> take_back(plane::Boot& boot, plane::BootWatch& watch) {
    watch.verified = false;
    // It stays when there is no time left for more.
    watch.warnings.emplace_back(
        "the boot settings are still set: 'oob-power boot clear' takes them back");
    plane::BootWatch cleared;
    const auto result = co_await net::attempt(boot.clear(cleared));
    if (!result) co_return;
    watch.sent = false;
    watch.after = cleared.after;
    watch.warnings.back() = "the boot settings were taken back";
}

Task<void> set_and_start(plane::Device& device, const Booting& order, fleet::Attempt& attempt,
                         plane::BootWatch& seen, plane::PowerWatch& watch) {
    plane::Power& power = power_of(device);
    plane::Boot& boot = boot_of(device);
    watch.before = co_await power.read();
    const std::string state = watch.before->power;
    require_possible(order.start, state);
    if (attempt.dry_run) {
        const std::string plan = co_await boot.plan(order.wish, seen);
        attempt.data.set("plan", plan + start_words(order.start, state));
        watch.after = watch.before;
        co_return;
    }
    co_await make_way(power, order.close_sessions, attempt);
    attempt.interrupt->check();
    // Time is left for taking back what was set before the device fell silent.
    auto set = co_await net::attempt(
        net::within(attempt.limit * 3 / 5, boot.set(order.wish, seen), "device"));
    if (!set) {
        if (seen.sent) co_await take_back(boot, seen);
        fail(std::move(set).error());
    }
    watch.after = watch.before;
    if (order.start == Start::later) co_return;
    const auto may_start = [&]() -> Task<void> {
        attempt.interrupt->check();
        co_return;
    };
    bool started = false;
    const auto done = co_await net::attempt(
        cmd::start_host(power, state, attempt.limit * 3 / 5, may_start, watch, started));
    if (!done) {
        if (!started) co_await take_back(boot, seen);
        fail(done.error());
    }
    seen.verified = false;
    co_await boot.settle(attempt.limit / 5, seen);
}

}  // namespace

Result<Booting> parse_boot(std::string_view word) {
    Booting order;
    order.word = word;
    order.kind = Booting::Kind::set;
    const std::string_view name = word.substr(0, word.find(':'));
    const auto* row =
        std::ranges::find(devices, name, &std::pair<std::string_view, BootDevice>::first);
    const Error unknown(Class::usage, "usage.boot_device",
                        join({"'", word, "' is nothing to start from"}),
                        "pxe disk[:N] cd[:N] bios diag ider-cd ider-floppy https, with N 1 or 2");
    if (row == devices.end()) return std::unexpected(unknown);
    order.wish.device = row->second;
    if (name.size() == word.size()) return order;
    const bool counted =
        order.wish.device == BootDevice::disk || order.wish.device == BootDevice::cd;
    const auto number = parse_unsigned(word.substr(name.size() + 1));
    if (!counted || !number || *number == 0 || *number > most_media)
        return std::unexpected(unknown);
    order.wish.medium = static_cast<unsigned>(*number);
    return order;
}

Task<void> boot(plane::Device& device, Booting order, fleet::Attempt& attempt) {
    plane::BootWatch seen;
    plane::PowerWatch power;
    const Guard guard{attempt, order, seen, power};
    switch (order.kind) {
        case Booting::Kind::show:
            power.after = co_await power_of(device).read();
            seen.after = co_await boot_of(device).read();
            break;
        case Booting::Kind::clear:
            power.before = co_await power_of(device).read();
            power.after = power.before;
            if (attempt.dry_run) {
                seen.before = co_await boot_of(device).read();
                attempt.data.set("plan", nothing_set(seen.before)
                                             ? fleet::nothing_to_do
                                             : "take back what is set for the next start");
            } else {
                co_await boot_of(device).clear(seen);
            }
            break;
        case Booting::Kind::set:
            co_await set_and_start(device, order, attempt, seen, power);
            break;
    }
}

}  // namespace oob::power
