#!/usr/bin/env python3
"""What users of other tools complain about, one by one: the wrong boot, silence, success that was none.
tests/end_to_end/complaints.py BUILD_FOLDER"""

import concurrent.futures
import json
import pathlib
import sys
import tempfile

from rig import Fleet, check, environment, part, run, wait_until

NEVER = "power_delay_ms=3600000"  # longer than the test


class Device:
    """One device of the fleet: what the tools do to it and what it says itself."""

    def __init__(self, env, work, address, target):
        self.env, self.control, self.address, self.target = env, str(work / "control"), address, target

    def power(self, *words):
        return run(self.env, "oob-power", *words, self.target)

    def ctl(self, verb, *words):
        return run(self.env, "oob-sim", "ctl", "--control", self.control, verb, self.address, *words)

    def set(self, *pairs):
        outcome = self.ctl("set", *pairs)
        assert outcome.status == 0, outcome.stderr

    def get(self, key):
        return self.ctl("get", key).record()["data"][key]

    def calls(self, method, *words):
        """How often the device answered that method."""
        entries = [json.loads(line)["data"]["device"] or {} for line in self.ctl("journal", *words).stdout.splitlines()]
        return sum(1 for entry in entries if entry.get("method") == method)

    def power_and_calls(self, method, *words):
        """What became of a long command, and how often the device answered the method meanwhile: its journal holds the
        last entries only, so it is read as it grows."""
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            running = pool.submit(self.power, *words)
            count, over = 0, False
            while not over:
                over = bool(concurrent.futures.wait([running], timeout=1).done)
                count += self.calls(method, "--clear")
            return running.result(), count


def failed(what, outcome, status, code):
    error = outcome.record().get("error") or {}
    found = f"status {outcome.status}, {error}"
    check(what, outcome.status == status and error.get("code") == code, found)
    check("  with a hint", bool(error.get("hint")), found)
    return outcome.record()


def done(what, outcome):
    record = outcome.record()
    check(what, outcome.status == 0 and record["ok"] and record["verified"], f"{outcome.stdout} {outcome.stderr}")
    return record


def no_success_without_consent(device):
    device.set("control_mode=client")
    before = device.get("booted_from")
    failed("8: without consent there is no success", device.power("boot", "pxe", "--reset"), 14, "consent.required")
    check("  nothing was set", device.get("boot.source") is None and device.get("boot.next_single_use") is False)
    check("  nothing was restarted", device.calls("RequestPowerStateChange") == 0 and device.get("booted_from") == before)
    wait_until(lambda: device.get("consent.code"))  # the firmware takes a second to show it
    failed("  a wrong code is no consent", device.power("boot", "pxe", "--consent-code", "1"), 14, "consent.wrong_code")
    code = str(device.get("consent.code"))
    done("  with the code it starts", device.power("boot", "pxe", "--reset", "--consent-code", code))
    check("  from the right device", device.get("booted_from") == "pxe", device.get("booted_from"))


def stale_settings_do_not_win(device):
    device.set("boot.bios_setup=true", "boot.use_ider=true", "boot.boot_media_index=2", "boot.next_single_use=true")
    record = done("9: PXE works the first time, whatever was left behind", device.power("boot", "pxe", "--reset"))
    check("  from the right device", device.get("booted_from") == "pxe", device.get("booted_from"))
    check("  without the old options", device.get("booted_with") == {}, device.get("booted_with"))
    check("  and says that something was left", any("left" in text for text in record["warnings"]), record["warnings"])


def a_refusal_explains_itself(device):
    device.set("os=none")
    record = failed("10: a refusal says what is missing", device.power("soft-off"), 16, "power.no_os")
    check("  in words", "operating system" in record["error"]["message"], record["error"])
    device.set("os=running", "redirection.sessions=1")
    record = failed("  a ReturnValue has its name", device.power("off"), 16, "session_busy.redirection")
    native = record["error"]["native"]
    check("  beside its number", native.get("return_value") == 6 and bool(native.get("return_name")), native)
    device.set("redirection.sessions=0")


def pxe_from_a_host_that_is_off(device):
    for way in ("--reset", "--on"):
        device.set("power=off")
        record = done(f"11: PXE {way} of a host that is off", device.power("boot", "pxe", way))
        check("  switches it on", record["state"]["after"]["power"] == "on", record["state"])
        check("  from the right device", device.get("booted_from") == "pxe", device.get("booted_from"))
    failed("  --on of a host that is on is no success", device.power("boot", "pxe", "--on"), 16, "power.is_on")
    device.set("power=sleep")
    done("  a host that sleeps is not just resumed", device.power("boot", "pxe", "--reset"))
    check("  from the right device", device.get("booted_from") == "pxe", device.get("booted_from"))


def firmware_setup_is_reached(device):
    for state in ("on", "off"):
        device.set(f"power={state}")
        done(f"12: BIOS setup of a host that is {state}", device.power("boot", "bios", "--console", "--reset"))
        check("  is reached", device.get("booted_from") == "bios-setup", device.get("booted_from"))
        check("  on the console", device.get("booted_with").get("use_sol") is True, device.get("booted_with"))


def a_session_is_told(device):
    device.set("redirection.sessions=1")
    failed("25: switching off during a session", device.power("off"), 16, "session_busy.redirection")
    check("  did nothing", device.get("power") == "on")
    record = done("  --close-sessions makes way", device.power("off", "--close-sessions"))
    check("  and says so", any("closed" in text for text in record["warnings"]), record["warnings"])
    check("  the host is off", device.get("power") == "off" and device.get("redirection.sessions") == 0)


def nothing_fires_later_unannounced(device):
    device.set(NEVER)
    outcome, calls = device.power_and_calls("RequestPowerStateChange", "reset", "-t", "100s")
    record = failed("26: a reset that is late", outcome, 18, "verify.restart")
    check("  says that it may come later", "later" in record["error"]["message"], record["error"])
    check("  was a change", record["changed"] is True and record["verified"] is False, record)
    check("  was sent once", calls == 1, calls)
    failed("  a second change meets the first", device.power("boot", "pxe", "--reset"), 16, "power.busy")
    check("  and leaves nothing set for a later start",
          device.get("boot.source") is None and device.get("boot.next_single_use") is False)


def success_is_only_claimed_when_seen(device):
    device.set("power=off", NEVER)
    # A fifth of the time is for everything but the waiting.
    record = failed("27: accepted, and nothing happens", device.power("on", "-t", "20s"), 18, "verify.power")
    check("  shows the real state", record["state"]["after"]["power"] == "off", record["state"])
    check("  is no success", record["ok"] is False and record["verified"] is False, record)


def sleep_is_not_hibernation(device):
    for verb, power, number in (("sleep", "sleep", 4), ("hibernate", "hibernate", 7)):
        record = done(f"28: {verb}", device.power(verb))
        after = record["state"]["after"]
        check("  is that state and no other", (after["power"], after["power_state"]) == (power, number), after)
        check("  as the device has it", device.get("power") == power)
        failed("  cannot be reset", device.power("reset"), 16, "power.not_on")
        record = done("  ends with wake", device.power("wake"))
        check("  in full power", record["state"]["after"]["power"] == "on", record["state"])
    device.set("power=off")
    failed("  off is not asleep", device.power("wake"), 16, "power.not_on")


def standby_is_told_from_sleep(device):
    record = done("28: sleep where the machine has standby only", device.power("sleep", "--insecure"))
    after = record["state"]["after"]
    check("  leaves the hardware on", (after["power"], after["os_power_saving"]) == ("on", "saving"), after)
    record = done("  wake ends it", device.power("wake", "--insecure"))
    check("  in full power", record["state"]["after"]["os_power_saving"] == "full", record["state"])
    failed("  hibernation is not offered", device.power("hibernate", "--insecure"), 15, "unsupported.power_state")


COMPLAINTS = [no_success_without_consent, stale_settings_do_not_win, a_refusal_explains_itself,
              pxe_from_a_host_that_is_off, firmware_setup_is_reached, a_session_is_told, nothing_fires_later_unannounced,
              success_is_only_claimed_when_seen, sleep_is_not_hibernation]


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    for generation, complaints in (("15.0", COMPLAINTS), ("19.0", [standby_is_told_from_sleep])):
        with tempfile.TemporaryDirectory(prefix="oob-test-") as folder:
            work = pathlib.Path(folder)
            (work / "password").write_text("Golden-1x\n")
            (work / "password").chmod(0o600)
            arguments = ["--listen", "127.77.0.0/28", "--generation", generation, "--power-delay", "300ms"]
            with Fleet(build, work, arguments) as fleet:
                env = environment(build, work, fleet.ready)
                ports = fleet.ready["ports"]
                for number, complaint in enumerate(complaints, 1):
                    address = f"127.77.0.{number}"
                    plain = f"amt+tcp://{address}:{ports['http']}"
                    target = plain if generation == "15.0" else f"amt://{address}:{ports['https']}"
                    part(complaint, Device(env, work, address, target))


if __name__ == "__main__":
    main()
