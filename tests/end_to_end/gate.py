"""A gate between a tool and a simulated device: it passes everything on, and holds an answer until it is told to let go.
So a test can do something at an exact moment, whatever the machine's speed."""

import collections
import random
import re
import socket
import threading

LIMIT_SECONDS = 120  # ends a run that is broken; no verdict comes of it

ACTION = re.compile(rb"<[\w:]*Action[^>]*>([^<]+)<")
LENGTH = re.compile(rb"\r\nContent-Length: *(\d+)", re.IGNORECASE)
READS = re.compile(rb"(/transfer/Get|/enumeration/(Enumerate|Pull)|/(Get|PositionTo|Read)\w*)$")
SESSION_CODES = (0x20, 0x40)  # what opens a console, or lends disks, once the login is through


class Gate:
    """Listens at an address of its own for the ports of one device. `hold(kind, seen)` says whether the answer to a
    request is held: the kind is "read", "change", "session" or, with `raw`, "bytes", and `seen` counts what came before, methods by their names too.
    The first that is held sets `reached`; `release()` lets everything pass from then on."""

    def __init__(self, address, upstream, ports, hold, raw=False):
        self.address, self.upstream, self.hold, self.raw = address, upstream, hold, raw
        self.seen = collections.Counter()
        self.lock = threading.Lock()
        self.reached, self.released = threading.Event(), threading.Event()
        self.sockets = []
        self.open = 0  # connections of clients
        self.port = self._listen(ports)

    def _listen(self, ports):
        """Binds the row of ports somewhere; the first one's number."""
        for _ in range(1000):
            base = random.randrange(20000, 60000)
            listeners = []
            try:
                for port in ports:
                    listeners.append((socket.create_server((self.address, base + port - ports[0])), port))
            except OSError:
                for listener, _ in listeners:
                    listener.close()
                continue
            for listener, port in listeners:
                self.sockets.append(listener)
                threading.Thread(target=self._accept, args=(listener, port), daemon=True).start()
            return base
        raise SystemExit(f"no free ports at {self.address}")

    def _accept(self, listener, port):
        while True:
            try:
                client, _ = listener.accept()
                device = socket.create_connection((self.upstream, port))
            except OSError:
                return
            self.sockets += [client, device]
            self._count(1)
            gate = threading.Event()
            gate.set()
            threading.Thread(target=self._to_device, args=(client, device, gate), daemon=True).start()
            threading.Thread(target=self._to_client, args=(device, client, gate), daemon=True).start()

    def release(self):
        self.released.set()

    def close(self):
        self.release()
        for each in self.sockets:
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            each.close()

    def _note(self, kind, gate):
        with self.lock:
            if not self.released.is_set() and not self.reached.is_set() and self.hold(kind, self.seen):
                gate.clear()
            self.seen[kind] += 1

    def _kind(self, request):
        if b"\r\nAuthorization:" not in request:
            return None  # answered with a challenge, whatever it asks for
        action = ACTION.search(request)
        if not action or READS.search(action.group(1)):
            return "read"
        self.seen[action.group(1).decode().rpartition("/")[2]] += 1
        return "change"

    def _count(self, change):
        with self.lock:
            self.open += change

    def _to_device(self, client, device, gate):
        request = b""
        try:
            while chunk := client.recv(65536):
                if self.raw:
                    self._note("bytes", gate)
                elif request or chunk.startswith(b"POST"):
                    request += chunk
                    head, _, body = request.partition(b"\r\n\r\n")
                    length = LENGTH.search(head)
                    if length and len(body) >= int(length.group(1)):
                        if kind := self._kind(request):
                            self._note(kind, gate)
                        request = b""
                elif chunk[0] in SESSION_CODES:
                    self._note("session", gate)
                device.sendall(chunk)
            device.shutdown(socket.SHUT_WR)
        except OSError:
            self._end(client, device)
        self._count(-1)

    def _to_client(self, device, client, gate):
        try:
            while chunk := device.recv(65536):
                if not gate.is_set():
                    self.reached.set()
                    self.released.wait(LIMIT_SECONDS)
                    gate.set()
                client.sendall(chunk)
            client.shutdown(socket.SHUT_WR)
        except OSError:
            self._end(client, device)

    @staticmethod
    def _end(*sockets):
        for each in sockets:
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
