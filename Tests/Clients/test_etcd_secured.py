"""etcd that shows a certificate and wants to see one: what a gateway says when they do not fit."""

import dataclasses
import pathlib
import subprocess

import pytest

import objects
import server as gateway
import wire
from replicated import ports
from replicated.member import Member

MAPS = "/api/v1/namespaces/default/configmaps"
SECONDS = 60


def openssl(*arguments):
    done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@dataclasses.dataclass
class Authority:
    directory: pathlib.Path
    name: str

    def __post_init__(self):
        self.certificate = self.directory / f"{self.name}.crt"
        self.key = self.directory / f"{self.name}.key"
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                "-nodes", "-days", 1, "-subj", f"/CN={self.name}",
                "-addext", "keyUsage=critical,keyCertSign",
                "-keyout", self.key, "-out", self.certificate)

    def issue(self, name, usages):
        """A certificate and its key."""
        key, request = self.directory / f"{name}.key", self.directory / f"{name}.csr"
        certificate = self.directory / f"{name}.crt"
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                "-subj", f"/CN={name}", "-addext", f"extendedKeyUsage={usages}",
                "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", request)
        openssl("x509", "-req", "-in", request, "-copy_extensions", "copy", "-days", 1,
                "-CA", self.certificate, "-CAkey", self.key, "-out", certificate)
        return certificate, key


@dataclasses.dataclass
class Secured:
    member: Member
    authority: Authority
    url: str


@pytest.fixture(scope="module")
def etcd(tmp_path_factory):
    directory = tmp_path_factory.mktemp("etcd")
    authority = Authority(directory, "etcd-ca")
    # A member's own JSON gateway calls the member and shows the member's certificate.
    certificate, key = authority.issue("member", "serverAuth,clientAuth")
    port, peer = ports.free_ports(2)
    url, peer_url = f"https://127.0.0.1:{port}", f"http://127.0.0.1:{peer}"
    member = Member(directory / "member", port, [
        "--name", "m0", "--listen-client-urls", url, "--advertise-client-urls", url,
        "--listen-peer-urls", peer_url, "--initial-advertise-peer-urls", peer_url,
        "--initial-cluster", f"m0={peer_url}", "--cert-file", str(certificate),
        "--key-file", str(key), "--trusted-ca-file", str(authority.certificate),
        "--client-cert-auth", "--max-txn-ops", "1025", "--log-level", "error"])
    member.start()
    yield Secured(member, authority, url)
    member.stop()


def before(etcd, data_dir, authority=None, identity=None):
    """A gateway before it, which is not started yet."""
    flags = ["--store", "etcd", "--etcd-endpoints", etcd.url]
    if authority:
        flags += ["--etcd-cacert", str(authority)]
    if identity:
        flags += ["--etcd-cert", str(identity[0]), "--etcd-key", str(identity[1])]
    return gateway.Server(data_dir, *flags)


def test_a_gateway_shows_its_certificate_and_serves(etcd, tmp_path):
    identity = etcd.authority.issue("gateway", "clientAuth")
    with before(etcd, tmp_path / "data", etcd.authority.certificate, identity) as server:
        assert wire.ask(server, "POST", MAPS, objects.config_map("kept")).status == 201
        assert wire.ask(server, "GET", f"{MAPS}/kept").status == 200


def test_what_one_machine_kept_moves_into_it(etcd, tmp_path):
    identity = etcd.authority.issue("gateway", "clientAuth")
    flags = ["--etcd-prefix", "/moved", "--etcd-cacert", str(etcd.authority.certificate),
             "--etcd-cert", str(identity[0]), "--etcd-key", str(identity[1])]
    with gateway.Server(tmp_path / "data") as embedded:
        assert wire.ask(embedded, "POST", MAPS, objects.config_map("moved")).status == 201
    migrated = subprocess.run(
        [gateway.binary(), "migrate", "--from", f"sqlite:{embedded.data_dir}",
         "--to", f"etcd:{etcd.url}", *flags],
        capture_output=True, text=True, timeout=SECONDS)
    assert migrated.returncode == 0, migrated.stderr
    with gateway.Server(
            embedded.data_dir, "--store", "etcd", "--etcd-endpoints", etcd.url, *flags) as server:
        assert wire.ask(server, "GET", f"{MAPS}/moved").status == 200


def complaint(server, pattern):
    """Starts a gateway that cannot reach its store, and returns what it says of that."""
    command = [gateway.binary(), "serve", "--data-dir", server.data_dir,
               "--http-listen", "127.0.0.1:0", *server.flags]
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        return next(line for line in process.stderr if pattern in line)
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


WAITS = "etcd does not answer yet"


def test_an_authority_that_has_not_signed_is_named_as_the_reason(etcd, tmp_path):
    other = Authority(tmp_path, "other-ca")
    identity = etcd.authority.issue("gateway", "clientAuth")
    line = complaint(before(etcd, tmp_path / "data", other.certificate, identity), WAITS)
    assert etcd.url.removeprefix("https://") in line
    assert "certificate" in line and "--etcd-cacert" in line, line


def test_a_certificate_that_is_not_shown_is_named_as_the_reason(etcd, tmp_path):
    line = complaint(before(etcd, tmp_path / "data", etcd.authority.certificate), WAITS)
    assert etcd.url.removeprefix("https://") in line
    assert "wants a certificate from us" in line and "--etcd-cert" in line, line


def test_a_certificate_of_somebody_else_is_named_as_the_reason(etcd, tmp_path):
    stranger = Authority(tmp_path, "other-ca").issue("gateway", "clientAuth")
    line = complaint(
        before(etcd, tmp_path / "data", etcd.authority.certificate, stranger), WAITS)
    assert "wants a certificate from us" in line and "--etcd-cert" in line, line


def test_files_that_cannot_be_used_are_named_at_once(etcd, tmp_path):
    missing = tmp_path / "none.crt"
    line = complaint(before(etcd, tmp_path / "data", missing), "--etcd-cacert")
    assert str(missing) in line
