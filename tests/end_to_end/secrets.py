#!/usr/bin/env python3
"""A password from each source is searched for wherever it must not be: arguments, environments, output, traces,
journals. tests/end_to_end/secrets.py BUILD_FOLDER"""

import base64
import json
import os
import pathlib
import pty
import subprocess
import sys
import tempfile
import time

from rig import Fleet, check, environment, run

PASSWORD = "Zq7-Kestrel_93"
OTHER = "Wv4-Plover_58"
SECONDS = 60
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


class Search:
    def __init__(self, env, work, target):
        self.env = env
        self.work = work
        self.target = target
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
        """One read and one change with the password from this source, looked at while they run."""
        for verb in ("status", "off", "on"):
            print(f"{what}: {verb}")
            for descriptor in descriptors:
                os.lseek(descriptor, 0, os.SEEK_SET)
            process = subprocess.Popen(self.words(reference, verb), env={**self.env, **(env or {})},
                                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                       pass_fds=descriptors)
            # Records are written at the end, the trace as soon as something is sent: by then the password was read.
            end = time.monotonic() + SECONDS
            while not (self.trace.exists() and self.trace.stat().st_size) and time.monotonic() < end:
                time.sleep(0.005)
            seen = in_proc(process.pid)
            stdout, stderr = process.communicate(timeout=SECONDS)
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


def children(search, work):
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
    targets = [search.target, search.target.replace("127.77.0.1", "127.77.0.2")]
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
        arguments = ["--listen", "127.77.0.0/29", "--generation", "15.0", "--fault", "127.77.0.1:latency=50ms"]
        with Fleet(build, work, arguments) as fleet:
            env = environment(build, work, fleet.ready)
            search = Search(env, work, f"amt+tcp://127.77.0.1:{fleet.ready['ports']['http']}")
            search.source("file", f"file:{work}/password")
            search.source("env", "env:SITE_PASSWORD", {"SITE_PASSWORD": PASSWORD})
            search.source("netrc", f"netrc:{work}/netrc")
            search.source("exec", f"exec:cat {work}/password")
            search.source("systemd", "systemd:site-secret", {"CREDENTIALS_DIRECTORY": str(work)})
            descriptor = os.open(work / "password", os.O_RDONLY)
            search.source("fd", f"fd:{descriptor}", descriptors=(descriptor,))
            os.close(descriptor)
            search.terminal()
            refused(search, work)
            children(search, work)


if __name__ == "__main__":
    main()
