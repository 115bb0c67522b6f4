"""Server-side apply with kubectl: who owns which field, and what becomes of it."""

import json

import objects

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def manifest(name="one", **data):
    return json.dumps(objects.config_map(name, **data))


def owners(kubectl, name="one"):
    """Each manager's operation and keys of `data`."""
    shown = json.loads(kubectl(
        "get", "configmap", name, "-o", "json", "--show-managed-fields"))
    return {
        (entry["manager"], entry["operation"]):
            sorted(key[2:] for key in entry["fieldsV1"].get("f:data", {}) if key != ".")
        for entry in shown["metadata"]["managedFields"]
    }


def data(kubectl, name="one"):
    return json.loads(kubectl("get", "configmap", name, "-o", "json"))["data"]


def apply(kubectl, text, *arguments):
    return kubectl("apply", "--server-side", *arguments, "-f", "-", stdin=text)


def test_apply_creates_changes_and_takes_away(kubectl):
    assert apply(kubectl, manifest(a="1", b="1")) == "configmap/one serverside-applied\n"
    assert owners(kubectl) == {("kubectl", "Apply"): ["a", "b"]}
    apply(kubectl, manifest(a="2"))
    assert data(kubectl) == {"a": "2"}


def test_a_conflict_is_told_and_can_be_forced(kubectl):
    apply(kubectl, manifest(a="1"), "--field-manager=one")
    error = kubectl.refused(
        "apply", "--server-side", "--field-manager=two", "-f", "-", stdin=manifest(a="2"))
    assert 'conflict with "one": .data.a' in error
    assert "--force-conflicts" in error
    apply(kubectl, manifest(a="2"), "--field-manager=two", "--force-conflicts")
    assert owners(kubectl) == {("two", "Apply"): ["a"]}


def test_the_same_value_is_shared_and_can_be_given_up(kubectl):
    apply(kubectl, manifest(a="1", b="1"), "--field-manager=one")
    apply(kubectl, manifest(a="1"), "--field-manager=two")
    apply(kubectl, manifest(b="1"), "--field-manager=one")
    assert data(kubectl) == {"a": "1", "b": "1"}
    assert owners(kubectl) == {("one", "Apply"): ["b"], ("two", "Apply"): ["a"]}


def test_diff_shows_what_an_apply_would_change(kubectl):
    apply(kubectl, manifest(a="1"))
    done = kubectl.attempt("diff", "--server-side", "-f", "-", stdin=manifest(a="2"))
    assert done.returncode == 1
    assert '-  a: "1"' in done.stdout and '+  a: "2"' in done.stdout
    assert kubectl("diff", "--server-side", "-f", "-", stdin=manifest(a="1")) == ""


def test_what_was_applied_on_the_clients_side_is_taken_over(kubectl):
    kubectl("apply", "-f", "-", stdin=manifest(a="1", b="1"))
    assert owners(kubectl) == {("kubectl-client-side-apply", "Update"): ["a", "b"]}
    apply(kubectl, manifest(a="2"))
    assert data(kubectl) == {"a": "2"}
    # kubectl itself keeps the annotation, under a name of its own.
    assert owners(kubectl) == {
        ("kubectl", "Apply"): ["a"], ("kubectl-last-applied", "Apply"): []}
    last = kubectl("apply", "view-last-applied", "configmap/one", "-o", "json")
    assert json.loads(last)["data"] == {"a": "2"}


def test_client_side_apply_still_works_afterwards(kubectl):
    apply(kubectl, manifest(a="1"))
    done = kubectl.attempt("apply", "-f", "-", stdin=manifest(a="2"))
    assert done.returncode == 0, done.stderr
    assert data(kubectl) == {"a": "2"}


def test_managed_fields_are_shown_only_when_asked_for(kubectl):
    apply(kubectl, manifest(a="1"))
    plain = json.loads(kubectl("get", "configmap", "one", "-o", "json"))
    assert "managedFields" not in plain["metadata"]


def test_edits_and_scales_are_owned_by_who_made_them(kubectl):
    kubectl("create", "deployment", "web", "--image=registry.example/app:1")
    kubectl("label", "deployment", "web", "tier=front")
    kubectl("scale", "deployment", "web", "--replicas=3")
    shown = json.loads(kubectl(
        "get", "deployment", "web", "-o", "json", "--show-managed-fields"))
    entries = {
        (entry["manager"], entry.get("subresource")): entry["fieldsV1"]
        for entry in shown["metadata"]["managedFields"]
    }
    assert entries["kubectl-label", None] == {"f:metadata": {"f:labels": {"f:tier": {}}}}
    assert entries["kubectl", "scale"] == {"f:spec": {"f:replicas": {}}}
    assert "f:replicas" not in entries["kubectl-create", None]["f:spec"]


def test_a_strict_apply_refuses_what_is_unknown(kubectl):
    text = json.dumps({**objects.config_map("one"), "dat": {"a": "1"}})
    error = kubectl.refused(
        "apply", "--server-side", "--validate=false", "-f", "-", stdin=text)
    assert ".dat: field not declared in schema" in error
