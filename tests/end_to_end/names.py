#!/usr/bin/env python3
"""Names whose server never answers: they fail alone, each within its limits, and the process does not wait for the look-ups.
tests/end_to_end/names.py BUILD_FOLDER

The test has a network of its own with a name server that is silent, and its own files in /etc that say so. A look-up there
lasts longer than any command may, so that whoever waits for one does not end in time."""

import ctypes
import pathlib
import socket
import sys
import tempfile

from pipelines import enter_network
from rig import COMMAND_SECONDS, PASSWORD, Fleet, check, environment, run

DEAD = 100
SECONDS_A_TRY, TRIES = 30, 5
FILES = {
    "resolv.conf": f"nameserver 127.0.0.1\noptions timeout:{SECONDS_A_TRY} attempts:{TRIES}\n",
    "nsswitch.conf": "hosts: files dns\n",
    "hosts": "127.0.0.1 localhost\n127.77.0.2 pc2.oob.test\n",
}
FOREVER = ["--connect-timeout", "10m"]

CLONE_NEWNS, MS_BIND, MS_REC, MS_PRIVATE = 0x00020000, 0x1000, 0x4000, 0x40000


def replace_files(work):
    """Puts FILES over those in /etc, for this process and its children; what stands in the way, if anything does."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNS) != 0 or libc.mount(None, b"/", None, MS_REC | MS_PRIVATE, None) != 0:
        return "this system gives the test no files of its own"
    for name, text in FILES.items():
        ours, theirs = work / name, pathlib.Path("/etc") / name
        ours.write_text(text)
        if not theirs.exists():
            return f"this system has no {theirs}"
        if libc.mount(bytes(ours), bytes(theirs), None, MS_BIND, None) != 0:
            return f"this system does not let the test replace {theirs}"
    return None


def check_late(what, outcome, limit, dead=1, code="resolve.timeout"):
    records = [record for record in outcome.records() if not record["ok"]]
    check(f"{what}: {dead} records of names that nobody answered", len(records) == dead and outcome.status == 10,
          f"status {outcome.status}, {outcome.stdout[:2000]} {outcome.stderr[:2000]}")
    wrong = [record for record in records if record["error"]["class"] != "resolve" or record["error"]["code"] != code
             or limit not in record["error"]["message"] or not record["error"]["hint"]]
    check("  each says that the look-up took too long", not wrong, wrong)


def check_beside(env, ports):
    """Devices that can be found, by address and by name, behind names that cannot."""
    names = [f"amt+tcp://dead-{number}.oob.test:{ports['http']}" for number in range(DEAD)]
    healthy = [f"amt+tcp://127.77.0.1:{ports['http']}", f"amt+tcp://pc2.oob.test:{ports['http']}"]
    outcome = run(env, "oob-power", "status", "--connect-timeout", "3s", *names, *healthy)
    check_late("names beside devices", outcome, "3000 ms", DEAD)
    good = [record for record in outcome.records() if record["ok"]]
    check("  and the devices are as well as ever", sorted(record["target"] for record in good) == sorted(healthy), good)


def check_limits(env, ports):
    dead = f"amt+tcp://dead.oob.test:{ports['http']}"
    rows = [
        ("--connect-timeout", ["--connect-timeout", "700ms"], "700 ms", "resolve.timeout"),
        ("--timeout", [*FOREVER, "--timeout", "700ms"], "", "resolve.timeout"),
        ("--deadline", [*FOREVER, "--timeout", "10m", "--deadline", "700ms"], "", "resolve.timeout"),
        ("a proxy's name", ["--connect-timeout", "700ms", "--via", "socks5:dead.oob.test:1080"], "700 ms", "resolve.proxy"),
    ]
    for what, options, limit, code in rows:
        check_late(what, run(env, "oob-power", "status", *options, dead), limit, code=code)


def check_discovery(env):
    for verb in ("probe", "scan"):
        check_late(f"oob-discover {verb}", run(env, "oob-discover", verb, "dead.oob.test"), "looking up dead.oob.test")


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory(prefix="oob-names-") as folder:
        work = pathlib.Path(folder)
        reason = replace_files(work) if enter_network() else "this system gives the test no network of its own"
        if reason:
            print(f"skipped: {reason}")
            return
        check("a look-up lasts longer than a command may", SECONDS_A_TRY * TRIES > COMMAND_SECONDS)
        (work / "password").touch(mode=0o600)
        (work / "password").write_text(PASSWORD + "\n")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent, \
                Fleet(build, work, ["--listen", "127.77.0.0/29", "--generation", "15.0"]) as fleet:
            silent.bind(("127.0.0.1", 53))
            env = environment(build, work, fleet.ready)
            check_beside(env, fleet.ready["ports"])
            check_limits(env, fleet.ready["ports"])
            check_discovery(env)


if __name__ == "__main__":
    main()
