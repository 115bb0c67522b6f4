"""Those who write and read, and remember what they asked and were told."""

import objects

from . import operations
from .client import Client, Lost, now
from .setting import MAPS, Player, kept, shown

THINKING_SECONDS = 0.06
# Nothing was done: the store was not asked, or said no for now.
NOTHING_DONE = (429, 503)
NOBODY_KNOWS = 504


class Writer(Player):
    """Creates, puts and deletes; knows of an object what it was told last."""

    def __init__(self, setting, name, gateway):
        super().__init__(setting, name)
        self.client = Client(setting.gateways[gateway])
        self.operations = []
        # (revision, key, value) of each write that was acknowledged, with the time of the answer.
        self.acknowledged = []
        # Values of which the gateway said that they were not written.
        self.denied = []
        self.known = {}
        self.count = 0

    def play(self):
        while not self.setting.writing_ends.is_set():
            key = self.random.choice(self.setting.keys)
            turn = self.random.random()
            if turn < 0.15:
                self.delete(key)
            elif turn < 0.40:
                self.create(key)
            elif turn < 0.55:
                self.put(key)
            elif key in self.known:
                self.put(key, *self.known[key])
            else:
                self.look(key)
            self.rest(THINKING_SECONDS)
        self.client.close()

    def create(self, key):
        value = self._value()
        answer, began = self._write(
            "POST", MAPS, self.body(key, value),
            lambda began: operations.create(self.name, key, value, began, None), value)
        if answer is None:
            return
        if answer.status == 201:
            self._wrote(answer, operations.create(self.name, key, value, began, now()))
        else:
            self._told(answer, 409, "AlreadyExists", key, operations.PRESENT, began)

    def put(self, key, revision=None, expected=None):
        value = self._value()
        answer, began = self._write(
            "PUT", f"{MAPS}/{key}", self.body(key, value, revision),
            lambda began: operations.replace(self.name, key, value, began, None, expected), value)
        if answer is None:
            return
        if answer.status == 200:
            self._wrote(
                answer, operations.replace(self.name, key, value, began, now(), expected))
        elif answer.status == 404:
            self.known.pop(key, None)
            self._told(answer, 404, "NotFound", key, operations.ABSENT, began)
        else:
            self.known.pop(key, None)
            assert expected, f"an unconditional put conflicts: {answer.plain}"
            self._told(answer, 409, "Conflict", key, operations.differs(expected), began)

    def delete(self, key):
        self.known.pop(key, None)
        answer, began = self._write(
            "DELETE", f"{MAPS}/{key}", None,
            lambda began: operations.delete(self.name, key, began, None))
        if answer is None:
            return
        if answer.status == 200:
            self._count("deleted")
            self.operations.append(operations.delete(self.name, key, began, now()))
        else:
            self._told(answer, 404, "NotFound", key, operations.ABSENT, began)

    def look(self, key):
        """Reads the object for the next compare-and-set."""
        began = now()
        try:
            answer = self.client.ask("GET", f"{MAPS}/{key}")
        except Lost:
            return
        if answer.status == 200:
            _, revision, value = shown(answer.json)
            self.known[key] = (revision, value)
            self.operations.append(operations.read(self.name, key, value, began, now()))
        elif answer.status == 404:
            self.operations.append(operations.read(self.name, key, None, began, now()))

    def _value(self):
        self.count += 1
        return f"{self.name}-{self.count}"

    @staticmethod
    def body(key, value, revision=None):
        parity = "even" if value.endswith(tuple("02468")) else "odd"
        body = objects.config_map(key, labels={"parity": parity}, value=value)
        if revision is not None:
            body["metadata"]["resourceVersion"] = str(revision)
        return body

    def _write(self, method, target, body, unknown, value=None):
        """The answer, if there is one that says what came of it, and when it was asked for."""
        began = now()
        try:
            answer = self.client.ask(method, target, body)
        except Lost as lost:
            self._count("unknown" if lost.was_sent else "not connected")
            if lost.was_sent:
                self.operations.append(unknown(began))
            return None, began
        if answer.status == NOBODY_KNOWS:
            self._count("unknown")
            self.operations.append(unknown(began))
            return None, began
        is_busy = answer.status == 500 and answer.json["reason"] == "ServerTimeout"
        if answer.status in NOTHING_DONE or is_busy:
            self._count("refused for now")
            self.denied.append(value)
            return None, began
        return answer, began

    def _wrote(self, answer, operation):
        name, revision, value = shown(answer.json)
        assert (name, value) == (operation.key, operation.becomes), answer.plain
        self._count("written")
        self.known[name] = (revision, value)
        self.acknowledged.append((revision, name, value, operation.ended))
        self.operations.append(operation)

    def _told(self, answer, status, reason, key, condition, began):
        assert answer.status == status and answer.json["reason"] == reason, answer.plain
        self._count("conflicting")
        self.operations.append(operations.told(self.name, key, condition, began, now()))

    def _count(self, what):
        self.setting.count(f"writes {what}")


class Reader(Player):
    """Reads objects and lists, most of them consistently."""

    def __init__(self, setting, name, gateway):
        super().__init__(setting, name)
        self.client = Client(setting.gateways[gateway])
        self.operations = []
        # (when it was asked for, revision, {key: (revision, value)}, whether consistent).
        self.lists = []

    def play(self):
        while not self.setting.writing_ends.is_set():
            turn = self.random.random()
            try:
                if turn < 0.6:
                    self.read_object(self.random.choice(self.setting.keys))
                else:
                    self.read_list(is_consistent=turn < 0.9)
            except Lost:
                self.setting.count("reads lost")
            self.rest(THINKING_SECONDS)
        self.client.close()

    def read_object(self, key):
        began = now()
        answer = self.client.ask("GET", f"{MAPS}/{key}")
        ended = now()
        if self._is_refused(answer):
            return
        value = None
        if answer.status == 200:
            name, _, value = shown(answer.json)
            assert name == key, answer.plain
        else:
            assert answer.status == 404, answer.plain
        self.setting.count("reads of objects")
        self.operations.append(operations.read(self.name, key, value, began, ended))

    def read_list(self, is_consistent):
        began = now()
        answer = self.client.ask("GET", MAPS if is_consistent else f"{MAPS}?resourceVersion=0")
        ended = now()
        if self._is_refused(answer):
            return
        assert answer.status == 200, answer.plain
        document = answer.json
        found = kept(document)
        revision = int(document["metadata"]["resourceVersion"])
        self.lists.append((began, revision, found, is_consistent))
        self.setting.count("lists" if is_consistent else "lists of any state")
        if is_consistent:
            for key in self.setting.keys:
                value = found.get(key, (0, None))[1]
                self.operations.append(operations.read(self.name, key, value, began, ended))

    def _is_refused(self, answer):
        if answer.status not in (429, 503):
            return False
        self.setting.count("reads refused for now")
        return True
