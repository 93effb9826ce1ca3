#!/usr/bin/env python3
"""Lets amtterm open a console over serial-over-LAN and type into it, on a terminal of its own.

  OOB_HOST, OOB_REDIRECTION_PORT   the device
  OOB_PASSWORD

Prints "ok" or "FAIL" and the name of the check, one a line; ends with 1 if one failed."""

import os
import pty
import select
import sys
import time

LIMIT_SECONDS = 120
ESCAPE = b"\x1d"  # Ctrl-]

failures = 0


def check(name, good, shown):
    global failures
    print(f"ok {name}" if good else f"FAIL {name}: {shown[-300:]!r}")
    failures += 0 if good else 1


class Terminal:
    def __init__(self, password):
        environment = os.environ | {"AMT_PASSWORD": password}
        self.pid, self.file = pty.fork()
        if self.pid == 0:
            os.execvpe("amtterm", ["amtterm", os.environ["OOB_HOST"], os.environ["OOB_REDIRECTION_PORT"]], environment)
        self.shown = b""

    def read(self, seconds):
        """One piece; False at the end."""
        if not select.select([self.file], [], [], seconds)[0]:
            return True
        try:
            received = os.read(self.file, 65536)
        except OSError:
            return False
        self.shown += received
        return bool(received)

    def expect(self, words):
        limit = time.monotonic() + LIMIT_SECONDS
        start = len(self.shown)
        while words not in self.shown[max(0, start - len(words)):] and time.monotonic() < limit:
            if not self.read(0.2):
                break
        return words in self.shown

    def type(self, text):
        os.write(self.file, text)

    def end(self):
        limit = time.monotonic() + LIMIT_SECONDS
        while time.monotonic() < limit and self.read(0.2):
            pass
        os.close(self.file)
        for _ in range(LIMIT_SECONDS * 10):
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                return os.waitstatus_to_exitcode(status)
            time.sleep(0.1)
        os.kill(self.pid, 9)
        os.waitpid(self.pid, 0)
        return None


def main():
    terminal = Terminal(os.environ["OOB_PASSWORD"])
    check("amtterm opens serial-over-LAN", terminal.expect(b"serial-over-lan redirection ok"), terminal.shown)
    terminal.type(b"\r")
    check("amtterm shows what the host prints", terminal.expect(b"login: "), terminal.shown)
    terminal.type(b"root\r")
    terminal.expect(b"Password: ")
    terminal.type(b"secret\r")
    check("amtterm types into the host", terminal.expect(b":~$ "), terminal.shown)
    terminal.type(b"echo a virtual host\r")
    check("amtterm sees the answer", terminal.expect(b"\na virtual host"), terminal.shown)
    terminal.type(b"flood 4096\r")
    check("amtterm gets all of a flood", terminal.expect(b"000000000000255"), terminal.shown)
    terminal.type(ESCAPE)
    status = terminal.end()
    check("amtterm ends the session", status == 0, terminal.shown)

    refused = Terminal("not the password")
    told = refused.expect(b"authentication failed")
    refused.end()
    check("amtterm is refused with a wrong password", told, refused.shown)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
