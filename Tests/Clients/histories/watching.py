"""What an observer saw on one connection, and whether it is what a watch promises.

The promises: events come in order, each once, none is missing, those of one transaction come
together, a watch goes on where another one ended, and a bookmark comes after all that is before it.
"""

import dataclasses

from .event_log import Event


@dataclasses.dataclass(frozen=True)
class Seen:
    # ADDED, MODIFIED, DELETED or BOOKMARK.
    type: str
    revision: int
    time: float
    key: str = ""
    # The value that the event shows: for a deletion, the last one.
    value: object = None

    @property
    def event(self):
        return Event(self.revision, self.key, None if self.type == "DELETED" else self.value)


@dataclasses.dataclass
class Observation:
    """One connection of an observer, or one answer to a poll. It begins after `start`."""

    observer: str
    gateway: int
    start: int
    seen: list = dataclasses.field(default_factory=list)
    # Whether a value is among those that the observer asked for.
    selects: object = None

    @property
    def end(self):
        """Up to here the observer knows everything."""
        return self.seen[-1].revision if self.seen else self.start


def check(observations, log, goes_back=False):
    """All connections of one observer, in their order. One that goes back sees again what it has
    seen."""
    position = observations[0].start
    for each in observations:
        assert each.start == position or (goes_back and each.start < position), (
            f"{each.observer} stood at {position} and went on at {each.start}")
        check_order(each)
        check_content(each, log)
        position = each.end


def check_order(observation):
    last, told = observation.start, set()
    for seen in observation.seen:
        where = f"{observation.observer} at g{observation.gateway}: {seen}"
        if seen.type == "BOOKMARK":
            assert seen.revision >= last, f"{where} is before {last}"
            # What comes from now on is behind it.
            last, told = seen.revision, None
            continue
        is_next = seen.revision > last or (seen.revision == last and told)
        assert is_next, f"{where} is not behind {last}"
        if seen.revision > last or told is None:
            told = set()
        assert seen.key not in told, f"{where} comes twice"
        told.add(seen.key)
        last = seen.revision


def check_content(observation, log):
    """Exactly what the log has between the start and the last thing that was seen."""
    state = {key: event.value for key, event in log.state(observation.start).items()}
    expected = []
    for event in log.between(observation.start, observation.end):
        before = state.get(event.key)
        state[event.key] = event.value
        if line := shown(event, before, observation.selects):
            expected.append(line)
    found = [
        (seen.type, seen.revision, seen.key, seen.value)
        for seen in observation.seen if seen.type != "BOOKMARK"
    ]
    if found == expected:
        return
    missing = sorted(set(expected) - set(found), key=lambda each: each[1])
    surplus = sorted(set(found) - set(expected), key=lambda each: each[1])
    raise AssertionError(
        f"{observation.observer} at g{observation.gateway} after {observation.start}, "
        f"{len(found)} events to {observation.end}: missing {missing[:5]}, "
        f"not to be expected {surplus[:5]}, or in another order")


def shown(event, before, selects=None):
    """The line of a watch that an event becomes: (type, revision, key, value), or `None`."""
    selects = selects or (lambda value: True)
    matched = before is not None and selects(before)
    matches = event.value is not None and selects(event.value)
    if matches:
        return ("MODIFIED" if matched else "ADDED", event.revision, event.key, event.value)
    if not matched:
        return None
    # What no longer matches reads as deleted, in its last state that matched.
    return ("DELETED", event.revision, event.key, before)
