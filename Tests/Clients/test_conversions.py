"""Custom resources in several versions, which a webhook of theirs converts, over TLS."""

import base64
import json

import pytest
from kubernetes import client, dynamic

import objects
import server as gateway
import wire
from over_tls import make_certificate
from ships import until
from webhook_server import Webhook, patch, rule, webhook

DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
MERGE = {"Content_Type": "application/merge-patch+json"}


def converted(item, version):
    """v1 has `spec.address`; v2 has `spec.host` and `spec.port`."""
    group, _, now = item["apiVersion"].partition("/")
    spec = dict(item["spec"])
    if now == "v1" and version != "v1":
        host, _, port = spec.pop("address").partition(":")
        spec |= {"host": host, "port": int(port)}
    if now != "v1" and version == "v1":
        spec["address"] = f"{spec.pop('host')}:{spec.pop('port')}"
    return {**item, "apiVersion": f"{group}/{version}", "spec": spec}


def answer(review, items, **more):
    return 200, {"kind": "ConversionReview", "apiVersion": "apiextensions.k8s.io/v1", "response": {
        "uid": review["request"]["uid"], "result": {"status": "Success"},
        "convertedObjects": items, **more}}


def convert(review):
    version = review["request"]["desiredAPIVersion"].partition("/")[2]
    return answer(review, [converted(item, version) for item in review["request"]["objects"]])


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with gateway.Server(tmp_path_factory.mktemp("data")) as made:
        yield made


@pytest.fixture(scope="module")
def hook(tmp_path_factory):
    with Webhook(tmp_path_factory.mktemp("webhook")) as hook:
        yield hook


class Lamps:
    """A kind in two versions for one test, stored as v1 at first."""

    def __init__(self, server, hook, namespace):
        self.server, self.hook, self.namespace = server, hook, namespace
        self.group = f"{namespace}.example.com"
        self.route = f"/{namespace}"
        self.name = f"lamps.{self.group}"
        self.config = hook.config(self.route)
        self.works()
        made = wire.ask(server, "POST", DEFINITIONS, self.definition())
        assert made.status == 201, made.plain
        until(lambda: self.ask("GET", "v2").status == 200)

    def works(self):
        self.hook.documents[self.route] = convert

    def definition(self, storage="v1"):
        def version(name, **fields):
            spec = {"type": "object", "properties": fields}
            return {"name": name, "served": True, "storage": name == storage,
                    "subresources": {"status": {}},
                    "additionalPrinterColumns": [
                        {"name": member.title(), "type": field["type"],
                         "jsonPath": f".spec.{member}"} for member, field in fields.items()],
                    "schema": {"openAPIV3Schema": {"type": "object", "properties": {
                        "spec": spec, "status": {
                            "type": "object", "x-kubernetes-preserve-unknown-fields": True}}}}}

        text, number = {"type": "string"}, {"type": "integer"}
        return objects.named(
            "CustomResourceDefinition", self.name, "apiextensions.k8s.io/v1", spec={
                "group": self.group, "scope": "Namespaced",
                "names": {"plural": "lamps", "kind": "Lamp"},
                "versions": [
                    version("v2", host=text, port=number,
                            color={"type": "string", "default": "white"}),
                    version("v1", address=text, color=text)],
                "conversion": {"strategy": "Webhook", "webhook": {
                    "clientConfig": self.config, "conversionReviewVersions": ["v1"]}}})

    def change(self, **spec):
        """Changes the definition, and returns when that is served."""
        changed = wire.ask(
            self.server, "PATCH", f"{DEFINITIONS}/{self.name}", {"spec": spec}, **MERGE)
        assert changed.status == 200, changed.plain
        return changed.json

    def path(self, version, name=None):
        path = f"/apis/{self.group}/{version}/namespaces/{self.namespace}/lamps"
        return f"{path}/{name}" if name else path

    def ask(self, method, version, name=None, body=None, query="", **headers):
        return wire.ask(self.server, method, self.path(version, name) + query, body, **headers)

    def done(self, method, version, name=None, body=None, query="", **headers):
        found = self.ask(method, version, name, body, query, **headers)
        assert found.status in (200, 201), found.plain
        return found.json

    def create(self, name, address="tower:80", **metadata):
        lamp = objects.named(
            "Lamp", name, f"{self.group}/v1", metadata=metadata, spec={"address": address})
        return self.done("POST", "v1", body=lamp)


@pytest.fixture
def lamps(server, hook, namespace):
    made = Lamps(server, hook, namespace)
    yield made
    made.works()
    wire.ask(server, "DELETE", f"{DEFINITIONS}/{made.name}")


def test_one_object_is_read_and_written_in_both_versions(lamps, kubectl):
    made = lamps.create("a")
    shown = lamps.done("GET", "v2", "a")
    assert shown["apiVersion"] == f"{lamps.group}/v2"
    assert shown["spec"] == {"host": "tower", "port": 80, "color": "white"}
    assert shown["metadata"] == made["metadata"]
    written = lamps.done("PATCH", "v2", "a", {"spec": {"port": 81}}, **MERGE)
    assert written["spec"] == {"host": "tower", "port": 81, "color": "white"}
    assert written["metadata"]["generation"] == 2
    assert lamps.done("GET", "v1", "a")["spec"] == {"address": "tower:81", "color": "white"}
    written["spec"]["host"] = "gate"
    lamps.done("PUT", "v2", "a", written)
    stale = lamps.ask("PUT", "v2", "a", written)
    assert (stale.status, stale.json["reason"]) == (409, "Conflict")
    newer = objects.named(
        "Lamp", "b", f"{lamps.group}/v2", spec={"host": "mill", "port": 9})
    kubectl("create", "-f", "-", stdin=json.dumps(newer))
    assert [item["spec"]["address"] for item in lamps.done("GET", "v1")["items"]] == [
        "gate:81", "mill:9"]
    assert [item["spec"]["host"] for item in lamps.done("GET", "v2")["items"]] == ["gate", "mill"]
    table = kubectl("get", f"lamps.v2.{lamps.group}").splitlines()
    assert [line.split()[:3] for line in table] == [
        ["NAME", "HOST", "PORT"], ["a", "gate", "81"], ["b", "mill", "9"]]
    assert lamps.done("PATCH", "v2", "a", {"status": {"lit": True}}, "/status", **MERGE)
    assert lamps.done("GET", "v1", "a")["status"] == {"lit": True}
    kubectl("delete", f"lamps.v2.{lamps.group}", "a")
    assert lamps.ask("GET", "v1", "a").status == 404
    assert lamps.ask("GET", "v2", "a").status == 404


def test_the_official_client_works_with_both(lamps):
    api = client.ApiClient(client.Configuration(host=lamps.server.url))
    found = dynamic.DynamicClient(api)
    older, newer = (found.resources.get(api_version=f"{lamps.group}/{version}", kind="Lamp")
                    for version in ("v1", "v2"))
    newer.create(namespace=lamps.namespace, body={
        "apiVersion": f"{lamps.group}/v2", "kind": "Lamp", "metadata": {"name": "a"},
        "spec": {"host": "tower", "port": 80}})
    assert older.get("a", namespace=lamps.namespace).spec.address == "tower:80"
    older.patch(namespace=lamps.namespace, name="a", body={"spec": {"address": "gate:1"}},
                content_type="application/merge-patch+json")
    [item] = newer.get(namespace=lamps.namespace).items
    assert (item.spec.host, item.spec.port) == ("gate", 1)


def test_watchers_of_the_other_version_see_every_change_in_order(lamps):
    first = lamps.create("a", "tower:0")
    with wire.Wire(lamps.server) as peer:
        version = first["metadata"]["resourceVersion"]
        peer.send_request("GET", lamps.path("v2") + f"?watch=true&resourceVersion={version}")
        assert peer.read_head()[0] == 200
        events = peer.events()
        for number in range(1, 20):
            lamps.done("PATCH", "v1", "a", {"spec": {"address": f"tower:{number}"}}, **MERGE)
        lamps.done("DELETE", "v1", "a")
        seen = [next(events) for _ in range(20)]
    assert [event["type"] for event in seen] == ["MODIFIED"] * 19 + ["DELETED"]
    assert [event["object"]["spec"]["port"] for event in seen] == [*range(1, 20), 19]
    revisions = [int(event["object"]["metadata"]["resourceVersion"]) for event in seen]
    assert revisions == sorted(set(revisions))


def test_polls_and_conditional_reads_speak_the_other_version(lamps):
    made = lamps.create("a")
    version = made["metadata"]["resourceVersion"]
    assert lamps.ask("GET", "v2", "a", If_None_Match=f'"{version}"').status == 304
    lamps.done("PATCH", "v2", "a", {"metadata": {"labels": {"lit": "yes"}}}, **MERGE)
    [event] = lamps.done("GET", "v2", query=f"?poll=true&resourceVersion={version}")["items"]
    assert event["type"] == "MODIFIED" and event["object"]["spec"]["host"] == "tower"
    chosen = lamps.done("GET", "v2", query="?labelSelector=lit%3Dyes&limit=1")
    assert [item["metadata"]["name"] for item in chosen["items"]] == ["a"]


def test_objects_are_asked_about_together(lamps):
    for number in range(50):
        lamps.create(f"lamp-{number:02}", f"tower:{number}")
    assert len(lamps.done("GET", "v2")["items"]) == 50
    lamps.hook.forget()
    # What is served anew is listed anew.
    lamps.change(names={"shortNames": ["lp"]})
    until(lambda: lamps.hook.reviews(lamps.route))
    items = until(lambda: (found := lamps.ask("GET", "v2")).status == 200 and found.json)["items"]
    assert [item["spec"]["port"] for item in items] == list(range(50))
    [request] = lamps.hook.reviews(lamps.route)
    assert request["desiredAPIVersion"] == f"{lamps.group}/v2"
    assert [item["metadata"]["name"] for item in request["objects"]] == [
        f"lamp-{number:02}" for number in range(50)]
    assert all("managedFields" not in item["metadata"] for item in request["objects"])
    assert lamps.hook.queries(lamps.route) == ["timeout=30s"]


def test_the_webhook_changes_labels_and_annotations_and_no_other_metadata(lamps):
    def meddling(review):
        status, document = convert(review)
        for item in document["response"]["convertedObjects"]:
            item["metadata"] = {
                **item["metadata"], "labels": {"seen": "yes"}, "annotations": {"by": "hook"},
                "finalizers": ["example.com/never"], "generation": 99,
                "ownerReferences": [{"apiVersion": "v1", "kind": "Pod", "name": "p", "uid": "1"}]}
        return status, document

    made = lamps.create("a")
    lamps.hook.documents[lamps.route] = meddling
    lamps.done("PATCH", "v1", "a", {"spec": {"color": "red"}}, **MERGE)
    metadata = lamps.done("GET", "v2", "a")["metadata"]
    assert metadata["labels"] == {"seen": "yes"} and metadata["annotations"] == {"by": "hook"}
    assert "finalizers" not in metadata and "ownerReferences" not in metadata
    assert metadata["generation"] == 2 and metadata["uid"] == made["metadata"]["uid"]


def broken(change):
    """An answer in which `change` spoils something."""
    def spoiled(review):
        status, document = convert(review)
        change(document)
        return status, document
    return spoiled


def first(document):
    return document["response"]["convertedObjects"][0]


@pytest.mark.parametrize("spoiled, complaint", [
    (lambda _: (503, {}), "status 503"),
    (lambda _: (200, b"hello"), "no JSON document"),
    (lambda review: answer(review, [], result={"status": "Failed", "message": "no such lamp"}),
     "Kind=Lamp failed: no such lamp"),
    (lambda review: answer(review, [], result={"status": "Failed"}), 'not "Success"'),
    (lambda review: answer(review, []), "returned 0 objects, expected "),
    (broken(lambda document: document["response"].update(uid="x")), "expected response.uid="),
    (broken(lambda document: document.update(kind="AdmissionReview")),
     "expected webhook response of apiextensions.k8s.io/v1, Kind=ConversionReview"),
    (broken(lambda document: first(document)["metadata"].update(name="b")), "the same name"),
    (broken(lambda document: first(document)["metadata"].update(uid="b")), "the same uid"),
    (broken(lambda document: first(document)["metadata"].update(namespace="b")),
     "the same namespace"),
    (broken(lambda document: first(document)["metadata"].update(labels={"a": 1})),
     "metadata.labels must be texts"),
    (broken(lambda document: first(document).update(kind="Torch")), "the same kind"),
    (broken(lambda document: first(document).update(apiVersion="example.com/v9")),
     "the same apiVersion"),
    (broken(lambda document: first(document).pop("metadata")), "it has no metadata"),
])
def test_what_goes_wrong_is_told_and_stops_with_its_cause(lamps, spoiled, complaint):
    lamps.create("kept")
    lamps.hook.documents[lamps.route] = spoiled
    newer = objects.named(
        "Lamp", "a", f"{lamps.group}/v2", spec={"host": "tower", "port": 80})
    refused = lamps.ask("POST", "v2", body=newer)
    assert (refused.status, refused.json["reason"]) == (500, "InternalError"), refused.plain
    message = refused.json["message"]
    assert f"conversion webhook for {lamps.group}/v2, Kind=Lamp failed: " in message
    assert complaint in message
    lamps.create("a")
    for name in ("a", None):
        refused = lamps.ask("GET", "v2", name)
        assert refused.status == 500 and complaint in refused.json["message"], refused.plain
    lamps.works()
    until(lambda: lamps.ask("GET", "v2", "a").status == 200)
    assert len(lamps.done("GET", "v2")["items"]) == 2


def test_a_certificate_that_is_not_believed_is_told(lamps, tmp_path):
    lamps.create("a")
    stranger, _ = make_certificate(tmp_path)
    good = lamps.config["caBundle"]

    def trust(bundle):
        lamps.change(conversion={"strategy": "Webhook", "webhook": {
            "clientConfig": {"caBundle": bundle}}})

    trust(base64.b64encode(stranger.read_bytes()).decode())
    refused = until(lambda: (found := lamps.ask("GET", "v2", "a")).status == 500 and found)
    assert "certificate" in refused.json["message"], refused.plain
    assert lamps.done("GET", "v1", "a")["spec"] == {"address": "tower:80"}
    trust(good)
    until(lambda: lamps.ask("GET", "v2", "a").status == 200)


def test_an_object_that_cannot_be_converted_may_be_mended_or_deleted(lamps):
    lamps.create("a", "nowhere")
    for mend in (
            lambda: lamps.done("PATCH", "v1", "a", {"spec": {"address": "tower:1"}}, **MERGE),
            lambda: lamps.done("DELETE", "v1", "a")):
        lamps.hook.documents[lamps.route] = lambda review: convert(review) if all(
            item["spec"].get("address") != "nowhere" for item in review["request"]["objects"]
        ) else answer(review, [], result={"status": "Failed", "message": "where?"})
        lamps.done("PATCH", "v1", "a", {"spec": {"address": "nowhere"}}, **MERGE)
        refused = lamps.ask("GET", "v2")
        assert refused.status == 500 and "failed: where?" in refused.json["message"]
        mend()
        until(lambda: lamps.ask("GET", "v2").status == 200)
    assert lamps.done("GET", "v2")["items"] == []


def test_the_stored_version_may_change(lamps):
    lamps.create("old")
    versions = lamps.definition(storage="v2")["spec"]["versions"]
    changed = lamps.change(versions=versions)
    assert changed["status"]["storedVersions"] == ["v1", "v2"]
    until(lambda: lamps.ask("GET", "v2", "old").status == 200)
    newer = objects.named("Lamp", "new", f"{lamps.group}/v2", spec={"host": "gate", "port": 1})
    lamps.done("POST", "v2", body=newer)

    def shown():
        return [[item["spec"] for item in lamps.done("GET", version)["items"]]
                for version in ("v1", "v2")]

    specs = [[{"address": "gate:1", "color": "white"}, {"address": "tower:80"}],
             [{"host": "gate", "port": 1, "color": "white"},
              {"host": "tower", "port": 80, "color": "white"}]]
    assert shown() == specs
    lamps.done("PATCH", "v1", "old", {"metadata": {"labels": {"lit": "yes"}}}, **MERGE)
    specs[0][1]["color"] = "white"
    assert shown() == specs
    for name in ("old", "new"):
        lamps.done("PATCH", "v2", name, {"metadata": {"labels": {"stored": "v2"}}}, **MERGE)
    # All are stored anew: the older version may go.
    trimmed = wire.ask(
        lamps.server, "PATCH", f"{DEFINITIONS}/{lamps.name}/status",
        {"status": {"storedVersions": ["v2"]}}, **MERGE)
    assert trimmed.status == 200, trimmed.plain
    versions[1]["served"] = False
    lamps.change(versions=versions)
    until(lambda: lamps.ask("GET", "v1").status == 404)
    lamps.hook.documents[lamps.route] = lambda _: (503, {})
    assert [item["spec"] for item in lamps.done("GET", "v2")["items"]] == specs[1]


def test_both_versions_are_there_after_a_restart(tmp_path, hook):
    with gateway.Server(tmp_path / "data") as server:
        lamps = Lamps(server, hook, "default")
        lamps.create("a")
        version = lamps.create("b")["metadata"]["resourceVersion"]
        lamps.done("PATCH", "v1", "b", {"spec": {"address": "gate:1"}}, **MERGE)
        server.kill()
        server.start()
        until(lambda: lamps.ask("GET", "v2", "a").status == 200)
        assert lamps.done("GET", "v2", "a")["spec"]["host"] == "tower"
        [event] = lamps.done("GET", "v2", query=f"?poll=true&resourceVersion={version}")["items"]
        assert event["object"]["spec"] == {"host": "gate", "port": 1, "color": "white"}
        hook.documents[lamps.route] = lambda _: (503, {})
        server.stop()
        server.start()
        assert until(lambda: (found := lamps.ask("GET", "v2")).status == 500 and found)
        assert lamps.done("GET", "v1", "a")["spec"] == {"address": "tower:80"}
        lamps.works()
        until(lambda: lamps.ask("GET", "v2", "a").status == 200)


def test_configurations_are_applied_in_both_versions(lamps, kubectl):
    def applied(version, manager, *more, **spec):
        return kubectl(
            "apply", "--server-side", f"--field-manager={manager}", *more, "-f", "-",
            stdin=json.dumps(objects.named("Lamp", "a", f"{lamps.group}/{version}", spec=spec)))

    applied("v2", "newer", host="tower", port=80)
    applied("v2", "newer", host="tower", port=81)
    assert lamps.done("GET", "v1", "a")["spec"]["address"] == "tower:81"
    applied("v1", "older", color="red")
    shown = lamps.done("GET", "v2", "a")
    assert shown["spec"] == {"host": "tower", "port": 81, "color": "red"}
    owners = {entry["manager"]: entry["apiVersion"].partition("/")[2]
              for entry in shown["metadata"]["managedFields"]}
    assert owners == {"newer": "v2", "older": "v1"}


def test_admission_webhooks_see_the_version_that_their_rules_name(lamps):
    collection = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations"
    lamps.hook.answers["/seen"] = lambda _: patch(
        {"op": "replace", "path": "/spec/address", "value": "mill:3"})
    body = objects.named(
        "MutatingWebhookConfiguration", lamps.namespace, "admissionregistration.k8s.io/v1",
        webhooks=[webhook(
            "seen.example.com", lamps.hook.config("/seen"),
            rule(["lamps"], ["CREATE"], [lamps.group], ["v1"]))])
    assert wire.ask(lamps.server, "POST", collection, body).status == 201
    try:
        newer = objects.named(
            "Lamp", "a", f"{lamps.group}/v2", spec={"host": "tower", "port": 80})
        made = lamps.done("POST", "v2", body=newer)
        assert made["spec"] == {"host": "mill", "port": 3, "color": "white"}
        [request] = lamps.hook.reviews("/seen")
        assert request["object"]["spec"] == {"address": "tower:80", "color": "white"}
    finally:
        wire.ask(lamps.server, "DELETE", f"{collection}/{lamps.namespace}")


def test_what_is_deleted_goes_without_the_webhook(lamps, bare_kubectl):
    lamps.create("a")
    owner = lamps.create("owner")["metadata"]
    lamps.create("owned", ownerReferences=[{
        "apiVersion": f"{lamps.group}/v2", "kind": "Lamp", "name": "owner", "uid": owner["uid"]}])
    lamps.hook.documents[lamps.route] = lambda _: (503, {})
    lamps.done("DELETE", "v1", "owner")
    until(lambda: lamps.ask("GET", "v1", "owned").status == 404)
    bare_kubectl("delete", "namespace", lamps.namespace, "--timeout=20s")
    bare_kubectl("delete", "crd", lamps.name, "--timeout=20s")
    assert wire.ask(lamps.server, "GET", f"/apis/{lamps.group}/v2").status == 404
