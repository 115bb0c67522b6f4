"""A killed gateway has every write that it acknowledged, and goes on from there."""

import concurrent.futures
import threading

import objects
import server as gateway
import wire

ROUNDS = 6
WRITERS = 4
# How many acknowledged writes a round waits for before the kill; they differ, so that the kill
# falls at different moments of a commit.
WRITES_BEFORE_KILL = [40, 1, 333, 97, 150, 211]
MAPS = "/api/v1/namespaces/default/configmaps"


class Load:
    """Writers that create objects until their connection breaks."""

    def __init__(self, server, turn, wanted):
        self.server = server
        self.turn = turn
        self.wanted = wanted
        self.acknowledged = {}
        self.is_enough = threading.Event()

    def write(self, writer):
        try:
            with wire.Wire(self.server) as http:
                for number in range(100_000):
                    name = f"m-{self.turn}-{writer}-{number}"
                    answer = http.ask("POST", MAPS, objects.config_map(name, writer=str(writer)))
                    assert answer.status == 201, answer.plain
                    self.acknowledged[name] = answer.json["metadata"]["resourceVersion"]
                    if len(self.acknowledged) >= self.wanted:
                        self.is_enough.set()
        except (OSError, EOFError):
            return  # Killed: what was under way is neither acknowledged nor ruled out.


def stored(server):
    items = wire.ask(server, "GET", MAPS).json["items"]
    return {item["metadata"]["name"]: item["metadata"]["resourceVersion"] for item in items}


def test_acknowledged_writes_survive_kill_9(tmp_path):
    acknowledged = {}
    with gateway.Server(tmp_path / "data") as server:
        for turn, wanted in zip(range(ROUNDS), WRITES_BEFORE_KILL, strict=True):
            load = Load(server, turn, wanted)
            with concurrent.futures.ThreadPoolExecutor(WRITERS) as pool:
                writers = [pool.submit(load.write, number) for number in range(WRITERS)]
                assert load.is_enough.wait(60)
                server.kill()
                for writer in writers:
                    writer.result(20)
            acknowledged |= load.acknowledged
            server.start()
            found = stored(server)
            assert acknowledged.items() <= found.items()
            # At most the one write that each writer had under way at each kill.
            assert len(found) <= len(acknowledged) + WRITERS * (turn + 1)


def test_versions_go_on_after_a_kill(tmp_path):
    with gateway.Server(tmp_path / "data") as server:
        before = wire.ask(server, "POST", MAPS, objects.config_map("before")).json
        server.kill()
        server.start()
        assert wire.ask(server, "GET", f"{MAPS}/before").json == before
        after = wire.ask(server, "POST", MAPS, objects.config_map("after")).json
        versions = [int(thing["metadata"]["resourceVersion"]) for thing in (before, after)]
        assert versions[0] < versions[1]
        assert before["metadata"]["uid"] != after["metadata"]["uid"]


def test_an_orderly_stop_ends_watches_and_exits_with_zero(tmp_path):
    with gateway.Server(tmp_path / "data") as server, wire.Wire(server) as http:
        http.send_request("GET", f"{MAPS}?watch=true&allowWatchBookmarks=true")
        assert http.read_head()[0] == 200
        assert server.stop() == 0
        events = list(http.events())
    assert all(event["type"] != "ERROR" for event in events)


def test_a_second_gateway_on_the_same_data_is_refused(own_server):
    second = gateway.Server(own_server.data_dir)
    try:
        second.start()
    except RuntimeError as refusal:
        assert own_server.data_dir in str(refusal)
    else:
        second.kill()
        raise AssertionError("two gateways write to one file")
    assert wire.ask(own_server, "GET", "/readyz").status == 200
