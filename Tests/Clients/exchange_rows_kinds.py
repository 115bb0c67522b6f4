"""The built-in kinds and custom resources: rows for `test_exchanges.py`."""

import re

import objects
from exchanges import (
    GONE, PARTIAL, TABLE, causes, cells, delete, get, kinds_of, names, no, patch, post, put)

SPACE = "/api/v1/namespaces/trace"
PODS = f"{SPACE}/pods"
P = f"{PODS}/p"
APPS = "/apis/apps/v1/namespaces/trace"
D = f"{APPS}/deployments/d"
LEASES = "/apis/coordination.k8s.io/v1/namespaces/trace/leases"
AGE = re.compile(r"\d+s")
NONE = "<none>"
WEB = {"labels": {"app": "web"}}
ANY_METADATA = {"Accept": PARTIAL["Accept"].format("List")}


def pod(name, *containers, **spec):
    return objects.named("Pod", name, metadata=WEB, spec={"containers": list(containers), **spec})


C = {"name": "c", "image": "nginx:1"}
BINDING = objects.named("Binding", "p", target={"kind": "Node", "name": "node-1"})
FILLED_IN = {
    "metadata": {"generation": 1, "labels": {"app": "web"}},
    "spec": {
        "restartPolicy": "Always", "dnsPolicy": "ClusterFirst", "priority": 0,
        "enableServiceLinks": True, "schedulerName": "default-scheduler",
        "preemptionPolicy": "PreemptLowerPriority", "serviceAccountName": "default",
        "tolerations": [{"tolerationSeconds": 300}, {"tolerationSeconds": 300}],
        "containers": [{
            "imagePullPolicy": "IfNotPresent", "terminationMessagePolicy": "File",
            "terminationMessagePath": "/dev/termination-log", "resources": {}}]},
    "status": {"phase": "Pending", "qosClass": "BestEffort"}}
RUNNING = {"status": {"phase": "Running", "podIP": "10.0.0.9", "podIPs": [{"ip": "10.0.0.9"}]}}
ENDING = {"metadata": {"deletionTimestamp": ..., "deletionGracePeriodSeconds": 30}}
TIMES = {"acquireTime": "2026-01-01T00:00:00.000000Z", "renewTime": "2026-01-01T00:00:00.000000Z"}
LOCK = objects.named("Lease", "lock", "coordination.k8s.io/v1", spec={
    "holderIdentity": "me", "leaseDurationSeconds": 15, **TIMES})
CONTROLLER = objects.named("ReplicationController", "rc", spec={"replicas": 0, "template": {
    "metadata": {"labels": {"app": "rc"}},
    "spec": {"containers": [{"name": "c", "image": "i"}]}}})
EVENT = objects.named(
    "Event", "e", reason="Because", message="text", type="Normal",
    involvedObject={"kind": "Pod", "namespace": "trace", "name": "p"})



KINDS = [
    post("06/0", PODS, pod("p", C), FILLED_IN),
    post("06/1", PODS, pod("bad", {"name": "UPPER", "image": ""}, restartPolicy="Sometimes"), no(
        422, "Invalid", causes=causes(
            ("spec.containers[0].name", "Invalid"), ("spec.containers[0].image", "Required"),
            ("spec.restartPolicy", "NotSupported"))), 422),
    post("06/2", PODS, pod("bad"), no(
        422, "Invalid", 'Pod "bad" is invalid: spec.containers: Required value'), 422),
    post("06/3", PODS, pod("bad", C, nosuch=1), {"spec": {"nosuch": GONE}}, answer_headers={
        "warning": '299 - "unknown field \\"spec.nosuch\\""'}),
    get("06/4", P, cells(["p", "0/1", "Pending", "0", AGE, *[NONE] * 4]), headers=TABLE),
    get("06/5", PODS, cells(*[
        [name, "0/1", "Pending", "0", AGE, *[NONE] * 4] for name in ("bad", "p")]), headers=TABLE),
    patch("06/6", "strategic", f"{P}/status", {"status": {
        "phase": "Running", "podIP": "10.0.0.9",
        "conditions": [{"type": "Ready", "status": "True"}]}}, RUNNING),
    patch("06/7", "strategic", P, {"spec": {"containers": [{"name": "c", "image": "nginx:2"}]}},
          {"spec": {"containers": [{"image": "nginx:2", "name": "c"}]}, **RUNNING}),
    patch("06/8", "strategic", P, {"spec": {"hostNetwork": True}}, no(
        422, "Invalid", causes=causes(("spec", "Forbidden"))), 422),
    post("06/9", f"{P}/binding", BINDING, {"kind": "Status", "status": "Success", "code": 201}),
    post("06/10", f"{P}/binding", {**BINDING, "target": {"kind": "Node", "name": "node-2"}}, no(
        409, "Conflict", re.compile('.*pod p is already assigned to node "node-1"')), 409),
    get("06/11", "/api/v1/pods?fieldSelector=spec.nodeName%3Dnode-1&limit=1", names("p")),
    get("06/12", f"{PODS}?fieldSelector=status.phase%3DRunning,spec.nodeName%21%3D", {
        "kind": "PartialObjectMetadataList", **names("p")}, headers=ANY_METADATA),
    # By the version that 1.20 knew, as old clients write it.
    post("06/13", f"{P}/eviction", objects.named("Eviction", "p", "policy/v1beta1"), {
        "kind": "Status", "status": "Success", "code": 201}),
    get("06/14", P, ENDING),
    delete("06/15", P, {"metadata": {"deletionGracePeriodSeconds": 0}},
           body={"gracePeriodSeconds": 0}),
    get("06/16", f"{P}/log", no(404, "NotFound"), 404),
    get("06/17", f"{D}/scale", {
        "kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": {"name": "d"},
        "status": {"replicas": 0, "selector": "app=d"}}),
    patch("06/18", "merge", f"{D}/scale", {"spec": {"replicas": 0}}, {
        "kind": "Scale", "spec": {"replicas": GONE}}),
    get("06/19", D, cells(["d", "0/0", 0, 0, AGE, "a,side", "a:1,s:1", "app=d"]), headers=TABLE),
    # Nobody makes replica sets of a deployment.
    get("06/20", f"{APPS}/replicasets", cells(), headers=TABLE),
    put("06/21", f"{D}/status", lambda said: {
        **said["05/20"], "status": {"observedGeneration": 99}, "spec": {
            **said["05/20"]["spec"], "replicas": 7}}, {
                "metadata": {"generation": 8}, "status": {"observedGeneration": 99},
                "spec": {"replicas": 0}}),
    post("06/22", f"{SPACE}/services", objects.named("Service", "svc", spec={
        "selector": {"app": "web"}, "ports": [{"port": 80}]}), {"spec": {
            "clusterIP": re.compile(r"10\.\d+\.\d+\.\d+"), "type": "ClusterIP",
            "sessionAffinity": "None", "ports": [{"targetPort": 80, "protocol": "TCP"}]},
            "status": {"loadBalancer": {}}}),
    get("06/23", f"{SPACE}/services/svc", cells(
        ["svc", "ClusterIP", ..., NONE, "80/TCP", AGE, "app=web"]), headers=TABLE),
    # Nobody follows services.
    get("06/24", f"{SPACE}/endpoints/svc", no(404, "NotFound"), 404),
    post("06/25", f"{SPACE}/services", objects.named("Service", "bad", spec={"ports": []}), no(
        422, "Invalid", causes=causes(("spec.ports", "Required"))), 422),
    post("06/26", f"{SPACE}/replicationcontrollers", CONTROLLER, {
        "metadata": {"labels": {"app": "rc"}}, "spec": {"selector": {"app": "rc"}},
        "status": {"replicas": 0}}),
    get("06/27", f"{SPACE}/replicationcontrollers/rc", cells(
        ["rc", 0, 0, 0, AGE, "c", "i", "app=rc"]), headers=TABLE),
    get("06/28", "/api/v1/nodes", cells(), headers=TABLE),
    post("06/29", "/api/v1/nodes", objects.named("Node", "n9"), {"status": {
        "daemonEndpoints": {"kubeletEndpoint": {"Port": 0}}, "nodeInfo": {"osImage": ""}}}),
    get("06/30", "/api/v1/nodes/n9", {"metadata": {"name": "n9"}, "spec": {}}),
    delete("06/31", "/api/v1/nodes/n9", {"status": "Success", "details": {"name": "n9"}}),
    post("06/32", f"{SPACE}/events", EVENT, {
        "source": {}, "reportingComponent": "", "reportingInstance": "", "reason": "Because"}),
    get("06/33", f"{SPACE}/events", cells([
        "<unknown>", "Normal", "Because", "pod/p", "", "", "text", "<unknown>", 1, "e"]),
        headers=TABLE),
    get("06/34", f"{SPACE}/events?fieldSelector=involvedObject.name%3Dp", names("e"),
        headers=ANY_METADATA),
    get("06/35", "/api/v1/namespaces?limit=2", cells(
        ["default", "Active", AGE], ["kube-node-lease", "Active", AGE]), headers=TABLE),
    # No account has a token of its own any more.
    get("06/36", f"{SPACE}/serviceaccounts?limit=2", cells(["default", 0, AGE]), headers=TABLE),
    get("06/37", f"{SPACE}/secrets?limit=2", cells(["s", "Opaque", 1, AGE]), headers=TABLE),
    get("06/38", f"{SPACE}/configmaps?limit=2", cells(
        ["applied", 2, AGE], [re.compile("gen-.*"), 0, AGE]), headers=TABLE),
    post("06/39", LEASES, LOCK, {"spec": {"leaseDurationSeconds": 15, **TIMES}}),
    get("06/40", LEASES, cells(["lock", "me", AGE]), headers=TABLE),
]


def definition(name):
    spec = {"type": "object", "required": ["size"], "properties": {
        "size": {"type": "integer", "minimum": 1, "maximum": 10}, "replicas": {"type": "integer"},
        "color": {"type": "string", "enum": ["red", "blue"], "default": "red"}}}
    status = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    return objects.named(
        "CustomResourceDefinition", name, "apiextensions.k8s.io/v1", spec={
            "group": "example.com", "scope": "Namespaced",
            "names": {"plural": "widgets", "singular": "widget", "kind": "Widget",
                      "shortNames": ["wd"], "categories": ["all"]},
            "versions": [{
                "name": "v1", "served": True, "storage": True,
                "subresources": {"status": {}, "scale": {
                    "specReplicasPath": ".spec.replicas",
                    "statusReplicasPath": ".status.replicas"}},
                "additionalPrinterColumns": [
                    {"name": "Size", "type": "integer", "jsonPath": ".spec.size"}],
                "schema": {"openAPIV3Schema": {
                    "type": "object", "required": ["spec"],
                    "properties": {"spec": spec, "status": status}}}}]})


def widget(name, **spec):
    return objects.named("Widget", name, "example.com/v1", spec=spec)


def condition(kind):
    return lambda conditions: any(
        each["type"] == kind and each["status"] == "True" for each in conditions)


def refused(number, reason, field, **spec):
    return post(number, WIDGETS, widget("w2", **spec), no(
        422, "Invalid", group="example.com", kind="Widget", causes=causes((field, reason))), 422)


DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
WIDGETS = "/apis/example.com/v1/namespaces/trace/widgets"
W1 = f"{WIDGETS}/w1"

DEFINED = [
    post("07/0", DEFINITIONS, definition("widgets.example.com"), {
        "metadata": {"generation": 1}, "spec": {
            "conversion": {"strategy": "None"}, "names": {"listKind": "WidgetList"}},
        "status": {"storedVersions": ["v1"]}}),
    get("07/1", f"{DEFINITIONS}/widgets.example.com", {"status": {
        "acceptedNames": {"plural": "widgets", "shortNames": ["wd"]},
        "conditions": condition("Established")}}, waits=True),
    get("07/2", DEFINITIONS, cells(["widgets.example.com", ...]), headers=TABLE),
    get("07/3", "/apis/example.com/v1", kinds_of(
        ("widgets", "Widget"), ("widgets/status", "Widget"), ("widgets/scale", "Scale")),
        waits=True),
    post("07/4", WIDGETS, widget("w1", size=3, extra="pruned"), {
        "metadata": {"generation": 1}, "spec": {"size": 3, "color": "red", "extra": GONE}},
        answer_headers={"warning": '299 - "unknown field \\"spec.extra\\""'}),
    refused("07/5", "Invalid", "spec.size", size=30),
    refused("07/6", "TypeInvalid", "spec.size", size="big"),
    post("07/7", WIDGETS, widget("w2", color="green"), no(422, "Invalid", causes=causes(
        ("spec.color", "NotSupported"), ("spec.size", "Required"))), 422),
    get("07/8", WIDGETS, cells(["w1", 3]), headers=TABLE),
    patch("07/9", "merge", f"{W1}/status", {"status": {"anything": 1}, "spec": {"size": 9}}, {
        "metadata": {"generation": 1}, "spec": {"size": 3}, "status": {"anything": 1}}),
    patch("07/10", "merge", W1, {"spec": {"size": 4}}, {
        "metadata": {"generation": 2}, "spec": {"size": 4}, "status": {"anything": 1}}),
    patch("07/11", "strategic", W1, {"spec": {"size": 4}}, no(
        415, "UnsupportedMediaType", re.compile(
            r".*accepted media types include: application/json-patch\+json, "
            r"application/merge-patch\+json, application/apply-patch\+yaml.*")), 415),
    get("07/12", f"{W1}/scale", no(500, "InternalError", re.compile(
        r'.*the spec replicas field "\.spec\.replicas" does not exist')), 500),
    get("07/13", f"{WIDGETS}?watch=true&timeoutSeconds=1", [
        {"type": "ADDED", "object": {"metadata": {"name": "w1"}, "spec": {"size": 4}}}]),
    post("07/14", DEFINITIONS, definition("wrong.example.com"), no(
        422, "Invalid", causes=causes(("metadata.name", "Invalid"))), 422),
    delete("07/15", f"{DEFINITIONS}/widgets.example.com", {"metadata": {
        "deletionTimestamp": ..., "finalizers": ["customresourcecleanup.apiextensions.k8s.io"]}}),
    get("07/16", WIDGETS, "404 page not found\n", 404, waits=True),
]
