"""A killed gateway has its event history when it comes back: clients go on from where they were."""

import json
import subprocess

import pytest

import lines
import objects
import server as gateway
import wire

MAPS = "/api/v1/namespaces/default/configmaps"
# Together more than the gateway keeps of events in memory, so that the first are read from disk.
LARGE_EVENT_COUNT = 80
LARGE_TEXT = "x" * 1_000_000


@pytest.fixture
def restarting(tmp_path):
    def start(*flags):
        server = gateway.Server(tmp_path / "data", *flags)
        servers.append(server)
        return server.start()

    servers = []
    yield start
    for server in servers:
        server.stop()


class CurlWatch:
    """A watch as a person opens it."""

    def __init__(self, curl_program, server, position, query=""):
        url = f"{server.url}{MAPS}?watch=true&resourceVersion={position}{query}"
        self.process = subprocess.Popen(
            [curl_program, "--silent", "--no-buffer", url], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, text=True)
        self.lines = lines.Lines(self.process.stdout)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def take(self, count):
        events = [json.loads(self.lines.next()) for _ in range(count)]
        return [(event["type"], event["object"]["metadata"].get("name")) for event in events], (
            events[-1]["object"]["metadata"].get("resourceVersion"))


@pytest.fixture
def open_watch(curl_program):
    return lambda server, position, query="": CurlWatch(curl_program, server, position, query)


def create(server, *names, **labels):
    with wire.Wire(server) as http:
        for name in names:
            answer = http.ask("POST", MAPS, objects.config_map(name, labels or None))
            assert answer.status == 201, answer.plain
    return answer.json["metadata"]["resourceVersion"]


def write_large(server):
    """Changes one large object again and again. Returns the versions that it had."""
    versions = []
    with wire.Wire(server) as http:
        http.ask("POST", MAPS, objects.config_map("busy", text=LARGE_TEXT))
        for number in range(LARGE_EVENT_COUNT):
            body = {"data": {"n": str(number)}}
            answer = http.ask(
                "PATCH", f"{MAPS}/busy", body, Content_Type="application/merge-patch+json")
            versions.append(answer.json["metadata"]["resourceVersion"])
    return versions


def poll(server, position, limit, query=""):
    target = f"{MAPS}?poll=true&resourceVersion={position}&limit={limit}&timeoutSeconds=2{query}"
    answer = wire.ask(server, "GET", target)
    assert answer.status == 200, answer.plain
    return answer.json["items"], answer.json["metadata"]["resourceVersion"]


def test_a_curl_watch_resumes_after_kill_9(restarting, open_watch):
    server = restarting()
    start = create(server, "first")
    with open_watch(server, start) as watch:
        create(server, "a", "b", "c")
        events, position = watch.take(2)
        assert events == [("ADDED", "a"), ("ADDED", "b")]
        server.kill()
    server.start()
    create(server, "d")
    with open_watch(server, position) as watch:
        events, _ = watch.take(2)
        assert events == [("ADDED", "c"), ("ADDED", "d")]


def test_positions_from_several_lives_ago_resume(restarting, open_watch):
    server = restarting()
    start = create(server, "first")
    names = []
    for life in range(4):
        names += [f"life-{life}-{number}" for number in range(3)]
        create(server, *names[-3:])
        server.kill()
        server.start()
    wire.ask(server, "DELETE", f"{MAPS}/life-0-0")
    with open_watch(server, start) as watch:
        events, _ = watch.take(len(names) + 1)
    assert events == [("ADDED", name) for name in names] + [("DELETED", "life-0-0")]


def test_a_selector_sees_the_past_as_it_was(restarting, open_watch):
    server = restarting()
    start = create(server, "a", app="web")
    for value in ("db", "web", "db"):
        patch = {"metadata": {"labels": {"app": value}}}
        wire.ask(
            server, "PATCH", f"{MAPS}/a", patch, Content_Type="application/merge-patch+json")
    server.kill()
    server.start()
    with open_watch(server, start, "&labelSelector=app%3Dweb") as watch:
        events, _ = watch.take(3)
    assert events == [("DELETED", "a"), ("ADDED", "a"), ("DELETED", "a")]


def test_what_memory_does_not_hold_is_read_from_disk(restarting, open_watch):
    server = restarting()
    start = create(server, "first")
    versions = write_large(server)
    server.kill()
    server.start()
    with open_watch(server, start) as watch:
        events, position = watch.take(len(versions) + 1)
        assert events[0] == ("ADDED", "busy")
        assert set(events[1:]) == {("MODIFIED", "busy")}
        assert position == versions[-1]
    seen = []
    position = start
    while len(seen) <= len(versions):
        items, position = poll(server, position, limit=50)
        seen += [item["object"]["metadata"]["resourceVersion"] for item in items]
    assert seen[1:] == versions


def test_a_position_out_of_the_window_is_told_where_the_window_is(restarting):
    server = restarting("--watch-history-size", "512KiB")
    start = create(server, "first")
    newest = None
    padding = "x" * 2_000
    with wire.Wire(server) as http:
        for number in range(800):
            answer = http.ask("POST", MAPS, objects.config_map(f"m-{number}", text=padding))
            newest = answer.json["metadata"]["resourceVersion"]
    server.kill()
    server.start()
    answer = wire.ask(server, "GET", f"{MAPS}?poll=true&resourceVersion={start}")
    assert (answer.status, answer.json["reason"]) == (410, "Expired")
    message = answer.json["message"]
    assert message.startswith(f"too old resource version: {start} (")
    oldest = int(message.partition("(")[2].partition(")")[0])
    assert int(start) < oldest < int(newest)
    assert newest in message
    items, _ = poll(server, oldest, limit=1)
    assert int(items[0]["object"]["metadata"]["resourceVersion"]) == oldest + 1


@pytest.mark.parametrize("flag, value", [
    ("--watch-history", "0h"), ("--watch-history", "day"), ("--watch-history-size", "1GB")])
def test_windows_that_make_no_sense_are_refused(tmp_path, flag, value):
    with pytest.raises(RuntimeError, match=flag):
        gateway.Server(tmp_path / "data", flag, value).start()
