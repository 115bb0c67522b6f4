"""What the server says of itself: paths, versions, groups and resources."""

import pytest

from conversation import Step, Talker

ALL = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]
ONE_BY_ONE = [verb for verb in ALL if verb != "deletecollection"]
CHANGE = ["get", "patch", "update"]


@pytest.fixture
def talk(server, namespace):
    return Talker(server, namespace)


def resource(name, kind, verbs, *short_names, is_namespaced=True, **members):
    """`kind` as `group/version/Kind` when it is of another group than the list."""
    *group, version, kind = kind.split("/") if "/" in kind else (None, kind)
    found = {
        "name": name, "singularName": ..., "namespaced": is_namespaced, "kind": kind,
        "verbs": verbs, **members}
    if version:
        found |= {"group": group[0], "version": version}
    if short_names:
        found["shortNames"] = list(short_names)
    return found if "/" in name else {**found, "storageVersionHash": ...}


def review(name, kind, is_namespaced=False):
    """A kind that is answered and not kept."""
    found = resource(name, kind, ["create"], is_namespaced=is_namespaced)
    del found["storageVersionHash"]
    return found


RESOURCES = {
    "/api/v1": [
        review("bindings", "Binding", is_namespaced=True),
        resource("componentstatuses", "ComponentStatus", ["get", "list"], "cs",
                 is_namespaced=False),
        resource("limitranges", "LimitRange", ALL, "limits"),
        resource("persistentvolumeclaims", "PersistentVolumeClaim", ALL, "pvc"),
        resource("persistentvolumeclaims/status", "PersistentVolumeClaim", CHANGE),
        resource("persistentvolumes", "PersistentVolume", ALL, "pv", is_namespaced=False),
        resource("persistentvolumes/status", "PersistentVolume", CHANGE, is_namespaced=False),
        resource("pods/ephemeralcontainers", "Pod", CHANGE),
        resource("pods/eviction", "policy/v1/Eviction", ["create"]),
        resource("pods/resize", "Pod", CHANGE),
        resource("podtemplates", "PodTemplate", ALL),
        resource("resourcequotas", "ResourceQuota", ALL, "quota"),
        resource("resourcequotas/status", "ResourceQuota", CHANGE),
        resource("configmaps", "ConfigMap", ALL, "cm"),
        resource("endpoints", "Endpoints", ALL, "ep"),
        resource("events", "Event", ALL, "ev"),
        resource("namespaces", "Namespace", ONE_BY_ONE, "ns", is_namespaced=False),
        resource("namespaces/finalize", "Namespace", ["update"], is_namespaced=False),
        resource("namespaces/status", "Namespace", CHANGE, is_namespaced=False),
        resource("nodes", "Node", ALL, "no", is_namespaced=False),
        resource("nodes/status", "Node", CHANGE, is_namespaced=False),
        resource("pods", "Pod", ALL, "po", categories=["all"]),
        resource("pods/binding", "Binding", ["create"]),
        resource("pods/status", "Pod", CHANGE),
        resource("replicationcontrollers", "ReplicationController", ALL, "rc",
                 categories=["all"]),
        resource("replicationcontrollers/scale", "autoscaling/v1/Scale", CHANGE),
        resource("replicationcontrollers/status", "ReplicationController", CHANGE),
        resource("secrets", "Secret", ALL),
        resource("serviceaccounts", "ServiceAccount", ALL, "sa"),
        resource("services", "Service", ALL, "svc", categories=["all"]),
        resource("services/status", "Service", CHANGE),
    ],
    "/apis/apps/v1": [
        resource("controllerrevisions", "ControllerRevision", ALL),
        resource("daemonsets", "DaemonSet", ALL, "ds", categories=["all"]),
        resource("daemonsets/status", "DaemonSet", CHANGE),
        resource("statefulsets", "StatefulSet", ALL, "sts", categories=["all"]),
        resource("statefulsets/scale", "autoscaling/v1/Scale", CHANGE),
        resource("statefulsets/status", "StatefulSet", CHANGE),
        resource("deployments", "Deployment", ALL, "deploy", categories=["all"]),
        resource("deployments/scale", "autoscaling/v1/Scale", CHANGE),
        resource("deployments/status", "Deployment", CHANGE),
        resource("replicasets", "ReplicaSet", ALL, "rs", categories=["all"]),
        resource("replicasets/scale", "autoscaling/v1/Scale", CHANGE),
        resource("replicasets/status", "ReplicaSet", CHANGE),
    ],
    "/apis/authorization.k8s.io/v1": [
        review("localsubjectaccessreviews", "LocalSubjectAccessReview", is_namespaced=True),
        review("selfsubjectaccessreviews", "SelfSubjectAccessReview"),
        review("selfsubjectrulesreviews", "SelfSubjectRulesReview"),
        review("subjectaccessreviews", "SubjectAccessReview"),
    ],
    "/apis/binnacle.dev/v1": [
        resource("watchcursors", "WatchCursor",
                 ["delete", "deletecollection", "get", "list", "watch"], is_namespaced=False),
    ],
    "/apis/coordination.k8s.io/v1": [resource("leases", "Lease", ALL)],
    "/apis/batch/v1": [
        resource("cronjobs", "CronJob", ALL, "cj", categories=["all"]),
        resource("cronjobs/status", "CronJob", CHANGE),
        resource("jobs", "Job", ALL, categories=["all"]),
        resource("jobs/status", "Job", CHANGE),
    ],
    **{f"/apis/autoscaling/{version}": [
        resource("horizontalpodautoscalers", "HorizontalPodAutoscaler", ALL, "hpa",
                 categories=["all"]),
        resource("horizontalpodautoscalers/status", "HorizontalPodAutoscaler", CHANGE),
    ] for version in ("v1", "v2")},
    "/apis/policy/v1": [
        resource("poddisruptionbudgets", "PodDisruptionBudget", ALL, "pdb"),
        resource("poddisruptionbudgets/status", "PodDisruptionBudget", CHANGE),
    ],
    "/apis/networking.k8s.io/v1": [
        resource("ingressclasses", "IngressClass", ALL, is_namespaced=False),
        resource("ingresses", "Ingress", ALL, "ing"),
        resource("ingresses/status", "Ingress", CHANGE),
        resource("ipaddresses", "IPAddress", ALL, "ip", is_namespaced=False),
        resource("networkpolicies", "NetworkPolicy", ALL, "netpol"),
        resource("servicecidrs", "ServiceCIDR", ALL, is_namespaced=False),
        resource("servicecidrs/status", "ServiceCIDR", CHANGE, is_namespaced=False),
    ],
    "/apis/discovery.k8s.io/v1": [resource("endpointslices", "EndpointSlice", ALL)],
    "/apis/events.k8s.io/v1": [resource("events", "Event", ALL, "ev")],
    "/apis/storage.k8s.io/v1": [
        resource("csidrivers", "CSIDriver", ALL, is_namespaced=False),
        resource("csinodes", "CSINode", ALL, is_namespaced=False),
        resource("csistoragecapacities", "CSIStorageCapacity", ALL),
        resource("storageclasses", "StorageClass", ALL, "sc", is_namespaced=False),
        resource("volumeattachments", "VolumeAttachment", ALL, is_namespaced=False),
        resource("volumeattachments/status", "VolumeAttachment", CHANGE, is_namespaced=False),
        resource("volumeattributesclasses", "VolumeAttributesClass", ALL, "vac",
                 is_namespaced=False),
    ],
    "/apis/scheduling.k8s.io/v1": [
        resource("priorityclasses", "PriorityClass", ALL, "pc", is_namespaced=False)],
    "/apis/node.k8s.io/v1": [
        resource("runtimeclasses", "RuntimeClass", ALL, is_namespaced=False)],
    "/apis/certificates.k8s.io/v1": [
        resource(f"certificatesigningrequests{part}", "CertificateSigningRequest",
                 CHANGE if part else ALL, *([] if part else ["csr"]), is_namespaced=False)
        for part in ("", "/approval", "/status")],
    "/apis/admissionregistration.k8s.io/v1": [
        resource("mutatingwebhookconfigurations", "MutatingWebhookConfiguration", ALL,
                 categories=["api-extensions"], is_namespaced=False),
        resource("validatingadmissionpolicies", "ValidatingAdmissionPolicy", ALL,
                 categories=["api-extensions"], is_namespaced=False),
        resource("validatingadmissionpolicies/status", "ValidatingAdmissionPolicy", CHANGE,
                 is_namespaced=False),
        resource("validatingadmissionpolicybindings", "ValidatingAdmissionPolicyBinding", ALL,
                 categories=["api-extensions"], is_namespaced=False),
        resource("validatingwebhookconfigurations", "ValidatingWebhookConfiguration", ALL,
                 categories=["api-extensions"], is_namespaced=False),
    ],
    "/apis/apiregistration.k8s.io/v1": [
        resource("apiservices", "APIService", ALL, categories=["api-extensions"],
                 is_namespaced=False),
        resource("apiservices/status", "APIService", CHANGE, is_namespaced=False),
    ],
    "/apis/flowcontrol.apiserver.k8s.io/v1": [
        resource("flowschemas", "FlowSchema", ALL, is_namespaced=False),
        resource("flowschemas/status", "FlowSchema", CHANGE, is_namespaced=False),
        resource("prioritylevelconfigurations", "PriorityLevelConfiguration", ALL,
                 is_namespaced=False),
        resource("prioritylevelconfigurations/status", "PriorityLevelConfiguration", CHANGE,
                 is_namespaced=False),
    ],
    "/apis/resource.k8s.io/v1": [
        resource("deviceclasses", "DeviceClass", ALL, is_namespaced=False),
        resource("resourceclaims", "ResourceClaim", ALL),
        resource("resourceclaims/status", "ResourceClaim", CHANGE),
        resource("resourceclaimtemplates", "ResourceClaimTemplate", ALL),
        resource("resourceslices", "ResourceSlice", ALL, is_namespaced=False),
    ],
    "/apis/rbac.authorization.k8s.io/v1": [
        resource("clusterrolebindings", "ClusterRoleBinding", ALL, is_namespaced=False),
        resource("clusterroles", "ClusterRole", ALL, is_namespaced=False),
        resource("rolebindings", "RoleBinding", ALL),
        resource("roles", "Role", ALL),
    ],
}


@pytest.mark.parametrize("path", RESOURCES)
def test_resources(talk, path):
    """Kinds may be added; those that are there stay what they are."""
    answer = talk(Step("GET", path))
    version = path.removeprefix("/apis/").removeprefix("/api/")
    assert (answer["kind"], answer["groupVersion"]) == ("APIResourceList", version)
    assert answer.get("apiVersion") == (None if path == "/api/v1" else "v1")
    found = {entry["name"]: entry for entry in answer["resources"]}
    assert list(found) == sorted(found)
    expected = {entry["name"]: entry for entry in RESOURCES[path]}
    talk(Step("GET", path, answer={
        **answer, "resources": [expected.get(name, ...) for name in found]}))
    assert expected.keys() <= found.keys()


def test_versions_and_groups(talk, server):
    version = {"groupVersion": "apps/v1", "version": "v1"}
    apps = {"name": "apps", "versions": [version], "preferredVersion": version}
    talk(
        Step("GET", "/api", answer={
            "kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": [
                {"clientCIDR": "0.0.0.0/0", "serverAddress": f"127.0.0.1:{server.port}"}]}),
        Step("GET", "/apis/apps", answer={"kind": "APIGroup", "apiVersion": "v1", **apps}))
    groups = talk(Step("GET", "/apis"))
    assert (groups["kind"], groups["apiVersion"]) == ("APIGroupList", "v1")
    assert apps in groups["groups"]


def test_the_version(talk):
    version = talk(Step("GET", "/version"))
    assert (version["major"], version["minor"]) == ("1", "34")
    assert version.keys() >= {
        "gitVersion", "gitCommit", "gitTreeState", "buildDate", "goVersion", "compiler",
        "platform"}


@pytest.mark.parametrize("path, status", [("/", 200), ("/nosuch", 404)])
def test_paths(talk, path, status):
    paths = talk(Step("GET", path, status=status))["paths"]
    assert {"/api", "/api/v1", "/apis", "/apis/apps/v1", "/readyz", "/version"} <= set(paths)
    assert paths == sorted(paths)


@pytest.mark.parametrize("path", ["/apis/nosuch.example.com", "/apis/nosuch.example.com/v1"])
def test_groups_that_are_not_there(talk, path):
    answer = talk(Step("GET", path, status=404, answer_headers={
        "content-type": "text/plain; charset=utf-8"}))
    assert answer == "404 page not found\n"


@pytest.mark.parametrize("path, text", [
    ("/healthz", "ok"), ("/livez", "ok"), ("/readyz", "ok"), ("/healthz/ping", "ok"),
    ("/livez?verbose", "[+]ping ok\nlivez check passed\n"),
])
def test_health(talk, path, text):
    assert talk(Step("GET", path)) == text
