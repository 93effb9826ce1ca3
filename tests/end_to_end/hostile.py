#!/usr/bin/env python3
"""One hostile device against every verb of every program, in every output format, on a terminal and on pipes: whatever it
says, a person sees printable text and line breaks, and records have its words exactly. The verbs are those of the
programs' own lists, the formats those of their help. tests/end_to_end/hostile.py BUILD_FOLDER"""

import collections
import json
import os
import pathlib
import pty
import re
import socket
import subprocess
import sys
import tempfile
import threading

import hostile_peer
from hostile_peer import FIELD, LINE, MODES, NAME, NO_UTF8, PLAIN, PROPERTY, SCREEN, SPOILT, TEXT, Datagrams, Hostile, as_read
from orders import Site, in_parallel, prepare_work, verbs_of
from rig import Fleet, check, environment, part, record_schema, wait_until
from shown import call, harm, totals

# Standard output is the host's own stream there, on purpose (oob-sol(1)).
STREAMS = {"oob-sol connect", "oob-sol replay"}
# Serves until it is stopped, and says nothing that it was not told.
WITHOUT_DEVICE = {"oob-sim run", "oob-sim generations", "oob-sol replay"}
FORMATS = re.compile(r"--output FMT\s+([a-z, \n]+?) \(")
MOMENT = 0.5  # seconds
FULL = {"values", "fault"}  # in every format, on a terminal and on pipes; the others once each

exact = collections.Counter()


def strings(value):
    if isinstance(value, str):
        yield value
    for item in value if isinstance(value, list) else [each for pair in value.items() for each in pair] if isinstance(value, dict) else []:
        yield from strings(item)


class Case:
    """One verb and the device that it meets."""

    def __init__(self, site, verb, context, services):
        self.site, self.verb, self.services = site, verb, services
        self.name = str(verb)
        self.home, self.env = site.home()
        self.upstream = site.device(verb.row)
        self.peer = Hostile(self.upstream, site.ports, context)
        listed = FORMATS.search(verb.help)
        self.formats = re.findall(r"[a-z]+", listed[1].replace(" or ", " ")) if listed else [None]
        self.results = [("it has formats", not verb.takes("--output") or len(self.formats) >= 3, verb.help)]

    def target(self, mode):
        secured = mode in ("certificate", "secured") or self.verb.name == "trust"
        return f"amt{'' if secured else '+tcp'}://127.0.0.1:{self.peer.base + (1 if secured else 0)}"

    def words(self, mode, form):
        """The command, and what stands on its standard input: a record with a name that is as hostile as the device."""
        verb, out = self.verb, self.verb.words({"work": self.site.work, "home": self.home})
        target, stdin = self.target(mode), b""
        if verb.tool == "oob-discover" and verb.name != "trust":
            out += self.services + ["--probe", "udp", "--probe", "tcp", "--amt-port", str(self.peer.base)]
            target = "127.0.0.1" if verb.name == "scan" else target
        if verb.takes("--include-failed"):
            record = {"schema": "oob/1", "type": "result", "target": target, "ok": True, "device": {"name": NAME}}
            stdin, target = json.dumps(record).encode() + b"\n", "-"
        if verb.row.lasts:
            out += ["--deadline", "5m"]
        elif verb.row.waits:
            out += ["-t", "20s"]  # what was sent is seen through, also after a signal
        out += ["--yes"] if verb.takes("--yes") else []
        out += ["--insecure"] if mode == "secured" and verb.takes("--insecure") else []
        out += ["-v"] if verb.takes("--verbose") else []
        out += ["-o", form] if form else []
        return [*out, target], stdin

    def look_on(self, mode, process):
        """Until the device has said it, where it will, and a moment longer: no verdict hangs on what else is seen."""
        if self.loud(mode):
            wait_until(lambda: process.poll() is not None or self.peer.said)
        try:
            process.wait(MOMENT)
        except subprocess.TimeoutExpired:
            pass

    def bad(self, what, condition, detail):
        self.results.append((what, condition, detail))

    def look(self, mode, form, status, stdout, stderr, terminals):
        what = f"{mode} {form} {'terminal' if terminals[0] else 'pipe'}"
        stream = self.name in STREAMS
        for name, data in (("output", stdout), ("errors", stderr)):
            found = harm(data, stream and name == "output")
            self.bad(f"{what}: {name} are printable", found is None, found)
        # Before it listens to signals, and after, one ends it as it ends any program.
        stopped = status in (143, -15) and self.goes_on()
        self.bad(f"{what}: it ends in order", stopped or 0 <= status < 128 and status != 70, (status, stderr[-300:]))
        self.bad(f"{what}: the device was asked", status != 2 or "usage.character" in stdout.decode("utf-8", "replace"), stderr)
        if self.loud(mode):
            self.bad(f"{what}: the device said it", self.peer.said, stderr)
        if form in ("ndjson", "json") and not self.verb.row.own_output and not terminals[0]:
            self.records(what, mode, form, stdout.decode("utf-8", "replace"))

    def loud(self, mode):
        """What is hostile in this way is asked for."""
        silent = self.verb.name == "trust" or (self.verb.tool == "oob-discover" and mode in SPOILT)
        return mode in ("values", *PLAIN, *SPOILT) and not silent

    def goes_on(self):
        """It may have to be stopped once it has met the device."""
        return bool(self.verb.row.lasts or self.verb.row.waits)

    def records(self, what, mode, form, text):
        try:
            records = json.loads(text) if form == "json" else [json.loads(line) for line in text.split("\n") if line]
        except ValueError as error:
            return self.bad(f"{what}: the records are JSON", False, f"{error}: {text[:300]}")
        problems = list(record_schema.problems(text)) if form == "ndjson" else []
        self.bad(f"{what}: the records fit the schema", not problems, problems)
        said = set(strings(records))
        if self.verb.takes("--include-failed"):
            names = {record["device"]["name"] for record in records if record["type"] == "result"}
            self.bad(f"{what}: the name is exact", names <= {NAME}, names)
        if mode == "fault" and self.peer.said and any(not record.get("ok", True) for record in records):
            native = [record["error"]["native"] for record in records if record.get("error")]
            self.bad(f"{what}: the fault is exact", any(each and each.get("reason") == TEXT for each in native), native)
        if mode in SPOILT and mode != "fault" and self.peer.said:
            codes = {record["error"]["code"] for record in records if record.get("error")}
            allowed = {"xml.character", "xml.encoding"}
            self.bad(f"{what}: it is refused", not codes or codes & allowed or "indeterminate" in text, codes)
        for name, wanted in (("text", TEXT), ("property", PROPERTY), ("field", FIELD.decode()), ("line", as_read(LINE)[:200]),
                             ("name", NAME)):
            exact[name] += any(wanted in each for each in said)
        totals["records"] += len(records)

    def run(self):
        for mode in MODES:
            full = mode in FULL
            pairs = [(form, terminal) for form in self.formats for terminal in (True, False)] if full else (
                [(self.formats[0], True), ("ndjson" if "ndjson" in self.formats else None, False)])
            for form, terminal in pairs:
                # Beside a pipe there is often a terminal, with a bar on it.
                terminals = (terminal, terminal or form == "ndjson")
                self.peer.begin(mode)
                words, stdin = self.words(mode, form)
                until = (lambda process: self.look_on(mode, process)) if self.goes_on() else None
                self.look(mode, form, *call(self.env, words, stdin, terminals, until), terminals)
                totals["said"] += self.peer.said
        self.peer.close()
        return self.results


class Meeting:
    """What all meetings have in common."""

    def __init__(self, context, services):
        self.context, self.services = context, services

    def __str__(self):
        return "the hostile device"


def meets(site, verb, meeting):
    """The verb meets the device in each of its modes."""
    return Case(site, verb, meeting.context, meeting.services).run()


def odd_words(site, verb):
    """Words of the command line come from scripts and inventories; they are told, but not as they are."""
    results = []
    for word in (b"--\x1b[2J=\xff", b"pc\x1b[2J\x9b", "amt://p\u202ec".encode(), "\u009b2J".encode(), b"@\x1b[2J",
                 b"redfish://\xe2\x80\xae", b"pc?pin=\x1b[2J", b"\x1b[2J=\x9b"):
        for terminals in ((True, True), (False, False)):
            status, stdout, stderr = call(site.env, [*verb.words({"work": site.work, "home": site.work}), word], b"", terminals)
            found = harm(stdout) or harm(stderr)
            results.append((f"{word!r} is told printably", found is None, found))
            results.append(("it ends in order", 0 <= status < 128 and status != 70, (status, stderr)))
            if status not in (0, 2, 3):
                totals["odd statuses"] += 1
    return results


def names_in_questions(site):
    """Records have names; the error that asks for --yes, and the one about --confirm, name them."""
    record = json.dumps({"schema": "oob/1", "target": "amt://127.0.0.1:9", "ok": True, "device": {"name": NAME}}).encode()
    for what, words, stdin in (
            ("a name in a refusal", ["oob-wsman", "delete", "AMT_UserInitiatedConnectionService", "--selector", "a=b", "-"], record),
            ("a line that is no target", ["oob-power", "status", "-"], LINE),
            ("a target in a record", ["oob-power", "status", "-"], json.dumps({"target": f"amt://{NAME}"}).encode()),
            ("a record that failed", ["oob-power", "status", "-o", "table", "-"],
             json.dumps({"schema": "oob/1", "type": "result", "target": "amt://pc", "ok": False, "device": {"name": NAME},
                         "error": {"class": "auth", "code": TEXT, "message": NAME, "hint": TEXT}}).encode()),
            ("what is no JSON", ["oob-power", "status", "-"], b'{"target":"' + NO_UTF8 + b"\x1b[2J")):
        for terminals in ((True, True), (False, False)):
            status, stdout, stderr = call(site.env, words, stdin + b"\n", terminals)
            found = harm(stdout) or harm(stderr)
            check(f"{what} is told printably", found is None and status != 70 and len(stdout + stderr) > 20,
                  (found, status, stdout, stderr))


def passed_through(site):
    """A record that failed goes on as it came, in other escapes."""
    record = {"schema": "oob/1", "type": "result", "target": "amt://pc", "ok": False, "device": {"name": NAME},
              "error": {"class": "auth", "code": "auth.rejected", "message": TEXT, "hint": NAME}}
    _, stdout, _ = call(site.env, ["oob-power", "status", "-o", "ndjson", "-"], json.dumps(record, ensure_ascii=False).encode() + b"\n")
    back = json.loads(stdout)
    check("a record that failed comes back exactly", harm(stdout) is None and back.pop("skipped") is True and back == record, back)


def every_character(site):
    """Every character of Unicode through a record, and back by a reader that nobody here wrote."""
    characters = [chr(code) for code in range(0x110000) if not 0xd800 <= code <= 0xdfff]
    step = 4096
    parts = ["".join(characters[at:at + step]) for at in range(0, len(characters), step)]
    lines = [json.dumps({"schema": "oob/1", "type": "result", "target": f"amt://pc{at}", "ok": False, "device": {"name": each}})
             for at, each in enumerate(parts)]
    _, stdout, _ = call(site.env, ["oob-power", "status", "-o", "ndjson", "-"], "\n".join(lines).encode())
    back = [json.loads(line)["device"]["name"] for line in stdout.decode().split("\n")[:-1]]
    check("every character comes back exactly", back == parts, [at for at, pair in enumerate(zip(back, parts)) if pair[0] != pair[1]])
    check("  and none of them as it is that a terminal obeys", harm(stdout) is None, harm(stdout))


def raw_answers(site, context):
    """--raw is exact where a program reads it, and clean where a person does."""
    peer = Hostile(site.device(ROW_OF_READS), site.ports, context)
    target = f"amt+tcp://127.0.0.1:{peer.base}"
    for verb in (["identify"], ["get", "AMT_GeneralSettings"], ["enum", "CIM_SoftwareIdentity"]):
        peer.begin("values")
        _, stdout, _ = call(site.env, ["oob-wsman", *verb, "--raw", target])
        check(f"{verb[0]} in a pipe is what the device sent", stdout == b"".join(body + b"\n" for body in peer.bodies)
              and TEXT.encode() in stdout, stdout)
        _, stdout, _ = call(site.env, ["oob-wsman", *verb, "--raw", target], None, (True, True))
        check(f"{verb[0]} on a terminal is printable", harm(stdout) is None and "Gerät".encode() in stdout, harm(stdout))
    peer.begin("bytes")
    _, stdout, stderr = call(site.env, ["oob-wsman", "get", "AMT_GeneralSettings", "--raw", target])
    check("an answer that is refused is shown too", hostile_peer.fault(NO_UTF8) in stdout and harm(stderr) is None, stdout)
    peer.close()


def consoles(site, context):
    """What a host says: lines of a monitor are for persons, groups of a script are exact, a stream is a stream."""
    peer = Hostile(site.device(ROW_OF_READS), site.ports, context)
    target = f"amt+tcp://127.0.0.1:{peer.base}"
    peer.begin("values")
    _, stdout, _ = call(site.env, ["oob-sol", "monitor", target], b"", (True, True), b"END")
    check("a monitor's lines are printable", b"login: " in stdout and harm(stdout) is None, (stdout, harm(stdout)))
    _, stdout, _ = call(site.env, ["oob-sol", "connect", target], b"", (True, True), b"END")
    check("a console's stream goes to the terminal as it is", SCREEN.rstrip() in stdout, stdout)
    (site.work / "login.exp").write_text("timeout 100s\nexpect /(login:[^\\n]*)END/\npass\n")
    _, stdout, _ = call(site.env, ["oob-sol", "expect", "--yes", str(site.work / "login.exp"), target])
    groups = json.loads(stdout)["data"]["expect"]["matches"][0]["groups"]
    check("a script's groups are what the host said, but for its control of the terminal",
          hostile_peer.BIDI + hostile_peer.HIDDEN in groups[-1] and harm(stdout) is None, groups)
    peer.close()


def services_of_others(site, work):
    """Bastions, proxies, web servers of images, and a fleet's control socket."""
    noise = hostile_peer.banner(None, LINE + b"\r\n" + SCREEN)
    ssh = hostile_peer.banner(None, b"SSH-2.0-" + LINE[:200] + b"\r\n" + SCREEN)
    web = {name: hostile_peer.banner(None, words, True) for name, words in {
        "status": hostile_peer.response(500, LINE, LINE, b"Server: " + LINE),
        "words": hostile_peer.response(404, TEXT.encode(), TEXT.encode()),
        "location": hostile_peer.response(302, b"Found", b"", b"Location: " + FIELD),
        "range": hostile_peer.response(206, b"Partial", b"x", b"Content-Range: bytes " + FIELD)}.items()}
    port = lambda server: server.server_address[1]
    cases = [("a SOCKS proxy", ["oob-power", "status", "--via", f"socks5:127.0.0.1:{port(noise)}", "amt://pc"]),
             ("a bastion's banner", ["oob-power", "status", "--via", f"ssh:u@127.0.0.1:{port(ssh)}", "amt://pc"]),
             ("what is no bastion", ["oob-power", "status", "--via", f"ssh:u@127.0.0.1:{port(noise)}", "amt://pc"])]
    cases += [(f"a web server's {name}", ["oob-ider", "serve", f"http://127.0.0.1:{port(server)}/a.iso", "amt://pc", "--deadline", "5s"])
              for name, server in web.items()]
    door = work / "hostile-control"
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(door))
    listener.listen(64)
    answer = json.dumps({"schema": "oob/1", "type": "device", "data": {TEXT: NAME}}, ensure_ascii=False).encode() + b"\n" + json.dumps(
        {"type": "end", "ok": False, "error": {"class": "usage", "code": "usage.x", "message": NAME, "hint": TEXT}},
        ensure_ascii=False).encode() + b"\n"

    def control():
        while True:
            connection, _ = listener.accept()
            connection.recv(65536)
            connection.sendall(answer)
            connection.close()
    threading.Thread(target=control, daemon=True).start()
    cases += [(f"a control socket, {words[0]}", ["oob-sim", "ctl", *words, "--control", str(door)])
              for words in (["list"], ["get", "127.77.0.1"], ["set", "127.77.0.1", "a=b"], ["fault"], ["journal"], ["stop"],
                            ["disk", "127.77.0.1", "probe"])]
    for what, words in cases:
        for terminals in ((True, True), (False, False)):
            status, stdout, stderr = call(site.env, words, b"", terminals)
            found = harm(stdout) or harm(stderr)
            check(f"{what} is told printably", found is None and status not in (0, 70) and stdout + stderr, (found, status, stderr))


def prompts(site):
    """The question for a password, on a terminal that controls the process."""
    words = ["oob-power", "status", "-u", "ad\x1b[2J\u202emin", "-c", "ask", "amt://127.0.0.1:9"]
    child, terminal = pty.fork()
    if child == 0:
        os.execvpe(words[0], words, site.env)
    shown, typed = b"", False
    try:
        while chunk := os.read(terminal, 65536):
            shown += chunk
            if not typed and b"Password for " in shown:
                typed = bool(os.write(terminal, b"secret\n"))
    except OSError:
        pass  # the other side has closed the terminal
    os.waitpid(child, 0)
    os.close(terminal)
    check("a prompt is printable", typed and harm(shown) is None, (shown, harm(shown)))


def traces(site, context):
    """A trace is exact in a file, and text on a terminal."""
    peer = Hostile(site.device(ROW_OF_READS), site.ports, context)
    peer.begin("values")
    words = ["oob-wsman", "get", "AMT_GeneralSettings", f"amt+tcp://127.0.0.1:{peer.base}", "--trace"]
    _, _, stderr = call(site.env, [*words, "/dev/stderr"], b"", (True, True))
    check("a trace on a terminal is printable", b"HTTP" in stderr and harm(stderr.replace(b"\t", b" ")) is None, harm(stderr))
    call(site.env, [*words, str(site.work / "trace")])
    check("  and exact in a file", TEXT.encode() in (site.work / "trace").read_bytes())
    peer.close()


class Reads:
    """A row of orders.py for what needs no preparation."""
    prepare, first, lent = [], [], False


ROW_OF_READS = Reads()


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory(prefix="oob-hostile-") as folder:
        work = prepare_work(folder)
        context = hostile_peer.certificate(work)
        with Fleet(build, work, ["--listen", "127.77.0.0/22", "--generation", "15.0", "--power-delay", "300ms"]) as fleet:
            env = environment(build, work, fleet.ready)
            site = Site(env, work, fleet)
            verbs = verbs_of(env)
            port = lambda server: str(server.server_address[1])
            services = ["--rmcp-port", str(Datagrams().port),
                        "--ssh-port", port(hostile_peer.banner(None, b"SSH-2.0-" + LINE + b"\r\n")),
                        "--rfb-port", port(hostile_peer.banner(None, b"RFB " + LINE + b"\n")),
                        "--redfish-port", port(hostile_peer.banner(context, hostile_peer.redfish(), True))]
            part(every_character, site)
            part(passed_through, site)
            part(names_in_questions, site)
            part(raw_answers, site, context)
            part(consoles, site, context)
            part(traces, site, context)
            part(services_of_others, site, work)
            part(prompts, site)
            print("== words of the command line")
            part(in_parallel, site, odd_words, [(verb,) for verb in verbs if str(verb) != "oob-sim run"])
            print("== every verb meets the device")
            met = [verb for verb in verbs if str(verb) not in WITHOUT_DEVICE and not verb.name.startswith("ctl ")]
            part(in_parallel, site, meets, [(verb, Meeting(context, services)) for verb in met])
            site.end_loans()
            for what in ("text", "property", "field", "line", "name"):
                check(f"records have the device's {what} exactly", exact[what] > 0, exact)
            print(f"{len(verbs)} verbs, {len(MODES)} ways to be hostile, {len(hostile_peer.CHARACTERS)} characters and "
                  f"{len(NO_UTF8.split())} kinds of bytes that are none, {totals['runs']} runs, {totals['said']} hostile answers, "
                  f"{totals['records']} records, {totals['bytes']} bytes looked at")


if __name__ == "__main__":
    main()
