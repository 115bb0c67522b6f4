"""lightkube, unmodified: typed models of its own, server-side apply, watches and generic kinds."""

import threading

import lightkube
import pytest
from lightkube.core.exceptions import ApiError
from lightkube.generic_resource import create_namespaced_resource
from lightkube.models.apps_v1 import DeploymentSpec
from lightkube.models.autoscaling_v1 import ScaleSpec
from lightkube.models.core_v1 import Container, PodSpec, PodTemplateSpec
from lightkube.models.meta_v1 import LabelSelector, ObjectMeta
from lightkube.resources.apps_v1 import Deployment
from lightkube.resources.core_v1 import ConfigMap, Namespace, Node, Pod
from lightkube.types import CascadeType, PatchType

import kubeconfig
import ships


@pytest.fixture
def kube(server, namespace, tmp_path):
    config = lightkube.KubeConfig.from_file(kubeconfig.write(server, tmp_path, namespace))
    return lightkube.Client(config=config, namespace=namespace, field_manager="lightkube")


def config_map(name, **data):
    return ConfigMap(metadata=ObjectMeta(name=name, labels={"by": "lightkube"}), data=data)


def deployment(name):
    labels = {"app": name}
    template = PodTemplateSpec(
        metadata=ObjectMeta(labels=labels),
        spec=PodSpec(containers=[Container(name="main", image="registry.example/app:1")]))
    return Deployment(metadata=ObjectMeta(name=name), spec=DeploymentSpec(
        replicas=1, selector=LabelSelector(matchLabels=labels), template=template))


def refused(code, call, *arguments, **options):
    with pytest.raises(ApiError) as caught:
        call(*arguments, **options)
    assert caught.value.status.code == code
    return caught.value.status


def test_the_life_of_an_object(kube):
    made = kube.create(config_map("one", a="1"))
    assert kube.get(ConfigMap, "one") == made
    assert refused(409, kube.create, config_map("one")).reason == "AlreadyExists"
    made.data = {"a": "2"}
    changed = kube.replace(made)
    assert changed.data == {"a": "2"}
    assert refused(409, kube.replace, made).reason == "Conflict"
    patched = kube.patch(ConfigMap, "one", {"data": {"b": "3"}}, patch_type=PatchType.MERGE)
    assert patched.data == {"a": "2", "b": "3"}
    kube.delete(ConfigMap, "one")
    assert refused(404, kube.get, ConfigMap, "one").reason == "NotFound"


def test_lists_come_in_pages_and_by_selector(kube):
    for number in range(7):
        kube.create(config_map(f"m-{number}", n=str(number)))
    found = list(kube.list(ConfigMap, labels={"by": "lightkube"}, chunk_size=2))
    assert [each.metadata.name for each in found] == [f"m-{number}" for number in range(7)]
    assert [each.metadata.name for each in kube.list(
        ConfigMap, fields={"metadata.name": "m-3"})] == ["m-3"]
    kube.deletecollection(ConfigMap)
    assert not list(kube.list(ConfigMap, labels={"by": "lightkube"}))


def test_what_is_applied_is_owned(kube):
    one = ConfigMap(apiVersion="v1", kind="ConfigMap", metadata=ObjectMeta(name="mine"),
                    data={"a": "1"})
    kube.apply(one)
    first = kube.apply(one).metadata.resourceVersion
    assert kube.apply(one).metadata.resourceVersion == first
    other = ConfigMap(apiVersion="v1", kind="ConfigMap", metadata=ObjectMeta(name="mine"),
                      data={"a": "2"})
    assert "lightkube" in refused(409, kube.apply, other, field_manager="other").message
    assert kube.apply(other, field_manager="other", force=True).data == {"a": "2"}


def test_scale_and_status_are_apart(kube):
    kube.create(deployment("web"))
    scaled = Deployment.Scale(metadata=ObjectMeta(name="web"), spec=ScaleSpec(replicas=4))
    assert kube.replace(scaled, "web").spec.replicas == 4
    assert kube.get(Deployment.Scale, "web").status.selector == "app=web"
    kube.patch(Deployment.Status, "web", {"status": {"replicas": 2}}, patch_type=PatchType.MERGE)
    found = kube.get(Deployment, "web")
    assert (found.spec.replicas, found.status.replicas) == (4, 2)
    kube.delete(Deployment, "web", cascade=CascadeType.BACKGROUND)


def test_a_watch_follows_what_others_do(kube, namespace):
    listed = kube.list(ConfigMap)
    assert "w" not in [each.metadata.name for each in listed]
    start = listed.resourceVersion
    seen = []

    def follow():
        for operation, found in kube.watch(ConfigMap, resource_version=start):
            seen.append((operation, found.metadata.name))
            if operation == "DELETED":
                return

    thread = threading.Thread(target=follow, daemon=True)
    thread.start()
    kube.create(config_map("w"))
    kube.patch(ConfigMap, "w", {"data": {"x": "1"}})
    kube.delete(ConfigMap, "w")
    thread.join(ships.SECONDS)
    told = [operation for operation, name in seen if name == "w"]
    assert told == ["ADDED", "MODIFIED", "DELETED"]


def test_it_waits_for_a_condition(kube):
    kube.create(deployment("web"))
    ready = {"conditions": [{
        "type": "Available", "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z"}]}
    threading.Timer(0.2, lambda: kube.patch(
        Deployment.Status, "web", {"status": ready}, patch_type=PatchType.MERGE)).start()
    found = kube.wait(Deployment, "web", for_conditions=["Available"])
    assert found.status.conditions[0].type == "Available"


def test_a_kind_that_it_does_not_know(kube, server, namespace):
    group = f"{namespace}.lightkube.example"
    ships.define(server, group)
    ship = create_namespaced_resource(group, "v1", "Ship", "ships")
    made = kube.create(ship(metadata=ObjectMeta(name="beagle"), spec={"crew": 3}))
    assert made.spec == {"crew": 3}
    status = kube.patch(
        ship.Status, "beagle", {"status": {"sails": "set"}}, patch_type=PatchType.MERGE)
    assert status.status == {"sails": "set"}
    assert [each.metadata.name for each in kube.list(ship)] == ["beagle"]


def test_what_lies_in_no_namespace(kube, namespace):
    kube.create(Node(metadata=ObjectMeta(name=f"{namespace}-node")))
    assert kube.get(Namespace, namespace).status.phase == "Active"
    assert kube.get(Node, f"{namespace}-node").metadata.name == f"{namespace}-node"
    assert list(kube.list(Pod, namespace="*", fields={"spec.nodeName": f"{namespace}-node"})) == []
