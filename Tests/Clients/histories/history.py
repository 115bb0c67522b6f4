"""A run from its start to its verdict."""

import dataclasses

import objects

from . import linearizability, watching
from .client import Client, Lost, now
from .event_log import EventLog
from .faults import Saboteur, schedule
from .observers import CursorPoller, Poller, Streamer
from .players import Reader, Writer
from .setting import MAPS, NAMESPACE, PREFIX, Setting, kept, shown

KEYS = 6
WRITERS_PER_GATEWAY = 2
# For everybody to come back, and see the last event, after the last fault.
HEALING_SECONDS = 60


class History:
    def __init__(self, cluster, seed, seconds):
        self.cluster = cluster
        self.seconds = seconds
        gateways = cluster.gateways
        self.setting = Setting(gateways, seed, KEYS)
        rows = schedule(seed, seconds, len(gateways), len(cluster.members))
        self.saboteurs = [
            Saboteur(self.setting, f"saboteur-{number}", cluster, row)
            for number, row in enumerate(rows)]
        self.start = self._make_namespace()
        everywhere = range(len(gateways))
        self.writers = [
            Writer(self.setting, f"w{number}{letter}", number)
            for number in everywhere for letter in "abc"[:WRITERS_PER_GATEWAY]]
        self.readers = [Reader(self.setting, f"r{number}", number) for number in everywhere]
        self.observers = [*self._observers_of_one(everywhere), *self._roaming(everywhere)]

    def _make_namespace(self):
        client = Client(self.cluster.gateways[0])
        answer = client.ask("POST", "/api/v1/namespaces", objects.named("Namespace", NAMESPACE))
        assert answer.status == 201, answer.plain
        answer = client.ask("GET", MAPS)
        client.close()
        return int(answer.json["metadata"]["resourceVersion"])

    def _observers_of_one(self, gateways):
        """Each stays with one gateway."""
        for number in gateways:
            parity = "even" if number % 2 == 0 else "odd"
            yield Streamer(self.setting, f"watch-{number}", [number], self.start)
            yield Streamer(self.setting, f"{parity}-{number}", [number], self.start, parity)
            yield Poller(self.setting, f"poll-{number}", [number], self.start)
            yield CursorPoller(self.setting, f"cursor-{number}", [number], self.start)

    def _roaming(self, gateways):
        """Each goes on at another gateway."""
        yield Streamer(self.setting, "roaming-watch", list(gateways), self.start)
        yield Poller(self.setting, "roaming-poll", list(gateways), self.start)
        yield CursorPoller(self.setting, "roaming-cursor", list(gateways), self.start)

    def describe(self):
        lines = [f"seed {self.setting.seed}, {self.seconds} s"]
        for saboteur in self.saboteurs:
            lines += [str(fault) for fault in saboteur.faults]
        return "\n".join(lines)

    # MARK: Running

    def run(self):
        """Ends when everybody has seen the last event."""
        active = [*self.writers, *self.readers, *self.saboteurs]
        for player in [*self.observers, *active]:
            player.start()
        self.setting.writing_ends.wait(self.seconds)
        self.setting.writing_ends.set()
        self._join(active)
        last = [self._mark(number) for number in range(2)]
        self.setting.last_revision = min(last)
        self._join(self.observers)
        assert not self.setting.failures, "\n".join(self.setting.failures)

    def _join(self, players):
        end = now() + HEALING_SECONDS
        for player in players:
            player.join(max(end - now(), 0))
            if player.is_alive():
                self.setting.fail(f"{player.name} has not come to its end")
        assert not self.setting.failures, "\n".join(self.setting.failures)

    def _mark(self, number):
        """An event for those who follow even values, and one for the others."""
        name = f"{PREFIX}end-{number}"
        body = Writer.body(name, f"end-{number}")
        end = now() + HEALING_SECONDS
        client = Client(self.cluster.gateways[0])
        while True:
            assert now() < end, "the last events cannot be written"
            try:
                client.ask("POST", MAPS, body)
                answer = client.ask("GET", f"{MAPS}/{name}")
            except Lost:
                answer = None
            if answer is not None and answer.status == 200:
                client.close()
                return shown(answer.json)[1]
            self.setting.has_failed.wait(0.2)

    # MARK: Judging

    def check(self):
        log = self._log()
        for observer in self.observers:
            watching.check(observer.observations, log, observer.goes_back)
        self._check_writes(log)
        self._check_lists(log)
        self._check_orders(log)
        self._check_final_state(log)

    def _log(self):
        log = EventLog()
        for observer in self.observers:
            for observation in observer.observations:
                if observation.selects:
                    continue
                for each in observation.seen:
                    if each.type != "BOOKMARK":
                        log.add(observer.name, each.event, each.time)
        log.settle()
        self.setting.count("events", len(log.events))
        self.setting.count("events seen", sum(
            len(each.seen) for observer in self.observers for each in observer.observations))
        return log

    def _check_writes(self, log):
        """What was acknowledged is there, at its revision; what was denied is not."""
        for writer in self.writers:
            for revision, key, value, _ in writer.acknowledged:
                event = log.at(revision, key)
                assert event and event.value == value, (
                    f"{writer.name} was told of {value} in {key} at {revision}: {event}")
            for value in writer.denied:
                assert value not in log.by_value, (
                    f"{value} was refused, and is there: {log.by_value[value]}")

    def _check_lists(self, log):
        """A list is the state at its revision, and no older than what was acknowledged before
        it was asked for."""
        answers = sorted(
            (time, revision) for writer in self.writers
            for revision, _, _, time in writer.acknowledged)
        for reader in self.readers:
            newest, rest = self.start, iter(answers)
            following = next(rest, None)
            for began, revision, found, is_consistent in reader.lists:
                expected = {
                    key: (event.revision, event.value)
                    for key, event in log.state(revision).items()}
                assert found == expected, f"{reader.name} at {revision}: {found}, not {expected}"
                while following and following[0] < began:
                    newest = max(newest, following[1])
                    following = next(rest, None)
                assert not is_consistent or revision >= newest, (
                    f"{reader.name} was shown {revision} after {newest} was acknowledged")

    def _check_orders(self, log):
        by_key = {key: [] for key in self.setting.keys}
        for player in [*self.writers, *self.readers]:
            for operation in player.operations:
                if resolved := self._resolved(operation, log):
                    by_key[resolved.key].append(resolved)
        for operations in by_key.values():
            most = linearizability.check(operations)
            self.setting.count("operations in order", len(operations))
            self.setting.figures["configurations at most"] = max(
                most, self.setting.figures["configurations at most"])

    @staticmethod
    def _resolved(operation, log):
        """What became of a write without an answer: a value that everybody saw was written before
        the first one saw it, and one that nobody saw was not. Of a deletion, nobody knows."""
        if operation.ended is not None or operation.becomes is None:
            return operation
        event = log.by_value.get(operation.becomes)
        return event and dataclasses.replace(operation, ended=log.first_seen(event))

    def _check_final_state(self, log):
        """Also at a gateway that has lost its journal, and so has everything from the store."""
        forgetful = self.cluster.gateways[0]
        forgetful.stop()
        self.cluster.forget_journal(0)
        forgetful.start()
        expected = {
            key: (event.revision, event.value)
            for key, event in log.state(log.events[-1].revision).items()}
        for number, gateway in enumerate(self.cluster.gateways):
            client = Client(gateway)
            answer = client.ask("GET", MAPS)
            client.close()
            assert answer.status == 200, answer.plain
            found = kept(answer.json)
            assert found == expected, f"g{number} ends with {found}, not {expected}"
