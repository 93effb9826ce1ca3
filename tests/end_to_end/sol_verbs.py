#!/usr/bin/env python3
"""The verbs of oob-sol beside connect, against the simulated fleet: log, expect, monitor, record and replay, maps.
tests/end_to_end/sol_verbs.py BUILD_FOLDER"""

import json
import os
import pathlib
import pty
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time

from rig import COMMAND_SECONDS, PASSWORD, Fleet, check, environment, part, run, wait_until
from sol import Terminal

STAMP = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z "


class Rig:
    def __init__(self, env, work, ready):
        self.env, self.work, self.ready = env, work, ready

    def target(self, number):
        return f"amt+tcp://127.77.0.{number}:{self.ready['ports']['http']}"

    def host(self, number):
        """The serial port of a host, to be the host."""
        out = socket.socket(socket.AF_UNIX)
        out.settimeout(COMMAND_SECONDS)
        out.connect(f"{self.work}/sol-127.77.0.{number}")
        return out

    def ctl(self, *words):
        outcome = run(self.env, "oob-sim", "ctl", "--control", str(self.work / "control"), *words)
        assert outcome.status == 0, outcome.stderr

    def start(self, *words, stdout=subprocess.PIPE):
        return subprocess.Popen(["oob-sol", *map(str, words)], env=self.env, stdin=subprocess.DEVNULL,
                                stdout=stdout, stderr=subprocess.PIPE, text=True)

    def wait_for_session(self, number):
        """Until somebody has opened the console of a host."""
        def open_sessions():
            return run(self.env, "oob-sim", "ctl", "--control", str(self.work / "control"), "get", f"127.77.0.{number}",
                       "redirection.sessions").record()["data"]["redirection.sessions"]
        check(f"the console of 127.77.0.{number} is open", wait_until(open_sessions))

    def script(self, text):
        path = self.work / "script.exp"
        path.write_text(text)
        return path

    def expect(self, number, text, *words, env=None):
        return run(env or self.env, "oob-sol", "expect", str(self.script(text)), *words, self.target(number))


def stop(process):
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=COMMAND_SECONDS)
    return process.returncode, out, err


def read(path):
    return path.read_bytes().decode("utf-8", "replace") if path.exists() else ""


def check_log(rig):
    file = rig.work / "console.log"
    with rig.host(1) as host:
        process = rig.start("log", file, rig.target(1))
        host.sendall(b"first line\n")
        check("log writes what the console says", wait_until(lambda: "first line" in read(file)), read(file))
        host.sendall(b"second line\r\nthird")
        wait_until(lambda: "third" in read(file))
        lines = read(file).splitlines()
        check("  each line with its time", all(re.match(STAMP, line) for line in lines if line) and "third" in lines[-1], lines)
        # The line is lost, and comes back by itself.
        rig.ctl("fault", "127.77.0.1", "cut=1,count=1")
        check("  a lost line is marked", wait_until(lambda: "--- " in read(file) and " lost: " in read(file)), read(file))
        check("  and its return", wait_until(lambda: "connected again" in read(file)), read(file))
        host.sendall(b"after the gap\n")
        check("  what comes then is there", wait_until(lambda: "after the gap" in read(file)), read(file))
        status, out, _ = stop(process)
    record = json.loads(out)
    check("  Ctrl-C ends it, and the record counts", status == 130 and record["ok"] and record["data"]["session"]["gaps"] == 1
          and record["data"]["session"]["heard_bytes"] > 0, out)

    small = rig.work / "small.log"
    with rig.host(1) as host:
        process = rig.start("log", small, "--rotate", "1k", "--keep", "2", "--no-timestamps", rig.target(1))
        text = b"".join(b"line %03d %s\n" % (number, b"x" * 80) for number in range(60))
        # Piece by piece, as a host prints: what comes at once is written at once, and put aside as one.
        for at in range(0, len(text), 500):
            host.sendall(text[at:at + 500])
            last = text[:at + 500].decode().splitlines()[-1]
            wait_until(lambda: last in read(small) + read(rig.work / "small.log.1"))
        stop(process)
    parts = [read(rig.work / name) for name in ("small.log.2", "small.log.1", "small.log")]
    check("log puts files aside when they have grown", all(1000 <= len(part) < 1700 for part in parts[:2])
          and not (rig.work / "small.log.3").exists(), [len(part) for part in parts])
    check("  and no line is lost between them", text.decode().endswith("".join(parts)), parts[-1][-100:])

    process = rig.start("log", rig.work / "{name}.log", rig.target(2), rig.target(3))
    files = [rig.work / f"127.77.0.{number}.log" for number in (2, 3)]
    for number in (2, 3):
        with rig.host(number) as host:
            host.sendall(b"hello from %d\n" % number)
            check(f"many consoles at once: {number}", wait_until(lambda: f"hello from {number}" in read(files[number - 2])))
    stop(process)
    outcome = run(rig.env, "oob-sol", "log", str(rig.work / "no/such/folder.log"), rig.target(1))
    check("a file that cannot be written", outcome.status == 2 and "No such file" in outcome.stdout, outcome.stdout)
    outcome = run(rig.env, "oob-sol", "log", str(rig.work / "one.log"), "--rotate", "many", rig.target(1))
    check("a size that is none", outcome.status == 2 and "10M" in outcome.stderr, outcome.stderr)


LOGIN = r"""
# Logs in, whatever state the console is in.
timeout 100s
send "\r"
label look
branch
    /login: $/    -> login
    /[$] $/       -> shell
    timeout       -> nothing
end
label login
send "root\r"
expect /Password: $/
send $CONSOLE_PASSWORD
send "\r"
goto look
label shell
send "echo answer=42\r"
expect /answer=(\d+)\r\n/ as answer
pass "it works"
label nothing
fail "nobody there"
"""

# Waits for a prompt, and leaves it there.
PROMPT = 'timeout 100s\nsend "\\r"\nexpect /(?=[$:] $)/\n'


def check_expect(rig):
    env = rig.env | {"CONSOLE_PASSWORD": "Sesame-open-7"}
    outcome = rig.expect(4, LOGIN, env=env)
    record = outcome.record()
    result = record["data"].get("expect", {})
    matches = {match["name"]: match["groups"] for match in result.get("matches", [])}
    check("expect logs in and reads an answer", record["ok"] and result["result"] == "pass" and matches["answer"][1] == "42"
          and result["message"] == "it works", record)
    check("  the password of the environment is nowhere", "Sesame" not in outcome.stdout + outcome.stderr)
    for what, text, status, words in (
            ("what never comes is a time-out that says what was there", PROMPT + "timeout 500ms\nexpect /never/", 11,
             "the host said: [$:] "),
            ("  fail is a failure with its text", 'fail "not today"', 18, "not today"),
            ("  round and round without waiting", "label a\ngoto a", 2, "round and round")):
        outcome = rig.expect(4, text)
        check(what, outcome.status == status and re.search(words, outcome.stdout), f"{outcome.status} {outcome.stdout}")
    for text, words in (("jump x", "no step"), ("expect /(/", "no regular expression"), ("goto nowhere", "no label"),
                        ("branch\n/x/ -> y", "no end"), ('send "x', "quotes"), ("key F99", "no key"), ("timeout soon", "no duration"),
                        ("label a\nlabel a", "twice"), ("send $NO_SUCH_VARIABLE", "NO_SUCH_VARIABLE is not set"), ("pass now", "quotes"), ('expect /x/ because', "as:")):
        outcome = rig.expect(4, text)
        check(f"  a script that is wrong: {text!r}", outcome.status == 2 and words in outcome.stderr
              and "line " in outcome.stderr and outcome.stdout == "", outcome.stderr)
    outcome = run(rig.env, "oob-sol", "expect", str(rig.work / "missing.exp"), rig.target(4))
    check("  no script", outcome.status == 2, outcome.stderr)

    with rig.host(5) as host:
        process = rig.start("expect", rig.script("key F2 Up Enter\nexpect /done/"), "--map", "vt-utf8", rig.target(5))
        typed = b""
        while b"\r" not in typed:
            typed += host.recv(64)
        host.sendall(b"\x1b[1;31mdo\x1b[0mne")
        out, _ = process.communicate(timeout=COMMAND_SECONDS)
        check("keys by their names, and patterns meet what a person reads", typed == b"\x1b2\x1b[A\r" and process.returncode == 0, out)

    boot = 'timeout 100s\nexpect /Memory test: (\\d+) MiB/ as memory\nexpect /login: /'
    outcome = rig.expect(6, boot, "--power", "cycle", "--yes")
    record = outcome.record()
    check("--power cycle: nothing of the start is missed", record["ok"] and record["changed"]
          and record["data"]["expect"]["matches"][0]["groups"][1] == "8192", record)
    two = run(env, "oob-sol", "expect", str(rig.script(boot)), "--power", "cycle", rig.target(4), rig.target(6))
    check("  off a terminal it wants --yes for two machines, and says which",
          two.status == 2 and "--power cycle" in two.stderr
          and " and ".join(rig.target(each).split("//")[1] for each in (4, 6)) in two.stderr, two.stderr)
    outcome = rig.expect(6, boot, "--power", "explode", "--yes")
    check("  an action that is none", outcome.status == 2 and "cycle" in outcome.stderr, outcome.stderr)
    two = run(env, "oob-sol", "expect", str(rig.script(LOGIN)), "--yes", rig.target(4), rig.target(6))
    check("many machines, a record each", [record["ok"] for record in two.records()] == [True, True], two.stdout)


def check_monitor(rig):
    shown = rig.work / "monitor"
    with open(shown, "w") as file, rig.host(1) as one, rig.host(2) as two:
        process = rig.start("monitor", rig.target(1), rig.target(2), stdout=file)
        one.sendall(b"\x1b[2Jhello\r\n")
        two.sendall(b"there\r\n")
        for line in ("127.77.0.1: hello\n", "127.77.0.2: there\n"):
            check("monitor prints lines behind the names of their hosts", wait_until(lambda: line in read(shown)), read(shown))
        status, _, _ = stop(process)
    check("  Ctrl-C ends it", status == 130, status)


def check_recording(rig):
    cast = rig.work / "boot.cast"
    log = rig.work / "beside.log"
    with rig.host(5) as host:
        process = rig.start("connect", "--exec", "-q", "--idle", "5s", "--map", "vt100", "--record", cast, "--log", log, rig.target(5))
        rig.wait_for_session(5)
        host.sendall(b"\x1b[2J\xc9\xcd\xbb one\r\n")
        out, err = process.communicate(timeout=COMMAND_SECONDS)
    check("--map shows code page 437 as UTF-8", "╔═╗ one" in out, out + err)
    lines = read(cast).splitlines()
    head = json.loads(lines[0])
    check("--record writes an asciicast", head["version"] == 2 and head["width"] == 80
          and "".join(json.loads(line)[2] for line in lines[1:]).replace("\r\n", "\n") == out, lines)
    check("--log keeps the host's own bytes", b"\xc9\xcd\xbb one" in log.read_bytes(), log.read_bytes())
    again = run(rig.env, "oob-sol", "replay", str(cast), "--speed", "100", "--idle", "100ms")
    check("replay shows the same", again.stdout == out, again.stdout)
    for words in (("replay", str(log)), ("replay", str(rig.work / "none.cast")), ("replay", str(cast), "--speed", "0"),
                  ("connect", "--exec", "--record", str(cast), rig.target(5)), ("connect", "--exec", "--map", "wyse", rig.target(5))):
        outcome = run(rig.env, "oob-sol", *words)
        check(f"  refused: {' '.join(words[:2])[:40]}", outcome.status == 2 and "hint" in outcome.stderr, outcome.stderr)


def check_escapes(rig):
    log = rig.work / "typed.log"
    terminal = Terminal(rig.env | {"TERM": "xterm"}, "connect", "--map", "vt100", "--log", str(log), rig.target(3))
    check("a terminal is connected, and its window has a title", terminal.expect(b"connected")
          and terminal.expect(b"\x1b]2;127.77.0.3\x07"), terminal.shown)
    terminal.type(b"\r")
    terminal.expect(b": ")
    terminal.type(b"\r~S")
    check("  ~S tells statistics", terminal.expect(b"bytes from the host") and b"the host is on" in terminal.shown, terminal.shown)
    terminal.type(b"\r~L")
    check("  ~L switches the log off", terminal.expect(b"logging is off"), terminal.shown)
    terminal.type(b"\r~L")
    check("  and on", terminal.expect(b"logging goes on"), terminal.shown)
    terminal.type(b"\r~Px")
    check("  ~P and another key switches nothing", terminal.expect(b"nothing was switched"), terminal.shown)
    terminal.type(b"\r~Pr")
    check("  ~Pr resets the host", terminal.expect(b"Memory test") and terminal.expect(b"is on"), terminal.shown)
    check("    its boxes are boxes", "╔".encode() in terminal.shown, terminal.shown)
    terminal.type(b"\r~.")
    status, restored = terminal.end()
    check("  the terminal is restored, its title too", status == 0 and restored, status)
    check("  the log has what the host said", "Memory test" in read(log), read(log)[-200:])

    with rig.host(5) as host:
        terminal = Terminal(rig.env, "connect", "--map", "vt100", rig.target(5))
        terminal.expect(b"connected")
        check("  a screen that stays black: what is known is said", terminal.expect(b"nothing heard yet")
              and terminal.expect(b"the host is on"), terminal.shown)
        terminal.type(b"\x1b[17~")
        check("  F6 of xterm is F6 of the host", host.recv(16) == b"\x1bOu")
        terminal.type(b"\r~.")
        terminal.end()


def check_consent(rig):
    """On a terminal the code that the host's screen shows is asked for."""
    control = str(rig.work / "control")
    rig.ctl("set", "127.77.0.6", "control_mode=client")
    pid, file = pty.fork()
    if pid == 0:
        os.execvpe("oob-sol", ["oob-sol", "connect", rig.target(6)], rig.env | {"TERM": "dumb"})
    shown = b""

    def expect(words):
        nonlocal shown
        limit = time.monotonic() + COMMAND_SECONDS
        while words not in shown and time.monotonic() < limit:
            try:
                shown += os.read(file, 4096)
            except OSError:
                break
        return words in shown

    check("a terminal is asked for the consent code", expect(b"six digits on its screen: "), shown)
    state = run(rig.env, "oob-sim", "ctl", "--control", control, "get", "127.77.0.6", "consent.code").record()
    os.write(file, b"%s\n" % str(state["data"]["consent.code"]).encode())
    check("  and connects with it", expect(b"connected"), shown)
    os.write(file, b"\r~.")
    _, status = os.waitpid(pid, 0)
    os.close(file)
    check("  and ends", os.waitstatus_to_exitcode(status) == 0, shown)


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory(prefix="oob-test-") as folder:
        work = pathlib.Path(folder)
        (work / "password").write_text(PASSWORD + "\n")
        (work / "password").chmod(0o600)
        arguments = ["--listen", "127.77.0.0/29", "--generation", "15.0", "--power-delay", "200ms", "--sol",
                     f"unix:{work}/sol-{{address}}"]
        with Fleet(build, work, arguments) as fleet:
            rig = Rig(environment(build, work, fleet.ready), work, fleet.ready)
            for verb in (check_log, check_expect, check_monitor, check_recording, check_escapes, check_consent):
                part(verb, rig)


if __name__ == "__main__":
    main()
