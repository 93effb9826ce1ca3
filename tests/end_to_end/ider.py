#!/usr/bin/env python3
"""oob-ider against the simulated fleet: images of all kinds, hosts that read and write them, links that break, starts from
an image, refusals.  tests/end_to_end/ider.py BUILD_FOLDER"""

import hashlib
import http.server
import json
import os
import pathlib
import pty
import random
import re
import select
import signal
import ssl
import subprocess
import sys
import tempfile
import threading

from rig import COMMAND_SECONDS, PASSWORD, Fleet, check, environment, part, record_schema, run, wait_until

BLOCK = 2048
LARGE_BYTES = 5 << 30  # sparse
NETWORK = "127.77.0"


def image(path, size, seed):
    """Bytes that look like nothing, but for the mark of a disc behind its first sixteen blocks."""
    data = bytearray(random.Random(seed).randbytes(size))
    if path.suffix == ".iso":
        data[16 * BLOCK + 1:16 * BLOCK + 6] = b"CD001"
    path.write_bytes(data)
    return path


def digest(data):
    return hashlib.sha256(data if isinstance(data, bytes) else data.read_bytes()).hexdigest()


class Rig:
    def __init__(self, env, work, ready):
        self.env, self.work, self.ready = env, work, ready

    def target(self, number, scheme="amt+tcp", port="http"):
        return f"{scheme}://{NETWORK}.{number}:{self.ready['ports'][port]}"

    def ctl(self, *words):
        outcome = run(self.env, "oob-sim", "ctl", "--control", str(self.work / "control"), *words)
        assert outcome.status == 0, outcome.stderr
        return [json.loads(line) for line in outcome.stdout.splitlines()]

    def host(self, number, job, *words, wait="100s"):
        """What the host says of one of its jobs with a drive, for whose medium it waits so long."""
        [record] = self.ctl("disk", f"{NETWORK}.{number}", job, "--wait", wait, *words)
        return record["data"][job]

    def set(self, number, *pairs):
        self.ctl("set", f"{NETWORK}.{number}", *pairs)

    def sessions_begun(self, number):
        return sum(entry["data"]["event"] == "session_begun" for entry in self.ctl("journal", f"{NETWORK}.{number}"))

    def fault(self, number, spec):
        self.ctl("fault", f"{NETWORK}.{number}", spec)


class Loan:
    """oob-ider serving something, for as long as the `with` block lasts."""

    def __init__(self, rig, *words, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE):
        self.rig = rig
        self.process = subprocess.Popen(["oob-ider", *map(str, words)], env=rig.env, stdin=stdin, stdout=subprocess.PIPE,
                                        stderr=stderr, text=True)

    def __enter__(self):
        return self

    def end(self, number=signal.SIGINT):
        """Its records; the signal is what ends it, unless it has ended already."""
        if number and self.process.poll() is None:
            self.process.send_signal(number)
        self.stdout, self.stderr = self.process.communicate(timeout=COMMAND_SECONDS)
        self.status = self.process.returncode
        for problem in record_schema.problems(self.stdout):
            check("records fit the schema", False, problem)
        return [json.loads(line) for line in self.stdout.splitlines()]

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.end()


def check_serving(rig, cd, floppy):
    with Loan(rig, "serve", cd, "--floppy", floppy, "--start", "now", rig.target(1)) as loan:
        read = rig.host(1, "read")
        check("a host reads a CD byte for byte", read["sha256"] == digest(cd) and read["failures"] == 0, read)
        read = rig.host(1, "read", "--drive", "floppy", "--bytes", "512")
        check("  and a floppy at the same time", read["sha256"] == digest(floppy) and read["reads"] == 2880, read)
        read = rig.host(1, "read", "--read-12", "--bytes", "1048576")
        check("  with long reads too", read["sha256"] == digest(cd), read)
        refused = [each for each in rig.host(1, "probe") if each["sense"] != "00/00/00"]
        check("  every command that BIOS and Linux issue is answered", refused == [], refused)
        write = rig.host(1, "write", "--drive", "floppy", "--text", "hello")
        check("  a write is refused as write-protected", write["sense"] == "07/27/00", write)
        status = run(rig.env, "oob-ider", "status", rig.target(1)).record()["data"]["media"]
        check("  status tells of the session", status == {"enabled": True, "listener": True, "session": True}, status)
        busy = run(rig.env, "oob-ider", "serve", str(cd), "--start", "now", rig.target(1))
        check("  a second one is told that it is busy", busy.status == 16 and "--close-sessions" in busy.stdout, busy.stdout)
        [record] = loan.end()
    session = record["data"]["session"]
    check("  Ctrl-C ends it in good order, and the record tells what the host did",
          loan.status == 130 and record["ok"] and record["verified"] and session["reason"] == "finished"
          and session["read_bytes"] > 2 * cd.stat().st_size and session["reads"] > 2880, record)
    check("  it told beforehand what the line allows", re.search(r"round trip .* MiB/s", loan.stderr), loan.stderr)
    status = run(rig.env, "oob-ider", "status", rig.target(1)).record()["data"]["media"]
    check("  and the device knows of no session any more", not status["session"], status)

    with Loan(rig, "serve", cd, "--start", "now", "--insecure", rig.target(2, "amt", "https")) as loan:
        read = rig.host(2, "read")
        check("over TLS", read["sha256"] == digest(cd), read)
        empty = rig.host(2, "probe", "--drive", "floppy", wait="1ms")
        check("  a drive without an image is not there", {each["sense"] for each in empty} == {"02/3a/00"}, empty)
        loan.end(signal.SIGTERM)
    check("  SIGTERM ends it too", loan.status == 143, loan.status)
    with Loan(rig, "serve", cd, "--empty-floppy", "--start", "now", rig.target(2)) as loan:
        rig.host(2, "probe")
        empty = {each["command"]: each["sense"] for each in rig.host(2, "probe", "--drive", "floppy", wait="1ms")}
        check("an empty floppy drive is shown when that is wished",
              empty["INQUIRY"] == "00/00/00" and empty["READ CAPACITY"] == "02/3a/00", empty)

    with Loan(rig, "serve", cd, "--start", "now", "--yes", rig.target(3), rig.target(4), rig.target(5)) as loan:
        reads = [rig.host(number, "read")["sha256"] for number in (3, 4, 5)]
        check("three hosts from one process", set(reads) == {digest(cd)}, reads)
        records = loan.end()
    check("  a record each", len(records) == 3 and all(record["ok"] for record in records), records)


def check_endings(rig, cd):
    with Loan(rig, "serve", cd, "--start", "now", "--idle", "1s", rig.target(1)) as loan:
        [record] = loan.end(None)
    check("--idle ends it once the host is quiet", loan.status == 0 and record["data"]["session"]["reason"] == "finished", record)
    with Loan(rig, "serve", cd, "--start", "now", "--for", "500ms", rig.target(1)) as loan:
        [record] = loan.end(None)
    check("--for ends it by time", loan.status == 0 and record["data"]["session"]["commands"] >= 0, record)
    with Loan(rig, "serve", cd, "--start", "now", rig.target(1)) as loan:
        rig.host(1, "probe")
        stopped = run(rig.env, "oob-ider", "stop", rig.target(1)).record()
        check("stop ends somebody else's session", stopped["changed"] and not stopped["data"]["media"]["session"], stopped)
        [record] = loan.end(None)
    check("  who is told of it", loan.status == 16 and record["error"]["code"] == "session_busy.ended"
          and record["data"]["session"]["reason"] == "closed_by_device", record)
    with Loan(rig, "serve", cd, "--start", "now", rig.target(1)) as loan:
        rig.host(1, "probe")
        begun = rig.sessions_begun(1)
        with Loan(rig, "serve", cd, "--close-sessions", "--start", "now", rig.target(1)):
            wait_until(lambda: rig.sessions_begun(1) > begun)
            check("  so is one whose session was taken over", rig.host(1, "read")["sha256"] == digest(cd))
            [record] = loan.end(None)
            check("    and it does not take it back", record["error"]["code"] == "session_busy.ended", record)
    wait_until(lambda: not run(rig.env, "oob-ider", "status", rig.target(1)).record()["data"]["media"]["session"])
    again = run(rig.env, "oob-ider", "stop", rig.target(1)).record()
    check("  stop without a session changes nothing", again["ok"] and not again["changed"], again)


def check_lost_links(rig, cd):
    with Loan(rig, "serve", cd, "--start", "now", rig.target(1)) as loan:
        rig.host(1, "probe")
        rig.fault(1, f"cut={cd.stat().st_size // 4},count=3")
        read = rig.host(1, "read")
        check("a link that breaks three times costs the host nothing but time",
              read["sha256"] == digest(cd) and read["failures"] == 0, read)
        [record] = loan.end()
    session = record["data"]["session"]
    check("  and the record counts it", record["ok"] and session["reconnects"] == 3, session)
    rig.fault(1, "rtt=30ms,rate=2000000")
    with Loan(rig, "serve", cd, "--start", "now", rig.target(1)) as loan:
        read = rig.host(1, "read", "--bytes", "32768")
        check("a long and narrow line gives the same bytes", read["sha256"] == digest(cd) and read["median_us"] >= 30_000, read)
        [record] = loan.end()
    check("  and its round trip was measured", record["data"]["session"]["round_trip_us"] >= 30_000, record["data"])
    rig.fault(1, "none")


class SilentDevice:
    """A device that says nothing any more until its client has given up on the session; the other checks run meanwhile."""

    def __init__(self, rig, cd):
        self.rig, self.cd = rig, cd
        self.loan = Loan(rig, "serve", cd, "--start", "now", rig.target(7))
        rig.host(7, "probe")
        rig.fault(7, "mute=on")
        self.waiting = threading.Thread(target=self._wait)
        self.waiting.start()

    def _wait(self):
        def given_up():
            return any(entry["data"]["event"] == "session_ended" for entry in self.rig.ctl("journal", f"{NETWORK}.7"))

        self.given_up = wait_until(given_up)
        self.rig.fault(7, "none")

    def finish(self):
        self.waiting.join()
        check("a device that is silent for too long is given up", self.given_up)
        read = self.rig.host(7, "read")
        check("  and gets its drives again when it answers",
              read["sha256"] == digest(self.cd) and read["failures"] == 0, read)
        [record] = self.loan.end()
        check("  over a new connection", record["ok"] and record["data"]["session"]["reconnects"] == 1, record)


def check_progress(rig, work, cd):
    """The line on a terminal, and records for programs."""
    primary, secondary = pty.openpty()
    shown = b""

    def read_on():
        nonlocal shown
        while select.select([primary], [], [], 0)[0]:
            shown += os.read(primary, 4096)
        return re.search(rb"MiB/s .* reads/s .*READ\(10\)", shown)

    rig_of_terminal = Rig(rig.env | {"TERM": "xterm"}, rig.work, rig.ready)
    with Loan(rig_of_terminal, "serve", cd, "--start", "now", rig.target(2), stderr=secondary) as loan:
        os.close(secondary)
        rig.host(2, "read")
        check("a terminal sees bytes, rates and the last command", wait_until(read_on), shown)
        loan.end()
    os.close(primary)

    told = work / "progress"

    def records():
        return [json.loads(line) for line in told.read_text().splitlines(keepends=True)
                if line.startswith("{") and line.endswith("\n")]

    with open(told, "w") as file, Loan(rig, "serve", cd, "--start", "now", "--progress", "ndjson", rig.target(2), stderr=file) as loan:
        rig.host(2, "read")
        check("  --progress ndjson prints records", wait_until(lambda: any(
            record["type"] == "progress" and record["read_bytes"] >= cd.stat().st_size for record in records())), told.read_text())
        loan.end()


def check_writing(rig, work, floppy):
    before = floppy.read_bytes()
    with Loan(rig, "serve", floppy, "--writable", "--start", "now", "--yes", rig.target(1), rig.target(2)):
        for number in (1, 2):
            write = rig.host(number, "write", "--drive", "floppy", "--block", "7", "--text", f"host {number}")
            check(f"host {number} writes to a copy of its own", write == {"sense": "00/00/00", "same": True}, write)
    check("  and the image stays as it is", floppy.read_bytes() == before)
    with Loan(rig, "serve", floppy, "--writable", "--in-place", "--start", "now", rig.target(1)) as loan:
        write = rig.host(1, "write", "--drive", "floppy", "--block", "2879", "--text", "last")
        check("in place", write["same"], write)
        loan.end()
    after = floppy.read_bytes()
    check("  only that block differs", after[:-512] == before[:-512] and after[-512:].rstrip(b"\0") == b"last")
    floppy.write_bytes(before)


class RangeServer(http.server.BaseHTTPRequestHandler):
    """A web server with ranges; /whole knows none, /moved leads to the image, and /changing is another one each time."""

    protocol_version = "HTTP/1.1"
    data = b""
    count = 0

    def do_GET(self):
        type(self).count += 1
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/image.iso")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        wanted = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        if not self.path.startswith(("/image.iso", "/whole", "/changing")):
            self.send_response(404)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        body = self.data
        if wanted and self.path != "/whole":
            first, last = map(int, wanted.groups())
            body = self.data[first:last + 1]
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {first}-{first + len(body) - 1}/{len(self.data)}")
        else:
            body = b"the whole"
            self.send_response(200)
        self.send_header("ETag", f'"{type(self).count if self.path == "/changing" else 1}"')
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def check_sources(rig, work, cd):
    with open(cd, "rb") as file, Loan(rig, "serve", "-", "--start", "now", rig.target(1), stdin=file):
        read = rig.host(1, "read")
        check("an image out of standard input", read["sha256"] == digest(cd), read)

    raw = subprocess.Popen(["head", "-c", str(64 * BLOCK), "/dev/zero"], stdout=subprocess.PIPE)
    with Loan(rig, "serve", "-", "--as", "cd", "--start", "now", rig.target(1), stdin=raw.stdout):
        read = rig.host(1, "read")
        check("  and of a pipe, as the drive that --as names", read["sha256"] == digest(bytes(64 * BLOCK)), read)
    raw.stdout.close()
    raw.wait(COMMAND_SECONDS)

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), RangeServer)
    RangeServer.data = cd.read_bytes()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    site = f"http://127.0.0.1:{server.server_port}"
    try:
        for path in ("/image.iso", "/moved"):
            RangeServer.count = 0
            with Loan(rig, "serve", site + path, "--start", "now", rig.target(1)) as loan:
                read = rig.host(1, "read", "--bytes", "32768")
                check(f"an image out of a web server: {path}", read["sha256"] == digest(cd), read)
                loan.end()
            check("  in few requests", RangeServer.count <= len(RangeServer.data) // (1 << 20) + 4, RangeServer.count)
        for path, status, words in (("/whole", 15, "parts of a file"), ("/missing.iso", 2, "404")):
            outcome = run(rig.env, "oob-ider", "serve", site + path, "--start", "now", rig.target(1))
            check(f"  {path} is refused with a reason", outcome.status == status and words in outcome.stdout, outcome.stdout)
        with Loan(rig, "serve", site + "/changing", "--cd", cd, "--start", "now", rig.target(1)):
            read = rig.host(1, "read", "--drive", "floppy")
            check("  one that changes meanwhile is an error of the medium, not wrong bytes",
                  read["failures"] == read["reads"] and read["last_sense"] == "03/11/00", read)
    finally:
        server.shutdown()
        server.server_close()

    certificate = work / "web.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", certificate, "-out", certificate, "-days", "2",
                    "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), RangeServer)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    site = f"https://127.0.0.1:{server.server_port}/image.iso"
    try:
        outcome = run(rig.env, "oob-ider", "serve", site, "--start", "now", rig.target(1))
        check("a web server whose certificate nobody knows is refused", outcome.status == 12 and "tls.unknown" in outcome.stdout, outcome.stdout)
        with Loan(rig, "serve", site, "--tls-ca", certificate, "--start", "now", rig.target(1)):
            read = rig.host(1, "read")
            check("  and with its CA the image is read", read["sha256"] == digest(cd), read)
    finally:
        server.shutdown()
        server.server_close()

    large = work / "large.iso"
    with open(large, "wb") as file:
        file.truncate(LARGE_BYTES)
        file.seek(LARGE_BYTES - BLOCK)
        file.write(b"the end".ljust(BLOCK, b"\0"))
    with Loan(rig, "serve", large, "--start", "now", rig.target(1)):
        probe = {each["command"]: each for each in rig.host(1, "probe")}
        check("an image over 4 GiB", probe["READ CAPACITY"]["data"] == f"{LARGE_BYTES // BLOCK - 1:08x}00000800", probe)
    large.unlink()


def check_boot(rig, cd):
    with Loan(rig, "boot", cd, "--idle", "10s", "--yes", rig.target(1)) as loan:
        [record] = loan.end(None)
    check("boot restarts the host from the image", loan.status == 0 and record["ok"] and record["verified"], record)
    [state] = rig.ctl("get", f"{NETWORK}.1", "booted_from")
    check("  the host has started from it", state["data"]["booted_from"] == "ider-cd", state)
    session = record["data"]["session"]
    check("  and has read its first sectors", session["reads"] >= 16 and session["host_resets"] == 1, session)
    boot = run(rig.env, "oob-power", "boot", "show", rig.target(1)).record()["data"]["boot"]
    check("  nothing is left for the start after", not boot["armed"], boot)

    rig.set(1, "power=off", "redirection.ider=false", "redirection.listener=false")
    with Loan(rig, "boot", cd, "--enable", "--idle", "10s", "--yes", rig.target(1)) as loan:
        [record] = loan.end(None)
    check("a host that is off is switched on", record["ok"] and record["state"]["after"]["power"] == "on", record)
    status = run(rig.env, "oob-ider", "status", rig.target(1)).record()["data"]["media"]
    check("  what was switched on for it is off again", not status["enabled"] and not status["listener"], status)
    rig.set(1, "redirection.ider=true", "redirection.listener=true")

    plan = run(rig.env, "oob-ider", "boot", str(cd), "--dry-run", rig.target(1)).record()
    check("a dry run says what would be done", "reset" in plan["data"]["plan"] and not plan["changed"], plan)
    outcome = run(rig.env, "oob-ider", "boot", str(cd), rig.target(1))
    check("off a terminal it wants --yes", outcome.status == 2 and "--yes" in outcome.stderr, outcome.stderr)


def check_refusals(rig, work, cd, floppy):
    def refused(what, status, words, *arguments, target=rig.target(6)):
        outcome = run(rig.env, "oob-ider", *map(str, arguments), target)
        check(what, outcome.status == status and words in outcome.stdout + outcome.stderr,
              f"{outcome.status} {outcome.stdout} {outcome.stderr}")

    refused("a missing image", 2, "No such file", "serve", work / "missing.iso")
    refused("  a folder", 2, "neither a file", "serve", work)
    odd = work / "odd.iso"
    odd.write_bytes(b"x" * 3000)
    refused("  a size that is no whole number of sectors, with a way out", 2, "truncate -s %2048", "serve", odd)
    refused("  two images for one drive", 2, "both images", "serve", floppy, "--as", "floppy", "--floppy", floppy)
    refused("  three images", 2, "two drives", "serve", floppy, "--floppy", floppy, "--cd", cd)
    refused("  a CD that is to be written", 2, "CD cannot be written", "serve", cd, "--writable")
    refused("  --in-place alone", 2, "--writable", "serve", floppy, "--in-place")
    refused("  a start that is none", 2, "on-reboot", "serve", cd, "--start", "later")
    refused("  a password in a URL", 2, "password in it", "serve", "http://me:secret@127.0.0.1/x.iso")
    rig.set(6, "redirection.ider=false")
    refused("redirection that is switched off names --enable", 16, "--enable", "serve", cd)
    with Loan(rig, "serve", cd, "--enable", "--start", "now", rig.target(6)) as loan:
        check("  --enable switches it on", rig.host(6, "read")["sha256"] == digest(cd))
        loan.end()
    check("  and says so", "switched on" in loan.stderr, loan.stderr)
    rig.set(6, "control_mode=client")
    refused("client mode: the user has to agree", 14, "--consent-code", "serve", cd)
    rig.set(6, "control_mode=admin")
    (work / "wrong").write_text("not it\n")
    (work / "wrong").chmod(0o600)
    refused("a wrong password", 13, "auth.rejected", "serve", cd, "-c", f"file:{work}/wrong")
    refused("another plane", 15, "unsupported", "serve", cd, target="ipmi://127.77.0.6")


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory(prefix="oob-test-") as folder:
        work = pathlib.Path(folder)
        (work / "password").write_text(PASSWORD + "\n")
        (work / "password").chmod(0o600)
        cd = image(work / "cd.iso", 1500 * BLOCK, 1)
        floppy = image(work / "floppy.img", 2880 * 512, 2)
        with Fleet(build, work, ["--listen", "127.77.0.0/29", "--generation", "15.0", "--power-delay", "200ms"]) as fleet:
            env = environment(build, work, fleet.ready)
            rig = Rig(env, work, fleet.ready)
            silent = part(SilentDevice, rig, cd)
            part(check_serving, rig, cd, floppy)
            part(check_progress, rig, work, cd)
            part(check_endings, rig, cd)
            part(check_lost_links, rig, cd)
            part(check_writing, rig, work, floppy)
            part(check_sources, rig, work, cd)
            part(check_boot, rig, cd)
            part(check_refusals, rig, work, cd, floppy)
            if silent:
                part(silent.finish)


if __name__ == "__main__":
    main()
