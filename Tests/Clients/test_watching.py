"""The ways to wait for a change: the stream, the long-poll and the conditional GET."""

import concurrent.futures

import pytest

import objects
import wire
from wire import Wire

MERGE = "application/merge-patch+json"


@pytest.fixture
def maps(namespace):
    return f"/api/v1/namespaces/{namespace}/configmaps"


@pytest.fixture
def pool():
    with concurrent.futures.ThreadPoolExecutor() as pool:
        yield pool


@pytest.fixture
def ask(server):
    """One request, whose answer is no error."""
    def ask(*arguments, **headers):
        answer = wire.ask(server, *arguments, **headers)
        assert answer.status < 300, answer.plain
        return answer.json
    return ask


def version(thing):
    return int(thing["metadata"]["resourceVersion"])


def names(events):
    return [(event["type"], event["object"]["metadata"]["name"]) for event in events]


def test_a_stream_shows_each_change_and_ends_in_time(server, maps, ask):
    start = version(ask("GET", maps))
    with Wire(server) as http:
        http.send_request("GET", f"{maps}?watch=true&resourceVersion={start}&timeoutSeconds=2")
        assert http.read_head()[0] == 200
        ask("POST", maps, objects.config_map("a", n="1"))
        ask("PATCH", f"{maps}/a", {"data": {"n": "2"}}, Content_Type=MERGE)
        ask("DELETE", f"{maps}/a")
        events = list(http.events())
        assert names(events) == [("ADDED", "a"), ("MODIFIED", "a"), ("DELETED", "a")]
        assert version(events[2]["object"]) > version(events[1]["object"]) > start
        assert events[2]["object"]["data"] == {"n": "2"}
        # The stream was an answer like any other: the connection goes on.
        assert http.ask("GET", "/readyz").status == 200


def test_no_version_means_the_present_state_first(server, maps, ask):
    for name in ("a", "b"):
        ask("POST", maps, objects.config_map(name))
    with Wire(server) as http:
        http.send_request("GET", f"{maps}?watch=true&timeoutSeconds=1")
        http.read_head()
        assert sorted(names(http.events())) == [("ADDED", "a"), ("ADDED", "b")]


def test_leaving_a_selector_reads_as_deleted(server, maps, ask):
    start = version(ask("POST", maps, objects.config_map("a", labels={"on": "no"})))
    for value in ("yes", "yes", "no"):
        patch = {"metadata": {"labels": {"on": value}}, "data": {"n": str(start)}}
        ask("PATCH", f"{maps}/a", patch, Content_Type=MERGE)
        ask("PATCH", f"{maps}/a", {"data": {"n": None}}, Content_Type=MERGE)
    query = f"labelSelector=on%3Dyes&resourceVersion={start}"
    with Wire(server) as http:
        http.send_request("GET", f"{maps}?watch=true&timeoutSeconds=1&{query}")
        http.read_head()
        types = [event["type"] for event in http.events()]
    assert types == ["ADDED", "MODIFIED", "MODIFIED", "MODIFIED", "DELETED"]


def test_a_stream_that_was_cut_resumes_without_loss(server, maps, ask):
    position = version(ask("GET", maps))
    seen = []
    for turn in range(5):
        with Wire(server) as http:
            http.send_request("GET", f"{maps}?watch=true&resourceVersion={position}")
            http.read_head()
            events = http.events()
            for number in range(3):
                ask("POST", maps, objects.config_map(f"m-{turn}-{number}"))
            for _ in range(2):
                event = next(events)
                seen.append(event["object"]["metadata"]["name"])
                position = version(event["object"])
    total = [f"m-{turn}-{number}" for turn in range(5) for number in range(3)]
    assert seen == total[:10]


def test_bookmarks_when_asked(server, maps, ask):
    start = version(ask("POST", maps, objects.config_map("a")))
    query = f"resourceVersion={start}&allowWatchBookmarks=true&timeoutSeconds=2"
    with Wire(server) as http:
        http.send_request("GET", f"{maps}?watch=true&{query}")
        http.read_head()
        event = list(http.events())[-1]
    assert event["type"] == "BOOKMARK"
    assert event["object"]["kind"] == "ConfigMap"
    assert version(event["object"]) >= start


def test_initial_events_end_with_a_bookmark(server, maps, ask):
    for name in ("a", "b"):
        ask("POST", maps, objects.config_map(name))
    query = ("sendInitialEvents=true&resourceVersionMatch=NotOlderThan"
             "&allowWatchBookmarks=true&timeoutSeconds=1")
    with Wire(server) as http:
        http.send_request("GET", f"{maps}?watch=true&{query}")
        http.read_head()
        events = list(http.events())
    assert names(events[:2]) == [("ADDED", "a"), ("ADDED", "b")]
    assert events[2]["type"] == "BOOKMARK"
    assert events[2]["object"]["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}


def test_a_long_poll_returns_what_has_happened(maps, ask):
    start = version(ask("GET", maps))
    for name in ("a", "b", "c"):
        ask("POST", maps, objects.config_map(name))
    poll = f"{maps}?poll=true&timeoutSeconds=10"
    first = ask("GET", f"{poll}&resourceVersion={start}&limit=2")
    assert first["kind"] == "WatchEventList"
    assert names(first["items"]) == [("ADDED", "a"), ("ADDED", "b")]
    second = ask("GET", f"{poll}&resourceVersion={version(first)}")
    assert names(second["items"]) == [("ADDED", "c")]


def test_a_long_poll_waits_for_the_next_change(maps, ask, pool):
    start = version(ask("GET", maps))
    waiting = pool.submit(
        ask, "GET", f"{maps}?poll=true&resourceVersion={start}&timeoutSeconds=8")
    ask("POST", maps, objects.config_map("late"))
    assert names(waiting.result(10)["items"]) == [("ADDED", "late")]


def test_a_long_poll_whose_time_is_up_is_empty_and_newer(server, namespace, maps, ask):
    start = version(ask("GET", maps))
    ask("POST", f"/api/v1/namespaces/{namespace}/secrets", objects.named("Secret", "other"))
    empty = ask("GET", f"{maps}?poll=true&resourceVersion={start}&timeoutSeconds=1")
    assert empty["items"] == []
    assert version(empty) > start


def test_a_long_poll_without_a_version_shows_the_present_state(maps, ask):
    ask("POST", maps, objects.config_map("a"))
    now = ask("GET", f"{maps}?poll=true&timeoutSeconds=5")
    assert names(now["items"]) == [("ADDED", "a")]
    assert version(now) >= version(ask("GET", f"{maps}/a"))


def test_conditional_get(server, maps, ask):
    ask("POST", maps, objects.config_map("a"))
    for target in (f"{maps}/a", maps):
        got = wire.ask(server, "GET", target)
        tag = got.headers["etag"]
        assert tag == f'"{got.json["metadata"]["resourceVersion"]}"'
        same = wire.ask(server, "GET", target, If_None_Match=tag)
        assert (same.status, same.body, same.headers["etag"]) == (304, b"", tag)
        assert wire.ask(server, "GET", target, If_None_Match='"1"').status == 200


def test_conditional_get_waits_when_preferred(server, maps, ask, pool):
    made = ask("POST", maps, objects.config_map("a", n="1"))
    condition = {"If_None_Match": f'"{version(made)}"'}
    same = wire.ask(server, "GET", f"{maps}/a", Prefer="wait=1", **condition)
    assert same.status == 304
    waiting = pool.submit(wire.ask, server, "GET", f"{maps}/a", Prefer="wait=8", **condition)
    ask("PATCH", f"{maps}/a", {"data": {"n": "2"}}, Content_Type=MERGE)
    answer = waiting.result(10)
    assert (answer.status, answer.json["data"]) == (200, {"n": "2"})


@pytest.mark.parametrize("query, code", [
    ("watch=true&resourceVersion=nine", 400), ("poll=true&resourceVersion=nine", 400),
    ("watch=true&labelSelector=a%3D%3D%3Db", 400), ("watch=true&fieldSelector=data.x%3D1", 400)])
def test_bad_questions_are_refused(server, maps, query, code):
    answer = wire.ask(server, "GET", f"{maps}?{query}")
    assert (answer.status, answer.json["kind"]) == (code, "Status")
