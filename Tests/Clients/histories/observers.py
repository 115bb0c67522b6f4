"""Those who follow the objects, and remember each connection by itself."""

from .client import Client, Lost, now
from .setting import MAPS, Player, is_kept, shown
from .watching import Observation, Seen

RETRY_SECONDS = 0.2
POLL_SECONDS = 2
# Not for now: the gateway is behind, ends, or is cut off from the store.
NOT_NOW = (429, 503, 504)


def seen(event):
    item, type_ = event["object"], event["type"]
    if type_ == "BOOKMARK":
        return Seen(type_, int(item["metadata"]["resourceVersion"]), now())
    name, revision, value = shown(item)
    return Seen(type_, revision, now(), name, value)


class Observer(Player):
    """Goes on from where it was until everything has been seen. With several gateways, each new
    connection goes to the next one."""

    def __init__(self, setting, name, gateways, start):
        super().__init__(setting, name)
        self.clients = {number: Client(setting.gateways[number]) for number in gateways}
        self.turns = list(gateways)
        self.position = start
        self.observations = []

    def play(self):
        while not self.setting.has_reached_end(self.position):
            if self.setting.failures:
                return
            gateway = self.turns[0]
            self.turns = self.turns[1:] + self.turns[:1]
            try:
                self.observe(self.clients[gateway], gateway)
            except Lost:
                self.setting.count("connections lost")
                # There is nothing to wait for but the gateway itself.
                self.pause(self.random.uniform(0, RETRY_SECONDS))
        for client in self.clients.values():
            client.close()

    # Whether it may see again what it has seen.
    goes_back = False

    def begin(self, gateway, selects=None):
        observation = Observation(self.name, gateway, self.position, [], selects)
        self.observations.append(observation)
        return observation

    def take(self, observation, event):
        if event["type"] == "BOOKMARK" or is_kept(event["object"]):
            observation.seen.append(seen(event))
            self.position = observation.seen[-1].revision

    def refused(self, status, text):
        assert status in NOT_NOW, f"resumed after {self.position}: {status} {text}"
        self.setting.count("observations refused for now")
        self.pause(RETRY_SECONDS)


class Streamer(Observer):
    """A watch. With `parity`, only of objects with that label."""

    def __init__(self, setting, name, gateways, start, parity=None):
        super().__init__(setting, name, gateways, start)
        self.parity = parity

    def observe(self, client, gateway):
        selector = f"&labelSelector=parity%3D{self.parity}" if self.parity else ""
        status, events = client.stream(
            f"{MAPS}?watch=true&allowWatchBookmarks=true&resourceVersion={self.position}{selector}")
        if status != 200:
            return self.refused(status, events)
        observation = self.begin(gateway, selects=self._selects if self.parity else None)
        self.setting.count("watches")
        for event in events:
            if event["type"] == "ERROR":
                return self.refused(event["object"]["code"], event)
            self.take(observation, event)
            if self.setting.has_reached_end(self.position):
                client.close()
                return

    def _selects(self, value):
        return value.endswith(tuple("02468")) == (self.parity == "even")


class Poller(Observer):
    """A long-poll after the other. With a cursor, the gateway keeps the position, too."""

    cursor = None

    def target(self):
        cursor = f"&cursor={self.cursor}" if self.cursor else ""
        return (f"{MAPS}?poll=true&timeoutSeconds={POLL_SECONDS}"
                f"&resourceVersion={self.position}{cursor}")

    def observe(self, client, gateway):
        answer = client.ask("GET", self.target())
        if answer.status != 200:
            return self.refused(answer.status, answer.plain)
        self.take_answer(self.begin(gateway), answer.json)

    def take_answer(self, observation, document):
        for event in document["items"]:
            self.take(observation, event)
        end = int(document["metadata"]["resourceVersion"])
        observation.seen.append(Seen("BOOKMARK", end, now()))
        self.position = end
        self.setting.count("polls")


class CursorPoller(Poller):
    """Forgets its position now and then, and goes on from what the gateways have kept."""

    def __init__(self, setting, name, gateways, start):
        super().__init__(setting, name, gateways, start)
        self.cursor = name
        self.goes_back = True
        # Positions that may have been acknowledged last: all since the last certain one.
        self.acknowledged = [start]

    def observe(self, client, gateway):
        if self.random.random() < 0.1 and len(self.observations) > 1:
            return self.observe_from_memory(client, gateway)
        self.acknowledged.append(self.position)
        answer = client.ask("GET", self.target())
        if answer.status != 200:
            return self.refused(answer.status, answer.plain)
        self.acknowledged = [self.position]
        self.take_answer(self.begin(gateway), answer.json)

    def observe_from_memory(self, client, gateway):
        """What comes begins at a position that may have been acknowledged last: the newest that
        is not behind it, since it would have to tell what is between two of them."""
        answer = client.ask(
            "GET", f"{MAPS}?poll=true&timeoutSeconds={POLL_SECONDS}&cursor={self.cursor}")
        if answer.status != 200:
            return self.refused(answer.status, answer.plain)
        starts = set(self.acknowledged)
        if items := answer.json["items"]:
            first = int(items[0]["object"]["metadata"]["resourceVersion"])
            starts = {each for each in starts if each < first}
        assert starts, f"{items[0]} comes again after {self.acknowledged}"
        self.position = max(starts)
        self.setting.count("polls from what was kept")
        self.take_answer(self.begin(gateway), answer.json)
