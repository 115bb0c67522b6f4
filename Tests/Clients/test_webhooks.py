"""Admission webhooks, asked over TLS by a real gateway."""

import json
import threading

import pytest

import conftest
import objects
import wire
from webhook_server import Webhook, allowed, denied, patch, rule, webhook

GROUP = "/apis/admissionregistration.k8s.io/v1"
MUTATING = f"{GROUP}/mutatingwebhookconfigurations"
VALIDATING = f"{GROUP}/validatingwebhookconfigurations"
MAPS = "/api/v1/namespaces/default/configmaps"
ADD_LABEL = {"op": "add", "path": "/metadata/labels", "value": {"seen": "yes"}}


@pytest.fixture(scope="module")
def hook(tmp_path_factory):
    with Webhook(tmp_path_factory.mktemp("webhook"), "DNS:hook.default.svc") as hook:
        yield hook


@pytest.fixture(autouse=True)
def clean(audited, hook):
    """Each test begins without configurations, and with an empty namespace."""
    yield
    for collection in (MUTATING, VALIDATING):
        assert wire.ask(audited, "DELETE", collection).status == 200
    for plural in ("configmaps", "pods"):
        wire.ask(audited, "DELETE", f"/api/v1/namespaces/default/{plural}?gracePeriodSeconds=0")
    wire.ask(audited, "DELETE", "/apis/apps/v1/namespaces/default/deployments")
    hook.forget()
    hook.answers.clear()
    hook.documents.clear()


@pytest.fixture
def kubectl(audited, home):
    return conftest.Kubectl(audited, home)


def configure(server, collection, name, *webhooks):
    kind = ("MutatingWebhookConfiguration" if collection == MUTATING
            else "ValidatingWebhookConfiguration")
    body = objects.named(
        kind, name, "admissionregistration.k8s.io/v1", webhooks=list(webhooks))
    answer = wire.ask(server, "POST", collection, body)
    assert answer.status == 201, answer.plain


def create(server, name, **fields):
    return wire.ask(server, "POST", MAPS, objects.config_map(name, **fields))


def test_a_mutating_webhook_changes_what_kubectl_creates(audited, hook, kubectl):
    hook.answers["/label"] = lambda _: patch(ADD_LABEL)
    configure(audited, MUTATING, "labels", webhook(
        "label.example.com", hook.config("/label"), rule(["configmaps"], ["CREATE"])))
    kubectl("create", "configmap", "a", "--from-literal=x=1")
    labels = kubectl("get", "configmap", "a", "-o", "jsonpath={.metadata.labels}")
    assert json.loads(labels) == {"seen": "yes"}
    [request] = hook.reviews("/label")
    kind = {"group": "", "version": "v1", "kind": "ConfigMap"}
    resource = {"group": "", "version": "v1", "resource": "configmaps"}
    assert request["kind"] == request["requestKind"] == kind
    assert request["resource"] == request["requestResource"] == resource
    assert (request["name"], request["namespace"]) == ("a", "default")
    assert request["operation"] == "CREATE"
    assert request["userInfo"]["username"] == "system:admin"
    assert request["object"]["data"] == {"x": "1"} and request["oldObject"] is None
    assert request["dryRun"] is False
    assert request["options"] == {
        "kind": "CreateOptions", "apiVersion": "meta.k8s.io/v1",
        "fieldManager": "kubectl-create", "fieldValidation": "Strict"}
    assert hook.queries("/label") == ["timeout=10s"]


def test_a_validating_webhook_refuses_with_its_own_words(audited, hook, kubectl):
    hook.answers["/deny"] = lambda _: denied("not on a Friday", code=403, reason="Forbidden")
    configure(audited, VALIDATING, "fridays", webhook(
        "friday.example.com", hook.config("/deny"), rule(["configmaps"])))
    complaint = kubectl.refused("create", "configmap", "a")
    assert complaint == (
        'error: failed to create configmap: admission webhook "friday.example.com" denied the '
        "request: not on a Friday\n")
    answer = create(audited, "a")
    assert (answer.status, answer.json["reason"]) == (403, "Forbidden")
    hook.answers["/deny"] = lambda _: denied()
    answer = create(audited, "a")
    assert (answer.status, answer.json["message"]) == (
        400, 'admission webhook "friday.example.com" denied the request without explanation')
    hook.answers["/deny"] = lambda _: denied(reason="Conflict", code=200)
    answer = create(audited, "a")
    assert (answer.status, answer.json["reason"]) == (400, "Conflict")
    assert answer.json["message"].endswith("denied the request: Conflict")
    metrics = wire.ask(audited, "GET", "/metrics").plain.decode()
    assert ('apiserver_admission_webhook_rejection_count{name="friday.example.com",'
            'type="validating",operation="CREATE",error_type="no_error",rejection_code="403"} 2'
            ) in metrics


def test_changes_of_configurations_take_effect_at_once(audited, hook):
    hook.answers["/deny"] = lambda _: denied("no")
    for number in range(20):
        configure(audited, VALIDATING, "gate", webhook(
            "gate.example.com", hook.config("/deny"), rule(["configmaps"])))
        assert create(audited, f"a-{number}").status == 400
        assert wire.ask(audited, "DELETE", f"{VALIDATING}/gate").status == 200
        assert create(audited, f"a-{number}").status == 201


def test_warnings_reach_people_and_annotations_the_audit_log(audited, hook, kubectl):
    hook.answers["/talk"] = lambda _: allowed(
        warnings=["mind the step"], auditAnnotations={"why": "because"})
    configure(audited, VALIDATING, "talk", webhook(
        "talk.example.com", hook.config("/talk"), rule(["configmaps"])))
    done = kubectl.attempt("create", "configmap", "a")
    assert done.returncode == 0 and "Warning: mind the step" in done.stderr
    assert create(audited, "noted").headers["warning"] == '299 - "mind the step"'
    hook.answers["/talk"] = lambda _: {**denied("no"), "warnings": ["mind the other step"]}
    refused = create(audited, "b")
    assert refused.status == 400
    assert refused.headers["warning"] == '299 - "mind the other step"'

    # A line is written after its answer is sent; a later request's line comes after it.
    def lines():
        text = audited.audit_log.read_text()
        return [json.loads(line) for line in text[:text.rfind("\n") + 1].splitlines()]

    def found():
        return [line for line in lines() if line["verb"] == "create"
                and line.get("objectRef", {}).get("name") == "noted"]

    while not found():
        wire.ask(audited, "GET", "/version")
    [line] = found()
    assert line["annotations"]["talk.example.com/why"] == "because"


def test_a_webhook_that_cannot_be_reached_stops_requests_or_lets_them_pass(audited, hook):
    nowhere = {"url": "https://127.0.0.1:1/x", "caBundle": hook.authority}
    configure(audited, VALIDATING, "closed", webhook(
        "closed.example.com", nowhere, rule(["configmaps"]), failurePolicy="Fail"))
    answer = create(audited, "a")
    assert answer.status == 500 and answer.json["reason"] == "InternalError"
    assert answer.json["message"].startswith(
        'Internal error occurred: failed calling webhook "closed.example.com": failed to call '
        'webhook: Post "https://127.0.0.1:1/x?timeout=10s": ')
    wire.ask(audited, "DELETE", f"{VALIDATING}/closed")
    configure(audited, VALIDATING, "open", webhook(
        "open.example.com", nowhere, rule(["configmaps"]), failurePolicy="Ignore"))
    assert create(audited, "a").status == 201
    metrics = wire.ask(audited, "GET", "/metrics").plain.decode()
    assert ('apiserver_admission_webhook_fail_open_count{name="open.example.com",'
            'type="validating"} 1') in metrics


def test_a_slow_webhook_is_given_its_time(audited, hook):
    is_over = threading.Event()
    hook.answers["/slow"] = lambda _: allowed() if is_over.wait(60) else denied()
    configure(audited, VALIDATING, "slow", webhook(
        "slow.example.com", hook.config("/slow"), rule(["configmaps"]), timeoutSeconds=1))
    answer = create(audited, "a")
    is_over.set()
    assert answer.status == 500
    assert answer.json["message"].endswith("?timeout=1s\": context deadline exceeded")


def test_a_certificate_of_another_authority_is_not_believed(audited, hook, tmp_path):
    with Webhook(tmp_path) as other:
        other.answers["/x"] = lambda _: allowed()
        client = {**other.config("/x"), "caBundle": hook.authority}
        configure(audited, VALIDATING, "other", webhook(
            "other.example.com", client, rule(["configmaps"])))
        answer = create(audited, "a")
        assert answer.status == 500 and "TLS" in answer.json["message"], answer.plain
        assert other.reviews("/x") == []


def test_answers_that_are_none_are_refused(audited, hook):
    configure(audited, MUTATING, "odd", webhook(
        "odd.example.com", hook.config("/odd"), rule(["configmaps"])))

    def complaint(answer):
        hook.documents["/odd"] = answer
        refused = create(audited, "a")
        assert refused.status == 500, refused.plain
        return refused.json["message"]

    def review(response, **more):
        return lambda asked: (200, {
            "kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1",
            "response": {"uid": asked["request"]["uid"], **response}, **more})

    assert "status 503" in complaint(lambda _: (503, {}))
    assert "no JSON document" in complaint(lambda _: (200, b"hello"))
    assert "did not return a response object" in complaint(lambda _: (200, {}))
    assert "expected response.uid=" in complaint(review({"uid": "x", "allowed": True}))
    assert ("expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview, got v1, "
            "Kind=AdmissionReview") in complaint(review({"allowed": True}, apiVersion="v1"))
    assert "but not response.patchType" in complaint(review({"allowed": True, "patch": "W10="}))
    assert 'invalid response.patchType of "Merge"' in complaint(
        review({"allowed": True, "patch": "W10=", "patchType": "Merge"}))
    del hook.documents["/odd"]
    hook.answers["/odd"] = lambda _: patch({"op": "remove", "path": "/data/none"})
    answer = create(audited, "a")
    assert answer.status == 500
    assert answer.json["message"].endswith(
        'the patch of admission webhook "odd.example.com" cannot be applied: operation 0 (remove): '
        'there is no member "data"')
    hook.answers["/odd"] = lambda _: patch(
        {"op": "add", "path": "/data", "value": {"unknown": 1}})
    answer = create(audited, "a")
    assert answer.status == 500
    assert "cannot read integer into field data[unknown]" in answer.json["message"]


def test_one_after_the_other_by_name_and_once_more_if_needed(audited, hook):
    def add(name):
        def answer(request):
            annotations = request["object"]["metadata"].get("annotations", {})
            told = f"{annotations.get('told', '')}{name}"
            return patch({"op": "add", "path": "/metadata/annotations", "value": {"told": told}})
        return answer

    for name in ("a", "b", "c"):
        hook.answers[f"/{name}"] = add(name)
    rules = rule(["configmaps"], ["CREATE"])
    configure(audited, MUTATING, "2", webhook("c.example.com", hook.config("/c"), rules))
    configure(
        audited, MUTATING, "1",
        webhook("a.example.com", hook.config("/a"), rules, reinvocationPolicy="IfNeeded"),
        webhook("b.example.com", hook.config("/b"), rules, reinvocationPolicy="Never"))
    assert create(audited, "x").json["metadata"]["annotations"] == {"told": "abca"}
    hook.answers["/b"] = hook.answers["/c"] = lambda _: allowed()
    assert create(audited, "y").json["metadata"]["annotations"] == {"told": "a"}


def test_selectors_and_conditions_choose_requests(audited, hook):
    hook.answers["/seen"] = lambda _: allowed()
    here = {"matchLabels": {"kubernetes.io/metadata.name": "default"}}
    elsewhere = {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}}
    labelled = {"matchLabels": {"watched": "yes"}}
    cases = {
        "here": ({"namespaceSelector": here}, True),
        "elsewhere": ({"namespaceSelector": elsewhere}, False),
        "labelled": ({"objectSelector": labelled}, True),
        "other": ({"objectSelector": {"matchLabels": {"watched": "no"}}}, False),
        "met": ({"matchConditions": [
            {"name": "mine", "expression": "request.userInfo.username == 'system:admin'"},
            {"name": "new", "expression": "oldObject == null && has(object.data.x)"}]}, True),
        "unmet": ({"matchConditions": [
            {"name": "off", "expression": "object.metadata.name.startsWith('b')"}]}, False),
    }
    for name, (more, is_asked) in cases.items():
        hook.forget()
        configure(audited, VALIDATING, name, webhook(
            "choosy.example.com", hook.config("/seen"), rule(["configmaps"]), **more))
        answer = create(audited, f"a-{name}", labels={"watched": "yes"}, x="1")
        assert answer.status == 201, answer.plain
        assert len(hook.reviews("/seen")) == is_asked, name
        wire.ask(audited, "DELETE", f"{VALIDATING}/{name}")


def test_a_condition_without_a_value_follows_the_failure_policy(audited, hook):
    hook.answers["/seen"] = lambda _: allowed()
    conditions = [{"name": "odd", "expression": "object.data.none == 'x'"}]
    for policy, status in (("Fail", 403), ("Ignore", 201)):
        configure(audited, VALIDATING, "odd", webhook(
            "odd.example.com", hook.config("/seen"), rule(["configmaps"]),
            matchConditions=conditions, failurePolicy=policy))
        answer = create(audited, "a")
        assert answer.status == status, answer.plain
        wire.ask(audited, "DELETE", f"{VALIDATING}/odd")
    assert hook.reviews("/seen") == []


def test_a_condition_that_makes_no_sense_is_refused(audited, hook):
    def causes(expression):
        body = objects.named(
            "ValidatingWebhookConfiguration", "bad", "admissionregistration.k8s.io/v1",
            webhooks=[webhook("bad.example.com", hook.config("/x"), rule(["pods"]),
                              matchConditions=[{"name": "c", "expression": expression}])])
        answer = wire.ask(audited, "POST", VALIDATING, body)
        assert answer.status == 422, answer.plain
        [cause] = answer.json["details"]["causes"]
        assert cause["field"] == "webhooks[0].matchConditions[0].expression"
        return cause["message"]

    assert "undeclared reference to 'objekt'" in causes("objekt.x == 1")
    assert "must evaluate to bool" in causes("1 + 1")
    assert "no authorizer" in causes("authorizer.group('').resource('pods').check('get').allowed()")
    assert "undefined field 'user'" in causes("request.user == 'x'")


def test_no_webhook_is_asked_about_configurations(audited, hook, kubectl):
    hook.answers["/all"] = lambda _: denied("never")
    configure(audited, VALIDATING, "all", webhook(
        "all.example.com", hook.config("/all"),
        rule(["*/*"], ["*"], ["*"], ["*"])))
    assert create(audited, "a").status == 400
    kubectl("delete", "validatingwebhookconfiguration", "all")
    assert create(audited, "a").status == 201


def test_updates_and_deletions_show_what_was_there(audited, hook, kubectl):
    create(audited, "a", x="1")
    hook.answers["/seen"] = lambda _: allowed()
    configure(audited, VALIDATING, "seen", webhook(
        "seen.example.com", hook.config("/seen"), rule(["configmaps"])))
    kubectl("patch", "configmap", "a", "--type=merge", "-p", '{"data":{"x":"2"}}')
    [request] = hook.reviews("/seen")
    assert request["operation"] == "UPDATE"
    assert (request["oldObject"]["data"], request["object"]["data"]) == ({"x": "1"}, {"x": "2"})
    assert request["options"]["kind"] == "UpdateOptions"
    hook.forget()
    kubectl("delete", "configmap", "a", "--dry-run=server")
    kubectl("delete", "configmap", "a")
    dry, wet = hook.reviews("/seen")
    assert (dry["dryRun"], wet["dryRun"]) == (True, False)
    assert wet["operation"] == "DELETE" and wet["object"] is None
    assert wet["oldObject"]["data"] == {"x": "2"}
    assert wet["options"]["kind"] == "DeleteOptions"
    assert wet["options"]["propagationPolicy"] == "Background"
    for name in ("b", "c"):
        create(audited, name)
    hook.forget()
    wire.ask(audited, "DELETE", f"{MAPS}?fieldSelector=metadata.name%21%3Dkube-root-ca.crt")
    assert {request["name"] for request in hook.reviews("/seen")} == {"b", "c"}


def test_subresources_have_names_of_their_own(audited, hook, kubectl):
    deployments = "/apis/apps/v1/namespaces/default/deployments"
    assert wire.ask(audited, "POST", deployments, objects.deployment("d")).status == 201
    hook.answers["/main"] = hook.answers["/status"] = lambda _: allowed()
    hook.answers["/scale"] = lambda request: patch(
        {"op": "replace", "path": "/spec/replicas", "value": 3})
    rules = dict(groups=["apps"], operations=["UPDATE"])
    configure(
        audited, MUTATING, "parts",
        webhook("main.example.com", hook.config("/main"), rule(["deployments"], **rules)),
        webhook("scale.example.com", hook.config("/scale"), rule(["*/scale"], **rules)),
        webhook("status.example.com", hook.config("/status"), rule(["deployments/*"], **rules)))
    kubectl("scale", "deployment", "d", "--replicas=7")
    assert kubectl("get", "deployment", "d", "-o", "jsonpath={.spec.replicas}") == "3"
    assert hook.reviews("/main") == []
    [request] = hook.reviews("/scale")
    assert request["kind"] == {"group": "autoscaling", "version": "v1", "kind": "Scale"}
    assert request["subResource"] == "scale"
    assert request["object"]["spec"] == {"replicas": 7}
    assert request["oldObject"]["spec"] == {"replicas": 1}
    hook.forget()
    status = wire.ask(
        audited, "PATCH", f"{deployments}/d/status", {"status": {"replicas": 1}},
        Content_Type="application/merge-patch+json")
    assert status.status == 200
    assert [request["subResource"] for request in hook.reviews("/status")] == ["status"]
    assert hook.reviews("/main") == hook.reviews("/scale") == []


def test_bindings_and_evictions_are_creations(audited, hook):
    assert wire.ask(audited, "POST", "/api/v1/namespaces/default/pods",
                    objects.pod("p")).status == 201
    hook.answers["/seen"] = lambda _: allowed()
    configure(audited, VALIDATING, "seen", webhook(
        "seen.example.com", hook.config("/seen"), rule(["pods", "pods/*"])))
    pod = "/api/v1/namespaces/default/pods/p"
    binding = objects.named("Binding", "p", target={"kind": "Node", "name": "n"})
    assert wire.ask(audited, "POST", f"{pod}/binding", binding).status == 201
    eviction = objects.named("Eviction", "p", "policy/v1")
    assert wire.ask(audited, "POST", f"{pod}/eviction", eviction).status == 201
    assert [(request["operation"], request["subResource"], request["kind"]["kind"])
            for request in hook.reviews("/seen")] == [
        ("CREATE", "binding", "Binding"), ("CREATE", "eviction", "Eviction")]


def test_a_rule_for_one_version_sees_requests_in_another(audited, hook, kubectl):
    hook.answers["/v1"] = lambda _: patch(
        {"op": "replace", "path": "/spec/targetCPUUtilizationPercentage", "value": 55})
    hook.answers["/exact"] = lambda _: denied("never")
    rules = rule(["horizontalpodautoscalers"], ["CREATE"], ["autoscaling"], ["v1"])
    configure(
        audited, MUTATING, "older",
        webhook("v1.example.com", hook.config("/v1"), rules),
        webhook("exact.example.com", hook.config("/exact"), rules, matchPolicy="Exact"))
    scaler = objects.named("HorizontalPodAutoscaler", "h", "autoscaling/v2", spec={
        "scaleTargetRef": {"kind": "Deployment", "name": "d", "apiVersion": "apps/v1"},
        "maxReplicas": 3, "metrics": [{"type": "Resource", "resource": {
            "name": "cpu", "target": {"type": "Utilization", "averageUtilization": 80}}}]})
    kubectl("create", "-f", "-", stdin=json.dumps(scaler))
    [request] = hook.reviews("/v1")
    assert request["object"]["apiVersion"] == "autoscaling/v1"
    assert request["resource"]["version"] == "v1"
    assert request["requestResource"]["version"] == "v2"
    assert kubectl("get", "hpa.v2.autoscaling", "h", "-o", "jsonpath={.spec.metrics[0].resource."
                   "target.averageUtilization}") == "55"
    kubectl("delete", "hpa", "h")


def test_a_service_leads_to_its_webhook(audited, hook):
    hook.answers["/in/service"] = lambda _: denied("by the service")
    client = {"service": {"namespace": "default", "name": "hook", "path": "/in/service",
                          "port": 8443}, "caBundle": hook.authority}
    configure(audited, VALIDATING, "service", webhook(
        "service.example.com", client, rule(["configmaps"])))
    assert create(audited, "a").json["message"].endswith(
        'Post "https://hook.default.svc:8443/in/service?timeout=10s": service "hook" not found')
    services = "/api/v1/namespaces/default/services"
    service = objects.named("Service", "hook", spec={
        "clusterIP": "None", "ports": [{"name": "https", "port": 8443}]})
    assert wire.ask(audited, "POST", services, service).status == 201
    assert 'no endpoints available for service "hook"' in create(audited, "a").json["message"]
    client["service"]["port"] = hook.port
    configure(audited, VALIDATING, "other-port", webhook(
        "port.example.com", client, rule(["configmaps"])))
    wire.ask(audited, "DELETE", f"{VALIDATING}/service")
    assert (f'no service port {hook.port} found for service "hook"'
            in create(audited, "a").json["message"])
    # Endpoints on loopback, where this webhook is, are not taken; a name of one is.
    assert wire.ask(audited, "DELETE", f"{services}/hook").status == 200
    service["spec"] = {"type": "ExternalName", "externalName": "localhost"}
    assert wire.ask(audited, "POST", services, service).status == 201
    assert create(audited, "a").json["message"].endswith("denied the request: by the service")
    assert wire.ask(audited, "DELETE", f"{services}/hook").status == 200


def test_what_a_webhook_adds_belongs_to_nobody(audited, hook, kubectl):
    hook.answers["/label"] = lambda _: patch(ADD_LABEL)
    configure(audited, MUTATING, "labels", webhook(
        "label.example.com", hook.config("/label"), rule(["configmaps"], ["CREATE"])))
    kubectl("apply", "--server-side", "-f", "-", stdin=json.dumps(objects.config_map("a", x="1")))
    shown = json.loads(kubectl("get", "configmap", "a", "-o", "json", "--show-managed-fields"))
    [owner] = shown["metadata"]["managedFields"]
    assert owner["fieldsV1"] == {"f:data": {"f:x": {}}}
    assert shown["metadata"]["labels"] == {"seen": "yes"}


def test_a_webhook_may_write_while_it_is_asked(audited, hook):
    quota = objects.named("ResourceQuota", "maps", spec={"hard": {"count/configmaps": "50"}})
    quotas = "/api/v1/namespaces/default/resourcequotas"
    assert wire.ask(audited, "POST", quotas, quota).status == 201

    def answer(request):
        if request["name"] == "outer":
            inner = create(audited, "inner")
            assert inner.status == 201, inner.plain
        return allowed()

    hook.answers["/write"] = answer
    for collection in (MUTATING, VALIDATING):
        configure(audited, collection, "write", webhook(
            "write.example.com", hook.config("/write"), rule(["configmaps"], ["CREATE"])))
        made = create(audited, "outer")
        assert made.status == 201, made.plain
        assert wire.ask(audited, "DELETE", f"{collection}/write").status == 200
        for name in ("inner", "outer"):
            assert wire.ask(audited, "DELETE", f"{MAPS}/{name}").status == 200
    assert wire.ask(audited, "DELETE", f"{quotas}/maps").status == 200
