#!/usr/bin/env python3
"""Every verb of every program with every option that any verb of any program has: one that the verb does not take is a usage
error, and one that it takes has its effect. The verbs and their options are those of the programs' own help.
tests/end_to_end/verb_options.py BUILD_FOLDER"""

import concurrent.futures
import json
import pathlib
import re
import sys
import tempfile

from orders import ROWS, TOOLS
from rig import Fleet, RawPeer, check, environment, part, require, run, unused_port

AT_ONCE = 4
VERB = re.compile(r"^  ([a-z][a-z-]*(?: [a-z]+)?) +\S.* \((reads|changes|destroys)\)$", re.MULTILINE)
TAKEN = re.compile(r"^  (?:(-\w), ?)?(-{1,2}[\w-]+) ?([A-Z]\S*|sha256:HEX)?", re.MULTILINE)
FOLD = re.compile(r"\n {3,}(?=\S)")
IN_WORDS = {"auth.rejected": "refused the digest login", "timeout.device": "took longer than",
            "timeout.deadline": "the deadline of the run", "resolve.family": "address family",
            "connect.proxy": "the SOCKS5 proxy", "tls.pin": "not the pinned one", "connect.refused": "refused the connection"}
# What makes an order that reads one that changes, and takes no value.
CHANGES = {"--enable", "--close-sessions"}
# No device of theirs is asked for: they have no targets, or those of a fleet that is not real.
WITHOUT_DEVICES = {"oob-discover scan", "oob-sol replay"} | {name for name in ROWS if name.startswith("oob-sim ")}


def help_of(env, *words):
    """What --help says in front of the examples; what was wrapped stands on one line again."""
    return FOLD.sub(" ", run(env, *words, "--help").stdout.partition("\nExamples:")[0])


class Verb:
    def __init__(self, env, tool, name, effect):
        self.tool, self.name, self.effect = tool, name, effect
        self.row = ROWS.get(str(self))
        self.options = {long: value for _, long, value in TAKEN.findall(help_of(env, tool, *name.split()))}

    def __str__(self):
        return f"{self.tool} {self.name}"

    def words(self, places):
        return [self.tool, *self.name.split(), *(word.format(**places) for word in self.row.words)]


def verbs_of(env):
    return [Verb(env, tool, *found) for tool in TOOLS for found in VERB.findall(help_of(env, tool))]


def kinds_of(verbs):
    """Options by the verbs that take them: those of one kind are taken or refused together, so one stands for all."""
    takers = {}
    for verb in verbs:
        for option in verb.options:
            takers.setdefault(option, []).append(str(verb))
    kinds = {}
    for option, names in sorted(takers.items()):
        kinds.setdefault(tuple(names), []).append(option)
    return kinds


def not_taken(env, verb, kinds, values):
    """One option of each kind that the verb does not take. Whatever else is missing or wrong, nothing is begun."""
    wrong = []
    others = [options[0] for takers, options in kinds.items() if str(verb) not in takers]
    for option in others:
        outcome = run(env, verb.tool, *verb.name.split(), option, *(["1"] if values[option] else []), "x", "y", "z")
        known = f"'{verb.name}' takes no {option}: it has no effect there" in outcome.stderr
        own_of_others = f"there is no option {option}" in outcome.stderr
        if outcome.status != 2 or outcome.stdout or "hint: " not in outcome.stderr or not (known or own_of_others):
            wrong.append((option, outcome.status, outcome.stdout, outcome.stderr))
    check(f"{verb}: the options of others are usage errors", not wrong, wrong)
    return len(others)


class Effects:
    """What is seen of each common option when it is given: on a device that cannot be reached, that never answers, or that
    refuses the login. A verb that takes the option has to show it."""

    def __init__(self, env, work, fleet, silent):
        self.env, self.work, self.silent = env, work, silent
        self.ports = fleet.ready["ports"]
        self.closed, self.other = (f"127.0.0.1:{unused_port()}" for _ in range(2))
        self.places = {"work": str(work), "home": str(work)}
        self.wrong = f"file:{work}/wrong"
        self.failed = run(env, "oob-power", "status", f"amt+tcp://{self.closed}").record()
        (work / "names.toml").write_text('[hosts."pc1.invalid"]\naddress = "127.0.0.1"\n')
        (work / "wrong").write_text("Wrong-1x\n")
        (work / "wrong").chmod(0o600)
        (work / "no-certificate").write_text("nothing\n")
        self.count = 0

    def said(self, outcome):
        """The code of the error; a console's is told in words."""
        for line in outcome.stdout.splitlines():
            try:
                error = json.loads(line).get("error")
            except ValueError:
                continue
            if error:
                return error["code"]
        return next((code for code, words in IN_WORDS.items() if words in outcome.stderr), outcome.stderr)

    def fresh(self, name):
        self.count += 1
        return self.work / f"{name}-{self.count}"

    def of(self, verb):
        """(option, whether its effect is seen, detail) for each common option that the verb takes."""
        plain = f"amt+tcp://127.77.0.1:{self.ports['http']}"
        tls = f"amt://127.77.0.2:{self.ports['https']}"
        scheme = "amt" if str(verb) == "oob-discover trust" else "amt+tcp"
        closed, other = f"{scheme}://{self.closed}", f"{scheme}://{self.other}"
        silent = f"{scheme}://127.0.0.1:{self.silent}"
        console = str(verb) in ("oob-sol connect", "oob-sol monitor")
        one_target = str(verb) == "oob-sol connect"

        def call(*words, targets=None, stdin=None, yes=True, **more):
            agree = ["--yes"] if yes and "--yes" in verb.options else []
            return run({**self.env, **more}, *verb.words(self.places), *agree, *words, *(targets or [closed]), stdin=stdin)

        def code(expected, *words, **more):
            outcome = call(*words, **more)
            found = self.said(outcome)
            return [(expected in found, f"{found} {outcome.stdout[-500:]} {outcome.stderr}")]

        def shows(outcome, *good):
            return [(each, f"{outcome.status} {outcome.stdout[-500:]} {outcome.stderr}") for each in good]

        def refuses(words, *options):
            outcome = call(*options, targets=[tls])
            return shows(outcome, words in outcome.stdout + outcome.stderr and outcome.status != 0)

        def output():
            outcome = call("-o", "json", *(["-n"] if console else []))
            return shows(outcome, outcome.stdout.startswith("["))

        def run_words():
            taken = [option for option in ("--summary", "--progress", "--journal") if option in verb.options]
            path = self.fresh("journal")
            values = {"--progress": ["ndjson"], "--journal": [str(path)]}
            outcome = call(*(word for option in taken for word in (option, *values.get(option, []))))
            good = {"--summary": '"type":"summary"' in outcome.stdout,
                    "--progress": any(line.startswith("{") for line in outcome.stderr.splitlines()),
                    "--journal": path.exists() and path.stat().st_size > 0}
            return shows(outcome, *(good[option] for option in taken))

        def trace():
            path = self.fresh("trace")
            outcome = call("--trace", str(path), "-c", self.wrong, targets=[plain])
            return shows(outcome, path.exists() and path.stat().st_size > 0)

        def excluded():
            outcome = call("-x", closed)
            return shows(outcome, outcome.status == 3)

        def failed_included():
            record = dict(self.failed, target=closed)
            outcome = call("--include-failed", targets=["-"], stdin=json.dumps(record) + "\n")
            return shows(outcome, '"skipped"' not in outcome.stdout and outcome.status not in (0, 2))

        def stops_early(*words):
            outcome = call(*words, "--summary", targets=[closed, other])
            return shows(outcome, '"not_started":1' in outcome.stdout)

        def asks():
            change = [] if verb.effect != "reads" else [option for option in verb.options if option in CHANGES][:1]
            outcome = call(*change, targets=[closed, other], yes=False)
            agreed = call(*change, "-y", targets=[closed, other], yes=False)
            return shows(outcome, outcome.status == 2 and agreed.status != 2)

        def trusts():
            outcome = call("--tls-tofu", "-c", self.wrong, targets=[tls], XDG_STATE_HOME=str(self.fresh("state")))
            found = self.said(outcome)
            return [(found == "auth.rejected", found)]

        def asks_nobody():
            with_a_password = ["-c", "ask"] if "--credential" in verb.options else []
            outcome = call("--no-input", *with_a_password)
            return shows(outcome, outcome.status != 0 and "there is no option" not in outcome.stderr)

        table = [
            ("--user", lambda: code("auth.rejected", "-u", "nobody", targets=[plain])),
            ("--credential", lambda: code("auth.rejected", "-c", self.wrong, targets=[plain])),
            ("--inventory", lambda: code("connect", "-i", str(self.work / "names.toml"), targets=[closed.replace("127.0.0.1", "pc1.invalid")])),
            ("--exclude", excluded),
            ("--include-failed", failed_included),
            ("--no-input", asks_nobody),
            ("--output", output),
            (("--summary", "--progress", "--journal"), run_words),
            ("--trace", trace),
            ("--resume", lambda: refuses("no-journal", "--resume", str(self.work / "no-journal"))),
            ("--dry-run", lambda: shows(dry := call("-n"), '"dry_run":true' in dry.stdout)),
            ("--confirm", lambda: shows(asked := call("--confirm", "7", yes=False), asked.status == 2 and "7" in asked.stderr)),
            ("--timeout", lambda: code("timeout", "-t", "200ms", targets=[silent])),
            ("--deadline", lambda: code("timeout", "--deadline", "200ms", targets=[silent])),
            ("-6", lambda: code("resolve.family", "-6")),
            ("--bind", lambda: refuses("--bind 192.0.2.1", "--bind", "192.0.2.1")),
            ("--via", lambda: code("connect.proxy", "--via", f"socks5:{self.closed}")),
            ("--tls-ca", lambda: refuses("no-such-file", "--tls-ca", str(self.work / "no-such-file"))),
            ("--tls-cert", lambda: refuses("no-certificate", "--tls-cert", str(self.work / "no-certificate"))),
            ("--tls-key", lambda: refuses("--tls-cert", "--tls-key", "x")),
            ("--tls-key-password", lambda: refuses("--tls-cert", "--tls-key-password", "x")),
            ("--tls-pin", lambda: code("tls.pin", "--tls-pin", "sha256:" + "0" * 64, targets=[tls])),
            ("--tls-tofu", trusts),
            ("--insecure", lambda: refuses("--insecure", "--insecure", "-c", self.wrong)),
        ]
        if not one_target:
            table += [("--yes", asks), ("--batch", lambda: stops_early("--batch", "1", "--max-failures", "1")),
                      ("--max-failures", lambda: stops_early("-F", "1", "--max-failures", "1")),
                      ("--fanout", lambda: shows(bad := call("-F", "none"), bad.status == 2 and "none" in bad.stderr))]
        for options, probe in table:
            names = [option for option in ([options] if isinstance(options, str) else options) if option in verb.options]
            for option, (good, detail) in zip(names, probe() if names else []):
                yield option, good, detail


def check_effects(effects, verb):
    seen = list(effects.of(verb))
    for option, good, detail in seen:
        check(f"{verb} {option} has its effect", good, detail)
    return len(seen)


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory(prefix="oob-test-") as folder, RawPeer(None) as silent:
        work = pathlib.Path(folder)
        (work / "password").write_text("Golden-1x\n")
        (work / "password").chmod(0o600)
        (work / "never.exp").write_text("expect /never/\n")
        (work / "disc.iso").write_bytes(bytes(2048 * 64))
        with Fleet(build, work, ["--listen", "127.77.0.0/28", "--generation", "15.0"]) as fleet:
            env = environment(build, work, fleet.ready)
            verbs = verbs_of(env)
            missing = [str(verb) for verb in verbs if verb.row is None]
            require("every verb has a row in orders.py", not missing, missing)
            options = {option: value for verb in verbs for option, value in verb.options.items()}
            require("there are options", len(options) > 60, options)
            with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
                kinds = kinds_of(verbs)
                refused = sum(pool.map(lambda verb: not_taken(env, verb, kinds, options), verbs))
                effects = Effects(env, work, fleet, silent.port)
                shown = sum(pool.map(lambda verb: part(check_effects, effects, verb) or 0,
                                     [verb for verb in verbs if str(verb) not in WITHOUT_DEVICES]))
            print(f"{len(verbs)} verbs, {len(options)} options of {len(kinds)} kinds, {refused} refusals, {shown} effects")


if __name__ == "__main__":
    main()
