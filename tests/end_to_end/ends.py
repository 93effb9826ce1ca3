#!/usr/bin/env python3
"""Runs that end otherwise than by themselves: files that are moved away, terminals that are lost, loans that somebody ends,
output that nobody reads. tests/end_to_end/ends.py BUILD_FOLDER"""

import os
import pathlib
import pty
import signal
import subprocess
import sys
import tempfile

from orders import (HOLDS, LONG_TIME, REOPENS, SIGNALS, WAITS, Row, Site, finish, heard, in_parallel, moment_at, parsed,
                    prepare_work, snapshot, verbs_of)
from rig import COMMAND_SECONDS, Fleet, environment, part, run, unused_port, wait_until

# Beside the words of their rows; both set something for the next start, and then start the host.
STARTS = {"oob-power boot": ["--reset"], "oob-ider boot": []}


SETS_BOOT = "SetBootConfigRole"


def reopens(site, verb):
    """A file that was moved away is made anew, and the work goes on until another signal ends it."""
    home, env = site.home()
    gate, address = moment_at(site, verb.row, WAITS["session"])
    files = [home / "trace"] + ([home / f"{gate.address}.log"] if verb.name == "log" else [])
    target = f"amt+tcp://{gate.address}:{gate.port}"
    process = subprocess.Popen([*verb.words({"work": site.work, "home": home}), "--trace", str(home / "trace"), target],
                               env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                               start_new_session=True)
    try:
        results = [("the session is opened", gate.reached.wait(COMMAND_SECONDS), "")]
        gate.release()
        results.append(("its files are there", wait_until(lambda: all(file.exists() for file in files)), files))
        for file in files:
            file.rename(f"{file}.old")
        process.send_signal(signal.SIGHUP)
        results.append(("they are made anew", wait_until(lambda: all(file.exists() for file in files)), snapshot(home)))
        results.append(("the work goes on", site.armed(address) == ["a session"] and process.poll() is None, ""))
        process.send_signal(signal.SIGTERM)
        finish(process)
    finally:
        process.kill()
        gate.close()
    return results + [("another signal ends it", process.returncode == 143, process.returncode)]


def loses_terminal(site, verb):
    """With a terminal that goes away, as a window that is closed does, there is nothing to be opened anew."""
    home, env = site.home()
    gate, address = moment_at(site, verb.row, WAITS["session"])
    ours, terminal = pty.openpty()
    words = [*verb.words({"work": site.work, "home": home}), f"amt+tcp://{gate.address}:{gate.port}"]
    # setsid makes the terminal of its standard input its own.
    process = subprocess.Popen(["setsid", "--ctty", *words], env=env, stdin=terminal, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    os.close(terminal)
    try:
        results = [("the session is opened", gate.reached.wait(COMMAND_SECONDS), "")]
        gate.release()
        os.close(ours)
        ended = wait_until(lambda: process.poll() is not None)
    finally:
        process.kill()
        process.wait()
        gate.close()
    return results + [("the work ends", ended and process.returncode == SIGNALS[signal.SIGHUP], process.returncode),
                      ("nothing is left armed", wait_until(lambda: not site.armed(address)), site.armed(address))]


def at_second_signal(site, verb, number):
    """The first one lets a change that is under way come to its end; the second does not."""
    home, env = site.home()
    gate, _ = moment_at(site, verb.row, HOLDS["change"])
    words = [*verb.words({"work": site.work, "home": home}), "-t", f"{10 * COMMAND_SECONDS}s", "--yes",
             f"amt+tcp://{gate.address}:{gate.port}"]
    process = subprocess.Popen(words, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        results = [("it got to the moment", gate.reached.wait(COMMAND_SECONDS), "")]
        process.send_signal(number)
        wait_until(lambda: heard(process))
        results.append(("the first signal waits for the change", process.poll() is None, process.returncode))
        process.send_signal(number)
        ended = wait_until(lambda: process.poll() is not None)
    finally:
        process.kill()
        process.wait()
        gate.close()
    return results + [("the second one ends it", ended and process.returncode == SIGNALS[number], process.returncode)]


def before_start(site, verb, power):
    """A host is not started once the run is to end, though all is set for it; what was set is taken back. One that sleeps
    is switched off first, and stays so."""
    home, env = site.home()
    last = "SetBootConfigRole" if power == "on" else "RequestPowerStateChange"
    gate, address = moment_at(site, verb.row, lambda kind, seen: kind == "change" and seen[last])
    site.ctl("set", address, f"power={power}")
    words = [*verb.words({"work": site.work, "home": home}), *STARTS[str(verb)], "--yes",
             *(LONG_TIME if verb.takes("--timeout") else []), f"amt+tcp://{gate.address}:{gate.port}"]
    process = subprocess.Popen(words, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               text=True, start_new_session=True)
    try:
        results = [("it got to the moment", gate.reached.wait(COMMAND_SECONDS), "")]
        process.send_signal(signal.SIGINT)
        wait_until(lambda: heard(process))
        gate.release()
        stdout, stderr = finish(process)
    finally:
        process.kill()
        gate.close()
    records, _ = parsed(stdout)
    record = records[0] if records else {}
    orders = [change for change in site.changes(address) if change.endswith(".RequestPowerStateChange")]
    return results + [("the status is the signal's", process.returncode == 130, (process.returncode, stderr)),
                      ("the host is not started", len(orders) == (0 if power == "on" else 1), site.changes(address)),
                      ("which is told", record.get("error", {}).get("class") == "interrupted", stdout),
                      ("the settings were taken back", any("taken back" in each for each in record.get("warnings", [])),
                       stdout),
                      ("nothing is left armed", wait_until(lambda: not site.armed(address)), site.armed(address))]


def gone_loan(site):
    """Somebody ends the loan while the boot settings are being set: the host is not restarted for nothing."""
    home, env = site.home()
    gate, address = moment_at(site, Row([]), lambda kind, seen: kind == "change" and seen[SETS_BOOT])
    process = subprocess.Popen(["oob-ider", "boot", str(site.work / "disc.iso"), "--yes", *LONG_TIME,
                                f"amt+tcp://{gate.address}:{gate.port}"], env=env, stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    reached = gate.reached.wait(COMMAND_SECONDS)
    stopped = run(env, "oob-ider", "stop", site.target(address))
    gate.release()
    stdout, _ = finish(process)
    gate.close()
    changes = site.changes(address)
    return [("the moment is reached, and the loan ended", reached and stopped.status == 0, stopped.stdout),
            ("the host is not restarted", not any("RequestPowerStateChange" in each for each in changes), changes),
            ("nothing is left armed", wait_until(lambda: not site.armed(address)), stdout),
            ("which is a failure", process.returncode not in (0, 70), stdout)]


def lost_output(site, how):
    """Nobody reads the output any more while boot settings are being set: the run ends, and takes them back."""
    home, env = site.home()
    gate, address = moment_at(site, Row([]), lambda kind, seen: kind == "change" and seen[SETS_BOOT])
    if how == "closed pipe":
        reader, output = os.pipe()
        os.close(reader)
    else:
        output = os.open("/dev/full", os.O_WRONLY)
    # The record of another machine, which is not the one that was meant, is what cannot be written.
    other, _ = moment_at(site, Row([]), HOLDS["read"])
    process = subprocess.Popen(["oob-power", "boot", "pxe", "--reset", "--yes", *LONG_TIME,
                                f"amt+tcp://{other.address}:{other.port}?uuid=8a1c0000-0000-0000-0000-0000000000ff",
                                f"amt+tcp://{gate.address}:{gate.port}"], env=env, stdin=subprocess.DEVNULL, stdout=output,
                               stderr=subprocess.DEVNULL)
    os.close(output)
    reached = gate.reached.wait(COMMAND_SECONDS) and other.reached.wait(COMMAND_SECONDS)
    other.release()
    lost = wait_until(lambda: other.open == 0)  # its device is done with
    gate.release()
    process.wait(COMMAND_SECONDS)
    gate.close()
    other.close()
    expected = -signal.SIGPIPE if how == "closed pipe" else 70
    return [("the moment is reached", reached and lost, ""),
            ("the status says why", process.returncode == expected, process.returncode),
            ("nothing is left armed", site.armed(address) == [], site.armed(address))]


def closed_descriptors(site):
    """A journal does not get what was meant for people."""
    home, env = site.home()
    journal = home / "journal"
    target = site.target(site.device(Row([])))
    words = ["oob-power", "off", "--yes", "--max-failures", "1", "-F", "1", f"amt://127.0.0.1:{unused_port()}", target]
    run(env, "bash", "-c", '"$@" 2>&-', "bash", *words, "--journal", str(journal))
    lines = journal.read_text().splitlines()
    resumed = run(env, *words, "--resume", str(journal))
    silent = run(env, "bash", "-c", '"$@" >&-', "bash", "oob-power", "status", target)
    return [("every line of the journal is its own", all(line.startswith("{") for line in lines), lines),
            ("the run can be resumed", resumed.status != 2 and resumed.records(), resumed.stderr),
            ("without an output it is no success", silent.status == 70, silent.status)]


def check_ends(site):
    named = {str(verb): verb for verb in verbs_of(site.env)}
    in_parallel(site, reopens, [(named[name],) for name in sorted(REOPENS)])
    in_parallel(site, loses_terminal, [(named[name],) for name in sorted(REOPENS)])
    in_parallel(site, at_second_signal, [(named["oob-power off"], number) for number in SIGNALS])
    # Firmware does not switch off a host that sleeps while a disk is lent to it.
    in_parallel(site, before_start, [(named["oob-power boot"], "on"), (named["oob-power boot"], "sleep"),
                                     (named["oob-ider boot"], "on")])
    in_parallel(site, gone_loan, [()])
    in_parallel(site, lost_output, [("closed pipe",), ("full disk",)])
    in_parallel(site, closed_descriptors, [()])


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory(prefix="oob-ends-") as folder:
        work = prepare_work(folder)
        with Fleet(build, work, ["--listen", "127.77.0.0/24", "--generation", "15.0", "--power-delay", "300ms"]) as fleet:
            part(check_ends, Site(environment(build, work, fleet.ready), work, fleet))


if __name__ == "__main__":
    main()
