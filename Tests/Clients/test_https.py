"""The gateway over HTTPS, with the keys and certificates that it makes at its first start."""

import http.client
import os
import shutil
import socket
import ssl
import subprocess
import threading
import urllib.request

import pytest

import server as gateway
from over_tls import HTTPS, OverTLS, context, url


def certs(data_dir, *flags):
    subprocess.run(
        [gateway.binary(), "certs", "--data-dir", data_dir, "--make", *flags], check=True,
        capture_output=True, timeout=30)


def test_the_admin_kubeconfig_works_and_outlives_a_restart(secure, admin):
    admin("create", "configmap", "greeting", "--from-literal=text=hello")
    kept = {}
    for name in ("ca.crt", "apiserver.crt", "admin.crt", "sa.key"):
        kept[name] = open(f"{secure.data_dir}/pki/{name}", "rb").read()
    secure.stop()
    secure.start()
    # The port is another one: the kubeconfig has followed.
    shown = admin("get", "configmap", "greeting", "--output=jsonpath={.data.text}")
    assert shown == "hello"
    for name, content in kept.items():
        assert open(f"{secure.data_dir}/pki/{name}", "rb").read() == content


def test_an_administrator_watches_over_tls(secure, admin):
    watch = subprocess.Popen(
        [admin.program, "--kubeconfig", f"{secure.data_dir}/admin.kubeconfig", "get", "configmaps",
         "--watch", "--output=name"],
        stdout=subprocess.PIPE, text=True, env=admin.environment)
    try:
        admin("create", "configmap", "seen")
        names = iter(watch.stdout.readline, "")
        assert any(line.strip() == "configmap/seen" for line in names)
    finally:
        watch.kill()
        watch.wait(15)
        watch.stdout.close()


def test_a_client_that_does_not_know_the_authority_trusts_nobody(secure):
    with pytest.raises(urllib.error.URLError, match="CERTIFICATE_VERIFY_FAILED"):
        urllib.request.urlopen(f"{url(secure)}/version", timeout=15)


def test_plain_http_is_told_that_it_is_at_the_wrong_door(secure):
    with pytest.raises(urllib.error.HTTPError) as refusal:
        urllib.request.urlopen(f"http://{secure.ready['https']}/version", timeout=15)
    assert refusal.value.code == 400
    assert "HTTPS" in refusal.value.read().decode()


def test_a_new_certificate_is_used_without_a_failed_request(secure):
    """Certificates are replaced while connections are opened and used all the time."""
    data_dir, failures, done = secure.data_dir, [], threading.Event()
    counts, serials = [0, 0, 0], set()
    host, _, port = secure.ready["https"].rpartition(":")

    def ask(index):
        while not done.is_set():
            try:
                connection = http.client.HTTPSConnection(
                    host, int(port), context=context(data_dir), timeout=15)
                for _ in range(5):
                    connection.request("GET", "/api/v1/namespaces/default")
                    answer = connection.getresponse()
                    answer.read()
                    assert answer.status == 200
                    counts[index] += 1
                serials.add(connection.sock.getpeercert()["serialNumber"])
                connection.close()
            except Exception as failure:
                failures.append(failure)

    askers = [threading.Thread(target=ask, args=[index]) for index in range(len(counts))]
    for asker in askers:
        asker.start()
    def wait_for(count):
        while len(serials) < count and not failures:
            done.wait(0.01)

    try:
        wait_for(1)
        for number in range(3):
            # Ours lacks a name that is asked for: a new one is made in its place.
            certs(data_dir, f"--tls-san=host-{number}.test")
            wait_for(number + 2)
    finally:
        done.set()
        for asker in askers:
            asker.join(30)
    assert failures == []
    assert min(counts) > 0 and len(serials) >= 4


def test_the_address_that_is_listened_on_is_in_the_certificate(tmp_path, kubectl):
    flags = ("--https-listen", "127.0.0.2:0")
    with gateway.Server(tmp_path / "data", *flags) as server:
        assert server.ready["https"].startswith("127.0.0.2:")
        assert "kube-system" in OverTLS(kubectl, server)("get", "namespaces")


def test_a_server_for_other_machines_is_reached_from_this_one(tmp_path, kubectl):
    with gateway.Server(tmp_path / "data", "--https-listen", "0.0.0.0:0") as server:
        assert "kube-system" in OverTLS(kubectl, server)("get", "namespaces")


def test_ones_own_certificate_is_served(tmp_path, kubectl):
    """The files of one data directory stand for those that people bring to another."""
    certs(tmp_path / "theirs", "--tls-san=api.example.test")
    pki = tmp_path / "theirs/pki"
    flags = [
        f"--tls-cert-file={pki}/apiserver.crt", f"--tls-private-key-file={pki}/apiserver.key",
        f"--client-ca-file={pki}/ca.crt",
    ]
    with gateway.Server(tmp_path / "data", *HTTPS, *flags) as server:
        answer = urllib.request.urlopen(
            f"{url(server)}/api/v1/namespaces/default", context=context(tmp_path / "theirs"),
            timeout=15)
        assert answer.status == 200
        assert sorted(os.listdir(tmp_path / "data/pki")) == ["sa.key"]


def test_a_client_is_shown_the_certificate_of_the_name_that_it_asks_for(tmp_path):
    certs(tmp_path / "theirs", "--tls-san=api.example.test")
    pki = tmp_path / "theirs/pki"
    pair = f"--tls-sni-cert-key={pki}/apiserver.crt,{pki}/apiserver.key"
    with gateway.Server(tmp_path / "data", *HTTPS, pair) as server:
        host, _, port = server.ready["https"].rpartition(":")
        for name, authority in [("api.example.test", pki), ("other.test", tmp_path / "data/pki")]:
            trusting = ssl.create_default_context(cafile=f"{authority}/ca.crt")
            trusting.check_hostname = False
            with socket.create_connection((host, int(port)), timeout=15) as connection:
                with trusting.wrap_socket(connection, server_hostname=name) as session:
                    names = [value for _, value in session.getpeercert()["subjectAltName"]]
                    assert ("api.example.test" in names) == (name == "api.example.test")


@pytest.mark.parametrize("spoiled, said", [
    ("apiserver.key", "does not fit the certificate"),
    ("apiserver.crt", "apiserver.crt"),
])
def test_files_that_cannot_be_used_end_the_start_and_are_named(tmp_path, spoiled, said):
    for name in ("theirs", "others"):
        certs(tmp_path / name)
    pki = tmp_path / "theirs/pki"
    if spoiled.endswith(".key"):
        shutil.copy(tmp_path / "others/pki" / spoiled, pki / spoiled)
    else:
        (pki / spoiled).write_text("this is no certificate\n")
    done = subprocess.run(
        [gateway.binary(), "serve", "--data-dir", tmp_path / "data", *HTTPS,
         f"--tls-cert-file={pki}/apiserver.crt", f"--tls-private-key-file={pki}/apiserver.key"],
        capture_output=True, text=True, timeout=30)
    assert done.returncode == 1
    assert said in done.stderr
