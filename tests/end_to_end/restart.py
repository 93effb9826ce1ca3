#!/usr/bin/env python3
"""What proves a restart: resets in a row on every generation, and what is said where nothing can tell.
tests/end_to_end/restart.py BUILD_FOLDER"""

import base64
import hashlib
import json
import pathlib
import sys
import tempfile

from rig import Fleet, check, environment, run

GENERATIONS = ["7.1", "9.1", "11.8", "12.0", "15.0", "16.1", "19.0"]
LIMITED, LIMITED_PASSWORD = "switch", "Limited-1x"
REMOTE_CONTROL, GENERAL_INFORMATION = 5, 13
SILENT = """extends = "15.0"
[quirks]
start_events = false
"""


class Device:
    """One device of the fleet: what the tools do to it and what it says itself."""

    def __init__(self, env, work, ports, generation, number):
        self.env, self.control, self.generation = env, str(work / "control"), generation
        self.address = f"127.77.0.{number}"
        # The newest generations have no plain port.
        encrypted = float(generation) >= 16
        scheme, port = ("amt", ports["https"]) if encrypted else ("amt+tcp", ports["http"])
        self.target = f"{scheme}://{self.address}:{port}"
        self.options = ["--insecure"] if encrypted else []

    def power(self, *words):
        return run(self.env, "oob-power", *words, *self.options, "--yes", self.target)

    def wsman(self, *words):
        outcome = run(self.env, "oob-wsman", "invoke", *words, *self.options, "--yes", self.target)
        check(f"{self.generation}: {words[1]}", outcome.status == 0, f"{outcome.stdout}{outcome.stderr}")
        return outcome.record()

    def ctl(self, verb, *words):
        return run(self.env, "oob-sim", "ctl", "--control", self.control, verb, self.address, *words)

    def set(self, *pairs):
        outcome = self.ctl("set", *pairs)
        check(f"{self.generation} is prepared: {' '.join(pairs)}", outcome.status == 0, outcome.stderr)

    def starts(self):
        """How often the host was restarted, and what was read after the last time, as the device saw it."""
        entries = [json.loads(line)["data"]["device"] or {} for line in self.ctl("journal").stdout.splitlines()]
        places = [i for i, entry in enumerate(entries) if entry.get("method") == "RequestPowerStateChange"]
        return len(places), [entry.get("class") for entry in entries[places[-1] + 1:]]


def proved(what, outcome):
    record = outcome.record()
    check(what, outcome.status == 0 and record["ok"] and record["changed"] and record["verified"] is True,
          f"{outcome.stdout} {outcome.stderr}")
    check("  without a warning", record["warnings"] == [], record["warnings"])
    check("  the host is on", record["state"]["after"]["power"] == "on", record["state"])


def untold(what, device, outcome, *words):
    """Accepted, done, and honest: no proof, the reasons, and nothing asked again and again."""
    record = outcome.record()
    check(what, outcome.status == 0 and record["ok"] and record["changed"] and record["verified"] is False,
          f"{outcome.stdout} {outcome.stderr}")
    check("  in one warning", len(record["warnings"]) == 1, record["warnings"])
    for word in ("cannot be told", *words):
        check(f"  that says '{word}'", word in record["warnings"][0], record["warnings"])
    _, looks = device.starts()
    check("  after one look", looks == ["CIM_AssociatedPowerManagementService"], looks)


def restarts_in_a_row(device):
    verbs = ["reset", "reset", "cycle", "cycle"]
    for number, verb in enumerate(verbs, 1):
        proved(f"{device.generation}: {verb}, the {number}. restart in a row", device.power(verb))
    count, _ = device.starts()
    check("  each was asked for once", count == len(verbs), count)
    proved(f"{device.generation}: a restart with boot settings", device.power("boot", "bios", "--reset"))
    proved("  and one more", device.power("boot", "pxe", "--reset"))


def without_delay(device):
    """A restart that nobody waits for would still be under way at the next one."""
    device.set("power_delay_ms=0")


def a_frozen_log(device):
    without_delay(device)
    device.wsman("AMT_MessageLog", "FreezeLog", "Freeze=true")
    if device.generation != "7.1":
        proved(f"{device.generation}: the boot reason tells of the first", device.power("reset"))
    reason = "no boot reason" if device.generation == "7.1" else "boot reason is the same as before"
    untold(f"{device.generation}: nothing tells of the next", device, device.power("reset"), reason, "frozen")
    proved("  boot settings tell", device.power("boot", "bios", "--reset"))
    device.wsman("AMT_MessageLog", "FreezeLog", "Freeze=false")
    proved("  and the log tells again", device.power("reset"))


def a_cleared_log(device):
    without_delay(device)
    proved(f"{device.generation}: the boot reason tells", device.power("reset"))
    device.wsman("AMT_MessageLog", "ClearLog")
    untold("  an empty log tells nothing", device, device.power("reset"), "no record of an earlier start")
    proved("  what that start wrote tells of the next", device.power("reset"))


def a_silent_bios(device):
    without_delay(device)
    proved("silent BIOS: the boot reason tells of the first", device.power("reset"))
    untold("  nothing tells of the second", device, device.power("reset"), "same as before", "no record")
    proved("  a power cycle leaves another reason", device.power("cycle"))
    proved("  and so does a reset after it", device.power("reset"))


def an_account_for_power_alone(device, work):
    without_delay(device)
    settings = run(device.env, "oob-wsman", "get", "AMT_GeneralSettings", device.target).record()
    realm = settings["data"]["DigestRealm"]
    digest = hashlib.md5(f"{LIMITED}:{realm}:{LIMITED_PASSWORD}".encode()).digest()
    password = base64.b64encode(digest).decode()
    device.wsman("AMT_AuthorizationService", "AddUserAclEntryEx", f"DigestUsername={LIMITED}",
                 f"DigestPassword={password}", "AccessPermission=2", f"Realms={REMOTE_CONTROL}",
                 f"Realms={GENERAL_INFORMATION}")
    secret = work / "limited"
    secret.write_text(LIMITED_PASSWORD + "\n")
    secret.chmod(0o600)
    account = ["-u", LIMITED, "-c", f"file:{secret}"]
    proved("an account without the log's realm: the boot reason tells", device.power("reset", *account))
    untold("  nothing tells of the second", device, device.power("reset", *account), "same as before", "cannot be read")


def with_fleet(build, arguments, body):
    with tempfile.TemporaryDirectory(prefix="oob-test-") as folder:
        work = pathlib.Path(folder)
        (work / "password").write_text("Golden-1x\n")
        (work / "password").chmod(0o600)
        (work / "silent.toml").write_text(SILENT)
        arguments = [word.replace("$WORK", folder) for word in arguments]
        shape = ["--listen", "127.77.0.0/28", "--power-delay", "50ms", "--tls-keys", "1"]
        with Fleet(build, work, shape + arguments) as fleet:
            env = environment(build, work, fleet.ready)
            body(work, lambda generation, number: Device(env, work, fleet.ready["ports"], generation, number))


def main():
    build = pathlib.Path(sys.argv[1]).resolve()

    def every(generation):
        def body(work, device):
            restarts_in_a_row(device(generation, 1))
            a_frozen_log(device(generation, 2))
            if generation != "7.1":
                a_cleared_log(device(generation, 3))
            if generation == "15.0":
                an_account_for_power_alone(device(generation, 4), work)
        return body

    for generation in GENERATIONS:
        with_fleet(build, ["--generation", generation], every(generation))
    with_fleet(build, ["--profile", "$WORK/silent.toml"], lambda work, device: a_silent_bios(device("15.0", 1)))


if __name__ == "__main__":
    main()
