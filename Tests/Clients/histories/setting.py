"""What all clients of a history share."""

import collections
import random
import threading

NAMESPACE = "history"
MAPS = f"/api/v1/namespaces/{NAMESPACE}/configmaps"
PREFIX = "kept-"


class Setting:
    """The gateways, the objects, and when to stop. Each client has numbers of its own by chance,
    the same ones in every run with the same seed."""

    def __init__(self, gateways, seed, keys):
        self.gateways = gateways
        self.seed = seed
        self.keys = [f"{PREFIX}{number}" for number in range(keys)]
        self.writing_ends = threading.Event()
        self.has_failed = threading.Event()
        # The revision that observers are to reach before they end, once it is known.
        self.last_revision = None
        self.figures = collections.Counter()
        self.failures = []
        self._lock = threading.Lock()

    def numbers(self, name):
        return random.Random(f"{self.seed} {name}")

    def count(self, what, number=1):
        with self._lock:
            self.figures[what] += number

    def fail(self, what):
        self.failures.append(what)
        self.has_failed.set()
        self.writing_ends.set()

    def has_reached_end(self, revision):
        return self.last_revision is not None and revision >= self.last_revision


class Player(threading.Thread):
    """A thread whose failures end the run and are told."""

    def __init__(self, setting, name):
        super().__init__(name=name, daemon=True)
        self.setting = setting
        self.random = setting.numbers(name)

    def run(self):
        try:
            self.play()
        except Exception as error:  # Whatever it is, the test is to show it.
            self.setting.fail(f"{self.name}: {type(error).__name__}: {error}")

    def rest(self, seconds):
        """The time between two requests of one client."""
        self.setting.writing_ends.wait(self.random.uniform(0, seconds))

    def pause(self, seconds):
        """The time before a failed request is made again."""
        self.setting.has_failed.wait(seconds)


def shown(item):
    """Name, revision and value of an object."""
    metadata = item["metadata"]
    return metadata["name"], int(metadata["resourceVersion"]), item["data"]["value"]


def is_kept(item):
    """Namespaces have a ConfigMap of their own."""
    return item["metadata"]["name"].startswith(PREFIX)


def kept(document):
    """The objects of a list: `{name: (revision, value)}`."""
    items = [shown(item) for item in document["items"] if is_kept(item)]
    return {name: (revision, value) for name, revision, value in items}
