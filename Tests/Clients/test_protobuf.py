"""Go clients send the built-in kinds as protobuf: what becomes of it is what becomes of JSON."""

import json
import random

import pytest

import objects
import protobuf
import wire
from protobuf import MEDIA_TYPE, envelope, message

IMAGE = "registry.example/app:1"

# What kubectl writes with a typed client, and the path of its resource.
COMMANDS = {
    "configmap": (["configmap", "x", "--from-literal=a=1", "--from-literal=empty=",
                   "--from-file=binary={binary}"], "api/v1", "configmaps"),
    "secret": (["secret", "generic", "x", "--from-literal=a=1", "--from-file=binary={binary}",
                "--type=example.org/own"], "api/v1", "secrets"),
    "docker secret": (["secret", "docker-registry", "x", "--docker-username=u",
                       "--docker-password=p"], "api/v1", "secrets"),
    "service account": (["serviceaccount", "x"], "api/v1", "serviceaccounts"),
    "cluster IP": (["service", "clusterip", "x", "--tcp=80:8080", "--tcp=53:dns"],
                   "api/v1", "services"),
    "headless": (["service", "clusterip", "x", "--clusterip=None"], "api/v1", "services"),
    "node port": (["service", "nodeport", "x", "--tcp=80:http"], "api/v1", "services"),
    "external name": (["service", "externalname", "x", "--external-name=example.org"],
                      "api/v1", "services"),
    "deployment": (["deployment", "x", f"--image={IMAGE}", "--port=80", "--", "run", ""],
                   "apis/apps/v1", "deployments"),
    "no replicas": (["deployment", "x", f"--image={IMAGE}", "--replicas=0"],
                    "apis/apps/v1", "deployments"),
}

SECURITY = {"runAsUser": 0, "runAsNonRoot": False, "supplementalGroups": [0, 7],
            "seccompProfile": {"type": "RuntimeDefault"}}
PROBE = {"httpGet": {"path": "/", "port": "http", "httpHeaders": [{"name": "X", "value": ""}]},
         "terminationGracePeriodSeconds": 5}
FIELD = {"fieldRef": {"fieldPath": "metadata.name"}}
DIVIDED = {"resourceFieldRef": {"resource": "limits.cpu", "divisor": "1m"}}

# Has each form that protobuf writes in its own way.
POD = {
    "shareProcessNamespace": True,
    "terminationGracePeriodSeconds": 0,
    "activeDeadlineSeconds": 600,
    "automountServiceAccountToken": False,
    "enableServiceLinks": False,
    "hostAliases": [{"ip": "192.0.2.1", "hostnames": ["a.example", "b.example"]}],
    "nodeSelector": {"disk": "", "zone": "z"},
    "securityContext": {**SECURITY, "sysctls": [{"name": "net.a", "value": "1"}]},
    "tolerations": [{"operator": "Exists", "tolerationSeconds": 0, "effect": "NoExecute"}],
    "affinity": {"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [
        {"weight": 5, "podAffinityTerm": {"labelSelector": {}, "topologyKey": "zone"}}]}},
    "topologySpreadConstraints": [{"maxSkew": 1, "topologyKey": "zone", "labelSelector": {
        "matchExpressions": [{"key": "app", "operator": "In", "values": ["a", "b"]}]},
        "whenUnsatisfiable": "DoNotSchedule"}],
    "initContainers": [{"name": "first", "image": IMAGE, "command": ["true", ""]}],
    "containers": [{
        "name": "main", "image": IMAGE,
        "ports": [{"containerPort": 80, "name": "http"}],
        "env": [{"name": "A", "value": "1"}, {"name": "B", "valueFrom": FIELD},
                {"name": "C", "valueFrom": DIVIDED},
                {"name": "D", "valueFrom": {"secretKeyRef": {
                    "name": "s", "key": "k", "optional": False}}}],
        "envFrom": [{"prefix": "P_", "configMapRef": {"name": "m"}}],
        "resources": {"limits": {"cpu": "500m", "memory": "1Gi"}, "requests": {"cpu": "0"}},
        "livenessProbe": PROBE, "readinessProbe": {"exec": {"command": ["true"]}},
        "lifecycle": {"preStop": {"sleep": {"seconds": 1}}},
        "securityContext": {"privileged": False, "capabilities": {"add": ["NET_ADMIN"]}},
        "volumeMounts": [{"name": "empty", "mountPath": "/e", "readOnly": True},
                         {"name": "all", "mountPath": "/a"}],
    }],
    "volumes": [
        {"name": "empty", "emptyDir": {"medium": "Memory", "sizeLimit": "1Mi"}},
        {"name": "plain", "emptyDir": {}},
        {"name": "map", "configMap": {"name": "m", "defaultMode": 0,
                                      "items": [{"key": "k", "path": "p", "mode": 0}]}},
        {"name": "all", "projected": {"sources": [
            {"secret": {"name": "s"}}, {"serviceAccountToken": {"path": "token"}},
            {"downwardAPI": {"items": [{"path": "n", **FIELD}]}}]}},
    ],
}


def as_protobuf(kubectl, *arguments):
    """Runs kubectl, and checks that this was the form of what it sent."""
    done = kubectl.attempt("-v=9", *arguments)
    assert done.returncode == 0, done.stderr
    assert f"Content-Type: {MEDIA_TYPE}" in done.stderr, "kubectl sends another form now"


def without_identity(made):
    others = ("uid", "creationTimestamp", "resourceVersion", "namespace", "name", "managedFields")
    for name in others:
        made["metadata"].pop(name, None)
    for name in ("clusterIP", "clusterIPs"):
        if made["kind"] == "Service" and made["spec"].get(name) not in (None, "None", ["None"]):
            made["spec"][name] = "chosen"
    for port in made.get("spec", {}).get("ports", []):
        port.pop("nodePort", None)
    return made


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS.keys())
def test_an_object_is_the_same_in_both_forms(server, kubectl, namespace, tmp_path, command):
    arguments, group, plural = command
    binary = tmp_path / "binary"
    binary.write_bytes(bytes(range(256)))
    arguments = ["create", *(part.format(binary=binary) for part in arguments)]
    split = arguments.index("--") if "--" in arguments else len(arguments)
    shown = kubectl(*arguments[:split], "--dry-run=client", "-o", "json", *arguments[split:])
    as_protobuf(kubectl, *arguments)
    path = f"/{group}/namespaces/{namespace}/{plural}"
    sent = json.loads(shown)
    sent["metadata"]["name"] = "y"
    answer = wire.ask(server, "POST", path, sent)
    assert answer.status == 201, answer.plain
    made = wire.ask(server, "GET", f"{path}/x").json
    assert without_identity(made) == without_identity(answer.json)


def test_a_namespace_is_created(bare_kubectl, namespace):
    as_protobuf(bare_kubectl, "create", "namespace", f"{namespace}-other")


def test_a_pod_is_copied_whole(server, kubectl, namespace):
    pods = f"/api/v1/namespaces/{namespace}/pods"
    pod = objects.named("Pod", "one", metadata={"annotations": {"a": ""}}, spec=POD)
    assert wire.ask(server, "POST", pods, pod).status == 201
    keep = [f"--keep-{part}" for part in
            ("labels", "annotations", "init-containers", "liveness", "readiness", "startup")]
    as_protobuf(kubectl, "debug", "one", "--copy-to=two", f"--set-image=main={IMAGE}",
                "--share-processes", "--attach=false", "--profile=general", *keep)
    one, two = (wire.ask(server, "GET", f"{pods}/{name}").json for name in ("one", "two"))
    assert two["spec"] == one["spec"]
    assert two["metadata"]["annotations"] == {"a": ""}


# Written by hand: what kubectl sends as JSON, but other Go clients do not.

@pytest.fixture
def maps(server, namespace):
    maps = f"/api/v1/namespaces/{namespace}/configmaps"
    assert wire.ask(server, "POST", maps, objects.config_map("one", a="1")).status == 201
    return maps


def send(server, method, path, body):
    return wire.ask(server, method, path, body, Content_Type=MEDIA_TYPE)


def test_the_options_of_a_deletion(server, maps):
    uid = wire.ask(server, "GET", f"{maps}/one").json["metadata"]["uid"]

    def delete(api_version, *fields):
        body = envelope(api_version, "DeleteOptions", *fields)
        return send(server, "DELETE", f"{maps}/one", body).status

    assert delete("v1", (2, message((1, "another")))) == 409
    assert delete("v1", (5, "All")) == 200
    assert delete("apps/v1", (4, "Elsewhere")) == 422
    assert wire.ask(server, "GET", f"{maps}/one").status == 200
    assert delete("v1", (1, 0), (2, message((1, uid))), (4, "Background")) == 200
    assert wire.ask(server, "GET", f"{maps}/one").status == 404


def test_a_scale_and_a_binding(server, namespace):
    deployments = f"/apis/apps/v1/namespaces/{namespace}/deployments"
    pods = f"/api/v1/namespaces/{namespace}/pods"
    assert wire.ask(server, "POST", deployments, objects.deployment("web")).status == 201
    assert wire.ask(server, "POST", pods, objects.pod("one")).status == 201
    metadata = message((1, "web"), (3, namespace))
    scale = envelope("autoscaling/v1", "Scale", (1, metadata), (2, message((1, 4))))
    assert send(server, "PUT", f"{deployments}/web/scale", scale).json["spec"]["replicas"] == 4
    target = message((1, "Node"), (3, "n1"))
    binding = envelope("v1", "Binding", (1, message((1, "one"))), (2, target))
    assert send(server, "POST", f"{pods}/one/binding", binding).status == 201
    assert wire.ask(server, "GET", f"{pods}/one").json["spec"]["nodeName"] == "n1"


def test_an_object_is_replaced(server, maps):
    body = envelope("v1", "ConfigMap", (1, message((1, "one"))),
                    (2, message((1, "b"), (2, "2"))), (4, 1))
    answer = send(server, "PUT", f"{maps}/one", body)
    assert (answer.status, answer.json["data"], answer.json["immutable"]) == (200, {"b": "2"}, True)


@pytest.mark.parametrize("body, message", [
    (b"", "the mark of a Kubernetes message is missing at byte 0"),
    (b"{}", "the mark of a Kubernetes message is missing at byte 0"),
    (b"k8s\0\x12\x05\x0a", "a length of 5 leads beyond the end at byte 5"),
    (envelope("v1", "Secret", (1, protobuf.message((1, "two")))), "the kinds differ"),
    (envelope("v2", "ConfigMap"), "does not match the expected API version (v1)"),
    (envelope("v1", "Nothing"), 'no kind "Nothing" is known in version "v1"'),
])
def test_what_is_wrong_with_a_body_is_told(server, maps, body, message):
    answer = send(server, "POST", maps, body)
    assert (answer.status, answer.json["reason"]) == (400, "BadRequest")
    assert message in answer.json["message"]


def test_a_form_that_is_not_read_is_told_which_are(server, maps):
    answer = wire.ask(server, "POST", maps, b"\xa0", Content_Type="application/cbor")
    assert answer.status == 415
    assert answer.json["message"].endswith(
        "accepted media types include: application/json, application/yaml, " + MEDIA_TYPE)


def test_random_bytes(server, maps):
    seed = random.randrange(2**32)
    print("seed", seed)
    dice = random.Random(seed)
    good = envelope("v1", "ConfigMap", (1, message((1, "two"), (11, message((1, "a"), (2, "b"))))),
                    (2, message((1, "key"), (2, "value"))), (3, message((1, "k"), (2, b"\xff"))))
    for _ in range(300):
        body = bytearray(good)
        for _ in range(dice.randint(1, 4)):
            body[dice.randrange(4, len(body))] = dice.randrange(256)
        answer = send(server, "POST", maps, bytes(body[:dice.randint(0, len(body))]))
        assert answer.status in (201, 400, 409, 422), (seed, bytes(body), answer.plain)
        assert answer.json["kind"] in ("ConfigMap", "Status")
