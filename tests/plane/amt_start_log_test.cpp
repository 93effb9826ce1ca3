#include "plane/amt/start_log.h"

#include "core/text.h"
#include "plane/amt/next_start.h"

#include <doctest/doctest.h>

using namespace oob;
using namespace oob::plane::amt;

namespace {

namespace wsman = codec::wsman;
using wsman::EventRecord;

EventRecord progress(std::uint32_t time, std::uint8_t code) {
    return {.time = time, .sensor = 15, .offset = 2, .data = {0x40, code}};
}
EventRecord firmware_started(std::uint32_t time) { return {.time = time, .sensor = 37}; }
EventRecord logins(std::uint32_t time) { return {.time = time, .sensor = 6, .data = {0xaa, 10}}; }

constexpr std::uint8_t pci = 7;
constexpr std::uint8_t os_boot = 19;

}  // namespace

TEST_CASE("the records of an answer are read; padding and rubbish are none") {
    wsman::Members output{wsman::text_member("IterationIdentifier", "3")};
    for (const char* text : {"IgYBZf8PbwJoAf8iAEAHAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                             "not base64", "AAAA", "Y8iYZf8GbwVoEP8mYaoKAAAAAAAA"})
        output.push_back(wsman::text_member("RecordArray", text));
    const EventLog log = records_of(output);
    REQUIRE(log.size() == 2);
    CHECK(log[0].data[1] == pci);
    CHECK(log[1].sensor == 6);
    CHECK(tells_of_starts(log));
    CHECK_FALSE(tells_of_starts({log[1]}));
}

TEST_CASE("a start is told by the firmware's start and by progress, not by a dock or a waking") {
    CHECK(tells_of_start(firmware_started(1)));
    for (const unsigned code : {1U, 7U, 13U, 19U, 25U})
        CHECK(tells_of_start(progress(1, static_cast<std::uint8_t>(code))));
    for (const unsigned code : {14U, 15U, 16U, 17U, 18U})
        CHECK_FALSE(tells_of_start(progress(1, static_cast<std::uint8_t>(code))));
    CHECK_FALSE(tells_of_start(logins(1)));
    EventRecord error = progress(1, 3);
    error.offset = 0;
    CHECK_FALSE(tells_of_start(error));
    EventRecord invalid = progress(1, 3);
    invalid.data[0] = 235;
    CHECK_FALSE(tells_of_start(invalid));
}

TEST_CASE("a record proves a start when no start that was under way can have written it") {
    const EventLog booted{progress(1000, os_boot), firmware_started(990)};
    const EventLog booting{progress(1000, pci), firmware_started(990)};
    struct Case {
        std::string what;
        EventLog before;
        EventLog fresh;  ///< newest first
        bool proved;
    };
    const Case cases[] = {
        {"nothing came", booted, {}, false},
        {"something else came", booted, {logins(1005)}, false},
        {"the firmware started", booting, {firmware_started(1005)}, true},
        {"progress after the last of a start", booted, {progress(1005, pci)}, true},
        {"the first start goes on", booting, {progress(1005, os_boot)}, false},
        {"it goes on, and then another",
         booting,
         {progress(1020, pci), progress(1005, os_boot)},
         true},
        {"progress after a long silence", booting, {progress(1120, pci)}, true},
        {"progress after a short silence", booting, {progress(1119, pci)}, false},
        {"the clock was set back", booting, {progress(500, pci)}, false},
        {"a stranger between", booted, {progress(1006, pci), logins(1005)}, true},
        {"no start before", {logins(900)}, {progress(1005, pci)}, false},
    };
    for (const Case& one : cases) {
        CAPTURE(one.what);
        EventLog after = one.fresh;
        after.insert(after.end(), one.before.begin(), one.before.end());
        CHECK(new_start(one.before, after) == one.proved);
    }
}

TEST_CASE(
    "a full log loses its oldest records, equal ones are told apart, and one may be cleared") {
    EventLog before{progress(1000, os_boot), firmware_started(990), logins(980)};
    const EventLog full{firmware_started(1010), before[0], before[1]};
    CHECK(new_start(before, full));
    CHECK_FALSE(new_start(before, before));
    // Two records of the same second, as recorded of real firmware.
    const EventLog twice{progress(1000, os_boot), progress(1000, os_boot)};
    CHECK(new_start({progress(1000, os_boot)}, twice));
    CHECK(new_start(before, {firmware_started(1010)}));
    CHECK_FALSE(new_start(before, {}));
}

TEST_CASE(
    "boot settings wait for a start as long as the role is set, or the options are not used") {
    const auto state = [](std::optional<bool> armed, std::optional<bool> cleared) {
        NextStart next;
        next.armed = armed;
        if (cleared)
            next.settings.push_back(
                wsman::text_member("OptionsCleared", *cleared ? "true" : "false"));
        return next;
    };
    CHECK_FALSE(state({}, {}).told());
    CHECK_FALSE(state({}, {}).waiting());
    CHECK(state(true, {}).told());
    CHECK(state({}, false).told());
    CHECK(state(true, true).waiting());
    CHECK(state({}, false).waiting());
    CHECK_FALSE(state(false, false).waiting());
    CHECK_FALSE(state({}, true).waiting());
    CHECK(state(false, true).used());
    CHECK_FALSE(state(false, false).used());
    CHECK_FALSE(state(true, true).used());
}
