"""Keys, certificates and kubeconfigs as the command line makes them, read by real clients."""

import base64
import json
import re
import stat
import subprocess

import pytest

import server as gateway


def binnacle(*arguments):
    return subprocess.run(
        [gateway.binary(), *map(str, arguments)], capture_output=True, text=True, timeout=30)


@pytest.fixture
def made(tmp_path):
    """A data directory with keys and certificates, before any server has started."""
    done = binnacle("certs", "--data-dir", tmp_path / "data", "--make")
    assert done.returncode == 0, done.stderr
    return tmp_path / "data"


def view(kubectl, path):
    shown = kubectl("config", "view", "--kubeconfig", path, "--raw", "--output", "json")
    return json.loads(shown)


def test_certificates_are_made_once_and_shown(made):
    files = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (made / "pki").iterdir()}
    assert files == dict.fromkeys(
        ["ca.crt", "ca.key", "apiserver.crt", "apiserver.key", "admin.crt", "admin.key", "sa.key"],
        0o600)
    assert stat.S_IMODE((made / "pki").stat().st_mode) == 0o700
    before = {path: path.read_bytes() for path in (made / "pki").iterdir()}
    done = binnacle("certs", "--data-dir", made, "--make")
    assert done.returncode == 0
    assert done.stdout.startswith("FILE ")
    assert before == {path: path.read_bytes() for path in (made / "pki").iterdir()}
    assert re.search(r"pki/apiserver\.crt +CN=binnacle +\S+Z +36\dd +valid", done.stdout)


def test_showing_what_is_not_there_fails_and_makes_nothing(tmp_path):
    done = binnacle("certs", "--data-dir", tmp_path / "data")
    assert done.returncode == 1
    assert "--make" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_key_that_others_can_read_is_named(made):
    key = made / "pki" / "ca.key"
    key.chmod(0o644)
    shown = binnacle("certs", "--data-dir", made)
    assert shown.returncode == 1
    assert f"chmod 0600 {key}" in shown.stdout
    refused = binnacle("kubeconfig", "--data-dir", made, "--user", "wanda")
    assert refused.returncode != 0
    assert f"chmod 0600 {key}" in refused.stderr


def test_kubectl_reads_a_kubeconfig(made, bare_kubectl, tmp_path):
    path = tmp_path / "wanda.kubeconfig"
    done = binnacle(
        "kubeconfig", "--data-dir", made, "--user", 'wanda: "the" #1', "--group", "builders",
        "--group", "readers", "--server", "https://api.example:6443", "--lifetime", "12h",
        "--output", path)
    assert done.returncode == 0, done.stderr
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    config = view(bare_kubectl, path)
    assert config["clusters"][0]["cluster"]["server"] == "https://api.example:6443"
    assert config["users"][0]["name"] == 'wanda: "the" #1'
    assert config["current-context"] == config["contexts"][0]["name"]
    assert config["contexts"][0]["context"]["user"] == config["users"][0]["name"]
    authority = base64.b64decode(config["clusters"][0]["cluster"]["certificate-authority-data"])
    assert authority == (made / "pki" / "ca.crt").read_bytes()
    user = config["users"][0]["user"]
    assert b"BEGIN CERTIFICATE" in base64.b64decode(user["client-certificate-data"])
    assert b"BEGIN PRIVATE KEY" in base64.b64decode(user["client-key-data"])

    again = binnacle("kubeconfig", "--data-dir", made, "--user", "wanda", "--output", path)
    assert again.returncode != 0 and str(path) in again.stderr


def test_a_kubeconfig_goes_to_standard_output(made, bare_kubectl, tmp_path):
    done = binnacle("kubeconfig", "--data-dir", made, "--user", "wanda")
    assert done.returncode == 0, done.stderr
    path = tmp_path / "printed"
    path.write_text(done.stdout)
    cluster = view(bare_kubectl, path)["clusters"][0]["cluster"]
    assert cluster["server"] == "https://127.0.0.1:6443"


@pytest.mark.parametrize("flags, word", [
    (["--user", ""], "name"),
    (["--user", "w" * 65], "64"),
    (["--user", "wanda", "--server", "http://127.0.0.1:8080"], "https"),
    (["--user", "wanda", "--lifetime", "soon"], "lifetime"),
])
def test_what_fits_no_certificate_is_refused(made, flags, word):
    done = binnacle("kubeconfig", "--data-dir", made, *flags)
    assert done.returncode != 0 and done.stdout == ""
    assert word in done.stderr


def test_a_kubeconfig_needs_an_authority(tmp_path):
    done = binnacle("kubeconfig", "--data-dir", tmp_path, "--user", "wanda")
    assert done.returncode != 0
    assert str(tmp_path / "pki" / "ca.crt") in done.stderr
