"""binnacle-follow, the example of APIClient: a program with a cache on disk that is killed again
and again while others write."""

import os
import pathlib
import random
import signal
import subprocess
import threading

import pytest

import objects
import server as gateway
import wire

PODS = int(os.environ.get("FOLLOWED_PODS", "1000"))
LIVES = 20
PATH = "/api/v1/namespaces/default/pods"


class Follower:
    def __init__(self, servers, cache):
        program = pathlib.Path(gateway.binary()).parent / "binnacle-follow"
        flags = [flag for server in servers for flag in ("--server", server.url)]
        self.process = subprocess.Popen(
            [str(program), "pods", "--cache", str(cache), *flags],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.lists = 0

    def line(self):
        line = self.process.stdout.readline().rstrip("\n")
        assert line, "the follower ended"
        self.lists += line.startswith("listed ")
        return line

    def wait_for(self, *words):
        while not (line := self.line()).startswith(words):
            pass
        return line

    def state(self, revision):
        """The objects once `revision` is known, and the revision that they are of."""
        self.process.stdin.write(f"{revision}\n")
        self.process.stdin.flush()
        head = self.wait_for("state ")
        found = dict(word.split("=") for word in head.split()[1:])
        pods = dict(self.line().split(" ") for _ in range(int(found["count"])))
        return int(found["revision"]), pods

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


class Writer(threading.Thread):
    """Makes, changes and deletes pods until it is told to stop."""

    def __init__(self, server, names):
        super().__init__(daemon=True)
        self.server, self.names = server, names
        self.written = 0
        self.is_stopping = threading.Event()

    def run(self):
        numbers = random.Random(7)
        with wire.Wire(self.server) as connection:
            while not self.is_stopping.is_set():
                name = numbers.choice(self.names)
                if numbers.random() < 0.3:
                    connection.ask("DELETE", f"{PATH}/{name}?gracePeriodSeconds=0")
                    connection.ask("POST", PATH, objects.pod(name))
                else:
                    patch = {"metadata": {"labels": {"turn": str(self.written)}}}
                    answer = connection.ask(
                        "PATCH", f"{PATH}/{name}", patch,
                        Content_Type="application/merge-patch+json")
                    assert answer.status == 200, answer.plain
                self.written += 1

    def stop(self):
        self.is_stopping.set()
        self.join()


@pytest.fixture
def pods(own_server):
    names = [f"pod-{number:05}" for number in range(PODS)]
    with wire.Wire(own_server) as connection:
        for name in names:
            answer = connection.ask("POST", PATH, objects.pod(name))
            assert answer.status == 201, answer.plain
    return names


def listed(server, query=""):
    answer = wire.ask(server, "GET", f"/api/v1/pods{query}")
    assert answer.status == 200, answer.plain
    return answer.json


def versions(pods):
    return {
        f'{pod["metadata"]["namespace"]}/{pod["metadata"]["name"]}':
            pod["metadata"]["resourceVersion"]
        for pod in pods["items"]
    }


def test_a_follower_that_is_killed_again_and_again_lists_once(own_server, pods, tmp_path):
    cache = tmp_path / "cache"
    lists = 0
    writer = Writer(own_server, pods)
    writer.start()
    try:
        for life in range(LIVES):
            follower = Follower([own_server], cache)
            try:
                follower.wait_for("resumed " if life else "listed ")
                # Every third one is killed before it has caught up.
                if life % 3 != 1:
                    now = listed(own_server, "?limit=1")["metadata"]["resourceVersion"]
                    revision, known = follower.state(now)
                    exact = f"?resourceVersion={revision}&resourceVersionMatch=Exact"
                    assert known == versions(listed(own_server, exact)), f"life {life}"
            finally:
                lists += follower.lists
                follower.kill()
    finally:
        writer.stop()
    assert lists == 1
    assert writer.written > LIVES


def test_a_follower_goes_on_when_the_gateway_is_killed_and_starts_again(
        own_server, pods, tmp_path):
    follower = Follower([own_server], tmp_path / "cache")
    try:
        follower.wait_for("listed ")
        port = own_server.port
        own_server.kill()
        own_server.flags = ("--http-listen", f"127.0.0.1:{port}")
        own_server.start()
        made = wire.ask(own_server, "POST", PATH, objects.pod("after"))
        assert made.status == 201, made.plain
        _, known = follower.state(made.json["metadata"]["resourceVersion"])
        assert known == versions(listed(own_server))
        assert follower.lists == 1
    finally:
        follower.kill()
