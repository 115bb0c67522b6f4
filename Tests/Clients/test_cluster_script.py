"""`make cluster`: members, gateways and a proxy as plain processes, by the script that it runs."""

import os
import pathlib
import signal
import socket
import subprocess

import pytest

import conftest
import server as gateway
from replicated import ports, waiting

SCRIPT = gateway.TOP / "Docker/cluster"
SECONDS = 90
OFFSETS = (0, 1, 2, 11, 12, 21, 22, 23, 31, 32, 33)


def free_run():
    """A port that is free together with those that follow it in the script's order."""
    while True:
        first, = ports.free_ports(1)
        if all(is_free(first + offset) for offset in OFFSETS):
            return first


def is_free(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


class Running:
    def __init__(self, directory, port, home):
        home.mkdir(exist_ok=True)
        self.process = subprocess.Popen(
            [str(SCRIPT), str(directory), "2", str(port)], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env={"BINNACLE": gateway.binary(), "PATH": "/usr/bin:/bin"},
            # Who runs the tests in the background may have told everybody to ignore Ctrl-C.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
        self.url = f"https://127.0.0.1:{port}"
        self.pids = {}
        while not (line := self.process.stdout.readline()).startswith("ready "):
            assert line, "the script ended"
            name, *_, pid = line.split()
            self.pids[name] = int(pid)
        self.kubectl = conftest.Kubectl(self, home)
        self.kubectl.arguments = ["--kubeconfig", line.strip().partition("kubeconfig=")[2]]

    def stop(self, number=signal.SIGTERM):
        """Returns the exit code, when every process of the cluster has ended."""
        self.process.send_signal(number)
        code = self.process.wait(SECONDS)
        self.process.stdout.close()
        waiting.until(lambda: not any(is_running(pid) for pid in self.pids.values()))
        return code


def is_running(pid):
    try:
        return "\nState:\tZ" not in pathlib.Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


@pytest.fixture
def start(tmp_path):
    port, running = free_run(), []

    def start():
        running.append(Running(tmp_path / "cluster", port, tmp_path / "home"))
        return running[-1]

    yield start
    for each in running:
        if each.process.poll() is None:
            each.stop()


def test_it_serves_stops_as_a_whole_and_goes_on_with_what_it_has(start):
    first = start()
    assert set(first.pids) == {"etcd1", "etcd2", "etcd3", "gateway1", "gateway2", "proxy"}
    first.kubectl("create", "configmap", "kept", "--from-literal=text=1")
    assert first.stop(signal.SIGINT) == 0
    second = start()
    assert "kept" in second.kubectl("get", "configmaps", "-o", "name")
    assert second.stop() == 0


def test_it_does_without_a_member_and_a_gateway(start):
    cluster = start()
    for name in ("etcd1", "gateway1"):
        os.kill(cluster.pids[name], signal.SIGKILL)

    def is_made():
        done = cluster.kubectl.attempt("create", "configmap", "after")
        return done.returncode == 0 or "already exists" in done.stderr

    waiting.until(is_made)
    assert "after" in cluster.kubectl("get", "configmaps", "-o", "name")


def test_nothing_is_left_when_the_script_is_killed(start):
    cluster = start()
    cluster.stop(signal.SIGKILL)
