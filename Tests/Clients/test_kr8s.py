"""kr8s, unmodified: objects with kubectl's verbs, watches, and kinds made at run time."""

import threading

import kr8s
import pytest
from kr8s.objects import ConfigMap, Deployment, Pod, new_class

import kubeconfig
import objects
import ships


@pytest.fixture
def api(server, namespace, tmp_path):
    return kr8s.api(
        kubeconfig=str(kubeconfig.write(server, tmp_path, namespace)), namespace=namespace)


def made(api, kind, document):
    found = kind(document, api=api)
    found.create()
    return found


def test_the_version_and_what_there_is(api):
    assert api.version()["minor"] == "34"
    kinds = {each["kind"] for each in api.api_resources()}
    assert {"ConfigMap", "Deployment", "CustomResourceDefinition"} <= kinds


def test_the_life_of_an_object(api):
    found = made(api, ConfigMap, objects.config_map("one", a="1"))
    assert found.exists()
    found.patch({"data": {"b": "2"}})
    assert found.data.to_dict() == {"a": "1", "b": "2"}
    found.label({"tier": "front"})
    found.annotate({"note": "x"})
    found.refresh()
    assert found.labels["tier"] == "front" and found.annotations["note"] == "x"
    with pytest.raises(kr8s.ServerError, match="already exists"):
        made(api, ConfigMap, objects.config_map("one"))
    found.delete()
    found.wait("delete", timeout=ships.SECONDS)
    assert not found.exists()
    with pytest.raises(kr8s.NotFoundError):
        ConfigMap.get("one", api=api)


def test_lists_and_selectors(api):
    for number in range(3):
        made(api, ConfigMap, objects.config_map(f"m-{number}", {"n": str(number)}))
    found = api.get("configmaps", label_selector={"n": "1"})
    assert [each.name for each in found] == ["m-1"]
    found = api.get("cm", field_selector="metadata.name=m-2")
    assert [each.name for each in found] == ["m-2"]
    assert {each.name for each in api.get("configmaps", "m-0", "m-1")} == {"m-0", "m-1"}


def test_a_deployment_is_scaled(api):
    found = made(api, Deployment, objects.deployment("web"))
    # It waits for replicas, of which nobody makes any.
    found.patch({"status": {"replicas": 3, "readyReplicas": 3}}, subresource="status")
    found.scale(3)
    assert found.replicas == 3
    assert found.spec.replicas == 3


def test_a_watch_follows_what_others_do(api):
    seen = []

    def follow():
        for event, found in api.watch("configmaps", label_selector={"w": "1"}):
            seen.append((event, found.name))
            if event == "DELETED":
                return

    thread = threading.Thread(target=follow, daemon=True)
    thread.start()
    found = made(api, ConfigMap, objects.config_map("w", {"w": "1"}))
    found.patch({"data": {"x": "1"}})
    ships.until(lambda: seen)
    found.delete()
    thread.join(ships.SECONDS)
    assert seen[0][0] == "ADDED" and seen[-1] == ("DELETED", "w")


def test_a_condition_is_waited_for(api):
    found = made(api, Pod, objects.pod("p"))
    ready = {"conditions": [{"type": "Ready", "status": "True"}], "phase": "Running"}
    threading.Timer(0.2, lambda: Pod.get("p", api=api).patch(
        {"status": ready}, subresource="status")).start()
    found.wait("condition=Ready", timeout=ships.SECONDS)
    assert found.status.phase == "Running"
    # Nobody runs it: it has written nothing.
    assert list(found.logs()) == []


def test_a_kind_that_it_does_not_know(api, server, namespace):
    group = f"{namespace}.kr8s.example"
    ships.define(server, group)
    ship = new_class("Ship", f"{group}/v1", asyncio=False)
    found = made(api, ship, ships.ship("beagle", group, 3))
    assert found.spec.crew == 3
    found.patch({"status": {"sails": "set"}}, subresource="status")
    assert found.status.sails == "set"
    found.delete()
