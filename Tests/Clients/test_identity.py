"""Who asks, and what they may do, as real clients meet it over HTTPS."""

import json
import os
import ssl
import subprocess
import sys
import textwrap
import urllib.error
import urllib.request

import pytest

import server as gateway
from over_tls import context, url


def refused(ask):
    """The status code and the Status of a request that is refused."""
    with pytest.raises(urllib.error.HTTPError) as refusal:
        ask()
    return refusal.value.code, json.loads(refusal.value.read())


def test_an_administrator_is_known_and_may_do_everything(admin):
    assert "kubernetes-admin" in admin("auth", "whoami")
    assert admin("auth", "can-i", "delete", "nodes").strip() == "yes"
    assert "*.*" in admin("auth", "can-i", "--list")


def test_a_user_of_one_namespace_sees_no_other(secure, admin, tmp_path):
    admin("create", "namespace", "mine")
    admin("create", "rolebinding", "wanda", "--clusterrole=view", "--user=wanda",
          "--namespace=mine")
    kubeconfig = tmp_path / "wanda.kubeconfig"
    subprocess.run(
        [gateway.binary(), "kubeconfig", "--data-dir", secure.data_dir, "--user", "wanda",
         "--server", url(secure), "--output", kubeconfig], check=True, timeout=30)

    def wanda(*arguments):
        return subprocess.run(
            [admin.program, "--kubeconfig", kubeconfig, *arguments], capture_output=True,
            text=True, timeout=30, env=admin.environment)

    assert wanda("get", "configmaps", "--namespace=mine").returncode == 0
    for arguments in (["--namespace=default"], ["--all-namespaces"]):
        done = wanda("get", "configmaps", *arguments)
        assert done.returncode != 0
        assert 'User "wanda" cannot list resource "configmaps"' in done.stderr
    assert wanda("get", "secrets", "--namespace=mine").returncode != 0
    listed = wanda("auth", "can-i", "--list", "--namespace=mine").stdout
    assert "configmaps" in listed and "secrets" not in listed


def test_nobody_and_a_wrong_token_are_told_apart(secure):
    anyone = context(secure.data_dir)
    stranger = ssl.create_default_context(
        cafile=f"{secure.data_dir}/pki/ca.crt")
    path = f"{url(secure)}/api/v1/pods"
    code, status = refused(lambda: urllib.request.urlopen(path, context=stranger, timeout=15))
    assert code == 403
    assert status["message"].startswith('pods is forbidden: User "system:anonymous" cannot list')
    wrong = urllib.request.Request(path, headers={"Authorization": "Bearer not-a-known-secret"})
    code, status = refused(lambda: urllib.request.urlopen(wrong, context=stranger, timeout=15))
    assert (code, status["message"], status["reason"]) == (401, "Unauthorized", "Unauthorized")
    assert "not-a-known-secret" not in secure.log_since(0)
    metrics = urllib.request.urlopen(f"{url(secure)}/metrics", context=anyone, timeout=15)
    assert "authentication" in metrics.read().decode()


def test_who_may_not_write_is_told_so_also_in_the_middle_of_a_large_body(secure):
    stranger = ssl.create_default_context(cafile=f"{secure.data_dir}/pki/ca.crt")
    body = json.dumps({"metadata": {"name": "x"}, "data": {"k": "v" * 2_900_000}}).encode()
    request = urllib.request.Request(
        f"{url(secure)}/api/v1/namespaces/default/configmaps", data=body, method="POST",
        headers={"Content-Type": "application/json"})
    code, status = refused(lambda: urllib.request.urlopen(request, context=stranger, timeout=15))
    assert (code, status["reason"]) == (403, "Forbidden")


def test_a_certificate_of_another_authority_is_refused_with_a_status(secure, tmp_path):
    others = tmp_path / "others"
    subprocess.run(
        [gateway.binary(), "certs", "--data-dir", others, "--make"], check=True,
        capture_output=True, timeout=30)

    foreign = ssl.create_default_context(cafile=f"{secure.data_dir}/pki/ca.crt")
    foreign.load_cert_chain(f"{others}/pki/admin.crt", f"{others}/pki/admin.key")
    code, status = refused(
        lambda: urllib.request.urlopen(
            f"{url(secure)}/api/v1/namespaces", context=foreign, timeout=15))
    assert (code, status["reason"]) == (401, "Unauthorized")


def expired(data_dir, folder):
    """A certificate of the gateway's own authority that was good in January 2025."""
    folder.mkdir()
    (folder / "index.txt").write_text("")
    (folder / "ca.cnf").write_text(textwrap.dedent(f"""
        [ca]
        default_ca = own
        [own]
        database = {folder}/index.txt
        new_certs_dir = {folder}
        policy = any
        default_md = sha256
        rand_serial = yes
        [any]
        organizationName = optional
        commonName = supplied
        """))
    (folder / "extensions").write_text("extendedKeyUsage = clientAuth\n")
    for command in [
        ["req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
         "-keyout", "key", "-out", "request", "-subj", "/O=system:masters/CN=late"],
        ["ca", "-batch", "-config", "ca.cnf", "-cert", f"{data_dir}/pki/ca.crt",
         "-keyfile", f"{data_dir}/pki/ca.key", "-in", "request", "-out", "certificate",
         "-startdate", "20250101000000Z", "-enddate", "20250201000000Z",
         "-extfile", "extensions"],
    ]:
        subprocess.run(
            ["openssl", *command], check=True, capture_output=True, timeout=30, cwd=folder)
    made = ssl.create_default_context(cafile=f"{data_dir}/pki/ca.crt")
    made.load_cert_chain(folder / "certificate", folder / "key")
    return made


def test_an_expired_certificate_is_refused_counted_and_told_of(secure, tmp_path):
    late = expired(os.path.abspath(secure.data_dir), tmp_path / "late")
    code, status = refused(
        lambda: urllib.request.urlopen(
            f"{url(secure)}/api/v1/namespaces", context=late, timeout=15))
    assert (code, status["reason"]) == (401, "Unauthorized")
    secure.wait_for_line("got 401: certificate_expired: the certificate has expired")
    metrics = urllib.request.urlopen(
        f"{url(secure)}/metrics", context=context(secure.data_dir), timeout=15).read().decode()
    assert 'binnacle_authentication_failures_total{reason="certificate_expired"} 1' in metrics


def test_the_python_client_works_from_within_a_pod(secure, admin, tmp_path):
    """A token, the authority and the namespace lie in files, and the address in the environment."""
    admin("create", "serviceaccount", "reader")
    admin("create", "rolebinding", "reader", "--clusterrole=view",
          "--serviceaccount=default:reader")
    admin("create", "configmap", "seen", "--from-literal=text=hello")
    mount = tmp_path / "serviceaccount"
    mount.mkdir()
    (mount / "token").write_text(admin("create", "token", "reader").strip())
    root = admin("get", "configmap", "kube-root-ca.crt", r"--output=jsonpath={.data.ca\.crt}")
    (mount / "ca.crt").write_text(root)
    (mount / "namespace").write_text("default")
    program = textwrap.dedent("""
        import sys
        from kubernetes import client, config
        from kubernetes.config import incluster_config
        mount = sys.argv[1]
        incluster_config.SERVICE_TOKEN_FILENAME = f"{mount}/token"
        incluster_config.SERVICE_CERT_FILENAME = f"{mount}/ca.crt"
        config.load_incluster_config()
        core = client.CoreV1Api()
        namespace = open(f"{mount}/namespace").read()
        print(core.read_namespaced_config_map("seen", namespace).data["text"])
        me = client.AuthenticationV1Api().create_self_subject_review(
            client.V1SelfSubjectReview())
        print(me.status.user_info.username)
        try:
            core.list_namespaced_secret(namespace)
        except client.ApiException as refusal:
            print(refusal.status)
        """)
    host, _, port = secure.ready["https"].rpartition(":")
    environment = {
        **os.environ, "KUBERNETES_SERVICE_HOST": host, "KUBERNETES_SERVICE_PORT": port}

    def run():
        return subprocess.run(
            [sys.executable, "-c", program, mount], capture_output=True, text=True, timeout=60,
            env=environment)

    done = run()
    assert done.stdout.split() == ["hello", "system:serviceaccount:default:reader", "403"], (
        done.stderr)
    # The token dies with its account.
    admin("delete", "serviceaccount", "reader")
    admin("create", "serviceaccount", "reader")
    done = run()
    assert "Unauthorized" in done.stderr
