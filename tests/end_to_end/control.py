#!/usr/bin/env python3
"""The control socket of the simulated fleet: where it lies when nobody says, and who may talk to whom through it.
tests/end_to_end/control.py BUILD_FOLDER"""

import contextlib
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile

from rig import COMMAND_SECONDS, check, part, run

SOMEBODY = 65534
IS_ROOT = os.geteuid() == 0
FLEET = ["oob-sim", "run", "--listen", "127.77.0.0/30", "--port-base", "0"]


@contextlib.contextmanager
def as_user(user, work):
    """Runs `work` in a process of that user's; the file has what it writes to the one it is given."""
    source, sink = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(source)
            os.setuid(user)
            with os.fdopen(sink, "w") as out:
                work(out)
        finally:
            os._exit(0)
    os.close(sink)
    with os.fdopen(source) as out:
        yield out
    os.waitpid(child, 0)


def serve(path, out):
    """A fleet of another user's, which tells what it is told."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen()
    print("ready", file=out, flush=True)
    client, _ = listener.accept()
    print("heard", client.recv(65536), file=out)


def ask(path, out):
    client = socket.socket(socket.AF_UNIX)
    client.connect(path)
    try:
        client.sendall(b'{"verb":"list"}\n')
        print(client.recv(65536), file=out)
    except OSError as error:
        print(error, file=out)


@contextlib.contextmanager
def fleet(env, *words):
    process = subprocess.Popen([*FLEET, *words], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        yield json.loads(process.stdout.readline() or "{}")
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=COMMAND_SECONDS)


def mode(path):
    return path.lstat().st_mode & 0o7777


def check_usual_place(env, work):
    home, runtime = work / "home", work / "runtime"
    for folder in (home, runtime):
        folder.mkdir(mode=0o700)
    for what, more, folder in (("XDG_RUNTIME_DIR", {"XDG_RUNTIME_DIR": str(runtime)}, runtime / "oob"),
                               ("the state folder", {}, home / ".local/state/oob/run"),
                               ("XDG_STATE_HOME", {"XDG_STATE_HOME": str(work / "state")}, work / "state/oob/run")):
        with fleet({**env, **more}) as ready:
            path = pathlib.Path(ready["control"])
            check(f"the socket is below {what}", path.parent == folder, str(path))
            check("  in a folder that is its user's alone", mode(folder) == 0o700, oct(mode(folder)))
            check("  and is itself", mode(path) == 0o600, oct(mode(path)))
            outcome = run({**env, **more}, "oob-sim", "ctl", "list")
            check("  where ctl looks for it", outcome.status == 0, outcome.stderr)
        outcome = run({**env, **more}, "oob-sim", "ctl", "list")
        check("  and a fleet that has stopped is told as such", outcome.status == 10 and "--control" in outcome.stderr,
              outcome.stderr)


def check_folder(env, work):
    """What somebody else has made there first."""
    def refused(what, folder):
        more = {**env, "XDG_RUNTIME_DIR": str(folder.parent)}
        for words in (FLEET, ["oob-sim", "ctl", "list"]):
            outcome = run(more, *words)
            check(f"{what} is refused by {words[1]}", outcome.status == 2 and str(folder) in outcome.stderr and
                  "hint:" in outcome.stderr, outcome.stderr)
        outcome = run(more, "oob-sim", "ctl", "list", "--control", str(work / "nowhere"))
        check("  but not for a socket that is named", outcome.status == 10, outcome.stderr)

    def parent(name):
        (work / name).mkdir(mode=0o700)
        return work / name / "oob"

    folder = parent("open")
    folder.mkdir()
    folder.chmod(0o777)
    refused("a folder that others may write", folder)
    folder = parent("linked")
    (work / "elsewhere").mkdir(mode=0o700)
    folder.symlink_to(work / "elsewhere")
    refused("a link", folder)
    folder = parent("file")
    folder.touch()
    refused("a file", folder)
    if IS_ROOT:
        folder = parent("foreign")
        folder.mkdir(mode=0o700)
        os.chown(folder, SOMEBODY, -1)
        refused("another user's folder", folder)


def check_users(env, work):
    if not IS_ROOT:
        print("only root can be somebody else: other users are not tried")
        return
    folder = work / "everybody's"
    folder.mkdir()
    folder.chmod(0o777)
    work.chmod(0o755)
    path = folder / "taken"
    with as_user(SOMEBODY, lambda out: serve(str(path), out)) as said:
        check("another user has taken the path", said.readline() == "ready\n")
        outcome = run(env, "oob-sim", "ctl", "set", "127.77.0.1", "power=off", "--control", str(path))
        check("  a socket of another user's is refused", outcome.status == 13 and "another user" in outcome.stderr, outcome.stderr)
        heard = said.read()
        check("  and told nothing", heard == "heard b''\n", heard)

    path = folder / "ours"
    with fleet(env, "--control", str(path)):
        path.chmod(0o666)
        for user, answered in ((SOMEBODY, False), (0, True)):
            with as_user(user, lambda out: ask(str(path), out)) as said:
                found = said.read()
            check(f"user {user} is {'' if answered else 'not '}answered", ('"end"' in found) == answered and found != "", found)


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory(prefix="oob-test-") as folder:
        work = pathlib.Path(folder)
        env = {"PATH": f"{build}/cmd/oob-sim:/usr/bin:/bin", "HOME": str(work / "home"), "LANG": "C.UTF-8",
               **{name: os.environ[name] for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS") if name in os.environ}}
        part(check_usual_place, env, work)
        part(check_folder, env, work)
        part(check_users, env, work)


if __name__ == "__main__":
    main()
