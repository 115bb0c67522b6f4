"""A long conversation in numbered rows: what is asked, and what the answer has to show.

Unlike a `conversation.Step`, a row names only the parts of an answer that it is about: other
members may be there. Rows are asked in order; later ones may use what earlier ones were answered.
"""

import dataclasses
import http.client
import json
import re
import ssl
import time

from over_tls import context

SECONDS = 20
TABLE = {"Accept": "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"}
PARTIAL = {"Accept": "application/json;as=PartialObjectMetadata{};v=v1;g=meta.k8s.io"
                     ",application/json"}
GONE = object()


@dataclasses.dataclass
class Row:
    """`body`, `path` and `shows` may be functions of what was said: number → answer."""
    number: str
    method: str
    path: object
    body: object = None
    status: int = 200
    shows: object = None
    headers: dict = dataclasses.field(default_factory=dict)
    answer_headers: dict = dataclasses.field(default_factory=dict)
    is_anonymous: bool = False
    # Runs before the row; `wait` until the answer is as expected.
    before: object = None
    waits: bool = False


def get(number, path, shows=None, status=200, **more):
    return Row(number, "GET", path, None, status, shows, **more)


def post(number, path, body, shows=None, status=201, **more):
    return Row(number, "POST", path, body, status, shows, **more)


def put(number, path, body, shows=None, status=200, **more):
    return Row(number, "PUT", path, body, status, shows, **more)


def delete(number, path, shows=None, status=200, body=None, **more):
    return Row(number, "DELETE", path, body, status, shows, **more)


def patch(number, kind, path, body, shows=None, status=200, headers=None, **more):
    """`kind` is `merge`, `json`, `strategic` or `apply`."""
    media = {
        "merge": "merge-patch+json", "json": "json-patch+json",
        "strategic": "strategic-merge-patch+json", "apply": "apply-patch+yaml"}[kind]
    headers = {"Content-Type": f"application/{media}", **(headers or {})}
    return Row(number, "PATCH", path, body, status, shows, headers, **more)


def no(code, reason, message=None, **details):
    """What a refusal shows."""
    shown = {"kind": "Status", "status": "Failure", "reason": reason, "code": code}
    if message is not None:
        shown["message"] = message
    return {**shown, "details": details} if details else shown


def causes(*expected):
    """Each (field, reason)."""
    return [{"field": field, "reason": f"FieldValue{reason}"} for field, reason in expected]


class Asker:
    """Asks a gateway over HTTPS, as its administrator or as nobody."""

    def __init__(self, server):
        host, port = server.ready["https"].split(":")
        self._place = host, int(port)
        self._administrator = context(server.data_dir)
        self._nobody = ssl.create_default_context(cafile=f"{server.data_dir}/pki/ca.crt")
        self.said = {}

    def ask(self, method, path, body=None, headers=None, is_anonymous=False):
        """Status, headers and the text of an answer."""
        trust = self._nobody if is_anonymous else self._administrator
        connection = http.client.HTTPSConnection(*self._place, timeout=SECONDS, context=trust)
        data = body if isinstance(body, str | bytes) or body is None else json.dumps(body)
        headers = {"Content-Type": "application/json", **(headers or {})}
        try:
            connection.request(method, path, data, headers)
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        return answer.status, {name.lower(): v for name, v in answer.getheaders()}, text

    def run(self, rows):
        for row in rows:
            self._run(row)

    def _run(self, row):
        if row.before:
            row.before(self)
        deadline = time.monotonic() + (SECONDS if row.waits else 0)
        while problems := list(self._problems(row)):
            assert time.monotonic() < deadline, "\n".join(problems)
            time.sleep(0.05)

    def _problems(self, row):
        path = row.path(self.said) if callable(row.path) else row.path
        body = row.body(self.said) if callable(row.body) else row.body
        status, headers, text = self.ask(
            row.method, path, body, row.headers, row.is_anonymous)
        asked = f"{row.number} {row.method} {path}"
        found = read(text, headers, "watch" in path and status == 200)
        self.said[row.number] = found
        if status != row.status:
            yield f"{asked}: {status} instead of {row.status}: {text[:1500]}"
            return
        for name, value in row.answer_headers.items():
            if headers.get(name) != value:
                yield f"{asked}: {name} is {headers.get(name)!r}"
        shows = row.shows(self.said) if callable(row.shows) else row.shows
        for problem in missing(found, shows, ""):
            yield f"{asked}: {problem}"


def read(text, headers, is_watch):
    if not headers.get("content-type", "").startswith("application/json"):
        return text
    return [json.loads(line) for line in text.splitlines()] if is_watch else json.loads(text)


def missing(found, wanted, path):
    """What the answer does not show, one line each."""
    if wanted is None or wanted is ...:
        return
    if isinstance(wanted, dict):
        if not isinstance(found, dict):
            yield f"{path} is {found!r}"
            return
        for name, value in wanted.items():
            inner = f"{path}.{name}"
            if value is GONE:
                if name in found:
                    yield f"{inner} is there: {found[name]!r}"
            elif name not in found:
                yield f"{inner} is missing from {json.dumps(found)[:800]}"
            else:
                yield from missing(found[name], value, inner)
    elif isinstance(wanted, list):
        if not isinstance(found, list) or len(found) != len(wanted):
            yield f"{path} is {json.dumps(found)[:800]}"
            return
        for index, pair in enumerate(zip(found, wanted)):
            yield from missing(*pair, f"{path}[{index}]")
    elif isinstance(wanted, set):
        if not wanted <= set(found):
            yield f"{path} lacks {wanted - set(found)}"
    elif isinstance(wanted, re.Pattern):
        if not (isinstance(found, str) and wanted.fullmatch(found)):
            yield f"{path}: {found!r} does not match {wanted.pattern}"
    elif callable(wanted):
        if not wanted(found):
            yield f"{path} is {json.dumps(found)[:800]}"
    elif (found, type(found)) != (wanted, type(wanted)):
        yield f"{path}: {found!r} instead of {wanted!r}"


def names(*expected):
    """The items of a list, by name and in order."""
    return {"items": lambda items: [item["metadata"]["name"] for item in items] == list(expected)}


def cells(*rows, **more):
    """The rows of a table."""
    return {"kind": "Table", "rows": [{"cells": list(row)} for row in rows], **more}


def kinds_of(*expected):
    """The resources of a version: those and perhaps more, each with its kind."""
    def shows(resources):
        found = {each["name"]: each["kind"] for each in resources}
        return all(found.get(name) == kind for name, kind in expected)
    return {"kind": "APIResourceList", "resources": shows}
