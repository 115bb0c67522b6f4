"""What each write is answered with, and each refusal of one: status, reason and message."""

import concurrent.futures
import re

import pytest

import objects
from conversation import (
    JSON_PATCH, MERGE, Step, Talker, case, generic, invalid, meta, refusal)

MAPS = "/api/v1/namespaces/$NS/configmaps"
ONE = objects.config_map("one", {"app": "x"}, a="1")
SUBDOMAIN = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.',"
    " and must start and end with an alphanumeric character (e.g. 'example.com', regex used for"
    r" validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')")


@pytest.fixture
def talk(server, namespace):
    return Talker(server, namespace)


@pytest.fixture
def talk_of_one(talk):
    """A namespace in which there is the map `one`."""
    talk(Step("POST", MAPS, ONE, 201))
    return talk


def config_map(name, data=None, **members):
    whole = {"kind": "ConfigMap", "apiVersion": "v1", "metadata": meta(name, **members)}
    return {**whole, "data": data} if data else whole


def missing(name):
    return refusal(
        404, "NotFound", f'configmaps "{name}" not found', name=name, kind="configmaps")


def conflict(message):
    return refusal(
        409, "Conflict", f'Operation cannot be fulfilled on configmaps "one": {message}',
        name="one", kind="configmaps")


MODIFIED = conflict(
    "the object has been modified; please apply your changes to the latest version and try again")
NO_METHOD = generic(
    405, "MethodNotAllowed", "the server does not allow this method on the requested resource")


@pytest.mark.parametrize("step", [
    case("twice", "POST", MAPS, ONE, 409, refusal(
        409, "AlreadyExists", 'configmaps "one" already exists', name="one", kind="configmaps")),
    case("bad name", "POST", MAPS, objects.config_map("Bad_Name"), 422, invalid(
        "ConfigMap", "Bad_Name",
        ("metadata.name", "Invalid", f'Invalid value: "Bad_Name": {SUBDOMAIN}'))),
    case("no name", "POST", MAPS, {"metadata": {}}, 422, invalid(
        "ConfigMap", "",
        ("metadata.name", "Required", "Required value: name or generateName is required"))),
    case("another kind", "POST", MAPS, objects.named("Secret", "s"), 400, refusal(
        400, "BadRequest",
        re.compile('Secret in version "v1" cannot be handled as a ConfigMap.*'))),
    case("another version", "POST", MAPS, objects.named("ConfigMap", "s", "apps/v1"), 400, refusal(
        400, "BadRequest",
        "the API version in the data (apps/v1) does not match the expected API version (v1)")),
    case("another namespace", "POST", MAPS,
         objects.named("ConfigMap", "s", metadata={"namespace": "default"}), 400, refusal(
             400, "BadRequest", "the namespace of the provided object does not match the namespace"
             " sent on the request")),
    case("no such namespace", "POST", "/api/v1/namespaces/nosuch/configmaps", ONE, 404, refusal(
        404, "NotFound", 'namespaces "nosuch" not found', name="nosuch", kind="namespaces")),
    case("no JSON", "POST", MAPS, b"{not json", 400, refusal(400, "BadRequest", re.compile(
        r"the object provided is unrecognized \(must be of type ConfigMap\): couldn't get"
        r" version/kind; json parse error: invalid character 'n'.* offset 1\) \(\{not json\)"))),
    case("nothing", "POST", MAPS, b"", 400, refusal(400, "BadRequest", re.compile(
        r"the object provided is unrecognized \(must be of type ConfigMap\): couldn't get"
        r" version/kind; json parse error: unexpected end of JSON input.* \(<empty>\)"))),
    case("a number for a text", "POST", MAPS,
         {"metadata": {"name": "t"}, "data": {"a": 1}}, 400, refusal(
             400, "BadRequest", 'ConfigMap in version "v1" cannot be handled as a ConfigMap: '
             "cannot read integer into field data[a] of type string")),
    case("plain text", "POST", MAPS, b"x", 415, refusal(
        415, "UnsupportedMediaType", re.compile(
            "the body of the request was in an unknown format - accepted media types include: "
            "application/json, application/yaml.*")), headers={"Content_Type": "text/plain"}),
    case("half a dry run", "POST", f"{MAPS}?dryRun=Sometimes", ONE, 422, invalid(
        "CreateOptions", "",
        ("dryRun", "NotSupported",
         'Unsupported value: ["Sometimes"]: supported values: "All"'), group="meta.k8s.io")),
    case("POST to an object", "POST", f"{MAPS}/one", ONE, 405, NO_METHOD),
    case("PUT to a collection", "PUT", MAPS, ONE, 405, NO_METHOD),
    case("not there to read", "GET", f"{MAPS}/none", status=404, answer=missing("none")),
    case("not there to replace", "PUT", f"{MAPS}/none", objects.config_map("none"), 404,
         missing("none")),
    case("not there to delete", "DELETE", f"{MAPS}/none", status=404, answer=missing("none")),
    case("replaced under another name", "PUT", f"{MAPS}/one", objects.config_map("other"), 400,
         refusal(400, "BadRequest",
                 "the name of the object (other) does not match the name on the URL (one)")),
    case("replaced at an old version", "PUT", f"{MAPS}/one", objects.named(
        "ConfigMap", "one", metadata={"resourceVersion": "1"}), 409, MODIFIED),
    case("patched at an old version", "PATCH", f"{MAPS}/one",
         {"metadata": {"resourceVersion": "1"}}, 409, MODIFIED, headers={"Content_Type": MERGE}),
    case("replaced under another uid", "PUT", f"{MAPS}/one", objects.named(
        "ConfigMap", "one", metadata={"uid": "u"}), 409, refusal(
            409, "Conflict", re.compile(".*Precondition failed: UID in precondition: u, UID in .*"),
            name="one", kind="configmaps")),
    case("deleted at an old version", "DELETE", f"{MAPS}/one",
         {"preconditions": {"resourceVersion": "1"}}, 409, refusal(
             409, "Conflict", re.compile(
                 'Operation cannot be fulfilled on ConfigMap "one": the ResourceVersion in the '
                 r"precondition \(1\) does not match the ResourceVersion in record \(\d+\)\. "
                 "The object might have been modified"), name="one", kind="ConfigMap")),
    case("a failed test in a patch", "PATCH", f"{MAPS}/one",
         [{"op": "test", "path": "/data/a", "value": "2"}], 422, refusal(
             422, "Invalid", "the server rejected our request due to an error in our request",
             causes=[{"field": "/data/a",
                      "message": "operation 0 (test): the value is not equal"}]),
         headers={"Content_Type": JSON_PATCH}),
    case("a patch of no known type", "PATCH", f"{MAPS}/one", {}, 415, refusal(
        415, "UnsupportedMediaType", re.compile(
            "the body of the request was in an unknown format - accepted media types include: "
            "application/json-patch.json, application/merge-patch.json, "
            "application/strategic-merge-patch.json.*"))),
    case("bad label", "POST", MAPS, objects.config_map("l", {"a b": "c"}), 422, refusal(
        422, "Invalid", re.compile('ConfigMap "l" is invalid: metadata.labels: Invalid value: .*'),
        name="l", kind="ConfigMap", causes=[
            {"reason": "FieldValueInvalid", "message": ..., "field": "metadata.labels"}])),
    case("HTML wanted", "GET", f"{MAPS}/one", None, 406, generic(
        406, "NotAcceptable", "406: Not Acceptable"), headers={"Accept": "text/html"}),
])
def test_refusals(talk_of_one, step):
    talk_of_one(step)


def test_a_life(talk):
    made = config_map("one", {"a": "1"}, labels={"app": "x"})
    changed = config_map("one", {"a": "1", "b": "2"}, labels={"app": "x"})
    first = talk(Step("POST", MAPS, ONE, 201, made), Step("GET", f"{MAPS}/one", answer=made))
    first["data"]["b"] = "2"
    second = talk(Step("PUT", f"{MAPS}/one", first, answer=changed))
    assert second["metadata"]["resourceVersion"] != first["metadata"]["resourceVersion"]
    talk(Step("PUT", f"{MAPS}/one", first, 409, MODIFIED))

    # An update that changes nothing is no new version.
    unversioned = {**second, "metadata": {**second["metadata"], "resourceVersion": ""}}
    assert talk(Step("PUT", f"{MAPS}/one", unversioned, answer=changed)) == second
    talk(
        Step("DELETE", f"{MAPS}/one", answer={
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success",
            "details": {
                "name": "one", "kind": "configmaps", "uid": second["metadata"]["uid"]}}),
        Step("GET", f"{MAPS}/one", status=404, answer=missing("one")))


def test_what_a_client_may_leave_out(talk):
    talk(
        Step("POST", MAPS, {"metadata": {"name": "bare"}, "data": {"k": "v"}}, 201,
             config_map("bare", {"k": "v"})),
        Step("POST", MAPS, {"metadata": {"generateName": "gen-"}}, 201, config_map(
            re.compile("gen-[a-z0-9]{5}"), generateName="gen-")),
        Step("POST", MAPS, {"metadata": {"name": "empty", "labels": {}}, "data": {}}, 201,
             config_map("empty")),
        Step("POST", MAPS, b"metadata:\n  name: yaml\ndata:\n  a: '1'\n", 201,
             config_map("yaml", {"a": "1"}), headers={"Content_Type": "application/yaml"}),
        Step("POST", "/api/v1/namespaces/$NS/secrets",
             objects.named("Secret", "s", stringData={"pw": "x"}), 201, {
                 "kind": "Secret", "apiVersion": "v1", "metadata": meta("s"),
                 "data": {"pw": "eA=="}, "type": "Opaque"}))


def test_a_dry_run_shows_what_would_be(talk):
    would_be = config_map("one", {"a": "1"}, labels={"app": "x"})
    del would_be["metadata"]["resourceVersion"]
    talk(
        Step("POST", f"{MAPS}?dryRun=All", ONE, 201, would_be),
        Step("GET", f"{MAPS}/one", status=404, answer=missing("one")))


def test_patches_of_one_object_at_once_all_succeed(talk_of_one):
    def patch(number):
        return Step("PATCH", f"{MAPS}/one", {"data": {f"k{number}": "v"}},
                    headers={"Content_Type": MERGE})

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: talk_of_one(patch(number)), range(100)))
    assert len(talk_of_one(Step("GET", f"{MAPS}/one"))["data"]) == 101


def test_unknown_fields_are_warned_of_refused_or_ignored(talk):
    wrong = {**ONE, "nosuch": 1}
    talk(
        Step("POST", f"{MAPS}?fieldValidation=Strict", wrong, 400, refusal(
            400, "BadRequest", 'ConfigMap in version "v1" cannot be handled as a ConfigMap: '
            'strict decoding error: unknown field "nosuch"')),
        Step("POST", f"{MAPS}?dryRun=All", wrong, 201,
             answer_headers={"warning": r'299 - "unknown field \"nosuch\""'}),
        Step("POST", f"{MAPS}?dryRun=All&fieldValidation=Ignore", wrong, 201,
             answer_headers={"warning": None}))


def test_a_finalizer_holds_an_object_until_it_is_taken_off(talk):
    held = objects.named("ConfigMap", "fin", metadata={"finalizers": ["example.com/hold"]})
    marked = {
        "finalizers": ["example.com/hold"], "deletionTimestamp": ...,
        "deletionGracePeriodSeconds": 0,
    }
    ended = {key: value for key, value in marked.items() if key != "finalizers"}
    talk(
        Step("POST", MAPS, held, 201, config_map("fin", finalizers=["example.com/hold"])),
        Step("DELETE", f"{MAPS}/fin", answer=config_map("fin", **marked)),
        Step("GET", f"{MAPS}/fin", answer=config_map("fin", **marked)),
        Step("PATCH", f"{MAPS}/fin", {"metadata": {"finalizers": None}},
             answer=config_map("fin", **ended), headers={"Content_Type": MERGE}),
        Step("GET", f"{MAPS}/fin", status=404, answer=missing("fin")))


def test_a_deleted_collection_is_answered_with_its_objects(talk_of_one):
    item = config_map("one", {"a": "1"}, labels={"app": "x"})
    del item["kind"], item["apiVersion"]
    talk_of_one(
        Step("POST", MAPS, objects.config_map("two"), 201),
        Step("DELETE", f"{MAPS}?labelSelector=app%3Dx", answer={
            "kind": "ConfigMapList", "apiVersion": "v1", "metadata": {"resourceVersion": ...},
            "items": [item]}),
        Step("GET", f"{MAPS}/two"))


def test_a_namespace_from_its_making_to_its_end(talk):
    space = "/api/v1/namespaces/$NS-2"
    labels = {"kubernetes.io/metadata.name": "$NS-2"}

    def shown(phase, **members):
        return {
            "kind": "Namespace", "apiVersion": "v1", "metadata": meta(
                "$NS-2", namespace=None, labels=labels, **members),
            "spec": {"finalizers": ["kubernetes"]}, "status": {"phase": phase}}

    held = objects.named("ConfigMap", "held", metadata={"finalizers": ["example.com/hold"]})
    ending = shown("Terminating", deletionTimestamp=...)
    talk(
        Step("POST", "/api/v1/namespaces", objects.named("Namespace", "$NS-2"), 201,
             shown("Active")),
        Step("POST", f"{space}/configmaps", held, 201),
        Step("DELETE", space, answer=ending),
        Step("GET", space, answer=ending),
        Step("POST", f"{space}/configmaps", objects.config_map("late"), 403, refusal(
            403, "Forbidden", 'configmaps "late" is forbidden: unable to create new content in '
            "namespace $NS-2 because it is being terminated", name="late", kind="configmaps",
            causes=[{
                "reason": "NamespaceTerminating", "field": "metadata.namespace",
                "message": "namespace $NS-2 is being terminated"}])),
        Step("PATCH", f"{space}/configmaps/held", {"metadata": {"finalizers": None}},
             headers={"Content_Type": MERGE}))
