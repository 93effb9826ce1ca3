#!/usr/bin/env python3
"""Fails when a man page or a completion does not say of each verb what its --help says: scripts/check-docs.py BUILD_FOLDER.

In a man page, options that not every verb takes stand below ".SS Of VERBS" in OPTIONS: "Of boot", "Of on to wake, and
boot", "Of every verb"; verbs have their effect beside them in a tag. A completion is run, and has to offer exactly the
options that the verb takes.
"""

import pathlib
import re
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
VERB = re.compile(r"^  ([a-z][a-z-]*(?: [a-z][a-z-]*)?)  .*\((reads|changes|destroys)\)$", re.MULTILINE)
OPTION = re.compile(r"--[a-z][a-z0-9-]+")
TAKEN = re.compile(r"^  (?:-\w, )?(--[a-z][a-z0-9-]+)")
WIDTH, LINES = 80, 24
# A verb with more options of its own may need more lines than a screen has.
OPTIONS_OF_ONE_SCREEN = 7
EFFECT = re.compile(r" \((reads|changes|destroys)\)")
COMPLETE = r"""
source "$1"; tool=$2; shift 2
COMP_WORDS=("$tool" "$@"); COMP_CWORD=$#; COMPREPLY=()
entry=$(complete -p "$tool"); entry=${entry#*-F }
"${entry%% *}" 2>/dev/null
printf '%s\n' "${COMPREPLY[@]}"
"""


def help_of(program, *words, flag="--help"):
    done = subprocess.run([program, *words, flag], capture_output=True, text=True, timeout=60)
    if done.returncode != 0:
        raise SystemExit(f"{program} {' '.join(words)} {flag} ended with {done.returncode}: {done.stderr}")
    return done.stdout


def unfolded(text):
    """The text with what was wrapped back on one line: a line that is indented further goes on with the one before."""
    return re.sub(r"\n {3,}(?=\S)", " ", text)


class Verb:
    """What --help tells of one verb: its effect, the options that it takes, and which of them are its own."""

    def __init__(self, program, name, effect):
        self.name, self.effect = name, effect
        self.taken, self.own, self.changing = set(), set(), set()
        self.long, self.short = (help_of(program, *name.split(), flag=flag) for flag in ("--help", "-h"))
        section = ""
        for line in unfolded(self.long.partition("\nExamples:")[0]).splitlines():
            if line and not line.startswith(" "):
                section = line
            found = TAKEN.match(line)
            if not found:
                continue
            self.taken.add(found[1])
            if section == "This verb:":
                self.own.add(found[1])
            if line.endswith("(changes)"):
                self.changing.add(found[1])


def verbs_of(program):
    top = unfolded(help_of(program).split("Verbs:")[1].split("\n\n")[0])
    return [Verb(program, *found) for found in VERB.findall(top)]


def help_problems(program, verbs):
    texts = {flag: help_of(program, flag=flag) for flag in ("--help", "-h")}
    for verb in verbs:
        texts |= {f"{verb.name} --help": verb.long, f"{verb.name} -h": verb.short}
    for words, text in texts.items():
        lines = text.splitlines()
        if wide := [line for line in lines if len(line) > WIDTH]:
            yield f"{words} is wider than {WIDTH} columns: {wide[0]}"
        if "Examples:" not in lines:
            yield f"{words} shows no example"
    for verb in verbs:
        lines = verb.short.splitlines()
        if len(lines) > LINES and len(verb.own) <= OPTIONS_OF_ONE_SCREEN:
            yield f"{verb.name} -h needs {len(lines)} lines"
        for option in sorted(verb.own):
            if not re.search(rf"^  {option}\b", verb.short, re.MULTILINE):
                yield f"{verb.name} -h does not show {option}"
        for name in re.findall(r"^  (-[-a-zA-Z0-9]+)", verb.long.partition("\nHelp:")[0], re.MULTILINE):
            if not re.search(rf"(?<![\w-]){name}(?![\w-])", verb.short):
                yield f"{verb.name} -h does not name {name}"


def plain(line):
    """A line of a man page as it is read: without macro, quotes and fonts."""
    if line.startswith("."):
        macro, _, rest = line.partition(" ")
        lexer = shlex.shlex(rest, posix=True, punctuation_chars=False)
        lexer.quotes, lexer.escape, lexer.commenters, lexer.whitespace_split = '"', "", "", True
        line = (" " if macro in (".B", ".I", ".SS", ".SH") else "").join(lexer)
    return re.sub(r"\\f.", "", line).replace("\\-", "-")


def tags_of(page):
    """(section, subsection, tag) of each paragraph with a tag."""
    section = subsection = ""
    lines = iter(page.read_text().splitlines())
    for line in lines:
        if line.startswith(".SH"):
            section, subsection = plain(line), ""
        elif line.startswith(".SS"):
            subsection = plain(line)
        elif line.startswith(".TP"):
            yield section, subsection, plain(next(lines))


def verbs_named(text, verbs):
    """The verbs of "on to wake, and boot": those between two stand in the order of --help."""
    if text == "every verb":
        return verbs
    names = [verb.name for verb in verbs]
    out = []
    for part in re.split(r", and |, | and ", text):
        first, _, last = part.partition(" to ")
        if last:
            out += verbs[names.index(first) : names.index(last) + 1]
        elif first in names:
            out.append(verbs[names.index(first)])
        else:
            out += [verb for verb in verbs if verb.name.startswith(first + " ")]
    return out


def page_problems(page, verbs):
    said = {verb.name: set() for verb in verbs}
    effects, marked = {}, set()
    for section, subsection, tag in tags_of(page):
        effect = EFFECT.search(tag)
        options = OPTION.findall(tag)
        if section == "OPTIONS" and subsection.startswith("Of "):
            named = verbs_named(subsection.removeprefix("Of "), verbs)
            if not named:
                yield f'knows no verb of "{subsection}"'
            for verb in named:
                said[verb.name].update(options)
        if effect and section == "OPTIONS":
            marked.update(options)
        elif effect:
            for name in tag[: effect.start()].split(", "):
                effects[" ".join(re.match(r"[a-z -]*", name)[0].split())] = effect[1]
    text = "\n".join(plain(line) for line in page.read_text().splitlines())
    for verb in verbs:
        if effects.get(verb.name) != verb.effect:
            yield f"does not say that {verb.name} is one of those that are: {verb.effect}"
        for option in sorted(verb.own - said[verb.name]):
            yield f"does not say below OPTIONS that {verb.name} takes {option}"
        for option in sorted(said[verb.name] - verb.taken):
            yield f"says that {verb.name} takes {option}"
        for option in sorted(verb.changing - marked):
            yield f"does not say (changes) beside {option}"
        for option in sorted(verb.taken):
            if not re.search(rf"(?<![\w-]){option}(?![\w-])", text):
                yield f"does not mention {option}"


def completed(page, tool, *words):
    done = subprocess.run(["bash", "-c", COMPLETE, "bash", page, tool, *words], capture_output=True, text=True, timeout=60)
    return set(done.stdout.split())


def completion_problems(page, tool, verbs):
    for verb in verbs:
        words = verb.name.split()
        if words[-1] not in completed(page, tool, *words[:-1], ""):
            yield f"does not offer {verb.name}"
        offered = completed(page, tool, *words, "--")
        for option in sorted(verb.taken - offered):
            yield f"does not offer {option} to {verb.name}"
        for option in sorted(offered - verb.taken):
            yield f"offers {option} to {verb.name}"


def main():
    build = pathlib.Path(sys.argv[1])
    failed = False
    for folder in sorted((ROOT / "cmd").glob("oob-*")):
        tool = folder.name
        program = build / "cmd" / tool / tool
        verbs = verbs_of(program)
        for problem in help_problems(program, verbs):
            failed = True
            print(f"{tool} {problem}")
        man, completion = ROOT / "man" / f"{tool}.1", ROOT / "completions" / f"{tool}.bash"
        for page, problems in ((man, page_problems(man, verbs)), (completion, completion_problems(completion, tool, verbs))):
            for problem in dict.fromkeys(problems):
                failed = True
                print(f"{page.relative_to(ROOT)} {problem}")
        print(f"{tool}: {len(verbs)} verbs, {sum(len(verb.taken) for verb in verbs)} options of verbs")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
