"""A webhook of our own: HTTPS with a certificate that the openssl tool makes for it."""

import base64
import json
import threading

import over_tls


class Webhook:
    """`with Webhook(directory) as hook:` answers on a free port of 127.0.0.1.

    `hook.answers[path]` is given the review's request, and gives what the response says beside
    its uid. `hook.documents[path]` is given the review, and gives the status and the document of
    the whole answer. `hook.asked` has the path, the query and the request of each review, in their
    order.
    """

    def __init__(self, directory, *names):
        self.certificate, self.key = over_tls.make_certificate(directory, *names)
        self.answers = {}
        self.asked = []
        self.documents = {}
        self._lock = threading.Lock()

    def __enter__(self):
        hook = self

        class Handler(over_tls.Handler):
            def do_POST(self):
                hook._answer(self)

        self._server = over_tls.Server(Handler, self.certificate, self.key).__enter__()
        return self

    def __exit__(self, *raised):
        self._server.__exit__(*raised)

    @property
    def port(self):
        return self._server.port

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
        path, _, query = exchange.path.partition("?")
        review = json.loads(exchange.body())
        with self._lock:
            self.asked.append((path, query, review["request"]))
        if path in self.documents:
            status, document = self.documents[path](review)
        else:
            response = {"uid": review["request"]["uid"], **self.answers[path](review["request"])}
            document = {"kind": "AdmissionReview", "apiVersion": review["apiVersion"],
                        "response": response}
            status = 200
        exchange.answer(document, status)


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
