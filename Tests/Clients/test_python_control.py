"""What controllers are made of, in the official Python client: informers, elections, YAML files."""

import threading

import pytest
import yaml
from kubernetes import client, utils, watch
from kubernetes.leaderelection import electionconfig, leaderelection
from kubernetes.leaderelection.resourcelock import leaselock

import objects
import ships

SEVERAL = [
    objects.config_map("from-file", a="1"), objects.deployment("from-file", 0),
    objects.named("ServiceAccount", "from-file")]


@pytest.fixture
def api_client(server):
    with client.ApiClient(client.Configuration(host=server.url)) as made:
        yield made


@pytest.fixture
def core(api_client):
    return client.CoreV1Api(api_client)


class Informer:
    """Lists, then watches from there, again and again: a copy that follows."""

    def __init__(self, core, namespace):
        self.core, self.namespace = core, namespace
        self.names = {}
        self.relists = self.watches = 0
        self._is_over = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def stop(self):
        self._is_over.set()
        self.thread.join(ships.SECONDS)

    def _run(self):
        listed = self.core.list_namespaced_config_map(self.namespace)
        self.relists += 1
        self.names = {each.metadata.name: each.data for each in listed.items}
        version = listed.metadata.resource_version
        while not self._is_over.is_set():
            stream = watch.Watch()
            for event in stream.stream(
                    self.core.list_namespaced_config_map, self.namespace,
                    resource_version=version, timeout_seconds=1, allow_watch_bookmarks=True):
                found = event["raw_object"]
                version = found["metadata"]["resourceVersion"]
                if event["type"] == "BOOKMARK":
                    continue
                name = found["metadata"]["name"]
                if event["type"] == "DELETED":
                    self.names.pop(name, None)
                else:
                    self.names[name] = found.get("data")
            self.watches += 1


def test_an_informer_follows_through_many_watches(core, namespace):
    informer = Informer(core, namespace)
    try:
        for number in range(40):
            core.create_namespaced_config_map(
                namespace, objects.config_map(f"m-{number}", n=str(number)))
            if number % 3 == 0:
                core.delete_namespaced_config_map(f"m-{number}", namespace)
            elif number % 3 == 1:
                core.patch_namespaced_config_map(
                    f"m-{number}", namespace, {"data": {"n": "changed"}})
        truth = {each.metadata.name: each.data
                 for each in core.list_namespaced_config_map(namespace).items}
        ships.until(lambda: informer.names == truth)
        # It has been through several watches, and goes on from where the last one ended.
        ships.until(lambda: informer.watches >= 3)
        core.create_namespaced_config_map(namespace, objects.config_map("last"))
        ships.until(lambda: "last" in informer.names)
    finally:
        informer.stop()
    assert informer.relists == 1


def test_create_from_yaml(api_client, core, namespace, tmp_path):
    file = tmp_path / "several.yaml"
    file.write_text(yaml.safe_dump_all(SEVERAL))
    made = utils.create_from_yaml(api_client, str(file), namespace=namespace)
    assert [each[0].kind for each in made] == ["ConfigMap", "Deployment", "ServiceAccount"]
    assert core.read_namespaced_config_map("from-file", namespace).data == {"a": "1"}
    with pytest.raises(utils.FailToCreateError) as refusal:
        utils.create_from_yaml(api_client, str(file), namespace=namespace)
    assert all(each.reason == "Conflict" for each in refusal.value.api_exceptions)


class Stopped(Exception):
    """A leader's work has come to an end, and so has its leading."""


@pytest.fixture
def candidate(server, namespace):
    """Makes candidates for one Lease; each tells when it leads, and leads until it is stopped."""
    client.Configuration.set_default(client.Configuration(host=server.url))
    told, stops = [], []

    def begin(name):
        stop = threading.Event()
        stops.append(stop)

        def lead():
            told.append(name)
            stop.wait(4 * ships.SECONDS)
            raise Stopped

        config = electionconfig.Config(
            leaselock.LeaseLock("leader", namespace, name), lease_duration=3, renew_deadline=2,
            retry_period=1, onstarted_leading=lead, onstopped_leading=lambda: None)
        threading.Thread(
            target=leaderelection.LeaderElection(config).run, daemon=True).start()
        return told, stop

    yield begin
    client.Configuration.set_default(None)
    for stop in stops:
        stop.set()


def test_one_leads_at_a_time_and_another_follows(candidate, api_client, namespace):
    """Two candidates for one Lease: the second one leads when the first one has stopped."""
    leases = client.CoordinationV1Api(api_client)

    def lease():
        return leases.read_namespaced_lease("leader", namespace).spec

    told, stop = candidate("a")
    ships.until(lambda: told == ["a"])
    candidate("b")
    renewed = lease().renew_time
    ships.until(lambda: lease().renew_time > renewed)
    assert (told, lease().holder_identity) == (["a"], "a")
    stop.set()
    ships.until(lambda: told == ["a", "b"])
    assert lease().holder_identity == "b"
