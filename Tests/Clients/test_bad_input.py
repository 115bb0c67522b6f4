"""Whatever a client sends, the gateway answers with a Status, stores nothing of it, and goes on."""

import json
import random

import pytest

import objects
import wire
from wire import Wire

GOOD = json.dumps(objects.config_map("one", a="1")).encode()


@pytest.fixture
def maps(namespace):
    return f"/api/v1/namespaces/{namespace}/configmaps"


def refused(server, maps, body, *statuses):
    answer = wire.ask(server, "POST", maps, body)
    assert answer.status in statuses, (body[:200], answer.plain)
    assert (answer.json["kind"], answer.json["code"]) == ("Status", answer.status)
    assert answer.json["message"]
    return answer.json


@pytest.mark.parametrize("count", range(0, len(GOOD), 3))
def test_a_body_cut_short(server, maps, count):
    refused(server, maps, GOOD[:count], 400)
    assert wire.ask(server, "GET", maps).json["items"] == []


BAD_JSON = {
    "deep arrays": b"[" * 100_000,
    "deep objects": b'{"a":' * 100_000,
    "deep in place": GOOD.replace(b'"1"', b"[" * 5_000 + b"]" * 5_000),
    "array": b"[]",
    "null": b"null",
    "text after the end": GOOD + b"{}",
    "invalid UTF-8": GOOD.replace(b'"1"', b'"\xff\xfe"'),
    "overlong UTF-8": GOOD.replace(b'"1"', b'"\xc0\x80"'),
    "control byte": GOOD.replace(b'"1"', b'"\x01"'),
    "bad escape": GOOD.replace(b'"1"', b'"\\x41"'),
    "leading zero": GOOD.replace(b'"1"', b"01"),
    "NaN": GOOD.replace(b'"1"', b"NaN"),
    "comment": b"/* */" + GOOD,
    "number for a string": GOOD.replace(b'"1"', b"1"),
    "object for a string": GOOD.replace(b'"one"', b"{}"),
    "another kind": GOOD.replace(b'"ConfigMap"', b'"Secret"'),
    "another version": GOOD.replace(b'"v1"', b'"v9"'),
}


@pytest.mark.parametrize("body", BAD_JSON.values(), ids=BAD_JSON.keys())
def test_bad_documents(server, maps, body):
    refused(server, maps, body, 400)
    assert wire.ask(server, "GET", maps).json["items"] == []


YAML = b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\n"
LEVELS = [b"abcdefghij"[n:n + 1] for n in range(10)]
BOMB = b"a: &a [x, x, x, x, x, x, x, x, x]\n" + b"".join(
    b"%s: &%s [%s]\n" % (this, this, b", ".join([b"*" + last] * 9))
    for last, this in zip(LEVELS, LEVELS[1:]))
SMALL_BOMB = YAML + b"data:\n  a: &a " + b"x" * 200_000 + b"\n  b: [" + b", ".join(
    [b"*a"] * 30) + b"]\n"

BAD_YAML = {
    "aliases of aliases": BOMB,
    "aliases of aliases as keys": BOMB + b"? *j\n: 1\n",
    "a long text, many times": SMALL_BOMB,
    "an alias of nothing": YAML + b"data: {a: *b}\n",
    "an alias of itself": b"&a [*a]",
    "deep arrays": b"[" * 100_000,
    "deep maps": b"{a: " * 100_000,
    "deep sequences": b"- " * 100_000,
    "deep indentation": b"".join(b" " * depth + b"a:\n" for depth in range(1_500)),
    "invalid UTF-8": YAML + b"data: {a: '\xff\xfe'}\n",
    "UTF-16": YAML.decode().encode("utf-16"),
    "null byte": YAML + b"data: {a: '\0'}\n",
    "tab": YAML + b"data:\n\ta: b\n",
    "a key twice": YAML + b"data: {a: '1', a: '2'}\n",
    "a map as a key": YAML + b"data: {{a: b}: c}\n",
    "two documents": YAML + b"---\n" + YAML,
    "nothing": b"",
    "a list": b"- a\n",
    "a number for a string": YAML + b"data: {a: 99999999999999999999999999}\n",
    "an infinite number": YAML + b"immutable: .inf\n",
}


@pytest.mark.parametrize("body", BAD_YAML.values(), ids=BAD_YAML.keys())
def test_bad_yaml(server, maps, body):
    answer = wire.ask(server, "POST", maps, body, Content_Type="application/yaml")
    assert answer.status == 400, answer.plain
    assert answer.json["kind"] == "Status"
    assert len(answer.json["message"]) < 1_000
    assert wire.ask(server, "GET", maps).json["items"] == []


def test_yaml_may_refer_to_itself(server, maps):
    body = YAML + b"data: {a: &a text, b: *a}\n"
    answer = wire.ask(server, "POST", maps, body, Content_Type="application/yaml")
    assert (answer.status, answer.json["data"]) == (201, {"a": "text", "b": "text"})


@pytest.mark.parametrize("body", [YAML + b"data: {a: '\xff'}\n"])
def test_invalid_text_is_refused_with_its_place(server, maps, body):
    answer = wire.ask(server, "POST", maps, body, Content_Type="application/yaml")
    assert f"offset {body.index(0xff)}" in answer.json["message"]


@pytest.mark.parametrize("field, value", [
    ("priority", "1" + "0" * 1_000), ("priority", "1e999999999"), ("priority", "-1e-999999999"),
    ("priority", "2147483648"), ("terminationGracePeriodSeconds", "9223372036854775808"),
    ("terminationGracePeriodSeconds", "1.5"), ("overhead", '{"cpu":"1e999999999"}'),
    ("overhead", '{"cpu":"%s"}' % ("9" * 5_000)), ("overhead", '{"cpu":"0.%s1"}' % ("0" * 5_000))])
def test_huge_numbers_name_their_field(server, namespace, field, value):
    pods = f"/api/v1/namespaces/{namespace}/pods"
    body = json.dumps(objects.pod("p")).replace('"spec": {', '"spec": {"%s": %s,' % (field, value))
    assert field in refused(server, pods, body.encode(), 400)["message"]


@pytest.mark.parametrize("name", ["", "A", "a/b", "..", "a" * 254, "é", "-a", "a b"])
def test_bad_names(server, maps, name):
    status = refused(server, maps, json.dumps(objects.config_map(name)).encode(), 422)
    causes = [cause["field"] for cause in status["details"]["causes"]]
    assert causes[0] in ("metadata.name", "name")


@pytest.mark.parametrize("patch, content_type, statuses", [
    ([{"op": "replace", "path": "/data/no/such", "value": 1}], "json", (422, 400)),
    ([{"op": "fly", "path": "/data"}], "json", (400, 422)),
    ([{"op": "replace", "path": "/metadata/name", "value": "b"}], "json", (400, 422)),
    ({"not": "a list"}, "json", (400,)),
    ([1], "merge", (400,)),
    ({"metadata": {"uid": "another"}}, "merge", (409, 422)),
    ({"data": "text"}, "merge", (400, 422)),
    ({"data": {"$patch": "fly"}}, "strategic-merge", (400, 422, 500)),
])
def test_bad_patches_change_nothing(server, maps, patch, content_type, statuses):
    made = wire.ask(server, "POST", maps, GOOD).json
    content_type = f"application/{content_type}-patch+json"
    answer = wire.ask(server, "PATCH", f"{maps}/one", patch, Content_Type=content_type)
    assert answer.status in statuses, answer.plain
    assert answer.json["kind"] == "Status"
    assert wire.ask(server, "GET", f"{maps}/one").json == made


def test_a_patch_cannot_grow_without_bound(server, maps):
    made = wire.ask(server, "POST", maps, GOOD).json
    double = [{"op": "copy", "from": "/data", "path": "/data/x"}] * 60
    answer = wire.ask(
        server, "PATCH", f"{maps}/one", double, Content_Type="application/json-patch+json")
    assert 400 <= answer.status < 500
    assert wire.ask(server, "GET", f"{maps}/one").json == made


@pytest.mark.parametrize("path", [
    "/api/v1/namespaces/a/configmaps/%ff", "/api/v1/namespaces/%zz", "/%", "/?%",
    "/api/v1/configmaps?limit=99999999999999999999", "/api/v1/configmaps?labelSelector=%28%28",
    "/api/v1/configmaps?continue=%00", "/api/v1/configmaps?timeoutSeconds=x&watch=true",
    "/api/v1/configmaps?resourceVersion=-5"])
def test_bad_targets(server, path):
    answer = wire.ask(server, "GET", path)
    assert 400 <= answer.status < 500, answer.plain
    assert answer.json["kind"] == "Status"


@pytest.mark.parametrize("path", [
    "/api/v1/namespaces/%00/configmaps", "/api/v1/namespaces/%2e%2e/configmaps", "//", "/api//v1",
    "/api/v1/../v1", "/api/v1/configmaps?limit=-1", "/api/v1/configmaps?a=b&a=c&&=&=d"])
def test_strange_targets_are_the_client_s_affair(server, path):
    assert wire.ask(server, "GET", path).status < 500


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("path", [
    "/apis/no.such.group/v1/things", "/apis/apps/v9/deployments", "/api/v1/things", "/nothing"])
def test_what_is_not_served_is_not_found_by_any_method(server, method, path):
    assert wire.ask(server, method, path, b"{}").status == 404


def test_random_bytes(server):
    """Noise, and requests with some bytes changed, on many connections."""
    seed = random.randrange(1 << 32)
    chance = random.Random(seed)
    print(f"seed {seed}")
    for _ in range(300):
        with Wire(server) as http:
            good = bytearray(wire.request(
                http.authority, "POST", "/api/v1/namespaces/none/configmaps", GOOD))
            for _ in range(chance.randrange(1, 20)):
                good[chance.randrange(len(good))] = chance.randrange(256)
            data = bytes(good) if chance.random() < 0.7 else chance.randbytes(500)
            try:
                http.send(data)
                http.socket.shutdown(1)
                while http.socket.recv(65536):
                    pass
            except ConnectionError:
                pass
    assert wire.ask(server, "GET", "/readyz").status == 200
