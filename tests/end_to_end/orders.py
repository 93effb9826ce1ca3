#!/usr/bin/env python3
"""Every verb of every program keeps what all verbs promise: as many records as targets, a dry run that changes nothing,
and a good end at every signal. The verbs are those of the programs' own lists: one that has no row here fails the test.
tests/end_to_end/orders.py BUILD_FOLDER"""

import collections
import concurrent.futures
import dataclasses
import datetime
import itertools
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading

from gate import READS, Gate
from rig import (COMMAND_SECONDS, PASSWORD, Fleet, RawPeer, check, environment, part, record_schema, run, unused_port,
                 wait_until)

TOOLS = ["oob-discover", "oob-power", "oob-sol", "oob-ider", "oob-wsman", "oob-sim"]
AT_ONCE = 6
SIGNALS = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}
VERB = re.compile(r"^  ([a-z][a-z-]*(?: [a-z]+)?) +\S.* \((reads|changes|destroys)\)$", re.MULTILINE)
CHANGING_OPTION = re.compile(r"^  (--[a-z-]+)(?: \S+)?\s[^-]*?\((changes|destroys)\)", re.MULTILINE)
SWITCH = ["CIM_PowerManagementService", "RequestPowerStateChange", "PowerState=8",
          "ManagedElement=CIM_ComputerSystem?CreationClassName=CIM_ComputerSystem&Name=ManagedSystem"]
TOMORROW = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=1)).strftime("%Y-%m-%dT06:00Z")
ADD_ALARM = ["oob-power", "alarm", "add", "--name", "a", "--at", TOMORROW]
FILTER = ["AMT_Hdr8021Filter", "ElementName=a", "Name=a", "FilterProfile=0", "FilterDirection=0", "ActionEventOnMatch=false",
          "HdrProtocolID8021=2048"]


@dataclasses.dataclass
class Row:
    """What a verb is called with, and where it waits: "poll" for what comes of its change, "session" while one is open,
    "read" for something that it reads again and again, or nowhere."""
    words: list
    waits: str = ""
    prepare: list = dataclasses.field(default_factory=list)  # state of the device, KEY=VALUE
    first: list = dataclasses.field(default_factory=list)  # what is done to the device beforehand
    lent: bool = False  # somebody lends the device a disk meanwhile
    looks: bool = True  # it reads something before it changes anything
    lasts: bool = False  # until somebody ends it
    own_output: bool = False  # standard output is the host's, without records
    values: dict = dataclasses.field(default_factory=dict)  # of the options that change and take one
    arms: bool = False  # what it leaves armed is what it was asked for


POWER = {"--power": "reset"}
ROWS = {
    "oob-power status": Row([]),
    "oob-power wait": Row(["off"], waits="read"),
    "oob-power on": Row([], waits="poll", prepare=["power=off"]),
    "oob-power off": Row([], waits="poll"),
    "oob-power cycle": Row([], waits="poll"),
    "oob-power reset": Row([], waits="poll"),
    "oob-power soft-off": Row([], waits="poll"),
    "oob-power soft-reset": Row([], waits="poll"),
    "oob-power sleep": Row([], waits="poll"),
    "oob-power hibernate": Row([], waits="poll"),
    "oob-power nmi": Row([]),
    "oob-power wake": Row([], waits="poll", prepare=["power=sleep"]),
    "oob-power boot": Row(["pxe"], arms=True),
    "oob-power boot show": Row([]),
    "oob-power boot clear": Row([], first=["oob-power", "boot", "pxe"]),
    "oob-power alarm list": Row([]),
    "oob-power alarm add": Row(["--name", "a", "--at", TOMORROW]),
    "oob-power alarm delete": Row(["--name", "a"], first=ADD_ALARM),
    "oob-sol connect": Row([], waits="session", lasts=True, own_output=True, values=POWER),
    "oob-sol log": Row(["{home}/{{name}}.log"], waits="session", lasts=True),
    "oob-sol expect": Row(["{work}/never.exp"], waits="session", values=POWER),
    "oob-sol monitor": Row([], waits="session", lasts=True, own_output=True),
    "oob-ider serve": Row(["{work}/disc.iso", "--start", "now"], waits="session", lasts=True),
    "oob-ider boot": Row(["{work}/disc.iso"], waits="poll", lasts=True),
    "oob-ider status": Row([]),
    "oob-ider stop": Row([], lent=True),
    "oob-wsman identify": Row([]),
    "oob-wsman get": Row(["AMT_GeneralSettings"]),
    "oob-wsman enum": Row(["CIM_SoftwareIdentity"]),
    "oob-wsman put": Row(["AMT_GeneralSettings", "IdleWakeTimeout=77"]),
    "oob-wsman create": Row(FILTER, looks=False),
    "oob-wsman delete": Row(["IPS_AlarmClockOccurrence", "--selector", "InstanceID=a"], first=ADD_ALARM),
    "oob-wsman invoke": Row(SWITCH, looks=False),
    "oob-discover probe": Row(["--probe", "amt"]),
    "oob-discover trust": Row([]),
    "oob-discover scan": Row([]),
    "oob-sol replay": Row(["{work}/slow.cast"]),
    "oob-sim run": Row([]),
    "oob-sim generations": Row([]),
    **{f"oob-sim ctl {verb}": Row(words) for verb, words in {
        "list": [], "get": ["127.77.0.1"], "set": ["127.77.0.1", "power=on"], "fault": ["127.77.0.1"],
        "journal": ["127.77.0.1"], "disk": ["127.77.0.1", "probe"], "stop": []}.items()},
}
# Those of verbs that say of other addresses, of a file, or of the fleet itself; each has a part of its own below.
WITHOUT_TARGETS = {"oob-discover scan", "oob-sol replay"} | {name for name in ROWS if name.startswith("oob-sim ")}
WITHOUT_LOGIN = {"oob-discover probe", "oob-discover trust"}
# Where no terminal can have been lost, SIGHUP makes them open their files anew; tests/end_to_end/ends.py holds that.
REOPENS = {"oob-sol log", "oob-ider serve"}
LONG_TIME = ["-t", f"{COMMAND_SECONDS}s"]


class Verb:
    """A verb as its program tells of it."""

    def __init__(self, env, tool, name, effect):
        self.tool, self.name, self.effect = tool, name, effect
        self.row = ROWS.get(f"{tool} {name}")
        self.help = run(env, tool, *name.split(), "--help").stdout.partition("\nExamples:")[0]
        self.changing = CHANGING_OPTION.findall(self.help)

    def __str__(self):
        return f"{self.tool} {self.name}"

    def takes(self, option):
        return re.search(rf"(^|[ ,]){re.escape(option)}\b", self.help, re.MULTILINE) is not None

    def words(self, places):
        return [self.tool, *self.name.split(), *(word.format(**places) for word in self.row.words)]

    def changes(self):
        return self.effect != "reads"


class Site:
    """The fleet, and addresses in it that nobody else uses."""

    def __init__(self, env, work, fleet):
        self.env, self.work, self.ports = env, work, fleet.ready["ports"]
        self.numbers = itertools.count(1)
        self.lock = threading.Lock()
        self.lenders = []
        self.failed_record = run(env, "oob-power", "status", f"amt://127.0.0.1:{unused_port()}").stdout

    def device(self, row, *state):
        with self.lock:
            number = next(self.numbers)
        address = f"127.77.{number // 256}.{number % 256}"
        if row.prepare or state:
            self.ctl("set", address, *row.prepare, *state)
        if row.first:
            done = run(self.env, *row.first, self.target(address))
            if done.status != 0:
                raise RuntimeError(f"{row.first}: {done.stdout} {done.stderr}")
        if row.lent:
            self.lend(address)
        self.ctl("journal", address, "--clear")
        return address

    def lend(self, address):
        process = subprocess.Popen(["oob-ider", "serve", str(self.work / "disc.iso"), "--start", "now", self.target(address)],
                                   env=self.env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        self.lenders.append(process)
        if not wait_until(lambda: self.armed(address)):
            raise RuntimeError(f"no disk was lent to {address}")

    def end_loans(self):
        for process in self.lenders:
            process.kill()
            process.wait()

    def ctl(self, *words):
        done = subprocess.run(["oob-sim", "ctl", "--control", str(self.work / "control"), *words], env=self.env,
                              capture_output=True, text=True, timeout=COMMAND_SECONDS)
        if done.returncode != 0:
            raise RuntimeError(f"ctl {words}: {done.stderr}")
        return [json.loads(line) for line in done.stdout.splitlines()]

    def target(self, address, secured=False):
        return f"amt{'' if secured else '+tcp'}://{address}:{self.ports['https' if secured else 'http']}"

    def home(self):
        """A folder of a run's own, with everything that a tool may write to."""
        home = pathlib.Path(tempfile.mkdtemp(dir=self.work))
        return home, {**self.env, "HOME": str(home), "XDG_CONFIG_HOME": str(home), "XDG_STATE_HOME": str(home)}

    def changes(self, address):
        """What the device was made to do, as its own journal tells."""
        out = []
        for entry in self.ctl("journal", address):
            data, asked = entry["data"], entry["data"]["device"]
            if data["event"].startswith("session"):
                out.append(data["event"])
            if asked and asked["operation"] in ("put", "create", "delete"):
                out.append(f"{asked['operation']} {asked['class']}")
            if asked and asked["operation"] == "invoke" and not READS.search(b"/" + asked["method"].encode()):
                out.append(f"{asked['class']}.{asked['method']}")
        return out

    def armed(self, address):
        """What is left behind that would happen, or go on, some other day."""
        state = self.ctl("get", address)[0]["data"]
        out = [] if not state["boot"]["next_single_use"] else ["boot settings"]
        return out + (["a session"] if state["redirection"]["sessions"] else [])


def verbs_of(env):
    """All verbs of all programs; one without a row is a failure."""
    out = []
    for tool in TOOLS:
        listed = VERB.findall(run(env, tool, "--help").stdout.partition("Verbs:")[2].partition("\n\n")[0])
        check(f"{tool} lists its verbs", len(listed) >= 3, listed)
        for name, effect in listed:
            verb = Verb(env, tool, name, effect)
            if check(f"  {verb} has a row", verb.row is not None, "what is it called with?"):
                out.append(verb)
    known = {str(verb) for verb in out}
    check("every row is a verb's", set(ROWS) == known, set(ROWS) - known)
    return out


def in_parallel(site, function, jobs):
    """Runs the function over the jobs; what it returns is a list of (what, condition, detail)."""
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        for job, results in zip(jobs, pool.map(lambda job: guarded(function, site, *job), jobs)):
            bad = [(what, detail) for what, condition, detail in results if not condition]
            check(" ".join([function.__name__, *(str(each.name if isinstance(each, signal.Signals) else each) for each in job)]), not bad, bad)


def guarded(function, *arguments):
    try:
        return function(*arguments)
    except Exception as error:  # whatever it is, it is told
        return [("gets to its end", False, repr(error))]


def parsed(stdout):
    """The records among the lines; those of a console are the host's."""
    records = []
    for line in stdout.splitlines():
        try:
            record = json.loads(line)
        except ValueError:
            continue
        if isinstance(record, dict) and record.get("schema") == "oob/1":
            records.append(record)
    summary = [record for record in records if record["type"] == "summary"]
    return [record for record in records if record["type"] == "result"], summary[0] if summary else None


def adds_up(summary, targets):
    return (summary is not None and summary["targets"] == targets
            and summary["ok"] + summary["failed"] + summary["not_started"] == targets)


def one_record_each(site, verb):
    """Three targets of which two fail in ways of their own, and a record that had failed before."""
    home, env = site.home()
    places = {"work": site.work, "home": home}
    good = site.device(verb.row)
    targets = [site.target(good, verb.name == "trust"), f"amt://127.0.0.1:{unused_port()}", "redfish://bmc1"]
    if verb.name == "connect":
        targets = targets[1:2]
    stdin = None
    if verb.takes("--include-failed"):
        stdin = site.failed_record
    words = [*verb.words(places), "--summary", *(["--yes"] if verb.takes("--yes") else []), *targets, *(["-"] if stdin else [])]
    if verb.row.lasts:
        words += ["--deadline", "10s"]  # all are begun long before that
    elif verb.row.waits:
        words += ["-t", "5s"]
    done = subprocess.run(words, env=env, input=stdin or "", capture_output=True, text=True, timeout=COMMAND_SECONDS)
    records, summary = parsed(done.stdout)
    expected = len(targets) + (1 if stdin else 0)
    problems = [] if verb.row.own_output else list(record_schema.problems(done.stdout))
    told = collections.Counter(record["target"] for record in records)
    return [("a record each", verb.row.own_output or (len(records) == expected and max(told.values()) == 1), dict(told)),
            ("the summary adds up", adds_up(summary, expected), (summary, done.stderr)),
            ("records fit the schema", not problems, problems),
            ("the status is that of a failure", done.returncode not in (0, 70), done.returncode)]


def snapshot(folder):
    return {str(path.relative_to(folder)): (path.stat().st_size, path.stat().st_mtime_ns)
            for path in sorted(folder.rglob("*")) if path.is_file()}


def dry_run(site, verb, option):
    """With each of the options that change something, alone."""
    home, env = site.home()
    address = site.device(verb.row, *(["redirection.listener=false"] if option == "--enable" else []))
    words = [*verb.words({"work": site.work, "home": home}), "-n"]
    if option:
        words += [option, *([verb.row.values[option]] if option in verb.row.values else [])]
    if verb.takes("--yes"):
        words.append("--yes")
    if verb.takes("--tls-tofu"):
        words.append("--tls-tofu")
    before = snapshot(home)
    done = subprocess.run([*words, site.target(address, secured=True)], env=env, stdin=subprocess.DEVNULL, cwd=home,
                          capture_output=True, text=True, timeout=COMMAND_SECONDS)
    records, _ = parsed(done.stdout)
    class_of_error = [record["error"]["class"] for record in records if record.get("error")]
    # Some things cannot be planned because they could not be done; but no door is ever tried.
    planned = verb.row.own_output or verb.name == "trust" or class_of_error or all(
        record["dry_run"] and (record.get("data") or {}).get("plan") for record in records)
    return [("the device saw no change", site.changes(address) == [], site.changes(address)),
            ("no file is written", snapshot(home) == before, snapshot(home)),
            ("there is a plan", planned, done.stdout),
            ("no door was tried", "internal" not in class_of_error and done.returncode != 70, done.stdout + done.stderr)]


def moment_before(site, verb, env, home):
    """Before the first device: a password command, or a bastion, that does not answer. How to call it, how to wait."""
    if str(verb) in WITHOUT_LOGIN:
        bastion = RawPeer(None)
        return ["--via", f"ssh:127.0.0.1:{bastion.port}"], lambda: bastion.open, None, site.device(verb.row)
    marker = home / "asked"
    # Many seconds: it has to be ended.
    return (["-c", f"exec:echo > {marker}; sleep 1000"], marker.exists, None, site.device(verb.row))


def moment_at(site, row, hold, raw=False):
    address = site.device(row)
    ports = site.ports
    held = [ports["http"], ports["https"]] if raw else [ports["http"], ports["redirection"]]
    gate = Gate(address.replace("127.77.", "127.79."), address, held, hold, raw)
    return gate, address


HOLDS = {
    "read": lambda kind, seen: kind in ("read", "bytes"),
    "change": lambda kind, seen: kind == "change",
}
# More looks than are needed for what is read once.
MANY_READS = 8
WAITS = {
    "poll": lambda kind, seen: kind == "read" and (seen["RequestPowerStateChange"]
                                                   or seen["RequestOSPowerSavingStateChange"]),
    "read": lambda kind, seen: kind == "read" and seen["read"] >= MANY_READS,
    "session": lambda kind, seen: kind == "session",
}


def at_signal(site, verb, number, moment):
    home, env = site.home()
    places = {"work": site.work, "home": home}
    gate = None
    extra = []
    if moment == "before":
        extra, reached, gate, address = moment_before(site, verb, env, home)
        target = site.target(address, secured=str(verb) in WITHOUT_LOGIN)
    else:
        hold = WAITS[verb.row.waits] if moment == "wait" else HOLDS[moment]
        gate, address = moment_at(site, verb.row, hold, raw=str(verb) in WITHOUT_LOGIN)
        reached = gate.reached.is_set
        secured = verb.name == "trust"
        target = f"amt{'' if secured else '+tcp'}://{gate.address}:{gate.port + (1 if secured else 0)}"
    armed = site.armed(address)
    words = [*verb.words(places), *extra, *(LONG_TIME if verb.takes("--timeout") else []), "--summary", target]
    if verb.takes("--yes"):
        words.append("--yes")
    # A console's standard input stays open: its end would end it.
    process = subprocess.Popen(words, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               text=True, start_new_session=True)
    try:
        got_there = wait_until(lambda: reached() or process.poll() is not None) and reached()
        process.send_signal(number)
        if gate:
            wait_until(lambda: heard(process))
            gate.release()
        stdout, stderr = finish(process)
    finally:
        process.kill()
        process.stdin.close()
        if gate:
            gate.close()
    return judged(site, verb, SIGNALS[number], moment, address, armed, got_there, process.returncode, stdout, stderr)


def heard(process):
    """Whether the process has taken its signals: none is pending any more."""
    if process.poll() is not None:
        return True
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return all(int(line.split()[1], 16) == 0 for line in status.splitlines() if line.startswith(("SigPnd", "ShdPnd")))


def finish(process):
    try:
        return process.stdout.read(), process.stderr.read()
    finally:
        process.wait(COMMAND_SECONDS)


def judged(site, verb, status, moment, address, armed, got_there, returncode, stdout, stderr):
    records, summary = parsed(stdout)
    changes = site.changes(address)
    record = records[0] if records else {}
    results = [("it got to the moment", got_there, stderr),
               ("the status is the signal's", returncode == status, (returncode, stderr)),
               ("the summary adds up", adds_up(summary, 1), (summary, stderr))]
    if moment == "before":
        return results + [("nothing was started", records == [] and summary and summary["not_started"] == 1, stdout),
                          ("the device saw no change", changes == [], changes)]
    if not verb.row.own_output:
        results.append(("there is its record", len(records) == 1, stdout))
    if moment == "read" and not verb.row.own_output:
        results.append(("nothing new was issued", changes == [], changes))
        if verb.changes() and verb.row.waits != "session":
            results.append(("which is told", not record.get("ok") and record.get("error", {}).get("class") == "interrupted",
                            record))
    if moment == "change":
        results.append(("the change that was under way came to its end", record.get("changed") is not False
                        or record.get("warnings"), record))
    if str(verb) == "oob-ider boot" and moment == "wait":
        results.append(("the disk stays until the start is proved", record.get("ok") and record.get("verified"), record))
    kept = verb.row.arms and record.get("ok")
    left = wait_until(lambda: kept or set(site.armed(address)) <= set(armed))
    results.append(("nothing is left armed", left, not left and site.armed(address)))
    return results


def moments_of(verb):
    out = ["before", "read"] if verb.row.looks else ["before"]
    if verb.changes() and verb.row.waits != "session":
        out.append("change")
    if verb.row.waits:
        out.append("wait")
    return out


def scan_at_signal(site, number):
    """It tells of those that answered, and how many it did not ask."""
    words = ["oob-discover", "scan", "--rmcp-port", str(site.ports["rmcp"]), "--probe", "udp", "--rate", "20", "--summary",
             "127.77.0.0/22"]
    process = subprocess.Popen(words, env=site.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               text=True, start_new_session=True)
    first = process.stdout.readline()
    process.send_signal(number)
    stdout, stderr = finish(process)
    records = [json.loads(line) for line in (first + stdout).splitlines()]
    summary = records[-1]
    return [("the status is the signal's", process.returncode == SIGNALS[number], process.returncode),
            ("a record each, and a summary", summary["type"] == "summary" and summary["ok"] == len(records) - 1, summary),
            ("it tells how many were not asked", summary["not_started"] > 0 and summary["targets"] == summary["ok"]
             + summary["failed"] + summary["silent"] + summary["not_started"], summary)]


def other_at_signal(site, verb, number):
    """Verbs that work on no device: a recording, a fleet, a fleet that does not answer."""
    home, env = site.home()
    door = socket.socket(socket.AF_UNIX)
    door.bind(str(home / "door"))
    door.listen(8)
    words = [*verb.words({"work": site.work, "home": home})]
    if verb.name.startswith("ctl "):
        words += ["--control", str(home / "door")]
    if verb.name == "run":
        words += ["--listen", "127.77.8.0/30", "--port-base", "0", "--control", "none"]
    process = subprocess.Popen(words, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               text=True, start_new_session=True)
    if verb.name.startswith("ctl "):
        door.settimeout(COMMAND_SECONDS)
        connection, _ = door.accept()
    else:
        process.stdout.readline()
    process.send_signal(number)
    _, stderr = finish(process)
    # A fleet that is told to stop has done what it was there for.
    expected = 0 if verb.name == "run" else SIGNALS[number]
    return [("the status is the signal's", process.returncode == expected, (process.returncode, stderr))]


def check_records(site, verbs):
    print("== as many records as targets")
    in_parallel(site, one_record_each, [(verb,) for verb in verbs if str(verb) not in WITHOUT_TARGETS])


def check_dry_runs(site, verbs):
    print("== a dry run changes nothing")
    jobs = [(verb, option) for verb in verbs if verb.takes("--dry-run") and str(verb) not in WITHOUT_TARGETS
            for option in ["", *(option for option, _ in verb.changing)]]
    check("options that change are found in the help", sum(1 for _, option in jobs if option) >= 10, jobs)
    in_parallel(site, dry_run, jobs)


def check_signals(site, verbs):
    print("== signals at every moment")
    jobs = [(verb, number, moment) for verb in verbs if str(verb) not in WITHOUT_TARGETS for moment in moments_of(verb)
            for number in SIGNALS if not (number == signal.SIGHUP and str(verb) in REOPENS)]
    in_parallel(site, at_signal, jobs)
    in_parallel(site, scan_at_signal, [(number,) for number in SIGNALS])
    waiting = [verb for verb in verbs if str(verb) in WITHOUT_TARGETS and verb.name not in ("scan", "generations")]
    in_parallel(site, other_at_signal, [(verb, number) for verb in waiting for number in SIGNALS])
    return len(jobs)


def prepare_work(folder):
    """The files that the rows' words name."""
    work = pathlib.Path(folder)
    (work / "password").write_text(PASSWORD + "\n")
    (work / "password").chmod(0o600)
    (work / "never.exp").write_text("timeout 1000s\nexpect /this is never said/\n")
    (work / "disc.iso").write_bytes(bytes(16 * 2048) + b"\x01CD001" + bytes(4 * 2048 - 6))
    (work / "slow.cast").write_text('{"version":2,"width":80,"height":24}\n[0.0,"o","begin\\r\\n"]\n[1000.0,"o","end"]\n')
    return work


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory(prefix="oob-orders-") as folder:
        work = prepare_work(folder)
        with Fleet(build, work, ["--listen", "127.77.0.0/22", "--generation", "15.0", "--power-delay", "300ms"]) as fleet:
            env = environment(build, work, fleet.ready)
            site = Site(env, work, fleet)
            verbs = verbs_of(env)
            part(check_records, site, verbs)
            part(check_dry_runs, site, verbs)
            signals = part(check_signals, site, verbs)
            site.end_loans()
            print(f"{len(verbs)} verbs of {len(TOOLS)} programs; {signals} signals at their moments")


if __name__ == "__main__":
    main()
