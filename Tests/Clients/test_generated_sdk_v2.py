"""An SDK is generated from the OpenAPI 2.0 document by the generator that everybody knows."""

import json
import os
import pathlib
import subprocess
import sys

import pytest

from test_generated_sdk import download

PROGRAM = pathlib.Path(__file__).with_name("sdk_v2_program.py")
GENERATOR_SECONDS = 240
PROGRAM_SECONDS = 240
# Generators and what they have made take long where other tests run beside them.
pytestmark = pytest.mark.timeout(600)
ONLY_CODE = "apiTests=false,modelTests=false,apiDocs=false,modelDocs=false"


@pytest.fixture(scope="module")
def sdk(server, tmp_path_factory):
    """The folder that holds the SDK of all groups, as the package `sdk2`."""
    folder = tmp_path_factory.mktemp("generated-v2")
    document = download(server, "/openapi/v2", folder)
    done = subprocess.run(
        [pathlib.Path(sys.executable).with_name("openapi-generator-cli"), "generate",
         "-i", document, "-g", "python", "-o", folder, "--package-name", "sdk2",
         "--global-property", ONLY_CODE],
        stdin=subprocess.DEVNULL, text=True, capture_output=True, timeout=GENERATOR_SECONDS)
    said = done.stdout + done.stderr
    assert done.returncode == 0 and " ERROR " not in said, said[-6000:]
    return folder


@pytest.fixture
def use(sdk, own_server):
    """Runs one command of the SDK's user."""
    def run(command):
        done = subprocess.run(
            [sys.executable, PROGRAM, own_server.url, command], text=True, capture_output=True,
            timeout=PROGRAM_SECONDS, env={**os.environ, "PYTHONPATH": str(sdk)})
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)

    return run


def test_an_object_lives(use):
    assert use("life") == {
        "replaced": {"a": "2"}, "patched": {"a": "2", "b": "3"}, "listed": ["one"],
        "refusals": ["AlreadyExists", "Conflict", "NotFound"]}


def test_changes_are_polled_for(use):
    assert use("polls") == [["ADDED", "polled"]]
