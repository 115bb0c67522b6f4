"""Discovery, writes and patches: rows for `test_exchanges.py`."""

import re

import objects
from exchanges import GONE, causes, delete, get, kinds_of, no, patch, post, put

MAPS = "/api/v1/namespaces/trace/configmaps"
ONE = f"{MAPS}/one"
D = "/apis/apps/v1/namespaces/trace/deployments/d"
APPLIED = f"{MAPS}/applied"
STRICT_404 = "404 page not found\n"


def version(name):
    group, _, version = name.partition("/")
    return {"groupVersion": name, "version": version}


DISCOVERY = [
    get("01/0", "/", {"paths": {"/api", "/api/v1", "/apis", "/apis/apps/v1", "/readyz"}}),
    get("01/1", "/version", {"major": "1", "minor": "34", "gitVersion": re.compile(
        r"v1\.34\.0\+binnacle\..+"), "platform": ..., "goVersion": ..., "compiler": ...}),
    get("01/2", "/healthz", "ok"),
    get("01/3", "/healthz/ping", "ok"),
    get("01/4", "/livez?verbose", re.compile(r"(\[\+\].* ok\n)+livez check passed\n")),
    get("01/5", "/readyz?verbose", re.compile(r"(\[\+\].* ok\n)+readyz check passed\n")),
    get("01/6", "/api", {"kind": "APIVersions", "versions": ["v1"]}),
    get("01/7", "/api/v1", {"groupVersion": "v1", "apiVersion": GONE, **kinds_of(
        ("pods", "Pod"), ("pods/status", "Pod"), ("pods/binding", "Binding"),
        ("pods/eviction", "Eviction"), ("serviceaccounts/token", "TokenRequest"),
        ("namespaces/finalize", "Namespace"), ("nodes/status", "Node"),
        ("replicationcontrollers/scale", "Scale"), ("componentstatuses", "ComponentStatus"))}),
    get("01/8", "/apis", {"kind": "APIGroupList", "apiVersion": "v1", "groups": lambda groups: {
        "apps", "batch", "policy", "events.k8s.io", "discovery.k8s.io", "networking.k8s.io"
    } <= {group["name"] for group in groups}}),
    get("01/9", "/apis/apps", {
        "kind": "APIGroup", "apiVersion": "v1", "name": "apps", "versions": [version("apps/v1")],
        "preferredVersion": version("apps/v1")}),
    get("01/10", "/apis/apps/v1", kinds_of(
        ("deployments", "Deployment"), ("deployments/scale", "Scale"),
        ("controllerrevisions", "ControllerRevision"), ("statefulsets/status", "StatefulSet"))),
    get("01/11", "/apis/coordination.k8s.io/v1", kinds_of(("leases", "Lease"))),
    get("01/12", "/apis/rbac.authorization.k8s.io/v1", kinds_of(
        ("roles", "Role"), ("clusterroles", "ClusterRole"), ("rolebindings", "RoleBinding"))),
    get("01/13", "/apis/apiextensions.k8s.io/v1", kinds_of(
        ("customresourcedefinitions", "CustomResourceDefinition"),
        ("customresourcedefinitions/status", "CustomResourceDefinition"))),
    get("01/14", "/apis/batch/v1", kinds_of(("jobs", "Job"), ("cronjobs", "CronJob"))),
    get("01/15", "/apis/autoscaling/v1", kinds_of(
        ("horizontalpodautoscalers", "HorizontalPodAutoscaler"))),
    # Beta versions that 1.25 took away.
    get("01/16", "/apis/policy/v1beta1", STRICT_404, 404),
    get("01/17", "/apis/discovery.k8s.io/v1beta1", STRICT_404, 404),
    get("01/18", "/apis/events.k8s.io/v1", kinds_of(("events", "Event"))),
    get("01/19", "/apis/nosuch.example.com", STRICT_404, 404),
    get("01/20", "/apis/nosuch.example.com/v1", STRICT_404, 404),
    get("01/21", "/nosuch", {"paths": {"/api", "/apis", "/version"}}, 404),
    get("01/22", "/api/v2", no(404, "NotFound"), 404),
    get("01/23", "/apis/authorization.k8s.io/v1", kinds_of(
        ("selfsubjectaccessreviews", "SelfSubjectAccessReview"),
        ("selfsubjectrulesreviews", "SelfSubjectRulesReview"))),
    get("01/24", "/apis/authentication.k8s.io/v1", kinds_of(("tokenreviews", "TokenReview"))),
    get("01/25", "/apis/networking.k8s.io/v1", kinds_of(
        ("ingresses", "Ingress"), ("networkpolicies", "NetworkPolicy"))),
    get("01/26", "/apis/storage.k8s.io/v1", kinds_of(
        ("storageclasses", "StorageClass"), ("volumeattachments/status", "VolumeAttachment"))),
    get("01/27", "/apis/scheduling.k8s.io/v1", kinds_of(("priorityclasses", "PriorityClass"))),
]


def changed(number, *dropped, data=None, **metadata):
    """The map as it was answered, changed; without the members of its metadata in `dropped`."""
    def body(said):
        shown = said[number]
        kept = {name: v for name, v in shown["metadata"].items() if name not in dropped}
        return {
            **shown, "metadata": {**kept, **metadata},
            "data": {**shown["data"], **(data or {})}}
    return body


def bad_map(name, **fields):
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, **fields}}


MODIFIED = no(409, "Conflict", re.compile(".*the object has been modified; please apply.*"),
              name="one", kind="configmaps")
NO_METHOD = no(405, "MethodNotAllowed")
HELD = objects.named("ConfigMap", "fin", metadata={"finalizers": ["example.com/hold"]},
                     data={"a": "1"})

WRITES = [
    post("02/0", "/api/v1/namespaces", objects.named("Namespace", "trace"), {
        "metadata": {"labels": {"kubernetes.io/metadata.name": "trace"}},
        "spec": {"finalizers": ["kubernetes"]}, "status": {"phase": "Active"}}),
    get("02/1", "/api/v1/namespaces/trace", {"status": {"phase": "Active"}}),
    post("02/2", "/api/v1/namespaces", objects.named("Namespace", "trace"), no(
        409, "AlreadyExists", 'namespaces "trace" already exists'), 409),
    post("02/3", MAPS, objects.config_map("one", {"app": "x"}, a="1"), {
        "kind": "ConfigMap", "metadata": {"namespace": "trace", "managedFields": [
            {"operation": "Update", "fieldsType": "FieldsV1"}]}, "data": {"a": "1"}}),
    post("02/4", MAPS, objects.config_map("one", a="1"), no(
        409, "AlreadyExists", name="one", kind="configmaps"), 409),
    get("02/5", ONE, lambda said: said["02/3"]),
    get("02/6", f"{MAPS}/none", no(404, "NotFound", 'configmaps "none" not found'), 404),
    put("02/7", ONE, changed("02/3", data={"b": "2"}), {"data": {"a": "1", "b": "2"}}),
    put("02/8", ONE, changed("02/3"), MODIFIED, 409),
    put("02/9", ONE, changed("02/7", "resourceVersion"), lambda said: said["02/7"]),
    put("02/10", ONE, changed("02/7", uid="00000000-0000-0000-0000-000000000000"), no(
        409, "Conflict", re.compile(".*UID in precondition: 00000000-.*")), 409),
    put("02/11", f"{MAPS}/new", objects.config_map("new", a="1"), no(404, "NotFound"), 404),
    put("02/12", ONE, changed("02/7", name="other"), no(400, "BadRequest", re.compile(
        r"the name of the object \(other\) does not match the name on the URL \(one\)")), 400),
    post("02/13", MAPS, {"metadata": {"generateName": "gen-"}}, {"metadata": {
        "name": re.compile("gen-[a-z0-9]{5}"), "generateName": "gen-"}}),
    post("02/14", MAPS, bad_map("Bad_Name"), no(
        422, "Invalid", causes=causes(("metadata.name", "Invalid"))), 422),
    post("02/15", MAPS, {"metadata": {}}, no(
        422, "Invalid", causes=causes(("metadata.name", "Required"))), 422),
    post("02/16", MAPS, objects.named("Secret", "s"), no(400, "BadRequest", re.compile(
        'Secret in version "v1" cannot be handled as a ConfigMap.*')), 400),
    post("02/17", MAPS, objects.named("ConfigMap", "s", "apps/v1"), no(
        400, "BadRequest", re.compile(".*apps/v1.*")), 400),
    post("02/18", MAPS, {"metadata": {"name": "no-kind"}, "data": {"k": "v"}}, {
        "kind": "ConfigMap", "apiVersion": "v1", "data": {"k": "v"}}),
    post("02/19", MAPS, bad_map("elsewhere", namespace="default"), no(
        400, "BadRequest", "the namespace of the provided object does not match the namespace "
        "sent on the request"), 400),
    post("02/20", "/api/v1/namespaces/nosuch/configmaps", bad_map("x"), no(
        404, "NotFound", 'namespaces "nosuch" not found'), 404),
    post("02/21", MAPS, "{not json", no(400, "BadRequest"), 400),
    post("02/22", MAPS, "", no(400, "BadRequest"), 400),
    post("02/23", MAPS, {"metadata": {"name": "t"}, "data": {"a": 1}}, no(400, "BadRequest"), 400),
    post("02/24", MAPS, "kind: ConfigMap\nmetadata: {name: from-yaml}\ndata: {a: '1'}\n", {
        "metadata": {"name": "from-yaml"}, "data": {"a": "1"}},
        headers={"Content-Type": "application/yaml"}),
    post("02/25", MAPS, "x", no(415, "UnsupportedMediaType"), 415,
         headers={"Content-Type": "text/plain"}),
    get("02/26", ONE, re.compile(r"apiVersion: v1\ndata:\n  a: \"1\"\n  b: \"2\"\nkind: .*", re.S),
        headers={"Accept": "application/yaml"}),
    get("02/27", ONE, no(406, "NotAcceptable"), 406, headers={"Accept": "text/html"}),
    post("02/28", ONE, bad_map("one"), NO_METHOD, 405),
    put("02/29", MAPS, bad_map("one"), NO_METHOD, 405),
    post("02/30", f"{MAPS}?dryRun=All", objects.config_map("dry", a="1"), {
        "metadata": {"uid": ..., "resourceVersion": GONE}, "data": {"a": "1"}}),
    get("02/31", f"{MAPS}/dry", no(404, "NotFound"), 404),
    post("02/32", f"{MAPS}?dryRun=Sometimes", bad_map("dry"), no(
        422, "Invalid", kind="CreateOptions", causes=causes(("dryRun", "NotSupported"))), 422),
    post("02/33", "/api/v1/namespaces/trace/secrets", objects.named(
        "Secret", "s", stringData={"pw": "x"}), {
            "data": {"pw": "eA=="}, "stringData": GONE, "type": "Opaque"}),
    post("02/34", MAPS, bad_map("labels-bad", labels={"a b": "c d"}), no(
        422, "Invalid", causes=causes(
            ("metadata.labels", "Invalid"), ("metadata.labels", "Invalid"))), 422),
    delete("02/35", f"{MAPS}/from-yaml", {
        "kind": "Status", "status": "Success", "details": {
            "name": "from-yaml", "kind": "configmaps", "uid": ...}}),
    delete("02/36", f"{MAPS}/from-yaml", no(404, "NotFound"), 404),
    delete("02/37", ONE, no(409, "Conflict", name="one", kind="ConfigMap"), 409,
           {"preconditions": {"resourceVersion": "1"}}),
    post("02/38", MAPS, HELD, {"metadata": {"finalizers": ["example.com/hold"]}}),
    delete("02/39", f"{MAPS}/fin", {"metadata": {
        "deletionTimestamp": ..., "deletionGracePeriodSeconds": 0,
        "finalizers": ["example.com/hold"]}}),
    get("02/40", f"{MAPS}/fin", {"metadata": {"deletionTimestamp": ...}}),
    patch("02/41", "merge", f"{MAPS}/fin", {"metadata": {"finalizers": None}}, {
        "metadata": {"finalizers": GONE, "deletionTimestamp": ...}}),
    get("02/42", f"{MAPS}/fin", no(404, "NotFound"), 404),
    delete("02/43", f"{MAPS}?labelSelector=app%3Dx", {
        "kind": "ConfigMapList", "items": [{"metadata": {"name": "one"}, "kind": GONE}]}),
]


def deployment():
    made = objects.deployment("d", 0)
    made["spec"]["template"]["spec"]["containers"] = [{
        "name": "a", "image": "a:1", "ports": [{"containerPort": 80}],
        "env": [{"name": "X", "value": "1"}]}]
    return made


def containers(*shown, generation=..., **spec):
    return {"metadata": {"generation": generation}, "spec": {
        "template": {"spec": {"containers": list(shown)}}, **spec}}


def strategic(number, containers, shows, **more):
    return patch(number, "strategic", D, {
        "spec": {"template": {"spec": {"containers": containers, **more}}}}, shows)


def applied(manager, data):
    return {"path": f"{APPLIED}?fieldManager={manager}", "body": {
        "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "applied"}, "data": data}}


X, Y = {"name": "X", "value": "1"}, {"name": "Y", "value": "2"}
NO_PATCH = no(422, "Invalid")

PATCHES = [
    post("05/0", "/apis/apps/v1/namespaces/trace/deployments", deployment(), {
        "spec": {"strategy": {"rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}},
                 "revisionHistoryLimit": 10, "progressDeadlineSeconds": 600, "template": {"spec": {
                     "dnsPolicy": "ClusterFirst", "restartPolicy": "Always",
                     "terminationGracePeriodSeconds": 30, "containers": [{
                         "ports": [{"containerPort": 80, "protocol": "TCP"}],
                         "imagePullPolicy": "IfNotPresent"}]}}}, "status": {}}),
    strategic("05/1", [{"name": "b", "image": "b:1"}], containers(
        {"name": "b"}, {"name": "a"}, generation=2)),
    strategic("05/2", [{"name": "a", "env": [Y]}], containers(
        {"name": "b"}, {"name": "a", "env": [Y, X]}, generation=3)),
    strategic("05/3", [{"$patch": "delete", "name": "b"}], containers(
        {"name": "a"}, generation=4)),
    strategic("05/4", [{"name": "a", "ports": [{"containerPort": 80, "$patch": "delete"}]}],
              containers({"name": "a", "ports": GONE}, generation=5),
              **{"$setElementOrder/containers": [{"name": "a"}]}),
    patch("05/5", "merge", D, {"spec": {"paused": True}}, containers(
        {"name": "a"}, generation=6, paused=True)),
    patch("05/6", "json", D, [
        {"op": "test", "path": "/spec/paused", "value": True},
        {"op": "remove", "path": "/spec/paused"},
        {"op": "add", "path": "/metadata/annotations", "value": {"k": "v"}}], {
            "metadata": {"annotations": {"k": "v"}, "generation": 7}, "spec": {"paused": GONE}}),
    patch("05/7", "json", D, [{"op": "test", "path": "/spec/replicas", "value": 9}], NO_PATCH, 422),
    patch("05/8", "json", D, [{"op": "remove", "path": "/spec/nosuch"}], NO_PATCH, 422),
    patch("05/9", "merge", D, {"metadata": {"resourceVersion": "1", "annotations": {"a": "b"}}}, no(
        409, "Conflict", name="d", group="apps", kind="deployments"), 409),
    patch("05/10", "merge", D, {"x": 1}, no(415, "UnsupportedMediaType"), 415,
          {"Content-Type": "application/json"}),
    patch("05/11", "merge", "/apis/apps/v1/namespaces/trace/deployments/none", {"spec": {}}, no(
        404, "NotFound", 'deployments.apps "none" not found'), 404),
    patch("05/12", "merge", D, {"spec": {"selector": {"matchLabels": {"app": "z"}}}}, no(
        422, "Invalid", group="apps", causes=causes(
            ("spec.template.metadata.labels", "Invalid"), ("spec.selector", "Invalid"))), 422),
    patch("05/13", "merge", D, {"spec": {"replicas": -1}}, no(422, "Invalid", re.compile(
        ".*spec.replicas: Invalid value: -1: must be greater than or equal to 0")), 422),
    patch("05/14", "merge", D, {
        "spec": {"template": {"metadata": {"labels": {"app": "other"}}}}}, no(
            422, "Invalid", causes=causes(("spec.template.metadata.labels", "Invalid"))), 422),
    patch("05/15", "apply", **applied("one", {"a": "1", "b": "1"}), status=201, shows={
        "metadata": {"managedFields": [{"manager": "one", "operation": "Apply", "fieldsV1": {
            "f:data": {"f:a": {}, "f:b": {}}}}]}, "data": {"a": "1", "b": "1"}}),
    patch("05/16", "apply", **applied("two", {"a": "2"}), status=409, shows=no(
        409, "Conflict", 'Apply failed with 1 conflict: conflict with "one": .data.a', causes=[
            {"reason": "FieldManagerConflict", "field": ".data.a"}])),
    patch("05/17", "apply", **applied("two&force=true", {"a": "2"}), shows={
        "data": {"a": "2", "b": "1"}}),
    patch("05/18", "apply", **applied("one", {"c": "1"}), shows={
        "data": {"a": "2", "b": GONE, "c": "1"}}),
    patch("05/19", "apply", APPLIED, applied("", {"c": "1"})["body"], no(
        422, "Invalid", kind="PatchOptions", causes=causes(("fieldManager", "Required"))), 422),
    patch("05/20", "apply", f"{D}?fieldManager=m", {
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"},
        "spec": {"template": {"spec": {"containers": [{"name": "side", "image": "s:1"}]}}}},
        containers({"name": "a"}, {"name": "side", "imagePullPolicy": "IfNotPresent"},
                   generation=8)),
]
