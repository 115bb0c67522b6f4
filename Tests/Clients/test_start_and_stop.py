"""How the gateway starts, refuses to start, and stops."""

import json
import socket
import subprocess

import pytest

import objects
import server as gateway
import wire

MAPS = "/api/v1/namespaces/default/configmaps"


def refusal(data_dir, *flags):
    """Starts a gateway that must refuse, and returns its complaint."""
    command = [gateway.binary(), "serve", "--data-dir", str(data_dir), *flags]
    if "--http-listen" not in flags:
        command += ["--http-listen", "127.0.0.1:0"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert done.returncode != 0, done.stdout
    assert "ready" not in done.stdout
    return done.stderr


def test_a_data_directory_serves_one_gateway(own_server):
    complaint = refusal(own_server.data_dir)
    assert own_server.data_dir in complaint
    assert str(own_server.pid) in complaint
    assert wire.ask(own_server, "GET", "/readyz").status == 200


def test_an_address_that_is_taken_is_named(own_server, tmp_path):
    address = f"127.0.0.1:{own_server.port}"
    assert address in refusal(tmp_path / "other", "--http-listen", address)


@pytest.mark.parametrize("address", ["0.0.0.0:0", "192.0.2.1:0", "[::]:0", "nowhere"])
def test_plain_http_is_for_loopback_addresses(tmp_path, address):
    assert address in refusal(tmp_path / "data", "--http-listen", address)


def test_a_store_that_is_none_is_left_alone(tmp_path):
    file = tmp_path / "data" / "store.sqlite"
    file.parent.mkdir()
    file.write_text("something else")
    assert str(file) in refusal(file.parent)
    assert file.read_text() == "something else"


def test_a_data_directory_that_cannot_be_made_is_named(tmp_path):
    file = tmp_path / "file"
    file.write_text("")
    assert str(file) in refusal(file)
    assert str(file / "below") in refusal(file / "below")


def test_sigterm_ends_watches_with_a_bookmark_and_exits_with_0(own_server):
    made = wire.ask(own_server, "POST", MAPS, objects.config_map("a")).json
    version = made["metadata"]["resourceVersion"]
    with wire.Wire(own_server) as watch, wire.Wire(own_server) as poll, \
            wire.Wire(own_server) as get, wire.Wire(own_server) as idle:
        watch.send_request(
            "GET", f"{MAPS}?watch=true&allowWatchBookmarks=true&resourceVersion={version}")
        assert watch.read_head()[0] == 200
        poll.send_request("GET", f"{MAPS}?poll=true&resourceVersion={version}&timeoutSeconds=60")
        get.send_request("GET", f"{MAPS}/a", If_None_Match=f'"{version}"', Prefer="wait=60")
        idle.ask("GET", "/version")
        # Both have begun to wait when a later request is answered on their connections' loops.
        for _ in range(20):
            wire.ask(own_server, "GET", "/version")
        assert own_server.stop() == 0
        events = list(watch.events())
        assert [event["type"] for event in events] == ["BOOKMARK"]
        assert int(events[0]["object"]["metadata"]["resourceVersion"]) >= int(version)
        assert poll.read().json["items"] == []
        assert get.read().status == 304
        assert watch.is_closed() and idle.is_closed()


def test_a_stopped_gateway_goes_on_where_it_was(own_server):
    made = wire.ask(own_server, "POST", MAPS, objects.config_map("a")).json
    assert own_server.stop() == 0
    own_server.start()
    assert wire.ask(own_server, "GET", f"{MAPS}/a").json == made


def test_a_client_that_does_not_read_does_not_hold_up_the_stop(own_server):
    big = objects.config_map("big", text="x" * 1_000_000)
    assert wire.ask(own_server, "POST", MAPS, big).status == 201
    with socket.create_connection(("127.0.0.1", own_server.port)) as lazy:
        request = wire.request(f"127.0.0.1:{own_server.port}", "GET", f"{MAPS}/big")
        lazy.sendall(request * 20)
        assert json.loads(wire.ask(own_server, "GET", f"{MAPS}/big").body)
        assert own_server.stop() == 0
