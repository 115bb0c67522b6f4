"""What the reads of a gateway cost etcd, by etcd's own count."""

import concurrent.futures
import os
import re

import pytest

import objects
import wire
from replicated import waiting
from replicated.cluster import Cluster

PODS = int(os.environ.get("COUNTED_PODS", "2000"))
PATH = "/api/v1/namespaces/default/pods"
WRITERS = 8
READERS = 100
# etcd may be asked once for those who waited when the first question began, and once for those who
# came while it was under way; the rest is for what a gateway asks by itself, once a second.
REQUESTS_MAX = 5


@pytest.fixture(scope="module")
def cluster():
    with Cluster(members=1, gateways=1) as cluster:
        yield cluster


def metric(text, name):
    """The sum of a metric whose name and labels match."""
    return sum(float(value) for value in re.findall(rf"^{name} (\S+)$", text, re.MULTILINE))


def cost(member):
    """How many range requests etcd has answered, and how many bytes it has sent to clients."""
    text = member.ask("/metrics")
    ranges = metric(text, r'grpc_server_handled_total\{[^}]*grpc_method="Range"[^}]*\}')
    assert ranges > 0
    return ranges, metric(text, "etcd_network_client_grpc_sent_bytes_total")


def open_requests(server):
    return metric(wire.ask(server, "GET", "/metrics").plain.decode(), "binnacle_requests_open")


def test_a_hundred_consistent_reads_at_once_cost_etcd_a_handful_of_requests(cluster):
    member, (server,) = cluster.members[0], cluster.gateways
    made = wire.ask(server, "POST", PATH, objects.pod("read"))
    assert made.status == 201, made.plain
    connections = [wire.Wire(server, seconds=waiting.SECONDS) for _ in range(READERS)]
    before, _ = cost(member)
    # Otherwise the first ones would be answered before the last ones have come.
    member.pause()
    try:
        for connection in connections:
            connection.send_request("GET", f"{PATH}/read")
        waiting.until(lambda: open_requests(server) > READERS)
    finally:
        member.resume()
    for connection in connections:
        assert connection.read().json["metadata"]["name"] == "read"
        connection.close()
    after, _ = cost(member)
    print(f"\n{READERS} consistent reads at once: {after - before:.0f} range requests")
    assert 1 <= after - before <= REQUESTS_MAX


def test_lists_of_many_pods_are_not_read_from_etcd(cluster):
    member, (server,) = cluster.members[0], cluster.gateways

    def make(first):
        with wire.Wire(server, seconds=waiting.SECONDS) as connection:
            for number in range(first, PODS, WRITERS):
                answer = connection.ask("POST", PATH, objects.pod(f"pod-{number}"))
                assert answer.status == 201, answer.plain

    with concurrent.futures.ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(make, range(WRITERS)))
    ranges, sent = cost(member)
    byte_count = 0
    for query in ("", "?resourceVersion=0", "?limit=500", "?labelSelector=app%3Dpod-1"):
        answer = wire.ask(server, "GET", PATH + query)
        byte_count += len(answer.plain)
        if query in ("", "?resourceVersion=0"):
            assert len(answer.json["items"]) >= PODS
    ranges_after, sent_after = cost(member)
    assert ranges_after - ranges <= REQUESTS_MAX + 4
    print(f"\n{byte_count >> 10} KiB of answers about {PODS} pods: "
          f"{ranges_after - ranges:.0f} range requests, {sent_after - sent:.0f} bytes from etcd")
    # Even one range over the pods would have brought them all, or a page of them.
    assert sent_after - sent < byte_count / 100, (sent_after - sent, byte_count)
