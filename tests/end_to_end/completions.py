#!/usr/bin/env python3
"""Pressing Tab runs nothing: what a control socket, a program or a folder says is never expanded, and nothing that a
shell would read as more than a word gets onto the command line. tests/end_to_end/completions.py BUILD_FOLDER"""

import json
import os
import pathlib
import pty
import re
import select
import socket
import subprocess
import sys
import tempfile
import threading
import time

from rig import COMMAND_SECONDS, check, part

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOLS = ["oob-discover", "oob-ider", "oob-power", "oob-sim", "oob-sol", "oob-wsman"]
GOOD = "127.77.0.5"
POLL_SECONDS = 0.1
# What a shell would read as more than a word; {file} must not come into being.
HOSTILE = ["$(touch {file})", "`touch {file}`", "${{x:=$(touch {file})}}", "a;touch {file}", "a|touch {file}", "<(touch {file})",
           "$HOME", "~root", "*", "x{{a,b}}", "two words", "a'b", 'a\\"b', "a&b", "!!", "\x1b[2J", "é"]
COMPLETE = r"""
source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
_oob_sim 2>/dev/null
printf '%s\n' "${COMPREPLY[@]}"
"""


class Liar:
    """A control socket that names devices as nobody should."""

    def __init__(self, path, names):
        self.path, self.asked = path, 0
        records = [{"schema": "oob/1", "type": "device", "tool": "oob-sim", "target": name, "data": {}} for name in names]
        records.append({"schema": "oob/1", "type": "end", "tool": "oob-sim", "ok": True, "count": len(names)})
        self.answer = "".join(json.dumps(record, separators=(",", ":"), ensure_ascii=False) + "\n" for record in records).encode()
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(path))
        self.listener.listen()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            client, _ = self.listener.accept()
            with client:
                if client.recv(65536):
                    self.asked += 1
                    client.sendall(self.answer)


def offered(env, *words):
    done = subprocess.run(["bash", "-c", COMPLETE, "bash", str(ROOT / "completions/oob-sim.bash"), "oob-sim", *words], env=env,
                          capture_output=True, text=True, timeout=COMMAND_SECONDS)
    return sorted(done.stdout.split("\n")[:-1])


def check_socket(env, work):
    planted = work / "planted"
    liar = Liar(work / "liar", [GOOD] + [name.format(file=planted) for name in HOSTILE])
    for verb, more in (("get", []), ("set", []), ("disk", []), ("fault", ["all"]), ("journal", ["all"])):
        asked = liar.asked
        found = offered(env, "ctl", verb, "--control", str(liar.path), "")
        check(f"devices for {verb} are plain words", found == sorted([GOOD, *more]), str(found))
        check("  the socket was asked", liar.asked > asked)
        check("  and nothing was run", not planted.exists())
        planted.unlink(missing_ok=True)
    check("a word that is begun is looked for as it is", offered(env, "ctl", "get", "--control", str(liar.path), "127.*") == [""])
    return liar


def check_program(env, work):
    """Whatever stands on PATH under the name."""
    planted = work / "planted"
    folder = work / "bin"
    folder.mkdir()
    names = json.dumps({"name": f"$(touch {planted})"}, separators=(",", ":"))
    (folder / "oob-sim").write_text(f"#!/bin/sh\ncat <<'END'\n{names}\n{{\"name\":\"15.0\"}}\nEND\n")
    (folder / "oob-sim").chmod(0o700)
    found = offered({**env, "PATH": f"{folder}:{env['PATH']}"}, "run", "--generation", "")
    check("generations are plain words", found == ["15.0", "mixed"], str(found))
    check("  and nothing was run", not planted.exists())


class Shell:
    """An interactive bash on a terminal of its own."""

    def __init__(self, env, folder, tool):
        self.process, self.terminal = pty.fork()
        if self.process == 0:
            os.chdir(folder)
            os.execvpe("bash", ["bash", "--norc", "--noprofile", "-i"], {**env, "PS1": "> ", "TERM": "dumb"})
        self.shown = b""
        self.type(f"bind 'set bell-style none'; source {ROOT}/completions/{tool}.bash; echo rea''dy\n")
        check(f"a shell has the completion of {tool}", self.shows(rb"\nready"), str(self.shown))
        self.shown = b""

    def type(self, keys):
        os.write(self.terminal, keys.encode())

    def shows(self, pattern):
        limit = time.monotonic() + COMMAND_SECONDS
        while not re.search(pattern, self.shown) and time.monotonic() < limit:
            if select.select([self.terminal], [], [], POLL_SECONDS)[0]:
                self.shown += os.read(self.terminal, 65536)
        return re.search(pattern, self.shown) is not None

    def close(self):
        os.close(self.terminal)
        os.waitpid(self.process, 0)


def check_shell(env, work, liar):
    planted = work / "planted"
    shell = Shell(env, work, "oob-sim")
    shell.type(f"oob-sim ctl get --control {liar.path} \t")
    check("Tab in a shell inserts the one plain word", shell.shows(re.escape(GOOD).encode()), str(shell.shown))
    check("  and runs nothing", not planted.exists())
    shell.close()
    folder = work / "files"
    folder.mkdir()
    (folder / f"only $(touch planted).toml").touch()
    for tool in TOOLS:
        option = "--control" if tool == "oob-sim" else "--inventory"
        verb = "run" if tool == "oob-sim" else "status"
        shell = Shell(env, folder, tool)
        shell.type(f"{tool} {verb} {option} only\t")
        check("  it quotes the names of files", shell.shows(rb"only\\ \\\$\\\(touch\\ planted\\\)"), str(shell.shown))
        shell.type("\n")
        check("  so that they run nothing", shell.shows(rb"\n.*(hint|Usage|usage|error|cannot|no )") and
              not (folder / "planted").exists(), str(shell.shown))
        shell.close()


def check_sources():
    for tool in TOOLS:
        text = (ROOT / f"completions/{tool}.bash").read_text()
        found = [line for line in text.splitlines() if "compgen -W" in line and re.search(r"-W [^-]*(\$\(|`)", line)]
        check(f"{tool} gives compgen -W words of its own only", not found and "eval" not in text, str(found))


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory(prefix="oob-test-") as folder:
        work = pathlib.Path(folder)
        env = {"PATH": ":".join([str(build / "cmd" / tool) for tool in TOOLS] + ["/usr/bin", "/bin"]), "HOME": str(work),
               "LANG": "C.UTF-8", **{name: os.environ[name] for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS") if name in os.environ}}
        part(check_sources)
        liar = part(check_socket, env, work)
        part(check_program, env, work)
        part(check_shell, env, work, liar)


if __name__ == "__main__":
    main()
