"""A webhook of our own: HTTPS with a certificate that the openssl tool makes for it."""

import base64
import contextlib
import http.server
import json
import ssl
import subprocess
import threading


def make_certificate(directory, *names):
    """A self-signed certificate for these names, and its key, as files."""
    certificate, key = directory / "webhook.crt", directory / "webhook.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-days", "2", "-subj", "/CN=webhook", "-keyout", key, "-out", certificate,
         "-addext", "subjectAltName=" + ",".join(("IP:127.0.0.1", *names))],
        check=True, capture_output=True)
    return certificate, key


class Webhook:
    """`with Webhook(directory) as hook:` answers on a free port of 127.0.0.1.

    `hook.answers[path]` is given the review's request, and gives what the response says beside
    its uid. `hook.asked` has the path, the query and the request of each review, in their order.
    """

    def __init__(self, directory, *names):
        self.certificate, self.key = make_certificate(directory, *names)
        self.answers = {}
        self.asked = []
        self.documents = {}
        self._lock = threading.Lock()

    def __enter__(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        hook = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                hook._answer(self)

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.handle_error = lambda *_: None
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def port(self):
        return self._server.server_address[1]

    @property
    def authority(self):
        """The caBundle."""
        return base64.b64encode(self.certificate.read_bytes()).decode()

    def config(self, path):
        return {"url": f"https://127.0.0.1:{self.port}{path}", "caBundle": self.authority}

    def reviews(self, path):
        """The requests that came to a path."""
        with self._lock:
            return [request for asked, _, request in self.asked if asked == path]

    def queries(self, path):
        with self._lock:
            return [query for asked, query, _ in self.asked if asked == path]

    def forget(self):
        with self._lock:
            self.asked.clear()

    def _answer(self, exchange):
        body = exchange.rfile.read(int(exchange.headers["Content-Length"]))
        path, _, query = exchange.path.partition("?")
        review = json.loads(body)
        with self._lock:
            self.asked.append((path, query, review["request"]))
        if path in self.documents:
            status, document = self.documents[path](review)
        else:
            response = {"uid": review["request"]["uid"], **self.answers[path](review["request"])}
            document = {"kind": "AdmissionReview", "apiVersion": review["apiVersion"],
                        "response": response}
            status = 200
        data = json.dumps(document).encode() if not isinstance(document, bytes) else document
        with contextlib.suppress(OSError):
            exchange.send_response(status)
            exchange.send_header("Content-Type", "application/json")
            exchange.send_header("Content-Length", str(len(data)))
            exchange.end_headers()
            exchange.wfile.write(data)


def allowed(**more):
    return {"allowed": True, **more}


def denied(message="", **status):
    if message:
        status["message"] = message
    return {"allowed": False, **({"status": status} if status else {})}


def patch(*operations):
    """Allowed, with these operations of a JSON patch."""
    data = base64.b64encode(json.dumps(operations).encode()).decode()
    return allowed(patchType="JSONPatch", patch=data)


def rule(resources, operations=("*",), groups=("",), versions=("v1",), **more):
    return {"operations": list(operations), "apiGroups": list(groups),
            "apiVersions": list(versions), "resources": resources, **more}


def webhook(name, client, *rules, **more):
    """One of the webhooks of a configuration."""
    return {"name": name, "clientConfig": client, "rules": list(rules), "sideEffects": "None",
            "admissionReviewVersions": ["v1"], **more}
