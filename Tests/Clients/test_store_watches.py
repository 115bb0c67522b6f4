"""What clients cost the store: a watch for each gateway, not for each client."""

import re

import wire
from histories.client import Client
from replicated import waiting
from replicated.cluster import Cluster

RESOURCES = ("pods", "configmaps", "secrets", "services")
CLIENTS_PER_RESOURCE = 10
FIGURES = ("etcd_debugging_mvcc_watch_stream_total", "etcd_debugging_mvcc_watcher_total")


def store_watches(cluster):
    """Streams and watches of all members."""
    texts = [member.ask("/metrics") for member in cluster.members]
    return tuple(
        sum(int(float(re.search(rf"^{name} (\S+)", text, re.M).group(1))) for text in texts)
        for name in FIGURES)


def gateway_watches(server, resource=""):
    """How many watch streams a gateway has, for all resources or one."""
    text = wire.ask(server, "GET", "/metrics").plain.decode()
    found = re.findall(rf'^binnacle_watchers\{{[^}}]*{resource}[^}}]*\}} (\S+)', text, re.M)
    return sum(int(float(number)) for number in found)


def test_three_gateways_are_three_watches_to_the_store_however_many_clients_they_have():
    with Cluster(members=3, gateways=3) as cluster:
        waiting.until(lambda: store_watches(cluster) == (3, 3))
        clients = []
        try:
            for server in cluster.gateways:
                before = gateway_watches(server)
                for name in RESOURCES * CLIENTS_PER_RESOURCE:
                    client = Client(server)
                    clients.append(client)
                    status, _ = client.stream(f"/api/v1/{name}?watch=true")
                    assert status == 200
                wanted = before + len(RESOURCES) * CLIENTS_PER_RESOURCE
                waiting.until(lambda: gateway_watches(server) == wanted)
            assert store_watches(cluster) == (3, 3)
        finally:
            for client in clients:
                client.close()
