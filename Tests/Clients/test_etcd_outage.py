"""etcd goes away under watchers, readers and writers, and comes back.

OUTAGE=60,1000,100 makes it last 60 seconds, with 1,000 watchers and 100 readers. It prints figures
(pytest -s)."""

import asyncio
import collections
import os
import statistics
import time

import crowd
import objects
import wire
from replicated import waiting
from replicated.cluster import Cluster

SECONDS, WATCHERS, READERS = map(int, os.environ.get("OUTAGE", "5,100,12").split(","))
WRITERS = 2
MAPS = "/api/v1/namespaces/default/configmaps"
# Writers during the outage keep out of the watchers' sight: nobody knows what becomes of them.
OTHER_MAPS = "/api/v1/namespaces/kube-system/configmaps"
EVENTS = 50
READS = {
    "from the cache": (f"{MAPS}?resourceVersion=0", ""),
    "stale preferred": (f"{MAPS}/m-0", "Prefer: stale\r\n"),
    "consistent": (f"{MAPS}/m-0", ""),
}


class Client:
    """One request after the other on a connection, which is opened again when it has ended."""

    def __init__(self, port):
        self.port = port
        self.writer = None

    async def ask(self, method, target, fields="", body=b""):
        if self.writer is None:
            self.reader, self.writer = await asyncio.open_connection(
                "127.0.0.1", self.port, limit=crowd.CHUNK_BYTES_MAX)
        head = f"{method} {target} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n{fields}"
        if body:
            head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        self.writer.write(head.encode() + b"\r\n" + body)
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode().lower()
        status = int(head.split(" ", 2)[1])
        headers = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if line)
        answer = await self.reader.readexactly(int(headers["content-length"]))
        if status >= 400:
            headers["message"] = wire.json.loads(answer)["message"]
        return status, headers

    def close(self):
        if self.writer:
            self.writer.close()


class Load:
    """Readers and writers, and what they were told while etcd was away."""

    def __init__(self, port):
        self.port = port
        self.phase = "there"
        self.answers = collections.defaultdict(list)

    async def read(self, number):
        client = Client(self.port)
        kinds = list(READS)
        while self.phase != "over":
            number += 1
            kind = kinds[number % len(kinds)]
            await self._note(kind, client, "GET", *READS[kind])
            await asyncio.sleep(0.05)
        client.close()

    async def write(self, writer):
        client, number = Client(self.port), 0
        while self.phase != "over":
            if self.phase == "away":
                number += 1
                made = objects.config_map(f"away-{writer}-{number}")
                await self._note("written", client, "POST", OTHER_MAPS, "", wire.json.dumps(
                    made).encode())
            await asyncio.sleep(0.05)
        client.close()

    async def _note(self, kind, client, *request):
        phase, begun = self.phase, time.monotonic()
        status, headers = await client.ask(*request)
        if phase == self.phase == "away":
            self.answers[kind].append((status, headers, begun, time.monotonic() - begun))
        elif phase == self.phase == "there":
            assert status < 400 and "warning" not in headers

    def check(self, gone):
        """What was answered while etcd was away, to requests from after that."""
        for status, headers, *_ in self.answers["consistent"]:
            assert status == 503 and int(headers["retry-after"]) > 0
        # That the store is out of reach is known when it has not answered.
        known = min(begun + took for _, _, begun, took in self.answers["consistent"])
        for status, headers, begun, _ in self.answers["written"]:
            # 504: it was sent when etcd died, and nobody can be asked what became of it.
            assert status == 503 or status == 504 and begun < known, headers["message"]
            assert status == 504 or int(headers["retry-after"]) > 0
        for kind in ("from the cache", "stale preferred"):
            for status, headers, begun, _ in self.answers[kind]:
                assert status == 200
                assert "warning" in headers or begun < known
            assert any("warning" in headers for _, headers, *_ in self.answers[kind])
        print(f"\nknown to be away after {known - gone:.1f} s")
        for kind, answers in self.answers.items():
            took = sorted(took for *_, took in answers)
            codes = collections.Counter(status for status, *_ in answers)
            print(f"{kind}: {dict(codes)}, half within {statistics.median(took) * 1000:.0f} ms, "
                  f"99 % within {took[len(took) * 99 // 100] * 1000:.0f} ms, "
                  f"all within {took[-1] * 1000:.0f} ms")


async def make(server, numbers):
    client = Client(server.port)
    for number in numbers:
        body = wire.json.dumps(objects.config_map(f"m-{number}", number=str(number))).encode()
        while (await client.ask("POST", MAPS, "", body))[0] not in (201, 409):
            await asyncio.sleep(0.1)
    client.close()


async def outage(cluster):
    server, = cluster.gateways
    made = wire.ask(server, "GET", MAPS)
    position = made.json["metadata"]["resourceVersion"]
    watchers = await crowd.gather(
        server, f"{MAPS}?watch=true&allowWatchBookmarks=true&resourceVersion={position}", WATCHERS)
    following = [asyncio.create_task(watcher.read(2 * EVENTS)) for watcher in watchers]
    await make(server, range(EVENTS))
    load = Load(server.port)
    tasks = [asyncio.create_task(load.read(number)) for number in range(READERS)]
    tasks += [asyncio.create_task(load.write(number)) for number in range(WRITERS)]
    await asyncio.sleep(0.5)
    for member in cluster.members:
        member.kill()
    gone, load.phase = time.monotonic(), "away"
    await asyncio.sleep(SECONDS)
    for task in following + tasks:
        assert not task.done(), task
    load.phase = "back"
    for member in cluster.members:
        member.start()
    await asyncio.to_thread(lambda: [each.wait_until_healthy() for each in cluster.members])
    back = time.monotonic()
    await make(server, range(EVENTS, 2 * EVENTS))
    await asyncio.wait_for(asyncio.gather(*following), 2 * waiting.SECONDS)
    caught_up = time.monotonic() - back
    load.phase = "over"
    await asyncio.gather(*tasks)
    load.check(gone)
    print(f"{WATCHERS} watchers: all open, all {2 * EVENTS} events once and in order, the last "
          f"{caught_up:.1f} s after etcd was well; {server.memory() >> 20} MiB in the gateway")
    for watcher in watchers:
        watcher.close()


def test_watches_stay_reads_go_on_and_writes_are_refused_until_etcd_is_back():
    cluster = Cluster(members=3, gateways=1)
    # Past the links, which take a connection also when nobody is behind them.
    direct = ",".join(member.url for member in cluster.members)
    cluster.gateways[0].flags += ("--etcd-endpoints", direct)
    with cluster:
        asyncio.run(outage(cluster))
        log = "\n".join(cluster.gateways[0].log)
        # Who follows by events lists nothing.
        assert log.count("journal begins") == 1
        assert "found by a list" not in log and "not believed" not in log
