"""What a person does with today's kubectl, with no configuration: objects and their life."""

import json

import pytest
import yaml

import lines
import objects

MANY = """
apiVersion: v1
kind: Namespace
metadata: {{name: {namespace}-made}}
---
apiVersion: v1
kind: Service
metadata: {{name: web, namespace: {namespace}-made}}
spec:
  selector: {{app: web}}
  ports: [{{port: 80, targetPort: 8080}}]
---
apiVersion: v1
kind: ReplicationController
metadata: {{name: old, namespace: {namespace}-made}}
spec:
  replicas: {replicas}
  selector: {{app: old}}
  template:
    metadata: {{labels: {{app: old}}}}
    spec:
      containers: [{{name: main, image: "registry.example/app:1"}}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web, namespace: {namespace}-made}}
spec:
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec:
      containers: [{{name: main, image: "registry.example/app:1"}}]
"""


def field(kubectl, kind, name, path):
    return kubectl("get", kind, name, "-o", f"jsonpath={{{path}}}")


def test_create_configmap(kubectl):
    out = kubectl("create", "configmap", "one", "--from-literal=a=1", "--from-literal=b=2")
    assert out == "configmap/one created\n"
    assert json.loads(field(kubectl, "configmap", "one", ".data")) == {"a": "1", "b": "2"}
    assert "already exists" in kubectl.refused("create", "configmap", "one")


@pytest.mark.parametrize("arguments, kind", [
    (["secret", "generic", "s", "--from-literal=k=v"], "secret"),
    (["service", "clusterip", "s", "--tcp=80:8080"], "service"),
    (["serviceaccount", "s"], "serviceaccount"),
    (["deployment", "s", "--image=registry.example/app:1"], "deployment"),
])
def test_create_of_other_kinds(kubectl, arguments, kind):
    assert "created" in kubectl("create", *arguments)
    assert field(kubectl, kind, "s", ".metadata.name") == "s"


def test_run_makes_a_pod(kubectl):
    assert kubectl("run", "p", "--image=registry.example/app:1") == "pod/p created\n"
    assert field(kubectl, "pod", "p", ".status.phase") == "Pending"
    assert field(kubectl, "pod", "p", ".spec.restartPolicy") == "Always"


def test_apply_creates_leaves_and_configures(bare_kubectl, namespace):
    def apply(replicas):
        manifest = MANY.format(namespace=namespace, replicas=replicas)
        return bare_kubectl("apply", "-f", "-", stdin=manifest)

    made = f"{namespace}-made"
    assert apply(2).splitlines() == [
        f"namespace/{made} created", "service/web created", "replicationcontroller/old created",
        "deployment.apps/web created"]
    assert all(line.endswith(" unchanged") for line in apply(2).splitlines())
    assert [line.split()[1] for line in apply(3).splitlines()] == [
        "unchanged", "unchanged", "configured", "unchanged"]

    def field_of(thing, path):
        return bare_kubectl("get", thing, f"--namespace={made}", "-o", f"jsonpath={{{path}}}")

    assert field_of("rc/old", ".spec.replicas") == "3"
    assert field_of("deploy/web", ".spec.replicas") == "1"
    assert field_of("svc/web", ".spec.ports[0].targetPort") == "8080"


def test_apply_removes_what_the_file_no_longer_has(kubectl):
    kubectl("apply", "-f", "-", stdin=json.dumps(objects.config_map("one", a="1", b="2")))
    kubectl("apply", "-f", "-", stdin=json.dumps(objects.config_map("one", a="1")))
    assert json.loads(field(kubectl, "configmap", "one", ".data")) == {"a": "1"}


def test_dry_run_of_apply_stores_nothing(kubectl):
    manifest = json.dumps(objects.config_map("one"))
    out = kubectl("apply", "--dry-run=server", "-f", "-", stdin=manifest)
    assert out == "configmap/one created (server dry run)\n"
    assert "NotFound" in kubectl.refused("get", "configmap", "one")


def test_strict_validation_names_the_unknown_field(kubectl):
    manifest = json.dumps({**objects.config_map("one"), "dta": {}})
    error = kubectl.refused("create", "--validate=strict", "-f", "-", stdin=manifest)
    assert 'unknown field "dta"' in error
    assert "NotFound" in kubectl.refused("get", "configmap", "one")


def test_label_and_annotate(kubectl):
    kubectl("create", "configmap", "one")
    assert kubectl("label", "configmap", "one", "tier=front") == "configmap/one labeled\n"
    assert "tier" in kubectl.refused("label", "configmap", "one", "tier=back")
    kubectl("label", "configmap", "one", "tier=back", "--overwrite")
    assert kubectl("annotate", "configmap", "one", "note=a b") == "configmap/one annotated\n"
    assert field(kubectl, "configmap", "one", ".metadata.labels.tier") == "back"
    assert field(kubectl, "configmap", "one", ".metadata.annotations.note") == "a b"
    kubectl("label", "configmap", "one", "tier-")
    assert field(kubectl, "configmap", "one", ".metadata.labels.tier") == ""


def test_patches_of_each_type(kubectl):
    kubectl("create", "-f", "-", stdin=json.dumps(objects.deployment("web")))
    containers = ".spec.template.spec.containers[*]"

    side = {"name": "side", "image": "registry.example/side:1"}
    strategic = {"spec": {"template": {"spec": {"containers": [side]}}}}
    kubectl("patch", "deployment", "web", "--type=strategic", "-p", json.dumps(strategic))
    assert sorted(field(kubectl, "deployment", "web", f"{containers}.name").split()) == [
        "main", "side"]

    merge = {"spec": {"template": {"spec": {"containers": [side]}}}}
    kubectl("patch", "deployment", "web", "--type=merge", "-p", json.dumps(merge))
    assert field(kubectl, "deployment", "web", f"{containers}.name") == "side"

    path = "/spec/template/spec/containers/0/image"
    change = [{"op": "test", "path": path, "value": side["image"]},
              {"op": "replace", "path": path, "value": "registry.example/side:2"}]
    out = kubectl("patch", "deployment", "web", "--type=json", "-p", json.dumps(change))
    assert out == "deployment.apps/web patched\n"
    assert field(kubectl, "deployment", "web", f"{containers}.image") == "registry.example/side:2"
    kubectl.refused("patch", "deployment", "web", "--type=json", "-p", json.dumps(change))


def test_scale(kubectl):
    kubectl("create", "-f", "-", stdin=json.dumps(objects.deployment("web")))
    out = kubectl("scale", "deployment", "web", "--replicas=4")
    assert out == "deployment.apps/web scaled\n"
    assert field(kubectl, "deployment", "web", ".spec.replicas") == "4"
    kubectl.refused("scale", "deployment", "web", "--current-replicas=9", "--replicas=1")


def test_replace_needs_the_version_that_it_changes(kubectl):
    kubectl("create", "configmap", "one", "--from-literal=a=1")
    old = json.loads(kubectl("get", "configmap", "one", "-o", "json"))
    old["data"] = {"a": "2"}
    out = kubectl("replace", "-f", "-", stdin=json.dumps(old))
    assert out == "configmap/one replaced\n"
    old["data"] = {"a": "3"}
    assert "Conflict" in kubectl.refused("replace", "-f", "-", stdin=json.dumps(old))
    assert field(kubectl, "configmap", "one", ".data.a") == "2"


def test_edit(kubectl):
    kubectl("create", "configmap", "one", "--from-literal=color=red")
    out = kubectl("edit", "configmap", "one", KUBE_EDITOR="sed -i s/red/blue/")
    assert out == "configmap/one edited\n"
    assert field(kubectl, "configmap", "one", ".data.color") == "blue"


def test_set_image_and_rollout(kubectl):
    kubectl("create", "-f", "-", stdin=json.dumps(objects.deployment("web")))
    kubectl("set", "image", "deployment/web", "main=registry.example/app:2")
    assert field(kubectl, "deployment", "web", ".metadata.generation") == "2"
    kubectl("rollout", "restart", "deployment/web")
    kubectl("rollout", "pause", "deployment/web")
    assert field(kubectl, "deployment", "web", ".spec.paused") == "true"
    out = kubectl("rollout", "status", "deployment/web", "--watch=false")
    assert out.startswith("Waiting for deployment")
    # Revisions are the controller's affair.
    assert "deployment.apps/web" in kubectl("rollout", "history", "deployment/web")


def test_diff_shows_the_change_and_stores_nothing(kubectl):
    kubectl("apply", "-f", "-", stdin=json.dumps(objects.config_map("one", a="1")))
    done = kubectl.attempt("diff", "-f", "-", stdin=json.dumps(objects.config_map("one", a="2")))
    assert done.returncode == 1, done.stderr
    assert "+  a: \"2\"" in done.stdout
    assert field(kubectl, "configmap", "one", ".data.a") == "1"


def test_diff_of_what_was_created_shows_nothing_else(kubectl):
    """The empty maps that kubectl sends are not kept."""
    manifest = json.dumps(objects.config_map("one", a="1"))
    kubectl("create", "-f", "-", stdin=manifest)
    assert kubectl("diff", "-f", "-", stdin=manifest) == ""


def test_delete(kubectl):
    kubectl("create", "configmap", "one")
    assert "(server dry run)" in kubectl("delete", "configmap", "one", "--dry-run=server")
    assert kubectl("delete", "configmap", "one").startswith('configmap "one" deleted')
    assert "NotFound" in kubectl.refused("get", "configmap", "one")
    assert kubectl("delete", "configmap", "one", "--ignore-not-found") == ""


def test_delete_of_all(kubectl):
    for name in ("a", "b", "c"):
        kubectl("create", "secret", "generic", name)
    assert len(kubectl("delete", "secrets", "--all").splitlines()) == 3
    assert kubectl("get", "secrets", "-o", "name") == ""


def test_delete_of_a_pod_that_runs_nowhere_ends_at_once(kubectl):
    kubectl("create", "-f", "-", stdin=json.dumps(objects.pod("p")))
    kubectl("delete", "pod", "p", "--timeout=10s")
    assert "NotFound" in kubectl.refused("get", "pod", "p")


def test_delete_of_a_namespace_takes_its_objects_along(kubectl, bare_kubectl, namespace):
    other = f"{namespace}-gone"
    kubectl("create", "namespace", other)
    kubectl("create", "configmap", "one", f"--namespace={other}")
    bare_kubectl("delete", "namespace", other, "--timeout=20s")
    assert "NotFound" in kubectl.refused("get", "namespace", other)
    assert kubectl("get", "configmaps", f"--namespace={other}", "-o", "name") == ""


def test_wait_for_deletion(kubectl):
    kubectl("create", "configmap", "one")
    with kubectl.start("wait", "configmap/one", "--for=delete", "--timeout=20s") as waiting:
        kubectl("delete", "configmap", "one")
        assert waiting.wait(timeout=20) == 0, waiting.stdout.read()


def test_wait_for_a_field(kubectl):
    kubectl("create", "configmap", "one", "--from-literal=state=no")
    wait = ["wait", "configmap/one", "--for=jsonpath={.data.state}=yes", "--timeout=20s"]
    with kubectl.start(*wait) as waiting:
        kubectl("patch", "configmap", "one", "--type=merge", "-p", '{"data":{"state":"yes"}}')
        assert waiting.wait(timeout=20) == 0
        assert waiting.stdout.read() == "configmap/one condition met\n"


def test_get_watch_streams_what_is_added(kubectl):
    kubectl("create", "configmap", "first")
    with kubectl.start("get", "configmaps", "--watch", "--no-headers") as watching:
        try:
            read = lines.Lines(watching.stdout)
            assert read.next().split()[0] == "first"
            kubectl("create", "configmap", "second")
            assert read.next().split()[0] == "second"
            kubectl("delete", "configmap", "second")
            assert read.next().split()[0] == "second"
        finally:
            watching.kill()


def test_yaml_is_what_json_is(kubectl):
    kubectl("create", "configmap", "one", "--from-literal=a=yes")
    as_json = json.loads(kubectl("get", "configmap", "one", "-o", "json"))
    assert yaml.safe_load(kubectl("get", "configmap", "one", "-o", "yaml")) == as_json
    assert (as_json["apiVersion"], as_json["kind"]) == ("v1", "ConfigMap")
    assert kubectl("get", "configmap", "one", "-o", "name") == "configmap/one\n"
