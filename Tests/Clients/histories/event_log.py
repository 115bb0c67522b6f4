"""The events of a resource as all observers together saw them."""

import bisect
import dataclasses


@dataclasses.dataclass(frozen=True)
class Event:
    revision: int
    key: str
    # The value after the change; `None` for a deletion.
    value: object


class EventLog:
    """One order of events for everybody: what one observer contradicts is a failure."""

    def __init__(self):
        self._events = {}
        self._first_seen = {}
        self._witness = {}

    def add(self, observer, event, time):
        place = (event.revision, event.key)
        known = self._events.setdefault(place, event)
        self._witness.setdefault(place, observer)
        assert known == event, (
            f"{observer} saw {event}, and {self._witness[place]} saw {known}")
        self._first_seen[place] = min(time, self._first_seen.get(place, time))

    def settle(self):
        """Puts everything in order; nothing is added afterwards."""
        self.events = sorted(self._events.values(), key=lambda each: (each.revision, each.key))
        self._revisions = [each.revision for each in self.events]
        self.by_value = {each.value: each for each in self.events if each.value is not None}
        changes = sum(1 for each in self.events if each.value is not None)
        assert changes == len(self.by_value), "a value was written twice"
        self._check_deletions()
        self._changes = {}
        for event in self.events:
            self._changes.setdefault(event.key, []).append(event)
        return self

    def _check_deletions(self):
        present = set()
        for event in self.events:
            if event.value is None:
                assert event.key in present, f"{event} deletes what is not there"
                present.discard(event.key)
            else:
                present.add(event.key)

    def first_seen(self, event):
        return self._first_seen[(event.revision, event.key)]

    def at(self, revision, key):
        return self._events.get((revision, key))

    def between(self, after, through):
        start = bisect.bisect_right(self._revisions, after)
        return self.events[start:bisect.bisect_right(self._revisions, through)]

    def state(self, revision):
        """By key: the last change of each object that there is at `revision`."""
        state = {}
        for key, changes in self._changes.items():
            count = bisect.bisect_right(changes, revision, key=lambda each: each.revision)
            if count > 0 and changes[count - 1].value is not None:
                state[key] = changes[count - 1]
        return state
