#!/usr/bin/env python3
"""Every example of README.md, of the man pages and of the programs' help, typed into a shell on a terminal as it stands.
tests/end_to_end/examples.py BUILD_FOLDER

The shell has a network of its own in which the names and addresses of the examples are simulated devices. The examples of
a page run in one shell, in their order. What lasts is ended as a person would, with Ctrl-C or ~. once it is at work."""

import fcntl
import functools
import http.server
import json
import os
import pathlib
import re
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading

import ider
import manual
import names
from pipelines import enter_network
from rig import COMMAND_SECONDS, PASSWORD, check, environment, part, require, run
from shell import Shell

from golden import TOOLS

ROOT = pathlib.Path(__file__).resolve().parents[2]
# What examples speak of: forty machines of two names each, a group of twelve, and a network that is scanned.
MACHINES, GROUP, NAMELESS = 40, 12, 8
NETWORK, NETMASK, FLEET = "10.20.0.1", "255.255.252.0", "10.20.0.0/26"
HOSTS = "127.0.0.1 localhost images.example\n" + "".join(
    f"10.20.0.{number} pc{number:02}.lab.example pc{number:02}\n" for number in range(1, MACHINES + 1))
# The fleets that examples take for granted; those that start one themselves have the place for it.
FLEETS = {"machines": ["--listen", FLEET, "--power-delay", "50ms", "--rmcp-port", "623"], "rehearsal": []}
NOT_RUN = {
    r"cmake ": "it installs what is under test",
    r"scripts/": "it builds and tests the tree",
}
# How what lasts ends after Ctrl-C.
LASTING = {"oob-sim run": 0, "oob-sol log": 130, "oob-sol monitor": 130, "oob-ider serve": 130, "oob-ider boot": 130}
CTRL_C, CTRL_D = b"\x03", b"\x04"
LOGIN = re.compile(rb"login: |[$] ")
# A slow machine is no fault of a page: limits that an example does not set itself are not the usual ones.
PATIENT = {"OOB_CONNECT_TIMEOUT": f"{COMMAND_SECONDS}s", "OOB_TIMEOUT": f"{COMMAND_SECONDS}s"}
SIOCSIFADDR, SIOCSIFNETMASK = 0x8916, 0x891C


class Control:
    """The control socket of a fleet."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(COMMAND_SECONDS)
        self.socket.connect(path)
        self.lines = self.socket.makefile()

    def ask(self, request):
        """The records before the one that ends the answer, and that one."""
        self.socket.sendall((request if isinstance(request, str) else json.dumps(request)).encode() + b"\n")
        records = []
        while not records or records[-1]["type"] != "end":
            records.append(json.loads(self.lines.readline()))
        return records[:-1], records[-1]

    def get(self, number, key):
        [record], _ = self.ask({"verb": "get", "device": f"10.20.0.{number}", "key": key})
        return record["data"][key]

    def rest(self):
        """All machines as they are when nobody does anything to them; those without a name are off."""
        for number in range(1, MACHINES + NAMELESS + 1):
            power = "on" if number <= MACHINES else "off"
            self.ask({"verb": "set", "device": f"10.20.0.{number}", "key": "power", "value": power})


class Site:
    """The folder of the test, what a user has there, and the fleet that the examples at hand take for granted."""

    def __init__(self, build, work):
        self.build, self.work = build, work
        ready = {"ports": {name: 0 for name in ("http", "https", "rmcp")}}
        self.env = {name: value for name, value in environment(build, work, ready).items()
                    if name not in ("OOB_CREDENTIAL", "HTTP", "HTTPS", "RMCP", "CONTROL", "WORK")}
        self.env |= {"TERM": "xterm", "XDG_RUNTIME_DIR": str(work / "run"), "SSL_CERT_FILE": str(work / "images.pem"),
                     **PATIENT}
        self.kind = self.fleet = self.control = None
        (work / "run").mkdir(mode=0o700)
        self.write_secret(work / "fleet.password")

    def write_secret(self, path):
        path.touch(mode=0o600)
        path.write_text(PASSWORD + "\n")

    def folder(self, name):
        """A folder to work in, with the files that are the user's own."""
        folder = self.work / name
        folder.mkdir()
        ider.image(folder / "rescue.iso", 64 * ider.BLOCK, 1)
        ider.image(folder / "drivers.img", 1440 << 10, 2)
        (folder / "printers.txt").write_text("10.20.0.50-10.20.0.60  # the printers\n")
        return folder

    def home(self, folder, *, known=(), configured=True):
        """The environment of a user with such a folder, who has a home, a configuration, and met machines before."""
        home = folder / "home"
        for place in ("config/oob", "state"):
            (home / place).mkdir(parents=True)
        env = self.env | {"HOME": str(home), "XDG_CONFIG_HOME": str(home / "config"), "XDG_STATE_HOME": str(home / "state")}
        if configured:
            self.write_secret(home / ".amt-password")
            (home / "config/oob/config.toml").write_text(
                f'[defaults]\ncredential = "file:{home}/.amt-password"\n\n[groups.lab]\nhosts = ["pc[01-{GROUP}]"]\n')
        if known:
            done = run(env, "oob-discover", "trust", *known, stdin=self.scanned() if "-" in known else None)
            require("  the user has met the machines before", done.status == 0, done.stdout + done.stderr)
        return env

    @functools.cache
    def scanned(self):
        """What a scan finds, as everybody has it in lab.ndjson."""
        return run(self.env, "oob-discover", "scan", FLEET).stdout

    def enter(self, kind):
        """Sees that there is that fleet, and no other."""
        if kind != self.kind or (self.fleet and self.fleet.poll() is not None):
            self.leave()
            if kind:
                password = ["--password-file", str(self.work / "fleet.password")] if kind == "machines" else []
                self.fleet = subprocess.Popen(["oob-sim", "run", *FLEETS[kind], *password], env=self.env, stdout=subprocess.PIPE,
                                              text=True)
                line = self.fleet.stdout.readline()
                require(f"the fleet of the {kind} starts", line)
                self.control = Control(json.loads(line)["control"])
            self.kind = kind
        if kind == "machines":
            self.control.rest()

    def leave(self):
        if self.fleet:
            self.fleet.terminate()
            self.fleet.wait(COMMAND_SECONDS)
        self.kind = self.fleet = self.control = None


def machines_of(command):
    numbers = re.search(r"pc\[(\d+)-(\d+)\]", command)
    return range(int(numbers[1]), int(numbers[2]) + 1) if numbers else range(1, GROUP + 1) if "@lab" in command else range(7, 8)


def at_work(site, shell, command):
    """Whether what lasts does what it is there for, so that one may end it."""
    if "oob-sim run" in command:
        return b'"type":"ready"' in shell.shown
    if "oob-ider boot" in command and not site.control.get(7, "booted_from").startswith("ider"):
        return False
    return all(site.control.get(number, "redirection")["sessions"] for number in machines_of(command))


def type_example(site, shell, command):
    """Types it, and what a person types while it runs; its status, and the one that its page implies."""
    shell.type(command.encode() + b"\n")
    if "oob-sol connect" in command and "--exec" not in command:
        if shell.until(lambda: at_work(site, shell, command)) and shell.until(lambda: LOGIN.search(shell.shown), again=b"\r"):
            shell.type(b"\r~.")
        return shell.prompt(), 0
    if "cat >" in command:
        shell.type(PASSWORD.encode() + b"\n" + CTRL_D)
        return shell.prompt(), 0
    lasting = next((end for words, end in LASTING.items() if words in command and not command.endswith("&")), None)
    if lasting is not None and shell.until(lambda: at_work(site, shell, command)):
        shell.type(CTRL_C)
    return shell.prompt(), lasting or 0


def fleet_for(commands):
    if any("oob-sim run" in command for command in commands):
        return None
    return "rehearsal" if any("oob-sim" in command for command in commands) else "machines"


class Count:
    pages = ran = 0
    left_out = {}


def run_page(site, page, displays, shell):
    """Types all examples of a page."""
    Count.pages += 1
    before, wrong = Count.ran, []
    for display in displays:
        commands = display.commands()
        site.enter(fleet_for(commands))
        for command in commands:
            if reason := next((why for words, why in NOT_RUN.items() if re.match(words, command)), None):
                Count.left_out[command] = reason
                continue
            status, wanted = type_example(site, shell, command)
            Count.ran += 1
            if status != wanted:
                wrong.append(f"{command}\nended with {status}, not {wanted}:\n{shell.shown.decode(errors='replace')[-3000:]}")
    check(f"{page}: {Count.ran - before} examples do what the page says", not wrong and Count.ran > before, "\n\n".join(wrong))


def check_readme(site):
    """From a clone in which the two commands have run, and nothing else."""
    displays = [each for each in manual.of_readme(ROOT / "README.md") if each.kind == "commands"]
    folder = site.folder("readme")
    (folder / "build").mkdir()
    (folder / "build/release").symlink_to(site.build)
    env = site.home(folder, configured=False) | {"PATH": "/usr/bin:/bin"}
    rehearsal = [each for each in displays if "oob-sim run" in each.text]
    with Shell(env, folder) as shell:
        run_page(site, "README.md", displays, shell)
        run_page(site, "README.md, the rehearsal once more", rehearsal, shell)


def check_man_page(site, tool):
    path = ROOT / f"man/{tool}.1"
    displays = manual.of_man_page(path)
    folder = site.folder(path.name)
    commands = [each for each in displays if each.kind == "commands"]
    site.enter(fleet_for(commands[0].commands()))
    env = site.home(folder, known=[f"pc[01-{MACHINES}]"] if site.kind == "machines" else ())
    for display in displays:
        if display.kind == "script":
            (folder / "boot.exp").write_text(display.text)
        elif display.kind == "configuration":
            check_configuration(env, path, folder, display.text)
    with Shell(env, folder) as shell:
        run_page(site, f"man/{path.name}", commands, shell)
    for display in displays:
        if display.kind == "requests":
            check_requests(site, path, display.text)


def check_configuration(env, path, folder, text):
    """It is read, but nobody is touched: its proxy and its certificates are not there. What it leaves out is a pin."""
    (folder / "site.toml").write_text(text.replace("sha256:...", "sha256:" + 64 * "0"))
    outcome = run(env, "oob-power", "status", "-i", str(folder / "site.toml"), "-x", "@lab", "@lab")
    check(f"man/{path.name}: the configuration is one", outcome.status == 3, f"{outcome.status} {outcome.stderr}")
    Count.ran += 1


def check_requests(site, path, text):
    site.enter("rehearsal")
    ends = [(line, site.control.ask(line)[1]) for line in text.splitlines()]
    wrong = [end for end in ends if not end[1]["ok"]]
    check(f"man/{path.name}: {len(ends)} requests are answered", not wrong, wrong)
    Count.ran += len(ends)


def check_help(site, tool):
    folder = site.folder(f"{tool}.help")
    displays = manual.of_help(site.env, tool)
    site.enter(fleet_for(displays[0].commands()))
    known = [f"pc[01-{MACHINES}]", "-"] if site.kind == "machines" else []
    env = site.home(folder, known=known)
    if known:
        (folder / "lab.ndjson").write_text(site.scanned())
    with Shell(env, folder) as shell:
        run_page(site, f"{tool} --help", displays, shell)
        shell.resize(24, 50)
        shell.type(f"{tool} --help\n".encode())
        shell.prompt()
        lines = shell.shown.decode().partition("Examples:")[0].split("\r\n")
        check("  and it fits a narrow terminal", len(lines) > 5 and max(map(len, lines)) <= 50, lines)


def enter_world(work):
    """A network and name files of the test's own; what stands in the way, if anything does."""
    names.FILES = {"resolv.conf": "# none\n", "nsswitch.conf": "hosts: files\n", "hosts": HOSTS}
    if not enter_network():
        return "this system gives the test no network of its own"
    try:
        pathlib.Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").write_text("0")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
            for request, address in ((SIOCSIFADDR, NETWORK), (SIOCSIFNETMASK, NETMASK)):
                name = struct.pack("16sHH4s8x", b"lo:1", socket.AF_INET, 0, socket.inet_aton(address))
                fcntl.ioctl(any_socket, request, name)
    except OSError as error:
        return f"this system does not let the test make addresses: {error}"
    return names.replace_files(work)


class Images(ider.RangeServer):
    """images.example, which has one image."""

    def do_GET(self):
        self.path = self.path.replace("/rescue.iso", "/image.iso")
        super().do_GET()


def serve_images(work):
    certificate = work / "images.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", certificate, "-out", certificate, "-days",
                    "2", "-subj", "/CN=images.example", "-addext", "subjectAltName=DNS:images.example"], check=True,
                   capture_output=True)
    Images.data = ider.image(work / "rescue.iso", 64 * ider.BLOCK, 1).read_bytes()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 443), Images)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    os.environ["PATH"] = ":".join([*(str(build / "cmd" / tool) for tool in TOOLS), os.environ["PATH"]])
    with tempfile.TemporaryDirectory(prefix="oob-examples-") as folder:
        work = pathlib.Path(folder)
        if reason := enter_world(work):
            print(f"skipped: {reason}")
            return
        serve_images(work)
        site = Site(build, work)
        try:
            part(check_readme, site)
            for tool in TOOLS:
                part(check_man_page, site, tool)
                part(check_help, site, tool)
        finally:
            site.leave()
    print(f"{Count.ran} examples of {Count.pages} pages ran; {len(Count.left_out)} were left out:")
    for command, reason in Count.left_out.items():
        print(f"  {command.split('#')[0].strip()}: {reason}")


if __name__ == "__main__":
    main()
