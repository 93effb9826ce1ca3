#!/usr/bin/env python3
"""Devices behind a bastion: --via ssh: against OpenSSH's sshd, with keys made here.
tests/end_to_end/via_ssh.py BUILD_FOLDER"""

import contextlib
import getpass
import json
import os
import pathlib
import pty
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

from gate import Gate
from rig import COMMAND_SECONDS, PASSWORD, Fleet, check, environment, record_schema, run, unused_port

MANY = 64
PASSPHRASE = "open sesame"
START_SECONDS = 20
SSHD = shutil.which("sshd", path="/usr/sbin:/usr/local/sbin:/usr/bin")


def keygen(path, passphrase=""):
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", passphrase, "-f", path], check=True)


def lenient(host_key):
    """The setting that keeps sshd from shutting out an address after some failed logins, which are made here on purpose;
    an sshd before OpenSSH 9.8 neither does that nor knows the setting."""
    settings = subprocess.run([SSHD, "-T", "-f", "/dev/null", "-h", host_key], check=True, capture_output=True, text=True)
    return ["PerSourcePenalties no"] if "\npersourcepenalties" in settings.stdout.lower() else []


class Bastion:
    """An sshd on a free loopback port, for as long as the `with` block lasts."""

    def __init__(self, work, name, *settings):
        self.folder = work / name
        self.folder.mkdir()
        self.port = unused_port()
        self.log = self.folder / "log"
        keygen(self.folder / "host_key")
        authorized = work / "authorized_keys"
        (self.folder / "config").write_text("\n".join([
            f"Port {self.port}", "ListenAddress 127.0.0.1", f"HostKey {self.folder}/host_key", "PidFile none", "UsePAM no",
            "StrictModes no", f"AuthorizedKeysFile {authorized}", "PermitRootLogin yes", "PasswordAuthentication no",
            "KbdInteractiveAuthentication no", "LogLevel VERBOSE", *lenient(self.folder / "host_key"), *settings, ""]))
        self.via = f"ssh:127.0.0.1:{self.port}"

    def host_key(self):
        return " ".join((self.folder / "host_key.pub").read_text().split()[:2])

    def known_as(self):
        return f"[127.0.0.1]:{self.port} {self.host_key()}\n"

    def logins(self):
        return self.log.read_text().count("Accepted publickey")

    def __enter__(self):
        self.process = subprocess.Popen([SSHD, "-D", "-e", "-f", self.folder / "config"], stderr=open(self.log, "w"),
                                        start_new_session=True)
        for _ in range(START_SECONDS * 10):
            if "Server listening" in self.log.read_text():
                return self
            time.sleep(0.1)
        raise SystemExit(f"sshd did not start: {self.log.read_text()}")

    def __exit__(self, *_):
        self.kill()

    def kill(self):
        """The server and the connections that it has."""
        for child in self.children():
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        self.process.wait(START_SECONDS)

    def children(self):
        found, wanted = [], [self.process.pid]
        while wanted:
            parent = wanted.pop()
            with contextlib.suppress(OSError):
                for task in pathlib.Path(f"/proc/{parent}/task").iterdir():
                    ids = [int(word) for word in (task / "children").read_text().split()]
                    found += ids
                    wanted += ids
        return found


class Home:
    """A home folder with keys and known hosts."""

    def __init__(self, work, name):
        self.path = work / name
        self.ssh = self.path / ".ssh"
        self.ssh.mkdir(parents=True, mode=0o700)

    def know(self, text):
        (self.ssh / "known_hosts").write_text(text)


def power(env, home, *words, agent=None):
    mine = env | {"HOME": str(home.path)}
    mine.pop("SSH_AUTH_SOCK", None)
    if agent:
        mine["SSH_AUTH_SOCK"] = agent
    return run(mine, "oob-power", *words)


def failed(what, outcome, status, code, words=""):
    error = outcome.records()[0]["error"] if outcome.records() else {}
    good = outcome.status == status and error.get("code") == code and words in error.get("message", "") + error.get("hint", "")
    check(what, good and error.get("hint"), f"status {outcome.status}, {error} {outcome.stderr}")


def check_many(env, bastion, home, http):
    targets = [f"amt+tcp://127.77.0.{number}:{http}" for number in range(1, MANY + 1)]
    outcome = power(env, home, "status", "--via", bastion.via, *targets)
    check(f"{MANY} devices through one bastion", outcome.status == 0 and len(outcome.records()) == MANY, outcome.stdout[:2000])
    check("  over one SSH connection", bastion.logins() == 1, bastion.log.read_text()[-2000:])
    outcome = power(env, home, "off", "--yes", f"{targets[0]}?via={bastion.via}")
    check("  a change, by the target's own way", outcome.record()["verified"], outcome.stdout)
    site = home.path / "site.toml"
    site.write_text(f'[hosts."pc1.invalid"]\naddress = "127.77.0.3"\nvia = "{bastion.via}"\n')
    outcome = power(env, home, "status", "-i", str(site), f"amt+tcp://pc1.invalid:{http}")
    check("  the inventory's way", outcome.status == 0, outcome.stdout)
    user = f"ssh:{getpass.getuser()}@127.0.0.1:{bastion.port}"
    check("  with a user", power(env, home, "status", "--via", user, targets[0]).status == 0)
    failed("  a port that is closed behind it",
           power(env, home, "status", "--via", bastion.via, f"amt+tcp://127.0.0.1:{unused_port()}"), 10, "connect.refused",
           "bastion")


def check_configuration(env, bastion, home, http):
    (home.ssh / "config").write_text(f"Host jump\n  HostName 127.0.0.1\n  Port {bastion.port}\n")
    outcome = power(env, home, "status", "--via", "ssh:jump", f"amt+tcp://127.77.0.5:{http}")
    check("~/.ssh/config is read", outcome.status == 0, outcome.stdout + outcome.stderr)
    (home.ssh / "config").unlink()


def check_host_keys(env, work, bastion, home, target):
    stranger = Home(work, "stranger")
    shutil.copy(home.ssh / "id_ed25519", stranger.ssh)
    words = ["status", "--via", bastion.via, target]
    failed("a bastion that nobody knows", power(env, stranger, *words), 10, "connect.bastion_unknown", "SHA256:")
    keygen(work / "other_key")
    other = " ".join((work / "other_key.pub").read_text().split()[:2])
    stranger.know(f"[127.0.0.1]:{bastion.port} {other}\n")
    failed("  one whose key has changed", power(env, stranger, *words), 10, "connect.bastion_changed", "ssh-keygen -R")


def check_logins(env, work, bastion, target):
    words = ["status", "--via", bastion.via, target]
    poor = Home(work, "poor")
    poor.know(bastion.known_as())
    keygen(poor.ssh / "id_ed25519")
    failed("a key that is not authorized", power(env, poor, *words), 13, "auth.bastion", "tried")
    (poor.ssh / "id_ed25519").unlink()
    failed("  no key at all", power(env, poor, *words), 13, "auth.bastion")
    failed("  one failure, not one a device", power(env, poor, *words, target.replace(".9:", ".8:")), 13, "auth.bastion")

    agent = subprocess.run(["ssh-agent", "-s", "-a", work / "agent"], check=True, capture_output=True, text=True)
    pid = int(re.search(r"SSH_AGENT_PID=(\d+)", agent.stdout).group(1))
    try:
        subprocess.run(["ssh-add", "-q", work / "user_key"], check=True, env=os.environ | {"SSH_AUTH_SOCK": str(work / "agent")},
                       stderr=subprocess.DEVNULL)
        outcome = power(env, poor, *words, agent=str(work / "agent"))
        check("a key of the agent", outcome.status == 0, outcome.stdout)
    finally:
        os.kill(pid, signal.SIGTERM)


def on_terminal(env, words, answers):
    """Runs a command on a terminal of its own, types the answers, and returns status and everything that was shown."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvpe(words[0], words, env)
    shown, left = b"", list(answers)
    limit = time.monotonic() + COMMAND_SECONDS
    while time.monotonic() < limit:
        if select.select([terminal], [], [], 0.2)[0]:
            try:
                received = os.read(terminal, 65536)
            except OSError:
                break
            if not received:
                break
            shown += received
        if left and left[0][0] in shown:
            os.write(terminal, left.pop(0)[1] + b"\n")
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), shown.decode(errors="replace")


def check_passphrase(env, work, bastion, target):
    locked = Home(work, "locked")
    locked.know(bastion.known_as())
    shutil.copy(work / "user_key", locked.ssh / "id_ed25519")
    subprocess.run(["ssh-keygen", "-q", "-p", "-P", "", "-N", PASSPHRASE, "-f", locked.ssh / "id_ed25519"], check=True,
                   stdout=subprocess.DEVNULL)
    words = ["status", "--via", bastion.via, target]
    failed("a locked key, and nobody to ask", power(env, locked, *words), 13, "auth.bastion", "terminal")
    mine = env | {"HOME": str(locked.path)}
    mine.pop("SSH_AUTH_SOCK", None)
    status, shown = on_terminal(mine, ["oob-power", *words, "-o", "ndjson"], [(b"assphrase", PASSPHRASE.encode())])
    check("  on a terminal the passphrase is asked for", status == 0, shown)
    check("  and not shown", PASSPHRASE not in shown, shown)
    outcome = on_terminal(mine, ["oob-power", *words, "--no-input", "-o", "ndjson"], [])
    check("  with --no-input nobody is asked", outcome[0] == 13 and "assphrase" not in outcome[1], outcome[1])


def check_unhappy(env, work, home, http):
    target = f"amt+tcp://127.77.0.9:{http}"
    with Bastion(work, "closed", "AllowTcpForwarding no") as bastion:
        home.know(bastion.known_as())
        failed("a bastion that does not forward", power(env, home, "status", "--via", bastion.via, target), 13,
               "forbidden.bastion", "AllowTcpForwarding")
    failed("a bastion that is not there", power(env, home, "status", "--via", f"ssh:127.0.0.1:{unused_port()}", target), 10,
           "connect.bastion", "'ssh'")
    with socket.create_server(("127.0.0.1", 0)) as mute:
        via = f"ssh:127.0.0.1:{mute.getsockname()[1]}"
        outcome = power(env, home, "status", "--connect-timeout", "500ms", "--via", via, target)
        failed("a bastion that says nothing", outcome, 11, "timeout.bastion")
    for spec in ("ssh:", "ssh:-oProxyCommand=touch", "ssh:host:port"):
        outcome = power(env, home, "status", "--via", spec, target)
        check(f"nonsense: {spec}", outcome.status == 2 and "hint" in outcome.stderr, outcome.stderr)


def check_loss(env, work, home, http):
    gate = Gate("127.79.0.9", "127.77.0.9", [http], lambda kind, seen: True)
    target = f"amt+tcp://{gate.address}:{gate.port}"
    with Bastion(work, "dying") as bastion:
        home.know(bastion.known_as())
        mine = env | {"HOME": str(home.path)}
        mine.pop("SSH_AUTH_SOCK", None)
        process = subprocess.Popen(["oob-power", "status", "--via", bastion.via, "-t", f"{COMMAND_SECONDS}s", target],
                                   env=mine, stdout=subprocess.PIPE, text=True)
        check("a device behind a bastion is asked", gate.reached.wait(COMMAND_SECONDS))
        bastion.kill()
        record = json.loads(process.communicate(timeout=COMMAND_SECONDS)[0])
        # Had it not been noticed, it would be a time-out.
        check("  a bastion that dies in the middle", record["error"]["class"] == "connect", record)
        check("  fits the schema", not list(record_schema.problems(json.dumps(record))))
    gate.close()


def main():
    if SSHD is None or shutil.which("ssh-agent") is None:
        print("skipped: there is no sshd here (package openssh-server)")
        return
    if os.getuid() == 0:  # the place where its unprivileged half lives
        pathlib.Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    build = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory(prefix="oob-test-") as folder:
        work = pathlib.Path(folder)
        (work / "password").write_text(PASSWORD + "\n")
        (work / "password").chmod(0o600)
        keygen(work / "user_key")
        shutil.copy(work / "user_key.pub", work / "authorized_keys")
        home = Home(work, "home")
        shutil.copy(work / "user_key", home.ssh / "id_ed25519")
        with Fleet(build, work, ["--listen", "127.77.0.0/24", "--generation", "15.0"]) as fleet:
            env = environment(build, work, fleet.ready)
            http = fleet.ready["ports"]["http"]
            target = f"amt+tcp://127.77.0.9:{http}"
            with Bastion(work, "bastion", "MaxSessions 10") as bastion:
                home.know(bastion.known_as())
                check_many(env, bastion, home, http)
                check_configuration(env, bastion, home, http)
                check_host_keys(env, work, bastion, home, target)
                check_logins(env, work, bastion, target)
                check_passphrase(env, work, bastion, target)
            check_unhappy(env, work, home, http)
            check_loss(env, work, home, http)


if __name__ == "__main__":
    main()
