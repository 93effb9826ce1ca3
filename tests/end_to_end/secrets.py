#!/usr/bin/env python3
"""A password from each source is searched for wherever it must not be: arguments, environments, output, traces,
journals. tests/end_to_end/secrets.py BUILD_FOLDER"""

import base64
import contextlib
import json
import os
import pathlib
import pty
import socket
import subprocess
import sys
import tempfile
import threading

from rig import COMMAND_SECONDS, Fleet, check, environment, part, run, wait_until

PASSWORD = "Zq7-Kestrel_93"
OTHER = "Wv4-Plover_58"
PATTERNS = [form.encode() for password in (PASSWORD, OTHER) for form in (
    password, base64.b64encode(password.encode()).decode(), base64.b64encode(f"admin:{password}".encode()).decode(),
    password.encode().hex(), password[::-1])]


def clean(what, data):
    data = data.encode() if isinstance(data, str) else data
    check(f"  no password in {what}", not any(pattern in data for pattern in PATTERNS), what)


def in_proc(pid):
    """The arguments and the environment of a process as the system shows them."""
    found = {}
    for name in ("cmdline", "environ"):
        try:
            found[name] = pathlib.Path(f"/proc/{pid}/{name}").read_bytes()
        except OSError:
            found[name] = b""
    return found


class Gate:
    """Between a program and a device: what the program sends waits while the gate is closed, and so does the program."""

    def __init__(self, address, port):
        self.device = (address, port)
        self.open = threading.Event()
        self.open.set()
        self.listener = socket.create_server((address, 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            program, _ = self.listener.accept()
            device = socket.create_connection(self.device)
            for ends in ((program, device), (device, program)):
                threading.Thread(target=self._pass_on, args=ends, daemon=True).start()

    def _pass_on(self, source, sink):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                self.open.wait()
                sink.sendall(data)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)


class Search:
    def __init__(self, env, work, gate):
        self.env = env
        self.work = work
        self.gate = gate
        self.target = f"amt+tcp://127.77.0.1:{gate.port}"
        self.number = 0

    def words(self, reference, verb):
        self.number += 1
        self.trace = self.work / f"trace-{self.number}"
        self.journal = self.work / f"journal-{self.number}"
        return ["oob-power", verb, "-v", "-v", "--trace", str(self.trace), "--journal", str(self.journal),
                "--progress", "ndjson", "--credential", reference, self.target]

    def files(self):
        clean("the trace", self.trace.read_bytes())
        clean("the journal", self.journal.read_bytes())
        check("  and both say something", b"Authorization" in self.trace.read_bytes()
              and b'"type":"done"' in self.journal.read_bytes())

    def source(self, what, reference, env=None, descriptors=()):
        """One read and two changes with the password from this source, looked at while they run."""
        for verb in ("status", "off", "on"):
            print(f"{what}: {verb}")
            for descriptor in descriptors:
                os.lseek(descriptor, 0, os.SEEK_SET)
            self.gate.open.clear()
            process = subprocess.Popen(self.words(reference, verb), env={**self.env, **(env or {})},
                                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                       pass_fds=descriptors)
            # The trace is written as soon as something is to be sent: by then the password was read.
            wait_until(lambda: process.poll() is not None or (self.trace.exists() and self.trace.stat().st_size))
            seen = in_proc(process.pid)
            self.gate.open.set()
            stdout, stderr = process.communicate(timeout=COMMAND_SECONDS)
            check("  it worked", process.returncode == 0, (stdout + stderr).decode())
            check("  it was looked at while it ran", b"oob-power" in seen["cmdline"], str(seen))
            clean("the arguments", seen["cmdline"])
            clean("the environment", seen["environ"])
            clean("standard output", stdout)
            clean("standard error", stderr)
            self.files()

    def terminal(self):
        print("ask: status")
        words = self.words("ask", "status")
        child, terminal = pty.fork()
        if child == 0:
            os.execvpe(words[0], words, self.env)
        shown = b""
        typed = False
        try:
            while chunk := os.read(terminal, 65536):
                shown += chunk
                if not typed and b"Password for admin: " in shown:
                    typed = True
                    os.write(terminal, PASSWORD.encode() + b"\n")
        except OSError:
            pass  # how Linux says that the other side has closed a terminal
        _, status = os.waitpid(child, 0)
        os.close(terminal)
        check("  it asked, and it worked", typed and status == 0, f"{status} {shown!r}")
        clean("what the terminal shows", shown)
        self.files()


def refused(search, work):
    """A wrong password, and a right one in the wrong place, are not repeated in what is said about them."""
    (work / "other").write_text(OTHER + "\n")
    (work / "other").chmod(0o600)
    outcome = run(search.env, *search.words(f"file:{work}/other", "status"))
    check("a refused password", outcome.record()["error"]["code"] == "auth.rejected", outcome.stdout)
    clean("the record", outcome.stdout)
    clean("standard error", outcome.stderr)
    search.files()
    for what, words in (("as a reference", ["-c", PASSWORD, "pc1"]), ("in a target", [f"amt://admin:{PASSWORD}@pc1"])):
        outcome = run(search.env, "oob-power", "status", *words)
        check(f"a password {what}", outcome.status == 2, outcome.stderr)
        clean("standard error", outcome.stderr)
    record = {"schema": "oob/1", "type": "result", "target": f"amt://admin:{PASSWORD}@pc1", "ok": True}
    outcome = run(search.env, "oob-power", "status", "-", stdin=json.dumps(record) + "\n")
    check("a password in a record's target", outcome.status == 2, outcome.stderr)
    clean("standard error", outcome.stderr)


def children(search, work, port):
    """A credential command must not see what another source gave, whatever their order."""
    script = ["#!/bin/sh", f"env > {work}/seen", f"cat /proc/$PPID/cmdline >> {work}/seen", f"cat {work}/password", ""]
    (work / "command").write_text("\n".join(script))
    (work / "command").chmod(0o700)
    (work / "two.toml").write_text(f"""
[hosts."127.77.0.1"]
credential = "exec:{work}/command"
[hosts."127.77.0.2"]
credential = "env:SITE_PASSWORD"
""")
    env = {key: value for key, value in search.env.items() if key != "OOB_CREDENTIAL"}
    env["SITE_PASSWORD"] = PASSWORD
    targets = [f"amt+tcp://127.77.0.{number}:{port}" for number in (1, 2)]
    for order in (targets, targets[::-1]):
        outcome = run(env, "oob-power", "status", "-i", str(work / "two.toml"), *order)
        check("a command beside a variable", outcome.status == 0, outcome.stdout + outcome.stderr)
        seen = (work / "seen").read_bytes()
        check("  its environment was looked at", b"PATH=" in seen)
        clean("the command's environment", seen)
        (work / "seen").unlink()


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory(prefix="oob-test-") as folder:
        work = pathlib.Path(folder)
        netrc = f"machine 127.77.0.1 login admin password {PASSWORD}\n"
        for name, text in (("password", f"{PASSWORD}\n"), ("netrc", netrc), ("site-secret", f"{PASSWORD}\n")):
            (work / name).write_text(text)
            (work / name).chmod(0o600)
        arguments = ["--listen", "127.77.0.0/29", "--generation", "15.0"]
        with Fleet(build, work, arguments) as fleet:
            env = environment(build, work, fleet.ready)
            port = fleet.ready["ports"]["http"]
            search = Search(env, work, Gate("127.77.0.1", port))
            part(search.source, "file", f"file:{work}/password")
            part(search.source, "env", "env:SITE_PASSWORD", {"SITE_PASSWORD": PASSWORD})
            part(search.source, "netrc", f"netrc:{work}/netrc")
            part(search.source, "exec", f"exec:cat {work}/password")
            part(search.source, "systemd", "systemd:site-secret", {"CREDENTIALS_DIRECTORY": str(work)})
            descriptor = os.open(work / "password", os.O_RDONLY)
            part(search.source, "fd", f"fd:{descriptor}", None, (descriptor,))
            os.close(descriptor)
            search.gate.open.set()
            part(search.terminal)
            part(refused, search, work)
            part(children, search, work, port)


if __name__ == "__main__":
    main()
