"""An SDK is generated from the served documents, and used without a line that is not generated."""

import json
import os
import pathlib
import subprocess
import sys

import pytest

import wire

PROGRAM = pathlib.Path(__file__).with_name("sdk_program.py")
GENERATOR_SECONDS = 240
PROGRAM_SECONDS = 240
# Generators and what they have made take long where other tests run beside them.
pytestmark = pytest.mark.timeout(600)


def download(server, path, folder):
    answer = wire.ask(server, "GET", path)
    assert answer.status == 200, answer.plain
    file = folder / (path.strip("/").replace("/", "-") + ".json")
    file.write_bytes(answer.plain)
    return file


def generate(document, package):
    """Runs the generator, which must have nothing to complain of."""
    # What it does to be pretty takes as long as what it does. An applied configuration may be
    # JSON, which is YAML; the generator wants to be told.
    plain = package.with_suffix(".yaml")
    plain.write_text("""
post_hooks: []
content_type_overrides:
  application/apply-patch+yaml: application/json
""")
    done = subprocess.run(
        [pathlib.Path(sys.executable).with_name("openapi-python-client"), "generate",
         "--path", document, "--output-path", package, "--meta", "none", "--config", plain,
         "--fail-on-warning"],
        stdin=subprocess.DEVNULL, text=True, capture_output=True, timeout=GENERATOR_SECONDS)
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert "warning" not in said.lower(), said


@pytest.fixture(scope="module")
def sdk(server, tmp_path_factory):
    """The folder that holds the SDK of the core group, as the package `sdk`."""
    folder = tmp_path_factory.mktemp("generated")
    generate(download(server, "/openapi/v3/api/v1", folder), folder / "sdk")
    return folder


@pytest.fixture
def use(sdk):
    """Runs one command of the SDK's user."""
    def run(server, command):
        done = subprocess.run(
            [sys.executable, PROGRAM, server.url, command], text=True, capture_output=True,
            timeout=PROGRAM_SECONDS, env={**os.environ, "PYTHONPATH": str(sdk)})
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)

    return run


def test_objects_are_made_read_and_listed(own_server, use):
    assert use(own_server, "objects") == {
        "made": "first", "text": "hello", "kind": "ConfigMapList", "listed": ["first"],
        "missing": "NotFound"}


def test_reads_are_conditional(own_server, use):
    assert use(own_server, "conditions") == [304, 304, 200] * 2


def test_changes_are_polled_for(own_server, use):
    assert use(own_server, "polls") == [[["ADDED", "second"]], [["DELETED", "second"]], []]


def test_a_cursor_outlives_the_gateway(own_server, use):
    if not use(own_server, "has_cursors"):
        pytest.skip("this gateway keeps no cursors")
    assert use(own_server, "begin_cursor") == [[], [["ADDED", "third"]]]
    own_server.kill()
    own_server.start()
    assert use(own_server, "resume_cursor") == [[["ADDED", "third"]], []]


def test_every_document_makes_an_sdk(server, tmp_path):
    index = wire.ask(server, "GET", "/openapi/v3").json["paths"]
    for number, entry in enumerate(sorted(index)):
        # The core group's is made for the other tests.
        if entry != "api/v1":
            document = download(server, f"/openapi/v3/{entry}", tmp_path)
            generate(document, tmp_path / f"sdk{number}")
