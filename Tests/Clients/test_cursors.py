"""Cursors: the gateway keeps the positions of clients that keep nothing."""

import os
import re
import signal
import subprocess
import threading
import time
import types

import pytest

import lines
import objects
import server as gateway
import wire

MAPS = "/api/v1/namespaces/default/configmaps"
CURSORS = "/apis/binnacle.dev/v1/watchcursors"
OBJECT_COUNT = 240
RETRY_SECONDS = 0.05


def readme_script():
    page = (gateway.TOP / "README.md").read_text()
    scripts = re.findall(r"^```sh\n(#!/bin/sh\n.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert len(scripts) == 1, "the README has one script"
    return scripts[0]


class Follower:
    """The README's script, which can be killed and started again."""

    def __init__(self, file, port):
        script = readme_script()
        assert "127.0.0.1:8080" in script
        file.write_text(script.replace("127.0.0.1:8080", f"127.0.0.1:{port}"))
        self.file = file
        self.seen = []

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.kill()

    def start(self):
        self.process = subprocess.Popen(
            ["sh", str(self.file)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
            start_new_session=True)
        self.lines = lines.Lines(self.process.stdout)
        return self

    def kill(self):
        """Ends the script and what it runs, and takes what they had printed."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        while line := self.lines.next():
            if line.endswith("\n"):
                self.seen.append(line.rstrip("\n"))

    def read_until(self, line):
        while not self.seen or self.seen[-1] != line:
            found = self.lines.next()
            assert found, "the script ended"
            self.seen.append(found.rstrip("\n"))


class Writing(threading.Thread):
    """Creates one object after the other, as many as it may, whatever happens to the gateway."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.server = types.SimpleNamespace(port=port)
        self.permits = threading.Semaphore(0)
        self.is_ended = False

    def allow(self, count):
        self.permits.release(count)

    def run(self):
        for number in range(OBJECT_COUNT):
            self.permits.acquire()
            while not self.is_ended and not self.create(name(number)):
                time.sleep(RETRY_SECONDS)

    def create(self, name):
        try:
            answer = wire.ask(self.server, "POST", MAPS, objects.config_map(name))
        except (OSError, EOFError, ValueError):
            return False
        # It may have been made when the answer was lost.
        return answer.status in (201, 409)


def name(number):
    return f"map-{number:04}"


@pytest.fixture
def fixed_port_server(tmp_path):
    """A gateway that comes back where it was."""
    with gateway.Server(tmp_path / "data") as server:
        server.flags = ("--http-listen", f"127.0.0.1:{server.port}")
        yield server


def test_the_readme_s_script_misses_nothing(fixed_port_server, tmp_path):
    server = fixed_port_server
    with Follower(tmp_path / "follow.sh", server.port) as follower:
        writing = Writing(server.port)
        writing.start()
        try:
            writing.allow(60)
            follower.read_until(f"ADDED {name(40)}")
            writing.allow(60)
            server.kill()
            server.start()
            follower.read_until(f"ADDED {name(100)}")
            writing.allow(60)
            follower.kill()
            follower.start()
            follower.read_until(f"ADDED {name(160)}")
            writing.allow(60)
            server.kill()
            follower.kill()
            server.start()
            follower.start()
            follower.read_until(f"ADDED {name(OBJECT_COUNT - 1)}")
        finally:
            writing.is_ended = True
            writing.allow(OBJECT_COUNT)
    writing.join(lines.SECONDS)

    numbers = [int(line.removeprefix("ADDED map-")) for line in follower.seen]
    assert set(numbers) == set(range(OBJECT_COUNT))
    steps = [after - before for before, after in zip(numbers, numbers[1:], strict=False)]
    assert max(steps) == 1, "something came before what was before it"
    # What was dealt with and not acknowledged comes once more; each end repeats one answer at most.
    assert sum(step < 1 for step in steps) <= 4


def test_a_script_that_has_nothing_to_tell_writes_nothing(fixed_port_server, tmp_path):
    server = fixed_port_server
    wire.ask(server, "POST", MAPS, objects.config_map("only"))
    poll = f"{MAPS}?poll=true&cursor=quiet&timeoutSeconds=1"
    position = wire.ask(server, "GET", poll).json["metadata"]["resourceVersion"]
    versions = []
    for _ in range(3):
        answer = wire.ask(server, "GET", f"{poll}&resourceVersion={position}")
        assert answer.json["items"] == []
        position = answer.json["metadata"]["resourceVersion"]
        versions.append(position)
    assert versions[1] == versions[2]


def test_an_acknowledgement_from_the_future_is_not_taken(server, namespace):
    target = f"/api/v1/namespaces/{namespace}/configmaps?poll=true&cursor={namespace}-future"
    answer = wire.ask(server, "GET", f"{target}&resourceVersion=999999999")
    assert answer.status == 504
    assert answer.json["details"]["causes"][0]["reason"] == "ResourceVersionTooLarge"
    field = f"?fieldSelector=spec.cursor%3D{namespace}-future"
    assert wire.ask(server, "GET", CURSORS + field).json["items"] == []


def test_kubectl_lists_explains_and_deletes_cursors(server, bare_kubectl, namespace):
    kubectl, maps = bare_kubectl, f"/api/v1/namespaces/{namespace}/configmaps"
    wire.ask(server, "POST", maps, objects.config_map("a"))
    target = f"{maps}?poll=true&cursor={namespace}"
    version = wire.ask(server, "GET", target).json["metadata"]["resourceVersion"]
    wire.ask(server, "POST", maps, objects.config_map("b"))
    wire.ask(server, "GET", f"{target}&resourceVersion={version}")

    cursor = f"{namespace}.of-system-3aadmin"
    field = f"--field-selector=spec.cursor={namespace}"
    head, row = kubectl("get", "watchcursors", field).splitlines()
    assert head.split() == ["NAME", "USER", "RESOURCE", "ACKNOWLEDGED", "AGE"]
    assert row.split()[:4] == [cursor, "system:admin", "configmaps", version]
    wide = kubectl("get", "watchcursor", cursor, "-o", "wide", "--no-headers").split()
    assert wide[-2:] == [namespace, "<none>"]
    path = kubectl("get", "watchcursor", cursor, "-o", "jsonpath={.spec.path}")
    assert path == maps
    assert "acknowledged" in kubectl("explain", "watchcursor.status")

    assert "watchcursors" in kubectl("api-resources", "--verbs=list,delete")
    assert "watchcursors" not in kubectl("api-resources", "--verbs=create")
    refusal = kubectl.refused("annotate", "watchcursor", cursor, "a=b")
    assert "does not allow this method" in refusal
    kubectl("delete", "watchcursor", cursor)
    assert "NotFound" in kubectl.refused("get", "watchcursor", cursor)
