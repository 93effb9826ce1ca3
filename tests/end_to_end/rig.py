"""What the end-to-end tests share: a simulated fleet, raw peers that misbehave, and a way to run the tools."""

import json
import pathlib
import socket
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "scripts"))
import record_schema  # noqa: E402
from golden import PASSWORD, Fleet, environment  # noqa: E402,F401

COMMAND_SECONDS = 120


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
            connection.settimeout(30)
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


def unused_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def check(what, condition, detail=""):
    """One line a check; the first that fails ends the test."""
    print(f"{'ok' if condition else 'FAILED'}: {what}" + (f": {detail}" if detail and not condition else ""))
    if not condition:
        sys.exit(1)
