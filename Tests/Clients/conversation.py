"""A conversation as a table: what is asked, and all that the answer may say.

In expectations `...` stands for any value, `$NS` for the test's namespace. The bodies are compared
member by member: one too many fails as one too few does.
"""

import dataclasses
import json
import re

import pytest

import wire

MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
JSON_PATCH = "application/json-patch+json"


@dataclasses.dataclass
class Step:
    """One request and its answer. A dict as `answer` is the whole body."""
    method: str
    path: str
    body: object = None
    status: int = 200
    answer: dict | list | None = None
    headers: dict = dataclasses.field(default_factory=dict)
    answer_headers: dict = dataclasses.field(default_factory=dict)


def case(label, *arguments, **keywords):
    """A row of a table of steps, with the name under which pytest shows it."""
    return pytest.param(Step(*arguments, **keywords), id=label)


def refusal(code, reason, message, **details):
    """A `Status` that says no. `details` are left out when there are none."""
    status = {
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
        "message": message, "reason": reason, "code": code,
    }
    return {**status, "details": details} if details else status


def generic(code, reason, message):
    """A `Status` of a request that did not get as far as an object."""
    return {**refusal(code, reason, message), "details": {}}


def invalid(kind, name, *causes, group=None):
    """422 with causes, each (field, reason, message)."""
    shown = [f"{field}: {message}" for field, _, message in causes]
    listed = shown[0] if len(shown) == 1 else f"[{', '.join(shown)}]"
    qualified = f"{kind}.{group}" if group else kind
    return refusal(
        422, "Invalid", f'{qualified} "{name}" is invalid: {listed}',
        **({"name": name} if name else {}), **({"group": group} if group else {}), kind=kind,
        causes=[
            {"reason": f"FieldValue{reason}", "message": message, "field": field}
            for field, reason, message in causes
        ])


def meta(name, *, namespace="$NS", **members):
    """The metadata that every stored object has."""
    found = {"name": name, "uid": ..., "resourceVersion": ..., "creationTimestamp": ...}
    return {**found, **({"namespace": namespace} if namespace else {}), **members}


class Talker:
    """Takes a gateway through conversations in one namespace."""

    def __init__(self, server, namespace):
        self.server = server
        self.namespace = namespace

    def __call__(self, *steps):
        """Makes the steps in order. Returns the body of the last answer."""
        answer = None
        for step in steps:
            answer = self._step(step)
        return answer

    def _step(self, step):
        path = self._filled(step.path)
        body = self._filled(step.body)
        answer = wire.ask(self.server, step.method, path, body, **step.headers)
        asked = f"{step.method} {path}"
        assert answer.status == step.status, f"{asked}: {answer.status} {answer.plain[:2000]}"
        for name, value in step.answer_headers.items():
            assert answer.headers.get(name) == value, f"{asked}: {name}"
        if not answer.headers["content-type"].startswith("application/json"):
            return answer.plain.decode()
        found = without_managed_fields(answer.json)
        if step.answer is not None:
            problems = list(differences(found, self._filled(step.answer)))
            assert not problems, "\n".join([asked, *problems, json.dumps(found, indent=1)])
        return found

    def _filled(self, value):
        match value:
            case str(): return value.replace("$NS", self.namespace)
            case bytes(): return value.replace(b"$NS", self.namespace.encode())
            case dict(): return {self._filled(key): self._filled(v) for key, v in value.items()}
            case list(): return [self._filled(element) for element in value]
            case _: return value


def differences(found, expected, path=""):
    """What is not as expected, one line each."""
    if expected is ...:
        return
    if isinstance(expected, re.Pattern):
        if not (isinstance(found, str) and expected.fullmatch(found)):
            yield f"{path}: {found!r} does not match {expected.pattern}"
    elif isinstance(expected, dict) and isinstance(found, dict):
        for key in expected.keys() | found.keys():
            if key not in found:
                yield f"{path}.{key} is missing"
            elif key not in expected:
                yield f"{path}.{key} is unexpected: {found[key]!r}"
            else:
                yield from differences(found[key], expected[key], f"{path}.{key}")
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        for index, pair in enumerate(zip(found, expected)):
            yield from differences(*pair, f"{path}[{index}]")
    elif (found, type(found)) != (expected, type(expected)):
        yield f"{path}: {found!r} instead of {expected!r}"


def without_managed_fields(value):
    """Who wrote which field is another story."""
    match value:
        case dict():
            return {
                key: without_managed_fields(member)
                for key, member in value.items() if key != "managedFields"
            }
        case list(): return [without_managed_fields(element) for element in value]
        case _: return value
