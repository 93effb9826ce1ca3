#!/usr/bin/env python3
"""The pipelines of discovery and power, on a fleet of all generations in which some devices misbehave.
tests/end_to_end/pipelines.py BUILD_FOLDER

The devices are found by their addresses alone, so they need the usual ports. They get them in a network of the test's
own, which holds nothing but a loopback interface."""

import collections
import ctypes
import fcntl
import json
import os
import pathlib
import socket
import struct
import subprocess
import sys
import tempfile

from rig import COMMAND_SECONDS, PASSWORD, Fleet, check, environment, part, record_schema, require, run

NETWORK = "127.77.0.0/25"
# What is wrong with some devices, and what that must be called.
FAULTS = {
    "127.77.0.9": ("digest=wrong", "auth"),
    "127.77.0.19": ("status=503", "firmware"),
    "127.77.0.29": ("body=malformed", "protocol"),
    "127.77.0.39": ("latency=1h", "timeout"),
    "127.77.0.49": ("certificate=changed", "tls"),
    "127.77.0.59": ("reset=100", "connect"),
}
# Few devices at once, and a limit that only the silent one reaches, also where a handshake takes a second.
PATIENT = "--tls-compat --fanout 8 --connect-timeout 30s -t 30s"
PIPE_SECONDS = 5 * COMMAND_SECONDS  # a whole fleet, several times
LOST = {"indeterminate"}  # a restart that is answered with nothing: nobody can know what became of it

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1


def enter_network():
    """A network namespace of this process and its children; False where the system does not allow it."""
    libc = ctypes.CDLL(None, use_errno=True)
    user, group = os.getuid(), os.getgid()
    if libc.unshare(CLONE_NEWNET) != 0:
        if libc.unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0:
            return False
        pathlib.Path("/proc/self/setgroups").write_text("deny")
        pathlib.Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        pathlib.Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sH14x", b"lo", 0)
        flags = struct.unpack("16sH14x", fcntl.ioctl(any_socket, SIOCGIFFLAGS, request))[1]
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", flags | IFF_UP))
    return True


class Shell:
    """Pipelines as they are typed."""

    def __init__(self, env, work):
        self.env, self.work, self.control = env, work, str(work / "control")

    def pipe(self, line):
        done = subprocess.run(["bash", "-o", "pipefail", "-c", line], env=self.env, cwd=self.work, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=PIPE_SECONDS)
        for problem in record_schema.problems(done.stdout):
            check("records fit the schema", False, problem)
        return done.returncode, [json.loads(each) for each in done.stdout.splitlines()], done.stderr

    def ctl(self, *words):
        outcome = run(self.env, "oob-sim", "ctl", "--control", self.control, *words)
        assert outcome.status == 0, f"ctl {' '.join(words)}: {outcome.stderr}"
        return outcome.records()

    def get(self, address, key):
        return self.ctl("get", address, key)[0]["data"][key]


def by_address(records):
    return {record["device"]["address"] or record["device"]["name"]: record for record in records}


def classes(records):
    return collections.Counter(record["error"]["class"] for record in records if not record["ok"])


def discover(shell):
    status, found, complaint = shell.pipe(
        f"oob-discover scan --copies 5 --rate 0 {NETWORK} | jq -c 'select(.device.protocol==\"amt\")' > lab.ndjson && cat lab.ndjson")
    devices = by_address(found)
    require("scan | jq finds the devices that answer a ping", status == 0 and len(devices) >= 64 and len(found) == len(devices),
          f"{len(found)} records, status {status}, {complaint}")
    generations = {record["device"]["firmware"] for record in found}
    check("  of many generations", len(generations) >= 5, generations)
    known = {each["target"]: each for each in shell.ctl("list")}
    check("  each says the version that it has",
          all(known[address]["data"]["generation"].startswith(record["device"]["firmware"].split(".")[0] + ".")
              for address, record in devices.items() if address in known))
    return devices


def trust(shell, devices):
    status, seen, complaint = shell.pipe(f"oob-discover trust {PATIENT} - < lab.ndjson")
    check("discover trust - records the keys of all", status == 0 and len(seen) == len(devices), f"{len(seen)}: {complaint}")


def switch_on(shell, devices):
    off = sorted(devices)[::3]
    for address in off:
        shell.ctl("set", address, "power=off")
    for address, (fault, _) in FAULTS.items():
        shell.ctl("fault", address, fault)
    wrong = [address for address in FAULTS if address in devices]
    check("some of the devices that misbehave were found", len(wrong) >= 4, wrong)
    status, told, complaint = shell.pipe(
        f"oob-power status {PATIENT} - < lab.ndjson > status.ndjson; "
        f"jq -c 'select(.state.after.power==\"off\")' < status.ndjson | oob-power on {PATIENT} --yes -")
    asked = by_address(json.loads(line) for line in (shell.work / "status.ndjson").read_text().splitlines())
    check("status - answers for every device", set(asked) == set(devices))
    for address in devices:
        record, power = asked[address], "off" if address in off else "on"
        if address in FAULTS:
            expected = FAULTS[address][1]
            check(f"  {address} ({FAULTS[address][0]}) is an error of class {expected}",
                  not record["ok"] and record["error"]["class"] == expected and record["error"]["hint"], record)
        elif not record["ok"] or record["state"]["after"]["power"] != power:
            check(f"  {address} is told as it is", False, record)
    switched = by_address(told)
    expected = {address for address in off if address not in FAULTS}
    check("… | on --yes - switches those on that were off, and no other", set(switched) == expected and status == 0,
          f"status {status}, {complaint}")
    check("  each with proof", all(record["changed"] and record["verified"] for record in told))
    check("  and the devices say the same", all(shell.get(address, "power") == "on" for address in expected))
    check("  devices that misbehave were left alone",
          all(shell.get(address, "power") == "off" for address in off if address in FAULTS))


def boot_from_network(shell, devices):
    """Each outcome is held against what the device itself says about its last start."""
    before = {address: shell.get(address, "booted_from") for address in devices}
    status, told, complaint = shell.pipe(
        f"oob-power boot pxe --reset --yes {PATIENT} --summary - < lab.ndjson")
    check("boot pxe --reset - ends with the status of mixed failures", status == 1, f"{status} {complaint}")
    summary, records = told[-1], by_address(told[:-1])
    check("  one record a device, and a summary that adds up",
          set(records) == set(devices) and summary["type"] == "summary"
          and summary["ok"] == sum(record["ok"] for record in records.values())
          and summary["failed"] == sum(not record["ok"] for record in records.values()), summary)
    check("  what was left out names its class", classes(records.values()) == collections.Counter(summary["classes"]), summary)
    for address, record in records.items():
        booted = shell.get(address, "booted_from")
        if address in FAULTS:
            kind = record["error"]["class"] if record["error"] else None
            check(f"  {address} ({FAULTS[address][0]}) failed", kind in {FAULTS[address][1]} | LOST, record)
            if record["changed"] is False and booted != before[address]:
                check(f"  {address} says that nothing was changed, and nothing was", False, f"{booted} {record}")
        elif record["ok"] != (booted == "pxe"):
            check(f"  {address} tells the truth", False, f"it booted from {booted}; {record}")
    left = {address: record["error"] for address, record in records.items() if not record["ok"] and address not in FAULTS}
    check("  every device that behaves has booted from the network", not left, left)


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    if not enter_network():
        print("skipped: this system gives the test no network of its own")
        return
    with tempfile.TemporaryDirectory(prefix="oob-pipelines-") as folder:
        work = pathlib.Path(folder)
        (work / "password").touch(mode=0o600)
        (work / "password").write_text(PASSWORD + "\n")
        with Fleet(build, work, ["--listen", NETWORK, "--generation", "mixed", "--port-base", "16992", "--rmcp-port", "623",
                                 "--power-delay", "50ms"]) as fleet:
            env = environment(build, work, fleet.ready)
            shell = Shell(env, work)
            devices = discover(shell)
            part(trust, shell, devices)
            part(switch_on, shell, devices)
            part(boot_from_network, shell, devices)


if __name__ == "__main__":
    main()
