"""Connections that pass through us, so that they can be cut as a network would cut them."""

import asyncio
import contextlib
import dataclasses
import threading

PIECE_BYTES = 64 * 1024
SECONDS = 10


@dataclasses.dataclass
class Link:
    """Passes connections to `port` on. `sources` maps a name to whose connections it means."""

    name: str
    port: int
    listening: int
    # From the port of an accepted connection to the name of who made it; `None` when unknown.
    source: object = None

    def __post_init__(self):
        self.connections = set()
        self.cut_sources = set()
        self.is_cut = False
        self.server = None

    def holds_up(self, source):
        return self.is_cut or source in self.cut_sources


class Connection:
    def __init__(self, link, source):
        self.link = link
        self.source = source
        self.writers = []
        self.may_pass = asyncio.Event()
        self.look_again()

    def look_again(self):
        """Bytes wait while the link is cut: they are neither lost nor refused, as in a network."""
        (self.may_pass.clear if self.link.holds_up(self.source) else self.may_pass.set)()

    def abort(self):
        for writer in self.writers:
            writer.transport.abort()


class Switchboard:
    """All links, on an event loop of their own thread."""

    def __init__(self):
        self.loop = asyncio.new_event_loop()
        self.links = []
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()

    def add(self, link):
        self.links.append(link)
        self._run(self._listen(link))
        return link

    def cut(self, link, source=None, resets=False):
        """Lets nothing through: from anybody, or only from `source`. With `resets`, connections
        end at once; without it, they fall silent."""
        self._run(self._cut(link, source, resets))

    def heal(self, link, source=None):
        self._run(self._heal(link, source))

    def stop(self):
        self._run(self._stop())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(SECONDS)
        self.loop.close()

    def _run(self, work):
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(SECONDS)

    async def _listen(self, link):
        async def accept(reader, writer):
            await self._pass_on(link, reader, writer)

        link.server = await asyncio.start_server(accept, "127.0.0.1", link.listening)

    async def _cut(self, link, source, resets):
        if source is None:
            link.is_cut = True
        else:
            link.cut_sources.add(source)
        for connection in link.connections:
            connection.look_again()
            if resets and link.holds_up(connection.source):
                connection.abort()

    async def _heal(self, link, source):
        if source is None:
            link.is_cut = False
        else:
            link.cut_sources.discard(source)
        for connection in link.connections:
            connection.look_again()

    async def _stop(self):
        for link in self.links:
            link.server.close()
            for connection in link.connections:
                connection.abort()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _pass_on(self, link, reader, writer):
        port = writer.get_extra_info("peername")[1]
        connection = Connection(link, link.source(port) if link.source else None)
        link.connections.add(connection)
        connection.writers.append(writer)
        try:
            await connection.may_pass.wait()
            other_reader, other_writer = await asyncio.open_connection("127.0.0.1", link.port)
            connection.writers.append(other_writer)
            await asyncio.gather(
                self._copy(connection, reader, other_writer),
                self._copy(connection, other_reader, writer))
        except OSError:
            pass
        finally:
            connection.abort()
            link.connections.discard(connection)

    async def _copy(self, connection, reader, writer):
        while piece := await reader.read(PIECE_BYTES):
            await connection.may_pass.wait()
            writer.write(piece)
            await writer.drain()
        await connection.may_pass.wait()
        with contextlib.suppress(OSError, RuntimeError):
            writer.write_eof()
