#pragma once

#include "core/bytes.h"
#include "core/facts.h"
#include "core/value.h"
#include "media/image.h"
#include "media/statistics.h"
#include "net/task.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What a machine can do, whatever it is managed by. A capability is one small interface; a Device
/// hands out a pointer, null when its plane cannot.
namespace oob::plane {

/// soft_off, soft_reset, sleep and hibernate ask the operating system; nmi raises its diagnostic
/// interrupt; wake ends sleep of any depth, the operating system's own standby included.
enum class PowerAction { on, off, cycle, reset, soft_off, soft_reset, sleep, hibernate, nmi, wake };

/// The power of a host as the plane reports it.
struct PowerReading {
    std::string power;  ///< "on", "off", "sleep", "hibernate", "unknown"
    Value native;       ///< the plane's own number
    /// "full" or "saving" (an operating system in standby while the host is on), "unsupported";
    /// nothing when nobody tells.
    std::optional<std::string> os_power_saving = std::nullopt;

    /// {"power":"on","power_state":2,"os_power_saving":"full"} as the record's state shows it.
    Value to_value() const;
};

/// What a power action saw and did; filled as it goes, so that a failure loses nothing.
struct PowerWatch {
    std::optional<PowerReading> before;
    std::optional<PowerReading> after;
    bool sent = false;      ///< the device accepted the change
    bool verified = false;  ///< the wanted state was read back
    std::string warning;    ///< what could not be found out; empty when there is nothing to say
};

class Power {
 public:
    virtual ~Power() = default;
    virtual net::Task<PowerReading> read() = 0;
    /// Switches, then reads the state until it is reached or `limit` runs out (verify.power). Does
    /// nothing when the host is there already. `watch` outlives the call.
    virtual net::Task<void> apply(PowerAction action, std::chrono::milliseconds limit,
                                  PowerWatch& watch) = 0;
    /// What apply() would do now, in words, from the real state; nothing is changed. Empty: nothing
    /// to do.
    virtual net::Task<std::string> plan(PowerAction action, PowerWatch& watch) = 0;
    /// Reads until the power is `wanted`, a word of PowerReading, or `limit` runs out
    /// (verify.power). `watch` outlives the call.
    virtual net::Task<void> wait(std::string wanted, std::chrono::milliseconds limit,
                                 PowerWatch& watch) = 0;
    /// Ends the redirection sessions (console, drive, screen) that may stand in the way of a power
    /// change. Returns what was open, as words; fails with session_busy when one stays.
    virtual net::Task<std::vector<std::string>> close_sessions() = 0;
};

/// Where a host can be told to start from, once.
enum class BootDevice { pxe, disk, cd, bios, diag, ider_cd, ider_floppy, https };

struct BootWish {
    BootDevice device = BootDevice::pxe;
    unsigned medium = 0;   ///< which disk or CD: 1 or 2; 0 is the default one
    bool console = false;  ///< the host's text console goes to serial-over-LAN during that start
    std::string url = {};  ///< of what https starts
    std::optional<std::uint32_t> consent_code = std::nullopt;  ///< what the host's screen shows
};

/// What became of boot settings; filled as it goes, so that a failure loses nothing.
struct BootWatch {
    Value before;
    Value after;
    bool sent = false;      ///< the device accepted a change
    bool verified = false;  ///< the wanted settings were read back
    std::vector<std::string> warnings;
};

/// The settings of a host's next start. They hold for one start only.
class Boot {
 public:
    virtual ~Boot() = default;
    /// {"armed","options","options_cleared","last_status","devices"}: what the next start will do,
    /// what the last one made of its settings, and which devices the machine can start from.
    virtual net::Task<Value> read() = 0;
    /// Clears what others left behind, sets the wish and reads it back (verify.boot). Fails with
    /// unsupported.boot_device, or with class consent when the machine's user has to agree first.
    /// `watch` outlives the call.
    virtual net::Task<void> set(BootWish wish, BootWatch& watch) = 0;
    /// What set() would do now, in words; nothing is changed. Fails when set() would not be
    /// possible.
    virtual net::Task<std::string> plan(BootWish wish, BootWatch& watch) = 0;
    /// Takes everything back that was set for the next start. Nothing is sent when nothing is set.
    virtual net::Task<void> clear(BootWatch& watch) = 0;
    /// After a start: reads until the host has used the settings or `limit` runs out (verify.boot).
    virtual net::Task<void> settle(std::chrono::milliseconds limit, BootWatch& watch) = 0;
};

/// A time at which the firmware switches the host on.
struct Alarm {
    std::string name;
    std::string at;  ///< UTC in whole minutes: "2026-01-31T07:00:00Z"
    std::optional<std::chrono::minutes> every = std::nullopt;  ///< nothing: once
};

class Alarms {
 public:
    virtual ~Alarms() = default;
    virtual net::Task<std::vector<Alarm>> list() = 0;
    /// Adds an alarm and reads it back (verify.alarm). One that is there in the same way is left
    /// alone; another of that name is alarm.exists, and alarm.clock tells that the time is out of
    /// bounds by the device's own clock. `present` gets the alarms as last read, `sent`
    /// becomes true once the device accepted the change; both outlive the call.
    virtual net::Task<void> add(Alarm alarm, std::vector<Alarm>& present, bool& sent) = 0;
    /// Deletes the alarm of that name, if there is one; otherwise the same.
    virtual net::Task<void> remove(std::string name, std::vector<Alarm>& present, bool& sent) = 0;
};

/// How a console is opened.
struct ConsoleWish {
    bool enable = false;          ///< switch redirection on where it is off
    bool close_sessions = false;  ///< end what others have open
    std::optional<std::uint32_t> consent_code = std::nullopt;
};

/// An open text console of a host. One task reads, one runs write_loop(), any may type.
class ConsoleLink {
 public:
    virtual ~ConsoleLink() = default;
    /// Bytes from the host, void at the next call; empty when only its power was told; nothing at
    /// the end.
    virtual net::Task<std::optional<View>> read() = 0;
    virtual net::Task<void> type(View bytes) = 0;
    /// Sends what was typed until finish() was called and everything is sent.
    virtual net::Task<void> write_loop() = 0;
    virtual void finish() = 0;
    virtual std::optional<bool> host_on() const = 0;
};

class Console {
 public:
    virtual ~Console() = default;
    /// `changed` gets a sentence for each thing that was switched on or ended; it outlives the
    /// task. Fails with session_busy, precondition, consent, forbidden, auth as the device says.
    virtual net::Task<std::unique_ptr<ConsoleLink>> open(ConsoleWish wish,
                                                         std::vector<std::string>& changed) = 0;
    /// {"enabled","listener","session"}: whether a console can be opened, and whether somebody has.
    virtual net::Task<Value> status() = 0;
};

/// When a host gets the disks that are lent to it: at once, when it is not using its drives, or at
/// its next start.
enum class MediaStart { now, gracefully, on_reboot };

struct MediaWish {
    media::ImagePtr cd;         ///< none: the host finds nothing in that drive
    media::ImagePtr floppy;     ///< likewise
    bool empty_floppy = false;  ///< the host finds a floppy drive without a floppy
    MediaStart start = MediaStart::gracefully;
    bool enable = false;          ///< switch redirection on where it is off
    bool close_sessions = false;  ///< end what others have open
    std::optional<std::uint32_t> consent_code = std::nullopt;
};

/// Disks that are lent to a host now.
class MediaLink {
 public:
    virtual ~MediaLink() = default;
    /// Serves the host until the end, and says why that was: "finished", "closed_by_device". A lost
    /// connection is made again while the firmware waits for it; fails when that did not help.
    virtual net::Task<std::string> serve() = 0;
    /// Takes the disks back; serve() ends then.
    virtual void finish() = 0;
    virtual const media::Statistics& statistics() const = 0;
};

class Media {
 public:
    virtual ~Media() = default;
    /// `changed` gets a sentence for each thing that was switched on or ended; it outlives the
    /// task. Fails with session_busy, precondition, consent, forbidden, auth as the device says.
    virtual net::Task<std::unique_ptr<MediaLink>> mount(MediaWish wish,
                                                        std::vector<std::string>& changed) = 0;
    /// {"enabled","listener","session"}: whether disks can be lent, and whether somebody does.
    virtual net::Task<Value> status() = 0;
    /// Ends a session that lends disks, whoever has it open; false when there was none.
    virtual net::Task<bool> stop() = 0;
    /// Switches off again what mount() switched on.
    virtual net::Task<void> restore() = 0;
};

class Device {
 public:
    virtual ~Device() = default;
    /// Reads who the device is into the findings it was opened with.
    virtual net::Task<void> identify() = 0;
    virtual Power* power() { return nullptr; }
    virtual Boot* boot() { return nullptr; }
    virtual Alarms* alarms() { return nullptr; }
    virtual Console* console() { return nullptr; }
    virtual Media* media() { return nullptr; }
};

using DevicePtr = std::unique_ptr<Device>;

}  // namespace oob::plane
