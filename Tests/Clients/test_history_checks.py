"""The judges of histories, on histories made by hand: the good ones pass, the bad ones do not."""

import pytest

from histories import linearizability, operations, watching
from histories.event_log import Event, EventLog
from histories.watching import Observation, Seen

KEY = "one"


def read(found, began, ended):
    return operations.read("reader", KEY, found, began, ended)


def create(value, began, ended):
    return operations.create("writer", KEY, value, began, ended)


def put(value, began, ended, expected=None):
    return operations.replace("writer", KEY, value, began, ended, expected)


def delete(began, ended, expected=None):
    return operations.delete("writer", KEY, began, ended, expected)


def told(condition, began, ended):
    return operations.told("writer", KEY, condition, began, ended)


@pytest.mark.parametrize("history", [
    pytest.param([], id="nothing"),
    pytest.param([read(None, 0, 1), create("a", 2, 3), read("a", 4, 5)], id="one after the other"),
    pytest.param(
        [create("a", 0, 10), read(None, 1, 2), read("a", 3, 4)], id="a read on each side"),
    pytest.param(
        [create("a", 0, 1), put("b", 2, 9), put("c", 2, 9), read("c", 3, 4), read("b", 5, 6)],
        id="two puts in the order that reads show"),
    pytest.param(
        [create("a", 0, 1), put("b", 2, None, "a"), read("a", 3, 4), read("b", 8, 9)],
        id="an unknown put that came later"),
    pytest.param(
        [create("a", 0, 1), put("b", 2, None, "a"), read("a", 3, 4), put("c", 5, 6, "a")],
        id="an unknown put that never came"),
    pytest.param(
        [create("a", 0, 1), delete(2, None), delete(2, None), create("b", 3, 4), read("b", 5, 6),
         create("c", 7, 8)],
        id="two unknown deletions, each of which explains something"),
    pytest.param(
        [create("a", 0, 1), put("b", 2, 5, "a"), told(operations.differs("a"), 2, 5)],
        id="of two that compare, one wins"),
    pytest.param(
        [create("a", 0, 5), create("b", 0, 9), delete(0, 9), read("a", 6, 7)],
        id="two creations and a deletion between them"),
    pytest.param(
        [create("a", 0, 1), told(operations.PRESENT, 2, 3), delete(4, 5),
         told(operations.ABSENT, 6, 7)], id="refusals that are right"),
])
def test_what_can_have_happened_is_let_pass(history):
    linearizability.check(history)


@pytest.mark.parametrize("history", [
    pytest.param([read("a", 0, 1)], id="a value that nobody wrote"),
    pytest.param([create("a", 0, 1), read(None, 2, 3)], id="a lost write"),
    pytest.param(
        [create("a", 0, 1), put("b", 2, 3), read("a", 4, 5)], id="a read that is too old"),
    pytest.param(
        [create("a", 0, 1), put("b", 2, 9), read("b", 3, 4), read("a", 5, 6)],
        id="a read that goes back"),
    pytest.param(
        [create("a", 0, 1), put("b", 2, 3, "a"), put("c", 4, 5, "a")],
        id="two that compared with the same value"),
    pytest.param(
        [create("a", 0, 1), put("b", 2, None, "a"), put("c", 5, 6, "a"), read("b", 7, 8)],
        id="an unknown put whose value was gone"),
    pytest.param(
        [create("a", 0, 1), delete(2, 3), delete(2, 3)], id="one object that was deleted twice"),
    pytest.param(
        [create("a", 0, 1), delete(2, None), create("b", 3, 4), create("c", 5, 6)],
        id="one unknown deletion for two creations"),
    pytest.param([create("a", 0, 1), told(operations.ABSENT, 2, 3)], id="a refusal that is wrong"),
    pytest.param(
        [create("a", 0, 1), told(operations.differs("a"), 2, 3)], id="a conflict with nobody"),
    pytest.param([put("a", 5, 9), read("a", 0, 1)], id="a read before the write"),
])
def test_what_cannot_have_happened_is_found(history):
    with pytest.raises(linearizability.NotLinearizable):
        linearizability.check(history)


def test_many_operations_at_once_take_few_configurations():
    history = [create("0", 0, 1)]
    for number in range(1, 500):
        history.append(put(str(number), number, number + 3))
        history.append(read(str(number), number + 2.5, number + 3.4))
        if number % 10 == 0:
            history.append(delete(number, None, "never"))
    assert linearizability.check(history) < 50


EVENTS = [
    Event(5, "one", "a"), Event(6, "two", "b"), Event(6, "three", "c"), Event(8, "one", "d"),
    Event(9, "two", None),
]


@pytest.fixture
def log():
    log = EventLog()
    for event in EVENTS:
        log.add("somebody", event, 0)
    return log.settle()


def added(revision, key, value):
    return Seen("ADDED", revision, 0, key, value)


def modified(revision, key, value):
    return Seen("MODIFIED", revision, 0, key, value)


def deleted(revision, key, value):
    return Seen("DELETED", revision, 0, key, value)


def bookmark(revision):
    return Seen("BOOKMARK", revision, 0)


def connection(start, *seen, selects=None):
    return Observation("observer", 0, start, list(seen), selects)


PAIR = (added(6, "three", "c"), added(6, "two", "b"))
WHOLE = (added(5, "one", "a"), *PAIR, modified(8, "one", "d"), deleted(9, "two", "b"))


@pytest.mark.parametrize("connections", [
    pytest.param([connection(4)], id="nothing yet"),
    pytest.param([connection(4, *WHOLE)], id="all of it"),
    pytest.param([connection(4, WHOLE[0]), connection(5, *WHOLE[1:])], id="in two parts"),
    pytest.param(
        [connection(4, WHOLE[0], bookmark(5), *PAIR, bookmark(7)), connection(7, *WHOLE[3:])],
        id="with bookmarks"),
    pytest.param(
        [connection(4, added(6, "two", "b"), deleted(9, "two", "b"),
                    selects=lambda value: value == "b")], id="a part of the objects"),
    pytest.param(
        [connection(4, added(5, "one", "a"), deleted(8, "one", "a"),
                    selects=lambda value: value == "a")], id="an object that ceases to match"),
])
def test_watches_that_keep_their_promises_pass(log, connections):
    watching.check(connections, log)


@pytest.mark.parametrize("connections", [
    pytest.param([connection(4, WHOLE[0], *WHOLE[3:])], id="reliable: a gap"),
    pytest.param([connection(4, *WHOLE[1:])], id="reliable: the first is missing"),
    pytest.param([connection(4, bookmark(5))], id="bookmarkable: one that hides an event"),
    pytest.param(
        [connection(4, *WHOLE[:3], bookmark(9), *WHOLE[3:])],
        id="bookmarkable: one that comes too early"),
    pytest.param([connection(4, *WHOLE[:3]), connection(6, PAIR[1])], id="unique: once more"),
    pytest.param([connection(4, WHOLE[0], WHOLE[0])], id="unique: twice at once"),
    pytest.param([connection(4, *WHOLE[:2])], id="atomic: half of a transaction"),
    pytest.param(
        [connection(4, WHOLE[0], PAIR[0], bookmark(6), PAIR[1])],
        id="atomic: a bookmark within a transaction"),
    pytest.param([connection(4, *PAIR, WHOLE[0])], id="ordered: the older one later"),
    pytest.param(
        [connection(4, WHOLE[0]), connection(6, *WHOLE[3:])], id="resumable: further on"),
    pytest.param([connection(4, modified(5, "one", "a"))], id="modified before it was added"),
    pytest.param([connection(4, added(5, "one", "z"))], id="another value"),
    pytest.param(
        [connection(4, added(5, "one", "a"), selects=lambda value: value == "b")],
        id="what was not asked for"),
])
def test_watches_that_break_a_promise_are_found(log, connections):
    with pytest.raises(AssertionError):
        watching.check(connections, log)


def test_observers_that_saw_different_things_at_one_revision_are_found(log):
    with pytest.raises(AssertionError, match="and somebody saw"):
        log.add("another", Event(8, "one", "e"), 0)


def test_a_deletion_of_nothing_is_found():
    log = EventLog()
    log.add("somebody", Event(5, "one", None), 0)
    with pytest.raises(AssertionError, match="deletes what is not there"):
        log.settle()


def test_the_state_at_a_revision_is_what_its_events_made(log):
    assert {key: event.value for key, event in log.state(8).items()} == {
        "one": "d", "two": "b", "three": "c"}
    assert set(log.state(9)) == {"one", "three"}
    assert log.state(4) == {}
