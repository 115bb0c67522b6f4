"""Kinds that users define, with kubectl and with the official client, which learns them."""

import json
import random

import pytest
import yaml
from kubernetes import client, dynamic

import objects
import server as gateway
import wire

DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"

GADGETS = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: {plural}.example.com
spec:
  group: example.com
  scope: Namespaced
  names: {{plural: {plural}, kind: {kind}, shortNames: [{plural}short], categories: [all]}}
  versions:
  - name: v1
    served: true
    storage: true
    subresources:
      status: {{}}
      scale:
        specReplicasPath: .spec.replicas
        statusReplicasPath: .status.replicas
        labelSelectorPath: .status.selector
    additionalPrinterColumns:
    - {{name: Size, type: integer, jsonPath: .spec.size}}
    - {{name: Ready, type: string, jsonPath: '.status.conditions[?(@.type=="Ready")].status'}}
    - {{name: Age, type: date, jsonPath: .metadata.creationTimestamp}}
    selectableFields:
    - jsonPath: .spec.color
    schema:
      openAPIV3Schema:
        type: object
        description: A gadget.
        required: [spec]
        properties:
          spec:
            type: object
            description: What it should be.
            required: [size]
            x-kubernetes-validations:
            - rule: "!has(self.limit) || self.size <= self.limit"
              messageExpression: "'size %d is beyond the limit %d'.format([self.size, self.limit])"
            - {{rule: self.color == oldSelf.color, message: a gadget keeps its color}}
            properties:
              size: {{type: integer, minimum: 1, maximum: 10, description: How large it is.}}
              limit: {{type: integer}}
              color: {{type: string, enum: [red, blue], default: red}}
              replicas: {{type: integer, default: 1}}
              label: {{type: string, pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$'}}
              ports:
                type: array
                x-kubernetes-list-type: map
                x-kubernetes-list-map-keys: [port]
                items:
                  type: object
                  required: [port]
                  properties:
                    port: {{x-kubernetes-int-or-string: true}}
                    protocol: {{type: string, default: TCP}}
          status: {{type: object, x-kubernetes-preserve-unknown-fields: true}}
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A gateway apart: what is defined here shows in `kubectl get all`."""
    with gateway.Server(tmp_path_factory.mktemp("data")) as made:
        yield made


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


class Gadgets:
    """A kind of its own for one test."""

    def __init__(self, namespace):
        self.plural = "gadgets" + namespace.replace("-", "")
        self.kind = self.plural.capitalize()
        self.name = f"{self.plural}.example.com"
        self.text = GADGETS.format(plural=self.plural, kind=self.kind)

    def gadget(self, name, **spec):
        return objects.named(self.kind, name, "example.com/v1", spec=spec)


@pytest.fixture
def gadgets(kubectl, bare_kubectl, namespace):
    made = Gadgets(namespace)
    assert "created" in kubectl("apply", "-f", "-", stdin=made.text)
    kubectl("wait", "--for=condition=established", f"crd/{made.name}", "--timeout=5s")
    yield made
    bare_kubectl("delete", "crd", made.name, "--ignore-not-found")


def until_served(server, path):
    """Asks until the path is there: within a second, as a rule at once."""
    for _ in range(5000):
        answer = wire.ask(server, "GET", path)
        if answer.status == 200:
            return answer
    raise AssertionError(f"{path} is not served: {answer.status}")


def apply(kubectl, gadget):
    return kubectl("apply", "-f", "-", stdin=json.dumps(gadget))


def test_a_life_with_kubectl(kubectl, gadgets):
    ports = [{"port": 80}, {"port": "http", "protocol": "UDP"}]
    assert "created" in apply(kubectl, gadgets.gadget("one", size=3, ports=ports))
    shown = yaml.safe_load(kubectl("get", gadgets.plural, "one", "-o", "yaml"))
    assert shown["spec"] == {
        "size": 3, "color": "red", "replicas": 1,
        "ports": [{"port": 80, "protocol": "TCP"}, {"port": "http", "protocol": "UDP"}]}
    assert "configured" in apply(kubectl, gadgets.gadget("one", size=4, ports=ports[:1]))
    kubectl("annotate", gadgets.plural, "one", "seen=yes")
    head, row = kubectl("get", gadgets.plural + "short").splitlines()
    assert head.split() == ["NAME", "SIZE", "READY", "AGE"]
    assert row.split()[:2] == ["one", "4"]
    status = {"status": {"conditions": [{"type": "Ready", "status": "True"}], "replicas": 2}}
    kubectl("patch", gadgets.plural, "one", "--type=merge", "--subresource=status",
            "-p", json.dumps({**status, "spec": {"size": 9}}))
    assert kubectl("get", gadgets.plural).splitlines()[1].split()[:3] == ["one", "4", "True"]
    kubectl("scale", gadgets.plural, "one", "--replicas=5")
    assert kubectl("get", gadgets.plural, "one", "-o", "jsonpath={.spec.replicas}") == "5"
    assert f"{gadgets.plural}.example.com/one" in kubectl("get", "all")
    selected = ["get", gadgets.plural, "-o", "name", "--field-selector"]
    assert kubectl(*selected, "spec.color=red") and not kubectl(*selected, "spec.color=blue")
    assert "deleted" in kubectl("delete", gadgets.plural, "one")


def test_explain_knows_the_fields(kubectl, gadgets):
    explained = kubectl("explain", f"{gadgets.plural}.spec", "--recursive")
    for field in ("size", "color", "ports", "protocol", "replicas"):
        assert field in explained
    assert "How large it is." in kubectl("explain", f"{gadgets.plural}.spec.size")


def test_refusals_name_every_field(kubectl, gadgets):
    complaint = kubectl.refused(
        "create", "--validate=false", "-f", "-",
        stdin=json.dumps(gadgets.gadget("bad", size=11, color="green", label="-")))
    for field in ("spec.size", "spec.color", "spec.label"):
        assert field in complaint
    unknown = kubectl.refused(
        "create", "-f", "-", stdin=json.dumps(gadgets.gadget("bad", size=1, more=1)))
    assert 'unknown field "spec.more"' in unknown


def test_rules_hold_for_values_and_for_changes(kubectl, gadgets):
    beyond = json.dumps(gadgets.gadget("limited", size=5, limit=4))
    assert "size 5 is beyond the limit 4" in kubectl.refused("create", "-f", "-", stdin=beyond)
    apply(kubectl, gadgets.gadget("limited", size=4, limit=4))
    repainted = json.dumps({"spec": {"color": "blue"}})
    complaint = kubectl.refused(
        "patch", gadgets.plural, "limited", "--type=merge", "-p", repainted)
    assert "a gadget keeps its color" in complaint


@pytest.mark.parametrize(
    "rule, complaint",
    [("self.nope > 1", "undefined field 'nope'"), ("self.size >", "Syntax error"),
     ("self.size.frobnicate()", "undeclared reference to 'frobnicate'")])
def test_a_rule_that_makes_no_sense_is_refused_with_its_place(kubectl, namespace, rule, complaint):
    made = Gadgets(namespace)
    definition = yaml.safe_load(made.text)
    schema = definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    schema["properties"]["spec"]["x-kubernetes-validations"] = [{"rule": rule}]
    refused = kubectl.refused("create", "-f", "-", stdin=json.dumps(definition))
    assert complaint in refused and "ERROR: <input>:1:" in refused


def test_the_python_client_learns_the_kind(server, gadgets, namespace):
    with client.ApiClient(client.Configuration(host=server.url)) as api:
        resource = dynamic.DynamicClient(api).resources.get(
            api_version="example.com/v1", kind=gadgets.kind)
        resource.create(body=gadgets.gadget("two", size=2), namespace=namespace)
        resource.patch(
            name="two", namespace=namespace, body={"spec": {"size": 3}},
            content_type="application/merge-patch+json")
        assert resource.get(name="two", namespace=namespace).spec.size == 3
        seen = next(iter(resource.watch(namespace=namespace, timeout=5)))
        assert (seen["type"], seen["object"].metadata.name) == ("ADDED", "two")
        assert [item.metadata.name for item in resource.get(namespace=namespace).items] == ["two"]
        resource.delete(name="two", namespace=namespace)


def test_deletion_ends_the_objects(kubectl, bare_kubectl, gadgets):
    apply(kubectl, gadgets.gadget("one", size=1))
    assert "deleted" in bare_kubectl("delete", "crd", gadgets.name)
    # It may still know the kind from before, and then learns better from the server.
    complaint = kubectl.refused("get", gadgets.plural)
    assert "have a resource type" in complaint or "(NotFound)" in complaint
    kubectl("apply", "-f", "-", stdin=gadgets.text)
    kubectl("wait", "--for=condition=established", f"crd/{gadgets.name}", "--timeout=5s")
    assert kubectl("get", gadgets.plural, "-o", "name") == ""


def test_a_killed_gateway_has_kinds_objects_and_history_when_it_is_back(tmp_path):
    made = Gadgets("restart")
    path = f"/apis/example.com/v1/namespaces/default/{made.plural}"
    with gateway.Server(tmp_path / "data") as server:
        answer = wire.ask(server, "POST", DEFINITIONS, yaml.safe_load(made.text))
        assert answer.status == 201, answer.plain
        first = until_served(server, path)
        position = first.json["metadata"]["resourceVersion"]
        for name in ("a", "b"):
            assert wire.ask(server, "POST", path, made.gadget(name, size=1)).status == 201
        server.kill()
    with gateway.Server(tmp_path / "data") as server:
        listed = wire.ask(server, "GET", path).json
        assert [item["metadata"]["name"] for item in listed["items"]] == ["a", "b"]
        polled = wire.ask(server, "GET", f"{path}?poll=true&resourceVersion={position}").json
        assert [item["type"] for item in polled["items"]] == ["ADDED", "ADDED"]


def random_schema(chance, depth):
    """A schema that may make sense or not."""
    schema = {"type": chance.choice(["object", "array", "string", "integer", "boolean", "x", None])}
    for keyword, value in [
            ("nullable", True), ("minimum", chance.randint(-3, 3)), ("pattern", chance.choice(
                ["^a*$", "(", "[a-z]+", "\\"])), ("enum", ["a", 1, None]), ("default", "a"),
            ("x-kubernetes-preserve-unknown-fields", True), ("maxLength", -1),
            ("x-kubernetes-list-type", chance.choice(["map", "set", "atomic", 3])),
            ("x-kubernetes-int-or-string", True), ("required", ["a"]), ("format", "date-time"),
            ("x-kubernetes-validations", [{"rule": chance.choice(
                ["self == self", "self.a", "self.all(x, x > 1)", "((", "size(self) > 0"])}]),
            ("anyOf", [{"required": ["b"]}, {"type": "string"}])]:
        if chance.random() < 0.12:
            schema[keyword] = value
    if depth and schema["type"] == "object":
        schema["properties"] = {
            name: random_schema(chance, depth - 1) for name in chance.sample("abcde", 2)}
    if depth and schema["type"] == "array":
        schema["items"] = random_schema(chance, depth - 1)
    return {key: value for key, value in schema.items() if value is not None}


def random_value(chance, depth):
    if not depth or chance.random() < 0.4:
        return chance.choice([None, True, 1, -2.5, "", "a", "2026-01-01T00:00:00Z"])
    if chance.random() < 0.5:
        return [random_value(chance, depth - 1) for _ in range(chance.randint(0, 3))]
    return {name: random_value(chance, depth - 1) for name in chance.sample("abcde", 2)}


def test_random_schemas_are_let_in_or_refused(server, namespace):
    """And so are random objects of those that were let in: nothing is answered with a failure."""
    seed = random.randrange(2**32)
    chance = random.Random(seed)
    served = 0
    for number in range(120):
        plural = f"things{number}{namespace.replace('-', '')}"
        definition = yaml.safe_load(GADGETS.format(plural=plural, kind=plural.capitalize()))
        schema = {"type": "object", "properties": {"spec": random_schema(chance, 3)}}
        version = definition["spec"]["versions"][0]
        version.update(schema={"openAPIV3Schema": schema}, selectableFields=[])
        answer = wire.ask(server, "POST", DEFINITIONS, definition)
        assert answer.status in (201, 400, 422), (seed, number, answer.plain)
        if answer.status != 201:
            continue
        served += 1
        path = f"/apis/example.com/v1/namespaces/{namespace}/{plural}"
        until_served(server, path)
        for name in "abc":
            thing = objects.named(
                plural.capitalize(), name, "example.com/v1", spec=random_value(chance, 3))
            answer = wire.ask(server, "POST", path, thing)
            assert answer.status in (201, 400, 422), (seed, number, thing, answer.plain)
        wire.ask(server, "DELETE", f"{DEFINITIONS}/{plural}.example.com")
    assert served > 5, seed
