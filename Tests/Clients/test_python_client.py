"""The official Python client, unmodified. Its models refuse fields that they do not know."""

import json
import threading
import time

import pytest
import urllib3
from kubernetes import client, dynamic, watch

import objects
from kinds import KINDS

LABEL = {"made-by": "the-python-client"}
SELECTOR = "made-by=the-python-client"

# The server itself says in their status how they are, soon after they were made or changed.
FOLLOWED = ("APIService", "ResourceQuota")
SETTLING_SECONDS = 20


@pytest.fixture
def api_client(server):
    configuration = client.Configuration(host=server.url)
    with client.ApiClient(configuration) as made:
        yield made


@pytest.fixture
def core(api_client):
    return client.CoreV1Api(api_client)


def every_kind(condition=lambda kind: True):
    return pytest.mark.parametrize("kind", list(filter(condition, KINDS)), ids=str)


@pytest.fixture
def calls(kind, api_client, namespace):
    return kind.calls(api_client, namespace)


@pytest.fixture
def made(kind, calls, namespace):
    """An object of the kind; `namespace` is part of its name, as some kinds lie in none."""
    body = kind.body(f"{namespace}-one", namespace)
    body.metadata.labels = {**(body.metadata.labels or {}), **LABEL}
    return settled(kind, calls, calls.create(body))


def settled(kind, calls, made):
    """The object with what the server has to say about it."""
    deadline = time.monotonic() + SETTLING_SECONDS
    present = made
    while kind.name in FOLLOWED:
        present = calls.read(made.metadata.name)
        if present.metadata.resource_version != made.metadata.resource_version:
            break
        assert time.monotonic() < deadline, f"nothing was said about {made.metadata.name}"
    return present


def refusal(call, *arguments, **options):
    with pytest.raises(client.ApiException) as caught:
        call(*arguments, **options)
    status = json.loads(caught.value.body)
    assert status["kind"] == "Status"
    assert status["code"] == caught.value.status
    return status


def own_annotations(made):
    """Without those that the server adds to some kinds."""
    return {key: value for key, value in (made.metadata.annotations or {}).items()
            if not key.startswith("deprecated.")}


def is_named_as_its_list(kind):
    """The client calls a list of ResourceV1ResourceClaim V1ResourceClaimList, and looks for the
    model of what it watches by the name of the list."""
    return kind.name != "ResourceClaim"


@every_kind(is_named_as_its_list)
def test_create_read_and_list(kind, calls, made):
    assert isinstance(made, kind.model)
    assert made.metadata.uid
    assert made.metadata.creation_timestamp
    assert calls.read(made.metadata.name) == made
    listed = calls.list(label_selector=SELECTOR)
    assert type(listed).__name__ == f"{kind.model.__name__}List"
    found = [item for item in listed.items if item.metadata.name == made.metadata.name]
    assert [item.metadata.uid for item in found] == [made.metadata.uid]
    assert int(listed.metadata.resource_version) >= int(made.metadata.resource_version)


@every_kind()
def test_create_twice_is_refused(kind, calls, made, namespace):
    status = refusal(calls.create, kind.body(made.metadata.name, namespace))
    assert (status["reason"], status["code"]) == ("AlreadyExists", 409)


@every_kind()
def test_replace_and_conflict(kind, calls, made):
    stale = made.metadata.resource_version
    made.metadata.annotations = {"note": "replaced"}
    replaced = calls.replace(made.metadata.name, made)
    assert own_annotations(replaced) == {"note": "replaced"}
    assert replaced.metadata.uid == made.metadata.uid
    assert int(replaced.metadata.resource_version) > int(stale)
    made.metadata.annotations = {"note": "too late"}
    status = refusal(calls.replace, made.metadata.name, made)
    assert (status["reason"], status["code"]) == ("Conflict", 409)


@every_kind()
@pytest.mark.parametrize("content_type", [
    "application/merge-patch+json", "application/strategic-merge-patch+json"])
def test_patch(kind, calls, made, content_type):
    patch = {"metadata": {"labels": {"more": "yes"}}}
    patched = calls.patch(made.metadata.name, patch, _content_type=content_type)
    assert patched.metadata.labels["more"] == "yes"
    assert patched.metadata.labels["made-by"] == LABEL["made-by"]


@every_kind()
def test_json_patch(kind, calls, made):
    patch = [{"op": "add", "path": "/metadata/annotations", "value": {"a/b": "1"}},
             {"op": "test", "path": "/metadata/annotations/a~1b", "value": "1"}]
    patched = calls.patch(
        made.metadata.name, patch, _content_type="application/json-patch+json")
    assert own_annotations(patched) == {"a/b": "1"}


@every_kind(lambda kind: kind.status and kind.name not in FOLLOWED)
def test_status_is_changed_apart_from_the_rest(kind, calls, made):
    name = made.metadata.name
    patch = {"status": kind.status, "metadata": {"labels": {"via": "status"}}}
    patched = calls.patch_status(name, patch, _content_type="application/merge-patch+json")
    raw = client.ApiClient().sanitize_for_serialization(patched)
    assert {key: raw["status"].get(key) for key in kind.status} == kind.status
    read = calls.read_status(name)
    assert read.status == patched.status
    read.metadata.annotations = {"note": "by status"}
    assert calls.replace_status(name, read).status == read.status
    main = calls.patch(
        name, {"status": {"conditions": None}}, _content_type="application/merge-patch+json")
    assert main.metadata.generation == made.metadata.generation


@every_kind(lambda kind: kind.has_scale)
def test_scale(kind, calls, made):
    name = made.metadata.name
    scale = calls.read_scale(name)
    assert isinstance(scale, client.V1Scale)
    assert (scale.spec.replicas, scale.metadata.uid) == (1, made.metadata.uid)
    scale.spec.replicas = 3
    assert calls.replace_scale(name, scale).spec.replicas == 3
    merge = {"_content_type": "application/merge-patch+json"}
    assert calls.patch_scale(name, {"spec": {"replicas": 5}}, **merge).spec.replicas == 5
    assert calls.read(name).spec.replicas == 5
    assert calls.read(name).metadata.generation == made.metadata.generation + 2


@every_kind(lambda kind: kind.name != "Namespace")
def test_delete(kind, calls, made):
    # Some kinds keep their dependents unless told otherwise, and wait until that is done.
    calls.delete(made.metadata.name, propagation_policy="Background")
    status = refusal(calls.read, made.metadata.name)
    assert (status["reason"], status["code"]) == ("NotFound", 404)
    assert status["details"]["name"] == made.metadata.name


# The API has no deletecollection of namespaces.
@every_kind(lambda kind: kind.name != "Namespace")
def test_delete_collection(kind, calls, made):
    calls.delete_collection(label_selector=SELECTOR, propagation_policy="Background")
    assert calls.list(label_selector=SELECTOR).items == []


@every_kind(is_named_as_its_list)
def test_watch_of_each_kind(kind, calls, made, namespace):
    scope = {"namespace": namespace} if kind.is_namespaced else {}
    stream = watch.Watch().stream(
        calls.function("list"), label_selector=SELECTOR, timeout_seconds=1, **scope)
    events = list(stream)
    assert all(isinstance(event["object"], kind.model) for event in events)
    assert made.metadata.name in [event["object"].metadata.name for event in events]


def test_watch_from_a_version(core, namespace):
    version = core.list_namespaced_config_map(namespace).metadata.resource_version
    body = client.V1ConfigMap(metadata=client.V1ObjectMeta(name="w"), data={"n": "0"})
    core.create_namespaced_config_map(namespace, body)
    core.patch_namespaced_config_map("w", namespace, {"data": {"n": "1"}})
    core.delete_namespaced_config_map("w", namespace)
    events = list(watch.Watch().stream(
        core.list_namespaced_config_map, namespace, resource_version=version, timeout_seconds=1))
    assert [event["type"] for event in events] == ["ADDED", "MODIFIED", "DELETED"]
    assert [event["object"].data["n"] for event in events] == ["0", "1", "1"]
    versions = [int(event["object"].metadata.resource_version) for event in events]
    assert versions == sorted(set(versions))


def test_watch_streams_while_the_client_writes(core, namespace):
    seen = []

    def read():
        watcher = watch.Watch()
        for event in watcher.stream(core.list_namespaced_config_map, namespace,
                                    resource_version="0", timeout_seconds=20):
            seen.append(event["object"].metadata.name)
            if len(seen) == 20:
                watcher.stop()

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(20):
        body = client.V1ConfigMap(metadata=client.V1ObjectMeta(name=f"m-{number}"))
        core.create_namespaced_config_map(namespace, body)
    reader.join(timeout=25)
    assert not reader.is_alive()
    assert seen == [f"m-{number}" for number in range(20)]


def test_watch_of_a_version_that_is_gone_or_bad(core, namespace):
    status = refusal(
        core.list_namespaced_config_map, namespace, resource_version="nine", watch=True)
    assert (status["reason"], status["code"]) == ("BadRequest", 400)


def test_paging(core, namespace):
    for number in range(7):
        body = client.V1ConfigMap(metadata=client.V1ObjectMeta(name=f"m-{number}"))
        core.create_namespaced_config_map(namespace, body)
    page = core.list_namespaced_config_map(namespace, limit=3)
    names = [item.metadata.name for item in page.items]
    assert page.metadata.remaining_item_count == 4
    version = page.metadata.resource_version
    while page.metadata._continue:
        page = core.list_namespaced_config_map(
            namespace, limit=3, _continue=page.metadata._continue)
        assert page.metadata.resource_version == version
        names += [item.metadata.name for item in page.items]
    assert names == [f"m-{number}" for number in range(7)]


def test_generated_names_differ(core, namespace):
    body = client.V1ConfigMap(metadata=client.V1ObjectMeta(generate_name="gen-"))
    names = {core.create_namespaced_config_map(namespace, body).metadata.name for _ in range(5)}
    assert len(names) == 5
    assert all(name.startswith("gen-") for name in names)


def test_binding_puts_a_pod_on_a_node(core, namespace, api_client):
    core.create_namespaced_pod(namespace, client.V1Pod.from_dict(objects.pod("p")))
    target = client.V1ObjectReference(kind="Node", name="n1", api_version="v1")
    binding = client.V1Binding(metadata=client.V1ObjectMeta(name="p"), target=target)
    core.create_namespaced_pod_binding("p", namespace, binding, _preload_content=False)
    pod = core.read_namespaced_pod("p", namespace)
    assert pod.spec.node_name == "n1"
    conditions = {condition.type: condition.status for condition in pod.status.conditions}
    assert conditions["PodScheduled"] == "True"


def test_an_invalid_object_names_the_field(core, namespace):
    pod = client.V1Pod.from_dict(objects.pod("p"))
    pod.spec.containers[0].name = "Not A Name"
    status = refusal(core.create_namespaced_pod, namespace, pod)
    assert (status["reason"], status["code"]) == ("Invalid", 422)
    assert "spec.containers[0].name" in [cause["field"] for cause in status["details"]["causes"]]


def test_a_finalizer_holds_an_object(core, namespace):
    metadata = client.V1ObjectMeta(name="held", finalizers=["example.com/hold"])
    core.create_namespaced_config_map(namespace, client.V1ConfigMap(metadata=metadata))
    core.delete_namespaced_config_map("held", namespace)
    held = core.read_namespaced_config_map("held", namespace)
    assert held.metadata.deletion_timestamp
    core.patch_namespaced_config_map("held", namespace, {"metadata": {"finalizers": None}})
    assert refusal(core.read_namespaced_config_map, "held", namespace)["reason"] == "NotFound"


def test_preconditions_of_a_deletion(core, namespace):
    body = client.V1ConfigMap(metadata=client.V1ObjectMeta(name="one"))
    core.create_namespaced_config_map(namespace, body)
    wrong = client.V1DeleteOptions(preconditions=client.V1Preconditions(uid="another"))
    status = refusal(core.delete_namespaced_config_map, "one", namespace, body=wrong)
    assert status["reason"] == "Conflict"


def test_discovery_and_version(api_client):
    version = client.VersionApi(api_client).get_code()
    assert (version.major, version.minor) == ("1", "34")
    core = client.CoreV1Api(api_client).get_api_resources()
    assert {"pods", "pods/status", "pods/binding"} <= {item.name for item in core.resources}
    groups = {group.name for group in client.ApisApi(api_client).get_api_versions().groups}
    assert {"apps", "coordination.k8s.io"} <= groups
    apps = client.AppsV1Api(api_client).get_api_resources()
    assert {"deployments", "deployments/scale"} <= {item.name for item in apps.resources}


def test_the_dynamic_client_finds_its_way(api_client, namespace):
    found = dynamic.DynamicClient(api_client)
    deployments = found.resources.get(api_version="apps/v1", kind="Deployment")
    made = deployments.create(objects.deployment("web"), namespace=namespace)
    assert made.spec.replicas == 1
    assert deployments.get(name="web", namespace=namespace).metadata.uid == made.metadata.uid
    watched = deployments.watch(namespace=namespace, resource_version="0", timeout=1)
    assert [event["object"].metadata.name for event in watched] == ["web"]
    deployments.delete(name="web", namespace=namespace)


def test_a_connection_is_kept(server):
    with urllib3.PoolManager(maxsize=1) as pool:
        for _ in range(5):
            assert pool.request("GET", f"{server.url}/version").status == 200
        connections = pool.connection_from_url(server.url)
        assert (connections.num_connections, connections.num_requests) == (1, 5)
