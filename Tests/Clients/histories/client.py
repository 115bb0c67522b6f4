"""One caller of one gateway at a time, on a connection that is kept."""

import dataclasses
import time

import wire

SECONDS = 6


class Lost(Exception):
    """There is no answer. `was_sent`: the request may have been carried out."""

    def __init__(self, was_sent):
        super().__init__("no answer")
        self.was_sent = was_sent


@dataclasses.dataclass(frozen=True)
class Address:
    """Where a gateway is, also while it is not there."""

    port: int


class Client:
    def __init__(self, server, seconds=SECONDS):
        self.server = Address(server.port)
        self.seconds = seconds
        self.connection = None

    def ask(self, method, target, body=None):
        """Raises `Lost` when there is no answer."""
        connection = self._connected()
        try:
            return connection.ask(method, target, body)
        except (OSError, EOFError):
            self.close()
            raise Lost(was_sent=True) from None

    def stream(self, target):
        """The status, and the events of a watch; an answer's body when it is none."""
        connection = self._connected()
        try:
            connection.send_request("GET", target)
            status, headers = connection.read_head()
            if status == 200:
                return status, self._events(connection)
            return status, connection.read_body(headers)
        except (OSError, EOFError):
            self.close()
            raise Lost(was_sent=True) from None

    def _events(self, connection):
        try:
            yield from connection.events()
        except (OSError, EOFError):
            self.close()
            raise Lost(was_sent=True) from None

    def _connected(self):
        if self.connection is None:
            try:
                self.connection = wire.Wire(self.server, self.seconds)
            except OSError:
                raise Lost(was_sent=False) from None
        return self.connection

    def close(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None


def now():
    return time.monotonic()
