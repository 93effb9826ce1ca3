#!/usr/bin/env python3
"""Ways to devices and devices that cannot be reached: --via, and one silent host among many.
tests/end_to_end/via.py BUILD_FOLDER"""

import contextlib
import json
import pathlib
import select
import socket
import struct
import subprocess
import sys
import tempfile
import threading

from rig import COMMAND_SECONDS, Fleet, check, environment, part, run, unused_port

MANY = 200


class Proxy:
    """A SOCKS5 proxy on loopback (RFC 1928, without login), written for this test alone."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.reached = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        with contextlib.suppress(OSError, ValueError, IndexError), client:  # who leaves in the middle says too little
            stream = client.makefile("rb")
            _, count = stream.read(2)
            stream.read(count)
            client.sendall(b"\x05\x00")
            _, _, _, kind = stream.read(4)
            host = socket.inet_ntoa(stream.read(4)) if kind == 1 else stream.read(stream.read(1)[0]).decode()
            port = struct.unpack(">H", stream.read(2))[0]
            self.reached.append(f"{host}:{port}")
            try:
                device = socket.create_connection((host, port))
            except OSError:
                client.sendall(b"\x05\x05\x00\x01" + bytes(6))
                return
            client.sendall(b"\x05\x00\x00\x01" + bytes(6))
            with device:
                back = threading.Thread(target=self._copy, args=(device, client), daemon=True)
                back.start()
                self._copy(client, device)
                back.join()

    @staticmethod
    def _copy(source, sink):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


class SilentHost:
    """An address that never answers a connection: its queue is full, so that the kernel drops what comes."""

    def __init__(self):
        self.listener = socket.socket()
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(0)
        self.port = self.listener.getsockname()[1]
        self.filling = []
        while not self.filling or self._answered(self.filling[-1]):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", self.port))
            self.filling.append(filler)

    @staticmethod
    def _answered(filler):
        """On loopback a connection stands at once or not at all."""
        return bool(select.select([], [filler], [], 1)[1])

    def close(self):
        for end in [*self.filling, self.listener]:
            end.close()


def check_socks5(env, work, ports):
    proxy = Proxy()
    plain, tls = f"amt+tcp://127.77.0.1:{ports['http']}", f"amt://127.77.0.2:{ports['https']}"
    via = f"socks5:127.0.0.1:{proxy.port}"
    outcome = run(env, "oob-power", "status", "--tls-tofu", "--via", via, plain, tls)
    check("plain and TLS through a SOCKS5 proxy", outcome.status == 0, outcome.stdout)
    check("  nothing goes past the proxy", {entry.split(":")[0] for entry in proxy.reached} ==
          {"127.77.0.1", "127.77.0.2"}, str(proxy.reached))
    before = len(proxy.reached)
    check("  the target's own way", run(env, "oob-power", "status", f"{plain}?via={via}").status == 0)
    check("  went there", len(proxy.reached) > before)

    (work / "site.toml").write_text(f'[hosts."pc1.invalid"]\naddress = "127.77.0.3"\nvia = "{via}"\n')
    inventory = ["-i", str(work / "site.toml")]
    outcome = run(env, "oob-power", "status", *inventory, f"amt+tcp://pc1.invalid:{ports['http']}")
    check("  the inventory's way", outcome.status == 0 and proxy.reached[-1].startswith("127.77.0.3:"), outcome.stdout)

    refused = run(env, "oob-power", "status", "--via", via, f"amt+tcp://127.0.0.1:{unused_port()}").record()
    check("  a refusal behind it", refused["error"]["code"] == "connect.refused", str(refused))
    dead = run(env, "oob-power", "status", "--via", f"socks5:127.0.0.1:{unused_port()}", plain).record()
    check("  a proxy that is not there is told as the proxy, not as the device", dead["error"]["code"] == "connect.proxy"
          and "SOCKS5 proxy 127.0.0.1" in dead["error"]["message"] and "AMT" not in dead["error"]["hint"], str(dead))
    lost = run(env, "oob-power", "status", "--via", "socks5:no-such-proxy.invalid:1080", plain).record()
    check("  one that has no address too", lost["error"]["code"] == "resolve.proxy", str(lost))
    with socket.create_server(("127.0.0.1", 0)) as mute:
        port = mute.getsockname()[1]
        via_mute = ["--connect-timeout", "2s", "--via", f"socks5:127.0.0.1:{port}"]
        outcome = run(env, "oob-power", "status", *via_mute, plain)
        error = outcome.record()["error"]
        check("  a proxy that says nothing", error["code"] == "timeout.proxy" and "SOCKS5 proxy" in error["message"], error)
    for what, spec, status in (("nonsense", "socks5:nowhere", 2), ("a way that is not there", "cira:mps", 15)):
        outcome = run(env, "oob-power", "status", "--via", spec, plain)
        check(f"  {what}", outcome.status == status and "hint" in outcome.stderr, outcome.stderr)


def check_plaintext(env, work, ports):
    (work / "old.toml").write_text('[groups.old]\nhosts = ["127.77.0.[4-5]"]\nallow_plaintext = true\n')
    words = ["oob-power", "status", "-i", str(work / "old.toml")]
    record = run(env, *words, f"127.77.0.4:{ports['http']}").record()
    check("a bare name is plain HTTP where the inventory allows it", record["ok"]
          and record["target"].startswith("amt+tcp://") and record["tls"] is None, str(record))
    record = run(env, *words, f"127.77.0.6:{ports['http']}").record()
    check("  and nowhere else", record["error"]["code"] == "tls.not_tls", str(record))


def check_silent(env, ports):
    targets = [f"amt+tcp://127.77.0.{number}:{ports['http']}" for number in range(1, MANY)]
    silent = SilentHost()
    try:
        target = f"amt+tcp://127.0.0.1:{silent.port}"
        outcome = run(env, "oob-power", "status", "--connect-timeout", "1s", target)
        record = outcome.record()
        check("a host that is silent fails after one attempt", outcome.status == 11 and record["attempts"] == 1
              and record["error"]["code"] == "timeout.connect", record)
        check("  and not before the limit", record["duration_ms"] >= 1000, record)
        words = ["oob-power", "status", "--connect-timeout", "1h", "-t", "1h", "--fanout", "8", target, *targets]
        process = subprocess.Popen(words, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        ending = threading.Timer(COMMAND_SECONDS, process.kill)
        ending.start()
        records = [json.loads(line) for _, line in zip(targets, process.stdout)]
        check(f"one that is waited for without end holds up none of {len(targets)} others",
              {record["target"] for record in records} == set(targets) and all(record["ok"] for record in records),
              f"{len(records)} records")
        process.kill()
        process.communicate()
        ending.cancel()
    finally:
        silent.close()


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory(prefix="oob-test-") as folder:
        work = pathlib.Path(folder)
        (work / "password").write_text("Golden-1x\n")
        (work / "password").chmod(0o600)
        with Fleet(build, work, ["--listen", "127.77.0.0/24", "--generation", "15.0"]) as fleet:
            env = environment(build, work, fleet.ready)
            ports = fleet.ready["ports"]
            part(check_socks5, env, work, ports)
            part(check_plaintext, env, work, ports)
            part(check_silent, env, ports)


if __name__ == "__main__":
    main()
