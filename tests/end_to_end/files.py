#!/usr/bin/env python3
"""What the tools write is for their user alone and goes where the user said; what they read of secrets is nobody else's;
nothing of it is in a core. tests/end_to_end/files.py BUILD_FOLDER"""

import ctypes
import json
import os
import pathlib
import resource
import shutil
import signal
import subprocess
import sys
import tempfile

from rig import COMMAND_SECONDS, PASSWORD, Fleet, RawPeer, check, environment, part, run, wait_until

# In no list of users, so that nobody knows its home folder.
NOBODY_KNOWN = 3_912_345_678
IS_ROOT = os.geteuid() == 0
PRECIOUS = "precious\n"


def mode(path):
    return path.lstat().st_mode & 0o7777


class Rig:
    def __init__(self, env, work, ready):
        self.env, self.work, self.ready = env, work, ready
        self.target = f"amt+tcp://127.77.0.1:{ready['ports']['http']}"
        self.tls = f"amt://127.77.0.1:{ready['ports']['https']}"
        self.folders = 0

    def folder(self):
        self.folders += 1
        path = self.work / f"folder-{self.folders}"
        path.mkdir()
        return path

    def write(self, option, path):
        """Has a tool write to the path; its outcome."""
        if option == "log":
            return self.log(path)
        tool = ["oob-sol", "connect", "--exec", "--idle", "200ms"] if option in ("--log", "--record") else ["oob-power", "status"]
        return run(self.env, *tool, option, str(path), self.target, stdin="")

    def log(self, path):
        """`oob-sol log` until the file is there, or it ends by itself."""
        process = subprocess.Popen(["oob-sol", "log", str(path), self.target], env=self.env, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        wait_until(lambda: process.poll() is not None or path.is_file() and not path.is_symlink())
        process.send_signal(signal.SIGINT)
        process.stdout_text, process.stderr_text = process.communicate(timeout=COMMAND_SECONDS)
        return process


WRITERS = ["log", "--log", "--record", "--trace", "--journal"]


def check_modes(rig):
    before = os.umask(0)
    try:
        for option in WRITERS:
            path = rig.folder() / "file"
            rig.write(option, path)
            check(f"what {option} writes is for its user alone", path.exists() and mode(path) == 0o600,
                  oct(mode(path)) if path.exists() else "no file")
    finally:
        os.umask(before)


def check_links(rig):
    for option in WRITERS:
        folder = rig.folder()
        (folder / "victim").write_text(PRECIOUS)
        (folder / "to a file").symlink_to(folder / "victim")
        (folder / "to nothing").symlink_to(folder / "nothing")
        for name in ("to a file", "to nothing"):
            outcome = rig.write(option, folder / name)
            said = outcome.stdout_text + outcome.stderr_text if option == "log" else outcome.stdout + outcome.stderr
            status = outcome.returncode if option == "log" else outcome.status
            check(f"{option} through a link {name} is refused", status == 2 and str(folder / name) in said, f"{status} {said}")
        check("  and what it leads to is as it was", (folder / "victim").read_text() == PRECIOUS and
              not (folder / "nothing").exists())
    journal = rig.folder() / "journal"
    run(rig.env, "oob-power", "status", "--journal", str(journal), rig.target)
    link = rig.folder() / "link"
    link.symlink_to(journal)
    outcome = run(rig.env, "oob-power", "status", "--resume", str(link), rig.target)
    check("--resume through a link is refused", outcome.status == 2 and "symbolic link" in outcome.stderr, outcome.stderr)


def check_descriptors(rig):
    """/dev/stderr is a link too, and means what is open."""
    outcome = run(rig.env, "oob-power", "status", "--trace", "/dev/stderr", rig.target)
    check("a trace on /dev/stderr", outcome.status == 0 and "POST /wsman" in outcome.stderr, outcome.stderr[:300])
    path = rig.folder() / "file"
    with path.open("w") as file:
        for name in (f"/dev/fd/{file.fileno()}", f"/proc/self/fd/{file.fileno()}"):
            done = subprocess.run(["oob-power", "status", "-q", "--trace", name, rig.target], env=rig.env,
                                  pass_fds=[file.fileno()], capture_output=True, timeout=COMMAND_SECONDS)
            check(f"  and on {name.rpartition('/')[0]}", done.returncode == 0, done.stderr.decode())
    check("  one behind the other", path.read_text().count("--- ") >= 4 * 2, path.read_text()[:300])
    outcome = run(rig.env, "oob-power", "status", "--trace", "/dev/fd/987", rig.target)
    check("  but not on what is not open", outcome.status == 2, outcome.stderr)
    outcome = run(rig.env, "oob-sol", "connect", "--exec", "-q", "--log", "/dev/stderr", rig.target, stdin="\r")
    check("a log on /dev/stderr", outcome.status == 0 and "login" in outcome.stderr, outcome.stderr)


def check_exposed(rig):
    """A secret that others can write is theirs to choose."""
    folder = rig.folder()
    secret, netrc, key = folder / "secret", folder / "netrc", folder / "key.pem"
    secret.write_text(PASSWORD + "\n")
    netrc.write_text(f"machine 127.77.0.1 login admin password {PASSWORD}\n")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", str(key), "-out",
                    str(folder / "cert.pem"), "-subj", "/CN=me"], check=True, capture_output=True)
    both = folder / "both.pem"
    both.write_text((folder / "cert.pem").read_text() + key.read_text())
    uses = [(secret, ["-c", f"file:{secret}"]), (netrc, ["-c", f"netrc:{netrc}"]),
            (key, ["--tls-cert", str(folder / "cert.pem"), "--tls-key", str(key)]), (both, ["--tls-cert", str(both)]),
            (secret, ["--tls-cert", str(both), "--tls-key-password", f"file:{secret}"])]
    for path, words in uses:
        for each in (secret, netrc, key, both):
            each.chmod(0o600)
        outcome = run(rig.env, "oob-power", "status", *words, rig.target)
        check(f"{words[0]} {path.name} that is private is taken", outcome.status == 0, outcome.stdout + outcome.stderr)
        for exposed, how in ((0o620, "changed"), (0o602, "changed"), (0o640, "read"), (0o604, "read"), (0o666, "read and changed")):
            path.chmod(exposed)
            outcome = run(rig.env, "oob-power", "status", *words, rig.target)
            check(f"  and with mode {exposed:o} refused", outcome.status == 2 and f"can be {how} by others" in
                  outcome.stdout + outcome.stderr and "chmod" in outcome.stdout + outcome.stderr, outcome.stdout + outcome.stderr)
    secret.chmod(0o620)
    outcome = run(rig.env, "oob-sim", "run", "--port-base", "0", "--control", "none", "--for", "1s", "--password-file", str(secret))
    check("oob-sim's password file likewise", outcome.status == 2 and "changed by others" in outcome.stderr, outcome.stderr)


def check_configuration(rig):
    """What cannot be read is not taken for what is not there, and what anybody can write is nobody's wish."""
    folder = rig.folder()
    env = {**rig.env, "XDG_CONFIG_HOME": str(folder)}
    config = folder / "oob/config.toml"
    config.parent.mkdir()
    config.write_text('[hosts."127.77.0.1"]\npin = "sha256:' + "0" * 64 + '"\n')
    config.chmod(0o644)
    words = ["oob-power", "status", "--tls-tofu", rig.tls]
    check("a pin of the configuration counts", run(env, *words).record()["error"]["code"] == "tls.pin")
    config.chmod(0o666)
    outcome = run(env, *words)
    check("  not out of a file that anybody can change", outcome.status == 2 and "chmod o-w" in outcome.stderr, outcome.stderr)
    config.rename(folder / "elsewhere")
    config.symlink_to(folder / "gone")
    outcome = run(env, *words)
    check("  and a link that leads nowhere is told", outcome.status == 2 and str(config) in outcome.stderr, outcome.stderr)


def check_names_of_logs(rig):
    """A record's name becomes a part of a file's name, and never more than that."""
    for name in ("x\0y", "\x1b]0;p\a", "a\nb", "../up", ".profile\0"):
        folder = rig.folder()
        (folder / "log").mkdir()
        record = json.dumps({"target": rig.target, "ok": True, "device": {"name": name}})
        process = subprocess.Popen(["oob-sol", "log", "log/{name}.log", "-"], env=rig.env, cwd=folder, stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        process.stdin.write(record + "\n")
        process.stdin.close()
        wait_until(lambda: process.poll() is not None or list((folder / "log").iterdir()))
        process.send_signal(signal.SIGINT)
        process.stdin = None
        stdout, stderr = process.communicate(timeout=COMMAND_SECONDS)
        made = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
        check(f"{name!r} makes one file of that kind", len(made) == 1 and made[0].startswith("log/") and made[0].endswith(".log")
              and made[0].isprintable(), (made, stdout, stderr))


def check_home(rig):
    """Nothing of the user's lies in the current directory."""
    env = {name: value for name, value in rig.env.items() if name != "HOME" and not name.startswith("XDG_")}
    folder = rig.folder()
    known = folder / ".local/state/oob/known_devices"
    known.parent.mkdir(parents=True)
    fingerprint = run(rig.env, "oob-discover", "trust", "-n", rig.tls).record()["device"]["fingerprint"]
    planted = f"127.77.0.1:{rig.ready['ports']['https']} {fingerprint} 2026-01-01T00:00:00.000Z\n"
    known.write_text(planted)
    (folder / ".netrc").write_text(f"default login admin password {PASSWORD}\n")
    (folder / ".netrc").chmod(0o600)
    before = os.getcwd()
    os.chdir(folder)
    try:
        for what, more in (("no HOME", {}), ("an empty HOME", {"HOME": ""}), ("a relative HOME", {"HOME": "."}),
                           ("a relative XDG_STATE_HOME", {"XDG_STATE_HOME": ".local/state"})):
            record = run({**env, **more}, "oob-discover", "trust", "-n", rig.tls).record()
            check(f"{what}: nobody is known from here", record["data"]["trust"] == "new", str(record))
            check("  and nothing is made here", sorted(folder.rglob("*")) == sorted([
                folder / ".local", folder / ".local/state", known.parent, known, folder / ".netrc"]))
            outcome = run({**env, **more, "OOB_CREDENTIAL": "netrc"}, "oob-power", "status", rig.target)
            check("  nor is a password", outcome.status != 0, outcome.stdout)
        part(check_nobody, rig, env, folder)
    finally:
        os.chdir(before)


def may_run(env, *words):
    done = subprocess.run(words, env=env, user=NOBODY_KNOWN, capture_output=True, timeout=COMMAND_SECONDS)
    return done.returncode == 0


def check_nobody(rig, env, folder):
    folder.chmod(0o777)
    for path in (rig.work, *folder.rglob("*")):
        path.chmod(0o755)
    try:
        there = IS_ROOT and may_run(env, "oob-power", "--version")
    except OSError:
        there = False
    if not there:
        print("nobody else can run the tools here: a user without a home folder is not tried")
        return
    env = {**env, "OOB_CREDENTIAL": "env:SITE_PASSWORD", "SITE_PASSWORD": PASSWORD}

    def status(*words):
        done = subprocess.run(["oob-power", "status", *words], env=env, user=NOBODY_KNOWN, capture_output=True, text=True,
                              timeout=COMMAND_SECONDS)
        return done.returncode, done.stdout + done.stderr

    code, said = status("--tls-tofu", rig.tls)
    check("without a home folder there is no place for known devices", code == 2 and "config.home" in said and "set HOME" in said,
          said)
    code, said = status("--insecure", rig.tls)
    check("  which matters to nobody who needs none", code == 0, said)


def held(rig, peer, *, user=None, prepare=None, folder=None):
    """A tool that waits for an answer, with its password in memory."""
    sanitizers = {"ASAN_OPTIONS": ":".join(filter(None, [rig.env.get("ASAN_OPTIONS"),
                                                         "disable_coredump=0:handle_abort=0:handle_segv=0:detect_leaks=0"]))}
    before = len(peer.open)
    env = {**rig.env, **sanitizers, "OOB_CREDENTIAL": "env:SITE_PASSWORD", "SITE_PASSWORD": PASSWORD}
    process = subprocess.Popen(["oob-power", "status", "-t", "1h", f"amt+tcp://127.0.0.1:{peer.port}"], env=env, cwd=folder,
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, user=user,
                               preexec_fn=prepare)
    return process, lambda: wait_until(lambda: len(peer.open) > before or process.poll() is not None)


def unlimited():
    resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def check_cores(rig):
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    if not IS_ROOT and hard != resource.RLIM_INFINITY:
        print("this user may write no cores anyway")
        return
    folder = rig.folder()
    for number in (signal.SIGSEGV, signal.SIGABRT):
        sleeper = subprocess.Popen(["sleep", "1000"], cwd=folder, preexec_fn=unlimited)
        sleeper.send_signal(number)
        _, status = os.waitpid(sleeper.pid, 0)
        sleeper.returncode = 0
        print(f"a program that nobody protects {'leaves' if os.WCOREDUMP(status) else 'leaves no'} core here")
        for path in folder.iterdir():
            path.unlink()
        with RawPeer(None) as peer:
            process, waits = held(rig, peer, prepare=unlimited, folder=folder)
            waits()
            limits = pathlib.Path(f"/proc/{process.pid}/limits").read_text()
            process.send_signal(number)
            _, status = os.waitpid(process.pid, 0)
            process.returncode = 0
        check(f"a tool that is ended by {number.name} leaves no core", os.WIFSIGNALED(status) and not os.WCOREDUMP(status) and
              not list(folder.iterdir()), f"{status} {list(folder.iterdir())}")
        soft = [line.split()[4] for line in limits.splitlines() if line.startswith("Max core file size")]
        check("  whatever the limit was at its start", soft == ["0"], limits)


def check_memory(rig):
    """The system gives a process that may not be dumped to root."""
    user = NOBODY_KNOWN if IS_ROOT else os.geteuid()
    try:
        there = not IS_ROOT or may_run(rig.env, "oob-power", "--version")
    except OSError:
        there = False
    if not there:
        print("nobody else can run the tools here: what the same user may look into is not tried")
        return
    cat = shutil.which("cat")
    with RawPeer(None) as peer:
        process, waits = held(rig, peer, user=user)
        waits()
        environ = pathlib.Path(f"/proc/{process.pid}/environ")
        done = subprocess.run([cat, environ], user=user, capture_output=True, timeout=COMMAND_SECONDS)
        check("no other process of the same user looks into a tool", done.returncode != 0 and environ.stat().st_uid == 0,
              str(done))
        process.kill()
        process.communicate()

    libc = ctypes.CDLL(None, use_errno=True)
    trace_me, go_on = 0, 7
    with RawPeer(None) as peer:
        process, waits = held(rig, peer, user=user, prepare=lambda: libc.ptrace(trace_me, 0, None, None))
        os.waitpid(process.pid, 0)  # it stops at its first instruction
        libc.ptrace(go_on, process.pid, None, None)
        waits()
        check("a debugger that starts one does", pathlib.Path(f"/proc/{process.pid}/environ").stat().st_uid == user)
        process.kill()
        process.communicate()


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory(prefix="oob-test-") as folder:
        work = pathlib.Path(folder)
        (work / "password").write_text(PASSWORD + "\n")
        (work / "password").chmod(0o600)
        with Fleet(build, work, ["--listen", "127.77.0.0/29", "--generation", "15.0"]) as fleet:
            rig = Rig(environment(build, work, fleet.ready), work, fleet.ready)
            for each in (check_modes, check_links, check_descriptors, check_exposed, check_configuration,
                         check_names_of_logs, check_home, check_cores, check_memory):
                part(each, rig)


if __name__ == "__main__":
    main()
