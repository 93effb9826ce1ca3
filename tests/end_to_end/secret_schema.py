#!/usr/bin/env python3
"""Every secret of the class catalogue, each with a value of its own, is sent to a device, told by one in every way that XML
has, and repeated in its faults; then all that the tools say, write down or hand on is searched for the values.
tests/end_to_end/secret_schema.py BUILD_FOLDER"""

import base64
import http.server
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
from xml.sax.saxutils import escape

from rig import COMMAND_SECONDS, PASSWORD, Fleet, check, environment, part, record_schema, require

SCHEMA = pathlib.Path(__file__).resolve().parents[2] / "lib/codec/wsman"
FAMILIES = {"CIM": "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/", "AMT": "http://intel.com/wbem/wscim/1/amt-schema/1/",
            "IPS": "http://intel.com/wbem/wscim/1/ips-schema/1/"}
SOAP = "http://www.w3.org/2003/05/soap-envelope"
WSA = "http://schemas.xmlsoap.org/ws/2004/08/addressing"
WSMAN = "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"
WSEN = "http://schemas.xmlsoap.org/ws/2004/09/enumeration"
WXF = "http://schemas.xmlsoap.org/ws/2004/09/transfer"

# What no class of the catalogue has, and what is taken for a secret by its name.
FOREIGN = {"VendorPassword": "string", "ClientSecret": "string", "WlanPsk": "string"}
# Their names have a part of a secret's, and yet everybody may know them; and what must stay readable.
OPEN = {"PasswordModel": "OpenModel", "HostName": "OpenHost"}


class Feature:
    """A property or parameter that the catalogue marks: where it belongs, and the value planted in it."""

    count = 0

    def __init__(self, owner, name, kind):
        Feature.count += 1
        self.owner, self.name, self.kind = owner, name, kind
        self.marker = f"Zq{Feature.count:03d}Kestrel{Feature.count * 7919 % 997:03d}"
        raw = self.marker.encode()
        self.text = {"base64": base64.b64encode(raw).decode(), "hex": raw.hex().upper(),
                     "uint32": str(870500000 + Feature.count * 7919)}.get(kind, self.marker)
        self.patterns = {self.text.encode(), raw, base64.b64encode(raw), raw.hex().encode(), raw.hex().upper().encode(),
                         self.text[::-1].encode()}


class Catalogue:
    """The secrets that the files of the schema mark, read without the program's own parser."""

    def __init__(self):
        self.classes, self.methods = {}, {}
        declared, above, marks = {}, {}, 0
        for path in sorted(SCHEMA.glob("schema/*.mof")):
            text = re.sub(r"//.*", "", path.read_text())
            marks += len(re.findall(r"\bsecret (?:base64|hex|string|uint32) ", text))
            for name, parent, body in re.findall(r"class (\w+)(?: : (\w+))? \{(.*?)\}", text, re.S):
                above[name] = parent
                for method, given, returned in re.findall(r"method (\w+)\((.*?)\)(?:\s*->\s*\((.*?)\))?", body, re.S):
                    both = [self._marked(f"{name}.{method}", words) for words in (given, returned)]
                    if both[0] or both[1]:
                        self.methods[name, method] = both
                properties = re.sub(r"method .*?;", "", body, flags=re.S)
                declared[name] = self._marked(name, properties)
        require("each mark of the schema is found", Feature.count == marks, f"{Feature.count} of {marks}")
        for name in declared:
            line, at = [], name
            while at:
                line, at = declared[at] + line, above.get(at)
            if line:
                self.classes[name] = line

    @staticmethod
    def _marked(owner, words):
        return [Feature(owner, name, kind) for kind, name in re.findall(r"\bsecret (\w+)\s+(\w+)", words)]

    def features(self):
        return {feature for line in self.classes.values() for feature in line} | {
            feature for both in self.methods.values() for line in both for feature in line}


def uri(name):
    return FAMILIES[name[:3]] + name


def told(features):
    """The members of an instance in which each secret stands in every way that XML has, and in others' words."""
    out = []
    for feature in features:
        name, text = feature.name, feature.text * 2  # never what is asked for, so that there is always something to write
        out += [f"<q:{name}>{text}</q:{name}>", f"<{name} xmlns='urn:other' a='{text}'>{text}</{name} >",
                f"<q:{name}><![CDATA[{text}]]></q:{name}>", f"<q:{name}>\n <v>{text}</v>\n <!--{text}-->{text}</q:{name}>",
                f"<q:{name}><q:{name}>x</q:{name}>{text}</q:{name}>", f"<!-- <{name}>{text}</{name}> -->",
                f"<q:Caption>{name}: {text}</q:Caption>", f"<q:Description><![CDATA[<{name} a='b'>{text}</{name}>]]></q:Description>",
                f"<q:ElementName>&lt;h:{name}&gt;{text}&lt;/h:{name}&gt;</q:ElementName>",
                f"<q:Status>{{\"{name}\": \"{text}\"}}</q:Status>", f"<q:StatusDescriptions {name}=\"{text}\"/>",
                f"<w:SelectorSet xmlns:w='{WSMAN}'><w:Selector Name=\"{name}\">{text}</w:Selector></w:SelectorSet>"]
    return "".join(out + [f"<q:{name}>{text}</q:{name}>" for name, text in OPEN.items()])


def envelope(action, resource, body):
    return (f'<?xml version="1.0" encoding="UTF-8"?><a:Envelope xmlns:a="{SOAP}" xmlns:b="{WSA}" xmlns:c="{WSMAN}"><a:Header>'
            f"<b:RelatesTo>1</b:RelatesTo><b:Action>{action}Response</b:Action><c:ResourceURI>{resource}</c:ResourceURI>"
            f"</a:Header><a:Body>{body}</a:Body></a:Envelope>").encode()


def fault(features, request):
    """Repeats what it was sent, by name, in plain words, as markup, and as a text that quotes markup."""
    words = "; ".join(f"the value {feature.text} does not fit {feature.name}" for feature in features)
    quoted = re.sub(rb"^.*?<Body>|</Body>.*$", b"", request, flags=re.S).decode()
    return envelope("fault", "", f'<a:Fault><a:Code><a:Value>a:Sender</a:Value><a:Subcode><a:Value>b:InvalidValue</a:Value>'
                    f'</a:Subcode></a:Code><a:Reason><a:Text xml:lang="en-US">{escape(words)}</a:Text></a:Reason>'
                    f"<a:Detail><d>{escape(quoted)}</d><e xmlns:r='urn:r' xmlns:h='urn:h'>"
                    f"{''.join(f'<h:{f.name}><z>{f.text}</z></h:{f.name}>' for f in features)}</e></a:Detail></a:Fault>")


class Parrot:
    """A device that knows no class but tells all of them. It looks at the program's arguments and environment while that
    waits for the answer."""

    def __init__(self):
        parrot = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status, answer = parrot.answer(body) if "Authorization" in self.headers else (401, b"")
                self.send_response(status)
                if status == 401:
                    self.send_header("WWW-Authenticate", 'Digest realm="Digest:1", nonce="n",stale="false",qop="auth"')
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        self.features, self.faults, self.heard, self.seen, self.process = [], False, b"", b"", None
        self.started = threading.Event()
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def begin(self, features, faults=False):
        self.features, self.faults, self.heard, self.seen = features, faults, b"", b""
        self.started.clear()

    def answer(self, request):
        if self.started.wait(COMMAND_SECONDS):
            for name in ("cmdline", "environ"):
                self.seen += pathlib.Path(f"/proc/{self.process.pid}/{name}").read_bytes()
        self.heard += request
        text = request.decode()
        found = re.search(r"<(?:\w+:)?Action[^>]*>([^<]+)<", text)
        action = found[1] if found else ""
        resource = re.search(r"<(?:\w+:)?ResourceURI[^>]*>([^<]+)<", text)
        resource = resource[1] if resource else ""
        name = resource.rsplit("/", 1)[-1]
        if action.endswith("GetUuid"):
            return 200, envelope(action, resource, f'<q:GetUuid_OUTPUT xmlns:q="{resource}"><q:UUID>CvgApC+/o0i7CuhmDGuxFQ==</q:UUID>'
                                 "<q:ReturnValue>0</q:ReturnValue></q:GetUuid_OUTPUT>")
        if self.faults and not action.endswith(("/Get", "/Enumerate")):
            return 400, fault(self.features, request)
        members = told(self.features)
        instance = f'<q:{name} xmlns:q="{resource}">{members}</q:{name}>'
        if action.endswith("/Enumerate"):
            body = f'<e:EnumerateResponse xmlns:e="{WSEN}"><e:EnumerationContext>1</e:EnumerationContext></e:EnumerateResponse>'
        elif action.endswith("/Pull"):
            body = f'<e:PullResponse xmlns:e="{WSEN}"><e:Items>{instance}</e:Items><e:EndOfSequence/></e:PullResponse>'
        elif action.endswith("/Create"):
            selectors = "".join(f'<c:Selector Name="{f.name}">{f.text}</c:Selector>' for f in self.features)
            body = (f'<x:ResourceCreated xmlns:x="{WXF}"><b:Address>default</b:Address><b:ReferenceParameters><c:ResourceURI>'
                    f"{resource}</c:ResourceURI><c:SelectorSet>{selectors}</c:SelectorSet></b:ReferenceParameters></x:ResourceCreated>")
        elif action.endswith(("/Get", "/Put")):
            body = instance
        elif action.endswith("/Delete"):
            body = ""
        else:
            method = action.rsplit("/", 1)[-1]
            body = f'<q:{method}_OUTPUT xmlns:q="{resource}">{members}<q:ReturnValue>0</q:ReturnValue></q:{method}_OUTPUT>'
        return 200, envelope(action, resource, body)


class Search:
    def __init__(self, env, work, parrot, secrets):
        self.env, self.work, self.parrot, self.secrets = env, work, parrot, secrets
        self.number, self.places, self.told = 0, 0, 0
        (work / "given").mkdir()
        self.files = {feature: work / "given" / str(number) for number, feature in enumerate(secrets)}
        for feature, path in self.files.items():
            path.write_text(feature.text + "\n")
            path.chmod(0o600)

    def clean(self, what, data):
        """Looks for each secret in each of its forms; a place is one output, file, or process looked at."""
        self.places += 1
        found = [feature.owner + "." + feature.name for feature in self.secrets
                 if any(pattern in data for pattern in feature.patterns)]
        if found:
            check(f"no secret in {what}", False, f"{', '.join(found)}: {data[:3000]!r}")

    def words(self, features, how):
        """The secrets as words of a command line: typed, from files, or, one of them, from a variable."""
        out, variables = [], {}
        for feature in features:
            if how == "typed":
                out.append(f"{feature.name}={feature.text}")
            elif how == "variable" and not variables:
                out.append(f"{feature.name}=@env:SITE_VALUE")
                variables["SITE_VALUE"] = feature.text
            else:
                out.append(f"{feature.name}=@file:{self.files[feature]}")
        return out, variables

    def run(self, what, words, features, variables=None, faults=False, reaches=True):
        """One command, and all that comes of it."""
        self.number += 1
        folder = self.work / f"run-{self.number}"
        folder.mkdir()
        changes = words[0] in ("put", "create", "invoke", "delete") and "--dry-run" not in words
        script = folder / "command"
        script.write_text(f"#!/bin/sh\ncat /proc/self/environ /proc/$PPID/cmdline /proc/$PPID/environ > {folder}/child\n"
                          f"cat {self.work}/password\n")
        script.chmod(0o700)
        line = ["oob-wsman", *words, f"amt+tcp://127.0.0.1:{self.parrot.port}", "-v", "-v", "--trace", str(folder / "trace"),
                "--summary", "--progress", "ndjson", "-c", f"exec:{script}", *(["--yes", "--journal", str(folder / "journal")] if changes else [])]
        self.parrot.begin(features, faults)
        self.parrot.process = subprocess.Popen(line, env={**self.env, **(variables or {})}, stdin=subprocess.DEVNULL,
                                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.parrot.started.set()
        stdout, stderr = self.parrot.process.communicate(timeout=COMMAND_SECONDS)
        if "table" not in words and "--raw" not in words and "json" not in words:
            for problem in record_schema.problems(stdout.decode()):
                check("records fit the schema", False, problem)
        self.clean(f"standard output: {what}", stdout)
        self.clean(f"standard error: {what}", stderr)
        self.clean(f"arguments and environment: {what}", self.parrot.seen)
        for path in sorted(folder.iterdir()):
            self.clean(f"{path.name}: {what}", path.read_bytes())
        trace = (folder / "trace").read_bytes()
        complete = reaches and (b"[redacted]" in trace and all(f.name.encode() in trace for f in features) and b"OpenModel" in trace)
        if reaches and not faults and not complete:
            check(f"the trace says the rest: {what}", False, trace.decode()[-3000:])
        return stdout, stderr

    def sent(self, what, features):
        missing = [feature.name for feature in features if feature.text.encode() not in self.parrot.heard]
        if missing:
            check(f"the device was told: {what}", False, ", ".join(missing))
        self.told += len(features) - len(missing)


def classes(search, catalogue, formats):
    """Every class with a secret, by every verb that can have to do with an instance."""
    for name, features in sorted(catalogue.classes.items()):
        print(f"{name}: {', '.join(feature.name for feature in features)}", flush=True)
        for output in formats:
            search.run(f"get {name} {output}", ["get", name, *output], features)
        stdout, _ = search.run(f"enum {name}", ["enum", name, "-o", "ndjson"], features)
        shown = json.loads(stdout.splitlines()[0])["data"]["items"][0]
        check(f"{name} is told, but for its secrets", all(
            set(map(str, shown[f.name] if isinstance(shown[f.name], list) else [shown[f.name]])) <= {"[redacted]"}
            for f in features) and all(shown[key] == value for key, value in OPEN.items()), json.dumps(shown))
        search.run(f"enum {name} raw", ["enum", name, "--raw"], features, reaches=False)
        for how, options in (("typed", []), ("files", ["-o", "table"]), ("variable", ["--only"]), ("files", ["--raw"])):
            words, variables = search.words(features, how)
            _, stderr = search.run(f"put {name} {how}", ["put", name, *words, *options], features, variables)
            search.sent(f"put {name} {how}", features)
            check(f"put {name}: who types a secret is warned", (b"warning: others can see" in stderr) == (how == "typed"), stderr.decode())
        words, variables = search.words(features, "typed")
        search.run(f"put {name}, planned", ["put", name, *words, "--dry-run"], features)
        search.run(f"put {name}, refused", ["put", name, *words], features, faults=True)
        search.sent(f"put {name}, refused", features)
        search.run(f"create {name}", ["create", name, *words], features, reaches=False)
        search.sent(f"create {name}", features)
        search.run(f"delete {name}", ["delete", name, *[each for word in words for each in ("--selector", word)]], features)
        search.sent(f"delete {name}", features)


def methods(search, catalogue):
    for (owner, method), (given, returned) in sorted(catalogue.methods.items()):
        print(f"{owner}.{method}: {', '.join(feature.name for feature in given + returned)}", flush=True)
        for how, options in (("typed", []), ("files", ["-o", "table"]), ("variable", ["--raw"])):
            words, variables = search.words(given, how)
            search.run(f"{method} {how}", ["invoke", owner, method, *words, *options], given + returned, variables)
            search.sent(f"{method} {how}", given)
        words, _ = search.words(given, "typed")
        search.run(f"{method}, refused", ["invoke", owner, method, *words], given, faults=True)
        search.run(f"{method}, planned", ["invoke", owner, method, *words, "--dry-run"], given, reaches=False)


def embedded(search, catalogue):
    """Secrets of instances that stand in a parameter, and what names alone tell."""
    features = [f for name in ("CIM_WiFiEndpointSettings", "CIM_IEEE8021xSettings") for f in catalogue.classes[name]]
    words = []
    for outer, name in (("WiFiEndpointSettingsInput", "CIM_WiFiEndpointSettings"), ("IEEE8021xSettingsInput", "CIM_IEEE8021xSettings")):
        words.append(f"{outer}={name}")
        words += [f"{outer}.{word}" for word in search.words(catalogue.classes[name], "typed")[0]]
    print("embedded and foreign", flush=True)
    for faults in (False, True):
        search.run("AddWiFiSettings", ["invoke", "AMT_WiFiPortConfigurationService", "AddWiFiSettings", *words], features, faults=faults)
        search.sent("AddWiFiSettings", features)
    foreign = [feature for feature in search.secrets if feature.owner == "foreign"]
    search.run("foreign", ["put", "AMT_VendorThing", *search.words(foreign, "typed")[0]], foreign)
    search.sent("foreign", foreign)


def simulated(search, catalogue, work, fleet):
    """The same to a simulated device, which keeps a journal of its own."""
    target = f"amt+tcp://127.77.0.1:{fleet.ready['ports']['http']}"
    env = search.env | {"OOB_CREDENTIAL": f"file:{work}/password"}
    lines = [(["invoke", owner, method], given) for (owner, method), (given, _) in catalogue.methods.items()]
    lines += [([verb, name], features) for name, features in catalogue.classes.items() for verb in ("put", "create")]
    for start, features in lines:
        trace = work / "simulated-trace"
        done = subprocess.run(["oob-wsman", *start, *search.words(features, "typed")[0], target, "--trace", str(trace)], env=env,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=COMMAND_SECONDS)
        search.clean(f"what is said: {start}", done.stdout + done.stderr)
    search.clean("the trace of simulated devices", trace.read_bytes())
    for verb in ("journal", "get"):
        done = subprocess.run(["oob-sim", "ctl", verb, "127.77.0.1", "--control", str(work / "control")], env=env,
                              capture_output=True, timeout=COMMAND_SECONDS)
        check(f"oob-sim ctl {verb} answers", done.returncode == 0 and len(done.stdout) > 500, done.stderr.decode())
        search.clean(f"what oob-sim ctl {verb} says", done.stdout)
        if verb == "journal":
            check("  the device's journal has their names", done.stdout.count(b"(secret)") > 20, str(done.stdout.count(b"(secret)")))


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    catalogue = Catalogue()
    secrets = sorted(catalogue.features(), key=lambda feature: feature.marker)
    secrets += [Feature("foreign", name, kind) for name, kind in FOREIGN.items()]
    with tempfile.TemporaryDirectory(prefix="oob-test-") as folder:
        work = pathlib.Path(folder)
        (work / "password").write_text(PASSWORD + "\n")
        (work / "password").chmod(0o600)
        with Fleet(build, work, ["--listen", "127.77.0.0/29", "--generation", "15.0"]) as fleet:
            env = environment(build, work, fleet.ready)
            del env["OOB_CREDENTIAL"]
            search = Search(env, work, Parrot(), secrets)
            formats = [["-o", each] for each in ("ndjson", "json", "table")] + [["--raw"]]
            part(classes, search, catalogue, formats)
            part(methods, search, catalogue)
            part(embedded, search, catalogue)
            part(simulated, search, catalogue, work, fleet)
        check(f"{len(secrets)} secrets, sent {search.told} times in {search.number} runs, searched for in {search.places} places",
              search.told > 200 and search.places > 1000)


if __name__ == "__main__":
    main()
