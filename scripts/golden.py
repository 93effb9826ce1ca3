#!/usr/bin/env python3
"""Runs golden files: commands, what they print and their exit status, against a simulated fleet.

A golden file (tests/golden/*.golden) reads like a terminal:

    # A sentence about what it shows.
    fleet: --listen 127.77.0.0/29 --generation 15.0
    $ oob-power status amt://127.77.0.1:$HTTPS
    {"schema":"oob/1", ...}
    ! a line on standard error
    [0]

Each `$` line is given to bash with the tools on PATH, HTTP, HTTPS, RMCP and CONTROL set to the fleet's ports and control
socket, WORK to a folder of its own that holds the file `password`. What differs from run to run (times, durations,
ports, key fingerprints, how often a datagram was sent until its answer came) is replaced by a word before it is compared.

    scripts/golden.py [--update] BUILD_FOLDER FILE ...
"""

import argparse
import difflib
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile

import record_schema

TOOLS = ["oob-power", "oob-wsman", "oob-discover", "oob-sol", "oob-ider", "oob-sim"]
PASSWORD = "Golden-1x"
# So long a broken program may hold things up; no verdict comes of it.
START_SECONDS = 120
COMMAND_SECONDS = 120

# Programs leave a signal alone that was ignored when they started, and a shell starts what is in its background so.
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    if signal.getsignal(number) == signal.SIG_IGN:
        signal.signal(number, signal.SIG_DFL)


class Fleet:
    """One oob-sim process on free ports, unless the arguments name one, for as long as the `with` block lasts."""

    def __init__(self, build, work, arguments):
        ports = [] if "--port-base" in arguments else ["--port-base", "0"]
        self.command = [
            str(build / "cmd/oob-sim/oob-sim"), "run", *ports,
            "--password-file", str(work / "password"), "--control", str(work / "control"), *arguments,
        ]

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"the fleet did not start: {' '.join(self.command)}")
        self.ready = json.loads(line)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            status = self.process.wait(START_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise SystemExit("the fleet did not stop")
        if status != 0:
            raise SystemExit(f"the fleet ended with status {status}")


def environment(build, work, ready):
    env = {
        "PATH": ":".join([str(build / "cmd" / tool) for tool in TOOLS] + ["/usr/bin", "/bin"]),
        "HOME": str(work), "XDG_CONFIG_HOME": str(work / "config"), "XDG_STATE_HOME": str(work / "state"),
        "LANG": "C.UTF-8", "WORK": str(work), "CONTROL": str(work / "control"),
        "HTTP": str(ready["ports"]["http"]), "HTTPS": str(ready["ports"]["https"]),
        "RMCP": str(ready["ports"]["rmcp"]),
        "OOB_CREDENTIAL": f"file:{work}/password",
    }
    for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"):
        if name in os.environ:
            env[name] = os.environ[name]
    return env


def normalised(text, work, ready):
    ports = {str(port): name.upper() for name, port in ready["ports"].items()}
    text = text.replace(str(work), "$WORK")
    text = re.sub(r"\b(" + "|".join(ports) + r")\b", lambda match: "$" + ports[match.group(1)], text)
    text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z", "TIME", text)
    text = re.sub(r'"duration_ms":\d+', '"duration_ms":0', text)
    text = re.sub(r"sha256:[0-9a-f]{64}", "sha256:KEY", text)
    text = re.sub(r'("action":"discover\.scan".*"attempts":)\d+', r"\g<1>0", text)
    return text


def run_command(command, env, work, ready, problems):
    """Its lines; `problems` gets what is wrong with them whatever the file says."""
    try:
        done = subprocess.run(["bash", "-c", command], env=env, cwd=work, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=COMMAND_SECONDS)
    except subprocess.TimeoutExpired:
        problems.append(f"{command}: it did not end within {COMMAND_SECONDS} s")
        return []
    for problem in record_schema.problems(done.stdout):
        problems.append(f"{command}: a record does not fit the schema: {problem}")
    lines = normalised(done.stdout, work, ready).splitlines()
    lines += ["! " + line for line in normalised(done.stderr, work, ready).splitlines()]
    return lines + [f"[{done.returncode}]"]


def replay(build, path, problems):
    """The file as it would read now; `problems` as above."""
    fleet_arguments = ["--listen", "127.77.0.0/29"]
    commands, head = [], []
    for line in path.read_text().splitlines():
        if line.startswith("fleet:"):
            fleet_arguments = line.removeprefix("fleet:").split()
        if line.startswith("$ "):
            commands.append(line.removeprefix("$ "))
        elif not commands:
            head.append(line)
    with tempfile.TemporaryDirectory(prefix="oob-golden-") as folder:
        work = pathlib.Path(folder)
        (work / "password").write_text(PASSWORD + "\n")
        (work / "password").chmod(0o600)
        out = list(head)
        with Fleet(build, work, fleet_arguments) as fleet:
            env = environment(build, work, fleet.ready)
            for command in commands:
                out.append("$ " + command)
                out += run_command(command, env, work, fleet.ready, problems)
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--update", action="store_true", help="write what is printed now into the files")
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("files", type=pathlib.Path, nargs="+")
    arguments = parser.parse_args()
    failed = 0
    for path in arguments.files:
        expected = path.read_text().splitlines()
        problems = []
        actual = replay(arguments.build.resolve(), path, problems)
        for problem in problems:
            print(problem)
        if problems or (not arguments.update and actual != expected):
            failed += 1
        if not arguments.update:
            for line in difflib.unified_diff(expected, actual, str(path), "now", lineterm=""):
                print(line)
        elif not problems:
            path.write_text("\n".join(actual) + "\n")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
