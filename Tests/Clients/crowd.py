"""Many watchers of one resource on one event loop, read as raw chunks."""

import asyncio
import re

# Every event of the crowd's objects carries its number in the data.
NUMBER = re.compile(rb'"number":"(\d+)"')
CHUNK_BYTES_MAX = 1 << 20


class Watcher:
    """One stream. Checks that numbers come once and in order, as the bytes arrive."""

    def __init__(self, port, target):
        self.port = port
        self.target = target
        self.seen = 0

    async def connect(self):
        self.reader, self.writer = await asyncio.open_connection(
            "127.0.0.1", self.port, limit=CHUNK_BYTES_MAX)
        head = f"GET {self.target} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n\r\n"
        self.writer.write(head.encode())
        answer = await self.reader.readuntil(b"\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 200 "), answer
        assert b"chunked" in answer.lower(), answer

    async def read(self, count):
        """Reads until `count` events have been seen."""
        rest = b""
        while self.seen < count:
            size = int(await self.reader.readline(), 16)
            assert size > 0, f"the stream ended after {self.seen} of {count}"
            data = await self.reader.readexactly(size + 2)
            *lines, rest = (rest + data[:-2]).split(b"\n")
            for line in lines:
                self._check(line)

    def _check(self, line):
        numbers = NUMBER.findall(line)
        if not numbers:
            assert b'"BOOKMARK"' in line, line[:200]
            return
        assert numbers == [b"%d" % self.seen], f"wanted {self.seen}, got {numbers}"
        self.seen += 1

    def close(self):
        self.writer.close()


async def gather(server, target, count):
    """Connects `count` watchers, a few at a time."""
    watchers = [Watcher(server.port, target) for _ in range(count)]
    for start in range(0, count, 50):
        await asyncio.gather(*(watcher.connect() for watcher in watchers[start:start + 50]))
    return watchers
