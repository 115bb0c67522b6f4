"""An operator written with kopf, unmodified: a custom resource, finalizers and status patches."""

import os
import pathlib
import subprocess
import sys

import pytest

import kubeconfig
import ships
import wire

PROGRAM = pathlib.Path(__file__).with_name("operator_program.py")
FLEET = [f"ship-{number}" for number in range(12)]
CHANGES = 4
DAY_SECONDS = 60


class Operator:
    """`with Operator(...)` runs it until the end."""

    def __init__(self, server, group, namespace, folder):
        self._command = [
            sys.executable, "-m", "kopf", "run", str(PROGRAM), f"--namespace={namespace}",
            "--standalone", "--log-format=full"]
        self._environment = {
            **os.environ, "KUBECONFIG": str(kubeconfig.write(server, folder, namespace)),
            "SHIP_GROUP": group, "SERVER": server.url}
        self.log = folder / "operator.log"

    def __enter__(self):
        with open(self.log, "a") as log:
            self._process = subprocess.Popen(
                self._command, env=self._environment, stdin=subprocess.DEVNULL, stdout=log,
                stderr=subprocess.STDOUT)
        return self

    def __exit__(self, *_):
        self._process.terminate()
        try:
            self._process.wait(ships.SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class Sea:
    """Ships and what the operator makes of them."""

    def __init__(self, server, group, namespace):
        self.server, self.group = server, group
        self.fleet = f"/apis/{group}/v1/namespaces/{namespace}/ships"
        self.maps = f"/api/v1/namespaces/{namespace}/configmaps"

    def ask(self, method, path, body=None, **headers):
        return wire.ask(self.server, method, path, body, **headers)

    def launch(self, name, crew):
        assert self.ask("POST", self.fleet, ships.ship(name, self.group, crew)).status == 201

    def man(self, name, crew):
        answer = self.ask("PATCH", f"{self.fleet}/{name}", {"spec": {"crew": crew}},
                          Content_Type="application/merge-patch+json")
        assert answer.status == 200, answer.plain

    def ship(self, name):
        answer = self.ask("GET", f"{self.fleet}/{name}")
        return answer.json if answer.status == 200 else None

    def data(self, name):
        answer = self.ask("GET", f"{self.maps}/{name}")
        return answer.json["data"] if answer.status == 200 else None

    def is_manned(self, name, crew):
        return self.data(f"crew-of-{name}") == {"crew": str(crew)}


@pytest.fixture
def group(own_server):
    ships.define(own_server, "sea.example")
    return "sea.example"


@pytest.mark.timeout(180)
def test_a_day_in_the_life_of_a_fleet(own_server, group, tmp_path):
    """Made, changed, followed through a restart of the gateway, and ended."""
    sea = Sea(own_server, group, "default")
    with Operator(own_server, group, "default", tmp_path) as operator:
        try:
            live_a_day(sea, own_server)
        except AssertionError as error:
            raise AssertionError(operator.log.read_text()[-6000:]) from error


def live_a_day(sea, server):
    for name in FLEET:
        sea.launch(name, 1)
    for name in FLEET:
        ships.until(lambda: sea.is_manned(name, 1), DAY_SECONDS)
    found = sea.ship(FLEET[0])
    assert found["metadata"]["finalizers"] == ["example.com/operator"]
    ships.until(lambda: sea.ship(FLEET[0]).get("status", {}).get("made") == {"crew": 1})
    assert sea.ship(FLEET[0])["metadata"]["generation"] == 1

    for crew in range(2, 2 + CHANGES):
        for name in FLEET:
            sea.man(name, crew)
    last = 1 + CHANGES
    for name in FLEET:
        ships.until(lambda: sea.is_manned(name, last), DAY_SECONDS)
        ships.until(lambda: sea.ship(name)["status"]["changes"]["to"] == last)

    # The operator's watches go on where they were.
    server.stop()
    flags = server.flags
    server.flags = (*flags, "--http-listen", f"127.0.0.1:{server.port}")
    server.start()
    sea.man(FLEET[0], last + 1)
    ships.until(lambda: sea.is_manned(FLEET[0], last + 1), DAY_SECONDS)

    for name in FLEET:
        assert sea.ask("DELETE", f"{sea.fleet}/{name}").status == 200
    for name in FLEET:
        ships.until(lambda: sea.ship(name) is None, DAY_SECONDS)
        assert sea.data(f"log-of-{name}") == {"end": "written"}
        # What a ship owned follows it.
        ships.until(lambda: sea.data(f"crew-of-{name}") is None)
