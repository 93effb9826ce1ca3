#!/usr/bin/env python3
"""Tables on a terminal: what was asked for is there, nothing is wider than the screen, a slow device holds nobody up, and
what is known when a run is interrupted is told. tests/end_to_end/tables.py BUILD_FOLDER"""

import fcntl
import os
import pathlib
import pty
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import threading

from gate import Gate
from rig import COMMAND_SECONDS, PASSWORD, Fleet, check, environment, part, run, unused_port, wait_until


class Screen:
    """A program whose standard output is a terminal of so many columns."""

    def __init__(self, env, columns, *words, errors_too=False):
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        self.process = subprocess.Popen(words, env=env, stdin=subprocess.DEVNULL, stdout=slave,
                                        stderr=slave if errors_too else subprocess.PIPE, start_new_session=True)
        os.close(slave)
        self.text = ""
        self.reader = threading.Thread(target=self._read, args=(master,), daemon=True)
        self.reader.start()

    def _read(self, master):
        try:
            while received := os.read(master, 65536):
                self.text += received.decode().replace("\r\n", "\n")
        except OSError:
            pass  # the last one who had the other side open is gone
        os.close(master)

    def shows(self, text):
        return wait_until(lambda: text in self.text)

    def end(self):
        """Its exit status."""
        try:
            self.process.communicate(timeout=COMMAND_SECONDS)
        finally:
            self.process.kill()
        self.reader.join(COMMAND_SECONDS)
        return self.process.returncode


class Site:
    def __init__(self, env, ports):
        self.env, self.ports = env, ports

    def target(self, number):
        return f"amt+tcp://127.77.0.{number}:{self.ports['http']}"

    def slow(self, number):
        """A gate that holds the first answer that is one, and its target."""
        gate = Gate(f"127.79.0.{number}", f"127.77.0.{number}", [self.ports["http"]], lambda kind, seen: True)
        return gate, f"amt+tcp://{gate.address}:{gate.port}"


def widths(site):
    refused = f"amt+tcp://127.77.0.3:{unused_port()}"
    rows = (
        (("oob-power", "status", site.target(1), refused), ("POWER", "on", "connect.refused", "refused the", "hint: ")),
        (("oob-power", "alarm", "list", site.target(1)), ("ALARMS", "none")),
        (("oob-power", "boot", "show", site.target(1)), ("NEXT START", "as usual", "can start from", "pxe")),
        (("oob-power", "off", "-n", site.target(1)), ("dry run: switch off",)),
        (("oob-power", "off", "-n", "-o", "grouped", site.target(1)), ("on, dry run: switch off",)),
        (("oob-discover", "trust", "-n", f"amt://127.77.0.1:{site.ports['https']}"), ("TRUST", "new", "CN=pc-127-77-0-1")),
        (("oob-ider", "status", site.target(1)), ("SESSION", "none")),
        (("oob-sol", "connect", "-n", site.target(1)), ("dry run: open the console",)),
        (("oob-wsman", "get", "AMT_RedirectionService", site.target(1)), ("ListenerEnabled", "true")),
    )
    for words, shown in rows:
        for columns in (40, 80, 200):
            screen = Screen(site.env, columns, *words)
            screen.end()
            what = f"{' '.join(words[:3])}, {columns} columns"
            text = " ".join(screen.text.split())
            check(what, all(each in text for each in shown), screen.text)
            # A word that is longer than a line stands alone in it.
            wide = [line for line in screen.text.splitlines() if len(line) > columns and " " in line.strip()]
            check("  no line is wider", not wide, wide)


def elsewhere(site):
    refused = f"amt+tcp://127.77.0.3:{unused_port()}"
    done = run(site.env, "oob-power", "status", "-o", "table", refused)
    check("no limit where there is no terminal", max(map(len, done.stdout.splitlines())) > 80, done.stdout)
    done = run(site.env | {"COLUMNS": "50"}, "oob-power", "status", "-o", "table", refused)
    check("COLUMNS is one", max(map(len, done.stdout.splitlines())) <= 50, done.stdout)


def slow_device(site):
    gate, slow = site.slow(4)
    screen = Screen(site.env, 80, "oob-power", "status", slow, site.target(5), site.target(6))
    check("a slow device holds nobody up", gate.reached.wait(COMMAND_SECONDS) and screen.shows("127.77.0.6"), screen.text)
    check("  its own row is not there yet", "127.79.0.4" not in screen.text, screen.text)
    gate.release()
    check("  and comes when it is done", screen.shows("127.79.0.4") and screen.end() == 0, screen.text)
    check("  under the same heading", screen.text.count("DEVICE") == 1, screen.text)
    gate.close()


def interrupted(site):
    for form, shown in (("table", ("127.77.0.5", "127.79.0.4")), ("grouped", ("on: ", "127.77.0.5", "127.79.0.4"))):
        gate, slow = site.slow(4)
        screen = Screen(site.env, 200, "oob-power", "status", "-o", form, "-F", "1", site.target(5), slow, site.target(6))
        reached = gate.reached.wait(COMMAND_SECONDS)
        screen.process.send_signal(signal.SIGINT)
        gate.release()
        status = screen.end()
        check(f"interrupted: {form}", reached and status == 130, f"status {status}")
        check("  what was done is told", all(each in screen.text for each in shown), screen.text)
        check("  what was not started is not", "127.77.0.6" not in screen.text, screen.text)
        gate.close()


def drawn_over(site, work):
    """What a loan draws while it lasts is gone before the table comes."""
    disk = work / "disk.iso"
    disk.write_bytes(bytes(1 << 16))
    screen = Screen(site.env, 200, "oob-ider", "serve", str(disk), "--as", "cd", site.target(1), errors_too=True)
    check("a loan draws how it goes", screen.shows("MiB/s") and screen.shows("reads/s"), screen.text)
    screen.process.send_signal(signal.SIGINT)
    screen.end()
    before = screen.text.rpartition("DEVICE")[0]
    check("  and nothing of that stands in the table", before.endswith(("\n", "\x1b[K")), screen.text)


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory(prefix="oob-tables-") as folder:
        work = pathlib.Path(folder)
        (work / "password").write_text(PASSWORD + "\n")
        (work / "password").chmod(0o600)
        with Fleet(build, work, ["--listen", "127.77.0.0/29", "--generation", "15.0"]) as fleet:
            site = Site(environment(build, work, fleet.ready) | {"TERM": "xterm"}, fleet.ready["ports"])
            for each in (widths, elsewhere, slow_device, interrupted):
                part(each, site)
            part(drawn_over, site, work)


if __name__ == "__main__":
    main()
