#!/usr/bin/env python3
"""Whom a password goes to: devices that want it in clear, CAs whose chains are weak, --insecure.
tests/end_to_end/trust.py BUILD_FOLDER"""

import contextlib
import pathlib
import socket
import ssl
import subprocess
import sys
import tempfile
import threading

from rig import COMMAND_SECONDS, PASSWORD, Fleet, check, environment, part, run
from targets import Door

HOST = "127.0.0.1"
# Messages of redirection (codec/redirection): the start is granted, a password in clear is all that is offered, and it
# is right.
GRANTED = bytes.fromhex("11000000 0100 1001 57010000 00")
CLEAR_ONLY = bytes.fromhex("14000000 00 01000000 01")
LOGGED_IN = bytes.fromhex("14000000 01 00000000")
TO_REDIRECTION = 2  # from the port of HTTPS


def openssl(*words):
    subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True)


def make_ca(work, name, bits=2048):
    openssl("req", "-x509", "-newkey", f"rsa:{bits}", "-nodes", "-keyout", work / f"{name}.key", "-out", work / f"{name}.pem",
            "-days", 2, "-subj", f"/CN={name}")


def make_leaf(work, name, ca, bits=2048, digest="sha256"):
    (work / "san").write_text(f"subjectAltName=IP:{HOST}\n")
    openssl("req", "-newkey", f"rsa:{bits}", "-nodes", "-keyout", work / f"{name}.key", "-out", work / f"{name}.csr",
            "-subj", f"/CN={name}")
    openssl("x509", "-req", "-in", work / f"{name}.csr", "-CA", work / f"{ca}.pem", "-CAkey", work / f"{ca}.key",
            "-CAcreateserial", "-days", 2, f"-{digest}", "-extfile", work / "san", "-out", work / f"{name}.pem")


def make_certificates(work):
    make_ca(work, "ca")
    make_ca(work, "short_ca", 1024)
    for name in ("one", "two"):
        make_leaf(work, name, "ca")
    make_leaf(work, "short_key", "ca", bits=1024)
    make_leaf(work, "old_digest", "ca", digest="sha1")
    make_leaf(work, "of_short_ca", "short_ca")


class ClearOnly(Door):
    """A device of which the redirection port takes a password in clear and nothing else; it notes what it hears."""

    def __init__(self, work, device):
        super().__init__(work, device)
        while True:
            try:
                self.redirection = socket.create_server((HOST, self.port + TO_REDIRECTION))
                break
            except OSError:  # somebody else has that port
                self.listener.close()
                super().__init__(work, device)
        self.sessions, self.heard = 0, b""
        threading.Thread(target=self._take_sessions, daemon=True).start()

    def _context(self, work, name):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
        context.load_cert_chain(work / f"{name}.pem", work / f"{name}.key")
        return context

    def show(self, work, name):
        self.contexts.setdefault(name, self._context(work, name))
        self.shown = name

    def _take_sessions(self):
        while True:
            try:
                client, _ = self.redirection.accept()
            except OSError:
                return
            client.settimeout(COMMAND_SECONDS)
            with contextlib.suppress(OSError), self.contexts[self.shown].wrap_socket(client, server_side=True) as session:
                self.sessions += 1
                for answer in (GRANTED, CLEAR_ONLY, LOGGED_IN):
                    said = session.recv(65536)
                    self.heard += said
                    if not said:
                        break
                    session.sendall(answer)

    def close(self):
        super().close()
        self.redirection.close()


class Rig:
    def __init__(self, env, work, device):
        self.env, self.work, self.device = env, work, device
        self.target = f"amt://{HOST}:{device.port}"
        self.known = work / "state/oob/known_devices"

    def connect(self, *words):
        """Opens a console: whether the device has heard the password, how often it was asked, and the outcome."""
        self.device.sessions, self.device.heard = 0, b""
        outcome = run(self.env, "oob-sol", "connect", "--exec", *words, self.target, stdin="\r")
        return PASSWORD.encode() in self.device.heard, self.device.sessions, outcome

    def status(self, *words, env=None):
        return run(env or self.env, "oob-power", "status", *words, self.target)

    def fingerprint(self):
        return run(self.env, "oob-discover", "trust", "--dry-run", self.target).record()["device"]["fingerprint"]


def check_clear_passwords(rig):
    key = rig.fingerprint()
    wrong = "sha256:" + "0" * 64

    def kept(what, status, *words):
        heard, sessions, outcome = rig.connect(*words)
        check(f"{what}: the password stays here", not heard, str(rig.device.heard))
        check("  the device was asked how to log in", sessions == 1, outcome.stderr)
        check("  and the error says what to do", outcome.status == status and f"--tls-pin {key}" in outcome.stderr and
              "compare the key" in outcome.stderr, f"{outcome.status} {outcome.stderr}")

    kept("--insecure", 12, "--insecure")
    kept("--insecure and -q", 12, "--insecure", "-q")
    kept("first use", 12, "--tls-tofu")
    check("  the key is on record", f"{HOST}:{rig.device.port} {key}" in rig.known.read_text())
    heard, _, outcome = rig.connect()
    check("known devices: the password is sent", heard, outcome.stderr)
    rig.known.unlink()
    for what, words in (("a pin", ["--tls-pin", key]), ("a pin and --insecure", ["--tls-pin", key, "--insecure"]),
                        ("a CA", ["--tls-ca", rig.work / "ca.pem"])):
        heard, _, outcome = rig.connect(*map(str, words))
        check(f"{what}: the password is sent", heard, outcome.stderr)
    for what, words in (("a wrong pin", []), ("a wrong pin and --insecure", ["--insecure"]),
                        ("a wrong pin and --tls-tofu", ["--tls-tofu"])):
        heard, sessions, outcome = rig.connect("--tls-pin", wrong, *words)
        check(f"{what}: nothing is sent", not rig.device.heard and sessions == 0 and outcome.status == 12, outcome.stderr)
        check("  and nothing is put on record", not rig.known.exists())


def check_chains(rig):
    site = rig.work / "site.toml"
    own_ca = {**rig.env, "SSL_CERT_FILE": str(rig.work / "ca.pem")}
    for name, ca, words in (("short_key", "ca", "key too"), ("old_digest", "ca", "digest"), ("of_short_ca", "short_ca", "key too"),
                            ("one", "ca", "")):
        rig.device.show(rig.work, name)
        file = rig.work / f"{ca}.pem"
        site.write_text(f'[hosts."{HOST}"]\ntls_ca = "{file}"\n')
        ways = [("--tls-ca", ["--tls-ca", str(file)], None), ("tls_ca", ["-i", str(site)], None)]
        if ca == "ca":
            ways.append(("the system's CAs", [], own_ca))
        for way, options, env in ways:
            record = rig.status(*options, env=env).record()
            if not words:
                check(f"{name} of {way} is good", record["ok"] and record["tls"]["verified"] == "ca" and not record["warnings"],
                      str(record))
                continue
            error = record.get("error") or {}
            check(f"{name} of {way} is refused", error.get("code") == "tls.unknown" and words in error["message"], str(record))
            check("  in words that name --tls-compat", "--tls-compat" in error.get("message", ""), str(record))
            record = rig.status("--tls-compat", *options, env=env).record()
            check("  which takes it, with a warning", record["ok"] and record["tls"]["verified"] == "ca" and
                  any(words in warning for warning in record["warnings"]), str(record))
    rig.device.show(rig.work, "one")
    record = rig.status("--tls-compat", "--tls-ca", str(rig.work / "short_ca.pem")).record()
    check("a chain to nobody stays one under --tls-compat", (record.get("error") or {}).get("code") == "tls.unknown", str(record))


def check_insecure(rig):
    for words in ([], ["-q"], ["-q", "--progress", "none"]):
        outcome = rig.status("--insecure", *words)
        lines = outcome.stderr.splitlines()
        check(f"--insecure {' '.join(words)} is one line on standard error", len(lines) == 1 and "--insecure" in lines[0] and
              outcome.record()["tls"]["verified"] == "none", outcome.stderr)


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory(prefix="oob-test-") as folder:
        work = pathlib.Path(folder)
        (work / "password").write_text(PASSWORD + "\n")
        (work / "password").chmod(0o600)
        make_certificates(work)
        with Fleet(build, work, ["--listen", "127.77.0.0/29", "--generation", "15.0"]) as fleet:
            device = ClearOnly(work, ("127.77.0.1", fleet.ready["ports"]["http"]))
            try:
                rig = Rig(environment(build, work, fleet.ready), work, device)
                part(check_clear_passwords, rig)
                part(check_chains, rig)
                part(check_insecure, rig)
            finally:
                device.close()


if __name__ == "__main__":
    main()
