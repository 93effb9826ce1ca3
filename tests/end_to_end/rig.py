"""What the end-to-end tests share: a simulated fleet, raw peers that misbehave, and a way to run the tools."""

import atexit
import json
import os
import pathlib
import socket
import subprocess
import sys
import threading
import time
import traceback

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "scripts"))
import record_schema  # noqa: E402
from golden import PASSWORD, Fleet, environment  # noqa: E402,F401

# So long a broken run may hold a test up; no verdict comes of it. What is waited for is there much sooner.
COMMAND_SECONDS = 120
POLL_SECONDS = 0.01


class Outcome:
    """What became of one command."""

    def __init__(self, done, seconds):
        self.status = done.returncode
        self.stdout = done.stdout
        self.stderr = done.stderr
        self.seconds = seconds

    def records(self):
        return [json.loads(line) for line in self.stdout.splitlines()]

    def record(self):
        """The only record; anything else is a failure of the test."""
        records = self.records()
        assert len(records) == 1, f"{len(records)} records: {self.stdout!r}, standard error: {self.stderr!r}"
        return records[0]


def run(env, *words, stdin=None):
    start = time.monotonic()
    done = subprocess.run(words, env=env, input=stdin, stdin=None if stdin is not None else subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=COMMAND_SECONDS)
    for problem in record_schema.problems(done.stdout):
        check("records fit the schema", False, problem)
    return Outcome(done, time.monotonic() - start)


class RawPeer:
    """A server on loopback that reads a request and answers each connection with the given bytes, then closes; with
    None it never answers at all."""

    def __init__(self, answer):
        self.answer = answer
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.open = []
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            connection.settimeout(COMMAND_SECONDS)
            if self.answer is None:
                self.open.append(connection)
                continue
            try:
                request = b""
                while b"</Envelope>" not in request:
                    received = connection.recv(65536)
                    if not received:
                        break
                    request += received
                connection.sendall(self.answer)
            except OSError:
                pass  # the client had heard enough
            connection.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()
        for connection in self.open:
            connection.close()


_held = []


def unused_port():
    """A port on loopback that refuses connections. It stays bound until the test ends, so that nobody else gets it but a
    server that is told to listen there, which may share it."""
    holder = socket.socket()
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    holder.bind(("127.0.0.1", 0))
    _held.append(holder)
    return holder.getsockname()[1]


def wait_until(condition):
    """Whether it has come true; the limit only ends a run that is broken."""
    end = time.monotonic() + COMMAND_SECONDS
    while not (met := condition()) and time.monotonic() < end:
        time.sleep(POLL_SECONDS)
    return met


_heading = ""
_failed = []


def check(what, condition, detail=""):
    """One line a check; those that are indented belong to the last one that is not. One that fails does not hide the
    ones behind it: the test goes on, and ends with status 1 and a list."""
    global _heading
    print(f"{'ok' if condition else 'FAILED'}: {what}" + (f": {detail}" if detail and not condition else ""), flush=True)
    if not what.startswith(" "):
        _heading = what
    if not condition:
        _failed.append(what if what == _heading else f"{_heading}: {what.strip()}")
    return bool(condition)


def require(what, condition, detail=""):
    """A check without which the rest would mean nothing: when it fails the test ends."""
    if not check(what, condition, detail):
        sys.exit(1)


def part(function, *arguments):
    """Runs a part of a test. What it throws is a failure like others, and does not hide the parts behind it."""
    try:
        return function(*arguments)
    except Exception:  # whatever it is, it is told
        check(f"{function.__name__} gets to its end", False, traceback.format_exc())


@atexit.register
def _tell_failures():
    """Here, and not in each test, so that no test can forget it."""
    if not _failed:
        return
    print(f"{len(_failed)} failed:", *_failed, sep="\n  ", flush=True)
    sys.stderr.flush()
    os._exit(1)
