#!/usr/bin/env python3
"""Peers that stop in the middle: at every message of a session, in every way, and each verb still ends, by its limit, by
`~.` and by a signal, with one record. tests/end_to_end/stalls.py BUILD_FOLDER"""

import collections
import concurrent.futures
import contextlib
import getpass
import itertools
import os
import pathlib
import pty
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

from gate import Gate
from orders import Row, Site, parsed, prepare_work
from rig import COMMAND_SECONDS, POLL_SECONDS, Fleet, check, environment, part, record_schema, wait_until
from via import Proxy
from via_ssh import SSHD, Bastion, Home, keygen

AT_ONCE = 12  # they wait, most of the time
MOST_MESSAGES = 80  # a script that is longer never gets through
# Far longer than a run may take: what ends it is not this.
LONG = ["-t", f"{10 * COMMAND_SECONDS}s"]
SHORT = ["-t", "4s"]

HEARTBEATS = {0x20: b"\x2b" + bytes(7), 0x40: b"\x4b" + bytes(7)}  # of a console, of a disk
OPENED = (0x21, 0x49)  # what a device says when a session stands
BEAT_SECONDS = 0.1

# How a peer stops: it reads nothing any more, it says nothing any more, or it says heartbeats and nothing else.
WAYS = ("reads nothing", "says nothing", "only heartbeats")


class Stopping(Gate):
    """A gate that counts what passes it in both directions, and stops at a number: for good, with all its connections."""

    def __init__(self, address, upstream, ports, at, way, counted):
        self.at, self.way, self.counted = at, way, counted
        self.count = 0
        self.stopped, self.standing = threading.Event(), threading.Event()
        self.beat = HEARTBEATS[0x20]
        super().__init__(address, upstream, ports, lambda kind, seen: False)

    def _accept(self, listener, port):
        while True:
            try:
                client, _ = listener.accept()
                device = socket.create_connection((self.upstream, port))
            except OSError:
                return
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.sockets += [client, device]
            counts = port in self.counted
            for source, sink, to_client in ((client, device, False), (device, client, True)):
                threading.Thread(target=self._pass, args=(source, sink, to_client, counts), daemon=True).start()

    def _may_pass(self, chunk, to_client, counts):
        with self.lock:
            if not counts:
                return True
            if self.count >= self.at:
                self.stopped.set()
            self.count += 1
            if not to_client and chunk[0] in HEARTBEATS:
                self.beat = HEARTBEATS[chunk[0]]
            if to_client and chunk[0] in OPENED and not self.stopped.is_set():
                self.standing.set()
            return not self.stopped.is_set()

    def _pass(self, source, sink, to_client, counts):
        try:
            while chunk := source.recv(65536):
                if not self._may_pass(chunk, to_client, counts):
                    return self._stop(source, sink, to_client)
                sink.sendall(chunk)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            self._end(source, sink)

    def _stop(self, source, sink, to_client):
        """The connections stay open."""
        with contextlib.suppress(OSError):
            if to_client and self.way == "only heartbeats":
                while not self.released.is_set():
                    sink.sendall(self.beat)
                    self.released.wait(BEAT_SECONDS)
            if not to_client and self.way == "says nothing":
                while source.recv(65536):
                    pass


class Case:
    """A verb and how it is ended. `by`: "itself", "key" (`~.` on a terminal) or a signal."""

    def __init__(self, name, words, by, statuses, ports=("redirection",), records=1, seconds=LONG, env=None):
        self.name, self.words, self.by, self.statuses = name, words, by, statuses
        self.ports, self.records, self.seconds, self.env = ports, records, seconds, env or {}

    def __str__(self):
        by = self.by.name if isinstance(self.by, signal.Signals) else self.by
        return f"{self.name}, ended by {by}"


INTERRUPTED = {130}
# Whether something that was typed was lost decides.
LEFT = {0, 11}
CASES = [
    Case("oob-sol connect", ["oob-sol", "connect"], "key", LEFT, records=0),
    Case("oob-sol connect", ["oob-sol", "connect"], signal.SIGINT, INTERRUPTED, records=0),
    Case("oob-sol log", ["oob-sol", "log", "{home}/log"], signal.SIGINT, INTERRUPTED),
    Case("oob-sol log", ["oob-sol", "log", "{home}/log"], signal.SIGTERM, {143}),
    Case("oob-sol log", ["oob-sol", "log", "{home}/log", "--deadline", "2s"], "itself", {0, 5, 11}),
    Case("oob-sol monitor", ["oob-sol", "monitor"], signal.SIGINT, INTERRUPTED, records=0),
    Case("oob-sol expect", ["oob-sol", "expect", "{work}/short.exp", "--yes"], "itself", {0, 11, 18}, seconds=SHORT),
    Case("oob-sol expect", ["oob-sol", "expect", "{work}/never.exp", "--yes"], signal.SIGINT, INTERRUPTED),
    Case("oob-ider serve", ["oob-ider", "serve", "{work}/disc.iso", "--start", "now", "--yes"], signal.SIGINT, INTERRUPTED),
    Case("oob-ider serve", ["oob-ider", "serve", "{work}/disc.iso", "--start", "now", "--yes", "--for", "1s"], "itself", LEFT,
         seconds=SHORT),
    Case("oob-ider boot", ["oob-ider", "boot", "{work}/disc.iso", "--yes"], signal.SIGINT, INTERRUPTED),
    Case("oob-power status", ["oob-power", "status"], "itself", LEFT, ports=("http",), seconds=SHORT),
    Case("oob-wsman enum", ["oob-wsman", "enum", "CIM_SoftwareIdentity"], "itself", LEFT, ports=("http",), seconds=SHORT),
    # A change of which nothing was heard any more is one of which nobody knows.
    Case("oob-power off", ["oob-power", "off", "--yes"], "itself", {0, 11, 20}, ports=("http",), seconds=SHORT),
]


def start(case, words, env):
    """The process, and the terminal that it is on."""
    if case.by == "key":
        ours, terminal = pty.openpty()
        process = subprocess.Popen(words, env=env, stdin=terminal, stdout=terminal, stderr=terminal, start_new_session=True)
        os.close(terminal)
        return process, ours
    feed = subprocess.PIPE if "connect" in words else subprocess.DEVNULL
    return subprocess.Popen(words, env=env, stdin=feed, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            start_new_session=True), None


def shown(terminal, until):
    """What a terminal shows until something has come true; it has to be read, or the program waits for it."""
    out = b""
    limit = time.monotonic() + COMMAND_SECONDS
    while not until(out) and time.monotonic() < limit:
        if select.select([terminal], [], [], POLL_SECONDS)[0]:
            try:
                out += os.read(terminal, 65536)
            except OSError:
                break
    return out


def end_by_key(process, terminal, gate):
    out = shown(terminal, lambda out: gate.stopped.is_set() or gate.standing.is_set() or process.poll() is not None)
    # Nothing but a session hears keys; a command that is still getting there is ended as any other.
    if not gate.standing.is_set() and process.poll() is None:
        process.send_signal(signal.SIGINT)
    else:
        out += shown(terminal, lambda more: b"~?" in out + more or process.poll() is not None)
        with contextlib.suppress(OSError):
            os.write(terminal, b"hello\r~.")
    out += shown(terminal, lambda more: process.poll() is not None)
    os.close(terminal)
    return out.decode(errors="replace"), ""


def run_case(site, case, way, at):
    """What became of it, and whether the peer had got to the message at all."""
    home, env = site.home()
    env |= case.env
    address = site.device(Row([]))
    gate = Stopping(address.replace("127.77.", "127.79."), address, [site.ports["http"], site.ports["redirection"]], at, way,
                    [site.ports[port] for port in case.ports])
    words = [word.format(work=site.work, home=home) for word in case.words]
    words += [*case.seconds, f"amt+tcp://{gate.address}:{gate.port}"]
    process, terminal = start(case, words, env)
    try:
        if terminal is not None:
            stdout, stderr = end_by_key(process, terminal, gate)
        else:
            if case.by != "itself":
                wait_until(lambda: gate.stopped.is_set() or gate.standing.is_set() or process.poll() is not None)
                process.send_signal(case.by)
            stdout, stderr = process.communicate(timeout=COMMAND_SECONDS)
            stdout, stderr = stdout.decode(), stderr.decode()
        ended = process.wait(COMMAND_SECONDS) is not None
    except subprocess.TimeoutExpired:
        ended, stdout, stderr = False, "", "it hangs"
    finally:
        process.kill()
        process.wait()
        gate.close()
    records, _ = parsed(stdout) if terminal is None else ([], None)
    problems = [] if case.records == 0 else list(record_schema.problems(stdout))
    allowed = set(case.statuses)
    if case.by == "key" and not gate.standing.is_set():
        allowed |= INTERRUPTED
    if not gate.standing.is_set() and way == "only heartbeats":
        allowed.add(17)  # to a login a heartbeat is no answer, and the run is over
    if case.by != "itself":  # it may be over when the signal comes, and then the signal is anybody's
        allowed |= {-signal.SIGINT, -signal.SIGTERM}
    errors = [record["error"] for record in records if record.get("error")]
    told = (f"{way} at message {at}: ", process.returncode, stdout[-1500:], stderr[-1500:])
    bad = [what for what, good in (
        ("it ends", ended), ("its status", not ended or process.returncode in allowed),
        ("a record", not ended or len(records) == case.records), ("the schema", not problems),
        ("what failed says so", all(error["hint"] and error["class"] != "internal" for error in errors))) if not good]
    return gate.stopped.is_set(), [(each, *told) for each in bad]


def through(site, case, way):
    """Message by message, until the whole script has passed."""
    bad = []
    for at in itertools.count():
        reached, problems = run_case(site, case, way, at)
        bad += problems
        if not reached or at > MOST_MESSAGES:
            return at + 1, bad + ([("it never gets through", way)] if reached else [])


def check_every_message(site, cases):
    jobs = [(case, way) for case in cases for way in WAYS if way != WAYS[2] or case.ports == ("redirection",)]
    done = collections.Counter()
    problems = collections.defaultdict(list)
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        for (case, _), (count, bad) in zip(jobs, pool.map(lambda job: through(site, *job), jobs)):
            done[str(case)] += count
            problems[str(case)] += bad
    for name, count in done.items():
        check(f"{name}, whatever its peer stops at ({count} runs)", not problems[name], problems[name][:3])
    return sum(done.values())


class Ending(Gate):
    """A gate that ends every session as soon as it stands."""

    def __init__(self, address, upstream, ports):
        self.sessions = 0
        super().__init__(address, upstream, ports, lambda kind, seen: False)

    def _to_client(self, device, client, gate):
        with contextlib.suppress(OSError):
            while chunk := device.recv(65536):
                client.sendall(chunk)
                if chunk[0] in OPENED:
                    self.sessions += 1
                    break
        self._end(device, client)


def check_logins(site):
    """Firmware locks an account that logs in again and again. However slow the machine, it cannot become more."""
    for what, words in (("a disk", ["oob-ider", "serve", f"{site.work}/disc.iso", "--start", "now", "--yes", "--for", "8s"]),
                        ("a console", ["oob-sol", "log", f"{site.work}/logins.log", "--deadline", "8s"])):
        address = site.device(Row([]))
        gate = Ending(address.replace("127.77.", "127.79."), address, [site.ports["http"], site.ports["redirection"]])
        done = subprocess.run([*words, f"amt+tcp://{gate.address}:{gate.port}"], env=site.env, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=COMMAND_SECONDS)
        gate.close()
        # After 0, 1, 3 and 7 seconds.
        check(f"a device that ends every session of {what} is logged into ever more rarely", 1 <= gate.sessions <= 5,
              (gate.sessions, done.stdout, done.stderr))


class StoppingBytes:
    """Stands before a bastion and stops after so many bytes of what it says, or of what is said to it."""

    def __init__(self, port, at):
        self.upstream, self.at = port, at
        self.stopped = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.sockets = [self.listener]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
                server = socket.create_connection(("127.0.0.1", self.upstream))
            except OSError:
                return
            self.sockets += [client, server]
            self.left = self.at
            for source, sink in ((client, server), (server, client)):
                threading.Thread(target=self._pass, args=(source, sink), daemon=True).start()

    def _pass(self, source, sink):
        with contextlib.suppress(OSError):
            while chunk := source.recv(65536):
                self.left -= 1
                if self.left < 0:
                    self.stopped.set()
                    return
                sink.sendall(chunk)
            sink.shutdown(socket.SHUT_WR)

    def close(self):
        for each in self.sockets:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()


def check_way(site, what, kind, port, env):
    """A proxy or a bastion that stops at each message of the way to a device, and of what goes over it."""
    bad, count = [], 0
    target = site.target(site.device(Row([])))
    for at in itertools.count():
        gate = StoppingBytes(port, at)
        process = subprocess.Popen(["oob-power", "status", "--via", f"{kind}127.0.0.1:{gate.port}", "--connect-timeout", "1s",
                                    *SHORT, target], env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        try:
            stdout, _ = process.communicate(timeout=COMMAND_SECONDS)
        except subprocess.TimeoutExpired:
            stdout = ""
        finally:
            process.kill()
            process.wait()
            gate.close()
        count += 1
        records, _ = parsed(stdout)
        if process.returncode not in LEFT or len(records) != 1:
            bad.append((at, process.returncode, stdout[-1000:]))
        if not gate.stopped.is_set() or at > MOST_MESSAGES:
            break
    check(f"{what} that stops at each message ({count} runs)", not bad and at <= MOST_MESSAGES, bad[:3])
    return count


def check_ssh(site):
    if SSHD is None:
        print("skipped: there is no sshd here (package openssh-server)")
        return 0
    if os.getuid() == 0:
        pathlib.Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    keygen(site.work / "user_key")
    shutil.copy(site.work / "user_key.pub", site.work / "authorized_keys")
    home = Home(site.work, "ssh_home")
    shutil.copy(site.work / "user_key", home.ssh / "id_ed25519")
    # libssh leaves a little behind when its session ends in the middle of a login.
    (site.work / "leaks").write_text("leak:libssh\n")
    mine = site.env | {"HOME": str(home.path), "LSAN_OPTIONS": f"suppressions={site.work}/leaks:print_suppressions=0"}
    mine.pop("SSH_AUTH_SOCK", None)
    with Bastion(site.work, "stopping") as bastion:
        home.know(f"* {bastion.host_key()}\n")  # the gate has a port of its own each time
        behind = Case("oob-sol log behind a bastion",
                      ["oob-sol", "log", "{home}/log", "--via", bastion.via, "--connect-timeout", "1m"],
                      signal.SIGINT, INTERRUPTED, env=mine)
        return (check_way(site, "a bastion", f"ssh:{getpass.getuser()}@", bastion.port, mine)
                + check_every_message(site, [behind]))


def check_socks(site):
    return check_way(site, "a proxy", "socks5:", Proxy().port, site.env)


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory(prefix="oob-stalls-") as folder:
        work = prepare_work(folder)
        (work / "short.exp").write_text('timeout 1s\nsend "hello\\r"\nexpect /hello/\nsend "bye\\r"\n')
        with Fleet(build, work, ["--listen", "127.77.0.0/20", "--generation", "15.0"]) as fleet:
            site = Site(environment(build, work, fleet.ready), work, fleet)
            counts = [part(check_every_message, site, CASES), part(check_socks, site), part(check_ssh, site)]
            part(check_logins, site)
    print(f"{sum(count or 0 for count in counts)} runs in all")


if __name__ == "__main__":
    main()
