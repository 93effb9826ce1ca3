#!/usr/bin/env python3
"""The commented examples that are installed: each line of them is taken by the programs once its # is gone, and no key is
missing in them or in the manual. tests/end_to_end/templates.py BUILD_FOLDER CMAKE"""

import pathlib
import re
import subprocess
import sys
import tempfile

from rig import check, part, require, run

ROOT = pathlib.Path(__file__).resolve().parents[2]
COMMENTED = re.compile(r"^#(?=[a-z\[])")
KEY = re.compile(r"^([a-z_]+) =")
# Each is the file's table, and where the reader tells its keys.
SCOPES = {"[defaults]": "[defaults]", "[groups.": "[groups.g]\nhosts = [\"pc1\"]", "[hosts.": "[hosts.pc1]"}


def taken(env, work, text):
    """Whether a program takes the file; it has no target left, so nothing is sent."""
    path = work / "tried.toml"
    path.write_text(text)
    outcome = run(env, "oob-power", "status", "-i", str(path), "-x", "pc1", "pc1")
    return outcome.status == 3, outcome.stderr


def known_keys(env, work, table):
    """What the reader says it knows."""
    path = work / "unknown.toml"
    path.write_text(f"{table}\nzzzzzzzzzzzz = 1\n")
    hint = run(env, "oob-power", "status", "-i", str(path), "pc1").stderr.partition("known are ")[2]
    return {word for word in hint.strip().split(", ") if word}


def settings_of(text):
    """(table heading, line) of every setting, commented out or not, in its order."""
    heading = ""
    for line in text.splitlines():
        line = COMMENTED.sub("", line)
        if line.startswith("["):
            heading = line
        elif KEY.match(line):
            yield heading, line


def check_template(env, work, path):
    text = path.read_text()
    good, said = taken(env, work, text)
    check(f"{path.name} is taken as it is installed", good, said)
    good, said = taken(env, work, "\n".join(COMMENTED.sub("", line) for line in text.splitlines()) + "\n")
    check("  with every line in force", good, said)
    for heading, line in settings_of(text):
        hosts = '\nhosts = ["pc1"]' if heading.startswith("[groups.") and not line.startswith("hosts") else ""
        good, said = taken(env, work, f"{heading}{hosts}\n{line}\n")
        check(f"  {heading} {line}", good, said)


def check_keys(env, work, templates):
    manual = (ROOT / "man/oob-config.5").read_text()
    told = {}
    for text in templates:
        for heading, line in settings_of(text):
            told.setdefault(next(scope for scope in SCOPES if heading.startswith(scope)), set()).add(KEY.match(line)[1])
    for scope, table in SCOPES.items():
        known = known_keys(env, work, table)
        require(f"the reader tells the keys of {scope}", len(known) > 5, known)
        check("  each stands in a template", known <= told[scope], known - told[scope])
        for key in sorted(known):
            check(f"  {key} stands in the manual", re.search(rf"^\.B {key}$", manual, re.MULTILINE) is not None)
    variables = set(re.findall(r'"(OOB_[A-Z_]+)"', (ROOT / "lib/cli/environment.cpp").read_text()))
    require("there are variables", len(variables) > 5, variables)
    for name in sorted(variables):
        check(f"  {name} stands in the manual", name in manual)


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory(prefix="oob-test-") as folder:
        work = pathlib.Path(folder)
        env = {"PATH": f"{build}/cmd/oob-power:/usr/bin:/bin", "HOME": str(work), "XDG_CONFIG_HOME": str(work / "config"),
               "LANG": "C.UTF-8"}
        prefix = work / "prefix"
        done = subprocess.run([sys.argv[2], "--install", str(build), "--prefix", str(prefix), "--component", "configuration"],
                              capture_output=True, text=True)
        require("the examples are installed", done.returncode == 0, done.stderr)
        templates = sorted(prefix.rglob("*.toml"))
        require("  both of them", [path.name for path in templates] == ["config.toml", "inventory.toml"], templates)
        check("  with the manual", list(prefix.rglob("oob-config.5")) != [])
        for path in templates:
            part(check_template, env, work, path)
        part(check_keys, env, work, [path.read_text() for path in templates])


if __name__ == "__main__":
    main()
