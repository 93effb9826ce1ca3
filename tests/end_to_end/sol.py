#!/usr/bin/env python3
"""oob-sol against the simulated fleet: pipes, a terminal of its own, refusals.
tests/end_to_end/sol.py BUILD_FOLDER"""

import fcntl
import os
import pathlib
import pty
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time

from rig import COMMAND_SECONDS, PASSWORD, Fleet, check, environment, part, run

FLOOD_BYTES = 1 << 20
POLL_SECONDS = 0.1
# A host that a loaded machine keeps from answering is not one that has said everything.
PATIENT = ["--idle", "10s"]


class Terminal:
    """oob-sol on a terminal of its own."""

    def __init__(self, env, *words):
        self.file, slave = pty.openpty()
        self.before = termios.tcgetattr(slave)
        self.slave = slave
        self.process = subprocess.Popen(["oob-sol", *words], env=env, stdin=slave, stdout=slave, stderr=slave,
                                        start_new_session=True)
        self.shown = b""

    def expect(self, words):
        limit = time.monotonic() + COMMAND_SECONDS
        while words not in self.shown and time.monotonic() < limit:
            if select.select([self.file], [], [], POLL_SECONDS)[0]:
                self.shown += os.read(self.file, 65536)
            elif self.process.poll() is not None:
                break
        return words in self.shown

    def type(self, keys):
        os.write(self.file, keys)

    def raw(self):
        return termios.tcgetattr(self.slave)[3] & (termios.ICANON | termios.ECHO) == 0

    def restored(self):
        return termios.tcgetattr(self.slave)[:4] == self.before[:4]

    def end(self):
        status = self.process.wait(COMMAND_SECONDS)
        restored = self.restored()
        os.close(self.file)
        os.close(self.slave)
        return status, restored


def exec_bytes(env, target, data, until, *words):
    """Types all of the data, and has no more to type once the host has said one of `until`. Standard output as bytes,
    and the exit status."""
    process = subprocess.Popen(["oob-sol", "connect", "--exec", "-q", *words, target], env=env, stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE)
    ending = threading.Timer(COMMAND_SECONDS, process.kill)
    ending.start()
    process.stdin.write(data)
    process.stdin.flush()
    out = b""
    while not any(said in out for said in until) and (more := process.stdout.read1()):
        out += more
    process.stdin.close()
    out += process.stdout.read()
    status = process.wait()
    ending.cancel()
    return out, status


def check_pipes(env, plain, tls):
    out, status = exec_bytes(env, plain, b"\rroot\rsecret\recho one two\r", [b"\r\none two\r\n"])
    check("a pipe types into the host and prints what it says", status == 0 and b"\r\none two\r\n" in out, out)
    prompts = [b":~$ ", b"login: "]
    out, status = exec_bytes(env, tls, b"\r", prompts, "--insecure")
    check("  over TLS too", status == 0 and any(prompt in out for prompt in prompts), out)
    with tempfile.TemporaryFile() as file:
        file.write(b"\recho from a file\r")
        file.seek(0)
        out = subprocess.run(["oob-sol", "connect", "--exec", "-q", *PATIENT, plain], env=env, stdin=file, capture_output=True,
                             timeout=COMMAND_SECONDS).stdout
    check("  a file too", b"\r\nfrom a file\r\n" in out, out)
    every = bytes(range(256)) * 16
    out, status = exec_bytes(env, plain, b"raw %d\r" % len(every) + every, [every])
    check("  every byte, both ways", status == 0 and every in out, out[:300])
    lines = b"".join(b"%015d\n" % number for number in range(FLOOD_BYTES // 16))
    out, status = exec_bytes(env, plain, b"flood %d\r" % FLOOD_BYTES, [lines[-16:]])
    check("  a flood whole and in order", status == 0 and lines in out, f"{len(out)} bytes")


def check_refusals(env, work, control, plain):
    address = plain.split("//")[1].split(":")[0]

    def set_state(*pairs):
        run(env, "oob-sim", "ctl", "--control", control, "set", address, *pairs)

    def refused(what, status, words, *options, target=plain):
        outcome = run(env, "oob-sol", "connect", "--exec", *options, target, stdin="\r")
        check(what, outcome.status == status and words in outcome.stderr and outcome.stdout == "",
              f"{outcome.status} {outcome.stderr}")

    set_state("redirection.sol=false")
    refused("switched off: an error that names --enable", 16, "--enable")
    outcome = run(env, "oob-sol", "connect", "--exec", "--enable", plain, stdin="\r")
    check("  --enable switches it on and says so", outcome.status == 0 and "switched on" in outcome.stderr, outcome.stderr)
    set_state("redirection.listener=false")
    outcome = run(env, "oob-sol", "connect", "--exec", "--enable", plain, stdin="\r")
    check("  the listener too", outcome.status == 0 and "listener" in outcome.stderr, outcome.stderr)
    set_state("control_mode=client")
    refused("client mode: the user has to agree", 14, "--consent-code")
    set_state("control_mode=admin")
    (work / "wrong").write_text("not it\n")
    (work / "wrong").chmod(0o600)
    refused("a wrong password", 13, "--credential", "-c", f"file:{work}/wrong")
    refused("two machines at once", 2, "one machine", plain.replace(address, "127.77.0.4"))
    refused("a consent code that is none", 2, "six digits", "--consent-code", "abc")


def check_terminal(env, plain):
    terminal = Terminal(env, "connect", plain)
    check("a terminal is connected", terminal.expect(b"connected"), terminal.shown)
    check("  and raw", terminal.raw())
    terminal.type(b"\r")
    check("  keys go to the host", terminal.expect(b"~$ ") or b"login: " in terminal.shown, terminal.shown)
    busy = run(env, "oob-sol", "connect", "--exec", plain, stdin="\r")
    check("  a second console is told that it is busy", busy.status == 16 and "--close-sessions" in busy.stderr, busy.stderr)
    off = run(env, "oob-power", "off", "--yes", plain)
    check("  power-off is refused meanwhile", off.status == 16, off.stdout)
    terminal.type(b"\r~?")
    check("  ~? lists the escapes", terminal.expect(b"disconnect"), terminal.shown)
    terminal.type(b"\r~B")
    check("  ~B says that there is no break", terminal.expect(b"cannot send a break"), terminal.shown)
    fcntl.ioctl(terminal.file, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 132, 0, 0))
    terminal.process.send_signal(signal.SIGWINCH)
    terminal.type(b"\rafter the new size")
    check("  a window of another size is no matter", terminal.expect(b"after the new size") and terminal.raw(), terminal.shown)
    run(env, "oob-power", "reset", "--yes", plain)
    check("  a restart prints from its first line on", terminal.expect(b"Virtual BIOS") and terminal.expect(b"Memory test"),
          terminal.shown)
    terminal.type(b"\r~.")
    status, restored = terminal.end()
    check("  ~. disconnects and restores the terminal", status == 0 and restored, status)

    for number, expected in ((signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGUSR1, -signal.SIGUSR1), (signal.SIGABRT, -signal.SIGABRT)):
        terminal = Terminal(env | {"ASAN_OPTIONS": "handle_abort=0"}, "connect", plain)
        terminal.expect(b"connected")
        terminal.process.send_signal(number)
        status, restored = terminal.end()
        check(f"  the terminal is restored after {signal.Signals(number).name}", status == expected and restored,
              f"status {status}, restored {restored}")


def check_end(env, control, plain):
    address = plain.split("//")[1].split(":")[0]
    terminal = Terminal(env, "connect", plain)
    terminal.expect(b"connected")
    run(env, "oob-sim", "ctl", "--control", control, "set", address, "redirection.listener=false")
    status, restored = terminal.end()
    check("a session that the device ends is over", restored and status in (0, 10), status)


def check_serial_port(env, path, target):
    """A program that is the host itself, on the unix socket of --sol."""
    every = bytes(range(256)) * 4096
    with socket.socket(socket.AF_UNIX) as host:
        host.settimeout(COMMAND_SECONDS)
        host.connect(path)
        typed = b""

        def be_the_host():
            nonlocal typed
            while b"\r" not in typed:
                typed += host.recv(64)
            host.sendall(every + b"that is all")

        serving = threading.Thread(target=be_the_host)
        serving.start()
        shown, status = exec_bytes(env, target, b"typed\r", [b"that is all"])
        serving.join()
        check("whoever is on the serial socket gets the keys", typed == b"typed\r", typed)
        check("  and what it prints arrives whole", every in shown and status == 0, f"{len(shown)} bytes")


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory(prefix="oob-test-") as folder:
        work = pathlib.Path(folder)
        (work / "password").write_text(PASSWORD + "\n")
        (work / "password").chmod(0o600)
        with Fleet(build, work, ["--listen", "127.77.0.0/29", "--generation", "15.0", "--power-delay", "200ms", "--sol", f"unix:{work}/sol-{{address}}"]) as fleet:
            env = environment(build, work, fleet.ready)
            plain = f"amt+tcp://127.77.0.3:{fleet.ready['ports']['http']}"
            tls = f"amt://127.77.0.3:{fleet.ready['ports']['https']}"
            part(check_pipes, env, plain, tls)
            part(check_refusals, env, work, str(work / "control"), plain)
            part(check_terminal, env, plain)
            part(check_end, env, str(work / "control"), plain)
            part(check_serial_port, env, f"{work}/sol-127.77.0.5", plain.replace("127.77.0.3", "127.77.0.5"))


if __name__ == "__main__":
    main()
