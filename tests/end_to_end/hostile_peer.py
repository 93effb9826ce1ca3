"""A device that says whatever a device can say with control characters in it: answers of HTTP, faults, properties,
certificates, banners, datagrams, redirection. It stands in front of a simulated device, so that a tool gets as far as with
a good one, and knows nothing of the tools."""

import http.client
import random
import re
import socket
import socketserver
import ssl
import struct
import subprocess
import threading

SECONDS = 120  # ends a run that is broken; no verdict comes of it

DEL_AND_C1 = "".join(map(chr, range(0x7f, 0xa0)))
BIDI = "".join(map(chr, [0x200e, 0x200f, 0x61c, *range(0x202a, 0x202f), *range(0x2066, 0x206a)]))
HIDDEN = "".join(map(chr, [0xad, 0x34f, 0x200b, 0x200c, 0x200d, 0x2028, 0x2029, 0x2060, 0x3164, 0xfe0f, 0xfeff, 0xfff9,
                           0xfdd0, 0x1fffe, 0xe0041]))
C0 = "".join(map(chr, [*range(1, 9), 0xb, 0xc, *range(0xe, 0x20)]))
# Bytes that are no UTF-8: lone bytes (0x9b is CSI where terminals take 8 bits), overlong forms, a surrogate, what lies
# beyond the last character, and what is cut short.
NO_UTF8 = b"\x80 \x9b2J \xff \xc0\x9b \xe0\x82\x9b \xed\xa0\x9b \xf4\x90\x80\x80 \xe2\x82"
ESCAPES = "\x1b[2J\x1b]0;owned\x07\x1b[31m\x9b31m\x9d0;owned\x9c"

# What XML can carry, what a line of HTTP or a banner can, and a name as records carry it.
TEXT = f"Gerät ☃ {DEL_AND_C1}{BIDI}{HIDDEN} end"
LINE = f"AMT Gerät {ESCAPES}{C0}{DEL_AND_C1}{BIDI}{HIDDEN} ".encode() + NO_UTF8 + b" end"
NAME = f"pc {ESCAPES}{C0}\t\r\n{DEL_AND_C1}{BIDI}{HIDDEN} 07"
# What a strict reader of HTTP takes in a field.
FIELD = TEXT.replace("\x7f", "").encode()
PROPERTY = f"Owner{DEL_AND_C1[1:]}{BIDI}\u2028name"
SCREEN = f"login: {ESCAPES}{C0}{DEL_AND_C1}{BIDI}{HIDDEN} ".encode() + NO_UTF8 + b"\tEND\r\n"
# Without the bytes that a quoted string or a length does not take, and short enough for a realm.
REALM = f"Digest:{DEL_AND_C1[1:]}{BIDI}\u2028".encode() + b"\x9b2J\xff"

LEAF = re.compile(rb"(<(?:\w+:)?(\w+)(?:\s[^<>]*)?>)([^<>]+)(</)")
END_OF_INSTANCE = re.compile(rb"(</(\w+):((?:AMT|CIM|IPS)_\w+|\w+_OUTPUT)>)(?!\s*</\w+:(?:Selector|ReferenceParameters))")
NUMBER_OR_TOKEN = re.compile(rb"-?\d+|true|false|http\S*|urn:\S*|P[\dDTHMS]+|\d{4}-\d\d-\d\dT\S+|[0-9A-Za-z+/]{32,}=*")
KEPT = {b"EnumerationContext", b"Address", b"ResourceURI", b"Datetime", b"Interval"}


def as_read(data):
    """The text as a reader of UTF-8 has it."""
    return data.decode("utf-8", "replace")


def one_more(space, body):
    """A property of that name space whose name is as odd as its text."""
    return b"<%s:%s>%s</%s:%s>" % (space, PROPERTY.encode(), body, space, PROPERTY.encode())


def tainted(body):
    """The reply with TEXT behind each property's text, and with one more property."""
    head, mark, rest = body.partition(b":Body")
    leaf = lambda match: match[0] if match[2] in KEPT or NUMBER_OR_TOKEN.fullmatch(match[3].strip()) else (
        match[1] + match[3] + TEXT.encode() + match[4])
    rest = LEAF.sub(leaf, rest)
    return head + mark + END_OF_INSTANCE.sub(lambda match: one_more(match[2], TEXT.encode()) + match[1], rest)


def untainted(body):
    """A request with what was added taken out again, so that the device behind understands it."""
    name = re.escape(PROPERTY.encode())
    body = re.sub(rb"<[\w:]*" + name + rb"[^<>]*>[^<>]*</[\w:]*" + name + rb">", b"", body)
    return body.replace(TEXT.encode(), b"")


def fault(text):
    return (b'<?xml version="1.0" encoding="UTF-8"?><a:Envelope xmlns:a="http://www.w3.org/2003/05/soap-envelope">'
            b"<a:Header/><a:Body><a:Fault><a:Code><a:Value>a:Sender</a:Value><a:Subcode><a:Value>b:%s</a:Value></a:Subcode>"
            b"</a:Code><a:Reason><a:Text>%s</a:Text></a:Reason><a:Detail><c>%s</c></a:Detail></a:Fault></a:Body>"
            b"</a:Envelope>" % (text, text, text))


def response(status, reason, body, *fields):
    head = [b"HTTP/1.1 %d %s" % (status, reason), b"Content-Length: %d" % len(body), *fields]
    return b"\r\n".join(head) + b"\r\n\r\n" + body


XML = b"Content-Type: application/soap+xml;charset=UTF-8"
# What is said in place of an answer, whoever asks.
PLAIN = {
    "reason": response(500, LINE, LINE, b"Server: " + LINE, b"X-" + b"A" * 8 + b": " + LINE),
    # The same without what a strict reader of HTTP refuses.
    "words": response(403, "Gerät \u009b\u202e\u2028".encode(), TEXT.encode(), b"Server: " + FIELD),
    "realm": response(401, b"Unauthorized", b"", b'WWW-Authenticate: Digest realm="' + REALM + b'", nonce="'
                      + FIELD + b'", qop="auth"', b"Server: " + REALM, b"Connection: close"),
    "scheme": response(401, b"Unauthorized", b"", b"WWW-Authenticate: " + LINE, b"Connection: close"),
    "noise": LINE + b"\r\n" + NO_UTF8 + b"\r\n\r\n",
}
# What is said in place of the first answer to a login.
SPOILT = {
    "fault": response(400, b"Bad Request", fault(TEXT.encode()), XML),
    "reference": response(200, b"OK", fault(b"&#27;[2J"), XML),
    "zeros": response(200, b"OK", fault(b"&#" + b"0" * 80 + b"27;[2J"), XML),
    "control": response(200, b"OK", fault(C0.encode()), XML),
    "nonchar": response(200, b"OK", fault("\ufffe".encode()), XML),
    "bytes": response(200, b"OK", fault(NO_UTF8), XML),
}
CHARACTERS = set(C0 + DEL_AND_C1 + BIDI + HIDDEN + "\ufffe")
MODES = ["values", "secured", "challenge", "certificate", *PLAIN, *SPOILT]


# The device answers well, but for its texts; the second time over TLS.
TRUTHFUL = ("values", "secured")


def certificate(work):
    """A certificate whose names hold everything that OpenSSL takes, also a NUL: in UTF-8, in BMP characters, in bytes of
    T.61. The signature is that of the names before. Returns an SSL context."""
    size = 60
    places = [each * size for each in "@#%"]
    key, der, pem = work / "hostile.key", work / "hostile.der", work / "hostile.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "9", "-keyout", key, "-outform", "DER",
                    "-out", der, "-utf8", "-subj", "/O=" + places[0] + "/OU=" + places[1] + "/CN=" + places[2]],
                   check=True, capture_output=True)
    utf8 = ("pc\0" + ESCAPES[:20] + "\u202e\u2066\u2028\u200b\ufeff\U000e0041").encode()
    names = [(b"\x0c", utf8.ljust(size, b"!")), (b"\x1e", f"Co\0{ESCAPES[:14]}\u202e\u2066\ufffe".ljust(size // 2).encode("utf-16-be")),
             (b"\x14", (b"OU\0" + ESCAPES[:10].encode() + NO_UTF8).ljust(size, b"!"))]
    data = der.read_bytes()
    for place, (kind, name) in zip(places, names):
        assert len(name) == size, name
        data = data.replace(bytes([0x0c, size]) + place.encode(), kind + bytes([size]) + name)
    pem.write_text(ssl.DER_cert_to_PEM_cert(data))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, key)
    return context


def serve(port, handle, address="127.0.0.1"):
    """A server whose `handle(connection)` runs in a thread for each connection."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self):
            self.request.settimeout(SECONDS)
            try:
                handle(self.request)
            except (OSError, ssl.SSLError, http.client.HTTPException, ValueError):
                pass  # the tool had heard enough

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address, daemon_threads, request_queue_size = True, True, 64

        def shutdown_request(self, request):
            try:
                request.shutdown(socket.SHUT_WR)
            except OSError:
                pass
            self.close_request(request)

    server = Server((address, port), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def banner(context, words, asked=False):
    """A service that says `words` at once, or behind the first line that it is told."""
    def handle(connection):
        if context:
            connection = context.wrap_socket(connection, server_side=True)
        if asked:
            connection.recv(65536)
        connection.sendall(words)
        connection.shutdown(socket.SHUT_WR)
    return serve(0, handle)


def redfish():
    said = TEXT.replace("\\", "").encode()
    body = (b'{"RedfishVersion":"1.0 %s","Vendor":"%s","Product":"%s","Name":"%s","UUID":"%s","Oem":{"%s":{}}}' % ((said,) * 6))
    return response(200, b"OK", body, b"Server: " + FIELD, b"Content-Type: application/json")


class Datagrams:
    """Answers every datagram with a pong of a device whose every field is odd, and with noise."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            asked, whom = self.socket.recvfrom(2048)
            pong = asked[:8] + b"\x40" + asked[9:10] + b"\0\x10" + struct.pack(">I", 343) + b"\x1b[2J\x81\x9b\x07\x7f\xff\xff\xff\xff"
            for said in (pong, LINE[:200], SCREEN[:200]):
                self.socket.sendto(said, whom)


class Hostile:
    """In front of one simulated device; `mode` is what it does."""

    def __init__(self, upstream, ports, context):
        self.upstream, self.ports, self.context = upstream, ports, context
        self.mode = "values"
        self.spoil_at = 1  # which answer to a login is the spoilt one
        self.logins = 0
        self.said = 0
        self.bodies = []  # of the answers that were passed on, as they were sent
        self.servers, self.base = self._listen()

    def _listen(self):
        handlers = [lambda each: self._web(each), lambda each: self._web(self._secured(each)),
                    lambda each: self._redirection(each), lambda each: self._redirection(self._secured(each))]
        while True:
            base, servers = random.randrange(20000, 60000), []
            try:
                for place, handle in enumerate(handlers):
                    servers.append(serve(base + place, handle))
                return servers, base
            except OSError:
                for server in servers:
                    server.shutdown()
                    server.server_close()

    def close(self):
        for server in self.servers:
            server.shutdown()
            server.server_close()

    def begin(self, mode, spoil_at=1):
        self.mode, self.spoil_at, self.logins, self.said, self.bodies = mode, spoil_at, 0, 0, []

    def _secured(self, connection):
        return self.context.wrap_socket(connection, server_side=True)

    def _web(self, connection):
        reader = connection.makefile("rb")
        while line := reader.readline():
            fields = []
            while (field := reader.readline()) not in (b"\r\n", b""):
                fields.append(field)
            length = next((int(field.split(b":")[1]) for field in fields if field.lower().startswith(b"content-length:")), 0)
            connection.sendall(self._answer(line, fields, reader.read(length)))
            if self.mode in PLAIN:
                break

    def _answer(self, line, fields, body):
        if self.mode in PLAIN:
            self.said += 1
            return PLAIN[self.mode]
        if self.mode in SPOILT and any(field.lower().startswith(b"authorization:") for field in fields):
            self.logins += 1
            if self.logins == self.spoil_at:
                self.said += 1
                return SPOILT[self.mode]
        return self._forward(line, fields, untainted(body))

    def _forward(self, line, fields, body):
        fields = [field for field in fields if not field.lower().startswith((b"content-length:", b"connection:"))]
        device = socket.create_connection((self.upstream, self.ports["http"]), SECONDS)
        device.sendall(line + b"".join(fields) + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        answer = http.client.HTTPResponse(device)
        answer.begin()
        said = answer.read()
        device.close()
        kept = [f"{key}: {value}".encode() for key, value in answer.getheaders()
                if key.lower() not in ("content-length", "transfer-encoding", "connection")]
        if self.mode in TRUTHFUL:
            self.said += 1
            if answer.status in (200, 400):
                said = tainted(said)
                self.bodies.append(said)
            kept = [field for field in kept if not field.startswith(b"Server:")] + [b"Server: Intel(R) Active Management Technology 15.0.23.1706" + FIELD]
        return response(answer.status, answer.reason.encode(), said, *kept)

    def _redirection(self, connection):
        if self.mode == "noise":
            return connection.sendall(SCREEN)
        device = socket.create_connection((self.upstream, self.ports["redirection"]), SECONDS)
        device.settimeout(SECONDS)
        threading.Thread(target=self._pass_on, args=(connection, device), daemon=True).start()
        try:
            while chunk := device.recv(65536):
                connection.sendall(self._challenge(chunk) if self.mode == "challenge" else chunk)
                if chunk[0] == 0x21 and self.mode in TRUTHFUL:  # the console is open
                    self.said += 1
                    for _ in range(2):
                        connection.sendall(struct.pack("<IIH", 0x2a, 0, len(SCREEN)) + SCREEN)
        finally:
            device.close()

    def _challenge(self, chunk):
        """The challenge of a login with REALM in it; it cannot be answered well."""
        if len(chunk) < 10 or chunk[0] != 0x14 or chunk[1] == 0:
            return chunk
        rest = chunk[10 + chunk[9]:]
        data = bytes([len(REALM)]) + REALM + rest
        self.said += 1
        return chunk[:5] + struct.pack("<I", len(data)) + data

    @staticmethod
    def _pass_on(connection, device):
        try:
            while chunk := connection.recv(65536):
                device.sendall(chunk)
            device.shutdown(socket.SHUT_WR)
        except OSError:
            pass
