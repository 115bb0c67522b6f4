"""How kubectl shows what is there: tables, descriptions, selections and discovery."""

import json

import objects


def create(kubectl, *things):
    document = {"apiVersion": "v1", "kind": "List", "items": list(things)}
    kubectl("create", "-f", "-", stdin=json.dumps(document))


def names(kubectl, *arguments):
    return [line.partition("/")[2] for line in kubectl("get", *arguments, "-o", "name").split()]


def headers(kubectl, *arguments):
    return kubectl("get", *arguments).splitlines()[0].split()


def test_tables(kubectl):
    create(kubectl, objects.pod("p"), objects.deployment("web"))
    kubectl("create", "service", "clusterip", "web", "--tcp=80:8080")
    assert headers(kubectl, "pods") == ["NAME", "READY", "STATUS", "RESTARTS", "AGE"]
    wide = headers(kubectl, "pods", "-o", "wide")
    assert wide[:7] == ["NAME", "READY", "STATUS", "RESTARTS", "AGE", "IP", "NODE"]
    row = kubectl("get", "pod", "p", "--no-headers").split()
    assert row[:4] == ["p", "0/1", "Pending", "0"]
    assert headers(kubectl, "deployments", "-o", "wide") == [
        "NAME", "READY", "UP-TO-DATE", "AVAILABLE", "AGE", "CONTAINERS", "IMAGES", "SELECTOR"]
    assert headers(kubectl, "services") == [
        "NAME", "TYPE", "CLUSTER-IP", "EXTERNAL-IP", "PORT(S)", "AGE"]
    assert headers(kubectl, "namespaces") == ["NAME", "STATUS", "AGE"]


def test_labels_as_columns(kubectl):
    create(kubectl, objects.config_map("one", labels={"tier": "front"}))
    assert headers(kubectl, "configmaps", "-L", "tier")[-1] == "TIER"
    assert "tier=front" in kubectl("get", "configmaps", "--show-labels")


def test_custom_columns_and_sorting(kubectl):
    create(kubectl, objects.config_map("b", n="1"), objects.config_map("a", n="2"))
    out = kubectl("get", "configmaps", "--sort-by=.data.n", "--no-headers",
                  "-o", "custom-columns=NAME:.metadata.name,N:.data.n")
    assert [line.split() for line in out.splitlines()] == [["b", "1"], ["a", "2"]]


def test_all_namespaces(kubectl, namespace):
    create(kubectl, objects.config_map("everywhere"))
    out = kubectl("get", "configmaps", "--all-namespaces", "--no-headers")
    assert [namespace, "everywhere"] in [line.split()[:2] for line in out.splitlines()]


def test_get_all(kubectl):
    create(kubectl, objects.pod("p"), objects.deployment("web"))
    out = kubectl("get", "all")
    assert "pod/p" in out
    assert "deployment.apps/web" in out


def test_selectors(kubectl):
    create(kubectl, *(objects.config_map(name, labels={"tier": tier, "n": n}) for name, tier, n in [
        ("a", "front", "1"), ("b", "back", "2"), ("c", "front", "3")]))
    assert names(kubectl, "configmaps", "-l", "tier=front") == ["a", "c"]
    assert names(kubectl, "configmaps", "-l", "tier!=front,n") == ["b"]
    assert names(kubectl, "configmaps", "-l", "n in (2,3)") == ["b", "c"]
    assert names(kubectl, "configmaps", "-l", "n notin (2,3),tier") == ["a"]
    assert names(kubectl, "configmaps", "-l", "!missing") == ["a", "b", "c"]
    assert names(kubectl, "configmaps", "--field-selector", "metadata.name=b") == ["b"]
    assert "not a known field selector" in kubectl.refused(
        "get", "configmaps", "--field-selector", "data.a=1")


def test_pods_by_phase_and_node(kubectl):
    bound = objects.pod("bound")
    bound["spec"]["nodeName"] = "n1"
    create(kubectl, bound, objects.pod("free"))
    assert names(kubectl, "pods", "--field-selector", "spec.nodeName=n1") == ["bound"]
    assert names(kubectl, "pods", "--field-selector", "spec.nodeName=") == ["free"]
    assert names(kubectl, "pods", "--field-selector", "status.phase!=Pending") == []


def test_chunks_make_up_the_whole_list(kubectl):
    wanted = [f"m-{number:03}" for number in range(53)]
    create(kubectl, *(objects.config_map(name) for name in wanted))
    assert names(kubectl, "configmaps", "--chunk-size=10") == wanted
    table = kubectl("get", "configmaps", "--chunk-size=7", "--no-headers")
    assert [line.split()[0] for line in table.splitlines()] == wanted


def test_describe(kubectl):
    create(kubectl, objects.pod("p"), objects.deployment("web"), objects.config_map("one", a="1"))
    assert ["Status:", "Pending"] in [
        line.split() for line in kubectl("describe", "pod", "p").splitlines()]
    assert "Replicas:" in kubectl("describe", "deployment", "web")
    assert "BinaryData" in kubectl("describe", "configmap", "one")


def test_events_of_an_object(kubectl, namespace):
    create(kubectl, objects.pod("p"))
    event = objects.named(
        "Event", "e", metadata={"namespace": namespace}, reason="Seen", message="seen it",
        type="Normal", count=1, lastTimestamp="2026-01-01T00:00:00Z",
        involvedObject={"kind": "Pod", "name": "p", "namespace": namespace, "apiVersion": "v1"})
    create(kubectl, event)
    assert "seen it" in kubectl("get", "events")
    assert "seen it" in kubectl("events", "--for", "pod/p")
    by_reason = ["events", "--field-selector", "reason=Seen,involvedObject.name=p"]
    assert names(kubectl, *by_reason) == ["e"]
    assert names(kubectl, "events", "--field-selector", "reason=Other") == []


def test_explain(kubectl):
    out = kubectl("explain", "pods")
    assert "KIND:       Pod" in out
    assert "spec\t<PodSpec>" in out
    assert "containers\t<[]Container> -required-" in kubectl(
        "explain", "deployment.spec.template.spec")
    assert "ObjectMeta" in kubectl("explain", "deployment.spec.template")
    assert "restartPolicy\t<string>" in kubectl("explain", "pods", "--recursive")
    assert "does not exist" in kubectl.refused("explain", "pods.spec.no")


def test_explain_reads_the_older_document_too(kubectl):
    assert "containers" in kubectl("explain", "pod.spec", "--output=plaintext-openapiv2")


def test_a_list_is_checked_against_the_older_document(kubectl):
    document = {"apiVersion": "v1", "kind": "List",
                "items": [{**objects.config_map("one"), "dta": {}}]}
    error = kubectl.refused("create", "-f", "-", stdin=json.dumps(document))
    assert 'unknown field "dta"' in error


def test_api_resources(kubectl):
    rows = [line.split() for line in kubectl("api-resources", "--no-headers").splitlines()]
    found = {row[0]: row[-1] for row in rows}
    for resource, kind in [
            ("namespaces", "Namespace"), ("configmaps", "ConfigMap"), ("secrets", "Secret"),
            ("pods", "Pod"), ("nodes", "Node"), ("services", "Service"),
            ("endpoints", "Endpoints"), ("replicationcontrollers", "ReplicationController"),
            ("serviceaccounts", "ServiceAccount"), ("events", "Event"), ("leases", "Lease"),
            ("deployments", "Deployment"), ("replicasets", "ReplicaSet")]:
        assert found.get(resource) == kind
    assert "cm" in kubectl("api-resources", "--no-headers").split()
    short = kubectl("api-resources", "--api-group=apps", "-o", "name").split()
    assert "deployments.apps" in short


def test_api_versions(kubectl):
    assert {"v1", "apps/v1", "coordination.k8s.io/v1"} <= set(kubectl("api-versions").split())


def test_version_and_cluster(kubectl, server):
    version = json.loads(kubectl.attempt("version", "-o", "json").stdout)["serverVersion"]
    assert (version["major"], version["minor"]) == ("1", "34")
    assert version["gitVersion"].startswith("v1.34.0+binnacle.")
    assert server.url in kubectl("cluster-info")


def test_raw_paths(kubectl):
    assert kubectl("get", "--raw", "/readyz") == "ok"
    assert json.loads(kubectl("get", "--raw", "/api"))["kind"] == "APIVersions"


def test_short_names_and_categories(kubectl):
    create(kubectl, objects.config_map("one"))
    assert names(kubectl, "cm") == ["one"]
    assert names(kubectl, "configmap.v1.") == ["one"]
