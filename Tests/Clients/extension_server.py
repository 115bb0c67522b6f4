"""A server of a group of its own, as an APIService names one: TLS, a watch, and who asks."""

import http.server
import json
import ssl
import subprocess
import threading

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


def certificates(folder, host):
    """An authority, and a certificate for `host`; the paths of both and of the key."""
    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], check=True, capture_output=True, cwd=folder)

    (folder / "names").write_text(f"subjectAltName=DNS:{host}\n")
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out",
            "ca.crt", "-subj", "/CN=flags-ca", "-days", "2")
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", "server.key", "-out",
            "server.csr", "-subj", f"/CN={host}")
    openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.crt", "-CAkey", "ca.key",
            "-CAcreateserial", "-out", "server.crt", "-days", "2", "-extfile", "names")
    return folder / "ca.crt", folder / "server.crt", folder / "server.key"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.server.owner.note(self)
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
        self.server.owner.note(self)
        length = int(self.headers["Content-Length"])
        self.answer(json.loads(self.rfile.read(length)), 201)

    def answer(self, document, status=200):
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def watch(self):
        """An event at once, and one when the test says so."""
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.event("ADDED")
        self.server.owner.goes_on.wait(20)
        self.event("MODIFIED")
        self.wfile.write(b"0\r\n\r\n")

    def event(self, kind):
        line = json.dumps({"type": kind, "object": FLAG}).encode() + b"\n"
        self.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))
        self.wfile.flush()


class ExtensionServer:
    """`with ExtensionServer(folder, authority) as server:` serves the group."""

    def __init__(self, folder, host, client_authority):
        self.authority, certificate, key = certificates(folder, host)
        self.requests = []
        self.goes_on = threading.Event()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.owner = self
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        context.load_verify_locations(client_authority)
        context.verify_mode = ssl.CERT_REQUIRED
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]

    def note(self, handler):
        subject = dict(part[0] for part in handler.connection.getpeercert()["subject"])
        self.requests.append((handler.path, subject["commonName"], handler.headers))

    def last(self, path):
        return [(name, headers) for asked, name, headers in self.requests
                if asked.startswith(path)][-1]

    def __enter__(self):
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self.goes_on.set()
        self.server.shutdown()
        self.server.server_close()
