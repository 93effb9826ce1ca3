#!/usr/bin/env python3
"""What people write by mistake, and what they write once and for all: explanations that name the right thing, and settings
of configuration and environment that have their effect, each on whom it is meant for.
tests/end_to_end/usage.py BUILD_FOLDER"""

import datetime
import json
import pathlib
import socket
import subprocess
import sys
import tempfile

from rig import COMMAND_SECONDS, PASSWORD, Fleet, RawPeer, check, environment, part, run, unused_port

NOWHERE = "192.0.2.1"  # for documentation (RFC 5737): no machine has it
LONG = "x" * 33


def private(path, data):
    path.write_bytes(data)
    path.chmod(0o600)
    return f"file:{path}"


class Site:
    def __init__(self, env, work, fleet):
        self.env, self.work, self.ports = env, work, fleet.ready["ports"]

    def plain(self, number):
        return f"amt+tcp://127.77.0.{number}:{self.ports['http']}"

    def tls(self, number):
        return f"amt://127.77.0.{number}:{self.ports['https']}"

    def status(self, *words, **more):
        return run({**self.env, **more}, "oob-power", "status", *words)

    def inventory(self, text):
        path = self.work / "site.toml"
        path.write_text(text)
        return ["-i", str(path)]


def refused(what, outcome, *words):
    """A usage or configuration error before the first device: status 2, no record, and words that say it."""
    good = outcome.status == 2 and outcome.stdout == "" and "hint: " in outcome.stderr
    check(what, good and all(word in outcome.stderr for word in words), f"{outcome.status} {outcome.stdout} {outcome.stderr}")


def source_address(site):
    refused("--bind that this machine does not have", site.status("--bind", NOWHERE, site.plain(1)), f"--bind {NOWHERE}")
    refused("  of another family than the target", site.status("--bind", "::1", site.plain(1)), "--bind ::1", "127.77.0.1")
    refused("  than -4", site.status("-4", "--bind", "::1", "pc1"), "--bind ::1", "-4")
    check("  a good one", site.status("--bind", "127.0.0.1", site.plain(1)).status == 0)
    scan = ["oob-discover", "scan", "--rmcp-port", str(site.ports["rmcp"]), "--probe", "ping"]
    refused("  in a scan", run(site.env, *scan, "--bind", NOWHERE, "127.77.0.1"), f"--bind {NOWHERE}")
    refused("  of another family than all addresses", run(site.env, *scan, "--bind", "::1", "127.77.0.0/30"), "--bind ::1",
            "IPv4")
    refused("  -6 and no such address", run(site.env, *scan, "-6", "127.77.0.0/30"), "-6")
    answers = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    answers.bind(("127.0.0.1", 0))
    run(site.env, "oob-discover", "probe", "--probe", "ping", "--copies", "1", "--bind", "127.0.0.9", "--rmcp-port",
        str(answers.getsockname()[1]), "127.0.0.1")
    answers.setblocking(False)
    check("  a probe over UDP leaves from it", answers.recvfrom(100)[1][0] == "127.0.0.9")
    answers.close()


def alarms(site):
    add = ["oob-power", "alarm", "add", "--name", "a", "--at"]
    refused("an alarm in the past", run(site.env, *add, "2001-01-31T07:00Z", site.plain(1)), "is in the past", "by the clock")
    refused("  too far ahead", run(site.env, *add, "2261-01-31T07:00Z", site.plain(1)), "more than a year ahead")
    refused("  in nobody's time zone", run(site.env, *add, "2001-01-31 07:00", site.plain(1)), "which clock", "Z")
    refused("  with seconds", run(site.env, *add, "2001-01-31T07:00:30Z", site.plain(1)), "whole minutes")
    noon = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=2)).strftime("%Y-%m-%d 12:00")
    record = run(site.env, *add, f"{noon}+05:30", "--every", "7d", site.plain(1)).record()
    alarm = record["data"]["alarms"][0]
    check("  an offset and a week", (alarm["at"], alarm["every_ms"]) == (f"{noon[:10]}T06:30:00Z", 7 * 24 * 3600 * 1000), record)
    control = ["oob-sim", "ctl", "--control", str(site.work / "control"), "set", "127.77.0.2"]
    run(site.env, *control, f"clock_offset_s={30 * 24 * 3600}")
    error = run(site.env, *add, f"{noon}Z", site.plain(2)).record()["error"]
    check("  past by the device's clock alone", (error["class"], error["code"]) == ("precondition", "alarm.clock")
          and "device's clock says" in error["message"] and error["native"]["http"] == 400, error)


def arrays(site):
    targets = [site.plain(1), site.plain(3)]
    ndjson = site.status(*targets).stdout
    # As it is: what rig.run() takes for records are lines.
    array = subprocess.run(["oob-power", "status", "-o", "json", "--summary", *targets], env=site.env, capture_output=True,
                           text=True, timeout=COMMAND_SECONDS).stdout
    pretty = json.dumps(json.loads(array), indent=2)
    for what, text in (("a record a line", ndjson), ("one array", array), ("an array over several lines", pretty),
                       ("records over several lines", "\n".join(json.dumps(json.loads(line), indent=1) for line in ndjson.splitlines())),
                       ("an array with a mark of UTF-8", "\ufeff" + array), ("two arrays", array + array)):
        outcome = run(site.env, "oob-power", "status", "-", stdin=text)
        check(f"standard input: {what}", outcome.status == 0 and len(outcome.records()) == 2, outcome.stderr)
        (site.work / "list.ndjson").write_text(text)
        outcome = site.status("-i", str(site.work / "list.ndjson"), "@all")
        check("  as an inventory", outcome.status == 0 and len(outcome.records()) == 2, outcome.stderr)
    outcome = run(site.env, "oob-discover", "scan", "--rmcp-port", str(site.ports["rmcp"]), "--probe", "ping", "-", stdin=pretty)
    check("  a scan of them", len(outcome.records()) == 2, outcome.stderr)
    for what, text in (("no end", array.rstrip().rstrip("]")), ("texts", '["pc1"]'), ("numbers", "[{}, 7]"),
                       ("a record without a target", "[{}]"), ("a line too long", "x" * 1100000)):
        refused(f"  an array with {what}" if text[0] == "[" else f"  {what}",
                run(site.env, "oob-power", "status", "-", stdin=text), "standard input, line ")
    check("  an empty array is no target", run(site.env, "oob-power", "status", "-", stdin="[]").status == 3)


def resumed(site):
    journal = str(site.work / "journal")
    off = ["oob-power", "off", "--yes"]
    one, two, three = site.plain(4), f"amt+tcp://127.0.0.1:{unused_port()}", site.plain(6)
    run(site.env, *off, "--journal", journal, one, two)
    outcome = run(site.env, *off, "--resume", journal, one, two, three)
    refused("--resume with a target that the run was not for", outcome, three)
    check("  and it is left alone", site.status(three).record()["state"]["after"]["power"] == "on")
    outcome = run(site.env, *off, "--resume", journal, one)
    check("  without one that was not done: told", two in outcome.stderr and "left out" in outcome.stderr, outcome.stderr)
    check("  but not with -q", run(site.env, *off, "-q", "--resume", journal, one).stderr == "")
    outcome = run(site.env, *off, "--resume", journal, two)
    check("  without one that was done: nothing is told", "left out" not in outcome.stderr, outcome.stderr)
    looks = str(site.work / "looks")
    site.status("--journal", looks, one)
    outcome = site.status("--resume", looks, one, three)
    check("  an order that only looks goes on", outcome.status == 0 and three in outcome.stderr, outcome.stderr)


def passwords(site):
    work, target = site.work, site.plain(1)
    for what, data in (("a mark of UTF-8", b"\xef\xbb\xbf" + PASSWORD.encode() + b"\r\n"), ("CR LF", PASSWORD.encode() + b"\r\n"),
                       ("no end", PASSWORD.encode()), ("more lines", PASSWORD.encode() + b"\nhunter2\n")):
        outcome = site.status("-c", private(work / "tried", data), target)
        check(f"a password file with {what}", outcome.status == 0, outcome.stdout + outcome.stderr)
    for what, data, words in (("nothing", b"", ["no password"]), ("an empty line", b"\nhunter2\n", ["first line is empty"]),
                              ("a NUL", b"hun\0ter2\n", ["NUL"]), ("UTF-16", "hunter2".encode("utf-16"), ["UTF-16"]),
                              ("33 characters", LONG.encode(), ["longer than 32"])):
        outcome = site.status("-c", private(work / "tried", data), target)
        refused(f"  with {what}", outcome, *words)
        check("    is not repeated", "hun" not in outcome.stderr and LONG not in outcome.stderr, outcome.stderr)
    refused("  too long, from the environment", site.status("-c", "env:TOO_LONG", target, TOO_LONG=LONG), "longer than 32")
    refused("  too long, from a command", site.status("-c", f"exec:echo {LONG}", target), "longer than 32")
    refused("  a command that a signal ends", site.status("-c", "exec:kill -KILL $$", target), "signal 9 (Killed)")
    refused("  one whose own is", site.status("-c", "exec:sh -c 'kill -KILL $$'; exit $?", target), "signal 9 (Killed)")
    private(work / "below-home", PASSWORD.encode())
    check("~/ in a reference", site.status("-c", "file:~/below-home", target).status == 0)
    check("  in a variable", site.status(target, OOB_CREDENTIAL="file:~/below-home").status == 0)
    mine = {key: value for key, value in site.env.items() if key != "OOB_CREDENTIAL"}
    for text in ('[defaults]\ncredential = "file:~/below-home"\n', '[hosts."127.77.0.1"]\ncredential = "file:~/below-home"\n'):
        outcome = run(mine, "oob-power", "status", *site.inventory(text), target)
        check("  in an inventory", outcome.status == 0, outcome.stderr)
    long = f'[hosts."127.77.0.1"]\ncredential = "exec:echo {LONG}"\n'
    records = {record["device"]["name"]: record for record in run(
        {**mine, "SECRET": PASSWORD}, "oob-power", "status", *site.inventory(long + '[defaults]\ncredential = "env:SECRET"\n'),
        target, site.plain(3)).records()}
    check("  one device's own that is too long is its own failure", records["127.77.0.3"]["ok"]
          and records["127.77.0.1"]["error"]["code"] == "config.credential", records)


def settings(site, silent):
    """Each setting, of one host, beside a host that has none."""
    slow = f"amt+tcp://127.0.0.1:{silent}"
    hour = ["-t", "1h"]

    def records(*words, **more):
        return {record["target"]: record for record in site.status(*words, **more).records()}

    own = site.inventory('[hosts."127.0.0.1"]\ntimeout = "300ms"\n')
    found = records(*own, slow, site.plain(1))
    check("a host's own timeout", found[slow]["error"]["native"]["limit_ms"] <= 300 and found[site.plain(1)]["ok"], found)
    found = records(*site.inventory('[groups.slow]\nhosts = ["127.0.0.1"]\ntimeout = "300ms"\n'), slow)
    check("  a group's", found[slow]["error"]["native"]["limit_ms"] <= 300, found)
    defaults = site.inventory('[defaults]\ntimeout = "300ms"\n')
    check("  everybody's", records(*defaults, slow)[slow]["error"]["native"]["limit_ms"] <= 300)
    check("  a variable's", records(slow, OOB_TIMEOUT="200ms")[slow]["error"]["native"]["limit_ms"] <= 200)
    check("  which beats the configuration", records(*defaults, slow, OOB_TIMEOUT="200ms")[slow]["error"]["native"]["limit_ms"] <= 200)
    limit = records(*own, "-t", "100ms", slow, OOB_TIMEOUT="200ms")[slow]["error"]["native"]["limit_ms"]
    check("  and an option, which beats both", limit <= 100, limit)

    full = site.inventory('[hosts."127.0.0.1"]\nconnect_timeout = "200ms"\n')
    with socket.create_server(("127.0.0.1", 0)) as mute:
        way = f"via = \"socks5:127.0.0.1:{mute.getsockname()[1]}\"\n"
        found = records(*hour, *site.inventory('[hosts."127.77.0.1"]\nconnect_timeout = "200ms"\n' + way), site.plain(1), site.plain(3))
        error = found[site.plain(1)]["error"]
        check("a host's own connect_timeout and via", error["code"] == "timeout.proxy" and error["native"]["limit_ms"] == 200
              and found[site.plain(3)]["ok"], found)
        error = records(*hour, *full, *site.inventory("[defaults]\n" + way), site.plain(1), OOB_CONNECT_TIMEOUT="100ms")[site.plain(1)]["error"]
        check("  everybody's via, and the variable's limit", error["code"] == "timeout.proxy" and error["native"]["limit_ms"] == 100, error)

    state = site.work / "state-of-tofu"
    fresh = {"XDG_STATE_HOME": str(state)}
    found = records(*site.inventory('[hosts."127.77.0.7"]\ntls_tofu = true\n'), site.tls(7), site.tls(8), **fresh)
    check("a host's own tls_tofu", found[site.tls(7)]["ok"] and found[site.tls(8)]["error"]["code"] == "tls.unknown", found)
    both = site.inventory('[defaults]\ntls_tofu = true\n[hosts."127.77.0.9"]\ntls_tofu = false\n')
    found = records(*both, site.tls(8), site.tls(9), **fresh)
    check("  everybody's, but not that host's", found[site.tls(8)]["ok"] and not found[site.tls(9)]["ok"], found)
    check("  a variable's no", not records(*both, site.tls(10), OOB_TLS_TOFU="false", **fresh)[site.tls(10)]["ok"])
    check("  an option's yes", records(*both, "--tls-tofu", site.tls(9), OOB_TLS_TOFU="false", **fresh)[site.tls(9)]["ok"])

    out = site.inventory('[defaults]\noutput = "json"\n')
    check("output", site.status(*out, site.plain(1)).stdout.startswith("["))
    check("  a variable beats it", site.status(*out, site.plain(1), OOB_OUTPUT="ndjson").stdout.startswith("{"))
    check("  an option both", site.status(*out, "-o", "json", site.plain(1), OOB_OUTPUT="ndjson").stdout.startswith("["))
    check("  a scan's too", run(site.env, "oob-discover", "scan", *out, "--rmcp-port", str(site.ports["rmcp"]), "--probe", "ping",
                                "127.77.0.1").stdout.startswith("["))
    refused("  one that is none", site.status(*site.inventory('[defaults]\noutput = "jsn"\n'), "pc1"), "output in [defaults]", "json")
    for name, value in (("OOB_OUTPUT", "jsn"), ("OOB_VIA", "nonsense"), ("OOB_TIMEOUT", "7x"), ("OOB_FANOUT", "none"),
                        ("OOB_CREDENTIAL", "hunter2")):
        outcome = site.status("pc1", **{name: value})
        refused(f"a bad {name}", outcome, f"{name}: ")
        check("  is no password on a screen", "hunter2" not in outcome.stderr, outcome.stderr)


def fanout(site):
    """One at once: nobody comes to the second while the first is served."""
    one = site.inventory("[defaults]\nfanout = 1\n")
    for what, words, more in (("fanout of the configuration", one, {}), ("  of the variable", [], {"OOB_FANOUT": "1"})):
        with socket.create_server(("127.0.0.1", 0)) as first, socket.create_server(("127.0.0.1", 0)) as second:
            first.settimeout(COMMAND_SECONDS)
            second.setblocking(False)
            targets = [f"amt+tcp://127.0.0.1:{peer.getsockname()[1]}" for peer in (first, second)]
            process = subprocess.Popen(["oob-power", "status", "-t", f"{COMMAND_SECONDS}s", *words, *targets], env={**site.env, **more},
                                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            connection, _ = first.accept()
            connection.recv(1)
            try:
                second.accept()
                alone = False
            except BlockingIOError:
                alone = True
            check(what, alone)
            process.kill()
            process.communicate()
            connection.close()


def slips(site):
    for words, said in (
            (["oob-power", "reboot", "pc1"], "did you mean 'cycle', 'reset' or 'soft-reset'?"),
            (["oob-power", "stat", "pc1"], "did you mean 'status'?"), (["oob-power", "query", "pc1"], "did you mean 'status'?"),
            (["oob-power", "restart", "pc1"], "'reset'"), (["oob-power", "shutdown", "pc1"], "'soft-off'"),
            (["oob-power", "poweroff", "pc1"], "'off'"), (["oob-power", "alarm", "create"], "did you mean 'alarm add'?"),
            (["oob-power", "-v", "status", "pc1"], "the verb comes first: oob-power status -v ..."),
            (["oob-power", "pc1", "status"], "the verb comes first: oob-power status ..."),
            (["oob-power", "status", "http://pc1"], "amt+tcp://HOST"), (["oob-power", "status", "https://pc1"], "amt://HOST"),
            (["oob-power", "status", "atm://pc1"], "did you mean amt://?"),
            (["oob-power", "status", "--tls-tofo", "pc1"], "did you mean --tls-tofu?"),
            (["oob-power", "status", "-o", "jsn", "pc1"], "did you mean json?"),
            (["oob-sol", "attach", "pc1"], "did you mean 'connect'?"), (["oob-ider", "mount", "x", "pc1"], "did you mean 'serve'?"),
            (["oob-wsman", "list", "AMT_GeneralSettings", "pc1"], "did you mean 'enum'?"),
            (["oob-wsman", "get", "GeneralSettings", "pc1"], "did you mean AMT_GeneralSettings?"),
            (["oob-discover", "find", "10.0.0.0/24"], "did you mean 'scan'?"), (["oob-sim", "start"], "did you mean 'run'?")):
        refused(" ".join(words), run(site.env, *words), said)
    for scheme in ("ipmi", "redfish", "ssh"):
        error = site.status(f"{scheme}://pc1").record()["error"]
        check(f"{scheme}://", error["code"] == "unsupported.plane" and "amt://HOST" in error["hint"], error)
    for words, said in ((["get", "AMT_GeneralSetings"], "AMT_GeneralSettings"),
                        (["invoke", "CIM_PowerManagementService", "RequestPowrStateChange"], "RequestPowerStateChange")):
        error = run(site.env, "oob-wsman", *words, site.plain(1)).record()["error"]
        check(f"oob-wsman {' '.join(words)}", error["hint"] == f"did you mean {said}?", error)


def silence(site):
    scan = ["oob-discover", "scan", "--rmcp-port", str(unused_port()), "--copies", "1"]
    for words, status, said in (([], 0, "--probe amt"), (["--expect"], 3, "--probe amt"), (["--probe", "ping"], 0, "are they on")):
        outcome = run(site.env, *scan, *words, "127.0.0.0/30")
        check(f"a scan that finds nothing {words}", outcome.status == status and outcome.stdout == ""
              and "no answer from 4 addresses (" in outcome.stderr and said in outcome.stderr, outcome.stderr)
    check("  -q says nothing", run(site.env, *scan, "-q", "127.0.0.0/30").stderr == "")
    outcome = run({**site.env, "OOB_VIA": "ssh:gate"}, *scan, "127.0.0.0/30")
    check("  OOB_VIA is refused", outcome.status == 15 and "OOB_VIA" in outcome.stderr, outcome.stderr)
    outcome = run(site.env, *scan, *site.inventory('[defaults]\nvia = "ssh:gate"\n'), "127.0.0.0/30")
    check("  via of the configuration is told of", "warning: a scan goes from here" in outcome.stderr, outcome.stderr)
    refused("--tls-ca with a slip in its name", site.status("--tls-ca", str(site.work / "no-such.pem"), site.plain(1)), "no-such.pem")
    warned = site.status("--tls-pin", "sha256:" + "0" * 64, site.plain(1))
    check("a pin on plain HTTP is told of", warned.status == 0 and "--tls-pin has no effect" in warned.stderr, warned.stderr)


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory(prefix="oob-test-") as folder, RawPeer(None) as silent:
        work = pathlib.Path(folder)
        private(work / "password", PASSWORD.encode() + b"\n")
        with Fleet(build, work, ["--listen", "127.77.0.0/28", "--generation", "15.0"]) as fleet:
            site = Site(environment(build, work, fleet.ready), work, fleet)
            for tested in (source_address, alarms, arrays, resumed, passwords, fanout, slips, silence):
                part(tested, site)
            part(settings, site, silent.port)


if __name__ == "__main__":
    main()
