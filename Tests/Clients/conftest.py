import itertools
import os
import pathlib
import shutil
import subprocess
import sys

import pytest

import objects
import over_tls
import server as gateway
import wire

KUBECTL_SECONDS = 30
_numbers = itertools.count(1)


def pytest_sessionstart():
    gateway.end_leftovers()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    """Shows what the gateway logged during a test that failed."""
    report = yield
    if report.failed:
        for value in getattr(item, "funcargs", {}).values():
            if isinstance(value, gateway.Server):
                log = value.log_since(item.stash.get(_log_start, 0))
                report.sections.append(("log of the gateway", log))
    return report


_log_start = pytest.StashKey()


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """The gateway that most tests share; each works in a namespace of its own."""
    with gateway.Server(tmp_path_factory.mktemp("data")) as server:
        yield server


@pytest.fixture
def own_server(tmp_path):
    """A gateway for one test, to be killed, filled or measured."""
    with gateway.Server(tmp_path / "data") as server:
        yield server


@pytest.fixture
def secure(tmp_path):
    """A gateway for one test that serves HTTPS beside HTTP."""
    with gateway.Server(tmp_path / "data", *over_tls.HTTPS) as server:
        yield server


@pytest.fixture(scope="module")
def audited(tmp_path_factory):
    """A gateway for one module's tests, which concern the whole cluster; it has an audit log."""
    directory = tmp_path_factory.mktemp("audited")
    log = directory / "audit.log"
    with gateway.Server(directory / "data", "--audit-log", str(log)) as server:
        server.audit_log = log
        yield server


@pytest.fixture(autouse=True)
def still_running(request):
    """No test may bring down the gateway that the others use."""
    if "server" not in request.fixturenames:
        yield
        return
    server = request.getfixturevalue("server")
    assert server.is_running, f"an earlier test ended the gateway\n{server.log_since(0)}"
    request.node.stash[_log_start] = len(server.log)
    yield
    assert server.is_running, "this test ended the gateway"


@pytest.fixture
def namespace(server):
    name = f"test-{next(_numbers)}"
    answer = wire.ask(server, "POST", "/api/v1/namespaces", objects.named("Namespace", name))
    assert answer.status == 201, answer.plain
    return name


class Kubectl:
    """kubectl as a person has it: no configuration, and an empty home."""

    def __init__(self, server, home, namespace=None):
        self.program = pathlib.Path(sys.executable).parent / "kubectl"
        self.arguments = [f"--server={server.url}"]
        if namespace:
            self.arguments.append(f"--namespace={namespace}")
        self.environment = {
            "HOME": str(home), "KUBECONFIG": "/dev/null", "PATH": os.environ["PATH"],
        }

    def command(self, *arguments):
        return [str(self.program), *self.arguments, *arguments]

    def attempt(self, *arguments, stdin="", **environment):
        return subprocess.run(
            self.command(*arguments), input=stdin, text=True, capture_output=True,
            timeout=KUBECTL_SECONDS, env={**self.environment, **environment})

    def __call__(self, *arguments, stdin="", **environment):
        """Runs it, and returns what it prints. It must succeed and warn of nothing."""
        done = self.attempt(*arguments, stdin=stdin, **environment)
        assert done.returncode == 0, f"{arguments}\n{done.stdout}{done.stderr}"
        assert "Warning:" not in done.stderr, f"{arguments}\n{done.stderr}"
        return done.stdout

    def refused(self, *arguments, stdin=""):
        """Runs it, and returns its complaint. It must fail."""
        done = self.attempt(*arguments, stdin=stdin)
        assert done.returncode != 0, f"{arguments} succeeded:\n{done.stdout}"
        return done.stderr

    def start(self, *arguments):
        return subprocess.Popen(
            self.command(*arguments), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, env=self.environment)


@pytest.fixture(scope="session")
def home(tmp_path_factory):
    """Holds kubectl's cache of discovery."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def kubectl(server, home, namespace):
    return Kubectl(server, home, namespace)


@pytest.fixture(scope="session")
def curl_program():
    program = shutil.which("curl")
    assert program, "curl is missing; .ci/set-up test installs it"
    return program


@pytest.fixture(scope="session")
def curl(curl_program):
    def run(*arguments):
        done = subprocess.run(
            [curl_program, "--silent", "--show-error", "--max-time", "20", *arguments],
            text=True, capture_output=True, timeout=30)
        assert done.returncode == 0, f"{arguments}\n{done.stderr}"
        return done.stdout

    return run


@pytest.fixture
def bare_kubectl(server, home):
    """kubectl that names no namespace."""
    return Kubectl(server, home)


@pytest.fixture
def admin(secure, kubectl):
    """kubectl as the administrator of `secure`."""
    return over_tls.OverTLS(kubectl, secure)
