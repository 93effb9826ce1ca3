"""A shell on a terminal, for tests that type what people type."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time

from rig import COMMAND_SECONDS

PROMPT = re.compile(rb"<<<(\d+)>>>$")
PATIENCE_SECONDS = 5 * COMMAND_SECONDS  # forty machines, in programs that are checked as they run
POLL_SECONDS = 0.05
POLLS_BEFORE_AGAIN = 20


class Shell:
    """bash on a terminal of its own, into which one types."""

    def __init__(self, env, folder):
        self.child, self.terminal = pty.fork()
        if self.child == 0:
            os.chdir(folder)
            os.execvpe("bash", ["bash", "--norc", "--noprofile", "--noediting", "-i"], env | {"PS1": "<<<$?>>>", "PS2": ""})
        self.shown = b""
        self.resize(24, 80)
        self.prompt()
        for line in ("stty -echo", "set -o pipefail"):
            self.type(line.encode() + b"\n")
            self.prompt()

    def resize(self, lines, columns):
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def type(self, keys):
        self.shown = b""
        os.write(self.terminal, keys)

    def until(self, condition, again=b""):
        """Whether it came true before the command ended; what is shown meanwhile is kept. `again` is typed whenever nothing
        was heard for a while, for who did not listen yet."""
        end, quiet = time.monotonic() + PATIENCE_SECONDS, 0
        while time.monotonic() < end:
            if select.select([self.terminal], [], [], POLL_SECONDS)[0]:
                self.shown += os.read(self.terminal, 65536)
                continue
            if condition():
                return True
            if PROMPT.search(self.shown):
                return False
            quiet = (quiet + 1) % POLLS_BEFORE_AGAIN
            if again and quiet == 0:
                os.write(self.terminal, again)
        return False

    def prompt(self):
        """Waits for the end of the command: its status, or nothing when it has none."""
        self.until(lambda: PROMPT.search(self.shown))
        found = PROMPT.search(self.shown)
        return int(found[1]) if found else None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.kill(self.child, signal.SIGHUP)
        os.close(self.terminal)
        os.waitpid(self.child, 0)
