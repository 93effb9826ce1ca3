#!/usr/bin/env python3
"""oob-discover against whole fleets: everybody is found once, exclusions win, faces merge, lost datagrams are sent again,
and what it prints feeds the other tools. Usage: discover.py BUILD_FOLDER."""

import ipaddress
import ipaddress
import pathlib
import socket
import sys
import tempfile
import threading

from rig import COMMAND_SECONDS, Fleet, check, environment, part, run

NETWORK = "127.77.4.0/22"
MANY = "127.77.2.64/26"
# A loaded machine answers late: an address is waited for as long as that goes.
PATIENT = ["--copies", "5"]


def addresses_of(outcome):
    return [record["device"]["address"] for record in outcome.records()]


def check_network(env, port, work):
    everybody = {str(address) for address in ipaddress.ip_network(NETWORK)}
    outcome = run(env, "oob-discover", "scan", *PATIENT, "--rate", "0", "--probe", "ping", "--rmcp-port", port, NETWORK)
    found = addresses_of(outcome)
    check("a scan finds every address once", sorted(found) == sorted(everybody), f"{len(found)} found")
    check("  in random order", found != sorted(found, key=ipaddress.ip_address))
    check("  and ends well", outcome.status == 0 and outcome.stderr == "", outcome.stderr)

    (work / "leave-out").write_text("# the first half\n127.77.4.0/23\n\n127.77.6.7  # and this one\n")
    outcome = run(env, "oob-discover", "scan", *PATIENT, "--rate", "0", "--probe", "ping", "--rmcp-port", port,
                  "--exclude-file", str(work / "leave-out"), "-x", "127.77.6.8-127.77.6.9", NETWORK)
    left = {address for address in everybody if address.startswith(("127.77.6.", "127.77.7."))}
    left -= {"127.77.6.7", "127.77.6.8", "127.77.6.9"}
    check("exclusions win", set(addresses_of(outcome)) == left, f"{len(outcome.records())} found")

    outcome = run(env, "oob-discover", "scan", *PATIENT, "--probe", "ping", "--rmcp-port", port, "-",
                  stdin='# two lines\n127.77.4.1\n{"device":{"address":"127.77.4.2"}}\n127.77.4.[1-2]\n')
    check("addresses come from standard input", sorted(addresses_of(outcome)) == ["127.77.4.1", "127.77.4.2"],
          outcome.stdout + outcome.stderr)

    # Everybody would take a hundred seconds.
    outcome = run(env, "oob-discover", "scan", "--rate", "10", "--deadline", "2s", "--probe", "ping",
                  "--rmcp-port", port, NETWORK)
    check("a deadline stops the scan early", outcome.status == 5 and len(outcome.records()) < len(everybody),
          f"status {outcome.status}, {len(outcome.records())} records")


def check_pipeline(env, ready):
    port, https = str(ready["ports"]["rmcp"]), ready["ports"]["https"]
    outcome = run(env, "oob-discover", "scan", *PATIENT, "--probe", "ping", "--rmcp-port", port, "127.77.4.5")
    record = outcome.record()
    check("an AMT device is a target of the other tools", record["target"] == "amt://127.77.4.5", record["target"])
    check("  with what its pong told", record["data"]["amt"]["provisioning"] == "post" and record["ok"] is True, record)
    target = f"{record['target']}:{https}"
    outcome = run(env, "oob-discover", "trust", target)
    check("its key is recorded", outcome.record()["data"]["trust"] == "recorded", outcome.stdout + outcome.stderr)
    outcome = run(env, "oob-power", "status", target)
    check("  and known from then on", outcome.record()["tls"]["verified"] == "known_device", outcome.stdout)
    key = outcome.record()["device"]["fingerprint"]
    outcome = run(env, "oob-discover", "trust", "--tls-pin", "sha256:" + "0" * 64, target)
    check("a wrong pin is an error", outcome.status == 12 and outcome.record()["error"]["code"] == "tls.pin", outcome.stdout)
    outcome = run(env, "oob-discover", "trust", "--tls-pin", key, target)
    check("the right pin is none", outcome.record()["data"]["trust"] == "known", outcome.stdout)


def check_controllers(env, port):
    outcome = run(env, "oob-discover", "scan", *PATIENT, "--probe", "udp", "--rmcp-port", port, "127.77.4.0/29")
    records = outcome.records()
    check("controllers are found once, though they answer twice", len(records) == 8, outcome.stdout)
    for record in records:
        services = [(each["protocol"], each["transport"]) for each in record["data"]["services"]]
        check(f"  {record['target']} has both services", services == [("rmcp", "udp"), ("ipmi", "udp")], services)
        check("  of IPMI 2.0", record["data"]["ipmi"]["versions"] == ["2.0"], record["data"])
        check("  and is a target", record["target"] == f"ipmi://{record['device']['address']}:{port}", record["target"])


def check_few_descriptors(env, port):
    """A shortage of this machine is told as such, and never as nobody being there."""
    limited = ["prlimit", "--nofile=64:64"]
    outcome = run(env, *limited, "oob-discover", "scan", "--rmcp-port", port, "--amt-port", env["HTTP"], "--rate", "0",
                  "--summary", MANY)
    records = outcome.records()
    check("64 descriptors are enough for a scan of 64 devices", outcome.status == 0 and len(records) == 65
          and records[-1]["type"] == "summary" and records[-1]["ok"] == 64, f"{outcome.status} {outcome.stderr}")
    served = {record["target"]: {each["protocol"] for each in record["data"]["services"]} for record in records[:-1]}
    check("  each is told whole", all("amt" in each for each in served.values()), served)
    check("  and what was done about it is said", "at once" in outcome.stderr and "ulimit" in outcome.stderr, outcome.stderr)
    targets = [f"amt+tcp://{address}:{env['HTTP']}" for address in map(str, ipaddress.ip_network(MANY))]
    outcome = run(env, *limited, "oob-power", "status", "-q", *targets)
    check("  and for their power", outcome.status == 0 and len(outcome.records()) == 64, outcome.stdout[:2000])


def check_lossy(env):
    """A peer that answers only the third copy; the others after it may be on their way then."""
    peer = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    peer.bind(("127.0.0.1", 0))
    peer.settimeout(COMMAND_SECONDS)
    seen = []

    def serve():
        try:
            while len(seen) < 3:
                data, sender = peer.recvfrom(512)
                seen.append(data)
                if len(seen) == 2:
                    peer.sendto(b"\x06\x00\xff\x86", sender)
                    peer.sendto(b"\x06\x00\xff\x06\x00\x00\x11\xbe\x40", sender)
                if len(seen) == 3:
                    peer.sendto(bytes.fromhex("0600ff06000011be40") + data[9:10] + bytes.fromhex("0010000011be") +
                                bytes(4) + b"\x81" + bytes(7), sender)
        except OSError:
            pass

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    outcome = run(env, "oob-discover", "scan", *PATIENT, "--probe", "ping", "--rmcp-port", str(peer.getsockname()[1]), "127.0.0.1")
    thread.join(COMMAND_SECONDS)
    peer.close()
    check("a lost answer is asked for again, and rubbish is no answer",
          len(seen) == 3 and outcome.record()["attempts"] >= 3, outcome.stdout)
    check("  and nothing but pings was sent", all(len(data) == 12 and data[8] == 0x80 for data in seen), seen)


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory(prefix="oob-test-") as folder:
        work = pathlib.Path(folder)
        (work / "password").write_text("Golden-1x\n")
        (work / "password").chmod(0o600)
        with Fleet(build, work, ["--listen", NETWORK, "--generation", "15.0"]) as fleet:
            env = environment(build, work, fleet.ready)
            part(check_network, env, str(fleet.ready["ports"]["rmcp"]), work)
            part(check_pipeline, env, fleet.ready)
        with Fleet(build, work, ["--listen", MANY, "--generation", "15.0"]) as fleet:
            part(check_few_descriptors, environment(build, work, fleet.ready), str(fleet.ready["ports"]["rmcp"]))
        with Fleet(build, work, ["--listen", NETWORK, "--rmcp-as", "bmc"]) as fleet:
            env = environment(build, work, fleet.ready)
            part(check_controllers, env, str(fleet.ready["ports"]["rmcp"]))
        part(check_lossy, env)


if __name__ == "__main__":
    main()
