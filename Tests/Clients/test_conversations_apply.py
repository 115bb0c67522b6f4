"""What applies are answered with, entry by entry: managed fields, conflicts and refusals."""

import pytest

import wire
from conversation import JSON_PATCH, MERGE, STRATEGIC, Step, Talker, case, refusal

APPLY = "application/apply-patch+yaml"
MAP = "/api/v1/namespaces/$NS/configmaps/applied"
DEPLOYMENTS = "/apis/apps/v1/namespaces/$NS/deployments"
CBOR = "application/apply-patch+cbor"


@pytest.fixture
def talk(server, namespace):
    return Talker(server, namespace)


def config_map(**data):
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "applied"}, "data": data}


def applying(path, body, *, by, status=200, force=False, **members):
    query = f"?fieldManager={by}" + ("&force=true" if force else "")
    return Step("PATCH", path + query, body, status, headers={"Content_Type": APPLY}, **members)


def owners(server, namespace, path):
    """(manager, operation, subresource) → fields."""
    found = wire.ask(server, "GET", path.replace("$NS", namespace)).json
    return {
        (entry["manager"], entry["operation"], entry.get("subresource")): entry["fieldsV1"]
        for entry in found["metadata"]["managedFields"]
    }


def conflict(message, *causes):
    return refusal(409, "Conflict", message, causes=[
        {"reason": "FieldManagerConflict", "message": f"conflict with {manager}", "field": field}
        for manager, field in causes])


def test_fields_pass_from_one_to_another(talk, server, namespace):
    def held(fields):
        return {"f:data": {f"f:{name}": {} for name in fields}}

    talk(
        applying(MAP, config_map(a="1", b="1"), by="one", status=201),
        applying(MAP, config_map(a="2"), by="two", status=409, answer=conflict(
            'Apply failed with 1 conflict: conflict with "one": .data.a', ('"one"', ".data.a"))),
        applying(MAP, config_map(a="2"), by="two", force=True))
    assert owners(server, namespace, MAP) == {
        ("one", "Apply", None): held("b"), ("two", "Apply", None): held("a")}
    left = talk(applying(MAP, config_map(c="1"), by="one"))
    assert left["data"] == {"a": "2", "c": "1"}
    assert owners(server, namespace, MAP) == {
        ("one", "Apply", None): held("c"), ("two", "Apply", None): held("a")}


def test_yaml_is_applied_too(talk):
    text = b"""
apiVersion: v1
kind: ConfigMap
metadata: {name: applied}
data:
  a: "1"
"""
    assert talk(applying(MAP, text, by="one", status=201))["data"] == {"a": "1"}


@pytest.mark.parametrize("step", [
    case("without a manager", "PATCH", MAP, config_map(a="1"), 422, refusal(
        422, "Invalid",
        'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for '
        "apply patch",
        group="meta.k8s.io", kind="PatchOptions", causes=[{
            "reason": "FieldValueRequired",
            "message": "Required value: is required for apply patch", "field": "fieldManager"}]),
         headers={"Content_Type": APPLY}),
    case("as CBOR", "PATCH", MAP + "?fieldManager=m", b"\xa0", 415,
         headers={"Content_Type": CBOR}),
    case("no document", "PATCH", MAP + "?fieldManager=m", b"", 400,
         headers={"Content_Type": APPLY}),
    case("a list", "PATCH", MAP + "?fieldManager=m", b"[]", 400,
         headers={"Content_Type": APPLY}),
    case("to the status of what is not there", "PATCH",
         f"{DEPLOYMENTS}/none/status?fieldManager=m",
         {"apiVersion": "apps/v1", "kind": "Deployment"}, 404,
         headers={"Content_Type": APPLY}),
    case("an operation with two names (RFC 6902, A.13)", "PATCH", MAP,
         b'[{"op": "add", "path": "/baz", "value": "qux", "op": "remove"}]', 400,
         refusal(400, "BadRequest", 'the JSON patch has two members "[0].op"'),
         headers={"Content_Type": JSON_PATCH}),
    case("force of another patch", "PATCH", MAP + "?force=true", {}, 422,
         headers={"Content_Type": MERGE}),
])
def test_what_is_refused(talk, step):
    talk(step)


def deployment(*containers):
    return {
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"},
        "spec": {"template": {"spec": {"containers": list(containers)}}},
    }


def whole_deployment():
    made = deployment({
        "name": "a", "image": "a:1", "ports": [{"containerPort": 80}],
        "env": [{"name": "X", "value": "1"}]})
    made["spec"].update(selector={"matchLabels": {"app": "d"}}, replicas=0)
    made["spec"]["template"]["metadata"] = {"labels": {"app": "d"}}
    return made


CONTAINER = {
    ".": {}, "f:image": {}, "f:imagePullPolicy": {}, "f:name": {}, "f:resources": {},
    "f:terminationMessagePath": {}, "f:terminationMessagePolicy": {},
}


def test_every_default_is_owned_by_who_created(talk, server, namespace):
    talk(Step("POST", DEPLOYMENTS, whole_deployment(), 201, headers={"User_Agent": "me/1.0"}))
    assert owners(server, namespace, f"{DEPLOYMENTS}/d") == {
        ("me", "Update", None): {"f:spec": {
            "f:progressDeadlineSeconds": {}, "f:replicas": {}, "f:revisionHistoryLimit": {},
            "f:selector": {},
            "f:strategy": {
                "f:rollingUpdate": {".": {}, "f:maxSurge": {}, "f:maxUnavailable": {}},
                "f:type": {},
            },
            "f:template": {
                "f:metadata": {"f:labels": {".": {}, "f:app": {}}},
                "f:spec": {
                    "f:containers": {'k:{"name":"a"}': {
                        **CONTAINER,
                        "f:env": {".": {}, 'k:{"name":"X"}': {
                            ".": {}, "f:name": {}, "f:value": {}}},
                        "f:ports": {".": {}, 'k:{"containerPort":80,"protocol":"TCP"}': {
                            ".": {}, "f:containerPort": {}, "f:protocol": {}}},
                    }},
                    "f:dnsPolicy": {}, "f:restartPolicy": {}, "f:schedulerName": {},
                    "f:securityContext": {}, "f:terminationGracePeriodSeconds": {},
                },
            },
        }},
    }


def test_containers_have_owners_of_their_own(talk, server, namespace):
    talk(Step("POST", DEPLOYMENTS, whole_deployment(), 201, headers={"User_Agent": "me/1.0"}))
    made = talk(applying(
        f"{DEPLOYMENTS}/d", deployment({"name": "side", "image": "s:1"}), by="m"))
    names = [container["name"] for container in made["spec"]["template"]["spec"]["containers"]]
    assert names == ["a", "side"]
    held = owners(server, namespace, f"{DEPLOYMENTS}/d")
    assert held["m", "Apply", None] == {"f:spec": {"f:template": {"f:spec": {"f:containers": {
        'k:{"name":"side"}': {".": {}, "f:image": {}, "f:name": {}}}}}}}
    gone = talk(applying(f"{DEPLOYMENTS}/d", deployment(), by="m"))
    names = [container["name"] for container in gone["spec"]["template"]["spec"]["containers"]]
    assert names == ["a"]


def test_a_patched_list_element_changes_hands(talk, server, namespace):
    talk(
        Step("POST", DEPLOYMENTS, whole_deployment(), 201, headers={"User_Agent": "me/1.0"}),
        Step("PATCH", f"{DEPLOYMENTS}/d", deployment({"name": "a", "image": "a:2"}),
             headers={"Content_Type": STRATEGIC, "User_Agent": "you/1.0"}),
        Step("PATCH", f"{DEPLOYMENTS}/d/status", {"status": {"replicas": 1}},
             headers={"Content_Type": MERGE, "User_Agent": "kubelet/1.0"}))
    held = owners(server, namespace, f"{DEPLOYMENTS}/d")
    assert held["you", "Update", None] == {"f:spec": {"f:template": {"f:spec": {
        "f:containers": {'k:{"name":"a"}': {"f:image": {}}}}}}}
    assert held["kubelet", "Update", "status"] == {"f:status": {"f:replicas": {}}}
    template = held["me", "Update", None]["f:spec"]["f:template"]
    assert "f:image" not in template["f:spec"]["f:containers"]['k:{"name":"a"}']


def test_an_event_owns_what_it_says_and_no_empty_text(talk, server, namespace):
    event = {
        "metadata": {"name": "e"}, "reason": "Told",
        "involvedObject": {"kind": "Pod", "namespace": "$NS", "name": "p"},
    }
    talk(Step("POST", "/api/v1/namespaces/$NS/events", event, 201, headers={"User_Agent": "me/1"}))
    assert owners(server, namespace, "/api/v1/namespaces/$NS/events/e") == {
        ("me", "Update", None): {"f:involvedObject": {}, "f:reason": {}}}
