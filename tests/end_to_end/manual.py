"""The examples of README.md, of the man pages and of the programs' help, taken out as they are displayed."""

import dataclasses
import re
import subprocess

# A line of a man page as it is read: what escapes stand for.
ESCAPES = {r"\-": "-", r"\(aq": "'", r"\(dq": '"', r"\(rs": "\\", r"\e": "\\", r"\&": ""}
ESCAPE = re.compile(r"\\f(?:\[[A-Z]*\]|.)|" + "|".join(re.escape(each) for each in ESCAPES))
MACRO = re.compile(r"^\.[A-Z]+ ")


@dataclasses.dataclass
class Display:
    """What a page shows as it is written: where, what kind of thing it is, and the text."""
    section: str
    kind: str  # "commands", "configuration", "script", "requests", or "sample" for what is only to be read
    text: str

    def commands(self):
        return commands_of(self.text)


def complete(text):
    """Whether a shell that has read so much would run it, and not wait for more."""
    return not text.endswith("\\\n") and subprocess.run(["bash", "-n"], input=text, text=True, capture_output=True).returncode == 0


def commands_of(text):
    """The commands of a text, one of several lines as one."""
    out, pending = [], ""
    for line in text.splitlines(keepends=True):
        pending += line
        if not complete(pending):
            continue
        if pending.strip() and not pending.lstrip().startswith("#"):
            out.append(pending.rstrip("\n"))
        pending = ""
    assert not pending, f"a command without an end: {pending}"
    return out


def kind_of(section, text):
    if section == "EXAMPLES" or text.startswith("oob-"):
        return "commands"
    if section == "SCRIPTS":
        return "script"
    return "configuration" if text.startswith("[") else "requests" if text.startswith('{"verb"') else "sample"


def of_man_page(path):
    out, section, shown = [], "", None
    for line in path.read_text().splitlines():
        plain = ESCAPE.sub(lambda found: ESCAPES.get(found[0], ""), MACRO.sub("", line))
        if line.startswith(".SH "):
            section = plain
        elif line == ".nf":
            shown = ""
        elif line == ".fi":
            out.append(Display(section, kind_of(section, shown), shown))
            shown = None
        elif shown is not None:
            shown += plain + "\n"
    return out


def of_readme(path):
    blocks = re.findall(r"^```(\w+)\n(.*?)^```$", path.read_text(), re.MULTILINE | re.DOTALL)
    return [Display("", "commands" if language == "sh" else "sample", text) for language, text in blocks]


def of_help(env, tool):
    """The examples of each verb, and those of the tool that are no verb's."""
    texts = [help_of(env, tool)]
    listed = texts[0].partition("Verbs:\n")[2].partition("\n\n")[0]
    for verb in re.findall(r"^  (\S+(?: \S+)?)  ", listed, re.MULTILINE):
        texts.append(help_of(env, tool, *verb.split()))
    shown, out = set(), []
    for text in texts[1:] + texts[:1]:
        examples = re.sub(r"^  ", "", text.partition("\nExamples:\n")[2].partition("\n\n")[0] + "\n", flags=re.MULTILINE)
        commands = [each for each in commands_of(examples) if each not in shown]
        shown.update(commands)
        out.append(Display("", "commands", "".join(each + "\n" for each in commands)))
    return out


def help_of(env, tool, *verb):
    return subprocess.run([tool, *verb, "--help"], env=env, capture_output=True, text=True, check=True).stdout
