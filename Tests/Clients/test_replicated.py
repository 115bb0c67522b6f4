"""The cluster that other tests take apart, itself: what is cut is cut, and heals."""

import pytest

import objects
import wire
from replicated import waiting
from replicated.cluster import Cluster

MAPS = "/api/v1/namespaces/default/configmaps"


@pytest.fixture(scope="module")
def cluster():
    with Cluster() as cluster:
        yield cluster


def make(server, name):
    return wire.ask(server, "POST", MAPS, objects.config_map(name))


def test_what_one_gateway_has_written_is_read_at_once_at_the_others(cluster):
    for number, writer in enumerate(cluster.gateways):
        assert make(writer, f"shared-{number}").status == 201
        for reader in cluster.gateways:
            assert wire.ask(reader, "GET", f"{MAPS}/shared-{number}").status == 200


@pytest.mark.parametrize("how", ["silently", "with-resets"])
def test_a_gateway_that_is_cut_off_answers_nothing_wrong_until_it_is_not(cluster, how):
    first, second, _ = cluster.gateways
    cluster.cut_gateway(0, resets=how == "with-resets")
    try:
        refused = wire.ask(first, "GET", MAPS)
        assert refused.status == 503 and "retry-after" in refused.headers, refused.plain
        lost = make(first, f"lost-{how}").status
        assert lost in (503, 504)
        assert make(second, f"meanwhile-{how}").status == 201
    finally:
        cluster.heal_gateway(0)
    waiting.until(lambda: wire.ask(first, "GET", f"{MAPS}/meanwhile-{how}").status == 200)
    # 503 says that nothing was done, 504 that nobody knows.
    if lost == 503:
        assert wire.ask(second, "GET", f"{MAPS}/lost-{how}").status == 404


def test_two_members_do_without_a_third_and_it_comes_back(cluster):
    cluster.cut_members(0, 1)
    cluster.cut_members(0, 2)
    try:
        waiting.until(lambda: not cluster.members[0].is_healthy())
        waiting.until(cluster.members[1].is_healthy)
        waiting.until(lambda: make(cluster.gateways[0], "two-of-three").status in (201, 409))
    finally:
        cluster.heal_members(0, 1)
        cluster.heal_members(0, 2)
    waiting.until(cluster.members[0].is_healthy)


def test_members_and_gateways_come_back_with_what_they_had(cluster):
    assert make(cluster.gateways[2], "before").status == 201
    for each in (*cluster.members, cluster.gateways[2]):
        each.kill()
    for each in cluster.members:
        each.start()
    cluster.gateways[2].start()
    waiting.until(
        lambda: wire.ask(cluster.gateways[2], "GET", f"{MAPS}/before").status == 200)
