"""What kubectl sees of admission, and of objects that follow their owners."""

import json

import objects


def owned(kubectl, name, owner):
    """Creates a ConfigMap that belongs to another one."""
    uid = kubectl("get", "configmap", owner, "-o", "jsonpath={.metadata.uid}")
    reference = {"apiVersion": "v1", "kind": "ConfigMap", "name": owner, "uid": uid,
                 "blockOwnerDeletion": True}
    config_map = objects.config_map(name)
    config_map["metadata"]["ownerReferences"] = [reference]
    kubectl("create", "-f", "-", stdin=json.dumps(config_map))


def test_what_is_owned_goes_in_the_background(kubectl):
    kubectl("create", "configmap", "top")
    owned(kubectl, "below", "top")
    with kubectl.start("wait", "configmap/below", "--for=delete", "--timeout=20s") as waiting:
        kubectl("delete", "configmap", "top")
        assert waiting.wait(timeout=20) == 0, waiting.stdout.read()


def test_in_the_foreground_what_is_owned_has_gone_when_kubectl_returns(kubectl):
    kubectl("create", "configmap", "top")
    owned(kubectl, "middle", "top")
    owned(kubectl, "below", "middle")
    kubectl("delete", "configmap", "top", "--cascade=foreground", "--timeout=20s")
    left = kubectl("get", "configmaps", "-o", "name")
    assert left == "configmap/kube-root-ca.crt\n" or left == ""


def test_orphans_stay(kubectl):
    kubectl("create", "configmap", "top")
    owned(kubectl, "below", "top")
    kubectl("delete", "configmap", "top", "--cascade=orphan", "--timeout=20s")
    owners = "jsonpath={.metadata.ownerReferences}"
    assert kubectl("get", "configmap", "below", "-o", owners) == ""


def test_a_pod_shows_its_account_and_where_its_token_is(kubectl):
    kubectl("run", "p", "--image=nginx:1")
    shown = kubectl("describe", "pod", "p")
    assert "Service Account:  default" in shown
    assert "/var/run/secrets/kubernetes.io/serviceaccount from kube-api-access-" in shown
    refused = kubectl.refused("run", "q", "--image=nginx:1", "--overrides",
                              '{"spec":{"serviceAccountName":"build"}}')
    assert 'serviceaccount "build" not found' in refused


def test_a_limit_range_speaks_up(kubectl, namespace):
    bounds = {"apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": "bounds"},
              "spec": {"limits": [{"type": "Container", "max": {"memory": "1Gi"}}]}}
    kubectl("create", "-f", "-", stdin=json.dumps(bounds))
    kubectl("run", "fitting", "--image=nginx:1")
    limit = "jsonpath={.spec.containers[0].resources.limits.memory}"
    assert kubectl("get", "pod", "fitting", "-o", limit) == "1Gi"
    pod = objects.pod("large")
    pod["spec"]["containers"][0]["resources"] = {"limits": {"memory": "2Gi"}}
    refused = kubectl.refused("create", "-f", "-", stdin=json.dumps(pod))
    assert "maximum memory usage per Container is 1Gi, but limit is 2Gi" in refused


def test_the_systems_priorities_are_there(kubectl):
    names = kubectl("get", "priorityclasses", "-o", "name").split()
    assert {"priorityclass.scheduling.k8s.io/system-cluster-critical",
            "priorityclass.scheduling.k8s.io/system-node-critical"} <= set(names)


def test_a_quota_is_shown_and_kept(kubectl):
    kubectl("create", "quota", "small", "--hard=pods=1,configmaps=2,requests.cpu=1")
    pod = objects.pod("first")
    pod["spec"]["containers"][0]["resources"] = {"requests": {"cpu": "250m"}}
    kubectl("create", "-f", "-", stdin=json.dumps(pod))
    pod["metadata"]["name"] = "second"
    refused = kubectl.refused("create", "-f", "-", stdin=json.dumps(pod))
    assert ("exceeded quota: small, requested: pods=1, used: pods=1, limited: pods=1"
            in refused), refused
    described = kubectl("describe", "quota", "small")
    rows = [line.split() for line in described.splitlines()]
    assert ["pods", "1", "1"] in rows and ["requests.cpu", "250m", "1"] in rows, described
    table = kubectl("get", "quota", "small")
    assert "pods: 1/1, requests.cpu: 250m/1" in table, table
    kubectl("delete", "pod", "first", "--wait=true", "--timeout=20s")
    kubectl("wait", "quota/small", "--for=jsonpath={.status.used.pods}=0", "--timeout=20s")
    kubectl("create", "-f", "-", stdin=json.dumps(pod))
