#include "restart.h"

#include "net/deadline.h"
#include "start_host.h"

#include <algorithm>
#include <chrono>

namespace oob::ider {

using net::Task;
using std::chrono::milliseconds;

namespace {

constexpr milliseconds longest_power_change{120'000};
constexpr milliseconds longest_start{60'000};

template <class Capability>
Capability& required(Capability* capability) {
    if (capability == nullptr)
        fail(Class::unsupported, "unsupported.boot", "this plane cannot choose what a host starts",
             "'oob-ider serve' lends the image alone");
    return *capability;
}

}  // namespace

Restart::Restart(plane::Device& device, const plane::MediaWish& wish, fleet::Attempt& attempt)
    : power_(required(device.power())), boot_(required(device.boot())), attempt_(attempt) {
    wish_.device = wish.cd ? plane::BootDevice::ider_cd : plane::BootDevice::ider_floppy;
    wish_.consent_code = wish.consent_code;
}

Task<std::string> Restart::plan() {
    co_await check();
    std::string out = "; " + co_await boot_.plan(wish_, seen_);
    co_return out +
        (watch_.before->power == "on" ? ", then press the reset button" : ", then switch on");
}

Task<void> Restart::check() {
    watch_.before = co_await power_.read();
    attempt_.before = watch_.before->to_value();
    // It would have to be switched off first, which firmware refuses while a disk is lent.
    if (watch_.before->power == "sleep")
        fail(Class::precondition, "power.asleep",
             "the host sleeps, and would only resume: it cannot start from an image",
             "use 'oob-power off' or 'oob-power wake' first");
}

Task<void> Restart::go(std::function<Task<void>()> check) {
    co_await check();
    auto set = co_await net::attempt(boot_.set(wish_, seen_));
    set_ = seen_.sent;
    if (!set) fail(std::move(set).error());
    const auto done = co_await net::attempt(cmd::start_host(
        power_, watch_.before->power, longest_power_change, std::move(check), watch_, started_));
    if (watch_.after) attempt_.after = watch_.after->to_value();
    take(done);
    co_await boot_.settle(longest_start, seen_);
    used_ = seen_.verified;
    attempt_.verified = attempt_.verified && watch_.verified && seen_.verified;
    attempt_.data.set("boot", seen_.after.is_null() ? seen_.before : seen_.after);
}

Task<void> Restart::undo(plane::Media& media) {
    if (set_ && !used_) {
        plane::BootWatch cleared;
        const auto result = co_await net::attempt(boot_.clear(cleared));
        attempt_.findings.warnings.emplace_back(
            result ? "the boot settings were taken back"
                   : "the boot settings are still set: 'oob-power boot clear' takes them back");
    }
    const auto restored = co_await net::attempt(media.restore());
    if (!restored)
        attempt_.findings.warnings.push_back("what was switched on is still on: " +
                                             restored.error().message);
    for (const std::string& warning : seen_.warnings) attempt_.findings.warnings.push_back(warning);
}

}  // namespace oob::ider
