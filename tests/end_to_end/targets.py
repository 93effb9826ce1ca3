#!/usr/bin/env python3
"""The right machine: what only looks like an address, machines that must be spared, and names with an address.
tests/end_to_end/targets.py BUILD_FOLDER"""

import contextlib
import json
import os
import pathlib
import pty
import socket
import ssl
import subprocess
import sys
import tempfile
import threading

from gate import Gate
from rig import PASSWORD, Fleet, check, environment, part, run

NETWORK = "127.77.0.0/28"
TLS_SECONDS = 60

# A word, and what the complaint says about its form. 127.77.0.010 is 127.77.0.8 to the C library.
FORMS = [
    ("127.77.0.010", "leading zero"),
    ("0x7f.77.0.8", "hexadecimal"),
    ("127.5046280", "2 parts"),
    ("2135752712", "no name"),
    ("127.77.0.8.", "dot"),
    ("127.77.0.8.1", "5 parts"),
    ("127.77.0.256", "255"),
    ("127.77.0.8-9", "range is written in full"),
    ("127.77.0.*", "patterns"),
    ("127.77.0.010/29", "leading zero"),
    ("127.77.0.[08-09]", "leading zero"),
    ("127.77.0.8,127.77.0.9", "commas"),
    ("2001:db8::/64", "networks of IPv6"),
    ("127.77.0.8#old", "comment"),
    ("127.77.0.8 127.77.0.9", "blank"),
]

# These are tried wherever hosts are read; parse_host() reads them all, and its own test has every form.
EVERYWHERE = ("127.77.0.010", "0x7f.77.0.8", "127.77.0.8-9", "127.77.0.[08-09]", "127.77.0.8,127.77.0.9")

NAME = "pc07.lab.example"


def refused(what, outcome, words, where=""):
    found = f"status {outcome.status}, {outcome.stdout!r}, {outcome.stderr!r}"
    check(what, outcome.status == 2 and outcome.stdout == "", found)
    check("  in words that name the form", words in outcome.stderr and where in outcome.stderr, found)


class Rig:
    """A fleet with a way to see and set the power of its devices."""

    def __init__(self, env, work, ports):
        self.env, self.work, self.ports = env, work, ports

    def ctl(self, verb, address, *words):
        return run(self.env, "oob-sim", "ctl", "--control", str(self.work / "control"), verb, address, *words)

    def get(self, address, key):
        return self.ctl("get", address, key).record()["data"][key]

    def on(self, *numbers):
        """Which of these devices are on."""
        return [number for number in numbers if self.get(f"127.77.0.{number}", "power") == "on"]

    def all_on(self, *numbers):
        for number in numbers:
            self.ctl("set", f"127.77.0.{number}", "power=on")

    def plain(self, host):
        return f"amt+tcp://{host}:{self.ports['http']}"

    def off(self, *words, stdin=None):
        return run(self.env, "oob-power", "off", "--yes", *words, stdin=stdin)

    def write(self, name, text):
        path = self.work / name
        path.write_text(text)
        return str(path)


def check_forms(rig):
    port = f":{rig.ports['http']}"
    for word, says in FORMS:
        single = not any(letter in word for letter in "/[,: ")
        refused(f"a target {word!r}", rig.off(rig.plain(word) if single else word), says)
        refused("  an exclusion", rig.off("-x", word, rig.plain("127.77.0.8")), says)
        scan = ["oob-discover", "scan", "--dry-run"]
        refused("  a scan", run(rig.env, *scan, word), says)
        if word not in EVERYWHERE:
            continue
        refused("  standard input", rig.off("-", stdin=f"# list\n{word}\n"), says, "line 2")
        record = json.dumps({"target": f"amt+tcp://{word}{port}" if single else word, "ok": True})
        if "[" not in word:  # a record names one device
            refused("  a record", rig.off("-", stdin=record + "\n"), says, "line 1")
        refused("  an inventory of targets", rig.off("-i", rig.write("list", f"{word}\n"), "@all"), says, "list, line 1")
        refused("  an inventory's group", rig.off("-i", rig.write("site.toml", f"[groups.lab]\nhosts = [\n'{word}']\n"), "@lab"),
                says, "site.toml, line 3")
        refused("  a scan's standard input", run(rig.env, *scan, "-", stdin=f"\n{word}\n"), says, "line 2")
        if "[" not in word:
            told = json.dumps({"device": {"address": word}})
            refused("  a scan's record", run(rig.env, *scan, "-", stdin=told), says, "line 1")
        refused("  a scan's exclusion", run(rig.env, *scan, "-x", word, "127.77.0.8"), says)
        refused("  a list of exclusions", run(rig.env, *scan, "--exclude-file", rig.write("out", f"\n{word}\n"), "127.77.0.8"),
                says, "out, line 2")
        if single:
            refused("  an address in the inventory",
                    rig.off("-i", rig.write("site.toml", f"[hosts.pc]\naddress = '{word}'\n"), "pc"), says, "site.toml, line 2")
            refused("  a way", rig.off("--via", f"ssh:{word}", rig.plain("127.77.0.8")), says)
            refused("  a target's way", rig.off(rig.plain("127.77.0.8") + f"?via=socks5:{word}:1080"), says)
            outcome = run(rig.env, "oob-ider", "serve", f"http://{word}/x.iso", rig.plain("127.77.0.8"))
            check("  an image's server", outcome.status == 2 and says in outcome.stdout + outcome.stderr, outcome.stdout)
    check("nothing was switched off", rig.on(8, 9, 10) == [8, 9, 10])


def check_exclusions(rig):
    uuid = rig.get("127.77.0.3", "uuid")
    site = rig.write("site.toml", f"""
[groups.Lab]
hosts = ["127.77.0.[2-3]"]
[hosts."Spare.Lab.Example"]
address = "127.77.0.3"
uuid = "{uuid}"
[hosts."pc02"]
address = "127.77.0.2"
""")
    two = f"pc02:{rig.ports['http']}"
    targets = [f"amt+tcp://{two}", rig.plain("127.77.0.3")]
    told = json.dumps({"target": rig.plain("127.77.0.3"), "ok": True,
                       "device": {"name": "Spare", "address": "127.77.0.3", "id": f"amt:{uuid}"}})
    for exclusion in ("127.77.0.3", "SPARE.lab.example", "spare.lab.example.", rig.plain("127.77.0.3"), "127.77.0.3-127.77.0.9",
                      "127.77.0.[3-4]", "::ffff:127.77.0.3", f"amt://x?uuid={uuid.upper()}"):
        for what, words, stdin in (("named", targets, None), ("in a record", [targets[0], "-"], told + "\n")):
            rig.all_on(2, 3)
            outcome = rig.off("-i", site, "-x", exclusion, *words, stdin=stdin)
            if exclusion.startswith("amt://x") and stdin is None:
                check(f"-x {exclusion} does not know a target without an identity", outcome.status == 2, outcome.stderr)
                continue
            check(f"-x {exclusion} spares the machine {what}", outcome.status == 0 and rig.on(2, 3) == [3],
                  f"status {outcome.status}, {outcome.stdout!r}, {outcome.stderr!r}, on: {rig.on(2, 3)}")
    for exclusion in ("SPARE", f"AMT:{uuid.upper()}"):
        rig.all_on(2, 3)
        outcome = rig.off("-i", site, "-x", exclusion, targets[0], "-", stdin=told + "\n")
        check(f"-x {exclusion} spares a machine that a record told of", outcome.status == 0 and rig.on(2, 3) == [3],
              outcome.stderr)

    rig.all_on(2, 3)
    for exclusion, hint in (("spare", "no name is looked up"), ("spare.lab.exmple", ""), ("pc2", "pc02"), ("pc02.lab", "pc02")):
        outcome = rig.off("-i", site, "-x", exclusion, *targets)
        refused(f"-x {exclusion} takes nothing away", outcome, f"excluding {exclusion} takes nothing away", hint)
    check("  and nothing was done", rig.on(2, 3) == [2, 3])
    outcome = run(rig.env, "oob-power", "status", "-i", site, "-x", "pc2", *targets)
    check("  which is a warning for an order that reads", outcome.status == 0 and len(outcome.records()) == 2 and
          "warning: excluding pc2" in outcome.stderr and "pc02" in outcome.stderr, outcome.stderr)
    outcome = run(rig.env, "oob-power", "status", rig.plain("127.77.0.2"), rig.plain("127.77.0.2").replace("amt", "AMT"))
    check("a machine that is named twice in other letters is asked once", len(outcome.records()) == 1, outcome.stdout)


def check_scan(rig):
    site = rig.write("site.toml", '[hosts."pc02.lab.example"]\naddress = "127.77.0.2"\n')
    scan = ["oob-discover", "scan", "--probe", "ping", "--rmcp-port", str(rig.ports["rmcp"]), "-i", site]

    def addresses(outcome):
        return sorted(record["device"]["address"] for record in outcome.records())

    outcome = run(rig.env, *scan, "-x", "PC02.lab.example", "127.77.0.1-127.77.0.3")
    check("a scan spares an address whose name the inventory knows", addresses(outcome) == ["127.77.0.1", "127.77.0.3"] and
          outcome.stderr == "", outcome.stdout + outcome.stderr)
    record = json.dumps({"device": {"name": "Desk", "address": "127.77.0.3"}})
    outcome = run(rig.env, *scan, "-x", "desk", "127.77.0.1", "-", stdin=record)
    check("  and one that a record told of", addresses(outcome) == ["127.77.0.1"] and outcome.stderr == "", outcome.stdout)
    leave_out = rig.write("leave-out", "127.77.0.3 # the printer\npc03\n127.77.1.0/24\n")
    outcome = run(rig.env, *scan, "--exclude-file", leave_out, "127.77.0.3", "pc02.lab.example")
    check("  exclusions without effect are warned of", addresses(outcome) == ["127.77.0.2"] and outcome.status == 0 and
          "excluding pc03 " in outcome.stderr and "excluding 127.77.1.0/24 " in outcome.stderr and
          "127.77.0.3" not in outcome.stderr, outcome.stderr)
    record = outcome.record()
    check("  a name with an address stays a name", record["target"] == "amt://pc02.lab.example" and
          record["device"]["name"] == "pc02.lab.example", str(record))


def make_certificates(work):
    """A CA, and two keys with certificates of it for NAME and localhost."""

    def openssl(*words):
        subprocess.run(["openssl", *words], check=True, capture_output=True)

    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{work}/ca.key", "-out", f"{work}/ca.pem", "-days", "2",
            "-subj", "/CN=Lab CA")
    (work / "san").write_text(f"subjectAltName=DNS:{NAME},DNS:localhost\n")
    for name in ("one", "two"):
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{work}/{name}.key", "-out", f"{work}/{name}.csr",
                "-subj", f"/CN={NAME}")
        openssl("x509", "-req", "-in", f"{work}/{name}.csr", "-CA", f"{work}/ca.pem", "-CAkey", f"{work}/ca.key", "-CAcreateserial",
                "-days", "2", "-extfile", f"{work}/san", "-out", f"{work}/{name}.pem")


class Door:
    """TLS with a certificate of ours in front of a device's plain port, which notes the names that clients ask for."""

    def __init__(self, work, device):
        self.device, self.names = device, []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.contexts = {name: self._context(work, name) for name in ("one", "two")}
        self.shown = "one"
        threading.Thread(target=self._accept, daemon=True).start()

    def _context(self, work, name):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(work / f"{name}.pem", work / f"{name}.key")
        context.sni_callback = lambda _connection, asked, _context: self.names.append(asked)
        return context

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        client.settimeout(TLS_SECONDS)
        with contextlib.suppress(OSError), socket.create_connection(self.device) as device:
            try:
                secured = self.contexts[self.shown].wrap_socket(client, server_side=True)
            except OSError:
                return  # a client that does not trust us
            with secured:
                while request := self._message(secured):
                    device.sendall(request)
                    secured.sendall(self._message(device))

    @staticmethod
    def _message(peer):
        """One HTTP message, whole; empty at the end."""
        data = b""
        while b"\r\n\r\n" not in data:
            received = peer.recv(65536)
            if not received:
                return b""
            data += received
        head, _, body = data.partition(b"\r\n\r\n")
        fields = {name.strip().lower(): value.strip() for name, _, value in (line.partition(b":") for line in head.split(b"\r\n"))}
        if b"chunked" in fields.get(b"transfer-encoding", b""):
            while not data.endswith(b"0\r\n\r\n"):
                data += peer.recv(65536)
        else:
            while len(body) < int(fields.get(b"content-length", b"0")):
                received = peer.recv(65536)
                data += received
                body += received
        return data

    def close(self):
        self.listener.close()


def check_names(rig, door):
    """The man page's own example: a name with an address and a CA."""
    site = rig.write("site.toml", f'[hosts."{NAME}"]\naddress = "127.0.0.1"\ntls_ca = "{rig.work}/ca.pem"\n'
                                  f'[hosts."pc08.lab.example"]\naddress = "127.0.0.1"\ntls_ca = "{rig.work}/ca.pem"\n')
    status = ["oob-power", "status", "-i", site]
    outcome = run(rig.env, *status, f"amt://PC07.lab.example:{door.port}")
    record = outcome.record()
    check("a certificate is verified against the name that the user wrote", record["ok"] and
          record["tls"]["verified"] == "ca", outcome.stdout)
    check("  and the server is told which one", set(door.names) == {NAME}, str(door.names))
    check("  the record tells where that was", record["device"]["address"] == "127.0.0.1" and
          record["device"]["name"] == "PC07.lab.example", str(record))
    record = run(rig.env, *status, f"amt://pc08.lab.example:{door.port}").record()
    check("  another name at the same address does not verify", record["error"]["code"] == "tls.unknown", str(record))


def check_known(rig, door):
    known = rig.work / "state/oob/known_devices"
    site = rig.write("site.toml", f'[hosts."{NAME}"]\naddress = "127.0.0.1"\n')
    target = f"amt://PC07.Lab.Example:{door.port}"
    status = ["oob-power", "status", "-i", site]

    def lines():
        return [line.split() for line in known.read_text().splitlines() if line and not line.startswith("#")]

    known.unlink(missing_ok=True)
    check("nobody is known at first", run(rig.env, *status, target).record()["error"]["code"] == "tls.unknown")
    run(rig.env, "oob-discover", "trust", "-i", site, target)
    check("trust records the name in lower case", [line[0] for line in lines()] == [f"{NAME}:{door.port}"], str(lines()))
    key = lines()[0][1]
    record = run(rig.env, *status, f"amt://{NAME}.:{door.port}").record()
    check("  by which the device is known, with a final dot too", record["tls"] and
          record["tls"]["verified"] == "known_device", str(record))

    known.write_text(f"127.0.0.1:{door.port} {key} 2026-01-01T00:00:00.000Z\n")
    record = run(rig.env, *status, target).record()
    check("an old line under the address counts", record["tls"] and record["tls"]["verified"] == "known_device", str(record))
    known.write_text(f"127.0.0.1:{door.port} sha256:{'0' * 64} 2026-01-01T00:00:00.000Z\n")
    for what, words in (("status", [*status, "--tls-tofu"]), ("trust", ["oob-discover", "trust", "-i", site])):
        outcome = run(rig.env, *words, target)
        check(f"  and one with another key is an error of {what}", outcome.status == 12 and
              outcome.record()["error"]["code"] == "tls.changed", outcome.stdout)

    known.unlink()
    first = run(rig.env, "oob-power", "status", "--tls-tofu", f"amt://localhost:{door.port}").record()
    check("localhost is trusted on first use", first["tls"]["verified"] == "tofu", str(first))
    door.shown = "two"
    for name in ("LOCALHOST", "LocalHost", "localhost"):
        outcome = run(rig.env, "oob-power", "status", "--tls-tofu", f"amt://{name}:{door.port}")
        check(f"  {name} with another key is no first use", outcome.status == 12 and
              outcome.record()["error"]["code"] == "tls.changed", outcome.stdout)
    known.unlink()


def check_identities(rig):
    """Who a device is, is known once it was asked; before its change."""
    print("identities")
    alias = Gate("127.79.0.4", "127.77.0.4", [rig.ports["http"]], lambda kind, seen: False)
    other_name = f"amt+tcp://{alias.address}:{alias.port}"
    try:
        rig.all_on(4, 5)
        outcome = rig.off("--summary", rig.plain("127.77.0.4"), other_name)
        records = outcome.records()
        told = sorted((record.get("error") or {}).get("code", "ok") for record in records[:-1])
        check("a machine with two names is changed once", told == ["identity.duplicate", "ok"] and outcome.status == 19, told)
        check("  and the device saw one change", [entry["data"]["device"]["method"] for entry in
                                                  rig.ctl("journal", "127.77.0.4").records()
                                                  if (entry["data"]["device"] or {}).get("method")]
              == ["RequestPowerStateChange"])
        status = run(rig.env, "oob-power", "status", rig.plain("127.77.0.4"), other_name)
        check("  reading it twice is no harm", status.status == 0 and len(status.records()) == 2, status.stdout)

        identity = run(rig.env, "oob-power", "status", rig.plain("127.77.0.5")).record()["device"]["id"]
        for what, words in (("power", ["oob-power", "off", "--yes"]),
                            ("classes", ["oob-wsman", "put", "AMT_GeneralSettings", "IdleWakeTimeout=77"])):
            outcome = run(rig.env, *words, "-x", identity, rig.plain("127.77.0.5"))
            check(f"  a device that -x names by its id keeps its {what}",
                  outcome.status == 19 and outcome.record()["error"]["code"] == "identity.excluded", outcome.stdout)
        check("  it is still on", rig.on(5) == [5])
    finally:
        alias.close()


def check_credentials(rig):
    """The name that the user wrote is what a netrc file is asked for, wherever the machine is."""
    netrc = rig.work / "netrc"
    netrc.write_text(f"machine pc7.invalid login admin password {PASSWORD}\n")
    netrc.chmod(0o600)
    site = rig.write("address.toml", '[hosts."pc7.invalid"]\naddress = "127.77.0.7"\n')
    rig.all_on(7)
    outcome = rig.off("-c", f"netrc:{netrc}", "-i", site, rig.plain("pc7.invalid"))
    check("netrc and an address in the inventory go together", outcome.status == 0 and outcome.record()["verified"],
          outcome.stdout + outcome.stderr)
    check("  and it is off", rig.on(7) == [])


def check_question(rig):
    """On a terminal a person is told what will happen to which machines, and behind which port when it is no usual one."""
    two = [rig.plain(f"127.77.0.{each}").split("//")[1] for each in (8, 9)]
    rig.all_on(8, 9)
    for answer, status, still_on in (("n", 5, [8, 9]), ("y", 0, [])):
        pid, terminal = pty.fork()
        if pid == 0:
            os.execvpe("oob-power", ["oob-power", "off", "-o", "ndjson", rig.plain("127.77.0.8"), rig.plain("127.77.0.9")],
                       rig.env)
        said = b""
        while b"[y/N]" not in said:
            said += os.read(terminal, 4096)
        os.write(terminal, answer.encode() + b"\n")
        with contextlib.suppress(OSError):  # the terminal is gone with the program
            while chunk := os.read(terminal, 65536):
                said += chunk
        _, ended = os.waitpid(pid, 0)
        check(f"the question names the machines; {answer} is an answer",
              f"off {two[0]} and {two[1]}? [y/N]".encode() in said and os.waitstatus_to_exitcode(ended) == status
              and rig.on(8, 9) == still_on, said)
        if answer == "n":
            check("  which is no error with a hint", b"nothing was done; 2 devices were not started" in said
                  and b"hint" not in said, said)


def check_redirection(rig):
    """Redirection over TLS shows the key that is known already."""
    known = rig.work / "state/oob/known_devices"
    target = f"amt://127.77.0.5:{rig.ports['https']}"
    outcome = run(rig.env, "oob-discover", "trust", target)
    check("a device's key is recorded", outcome.status == 0, outcome.stdout)
    before = known.read_text()
    outcome = run(rig.env, "oob-sol", "connect", "--exec", "-q", target, stdin="\r")
    check("  it counts for redirection", outcome.status == 0, outcome.stdout + outcome.stderr)
    check("  without a line of its own", known.read_text() == before, known.read_text())


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory(prefix="oob-test-") as folder:
        work = pathlib.Path(folder)
        (work / "password").write_text(PASSWORD + "\n")
        (work / "password").chmod(0o600)
        make_certificates(work)
        with Fleet(build, work, ["--listen", NETWORK, "--generation", "15.0", "--power-delay", "100ms"]) as fleet:
            rig = Rig(environment(build, work, fleet.ready), work, fleet.ready["ports"])
            part(check_forms, rig)
            part(check_exclusions, rig)
            part(check_scan, rig)
            part(check_redirection, rig)
            part(check_identities, rig)
            part(check_credentials, rig)
            part(check_question, rig)
            door = Door(work, ("127.77.0.1", rig.ports["http"]))
            try:
                part(check_names, rig, door)
                part(check_known, rig, door)
            finally:
                door.close()


if __name__ == "__main__":
    main()
