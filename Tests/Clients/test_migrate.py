"""`binnacle migrate`: from the store of one machine to etcd, with clients that notice little."""

import base64
import pathlib
import re
import subprocess

import pytest

import conftest
import objects
import server as gateway
import wire
from replicated.cluster import Cluster

MAPS = "/api/v1/namespaces/default/configmaps"
SECONDS = 120


@pytest.fixture
def etcd():
    with Cluster(members=1, gateways=0) as cluster:
        yield cluster.members[0]


@pytest.fixture
def embedded(tmp_path):
    with gateway.Server(tmp_path / "data", "--https-listen", "127.0.0.1:0") as server:
        yield server


def migrate(server, etcd, *flags):
    command = [
        gateway.binary(), "migrate", "--from", f"sqlite:{server.data_dir}",
        "--to", f"etcd:{etcd.url}", *flags]
    return subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)


def on_etcd(server, etcd):
    server.flags += ("--store", "etcd", "--etcd-endpoints", etcd.url)
    return server


def state(server):
    """Every ConfigMap and service account, but for the revision."""
    found = {}
    for kind in ("configmaps", "serviceaccounts", "namespaces"):
        answer = wire.ask(server, "GET", f"/api/v1/{kind}")
        assert answer.status == 200, answer.plain
        for item in answer.json["items"]:
            del item["metadata"]["resourceVersion"]
            metadata = item["metadata"]
            found[kind, metadata.get("namespace"), metadata["name"]] = item
    return found


def fill(server):
    with wire.Wire(server) as connection:
        for number in range(300):
            answer = connection.ask(
                "POST", MAPS, objects.config_map(f"m{number}", text="x" * (number * 37 % 5000)))
            assert answer.status == 201, answer.plain
        for number in range(0, 300, 3):
            assert connection.ask("DELETE", f"{MAPS}/m{number}").status == 200


def test_objects_keys_and_cursors_move_and_positions_get_one_410(embedded, etcd, tmp_path):
    fill(embedded)
    first = wire.ask(embedded, "GET", f"{MAPS}?poll=true&cursor=mover").json
    position = first["metadata"]["resourceVersion"]
    answer = wire.ask(embedded, "GET", f"{MAPS}?poll=true&cursor=mover&resourceVersion={position}"
                      "&timeoutSeconds=0")
    assert answer.status == 200, answer.plain
    kubeconfig = pathlib.Path(embedded.data_dir) / "admin.kubeconfig"
    kubectl = conftest.Kubectl(embedded, tmp_path)
    kubectl.arguments = [f"--kubeconfig={kubeconfig}"]
    token = kubectl("create", "token", "default").strip()
    before = state(embedded)
    cursors = wire.ask(embedded, "GET", "/apis/binnacle.dev/v1/watchcursors").json["items"]
    assert len(cursors) == 1
    embedded.stop()

    done = migrate(embedded, etcd)
    assert done.returncode == 0, done.stderr
    figures = dict(re.findall(r"(\S+)=(\d+)", done.stdout))
    assert int(figures["etcd-revision"]) > int(figures["source-revision"]) >= int(position)
    assert "Next:" in done.stdout

    moved = on_etcd(embedded, etcd).start()
    assert state(moved) == before
    kubectl.arguments += [f'--server=https://{moved.ready["https"]}']
    assert "system:masters" in kubectl("auth", "whoami", "-o", "jsonpath={.status.userInfo.groups}")
    kubectl.arguments = [
        f'--server=https://{moved.ready["https"]}', f"--token={token}",
        f"--certificate-authority={moved.data_dir}/pki/ca.crt"]
    who = kubectl("auth", "whoami", "-o", "jsonpath={.status.userInfo.username}")
    assert who == "system:serviceaccount:default:default"

    for query in (f"watch=true&resourceVersion={position}", "poll=true&cursor=mover"):
        answer = wire.ask(moved, "GET", f"{MAPS}?{query}&timeoutSeconds=1")
        assert answer.status == 410 or b'"code":410' in answer.body, answer.plain
    again = wire.ask(moved, "GET", f"{MAPS}?poll=true&cursor=mover&resourceVersion=0").json
    assert len(again["items"]) == len([name for name in before if name[0] == "configmaps"
                                       and name[1] == "default"])
    assert int(again["metadata"]["resourceVersion"]) > int(position)


def test_a_store_that_is_served_and_a_prefix_in_use_are_left_alone(embedded, etcd, tmp_path):
    assert wire.ask(embedded, "POST", MAPS, objects.config_map("kept")).status == 201
    refused = migrate(embedded, etcd)
    assert refused.returncode != 0 and str(embedded.pid) in refused.stderr
    embedded.stop()
    assert migrate(embedded, etcd).returncode == 0
    refused = migrate(embedded, etcd, "--restart")
    assert refused.returncode != 0 and "/binnacle/" in refused.stderr
    on_etcd(embedded, etcd).start()
    assert wire.ask(embedded, "GET", f"{MAPS}/kept").status == 200


def test_keys_of_somebody_else_are_refused_from_the_first_gateway_on(embedded, etcd, tmp_path):
    embedded.stop()
    assert migrate(embedded, etcd).returncode == 0
    stranger = on_etcd(gateway.Server(tmp_path / "other"), etcd)
    with pytest.raises(RuntimeError, match="other keys"):
        stranger.start()
    on_etcd(embedded, etcd).start()


def test_a_copy_that_was_broken_off_is_not_served_and_is_begun_again(embedded, etcd):
    assert wire.ask(embedded, "POST", MAPS, objects.config_map("kept")).status == 201
    embedded.stop()
    key = base64.b64encode(b"/binnacle/meta/migration").decode()
    etcd.ask("/v3/kv/put", {"key": key, "value": ""})
    on_etcd(embedded, etcd)
    with pytest.raises(RuntimeError, match="broken off"):
        embedded.start()
    refused = migrate(embedded, etcd)
    assert refused.returncode != 0 and "--restart" in refused.stderr
    assert migrate(embedded, etcd, "--restart").returncode == 0
    embedded.start()
    assert wire.ask(embedded, "GET", f"{MAPS}/kept").status == 200


def test_what_is_not_there_is_not_made(etcd, tmp_path):
    server = gateway.Server(tmp_path / "none")
    refused = migrate(server, etcd)
    assert refused.returncode != 0 and "store.sqlite" in refused.stderr
    assert not (tmp_path / "none").exists()
