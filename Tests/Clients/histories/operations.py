"""What one client asked of one object, and what it was told."""

import dataclasses
import itertools

KEEP = object()
_numbers = itertools.count()


@dataclasses.dataclass(frozen=True)
class Condition:
    """What an object must be like. Its state is its value, or `None` when there is no object."""

    text: str
    value: object = None

    def holds(self, state):
        match self.text:
            case "absent": return state is None
            case "present": return state is not None
            case "is": return state == self.value
            case "differs": return state is not None and state != self.value
        raise AssertionError(self.text)


ABSENT = Condition("absent")
PRESENT = Condition("present")


def equals(value):
    return ABSENT if value is None else Condition("is", value)


def differs(value):
    return Condition("differs", value)


@dataclasses.dataclass(frozen=True, eq=False)
class Operation:
    """Took effect at one moment between `began` and `ended`, if it did what it says. Without an
    end, nobody knows whether it ever did."""

    client: str
    key: str
    text: str
    began: float
    ended: float | None
    needs: Condition
    becomes: object = KEEP
    number: int = dataclasses.field(default_factory=lambda: next(_numbers))

    @property
    def changes(self):
        return self.becomes is not KEEP

    def after(self, state):
        return self.becomes if self.changes else state

    def __str__(self):
        end = "…" if self.ended is None else f"{self.ended:.4f}"
        return f"{self.began:.4f}–{end} {self.client} {self.text}"


def create(client, key, value, began, ended):
    return Operation(client, key, f"create {value}", began, ended, ABSENT, value)


def replace(client, key, value, began, ended, expected=None):
    """Compare-and-set when `expected` is a value, else whatever is there."""
    needs, text = PRESENT, f"put {value}"
    if expected is not None:
        needs, text = equals(expected), f"put {value} for {expected}"
    return Operation(client, key, text, began, ended, needs, value)


def delete(client, key, began, ended, expected=None):
    needs = PRESENT if expected is None else equals(expected)
    return Operation(client, key, f"delete {expected or ''}", began, ended, needs, None)


def read(client, key, found, began, ended):
    """A read, or a refusal that says as much."""
    return Operation(client, key, f"saw {found}", began, ended, equals(found))


def told(client, key, condition, began, ended):
    """A refusal that says what the object is like."""
    return Operation(
        client, key, f"was told {condition.text} {condition.value or ''}", began, ended, condition)
