"""Many watchers of one resource: every event once, in order, and little memory."""

import asyncio
import resource

import pytest

import crowd
import objects
import wire

WATCHERS = 1_000
WRITES = 2_000
IDLE_WATCHER_BYTES_MAX = 16 * 1024
MAPS = "/api/v1/namespaces/default/configmaps"


@pytest.fixture(autouse=True)
def descriptors():
    """Room for a socket per watcher in this process; the gateway sees to its own."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8_192), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def watch_target(server):
    version = wire.ask(server, "GET", MAPS).json["metadata"]["resourceVersion"]
    return f"{MAPS}?watch=true&resourceVersion={version}"


def write(server, writes):
    with wire.Wire(server, seconds=60) as http:
        for number in range(writes):
            body = objects.config_map(f"m-{number % 50}", number=str(number))
            target, method = (MAPS, "POST") if number < 50 else (f"{MAPS}/m-{number % 50}", "PUT")
            answer = http.ask(method, target, body)
            assert answer.status in (200, 201), answer.plain


@pytest.mark.timeout(240)
def test_every_watcher_sees_every_event_once_and_in_order(own_server):
    async def run():
        watchers = await crowd.gather(own_server, watch_target(own_server), WATCHERS)
        reading = [asyncio.create_task(watcher.read(WRITES)) for watcher in watchers]
        await asyncio.gather(asyncio.to_thread(write, own_server, WRITES), *reading)
        for watcher in watchers:
            watcher.close()

    asyncio.run(run())


def test_an_idle_watcher_takes_little_memory(own_server):
    async def run():
        target = watch_target(own_server)
        # What the first ones make the process allocate once is no watcher's.
        first = await crowd.gather(own_server, target, 100)
        before = own_server.memory()
        rest = await crowd.gather(own_server, target, WATCHERS)
        each = (own_server.memory() - before) / WATCHERS
        for watcher in first + rest:
            watcher.close()
        return each

    each = asyncio.run(run())
    print(f"{each:.0f} bytes per idle watcher")
    assert each < IDLE_WATCHER_BYTES_MAX


@pytest.mark.timeout(180)
def test_a_watcher_that_does_not_read_slows_nobody_and_loses_nothing(own_server):
    writes = 500

    async def run():
        target = watch_target(own_server)
        slow, quick = await crowd.gather(own_server, target, 2)
        reading = asyncio.create_task(quick.read(writes))
        await asyncio.to_thread(write, own_server, writes)
        await reading
        assert slow.seen == 0
        await slow.read(writes)

    asyncio.run(run())
