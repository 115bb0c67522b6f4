"""`binnacle proxy`: stock clients that know one server, in front of several."""

import pathlib
import re
import signal
import socket
import subprocess

import pytest

import conftest
import objects
import server as gateway
import wire

SECONDS = 30


class Proxy:
    def __init__(self, servers, *flags):
        self.process = subprocess.Popen(
            [gateway.binary(), "proxy", "--servers", ",".join(servers), "--listen",
             "127.0.0.1:0", *flags], stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        assert line.startswith("ready proxy="), line
        self.url = line.strip().partition("=")[2]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            assert self.process.wait(SECONDS) == 0
        finally:
            self.process.kill()
            self.process.stdout.close()


@pytest.fixture
def dead():
    """An address at which nobody listens; the port stays taken."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{holder.getsockname()[1]}"


@pytest.fixture
def secure_server(tmp_path):
    with gateway.Server(tmp_path / "data", "--https-listen", "127.0.0.1:0") as server:
        yield server


def kubectl_through(proxy, server, home):
    """kubectl with the administrator's certificate and the proxy's address."""
    own = pathlib.Path(server.data_dir) / "admin.kubeconfig"
    path = home / "through.kubeconfig"
    path.write_text(re.sub(r'server: "[^"]*"', f'server: "{proxy.url}"', own.read_text()))
    kubectl = conftest.Kubectl(server, home)
    kubectl.arguments = [f"--kubeconfig={path}"]
    return kubectl


def test_the_client_s_own_certificate_reaches_the_server(secure_server, dead, tmp_path):
    secure = f'https://{secure_server.ready["https"]}'
    with Proxy([f"https://{dead}", secure]) as proxy:
        kubectl = kubectl_through(proxy, secure_server, tmp_path)
        who = kubectl("auth", "whoami", "-o", "jsonpath={.status.userInfo.groups}")
        assert "system:masters" in who
        for number in range(5):
            kubectl("create", "configmap", f"through-{number}")
        assert kubectl("get", "configmaps", "-o", "name").count("through-") == 5


def test_a_watch_through_the_proxy_ends_when_its_server_dies(own_server, tmp_path):
    with Proxy([own_server.url]) as proxy:
        kubectl = conftest.Kubectl(own_server, tmp_path)
        kubectl.arguments = [f"--server={proxy.url}"]
        watching = kubectl.start("get", "configmaps", "--watch", "-o", "name")
        try:
            # The first may be listed; the second is watched.
            for name in ("listed", "watched"):
                made = wire.ask(
                    own_server, "POST", "/api/v1/namespaces/default/configmaps",
                    objects.config_map(name))
                assert made.status == 201
                while f"configmap/{name}" not in watching.stdout.readline():
                    assert watching.poll() is None
            own_server.kill()
            assert watching.wait(SECONDS) == 0, watching.stdout.read()
        finally:
            watching.kill()
            watching.stdout.close()


def test_a_large_answer_passes_through_whole_to_a_client_that_has_finished_sending(own_server):
    data = {"text": "x" * 500_000}
    with wire.Wire(own_server) as connection:
        for number in range(20):
            answer = connection.ask(
                "POST", "/api/v1/namespaces/default/configmaps",
                objects.config_map(f"large-{number}", **data))
            assert answer.status == 201
    direct = wire.ask(own_server, "GET", "/api/v1/configmaps").body
    with Proxy([own_server.url]) as proxy:
        host, port = proxy.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), SECONDS) as client:
            client.sendall(
                b"GET /api/v1/configmaps HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            client.shutdown(socket.SHUT_WR)
            received = b""
            while piece := client.recv(65536):
                received += piece
    assert received.partition(b"\r\n\r\n")[2] == direct
