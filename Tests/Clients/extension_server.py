"""A server of a group of its own, as an APIService names one: TLS, a watch, and who asks."""

import json
import threading

import over_tls

GROUP, VERSION = "flags.example.com", "v1"
NAME = f"{VERSION}.{GROUP}"
FLAG = {"apiVersion": f"{GROUP}/{VERSION}", "kind": "Flag",
        "metadata": {"name": "red", "namespace": "default", "uid": "1"}}
RESOURCES = {
    "kind": "APIResourceList", "apiVersion": "v1", "groupVersion": f"{GROUP}/{VERSION}",
    "resources": [
        {"name": "flags", "singularName": "flag", "namespaced": True, "kind": "Flag",
         "shortNames": ["fl"], "verbs": ["get", "list", "watch", "create"]},
        {"name": "flags/status", "singularName": "", "namespaced": True, "kind": "Flag",
         "verbs": ["get"]}]}


class Handler(over_tls.Handler):
    def do_GET(self):
        self.server.note(self)
        path, _, query = self.path.partition("?")
        base = f"/apis/{GROUP}/{VERSION}"
        if path == base:
            return self.answer(RESOURCES)
        if path == "/openapi/v3":
            return self.answer({"paths": {base[1:]: {"serverRelativeURL": f"/openapi/v3{base}"}}})
        if path == f"/openapi/v3{base}":
            return self.answer({"openapi": "3.0.0", "info": {"title": "Flags", "version": "1"},
                                "paths": {}})
        if path == f"{base}/namespaces/default/flags/red":
            return self.answer(FLAG)
        if path == f"{base}/namespaces/default/flags":
            if "watch=" in query:
                return self.watch()
            return self.answer({"kind": "FlagList", "apiVersion": f"{GROUP}/{VERSION}",
                                "metadata": {"resourceVersion": "1"}, "items": [FLAG]})
        self.answer({"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": 404,
                     "reason": "NotFound", "message": "no such flag"}, 404)

    def do_POST(self):
        self.server.note(self)
        self.answer(json.loads(self.body()), 201)

    def watch(self):
        """An event at once, and one when the test says so."""
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.event("ADDED")
        self.server.goes_on.wait(20)
        self.event("MODIFIED")
        self.wfile.write(b"0\r\n\r\n")

    def event(self, kind):
        line = json.dumps({"type": kind, "object": FLAG}).encode() + b"\n"
        self.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))
        self.wfile.flush()


class ExtensionServer(over_tls.Server):
    """`with ExtensionServer(folder, host, authority) as server:` serves the group.

    Its certificate is good for `host`; whoever calls must have one from `client_authority`.
    """

    def __init__(self, folder, host, client_authority):
        self.authority, key = over_tls.make_certificate(folder, f"DNS:{host}")
        self.requests = []
        self.goes_on = threading.Event()
        super().__init__(Handler, self.authority, key, client_authority)

    def note(self, handler):
        subject = dict(part[0] for part in handler.connection.getpeercert()["subject"])
        self.requests.append((handler.path, subject["commonName"], handler.headers))

    def last(self, path):
        return [(name, headers) for asked, name, headers in self.requests
                if asked.startswith(path)][-1]

    def __exit__(self, *raised):
        self.goes_on.set()
        super().__exit__(*raised)
