"""What a gateway does while etcd is away, from its start on, and when another etcd comes back."""

import pytest

import objects
import wire
from replicated import waiting
from replicated.cluster import Cluster

MAPS = "/api/v1/namespaces/default/configmaps"


@pytest.fixture
def cluster():
    with Cluster(members=1, gateways=2) as cluster:
        yield cluster


def make(server, name, **data):
    answer = wire.ask(server, "POST", MAPS, objects.config_map(name, **data))
    assert answer.status == 201, answer.plain
    return answer.json["metadata"]["resourceVersion"]


def names(answer):
    assert answer.status == 200, answer.plain
    return [item["metadata"]["name"] for item in answer.json["items"]
            if item["metadata"]["name"] != "kube-root-ca.crt"]


def watch(server, query):
    connection = wire.Wire(server, seconds=waiting.SECONDS)
    connection.send_request("GET", f"{MAPS}?watch=true&{query}")
    status, _ = connection.read_head()
    assert status == 200
    return connection, connection.events()


def test_a_gateway_starts_from_its_journal_and_catches_up_without_a_list(cluster):
    first, second = cluster.gateways
    for number in range(20):
        position = make(first, f"m{number:02}")
    waiting.until(lambda: len(names(wire.ask(second, "GET", MAPS))) == 20)
    second.stop()
    cluster.members[0].kill()
    begins = len(second.log)
    second.start()

    old = wire.ask(second, "GET", f"{MAPS}?resourceVersion=0")
    assert len(names(old)) == 20
    waiting.until(lambda: "warning" in wire.ask(
        second, "GET", f"{MAPS}?resourceVersion=0").headers)
    assert len(names(wire.ask(second, "GET", MAPS, Prefer="stale"))) == 20
    refused = wire.ask(second, "GET", MAPS)
    assert refused.status == 503 and int(refused.headers["retry-after"]) > 0
    refused = wire.ask(second, "POST", MAPS, objects.config_map("never"))
    assert refused.status == 503 and int(refused.headers["retry-after"]) > 0
    connection, events = watch(second, f"resourceVersion={int(position) - 1}")
    assert next(events)["object"]["metadata"]["name"] == "m19"

    cluster.members[0].start()
    cluster.members[0].wait_until_healthy()
    waiting.until(lambda: wire.ask(first, "GET", MAPS).status == 200)
    make(first, "after")
    assert next(events)["object"]["metadata"]["name"] == "after"
    connection.close()
    waiting.until(lambda: wire.ask(second, "GET", MAPS).status == 200)
    assert len(names(wire.ask(second, "GET", MAPS))) == 21
    log = second.log_since(begins)
    for listed in ("journal begins", "found by a list", "not believed"):
        assert listed not in log, log


def restarted(cluster, token):
    """The same address, and nothing of what was stored there."""
    member = cluster.members[0]
    member.stop()
    place = member.arguments.index("--initial-cluster-token") + 1
    member.arguments[place] = token or member.arguments[place]
    member.start()
    member.wait_until_healthy()


def test_a_gateway_does_not_mix_what_two_clusters_say(cluster):
    first, second = cluster.gateways
    make(first, "old")
    waiting.until(lambda: names(wire.ask(second, "GET", MAPS)) == ["old"])
    second.stop()
    restarted(cluster, "another")

    def is_refused():
        answer = wire.ask(first, "GET", MAPS)
        assert answer.status == 503, answer.plain
        return "another cluster" in answer.json["message"]

    waiting.until(is_refused)
    old = wire.ask(first, "GET", f"{MAPS}?resourceVersion=0")
    assert names(old) == ["old"] and "warning" in old.headers
    assert wire.ask(first, "POST", MAPS, objects.config_map("new")).status == 503
    # A restart is the operator's word that the other one is meant.
    second.start()
    assert names(wire.ask(second, "GET", MAPS)) == []
    assert "it is a journal of the store" in second.log_since(0)


def test_a_cluster_that_was_emptied_is_noticed_by_a_gateway_that_runs(cluster):
    """Its identity is the same: etcd derives it from the addresses and the token."""
    first, _ = cluster.gateways
    for number in range(30):
        make(first, f"old-{number}")
    connection, events = watch(first, "resourceVersion=0")
    restarted(cluster, None)
    waiting.until(lambda: "the store is at revision" in first.log_since(0))
    waiting.until(lambda: wire.ask(first, "GET", MAPS).status == 200
                  and names(wire.ask(first, "GET", MAPS)) == [])
    ends = [event for event in events if event["type"] == "ERROR"]
    assert [event["object"]["code"] for event in ends] == [410]
    connection.close()


def test_custom_resources_are_served_from_the_journal_too(cluster):
    first, second = cluster.gateways
    definition = objects.named(
        "CustomResourceDefinition", "boats.example.dev", "apiextensions.k8s.io/v1", spec={
            "group": "example.dev", "scope": "Namespaced",
            "names": {
                "plural": "boats", "singular": "boat", "kind": "Boat", "listKind": "BoatList"},
            "versions": [{"name": "v1", "served": True, "storage": True, "schema": {
                "openAPIV3Schema": {"type": "object"}}}]})
    definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    boats = "/apis/example.dev/v1/namespaces/default/boats"
    made = wire.ask(first, "POST", definitions, definition)
    assert made.status == 201, made.plain
    boat = objects.named("Boat", "ark", "example.dev/v1")
    waiting.until(lambda: wire.ask(first, "POST", boats, boat).status in (201, 409))
    waiting.until(lambda: wire.ask(second, "GET", f"{boats}/ark").status == 200)
    second.stop()
    cluster.members[0].kill()
    second.start()
    waiting.until(lambda: wire.ask(second, "GET", f"{boats}/ark?resourceVersion=0").status == 200)
    cluster.members[0].start()
    cluster.members[0].wait_until_healthy()
    boat = objects.named("Boat", "dinghy", "example.dev/v1")
    waiting.until(lambda: wire.ask(second, "POST", boats, boat).status in (201, 409))
    found = wire.ask(second, "GET", boats).json["items"]
    assert [item["metadata"]["name"] for item in found] == ["ark", "dinghy"]
