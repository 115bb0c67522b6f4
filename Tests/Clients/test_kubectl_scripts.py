"""Every verb of kubectl, with the newest one and one of six years before."""

import pathlib
import shutil
import subprocess
import sys

import pytest

import kubectl_script
import server as gateway
from over_tls import HTTPS

SCRIPTS = pathlib.Path(__file__).parent / "kubectl_scripts"
OLD = gateway.TOP / ".cache/kubectl-1.20/usr/bin/kubectl"
PROGRAMS = {"1.20": OLD, "1.37": pathlib.Path(sys.executable).parent / "kubectl"}
COMMAND_COUNT_MIN = 150


@pytest.fixture(scope="module")
def secure(tmp_path_factory):
    with gateway.Server(tmp_path_factory.mktemp("kubectl"), *HTTPS) as server:
        yield server


@pytest.fixture(params=kubectl_script.VERSIONS)
def version(request):
    return request.param


@pytest.fixture(params=sorted(path.stem for path in SCRIPTS.glob("*.txt")))
def chapter(request):
    return request.param


@pytest.fixture(scope="module")
def homes(tmp_path_factory):
    """What each version knows of the gateway."""
    return {version: tmp_path_factory.mktemp("home") for version in PROGRAMS}


@pytest.fixture
def shell(secure, homes, version, chapter, tmp_path):
    """A namespace of its own, and the kubeconfig of the administrator."""
    program = PROGRAMS[version]
    assert program.exists(), f"{program} is missing; .ci/set-up test fetches it"
    namespace = f"{chapter}-{version.replace('.', '-')}"
    shutil.copy(f"{secure.data_dir}/admin.kubeconfig", tmp_path / "config")
    shutil.copytree(SCRIPTS / "files", tmp_path, dirs_exist_ok=True)
    shell = kubectl_script.Shell(program, homes[version], tmp_path, namespace)
    for command in (f"kubectl create namespace {namespace}",
                    f"kubectl config set-context --current --namespace={namespace}"):
        done = shell.run(command)
        assert done.returncode == 0, done.stderr
    return shell


def test_commands(shell, version, chapter):
    text = (SCRIPTS / f"{chapter}.txt").read_text()
    for command in kubectl_script.commands(text, version):
        problems = shell.problems(command)
        assert not problems, f"{chapter}.txt:{command.line}: {command.text}\n{problems}"


def test_both_run_a_long_script(version):
    count = sum(
        len(kubectl_script.commands(path.read_text(), version)) for path in SCRIPTS.glob("*.txt"))
    assert count >= COMMAND_COUNT_MIN


def test_they_are_the_versions_that_they_say(version):
    done = subprocess.run(
        [PROGRAMS[version], "version", "--client"], capture_output=True, text=True, timeout=30)
    assert f"v{version}." in done.stdout
