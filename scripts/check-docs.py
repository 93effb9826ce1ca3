#!/usr/bin/env python3
"""Fails when a man page or a completion does not know what a tool's --help knows: scripts/check-docs.py BUILD_FOLDER."""

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
VERB = re.compile(r"^  ([a-z][a-z-]*)  ", re.MULTILINE)
OPTION = re.compile(r"(--[a-z][a-z0-9-]+)")


def help_of(program, *words):
    done = subprocess.run([program, *words, "--help"], capture_output=True, text=True, timeout=60)
    if done.returncode != 0:
        raise SystemExit(f"{program} {' '.join(words)} --help ended with {done.returncode}: {done.stderr}")
    return done.stdout


def words_of(program):
    """Every verb and every long option that --help shows."""
    top = help_of(program)
    verbs = VERB.findall(top.split("Verbs:")[1].split("\n\n")[0])
    words = set(verbs)
    for verb in verbs:
        usage, _, _ = help_of(program, verb).partition("\nExamples:")
        words.update(OPTION.findall(usage))
    return words


def main():
    build = pathlib.Path(sys.argv[1])
    failed = False
    for folder in sorted((ROOT / "cmd").iterdir()):
        program = build / "cmd" / folder.name / folder.name
        if not folder.name.startswith("oob-"):
            continue
        words = words_of(program)
        for path in (ROOT / "man" / f"{folder.name}.1", ROOT / "completions" / f"{folder.name}.bash"):
            text = path.read_text().replace("\\-", "-") if path.exists() else ""
            missing = sorted(word for word in words if not re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text))
            if missing:
                failed = True
                print(f"{path.relative_to(ROOT)} does not mention: {' '.join(missing)}")
        print(f"{folder.name}: {len(words)} verbs and options")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
