"""Asks a gateway what another API server was asked, and lists where the answers differ.

    python Tests/Clients/replay.py FOLDER [NUMBER…]

By hand, for who has recordings: a folder of files `NN-topic.json`, each a list of exchanges
`{"note", "request": {"method", "path", "headers", "body"}, "response": {"status", "headers",
"body"}}`, numbered from 0. They are asked in order, in one namespace, with what was done between
them unrecorded (`recordings.BETWEEN`). What differs is explained by a row of
`recordings.DIFFERENCES`, or not; what is not explained makes the program fail. With numbers, as
`05/12`, all differences of those exchanges are shown.
"""

import http.client
import json
import pathlib
import re
import ssl
import sys
import tempfile
import threading
import urllib.parse

import yaml

import recordings
import server as gateway
from over_tls import HTTPS, context

SECONDS = 20
# Two numbers of one object and two times are the same when they stand in the same places.
INCIDENTAL = {
    "uid", "resourceVersion", "creationTimestamp", "deletionTimestamp", "time", "continue",
    "lastTransitionTime", "lastUpdateTime", "expirationTimestamp", "token", "storageVersionHash",
}
# Values that later requests repeat.
LEARNED = ("resourceVersion", "continue", "uid", "creationTimestamp")
COMPARED_HEADERS = ("content-type", "cache-control", "warning", "retry-after")


class Replay:
    def __init__(self, server):
        self.server = server
        self.host, port = server.ready["https"].split(":")
        self.port = int(port)
        self.trusting = ssl.create_default_context(cafile=f"{server.data_dir}/pki/ca.crt")
        self.administering = context(server.data_dir)
        # What stood in the recordings → what stands for it here.
        self.known = {}

    def ask(self, method, path, body=None, headers=(), as_admin=True):
        trust = self.administering if as_admin else self.trusting
        connection = http.client.HTTPSConnection(
            self.host, self.port, timeout=SECONDS, context=trust)
        data = body if isinstance(body, str) or body is None else json.dumps(body)
        connection.request(method, path, data, dict(headers))
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, {name.lower(): v for name, v in answer.getheaders()}, text

    def exchange(self, number, recorded):
        """The differences of one exchange, one line each."""
        asked, expected = recorded["request"], recorded["response"]
        between = recordings.BETWEEN.get(number)
        if between:
            between(self)
        meanwhile = recordings.MEANWHILE.get(number)
        worker = threading.Thread(target=meanwhile, args=[self]) if meanwhile else None
        if worker:
            worker.start()
        status, headers, text = self.ask(
            asked["method"], self._here(asked["path"]), self._body(asked.get("body")),
            {"User-Agent": "python-httpx/0.28", **asked["headers"]}.items(),
            as_admin=number not in recordings.ANONYMOUS)
        if worker:
            worker.join()
        found = parsed(text, "watch" in asked["path"] and status == 200)
        wanted = expected["body"]
        if isinstance(wanted, str):
            wanted = parsed(wanted, False)
        self._learn(wanted, found)
        if status != expected["status"]:
            yield f"status: {status} instead of {expected['status']}"
        for name in COMPARED_HEADERS:
            if expected["headers"].get(name) != headers.get(name):
                yield f"{name}: {headers.get(name)} instead of {expected['headers'].get(name)}"
        yield from differences(found, wanted, "")

    def _learn(self, recorded, found):
        """Remembers which version and which token stands for a recorded one."""
        if isinstance(recorded, dict) and isinstance(found, dict):
            for name, value in recorded.items():
                other = found.get(name)
                if name in LEARNED and other:
                    self.known[value] = other
                else:
                    self._learn(value, other)
        elif isinstance(recorded, list) and isinstance(found, list):
            for pair in zip(recorded, found):
                self._learn(*pair)

    def _here(self, path):
        path, _, query = path.partition("?")
        def value(match):
            return match[1] + urllib.parse.quote(self.known.get(match[2], match[2]))
        return path + ("?" + re.sub(r"((?:resourceVersion|continue)=)([^&]+)", value, query)
                       if query else "")

    def _body(self, body):
        """The recorded body with the versions and uids of this server."""
        if isinstance(body, dict):
            return {
                name: self.known.get(value, value) if name in LEARNED
                and isinstance(value, str) else self._body(value)
                for name, value in body.items()}
        return [self._body(each) for each in body] if isinstance(body, list) else body


def parsed(text, is_watch):
    try:
        if text.startswith("apiVersion:"):
            return yaml.load(text, yaml.BaseLoader)
        if is_watch:
            return [json.loads(line) for line in text.splitlines()]
        return json.loads(text)
    except ValueError:
        return text


def differences(found, expected, path):
    if isinstance(found, dict) and isinstance(expected, dict):
        for name in sorted(found.keys() | expected.keys()):
            inner = f"{path}.{name}"
            if name not in found:
                yield f"{inner} is missing: {json.dumps(expected[name])[:300]}"
            elif name not in expected:
                yield f"{inner} is more: {json.dumps(found[name])[:300]}"
            elif name not in INCIDENTAL or not (found[name] and expected[name]):
                yield from differences(found[name], expected[name], inner)
    elif isinstance(found, list) and isinstance(expected, list):
        keyed = keys(found), keys(expected)
        if all(keyed):
            yield from differences(*keyed, path)
        elif len(found) == len(expected):
            for index, pair in enumerate(zip(found, expected)):
                yield from differences(*pair, f"{path}[{index}]")
        else:
            yield f"{path}: {json.dumps(found)[:600]} instead of {json.dumps(expected)[:600]}"
    elif found != expected:
        yield f"{path}: {json.dumps(found)[:600]} instead of {json.dumps(expected)[:600]}"


def keys(values):
    """Named elements by name, to be compared without their order."""
    def key(value):
        if not isinstance(value, dict):
            return None
        if "manager" in value:
            return f'{value["manager"]}/{value["operation"]}/{value.get("subresource", "")}'
        return value.get("name") or value.get("metadata", {}).get("name")

    found = {key(value): value for value in values}
    return found if values and None not in found and len(found) == len(values) else None


def explanation(number, difference):
    for row in recordings.DIFFERENCES:
        if re.match(row.exchanges, number) and re.search(row.pattern, difference):
            return row.reason
    return None


def main(folder, *shown):
    counts = {"identical": 0, "explained": 0, "unexplained": 0}
    with tempfile.TemporaryDirectory() as data:
        with gateway.Server(data, *HTTPS) as server:
            replay = Replay(server)
            for file in sorted(pathlib.Path(folder).glob("*.json")):
                for index, recorded in enumerate(json.loads(file.read_text())):
                    number = f"{file.name[:2]}/{index}"
                    found = list(replay.exchange(number, recorded))
                    open_ones = [each for each in found if not explanation(number, each)]
                    kind = "unexplained" if open_ones else "explained" if found else "identical"
                    counts[kind] += 1
                    lines = found if number in shown else open_ones
                    if lines:
                        asked = recorded["request"]
                        print(number, asked["method"], asked["path"], recorded.get("note", ""))
                        print("".join(f"    {line}\n" for line in lines), end="")
    print(counts)
    return 1 if counts["unexplained"] else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
