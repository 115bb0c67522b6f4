"""TLS on both sides of a gateway: clients that it knows, and servers that it calls."""

import contextlib
import http.server
import json
import os
import ssl
import subprocess
import threading

HTTPS = ("--https-listen", "127.0.0.1:0")


class OverTLS:
    """kubectl with `admin.kubeconfig` and nothing else."""

    def __init__(self, kubectl, server):
        self.program, self.server = kubectl.program, server
        self.environment = {**kubectl.environment, "KUBECONFIG": os.devnull}

    def __call__(self, *arguments):
        done = subprocess.run(
            [self.program, "--kubeconfig", f"{self.server.data_dir}/admin.kubeconfig", *arguments],
            capture_output=True, text=True, timeout=30, env=self.environment)
        assert done.returncode == 0, done.stderr
        return done.stdout


def context(data_dir):
    """Trusts the gateway's own authority, and shows the administrator's certificate."""
    made = ssl.create_default_context(cafile=f"{data_dir}/pki/ca.crt")
    made.load_cert_chain(f"{data_dir}/pki/admin.crt", f"{data_dir}/pki/admin.key")
    return made


def url(server):
    return f"https://{server.ready['https']}"


def make_certificate(directory, *names):
    """A self-signed certificate for 127.0.0.1 and these names, and its key, as files."""
    certificate, key = directory / "server.crt", directory / "server.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-days", "2", "-subj", "/CN=server", "-keyout", key, "-out", certificate,
         "-addext", "subjectAltName=" + ",".join(("IP:127.0.0.1", *names))],
        check=True, capture_output=True)
    return certificate, key


class Handler(http.server.BaseHTTPRequestHandler):
    """JSON in, JSON out."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def body(self):
        return self.rfile.read(int(self.headers["Content-Length"]))

    def answer(self, document, status=200):
        """Sends a document, or bytes as they are. Whoever asked may have left."""
        data = document if isinstance(document, bytes) else json.dumps(document).encode()
        with contextlib.suppress(OSError):
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)


class Server(http.server.ThreadingHTTPServer):
    """`with Server(handler, certificate, key) as server:` answers on a free port of 127.0.0.1.

    With `client_authority` it wants certificates from there, which handlers may look at.
    """

    daemon_threads = True

    def __init__(self, handler, certificate, key, client_authority=None):
        super().__init__(("127.0.0.1", 0), handler)
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made.load_cert_chain(certificate, key)
        if client_authority:
            made.load_verify_locations(client_authority)
            made.verify_mode = ssl.CERT_REQUIRED
        # A handshake is the business of its own connection's thread.
        self.socket = made.wrap_socket(
            self.socket, server_side=True, do_handshake_on_connect=False)
        self._thread = threading.Thread(target=self.serve_forever, daemon=True)

    @property
    def port(self):
        return self.server_address[1]

    def handle_error(self, *_):
        """Says nothing: peers that break off are what some tests are about."""

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()
        self._thread.join()
