"""HTTP/1.1 as bytes on a socket: what is answered, what is refused, and what stays open."""

import json
import socket

import pytest

import objects
import wire
from wire import Wire

JSON_BODY = b'{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"NAME"}}'


@pytest.fixture
def maps(namespace):
    return f"/api/v1/namespaces/{namespace}/configmaps"


def test_pipelined_requests_are_answered_in_order(server, maps):
    with Wire(server) as http:
        posts = [wire.request(http.authority, "POST", maps, objects.config_map(f"m-{number}"))
                 for number in range(20)]
        gets = [wire.request(http.authority, "GET", f"{maps}/m-{number}") for number in range(20)]
        http.send(b"".join(posts + gets))
        for status in (201, 200):
            for number in range(20):
                answer = http.read()
                assert answer.status == status
                assert answer.json["metadata"]["name"] == f"m-{number}"


def test_a_request_may_come_in_single_bytes(server):
    with Wire(server) as http:
        for byte in wire.request(http.authority, "GET", "/version"):
            http.send(bytes([byte]))
        assert http.read().json["major"] == "1"


def test_a_chunked_body(server, maps):
    with Wire(server) as http:
        body = JSON_BODY.replace(b"NAME", b"chunked")
        http.send(f"POST {maps} HTTP/1.1\r\nHost: {http.authority}\r\n"
                  "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
        for start in range(0, len(body), 10):
            piece = body[start:start + 10]
            http.send(b"%x;ext=1\r\n%s\r\n" % (len(piece), piece))
        http.send(b"0\r\nTrailer: ignored\r\n\r\n")
        assert http.read().status == 201
        assert http.ask("GET", f"{maps}/chunked").status == 200


def test_the_body_is_sent_after_100_continue(server, maps):
    with Wire(server) as http:
        whole = wire.request(
            http.authority, "POST", maps, objects.config_map("later"), Expect="100-continue")
        head, _, body = whole.partition(b"\r\n\r\n")
        http.send(head + b"\r\n\r\n")
        assert http.read().status == 100
        http.send(body)
        assert http.read().status == 201


def test_head_has_the_headers_of_get(server, namespace):
    target = f"/api/v1/namespaces/{namespace}"
    with Wire(server) as http:
        head = http.ask("HEAD", target)
        got = http.ask("GET", target)
    assert (head.status, got.status) == (200, 200)
    for name in ("content-type", "content-length", "etag"):
        assert head.headers[name] == got.headers[name]
    assert "date" in head.headers


def test_close_is_honoured(server):
    with Wire(server) as http:
        answer = http.ask("GET", "/version", Connection="close")
        assert answer.status == 200
        assert answer.headers["connection"].lower() == "close"
        assert http.is_closed()


# Each would let two parties disagree on where a message ends, or is no HTTP/1.1 at all.
SMUGGLING = {
    "two lengths": "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
    "list of lengths": "Content-Length: 2, 3\r\n\r\n{}",
    "length and chunks": "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "signed length": "Content-Length: +2\r\n\r\n{}",
    "negative length": "Content-Length: -2\r\n\r\n{}",
    "unknown coding": "Transfer-Encoding: gzip\r\n\r\n",
    "chunked not last": "Transfer-Encoding: chunked, gzip\r\n\r\n",
    "chunked twice": "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
    "coding lookalike": "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "bad chunk size": "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
    "prefixed chunk size": "Transfer-Encoding: chunked\r\n\r\n0x2\r\n{}\r\n0\r\n\r\n",
    "chunk without its end": "Transfer-Encoding: chunked\r\n\r\n2\r\n{}XX0\r\n\r\n",
    "folded header": "X-A: 1\r\n 2\r\n\r\n",
    "space before colon": "X-A : 1\r\n\r\n",
    "space before length": "Content-Length : 2\r\n\r\n{}",
    "bare CR": "X-A: 1\r2\r\n\r\n",
    "bare LF": "X-A: 1\nX-B: 2\r\n\r\n",
    "null byte": "X-A: 1\0\r\n\r\n",
    "no header name": ": 1\r\n\r\n",
    "no colon": "X-A\r\n\r\n",
}


@pytest.mark.parametrize("rest", SMUGGLING.values(), ids=SMUGGLING.keys())
def test_ambiguous_messages_are_refused_and_the_connection_closed(server, maps, rest):
    with Wire(server) as http:
        http.send(f"POST {maps} HTTP/1.1\r\nHost: {http.authority}\r\n"
                  f"Content-Type: application/json\r\n{rest}")
        answer = http.read()
        assert answer.status == 400
        assert answer.json["kind"] == "Status"
        assert http.is_closed()


@pytest.mark.parametrize("rest", [
    "Content-Length: 99999999999999999999\r\n\r\n{}",
    "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n"])
def test_lengths_that_no_number_holds(server, maps, rest):
    with Wire(server) as http:
        http.send(f"POST {maps} HTTP/1.1\r\nHost: {http.authority}\r\n"
                  f"Content-Type: application/json\r\n{rest}")
        assert http.read().status in (400, 413)
        assert http.is_closed()


@pytest.mark.parametrize("head", [
    "GET /version HTTP/1.1\r\n\r\n",
    "GET /version HTTP/1.1\r\nHost: AUTHORITY\r\nHost: AUTHORITY\r\n\r\n",
    "GET  /version HTTP/1.1\r\nHost: AUTHORITY\r\n\r\n",
    "GET /version\r\nHost: AUTHORITY\r\n\r\n",
    "GET /ver sion HTTP/1.1\r\nHost: AUTHORITY\r\n\r\n",
    "GET /version HTTP/1.1 \r\nHost: AUTHORITY\r\n\r\n",
    "GET /version http/1.1\r\nHost: AUTHORITY\r\n\r\n",
    "G\x01T /version HTTP/1.1\r\nHost: AUTHORITY\r\n\r\n",
    "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
], ids=["no host", "two hosts", "two spaces", "no version", "space in target", "space at end",
        "lower case", "control byte", "TLS"])
def test_bad_heads_are_refused_and_the_connection_closed(server, head):
    with Wire(server) as http:
        http.send(head.replace("AUTHORITY", http.authority).encode("latin-1"))
        assert http.read().status == 400
        assert http.is_closed()


@pytest.mark.parametrize("status, target, header", [
    (414, "/" + "a" * 17_000, "1"), (431, "/version", "a" * 70_000)])
def test_heads_that_are_too_large(server, status, target, header):
    with Wire(server) as http:
        try:
            http.send_request("GET", target, X_A=header)
        except ConnectionError:
            pass  # Refused and closed before all of it was sent.
        assert http.read().status == status


def test_a_body_that_is_too_large_is_refused_before_it_is_sent(server, maps):
    with Wire(server) as http:
        http.send(f"POST {maps} HTTP/1.1\r\nHost: {http.authority}\r\n"
                  f"Content-Type: application/json\r\nContent-Length: {4 << 20}\r\n\r\n")
        answer = http.read()
        assert (answer.status, answer.json["reason"]) == (413, "RequestEntityTooLarge")


def test_a_compressed_body_is_refused(server, maps):
    answer = wire.ask(server, "POST", maps, objects.config_map("z"), Content_Encoding="gzip")
    assert (answer.status, answer.json["reason"]) == (415, "UnsupportedMediaType")


@pytest.mark.parametrize("accept, is_compressed", [
    ("gzip", True), ("deflate, gzip;q=0.5", True), ("gzip;q=0", False), ("identity", False)])
def test_large_answers_are_compressed_when_asked(server, maps, accept, is_compressed):
    body = objects.config_map("big", text="all work and no play " * 200)
    assert wire.ask(server, "POST", maps, body).status == 201
    for target in (f"{maps}/big", maps, f"{maps}?limit=5"):
        answer = wire.ask(server, "GET", target, Accept_Encoding=accept)
        assert ("content-encoding" in answer.headers) == is_compressed
        plain = wire.ask(server, "GET", target).json
        # Elsewhere, what a namespace needs may just have been made.
        if "items" in plain:
            plain["metadata"]["resourceVersion"] = answer.json["metadata"]["resourceVersion"]
        assert answer.json == plain
        if is_compressed:
            assert "accept-encoding" in answer.headers["vary"].lower()
            assert len(answer.body) < len(answer.plain)


def test_small_answers_are_not_compressed(server):
    answer = wire.ask(server, "GET", "/healthz", Accept_Encoding="gzip")
    assert (answer.plain, "content-encoding" in answer.headers) == (b"ok", False)


@pytest.mark.parametrize("host, status", [
    ("localhost", 200), ("localhost:1234", 200), ("127.0.0.1", 200), ("[::1]:80", 200),
    ("gateway.example", 403), ("127.0.0.1.example", 403), ("localhost.example:80", 403),
    ("192.0.2.1", 403)])
def test_only_loopback_hosts_are_served_without_authentication(server, host, status):
    with Wire(server) as http:
        http.send(f"GET /version HTTP/1.1\r\nHost: {host}\r\n\r\n")
        assert http.read().status == status


@pytest.mark.parametrize("origin, status", [
    ("http://localhost:8080", 200), ("http://127.0.0.1:3000", 200),
    ("http://site.example", 403), ("https://localhost.example", 403), ("null", 403)])
def test_a_page_of_another_site_is_refused(server, origin, status):
    assert wire.ask(server, "GET", "/version", Origin=origin).status == status


@pytest.mark.parametrize("site, status", [
    ("none", 200), ("same-origin", 200), ("same-site", 403), ("cross-site", 403), ("", 403)])
def test_a_browser_says_whose_page_asks(server, site, status):
    """A page on another port of localhost is of the same site, and is another program's."""
    asked = {"Origin": "http://localhost:3000"} if site.startswith("same") else {}
    answer = wire.ask(server, "POST", "/api/v1/namespaces", {}, Sec_Fetch_Site=site, **asked)
    # What is let in fails for its empty body.
    assert answer.status == (403 if status == 403 else 422), answer.plain


def test_unknown_paths_methods_and_types(server, maps):
    missing = wire.ask(server, "GET", "/api/v1/nothing")
    assert (missing.status, missing.json["reason"]) == (404, "NotFound")
    method = wire.ask(server, "PUT", maps, objects.config_map("x"))
    assert (method.status, method.json["reason"]) == (405, "MethodNotAllowed")
    media = wire.ask(server, "POST", maps, b"\x00", Content_Type="application/cbor")
    assert (media.status, media.json["reason"]) == (415, "UnsupportedMediaType")
    accept = wire.ask(server, "GET", maps, Accept="application/vnd.kubernetes.protobuf")
    assert accept.status == 406


def test_an_aborted_connection_leaves_the_others_alone(server, maps):
    with Wire(server) as other:
        for _ in range(20):
            http = Wire(server)
            http.send(f"POST {maps} HTTP/1.1\r\nHost: {http.authority}\r\n"
                      "Content-Length: 50\r\n\r\n{")
            linger = (1).to_bytes(4, "little") + (0).to_bytes(4, "little")
            http.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            http.close()
        assert json.loads(other.ask("GET", "/version").body)["major"] == "1"
