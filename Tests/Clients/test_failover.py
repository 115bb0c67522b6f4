"""A gateway dies, or all are restarted one after the other, and nobody loses anything by it."""

import asyncio
import concurrent.futures
import json
import pathlib
import threading
import time

import pytest

import objects
import wire
from lines import Lines
from replicated.cluster import Cluster
from test_follow import Follower, listed, versions
from test_proxy import Proxy, kubectl_through
from test_store_watches import gateway_watches

WATCHERS = 200
FOLLOWERS = 3
WRITES = 150
PODS = "/api/v1/namespaces/default/pods"
SECONDS = 60
# How often each gateway is restarted, and how many loops of commands there are meanwhile.
RESTARTS = 2
LOOPS = 3


@pytest.fixture(scope="module")
def cluster():
    with Cluster() as cluster:
        yield cluster


@pytest.fixture(autouse=True)
def all_gateways(cluster):
    """Each test begins with three."""
    for each in cluster.gateways:
        if not each.is_running:
            each.start()


class Watcher:
    """Knows all gateways, keeps to one while it works, and never lists: where it cannot go on
    from its revision, it fails."""

    def __init__(self, servers, revision):
        self.ports = [server.port for server in servers]
        self.revision = revision
        self.names = []
        self.has_seen = asyncio.Event()
        # When it was cut off first, and when it saw an event again.
        self.lost = self.back = None

    async def follow(self, last):
        while self.names[-1:] != [last]:
            try:
                await self._read(last)
            except (OSError, asyncio.IncompleteReadError):
                self.lost = self.lost or time.monotonic()
                self.ports = self.ports[1:] + self.ports[:1]
                await asyncio.sleep(0)

    async def _read(self, last):
        reader, writer = await asyncio.open_connection("127.0.0.1", self.ports[0])
        try:
            target = f"{PODS}?watch=true&allowWatchBookmarks=true&resourceVersion={self.revision}"
            writer.write(
                f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1:{self.ports[0]}\r\n\r\n".encode())
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200 "), head
            rest = b""
            while self.names[-1:] != [last]:
                size = int(await reader.readuntil(b"\r\n"), 16)
                assert size > 0, "the gateway ended the watch in order"
                rest += (await reader.readexactly(size + 2))[:-2]
                *lines, rest = rest.split(b"\n")
                for line in lines:
                    self._take(json.loads(line))
        finally:
            writer.close()

    def _take(self, event):
        assert event["type"] in ("ADDED", "BOOKMARK"), event
        metadata = event["object"]["metadata"]
        self.revision = int(metadata["resourceVersion"])
        if event["type"] == "ADDED":
            self.names.append(metadata["name"])
            self.has_seen.set()
            if self.lost and not self.back:
                self.back = time.monotonic()


async def write(server, first_written):
    """One pod after the other, at a gateway that stays."""
    def make(connection, number):
        answer = connection.ask("POST", PODS, objects.pod(f"written-{number:04}"))
        assert answer.status == 201, answer.plain

    connection = wire.Wire(server, SECONDS)
    for number in range(WRITES):
        await asyncio.to_thread(make, connection, number)
        first_written.set()
    connection.close()


def test_those_who_watch_at_a_gateway_that_is_killed_go_on_at_another(cluster, tmp_path):
    killed, *others = cluster.gateways
    followers = [
        Follower(cluster.gateways, tmp_path / f"cache-{number}") for number in range(FOLLOWERS)]
    try:
        for follower in followers:
            follower.wait_for("listed ")
        watchers = asyncio.run(kill_under_watchers(killed, others[0], cluster.gateways))
        now = listed(others[0])
        for follower in followers:
            _, known = follower.state(now["metadata"]["resourceVersion"])
            assert known == versions(now)
            assert follower.lists == 1
    finally:
        for follower in followers:
            follower.kill()
    expected = [f"written-{number:04}" for number in range(WRITES)]
    assert all(watcher.names == expected for watcher in watchers)
    times = sorted(watcher.back - watcher.lost for watcher in watchers)
    print(f"{len(times)} watchers have gone on after {times[len(times) // 2]:.2f} s in the middle, "
          f"{times[-1]:.2f} s at most")


async def kill_under_watchers(killed, writer, servers):
    start = int(listed(killed)["metadata"]["resourceVersion"])
    watchers = [Watcher(servers, start) for _ in range(WATCHERS)]
    last = f"written-{WRITES - 1:04}"
    following = [asyncio.create_task(watcher.follow(last)) for watcher in watchers]
    first_written = asyncio.Event()
    writing = asyncio.create_task(write(writer, first_written))
    # Everybody hangs on the gateway by then.
    await asyncio.gather(*(watcher.has_seen.wait() for watcher in watchers))
    assert not writing.done(), "everything was written before the gateway could be killed"
    assert await asyncio.to_thread(gateway_watches, killed, "pods") >= WATCHERS
    await asyncio.to_thread(killed.kill)
    await asyncio.wait_for(asyncio.gather(writing, *following), SECONDS)
    assert all(watcher.lost for watcher in watchers), "somebody did not notice"
    return watchers


@pytest.fixture
def proxy(cluster):
    servers = [f'https://{each.ready["https"]}' for each in cluster.gateways]
    authority = pathlib.Path(cluster.gateways[0].data_dir) / "pki/ca.crt"
    with Proxy(servers, "--certificate-authority", str(authority)) as proxy:
        yield proxy


def test_a_watch_through_the_proxy_ends_in_order_and_the_next_one_works(
        cluster, proxy, tmp_path):
    kubectl = kubectl_through(proxy, cluster.gateways[0], tmp_path)
    watching = kubectl.start("get", "configmaps", "--watch", "-o", "name")
    lines = Lines(watching.stdout)
    try:
        for name in ("listed", "watched"):
            kubectl("create", "configmap", name)
            while f"configmap/{name}" not in (line := lines.next(SECONDS) or "the end"):
                assert line != "the end"
        # New connections go to the first one that is ready.
        cluster.gateways[0].kill()
        assert watching.wait(SECONDS) == 0
        assert "watched" in kubectl("get", "configmaps", "-o", "name")
    finally:
        watching.kill()
        watching.stdout.close()


def test_no_command_fails_while_all_gateways_are_restarted_one_by_one(cluster, proxy, tmp_path):
    kubectl = kubectl_through(proxy, cluster.gateways[0], tmp_path)
    kubectl("get", "configmaps")  # Fills the cache of discovery, which has one writer then.
    has_restarted = threading.Event()

    def restart_all():
        try:
            for each in cluster.gateways * RESTARTS:
                assert each.stop() == 0
                each.start()
        finally:
            has_restarted.set()

    def turn(name):
        kubectl("create", "configmap", name)
        count = 0
        while not has_restarted.is_set():
            count += 1
            kubectl("annotate", "configmap", name, f"turn={count}", "--overwrite")
            found = kubectl("get", "configmap", name, "-o", "jsonpath={.metadata.annotations}")
            assert json.loads(found)["turn"] == str(count)
        return count

    with concurrent.futures.ThreadPoolExecutor() as pool:
        restarting = pool.submit(restart_all)
        turns = [pool.submit(turn, f"turning-{number}") for number in range(LOOPS)]
        restarting.result()
        counts = [each.result() for each in turns]
    print(f"{2 * sum(counts)} commands")
    assert all(count > 0 for count in counts)
