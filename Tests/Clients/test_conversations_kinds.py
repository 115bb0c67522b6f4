"""What the server makes of the kinds: what it fills in, forbids, shows in tables and ends."""

import re

import pytest

import objects
from conversation import JSON_PATCH, MERGE, STRATEGIC, Step, Talker, case, invalid, meta, refusal

TABLE = {"Accept": "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"}
SPACE = "/api/v1/namespaces/$NS"
PODS = f"{SPACE}/pods"
DEPLOYMENTS = "/apis/apps/v1/namespaces/$NS/deployments"
LEASES = "/apis/coordination.k8s.io/v1/namespaces/$NS/leases"
AGE = re.compile(r"\d+s")


@pytest.fixture
def talk(server, namespace):
    return Talker(server, namespace)


def container(name, image, policy, **members):
    return {
        "name": name, "image": image, "resources": {}, "imagePullPolicy": policy,
        "terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File",
        **members}


TEMPLATE_SPEC = {
    "restartPolicy": "Always", "terminationGracePeriodSeconds": 30, "dnsPolicy": "ClusterFirst",
    "securityContext": {}, "schedulerName": "default-scheduler"}
# Where a pod finds the token of its account.
ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"
ACCOUNT_VOLUME = re.compile(r"kube-api-access-\w{5}")
MOUNTED = {"volumeMounts": [{"name": ACCOUNT_VOLUME, "readOnly": True, "mountPath": ACCOUNT}]}
POD_SPEC = {
    **TEMPLATE_SPEC,
    "containers": [container("c", "nginx:1", "IfNotPresent", **MOUNTED)],
    "serviceAccountName": "default", "serviceAccount": "default",
    "volumes": [{"name": ACCOUNT_VOLUME, "projected": {"defaultMode": 420, "sources": [
        {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
        {"configMap": {"name": "kube-root-ca.crt",
                       "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
        {"downwardAPI": {"items": [{"path": "namespace", "fieldRef": {
            "apiVersion": "v1", "fieldPath": "metadata.namespace"}}]}}]}}],
    "tolerations": [
        {"key": f"node.kubernetes.io/{key}", "operator": "Exists", "effect": "NoExecute",
         "tolerationSeconds": 300} for key in ("not-ready", "unreachable")],
    "priority": 0, "enableServiceLinks": True, "preemptionPolicy": "PreemptLowerPriority"}
POD = objects.named("Pod", "p", spec={"containers": [{"name": "c", "image": "nginx:1"}]})


def shown_pod(status, *, metadata=None, **spec):
    return {
        "kind": "Pod", "apiVersion": "v1", "metadata": meta("p", **(metadata or {})),
        "spec": {**POD_SPEC, **spec}, "status": {"qosClass": "BestEffort", **status}}


def test_the_life_of_a_pod(talk):
    scheduled = {
        "type": "PodScheduled", "status": "True", "lastTransitionTime": ...}
    binding = objects.named("Binding", "p", target={
        "apiVersion": "v1", "kind": "Node", "name": "node-1"})
    renewed = {"containers": [container("c", "nginx:2", "IfNotPresent", **MOUNTED)]}
    running = {"phase": "Running", "podIP": "10.0.0.9", "podIPs": [{"ip": "10.0.0.9"}]}
    bound = {**running, "conditions": [scheduled]}
    ending = {"generation": 3, "deletionTimestamp": ...}
    talk(
        Step("POST", PODS, POD, 201, shown_pod({"phase": "Pending"}, metadata={"generation": 1})),
        Step("PATCH", f"{PODS}/p/status", {"status": {"phase": "Running", "podIP": "10.0.0.9"}},
             answer=shown_pod(running, metadata={"generation": 1}),
             headers={"Content_Type": STRATEGIC}),
        Step("PATCH", f"{PODS}/p", {"spec": {"containers": [{"name": "c", "image": "nginx:2"}]}},
             answer=shown_pod(running, metadata={"generation": 2}, **renewed),
             headers={"Content_Type": STRATEGIC}),
        Step("POST", f"{PODS}/p/binding", {**binding, "metadata": {"name": "p", "uid": "u"}}, 409),
        Step("POST", f"{PODS}/p/binding", binding, 201, {
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success",
            "code": 201}),
        Step("POST", f"{PODS}/p/binding", binding, 409, refusal(
            409, "Conflict", 'Operation cannot be fulfilled on pods/binding "p": pod p is already '
            'assigned to node "node-1"', name="p", kind="pods/binding")),
        Step("GET", f"{PODS}/p", answer=shown_pod(
            bound, metadata={"generation": 2}, nodeName="node-1", **renewed)))

    def marked(seconds):
        return shown_pod(
            bound, metadata={**ending, "deletionGracePeriodSeconds": seconds}, nodeName="node-1",
            **renewed)

    talk(
        Step("DELETE", f"{PODS}/p", answer=marked(30)),
        Step("GET", f"{PODS}/p", answer=marked(30)),
        Step("DELETE", f"{PODS}/p", {"gracePeriodSeconds": 60}, answer=marked(30)),
        Step("DELETE", f"{PODS}/p", {"gracePeriodSeconds": 10}, answer=marked(10)),
        Step("DELETE", f"{PODS}/p", {"gracePeriodSeconds": 0}, answer=marked(0)),
        Step("GET", f"{PODS}/p", status=404))


def test_a_pod_that_runs_nowhere_ends_at_once(talk):
    mark = {"generation": 2, "deletionTimestamp": ..., "deletionGracePeriodSeconds": 0}
    talk(
        Step("POST", PODS, POD, 201),
        Step("DELETE", f"{PODS}/p", answer=shown_pod({"phase": "Pending"}, metadata=mark)),
        Step("GET", f"{PODS}/p", status=404))


def test_no_grace_period_is_too_long(talk):
    bound = {**POD, "spec": {**POD["spec"], "nodeName": "node-1"}}
    talk(
        Step("POST", PODS, bound, 201),
        Step("DELETE", f"{PODS}/p?gracePeriodSeconds={2**63 - 1}"),
        Step("DELETE", f"{PODS}/p?gracePeriodSeconds=0"))


def test_a_pod_that_is_gated_is_not_bound(talk):
    gated = {**POD, "spec": {**POD["spec"], "schedulingGates": [{"name": "example.com/wait"}]}}
    binding = objects.named("Binding", "p", target={"kind": "Node", "name": "node-1"})
    talk(
        Step("POST", PODS, gated, 201),
        Step("POST", f"{PODS}/p/binding", binding, 409, refusal(
            409, "Conflict", 'Operation cannot be fulfilled on pods/binding "p": pod p has '
            "non-empty .spec.schedulingGates", name="p", kind="pods/binding")))


FORBIDDEN_CHANGE = re.compile(
    r".*spec: Forbidden: pod updates may not change fields other than `spec\.containers\[\*\]"
    r"\.image`,.*changed spec\.hostNetwork")
LABEL = (
    'Invalid value: "UPPER": a lowercase RFC 1123 label must consist of lower case alphanumeric '
    "characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or "
    "'123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')")


@pytest.mark.parametrize("step", [
    case("several causes", "POST", PODS, objects.named("Pod", "bad", spec={
        "containers": [{"name": "UPPER", "image": ""}], "restartPolicy": "Sometimes"}), 422,
        invalid("Pod", "bad", ("spec.containers[0].name", "Invalid", LABEL),
                ("spec.containers[0].image", "Required", "Required value"),
                ("spec.restartPolicy", "NotSupported", 'Unsupported value: "Sometimes": supported '
                 'values: "Always", "OnFailure", "Never"'))),
    case("no containers", "POST", PODS, objects.named("Pod", "bad", spec={"containers": []}), 422,
         invalid("Pod", "bad", ("spec.containers", "Required", "Required value"))),
    case("no ports", "POST", f"{SPACE}/services",
         objects.named("Service", "bad", spec={"ports": []}), 422,
         invalid("Service", "bad", ("spec.ports", "Required", "Required value"))),
    case("a pod moved to the host's network", "PATCH", f"{PODS}/p",
         {"spec": {"hostNetwork": True}}, 422, refusal(
             422, "Invalid", FORBIDDEN_CHANGE, name="p", kind="Pod", causes=[
                 {"reason": "FieldValueForbidden", "message": ..., "field": "spec"}]),
         headers={"Content_Type": MERGE}),
    case("fewer than no replicas", "PATCH", f"{DEPLOYMENTS}/d", {"spec": {"replicas": -1}}, 422,
         invalid("Deployment", "d", (
             "spec.replicas", "Invalid", "Invalid value: -1: must be greater than or equal to 0"),
             group="apps"), headers={"Content_Type": MERGE}),
    case("another selector", "PATCH", f"{DEPLOYMENTS}/d",
         {"spec": {"selector": {"matchLabels": {"app": "z"}}}}, 422, invalid(
             "Deployment", "d",
             ("spec.template.metadata.labels", "Invalid",
              'Invalid value: {"app":"d"}: `selector` does not match template `labels`'),
             ("spec.selector", "Invalid",
              'Invalid value: {"matchLabels":{"app":"z"}}: field is immutable'), group="apps"),
         headers={"Content_Type": MERGE}),
    case("not there to patch", "PATCH", f"{DEPLOYMENTS}/none", {"spec": {}}, 404, refusal(
        404, "NotFound", 'deployments.apps "none" not found', name="none", group="apps",
        kind="deployments"), headers={"Content_Type": MERGE}),
    case("patched at an old version", "PATCH", f"{DEPLOYMENTS}/d",
         {"metadata": {"resourceVersion": "1"}}, 409, refusal(
             409, "Conflict", 'Operation cannot be fulfilled on deployments.apps "d": the object '
             "has been modified; please apply your changes to the latest version and try again",
             name="d", group="apps", kind="deployments"), headers={"Content_Type": MERGE}),
])
def test_refusals(talk, step):
    talk(
        Step("POST", PODS, POD, 201),
        Step("POST", DEPLOYMENTS, objects.deployment("d", 0), 201), step)


def shown_deployment(generation, containers, *, annotations=None, **spec):
    noted = {"annotations": annotations} if annotations else {}
    return {
        "kind": "Deployment", "apiVersion": "apps/v1",
        "metadata": meta("d", generation=generation, **noted),
        "spec": {
            "replicas": 0, "selector": {"matchLabels": {"app": "d"}},
            "template": {
                "metadata": {"labels": {"app": "d"}},
                "spec": {**TEMPLATE_SPEC, "containers": containers}},
            "strategy": {
                "type": "RollingUpdate",
                "rollingUpdate": {"maxUnavailable": "25%", "maxSurge": "25%"}},
            "revisionHistoryLimit": 10, "progressDeadlineSeconds": 600, **spec},
        "status": {}}


def test_patches_of_a_deployment(talk):
    port = {"containerPort": 80, "protocol": "TCP"}
    x, y = {"name": "X", "value": "1"}, {"name": "Y", "value": "2"}
    a = container("a", "a:1", "IfNotPresent", env=[x])
    b = container("b", "b:1", "IfNotPresent")
    of_both = {**a, "env": [y, x]}

    def strategic(containers, answer, **order):
        patch = {"spec": {"template": {"spec": {"containers": containers, **order}}}}
        return Step("PATCH", f"{DEPLOYMENTS}/d", patch, answer=answer,
                    headers={"Content_Type": STRATEGIC})

    made = objects.deployment("d", 0)
    made["spec"]["template"]["spec"]["containers"] = [
        {"name": "a", "image": "a:1", "ports": [{"containerPort": 80}], "env": [x]}]
    talk(
        Step("POST", DEPLOYMENTS, made, 201, shown_deployment(1, [{**a, "ports": [port]}])),
        # Lists are merged by key, and what is new goes first.
        strategic([{"name": "b", "image": "b:1"}],
                  shown_deployment(2, [b, {**a, "ports": [port]}])),
        strategic([{"name": "a", "env": [y]}],
                  shown_deployment(3, [b, {**of_both, "ports": [port]}])),
        strategic([{"$patch": "delete", "name": "b"}],
                  shown_deployment(4, [{**of_both, "ports": [port]}])),
        # A list that loses its last element is no longer there.
        strategic([{"name": "a", "ports": [{"containerPort": 80, "$patch": "delete"}]}],
                  shown_deployment(5, [of_both]),
                  **{"$setElementOrder/containers": [{"name": "a"}]}),
        Step("PATCH", f"{DEPLOYMENTS}/d", {"spec": {"paused": True}},
             answer=shown_deployment(6, [of_both], paused=True), headers={"Content_Type": MERGE}),
        Step("PATCH", f"{DEPLOYMENTS}/d", [
            {"op": "test", "path": "/spec/paused", "value": True},
            {"op": "remove", "path": "/spec/paused"},
            {"op": "add", "path": "/metadata/annotations", "value": {"k": "v"}}],
            answer=shown_deployment(7, [of_both], annotations={"k": "v"}),
            headers={"Content_Type": JSON_PATCH}))


def test_a_finalizer_that_holds_a_deployment_sees_a_new_generation(talk):
    held = objects.deployment("d", 0)
    held["metadata"]["finalizers"] = ["example.com/hold"]
    talk(Step("POST", DEPLOYMENTS, held, 201))
    marked = talk(Step("DELETE", f"{DEPLOYMENTS}/d"))
    assert marked["metadata"]["generation"] == 2
    assert talk(Step("DELETE", f"{DEPLOYMENTS}/d")) == marked


def test_the_scale_of_a_deployment(talk):
    def scale(replicas):
        spec = {"replicas": replicas} if replicas else {}
        return {
            "kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": meta("d"), "spec": spec,
            "status": {"replicas": 0, "selector": "app=d"}}

    path = f"{DEPLOYMENTS}/d/scale"
    talk(
        Step("POST", DEPLOYMENTS, objects.deployment("d", 0), 201),
        Step("GET", path, answer=scale(0)),
        Step("PATCH", path, {"spec": {"replicas": 2}}, answer=scale(2),
             headers={"Content_Type": MERGE}))


def test_what_is_filled_in(talk):
    service = objects.named("Service", "svc", spec={"ports": [{"port": 80}]})
    address = re.compile(r"10\.\d+\.\d+\.\d+")
    controller = objects.named("ReplicationController", "rc", spec={
        "replicas": 0, "template": {
            "metadata": {"labels": {"app": "rc"}},
            "spec": {"containers": [{"name": "c", "image": "i"}]}}})
    event = objects.named(
        "Event", "e", reason="Because", involvedObject={
            "kind": "Pod", "name": "p", "namespace": "$NS"})
    talk(
        Step("POST", f"{SPACE}/services", service, 201, {
            "kind": "Service", "apiVersion": "v1", "metadata": meta("svc"),
            "spec": {
                "ports": [{"protocol": "TCP", "port": 80, "targetPort": 80}],
                "clusterIP": address, "clusterIPs": [address], "type": "ClusterIP",
                "sessionAffinity": "None", "ipFamilies": ["IPv4"],
                "ipFamilyPolicy": "SingleStack", "internalTrafficPolicy": "Cluster"},
            "status": {"loadBalancer": {}}}),
        Step("POST", f"{SPACE}/replicationcontrollers", controller, 201, {
            "kind": "ReplicationController", "apiVersion": "v1",
            "metadata": meta("rc", generation=1, labels={"app": "rc"}),
            "spec": {
                "replicas": 0, "selector": {"app": "rc"}, "template": {
                    "metadata": {"labels": {"app": "rc"}},
                    "spec": {**TEMPLATE_SPEC, "containers": [container("c", "i", "Always")]}}},
            "status": {"replicas": 0}}),
        Step("POST", f"{SPACE}/events", event, 201, {
            **event, "metadata": meta("e"), "source": {}, "reportingComponent": "",
            "reportingInstance": ""}))


def test_a_node_that_says_nothing_of_itself(talk):
    machine = [
        "machineID", "systemUUID", "bootID", "kernelVersion", "osImage", "operatingSystem",
        "containerRuntimeVersion", "kubeletVersion", "kubeProxyVersion", "architecture"]
    talk(
        Step("POST", "/api/v1/nodes", objects.named("Node", "$NS"), 201, {
            "kind": "Node", "apiVersion": "v1", "metadata": meta("$NS", namespace=None),
            "spec": {}, "status": {
                "daemonEndpoints": {"kubeletEndpoint": {"Port": 0}},
                "nodeInfo": {name: "" for name in machine}}}),
        Step("DELETE", "/api/v1/nodes/$NS", answer={
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success",
            "details": {"name": "$NS", "kind": "nodes", "uid": ...}}))


REPLICAS = ["Name", "Desired", "Current", "Ready", "Age", "Containers", "Images", "Selector"]


@pytest.mark.parametrize("path, made, columns, cells", [
    (PODS, POD, [
        "Name", "Ready", "Status", "Restarts", "Age", "IP", "Node", "Nominated Node",
        "Readiness Gates"], ["p", "0/1", "Pending", "0", AGE, *["<none>"] * 4]),
    (DEPLOYMENTS, objects.deployment("d", 0), [
        "Name", "Ready", "Up-to-date", "Available", "Age", "Containers", "Images", "Selector"],
        ["d", "0/0", 0, 0, AGE, "main", "registry.example/app:1", "app=d"]),
    ("/apis/apps/v1/namespaces/$NS/replicasets",
     {**objects.deployment("r", 0), "kind": "ReplicaSet"}, REPLICAS,
     ["r", 0, 0, 0, AGE, "main", "registry.example/app:1", "app=r"]),
    (f"{SPACE}/replicationcontrollers",
     objects.named("ReplicationController", "rc", spec={
         "replicas": 0, "template": objects.template("rc")}), REPLICAS,
     ["rc", 0, 0, 0, AGE, "main", "registry.example/app:1", "app=rc"]),
    (f"{SPACE}/services", objects.named("Service", "s", spec={"ports": [{"port": 80}]}), [
        "Name", "Type", "Cluster-IP", "External-IP", "Port(s)", "Age", "Selector"],
     ["s", "ClusterIP", ..., "<none>", "80/TCP", AGE, "<none>"]),
    (f"{SPACE}/endpoints", objects.named("Endpoints", "e"), ["Name", "Endpoints", "Age"],
     ["e", "<none>", AGE]),
    (f"{SPACE}/secrets", objects.named("Secret", "s", stringData={"a": "b"}),
     ["Name", "Type", "Data", "Age"], ["s", "Opaque", 1, AGE]),
    (f"{SPACE}/serviceaccounts", objects.named("ServiceAccount", "a"),
     ["Name", "Secrets", "Age"], ["a", 0, AGE]),
    (f"{SPACE}/events", objects.named(
        "Event", "e", reason="Because", message="text", type="Normal",
        involvedObject={"kind": "Pod", "name": "p", "namespace": "$NS"}), [
            "Last Seen", "Type", "Reason", "Object", "Subobject", "Source", "Message",
            "First Seen", "Count", "Name"],
     ["<unknown>", "Normal", "Because", "pod/p", "", "", "text", "<unknown>", 1, "e"]),
    (LEASES, objects.named(
        "Lease", "l", "coordination.k8s.io/v1", spec={"holderIdentity": "me"}),
     ["Name", "Holder", "Age"], ["l", "me", AGE]),
])
def test_tables(talk, path, made, columns, cells):
    name = made["metadata"]["name"]
    version = {"resourceVersion": ...}
    table = talk(Step("POST", path, made, 201), Step("GET", f"{path}/{name}", headers=TABLE))
    assert [column["name"] for column in table["columnDefinitions"]] == columns
    talk(Step("GET", f"{path}/{name}", headers=TABLE, answer={
        "kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": version,
        "columnDefinitions": ..., "rows": [{"cells": cells, "object": {
            "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": ...}}]}))


def test_a_lease_keeps_microseconds(talk):
    spec = {
        "holderIdentity": "me", "leaseDurationSeconds": 15,
        "acquireTime": "2026-01-01T00:00:00.000000Z", "renewTime": "2026-01-01T00:00:00.500000Z"}
    lease = objects.named("Lease", "lock", "coordination.k8s.io/v1", spec=spec)
    talk(Step("POST", LEASES, lease, 201, {**lease, "metadata": meta("lock")}))


def test_pods_are_found_by_node_and_phase(talk):
    bound = {**POD, "spec": {**POD["spec"], "nodeName": "$NS-node"}}
    talk(
        Step("POST", PODS, bound, 201),
        Step("POST", PODS, objects.pod("other"), 201))
    for query in ("spec.nodeName%3D$NS-node", "status.phase%3DPending,spec.nodeName%21%3D,"
                  "metadata.namespace%3D$NS"):
        found = talk(Step("GET", f"/api/v1/pods?fieldSelector={query}"))
        assert [item["metadata"]["name"] for item in found["items"]] == ["p"]
