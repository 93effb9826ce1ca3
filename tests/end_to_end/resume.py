#!/usr/bin/env python3
"""Runs that are killed and resumed: no device sees its change twice, and an unknown outcome is called so.
tests/end_to_end/resume.py BUILD_FOLDER"""

import json
import pathlib
import signal
import subprocess
import sys
import tempfile

from rig import COMMAND_SECONDS, Fleet, check, environment, part, run, wait_until

DEVICES = 12
# The last ones answer late while a run is to be stopped, so that it cannot have ended by then.
LATE = 3
QUICK, LATER, NEVER = "latency=20ms", "latency=1s", "latency=1h"
# After how many records the run is killed, and whether it was in the middle of writing a line then.
KILLS = [(0, False), (1, True), (3, False), (6, True), (8, True)]
TORN = '{"schema":"oob/1","type":"done","time":"2026-'


def addresses():
    return [f"127.77.0.{number}" for number in range(1, DEVICES + 1)]


def lines_of(journal, kind):
    """The whole lines of one type."""
    if not journal.exists():
        return []
    whole = journal.read_text().rpartition("\n")[0]
    values = [json.loads(line) for line in whole.splitlines()]
    return [value for value in values if value["type"] == kind]


class Site:
    def __init__(self, env, work, port):
        self.env = env
        self.work = work
        self.targets = [f"amt+tcp://{address}:{port}" for address in addresses()]
        self.control = ["oob-sim", "ctl", "--control", str(work / "control")]

    def start(self, *words):
        command = ["oob-power", "off", "--yes", "--fanout", "3", *words, *self.targets]
        return subprocess.Popen(command, env=self.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True)

    def resume(self, journal):
        return run(self.env, "oob-power", "off", "--yes", "--resume", str(journal), *self.targets)

    def switch_on(self):
        for address in addresses():
            run(self.env, *self.control, "set", address, "power=on")

    def slow_down(self, fault):
        for address in addresses()[-LATE:]:
            run(self.env, *self.control, "fault", address, fault)

    def changes(self, address):
        """How many changes of power the device was asked for, as it saw it itself."""
        outcome = run(self.env, *self.control, "journal", address)
        return sum("RequestPowerStateChange" in line for line in outcome.stdout.splitlines())


def wait_for_records(process, journal, count):
    wait_until(lambda: process.poll() is not None or (len(lines_of(journal, "done")) >= count and lines_of(journal, "start")))
    check("  the run gets going", process.poll() is None, process.poll())


def killed(site, count, torn):
    """Kills a run and resumes it."""
    print(f"killed after {count} records" + (", in the middle of a line" if torn else ""))
    site.switch_on()
    site.slow_down(NEVER)
    before = {address: site.changes(address) for address in addresses()}
    journal = site.work / f"killed-{count}"
    process = site.start("--journal", str(journal))
    wait_for_records(process, journal, count)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    site.slow_down(QUICK)
    if torn:
        with journal.open("a") as file:
            file.write(TORN)
    done = {line["record"]["target"] for line in lines_of(journal, "done")}
    started = {line["target"] for line in lines_of(journal, "start")}
    check("  it was killed before its end", len(done) <= DEVICES - LATE, done)

    outcome = site.resume(journal)
    records = {record["target"]: record for record in outcome.records()}
    check("  exit status 0, or 20 when an outcome is unknown", outcome.status in (0, 20), outcome.stderr)
    check("  each device that was not done has a record", set(records) == set(site.targets) - done, str(records))
    unknown = 0
    for target, record in records.items():
        if record["ok"]:
            check("  a resumed device is off", record["state"]["after"]["power"] == "off", str(record))
            continue
        unknown += 1
        check("  what failed had been begun, and is indeterminate", target in started
              and record["changed"] is None and record["error"]["code"] == "indeterminate.interrupted", str(record))
        check("  its state was read", record["state"]["after"]["power"] == "on", str(record))
    check("  the exit status says whether something is unknown", outcome.status == (20 if unknown else 0))
    for address, target in zip(addresses(), site.targets):
        made = site.changes(address) - before[address]
        check("  no device is changed twice", made <= 1, f"{address}: {made}")
        failed = target in records and not records[target]["ok"]
        check("  and every other one is once", made == 1 or failed, f"{address}: {made}")
    again = site.resume(journal)
    check("  resuming once more repeats nothing", len(again.records()) == unknown, again.stdout)


def interrupted(site):
    print("interrupted")
    site.switch_on()
    before = {address: site.changes(address) for address in addresses()}
    journal = site.work / "interrupted"
    site.slow_down(LATER)
    process = site.start("--journal", str(journal), "--summary")
    wait_for_records(process, journal, 2)
    process.send_signal(signal.SIGINT)
    stdout, _ = process.communicate(timeout=COMMAND_SECONDS)
    site.slow_down(QUICK)
    records = [json.loads(line) for line in stdout.splitlines()]
    check("  exit status 130", process.returncode == 130, str(process.returncode))
    check("  the summary says that it stopped early", records[-1]["type"] == "summary"
          and records[-1]["stopped_early"], stdout)
    begun = {line["target"] for line in lines_of(journal, "start")}
    done = {line["record"]["target"] for line in lines_of(journal, "done")}
    # Nothing new is issued: a device whose change was not sent yet is left alone, and says so.
    made = [record for record in records[:-1] if record["ok"]]
    stopped = [record for record in records[:-1] if not record["ok"]]
    check("  what was in flight came to an end", begun == done and all(record["changed"] for record in made)
          and all((record["error"]["class"], record["changed"]) == ("interrupted", False) for record in stopped), stdout)
    check("  the summary adds up", records[-1]["ok"] + records[-1]["failed"] + records[-1]["not_started"] == DEVICES,
          records[-1])
    outcome = site.resume(journal)
    check("  resumed without a doubt", outcome.status == 0 and len(outcome.records()) == DEVICES - len(made),
          outcome.stdout)
    for address in addresses():
        check("  each device is changed once", site.changes(address) - before[address] == 1, address)
    nothing = site.resume(journal)
    check("  then nothing is left", nothing.status == 0 and nothing.stdout == "", nothing.stdout + nothing.stderr)


def refused(site):
    print("refused")
    journal = site.work / "interrupted"
    rows = [
        ("a journal that exists", ["off", "--journal", str(journal)], "exists already"),
        ("a journal of another verb", ["on", "--resume", str(journal)], "another command"),
        ("a file that is no journal", ["off", "--resume", str(site.work / "password")], "no JSON"),
        ("no file", ["off", "--resume", str(site.work / "nowhere")], "cannot open"),
        ("both", ["off", "--journal", "a", "--resume", "b"], "--resume"),
        ("a journal of a dry run", ["off", "--dry-run", "--journal", str(site.work / "dry")], "dry run"),
    ]
    for what, words, says in rows:
        outcome = run(site.env, "oob-power", *words, "--yes", *site.targets)
        check(f"  {what}", outcome.status == 2 and outcome.stdout == "" and says in outcome.stderr, outcome.stderr)


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory(prefix="oob-test-") as folder:
        work = pathlib.Path(folder)
        (work / "password").write_text("Golden-1x\n")
        (work / "password").chmod(0o600)
        arguments = ["--listen", "127.77.0.0/28", "--generation", "15.0", *(
            word for address in addresses() for word in ("--fault", f"{address}:{QUICK}"))]
        with Fleet(build, work, arguments) as fleet:
            site = Site(environment(build, work, fleet.ready), work, fleet.ready["ports"]["http"])
            for count, torn in KILLS:
                part(killed, site, count, torn)
            part(interrupted, site)
            part(refused, site)


if __name__ == "__main__":
    main()
