"""curl alone, as a shell script uses it, and the README's transcript."""

import json
import os
import pathlib
import subprocess
import sys

import objects
import transcript
from server import TOP

JSON = "Content-Type: application/json"
MERGE = "Content-Type: application/merge-patch+json"


def test_create_read_change_and_long_poll(server, namespace, curl):
    maps = f"{server.url}/api/v1/namespaces/{namespace}/configmaps"
    body = json.dumps(objects.config_map("greeting", text="hello"))

    created = json.loads(curl("--header", JSON, "--data", body, maps))
    assert created["data"] == {"text": "hello"}
    assert json.loads(curl(f"{maps}/greeting")) == created

    version = created["metadata"]["resourceVersion"]
    patch = ["--request", "PATCH", "--header", MERGE, "--data", '{"data":{"text":"goodbye"}}']
    changed = json.loads(curl(*patch, f"{maps}/greeting"))
    assert changed["data"] == {"text": "goodbye"}

    poll = f"{maps}?poll=true&resourceVersion={version}&timeoutSeconds=10"
    answer = json.loads(curl(poll))
    assert answer["kind"] == "WatchEventList"
    assert [event["type"] for event in answer["items"]] == ["MODIFIED"]
    assert answer["items"][0]["object"] == changed

    curl("--request", "DELETE", f"{maps}/greeting")
    answer = json.loads(curl("--write-out", "%{http_code}", f"{maps}/greeting")[:-3])
    assert (answer["kind"], answer["reason"], answer["code"]) == ("Status", "NotFound", 404)


def test_a_long_poll_that_waits_is_answered_by_the_next_change(server, namespace, curl):
    maps = f"{server.url}/api/v1/namespaces/{namespace}/configmaps"
    version = json.loads(curl(maps))["metadata"]["resourceVersion"]
    poll = f"{maps}?poll=true&resourceVersion={version}&timeoutSeconds=15"
    command = ["curl", "--silent", "--max-time", "20", poll]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as waiting:
        curl("--header", JSON, "--data", json.dumps(objects.config_map("late")), maps)
        answer = json.loads(waiting.communicate(timeout=20)[0])
    assert [event["object"]["metadata"]["name"] for event in answer["items"]] == ["late"]


def test_yaml_bodies_and_answers(server, namespace, curl):
    maps = f"{server.url}/api/v1/namespaces/{namespace}/configmaps"
    body = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: y}\ndata: {on: 'yes'}\n"
    curl("--fail", "--header", "Content-Type: application/yaml", "--data-binary", body, maps)
    text = curl("--header", "Accept: application/yaml", f"{maps}/y")
    assert "kind: ConfigMap" in text
    assert "name: y" in text


def test_compressed_answers(server, curl):
    assert json.loads(curl("--compressed", f"{server.url}/openapi/v2"))["swagger"] == "2.0"


def test_the_readme_s_transcript(own_server, tmp_path):
    """Every command of the README prints what the README says."""
    steps = transcript.steps((TOP / "README.md").read_text())
    assert len(steps) >= 5
    programs = tmp_path / "bin"
    programs.mkdir()
    kubectl = programs / "kubectl"
    real = pathlib.Path(sys.executable).parent / "kubectl"
    kubectl.write_text(f'#!/bin/sh\nexec "{real}" --server={own_server.url} "$@"\n')
    kubectl.chmod(0o755)
    environment = {
        "HOME": str(tmp_path), "KUBECONFIG": "/dev/null", "LC_ALL": "C.UTF-8",
        "PATH": f"{programs}:{os.environ['PATH']}",
    }

    def on_this_port(command):
        port = f":{own_server.port}"
        for host in ("127.0.0.1", "localhost"):
            command = command.replace(f"{host}:8080", f"127.0.0.1{port}")
        return command

    printed = transcript.run(steps, tmp_path, environment, on_this_port)
    for step, text in zip(steps, printed, strict=True):
        assert transcript.matches(step.expected, text), (
            f"README.md:{step.line}: {step.command}\nexpected:\n{step.expected}\ngot:\n{text}")
