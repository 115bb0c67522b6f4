"""Groups that another server serves, through the gateway."""

import base64
import json
import subprocess
import urllib.error
import urllib.request

import pytest

import server as gateway
from extension_server import FLAG, GROUP, NAME, VERSION, ExtensionServer
from over_tls import context, url

BASE = f"/apis/{GROUP}/{VERSION}"
FLAGS = f"{BASE}/namespaces/default/flags"


@pytest.fixture
def extension(secure, tmp_path):
    folder = tmp_path / "extension"
    folder.mkdir()
    authority = f"{secure.data_dir}/pki/ca.crt"
    with ExtensionServer(folder, "flags.default.svc", authority) as server:
        yield server


def register(admin, tmp_path, extension, **spec):
    objects = {"kind": "List", "apiVersion": "v1", "items": [
        {"apiVersion": "v1", "kind": "Service",
         "metadata": {"name": "flags", "namespace": "default"},
         "spec": {"type": "ExternalName", "externalName": "localhost"}},
        {"apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService",
         "metadata": {"name": NAME},
         "spec": {"group": GROUP, "version": VERSION, "groupPriorityMinimum": 1000,
                  "versionPriority": 10,
                  "service": {"namespace": "default", "name": "flags", "port": extension.port},
                  **spec}}]}
    path = tmp_path / "objects.json"
    path.write_text(json.dumps(objects))
    admin("create", "-f", str(path))


def bundle(extension):
    return base64.b64encode(extension.authority.read_bytes()).decode()


def available(admin, state):
    admin("wait", f"apiservice/{NAME}", f"--for=condition=Available={state}", "--timeout=20s")


def ask(secure, path, **headers):
    request = urllib.request.Request(url(secure) + path, headers=headers)
    with urllib.request.urlopen(request, context=context(secure.data_dir), timeout=20) as answer:
        return json.loads(answer.read())


def test_a_group_is_found_read_and_written_through_the_gateway(
        secure, admin, extension, tmp_path):
    register(admin, tmp_path, extension, caBundle=bundle(extension))
    available(admin, "True")
    assert "flags" in admin("api-resources", f"--api-group={GROUP}")
    assert admin("get", "fl", "red", "-o", "name") == f"flag.{GROUP}/red\n"
    assert "True" in admin("get", "apiservice", NAME)
    groups = [group["name"] for group in ask(secure, "/apis")["groups"]]
    assert groups.count(GROUP) == 1 and "apps" in groups
    assert ask(secure, f"/apis/{GROUP}")["preferredVersion"]["version"] == VERSION
    assert BASE[1:] in ask(secure, "/openapi/v3")["paths"]
    assert ask(secure, f"/openapi/v3{BASE}")["info"]["title"] == "Flags"
    (tmp_path / "flag.json").write_text(json.dumps(FLAG))
    admin("create", "--validate=false", "-f", str(tmp_path / "flag.json"))


def test_the_server_is_told_who_asks_and_by_whom(secure, admin, extension, tmp_path):
    register(admin, tmp_path, extension, caBundle=bundle(extension))
    available(admin, "True")
    forged = {"X-Remote-User": "system:admin", "X-Remote-Group": "forged",
              "X-Remote-Extra-Scopes": "all"}
    ask(secure, f"{FLAGS}/red", **forged)
    proxy, headers = extension.last(f"{FLAGS}/red")
    assert proxy == "front-proxy-client"
    assert headers["X-Remote-User"] == "kubernetes-admin"
    assert headers.get_all("X-Remote-Group") == ["system:masters", "system:authenticated"]
    assert headers["X-Remote-Extra-Scopes"] is None and headers["Authorization"] is None
    told = json.loads(admin("get", "configmap", "extension-apiserver-authentication",
                            "--namespace=kube-system", "-o", "json"))["data"]
    assert told["requestheader-allowed-names"] == '["front-proxy-client"]'
    with open(f"{secure.data_dir}/pki/ca.crt") as authority:
        assert told["requestheader-client-ca-file"].strip() == authority.read().strip()


def test_nobody_reads_there_who_may_not(secure, admin, extension, tmp_path):
    register(admin, tmp_path, extension, caBundle=bundle(extension))
    available(admin, "True")
    admin("create", "clusterrole", "lists-flags", "--verb=list", f"--resource=flags.{GROUP}")
    admin("create", "clusterrolebinding", "wanda", "--clusterrole=lists-flags", "--user=wanda")
    kubeconfig = tmp_path / "wanda.kubeconfig"
    subprocess.run(
        [gateway.binary(), "kubeconfig", "--data-dir", secure.data_dir, "--user", "wanda",
         "--server", url(secure), "--output", kubeconfig], check=True, timeout=30)

    def wanda(*arguments):
        return subprocess.run(
            [admin.program, "--kubeconfig", kubeconfig, *arguments], capture_output=True,
            text=True, timeout=30, env=admin.environment)

    listed = wanda("get", "--raw", FLAGS)
    assert listed.returncode == 0, listed.stderr
    for path in (f"{FLAGS}?watch=true", f"{FLAGS}/red"):
        refused = wanda("get", "--raw", path)
        assert refused.returncode != 0 and 'User "wanda" cannot' in refused.stderr


def test_a_watch_passes_through_event_by_event(secure, admin, extension, tmp_path):
    register(admin, tmp_path, extension, caBundle=bundle(extension))
    available(admin, "True")
    request = urllib.request.Request(f"{url(secure)}{FLAGS}?watch=true")
    with urllib.request.urlopen(
            request, context=context(secure.data_dir), timeout=20) as answer:
        assert json.loads(answer.readline())["type"] == "ADDED"
        extension.goes_on.set()
        assert json.loads(answer.readline())["type"] == "MODIFIED"
        assert answer.readline() == b""


def test_a_server_that_is_gone_or_not_believed_is_told(secure, admin, extension, tmp_path):
    register(admin, tmp_path, extension)
    available(admin, "False")
    shown = admin("get", "apiservice", NAME)
    assert "False (FailedDiscoveryCheck)" in shown, shown
    with pytest.raises(urllib.error.HTTPError) as refusal:
        ask(secure, f"{FLAGS}/red")
    assert refusal.value.code == 503
    assert json.loads(refusal.value.read())["reason"] == "ServiceUnavailable"
    admin("patch", "apiservice", NAME, "--type=merge",
          "-p", '{"spec":{"insecureSkipTLSVerify":true}}')
    available(admin, "True")
    admin("delete", "service", "flags")
    available(admin, "False")
    assert "False (ServiceNotFound)" in admin("get", "apiservice", NAME)
    admin("delete", "apiservice", NAME)
    assert GROUP not in admin("api-versions")
