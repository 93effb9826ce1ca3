#!/usr/bin/env python3
"""Bad input from people and peers: each gives one record with class, code and hint, and the exit status of the contract.
tests/end_to_end/bad_input.py BUILD_FOLDER"""

import pathlib
import sys
import tempfile

from rig import Fleet, RawPeer, check, environment, part, require, run, unused_port

HEADER = b"HTTP/1.1 200 OK\r\nContent-Type: application/soap+xml; charset=UTF-8\r\n"
CHUNKED = HEADER + b"Transfer-Encoding: chunked\r\n\r\n"
RAW_PEERS = {
    "truncated": CHUNKED + b"0220\r\n<?xml version=\"1.0\"?><a:Envelope",
    "huge": HEADER + b"Content-Length: 10485760\r\n\r\n" + b"<a>" * (10485760 // 3),
    "huge-chunks": CHUNKED + (b"FFFF\r\n" + b"x" * 0xFFFF + b"\r\n") * 161,
    "no-http": b"220 mail.example ESMTP\r\n",
    "no-xml": HEADER + b"Content-Length: 5\r\n\r\nhello",
    "nothing": b"",
    "no-challenge": b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n",
    "silent": None,
}

GET = ["oob-wsman", "get", "AMT_GeneralSettings"]
STATUS = ["oob-power", "status"]
SWITCH_ON = ["oob-wsman", "invoke", "CIM_PowerManagementService", "RequestPowerStateChange", "PowerState=2",
             "ManagedElement=CIM_ComputerSystem?CreationClassName=CIM_ComputerSystem&Name=ManagedSystem"]

# What is done, to which target, and what must come of it: exit status, class, code.
# {http} and {https} are the fleet's ports, {raw[name]} a raw peer's, {unused} a port that nobody listens on.
RECORDS = [
    ("unknown class", ["oob-wsman", "get", "AMT_NoSuchThing"], "amt+tcp://127.77.0.1:{http}", 15, "unsupported",
     "wsman.destination_unreachable"),
    ("unknown instance", ["oob-wsman", "get", "AMT_PublicKeyCertificate", "--selector", "InstanceID=none"],
     "amt+tcp://127.77.0.1:{http}", 15, "unsupported", "wsman.destination_unreachable"),
    ("unknown method", ["oob-wsman", "invoke", "AMT_GeneralSettings", "Dance"], "amt+tcp://127.77.0.1:{http}", 15,
     "unsupported", "wsman.action_not_supported"),
    ("wrong password", [*GET, "-c", "env:WRONG"], "amt+tcp://127.77.0.1:{http}", 13, "auth", "auth.rejected"),
    ("right password refused by the device", GET, "amt+tcp://127.77.0.2:{http}", 13, "auth", "auth.rejected"),
    ("nonce that is always stale", GET, "amt+tcp://127.77.0.3:{http}", 13, "auth", None),
    ("refused connection", STATUS, "amt+tcp://127.0.0.1:{unused}", 10, "connect", "connect.refused"),
    ("name without address", STATUS, "amt://no-such-host.invalid", 10, "resolve", "resolve.failed"),
    ("unknown certificate", STATUS, "amt://127.77.0.1:{https}", 12, "tls", "tls.unknown"),
    ("wrong pin", [*STATUS, "--tls-pin", "sha256:" + "0" * 64], "amt://127.77.0.1:{https}", 12, "tls", "tls.pin"),
    ("TLS where plain HTTP is", STATUS, "amt://127.77.0.1:{http}", 12, "tls", "tls.not_tls"),
    ("plain HTTP where TLS is", STATUS, "amt+tcp://127.77.0.1:{https}", 10, "connect", None),
    ("garbage XML", GET, "amt+tcp://127.77.0.4:{http}", 17, "protocol", "xml.malformed"),
    ("reply cut by a reset", GET, "amt+tcp://127.77.0.5:{http}", 10, "connect", "connect.reset"),
    ("busy device", STATUS, "amt+tcp://127.77.0.6:{http}", 17, "firmware", "firmware.busy"),
    ("device that stops answering", [*STATUS, "-t", "1s"], "amt+tcp://127.77.0.7:{http}", 11, "timeout",
     "timeout.device"),
    ("reply that never ends", [*GET, "-t", "3s"], "amt+tcp://127.77.0.8:{http}", None, None, None),
    ("truncated chunk", STATUS, "amt+tcp://127.0.0.1:{raw[truncated]}", 17, "protocol", "http.truncated"),
    ("10 MiB reply", STATUS, "amt+tcp://127.0.0.1:{raw[huge]}", 17, "protocol", "http.too_large"),
    ("10 MiB reply in chunks", STATUS, "amt+tcp://127.0.0.1:{raw[huge-chunks]}", 17, "protocol", "http.too_large"),
    ("no HTTP at all", STATUS, "amt+tcp://127.0.0.1:{raw[no-http]}", 17, "protocol", "http.malformed"),
    ("no XML at all", STATUS, "amt+tcp://127.0.0.1:{raw[no-xml]}", 17, "protocol", "xml.malformed"),
    ("closed without an answer", STATUS, "amt+tcp://127.0.0.1:{raw[nothing]}", 10, "connect", "connect.closed"),
    ("401 without a challenge", STATUS, "amt+tcp://127.0.0.1:{raw[no-challenge]}", 17, "protocol",
     "http.no_challenge"),
    ("silence", [*STATUS, "-t", "1s"], "amt+tcp://127.0.0.1:{raw[silent]}", 11, "timeout", "timeout.device"),
    ("a plane that is not there yet", STATUS, "redfish://bmc1", 15, "unsupported", "unsupported.plane"),
    ("reset of a host that is off", ["oob-power", "reset"], "amt+tcp://127.77.0.9:{http}", 16, "precondition",
     "power.not_on"),
    ("change on a machine with another UUID", ["oob-power", "off"],
     "amt+tcp://127.77.0.1:{http}?uuid=8a1c0000-0000-0000-0000-0000000000ff", 19, "identity", "identity.differs"),
    ("classes of AMT over another protocol", ["oob-wsman", "identify"], "redfish://bmc1", 15, "unsupported",
     "unsupported.plane"),
    ("property that the class does not have", ["oob-wsman", "put", "AMT_GeneralSettings", "HostNamee=x"],
     "amt+tcp://127.77.0.1:{http}", 15, "unsupported", "unsupported.property"),
    ("property that the device keeps as it was", ["oob-wsman", "put", "AMT_GeneralSettings", "DigestRealm=x"],
     "amt+tcp://127.77.0.1:{http}", 18, "verify", "verify.put"),
    ("password command of the inventory that hangs", [*STATUS, "-i", "{hanging}", "-t", "1s"], "hangs", 2, "config",
     "config.timeout"),
    ("password command of the inventory that fails", [*STATUS, "-i", "{hanging}"], "fails", 2, "config",
     "config.credential"),
    ("change whose answer is lost", SWITCH_ON, "amt+tcp://127.77.0.5:{http}", 20, "indeterminate", "indeterminate.lost"),
]

# Words that make no sense: a message and a hint on standard error, status 2, no record.
USAGE = [
    ("no verb", ["oob-power"]),
    ("unknown verb", ["oob-power", "explode", "pc1"]),
    ("unknown option", ["oob-power", "status", "--frobnicate", "pc1"]),
    ("no target", ["oob-power", "status"]),
    ("password in the target", ["oob-power", "status", "amt://admin:hunter2@pc1"]),
    ("range past one million", ["oob-power", "status", "10.0.0.0/8"]),
    ("several devices without --yes", ["oob-power", "off", "pc[1-2]"]),
    ("--confirm with another number", ["oob-power", "off", "--confirm", "3", "pc[1-2]"]),
    ("delete without --yes", ["oob-wsman", "delete", "AMT_PublicKeyCertificate", "--selector", "InstanceID=x", "pc1"]),
    ("class with an unknown prefix", ["oob-wsman", "get", "XYZ_Thing", "pc1"]),
    ("number that is none", ["oob-wsman", "put", "AMT_GeneralSettings", "IdleWakeTimeout=soon", "pc1"]),
    ("credential file that others can read", ["oob-power", "status", "-c", "file:open-to-all", "pc1"]),
    ("credential reference that is a password", ["oob-power", "status", "-c", "hunter2", "pc1"]),
    ("standard input that is no record", ["oob-power", "status", "-"]),
    ("pin that is none", ["oob-power", "off", "--yes", "--tls-pin", "garbage", "amt://127.77.0.1"]),
    ("way that is none, of a target", ["oob-power", "off", "--yes", "amt://127.77.0.1?via=nonsense"]),
    ("way that is none, of a target behind others", ["oob-power", "off", "--yes", "pc1", "amt://127.77.0.1?via=nonsense"]),
    ("way that is none, of the inventory", ["oob-power", "off", "--yes", "-i", "{wrong_way}", "pc9"]),
    ("password command of all that hangs", ["oob-power", "off", "--yes", "-c", "exec:sleep 1000", "-t", "1s", "pc1"]),
    ("--bind that is no address", ["oob-power", "status", "--bind", "127.0.0.010", "pc1"]),
]

# A challenge is shorter than 700 bytes, a SOAP reply longer: the login goes through and the answer is cut.
FAULTS = {2: "digest=wrong", 3: "nonce=stale", 4: "body=malformed", 5: "reset=700", 6: "status=503", 7: "latency=60s",
          8: "body=endless"}


def check_record(env, places, what, words, target, status, kind, code):
    mine = {**env, "WRONG": "wrong"}
    if "-i" in words:  # what the inventory says counts
        mine.pop("OOB_CREDENTIAL")
    outcome = run(mine, *spelt_out(words, places),
                  target.format(**places))
    record = outcome.record()
    error = record.get("error", {})
    found = f"status {outcome.status}, {error}"
    check(what, record["ok"] is False and outcome.status != 0, found)
    check("  one error with class, code and hint", all(error.get(key) for key in ("class", "code", "message", "hint")),
          found)
    if status is not None:
        check(f"  {status} {kind} {code or ''}",
              (outcome.status, error["class"]) == (status, kind) and code in (None, error["code"]), found)
    check("  nothing that was not changed is told as changed", not record["changed"], found)
    check("  changed is null only when nobody knows", (record["changed"] is None) == error["indeterminate"], found)


def spelt_out(words, places):
    return [word.format(**places) if word.startswith("{") else word for word in words]


def check_usage(env, work, places, what, words):
    outcome = run(env, *[word.replace("file:", f"file:{work}/") for word in spelt_out(words, places)], stdin="this is { no record\n" if words[-1] == "-" else None)
    check(what, outcome.status == 2 and outcome.stdout == "", f"status {outcome.status}, {outcome.stdout!r}")
    check("  says why", "hint" in outcome.stderr or "Usage" in outcome.stderr, outcome.stderr)
    check("  repeats no password", "hunter2" not in outcome.stderr, outcome.stderr)


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory(prefix="oob-test-") as folder:
        work = pathlib.Path(folder)
        (work / "password").write_text("Golden-1x\n")
        (work / "password").chmod(0o600)
        (work / "open-to-all").write_text("hunter2\n")
        (work / "open-to-all").chmod(0o644)
        (work / "hanging.toml").write_text('[hosts.hangs]\ncredential = "exec:sleep 1000"\n'
                                           '[hosts.fails]\ncredential = "exec:exit 3"\n')
        (work / "wrong.toml").write_text('[hosts.pc9]\nvia = "nonsense"\n')
        arguments = ["--listen", "127.77.0.0/28", "--generation", "15.0"]
        for number, fault in FAULTS.items():
            arguments += ["--fault", f"127.77.0.{number}:{fault}"]
        peers = {name: RawPeer(answer) for name, answer in RAW_PEERS.items()}
        try:
            with Fleet(build, work, arguments) as fleet:
                env = environment(build, work, fleet.ready)
                ports = fleet.ready["ports"]
                places = {"http": ports["http"], "https": ports["https"], "unused": unused_port(),
                          "hanging": str(work / "hanging.toml"), "wrong_way": str(work / "wrong.toml"),
                          "raw": {name: peer.port for name, peer in peers.items()}}
                control = ["oob-sim", "ctl", "--control", str(work / "control")]
                require("a host is off", run(env, *control, "set", "127.77.0.9", "power=off").status == 0)
                for row in RECORDS:
                    part(check_record, env, places, *row)
                for row in USAGE:
                    part(check_usage, env, work, places, *row)
        finally:
            for peer in peers.values():
                peer.__exit__()


if __name__ == "__main__":
    main()
