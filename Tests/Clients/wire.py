"""HTTP/1.1 over a bare socket: sends any bytes, and reads answers without forgiving anything."""

import dataclasses
import gzip
import json
import socket

SECONDS = 10
LINE_BYTES_MAX = 65536


@dataclasses.dataclass
class Answer:
    status: int
    headers: dict
    body: bytes

    @property
    def json(self):
        return json.loads(self.plain)

    @property
    def plain(self):
        if self.headers.get("content-encoding") == "gzip":
            return gzip.decompress(self.body)
        return self.body


class Wire:
    def __init__(self, server, seconds=SECONDS):
        self.authority = f"127.0.0.1:{server.port}"
        self.socket = socket.create_connection(("127.0.0.1", server.port), seconds)
        self.socket.settimeout(seconds)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.file = self.socket.makefile("rb")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.file.close()
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data if isinstance(data, bytes) else data.encode())

    def send_request(self, method, target, body=None, **headers):
        self.send(request(self.authority, method, target, body, **headers))

    def ask(self, method, target, body=None, **headers):
        """Sends a request and reads its answer. `If_None_Match=…` names a header."""
        self.send_request(method, target, body, **headers)
        return self.read(head=method == "HEAD")

    def read_head(self):
        line = self._line()
        version, status, _ = line.split(" ", 2)
        assert version == "HTTP/1.1", line
        headers = {}
        while line := self._line():
            name, colon, value = line.partition(":")
            assert colon and name == name.strip(), f"bad header line {line!r}"
            name, value = name.lower(), value.strip()
            if name == "warning" and name in headers:
                value = f"{headers[name]}, {value}"  # A list may come in parts (RFC 9110, 5.3).
            else:
                assert name not in headers, f"{name} twice"
            headers[name] = value
        return int(status), headers

    def read(self, head=False):
        """Reads one whole answer."""
        status, headers = self.read_head()
        if head or status in (204, 304) or status < 200:
            return Answer(status, headers, b"")
        return Answer(status, headers, self.read_body(headers))

    def read_body(self, headers):
        """What follows a head that has been read."""
        if headers.get("transfer-encoding") == "chunked":
            assert "content-length" not in headers
            return b"".join(self.chunks())
        return self._exactly(int(headers["content-length"]))

    def chunks(self):
        while size := int(self._line(), 16):
            yield self._exactly(size)
            assert self._line() == ""
        assert self._line() == ""

    def events(self):
        """The events of a watch whose head has been read, until the server ends it."""
        rest = b""
        for chunk in self.chunks():
            *lines, rest = (rest + chunk).split(b"\n")
            yield from (json.loads(line) for line in lines)
        assert rest == b"", f"the stream ends within a line: {rest[-80:]!r}"

    def is_closed(self):
        """Waits for the server's end of the connection; any byte before it fails."""
        try:
            return self.file.read(1) == b""
        except ConnectionResetError:
            return True

    def _line(self):
        line = self.file.readline(LINE_BYTES_MAX)
        if not line.endswith(b"\n") and len(line) < LINE_BYTES_MAX:
            raise EOFError(f"the server closed the connection after {line[-80:]!r}")
        assert line.endswith(b"\r\n"), f"not a whole line: {line[-80:]!r}"
        return line[:-2].decode("latin-1")

    def _exactly(self, count):
        data = self.file.read(count)
        if len(data) != count:
            raise EOFError(f"{len(data)} of {count} bytes, then the end")
        return data


def request(authority, method, target, body=None, **headers):
    lines = [f"{method} {target} HTTP/1.1", f"Host: {authority}"]
    if body is not None:
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Content_Type": "application/json", **headers}
        lines.append(f"Content-Length: {len(body)}")
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + (body or b"")


def ask(server, method, target, body=None, **headers):
    """One request on a connection of its own."""
    with Wire(server) as wire:
        return wire.ask(method, target, body, Connection="close", **headers)
