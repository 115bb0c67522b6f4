"""Each kind as kubectl makes it, shows it, applies it and ends it."""

import json

import pytest

import wire
from kinds import KINDS

# What `kubectl get -o wide` prints above the rows, as kube-apiserver's tables have it.
COLUMNS = {
    "StatefulSet": "NAME READY AGE CONTAINERS IMAGES",
    "DaemonSet": "NAME DESIRED CURRENT READY UP-TO-DATE AVAILABLE NODE SELECTOR AGE CONTAINERS "
                 "IMAGES SELECTOR",
    "ControllerRevision": "NAME CONTROLLER REVISION AGE",
    "Job": "NAME STATUS COMPLETIONS DURATION AGE CONTAINERS IMAGES SELECTOR",
    "CronJob": "NAME SCHEDULE TIMEZONE SUSPEND ACTIVE LAST SCHEDULE AGE CONTAINERS IMAGES "
               "SELECTOR",
    "HorizontalPodAutoscaler": "NAME REFERENCE TARGETS MINPODS MAXPODS REPLICAS AGE",
    "PodDisruptionBudget": "NAME MIN AVAILABLE MAX UNAVAILABLE ALLOWED DISRUPTIONS AGE",
    "PodTemplate": "NAME CONTAINERS IMAGES POD LABELS",
    "PriorityClass": "NAME VALUE GLOBAL-DEFAULT AGE PREEMPTIONPOLICY",
    "RuntimeClass": "NAME HANDLER AGE",
    "PersistentVolume": "NAME CAPACITY ACCESS MODES RECLAIM POLICY STATUS CLAIM STORAGECLASS "
                        "VOLUMEATTRIBUTESCLASS REASON AGE VOLUMEMODE",
    "PersistentVolumeClaim": "NAME STATUS VOLUME CAPACITY ACCESS MODES STORAGECLASS "
                             "VOLUMEATTRIBUTESCLASS AGE VOLUMEMODE",
    "StorageClass": "NAME PROVISIONER RECLAIMPOLICY VOLUMEBINDINGMODE ALLOWVOLUMEEXPANSION AGE",
    "VolumeAttachment": "NAME ATTACHER PV NODE ATTACHED AGE",
    "CSIDriver": "NAME ATTACHREQUIRED PODINFOONMOUNT STORAGECAPACITY TOKENREQUESTS "
                 "REQUIRESREPUBLISH MODES AGE",
    "CSINode": "NAME DRIVERS AGE",
    "CSIStorageCapacity": "NAME STORAGECLASSNAME CAPACITY",
    "VolumeAttributesClass": "NAME DRIVERNAME AGE",
    "Ingress": "NAME CLASS HOSTS ADDRESS PORTS AGE",
    "IngressClass": "NAME CONTROLLER PARAMETERS AGE",
    "NetworkPolicy": "NAME POD-SELECTOR AGE",
    "IPAddress": "NAME PARENTREF",
    "ServiceCIDR": "NAME CIDRS AGE",
    "EndpointSlice": "NAME ADDRESSTYPE PORTS ENDPOINTS AGE",
    "LimitRange": "NAME CREATED AT",
    "ResourceQuota": "NAME REQUEST LIMIT AGE",
    "Event": "LAST SEEN TYPE REASON OBJECT SUBOBJECT SOURCE MESSAGE FIRST SEEN COUNT NAME",
    "CertificateSigningRequest": "NAME AGE SIGNERNAME REQUESTOR REQUESTEDDURATION CONDITION",
    "MutatingWebhookConfiguration": "NAME WEBHOOKS AGE",
    "ValidatingWebhookConfiguration": "NAME WEBHOOKS AGE",
    "ValidatingAdmissionPolicy": "NAME VALIDATIONS PARAMKIND AGE",
    "ValidatingAdmissionPolicyBinding": "NAME POLICYNAME PARAMREF AGE",
    "FlowSchema": "NAME PRIORITYLEVEL MATCHINGPRECEDENCE DISTINGUISHERMETHOD AGE MISSINGPL",
    "PriorityLevelConfiguration": "NAME TYPE NOMINALCONCURRENCYSHARES QUEUES HANDSIZE "
                                  "QUEUELENGTHLIMIT AGE",
    "DeviceClass": "NAME AGE",
    "ResourceClaim": "NAME STATE AGE",
    "ResourceClaimTemplate": "NAME AGE",
    "ResourceSlice": "NAME NODE DRIVER POOL AGE",
    "APIService": "NAME SERVICE AVAILABLE AGE",
}
KINDS = [kind for kind in KINDS if kind.name in COLUMNS and kind.version != "v1"]
# `kubectl get event` asks for the older form.
RESOURCES = {"Event": "events.v1.events.k8s.io"}
# Has a member that kubectl replaces whenever it applies.
REPLACED = {"PodDisruptionBudget"}


def test_columns_are_stated_for_each_kind():
    assert {kind.name for kind in KINDS} == set(COLUMNS)


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_the_life_of_an_object(kubectl, bare_kubectl, namespace, kind):
    kubectl = kubectl if kind.is_namespaced else bare_kubectl
    document = kind.document(f"{namespace}-one", namespace)
    name, resource = document["metadata"]["name"], RESOURCES.get(kind.name, kind.name.lower())
    sent = json.dumps(document)
    assert f"/{name} created" in kubectl("create", "-f", "-", "--save-config", stdin=sent)
    # Spaces within a heading and between two are told apart by their number, not here.
    head, row = kubectl("get", resource, name, "-o", "wide").splitlines()
    assert head.split() == COLUMNS[kind.name].split()
    assert name in row
    assert name in kubectl("describe", resource, name)
    applied = kubectl("apply", "-f", "-", stdin=sent)
    assert ("configured" if kind.name in REPLACED else "unchanged") in applied
    document["metadata"]["labels"] = {"tier": "back"}
    assert "configured" in kubectl("apply", "-f", "-", stdin=json.dumps(document))
    assert f"/{name}" in kubectl("get", resource, "-l", "tier=back", "-o", "name")
    assert "deleted" in kubectl("delete", resource, name)
    assert "NotFound" in kubectl.refused("get", resource, name)


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_each_kind_is_explained_to_the_last_member(kubectl, kind):
    out = kubectl("explain", kind.name.lower(), "--recursive")
    assert f"KIND:       {kind.name}" in out
    assert "metadata\t<ObjectMeta>" in out
    assert "<no description>" not in out


def test_the_older_document_has_each_kind(server):
    document = wire.ask(server, "GET", "/openapi/v2").json
    found = {
        kind["kind"] for definition in document["definitions"].values()
        for kind in definition.get("x-kubernetes-group-version-kind", [])}
    names = {kind.name for kind in KINDS}
    assert names <= found
    assert {f"{name}List" for name in names} <= found
    assert "/apis/autoscaling/v1/namespaces/{namespace}/horizontalpodautoscalers/{name}" in (
        document["paths"])


def test_all_shows_what_runs(kubectl, namespace):
    names = {"StatefulSet", "DaemonSet", "Job", "CronJob", "HorizontalPodAutoscaler"}
    kinds = [kind for kind in KINDS if kind.name in names]
    items = [kind.document("w", namespace) for kind in kinds]
    kubectl("create", "-f", "-", stdin=json.dumps(
        {"apiVersion": "v1", "kind": "List", "items": items}))
    shown = {line.split("/")[0] for line in kubectl("get", "all", "-o", "name").split()}
    assert {"statefulset.apps", "daemonset.apps", "job.batch", "cronjob.batch",
            "horizontalpodautoscaler.autoscaling"} <= shown


def test_short_names(kubectl):
    rows = [line.split() for line in kubectl("api-resources", "--no-headers").splitlines()]
    short = {row[1]: row[0] for row in rows if len(row) == 5}
    wanted = {
        "pv": "persistentvolumes", "pvc": "persistentvolumeclaims", "limits": "limitranges",
        "quota": "resourcequotas", "cs": "componentstatuses", "sts": "statefulsets",
        "ds": "daemonsets", "cj": "cronjobs", "hpa": "horizontalpodautoscalers",
        "pdb": "poddisruptionbudgets", "ing": "ingresses", "netpol": "networkpolicies",
        "ip": "ipaddresses", "sc": "storageclasses", "vac": "volumeattributesclasses",
        "pc": "priorityclasses", "csr": "certificatesigningrequests"}
    assert {name: short.get(name) for name in wanted} == wanted


def test_commands_that_make_kinds(kubectl):
    kubectl("create", "job", "j", "--image=registry.example/app:1", "--", "run")
    kubectl("create", "cronjob", "c", "--image=registry.example/app:1", "--schedule=@hourly")
    kubectl("create", "job", "from", "--from=cronjob/c")
    kubectl("create", "deployment", "d", "--image=registry.example/app:1")
    kubectl("autoscale", "deployment", "d", "--max=3", "--cpu=70%")
    kubectl("create", "poddisruptionbudget", "b", "--selector=app=d", "--min-available=1")
    kubectl("create", "quota", "q", "--hard=pods=1000")
    kubectl("create", "ingress", "i", "--rule=a.example/*=web:80")
    kubectl("create", "priorityclass", "test-made", "--value=10")
    assert "0/1" in kubectl("get", "job", "j")
    assert "cpu: <unknown>/70%" in kubectl("get", "hpa", "d")
    assert "a.example" in kubectl("get", "ingress", "i")


def test_a_job_is_suspended_and_a_stateful_set_scaled(kubectl, namespace):
    documents = {kind.name: kind.document("w", namespace) for kind in KINDS}
    for name in ("StatefulSet", "CronJob"):
        kubectl("create", "-f", "-", stdin=json.dumps(documents[name]))
    kubectl("scale", "statefulset", "w", "--replicas=4")
    assert "0/4" in kubectl("get", "statefulset", "w")
    kubectl("patch", "cronjob", "w", "-p", '{"spec": {"suspend": true}}')
    assert "True" in kubectl("get", "cronjob", "w", "--no-headers")


def test_requests_for_certificates_are_approved_and_denied(kubectl, namespace):
    kind = next(kind for kind in KINDS if kind.name == "CertificateSigningRequest")
    for verb, shown in [("approve", "Approved"), ("deny", "Denied")]:
        document = kind.document(f"{namespace}-{verb}", namespace)
        name = document["metadata"]["name"]
        kubectl("create", "-f", "-", stdin=json.dumps(document))
        assert "Pending" in kubectl("get", "csr", name)
        kubectl("certificate", verb, name)
        row = kubectl("get", "csr", name, "--no-headers").split()
        assert row[3:] == ["system:admin", "<none>", shown]


def test_a_debugging_container_joins_a_pod(kubectl):
    kubectl("run", "p", "--image=registry.example/app:1")
    done = kubectl.attempt(
        "debug", "p", "--image=registry.example/tools:1", "--container=look", "--profile=general")
    assert done.returncode == 0, done.stderr
    path = "jsonpath={.spec.ephemeralContainers[*].name}"
    assert kubectl("get", "pod", "p", "-o", path) == "look"


def test_a_pod_is_resized(kubectl, namespace):
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {"containers": [
        {"name": "c", "image": "registry.example/app:1",
         "resources": {"requests": {"cpu": "1"}}}]}}
    kubectl("create", "-f", "-", stdin=json.dumps(pod))
    patch = {"spec": {"containers": [{"name": "c", "resources": {"requests": {"cpu": "2"}}}]}}
    kubectl("patch", "pod", "p", "--subresource=resize", "-p", json.dumps(patch))
    path = "jsonpath={.spec.containers[0].resources.requests.cpu}"
    assert kubectl("get", "pod", "p", "-o", path) == "2"
    assert "pod updates may not change fields" in kubectl.refused(
        "patch", "pod", "p", "-p", json.dumps(patch).replace("2", "3"))
