"""schemathesis asks what the documents allow and what they do not: no 5xx, no undescribed answer.

In `make test` it is seeded and short. By hand, for longer and over every document:

    SCHEMATHESIS_SECONDS=600 make test-clients PYTEST_FLAGS='-k schemathesis'
"""

import os
import pathlib
import re
import subprocess
import sys

import pytest

import server as gateway
import wire

SECONDS = int(os.environ.get("SCHEMATHESIS_SECONDS", 0))
SEED = os.environ.get("SCHEMATHESIS_SEED", "20261127")
SHORT_SECONDS = 10
# On a busy machine, too.
REQUEST_COUNT_MIN = 1
CHECKS = "not_a_server_error,response_schema_conformance,content_type_conformance"
# In a long run every document that the gateway serves.
DOCUMENTS = ["api/v1", "apis/apps/v1", "apis/coordination.k8s.io/v1", "v2"]
# What lasts on purpose is asked for by other tests.
SETTINGS = """
[parameters]
"query.watch" = false
"query.poll" = false
"query.timeoutSeconds" = 1
"path.namespace" = "default"
"""


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory):
    with gateway.Server(tmp_path_factory.mktemp("fuzzed")) as server:
        yield server


def documents(server, document):
    """The paths of the documents to be used."""
    if document == "v2":
        return ["/openapi/v2"]
    if SECONDS and document == DOCUMENTS[0]:
        return [f"/openapi/v3/{path}" for path in wire.ask(
            server, "GET", "/openapi/v3").json["paths"]]
    return [f"/openapi/v3/{document}"]


@pytest.mark.parametrize("document", DOCUMENTS)
@pytest.mark.timeout(max(120, 40 * SECONDS))
def test_every_answer_is_as_described(fuzzed, document, tmp_path):
    settings = tmp_path / "schemathesis.toml"
    settings.write_text(SETTINGS)
    for path in documents(fuzzed, document):
        done = subprocess.run(
            [pathlib.Path(sys.executable).with_name("schemathesis"), "--config-file", settings,
             "run", f"{fuzzed.url}{path}", f"--url={fuzzed.url}", f"--checks={CHECKS}",
             f"--max-time={SECONDS or SHORT_SECONDS}", f"--seed={SEED}", "--no-shrink",
             "--phases=coverage,fuzzing", "--max-examples=20", "--no-color",
             "--suppress-health-check=all", "--warnings=off"],
            cwd=tmp_path, text=True, capture_output=True, stdin=subprocess.DEVNULL)
        assert done.returncode == 0, f"{path}\n{done.stdout[-8000:]}{done.stderr[-2000:]}"
        count = int(re.search(r"(\d+) generated", done.stdout)[1])
        print(f"{path}: {count} requests, all answered as described")
        assert count >= REQUEST_COUNT_MIN
    assert fuzzed.is_running
