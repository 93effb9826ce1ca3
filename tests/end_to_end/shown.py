"""What programs show: both of their outputs, on terminals or pipes, and what in them a person must not be shown."""

import collections
import os
import pty
import signal
import subprocess
import threading
import unicodedata

from rig import COMMAND_SECONDS, wait_until

# What else cannot be seen, or is no character; those of the categories Cc, Cf, Cs, Zl and Zp are not listed.
UNSEEN = {0x34f, 0x115f, 0x1160, 0x3164, 0xffa0, *range(0xfe00, 0xfe10), *range(0xfdd0, 0xfdf0), *range(0xe0100, 0xe01f0)}
STATUS_LINE = b"\r\x1b[K"

totals = collections.Counter()  # of everything that was looked at


def harm(data, stream=False):
    """The first thing in the bytes that is neither printable nor a line break, with what stands around it."""
    data = data.replace(STATUS_LINE, b"").replace(b"\r\n", b"\n")
    totals["bytes"] += len(data)
    if stream:
        return None
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        return f"no UTF-8: {data[max(0, error.start - 40):error.start + 10]!r}"
    for at, char in enumerate(text):
        code = ord(char)
        bad = unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") or code in UNSEEN or code & 0xfffe == 0xfffe
        if bad and char != "\n":
            return f"U+{code:04X}: {text[max(0, at - 40):at + 10]!r}"
    return None


class End:
    """Where an output of a program goes: a terminal of its own, or a pipe. All of it is read."""

    def __init__(self, terminal):
        self.reads, self.writes = pty.openpty() if terminal else os.pipe()
        self.data = b""
        self.thread = threading.Thread(target=self._read, daemon=True)

    def begin(self):
        os.close(self.writes)
        self.thread.start()

    def _read(self):
        try:
            while chunk := os.read(self.reads, 65536):
                self.data += chunk
        except OSError:
            pass  # how Linux says that the other side has closed a terminal

    def end(self):
        self.thread.join(COMMAND_SECONDS)
        os.close(self.reads)
        return self.data


def call(env, words, stdin=None, terminals=(False, False), until=None):
    """Runs a command; its status, and what came out of both ends. One that lasts is ended once `until` was seen, or returns
    when it is called with the process."""
    ends = [End(terminal) for terminal in terminals]
    process = subprocess.Popen(words, env=env, stdin=subprocess.PIPE, stdout=ends[0].writes, stderr=ends[1].writes,
                               start_new_session=True)
    for each in ends:
        each.begin()
    if stdin is not None:
        process.stdin.write(stdin)
    process.stdin.close()
    if until:
        if callable(until):
            until(process)
        else:
            wait_until(lambda: process.poll() is not None or until in ends[0].data)
        process.send_signal(signal.SIGTERM)
    status = process.wait(COMMAND_SECONDS)
    totals["runs"] += 1
    return status, *(each.end() for each in ends)
