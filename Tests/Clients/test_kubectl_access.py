"""What a person does with kubectl about who may do what."""

import json
import re

import pytest

import wire
from protobuf import MEDIA_TYPE, envelope, message

ROLE = """
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {{name: reader, namespace: {namespace}}}
rules:
- {{apiGroups: [""], resources: [{resource}], verbs: [get]}}
"""

BINDING = """
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {{name: readers, namespace: {namespace}}}
roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: {kind}, name: reader}}
subjects: [{{apiGroup: rbac.authorization.k8s.io, kind: User, name: {user}}}]
"""


def cells(table):
    """The rows of a table, an empty cell being ""."""
    header, *rows = table.splitlines()
    starts = [match.start() for match in re.finditer(r"\S+( \S+)*", header)]
    ends = [*starts[1:], None]
    return [[line[start:end].strip() for start, end in zip(starts, ends)]
            for line in [header, *rows]]


@pytest.fixture
def reader(kubectl):
    kubectl("create", "role", "reader", "--verb=get,list", "--resource=pods,pods/log")
    kubectl(
        "create", "rolebinding", "readers", "--role=reader", "--user=ann", "--user=bob",
        "--group=devs", "--serviceaccount=ns:robot")


def test_roles_and_bindings_are_shown(kubectl, reader):
    header, row = cells(kubectl("get", "rolebindings", "-o", "wide"))
    assert header == ["NAME", "ROLE", "AGE", "USERS", "GROUPS", "SERVICEACCOUNTS"]
    assert row[:2] + row[3:] == ["readers", "Role/reader", "ann, bob", "devs", "ns/robot"]
    header, row = cells(kubectl("get", "roles"))
    assert header == ["NAME", "CREATED AT"]
    described = kubectl("describe", "role", "reader")
    assert "pods/log" in described and "[get list]" in described
    assert "robot" in kubectl("describe", "rolebinding", "readers")


def test_a_binding_keeps_its_role(kubectl, reader):
    patch = json.dumps({"roleRef": {"name": "other"}})
    refused = kubectl.refused("patch", "rolebinding", "readers", "--type=merge", "-p", patch)
    assert "cannot change roleRef" in refused


def test_reconcile_adds_rules_and_makes_bindings_anew(kubectl, reader, namespace):
    text = ROLE + BINDING
    wanted = text.format(
        namespace=namespace, resource="secrets", kind="ClusterRole", user="carl")
    kubectl("auth", "reconcile", "-f", "-", stdin=wanted)
    role = json.loads(kubectl("get", "role", "reader", "-o", "json"))
    resources = [resource for rule in role["rules"] for resource in rule["resources"]]
    assert set(resources) == {"pods", "pods/log", "secrets"}
    binding = json.loads(kubectl("get", "rolebinding", "readers", "-o", "json"))
    assert binding["roleRef"]["kind"] == "ClusterRole"
    assert "carl" in [subject["name"] for subject in binding["subjects"]]


def test_one_asks_what_one_may_do(kubectl):
    assert kubectl("auth", "can-i", "delete", "pods") == "yes\n"
    assert kubectl("auth", "can-i", "get", "/metrics") == "yes\n"
    assert "*.*" in kubectl("auth", "can-i", "--list")


def test_a_review_as_go_clients_send_it(server, kubectl, reader, namespace):
    def allowed(user, verb):
        attributes = message((1, namespace), (2, verb), (5, "pods"), (6, "log"))
        extra = message((1, "scope"), (2, message((1, "a"), (1, "b"))))
        body = envelope(
            "authorization.k8s.io/v1", "SubjectAccessReview", (1, ""),
            (2, message((1, attributes), (3, user), (5, extra))), (3, message((1, 0), (2, ""))))
        answer = wire.ask(
            server, "POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", body,
            Content_Type=MEDIA_TYPE)
        assert answer.status == 201, answer.plain
        assert answer.json["spec"]["extra"] == {"scope": ["a", "b"]}
        return answer.json["status"]

    assert allowed("ann", "get") == {
        "allowed": True,
        "reason": f'RBAC: allowed by RoleBinding "readers/{namespace}" of Role "reader" '
                  'to User "ann"'}
    assert allowed("ann", "delete") == {"allowed": False}
    kubectl("delete", "rolebinding", "readers")
    assert allowed("ann", "get") == {"allowed": False}


def test_every_cluster_has_its_roles(kubectl):
    admin = json.loads(kubectl("get", "clusterrole", "admin", "-o", "json"))
    resources = {resource for rule in admin["rules"] for resource in rule["resources"]}
    assert {"rolebindings", "deployments", "pods/log", "namespaces"} <= resources
    bindings = kubectl("get", "clusterrolebindings", "-o", "wide")
    assert "system:serviceaccounts" in bindings
