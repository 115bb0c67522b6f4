"""ValidatingAdmissionPolicies, carried out by a real gateway."""

import json

import pytest

import conftest
import objects
import server as gateway
import wire

GROUP = "/apis/admissionregistration.k8s.io/v1"
POLICIES = f"{GROUP}/validatingadmissionpolicies"
BINDINGS = f"{GROUP}/validatingadmissionpolicybindings"
MAPS = "/api/v1/namespaces/default/configmaps"
ON_MAPS = {"resourceRules": [{
    "operations": ["CREATE", "UPDATE"], "apiGroups": [""], "apiVersions": ["v1"],
    "resources": ["configmaps"]}]}


@pytest.fixture(scope="module")
def ruled(tmp_path_factory):
    """A gateway for these tests alone: policies concern the whole cluster."""
    directory = tmp_path_factory.mktemp("ruled")
    with gateway.Server(
            directory / "data", "--audit-log", str(directory / "audit.log")) as server:
        server.audit_log = directory / "audit.log"
        yield server


@pytest.fixture(autouse=True)
def clean(ruled):
    yield
    for collection in (BINDINGS, POLICIES, MAPS):
        assert wire.ask(ruled, "DELETE", collection).status == 200
    wire.ask(ruled, "DELETE", "/apis/apps/v1/namespaces/default/deployments")


@pytest.fixture
def kubectl(ruled, home):
    return conftest.Kubectl(ruled, home)


def policy(name, *validations, match=ON_MAPS, **spec):
    return objects.named(
        "ValidatingAdmissionPolicy", name, "admissionregistration.k8s.io/v1",
        spec={"matchConstraints": match, "validations": list(validations), **spec})


def rule(server, name, *validations, actions=("Deny",), binding=None, **spec):
    """A policy, and a binding of the same name."""
    made = wire.ask(server, "POST", POLICIES, policy(name, *validations, **spec))
    assert made.status == 201, made.plain
    bind(server, name, name, actions, **(binding or {}))


def bind(server, name, policy_name, actions=("Deny",), **spec):
    body = objects.named(
        "ValidatingAdmissionPolicyBinding", name, "admissionregistration.k8s.io/v1",
        spec={"policyName": policy_name, "validationActions": list(actions), **spec})
    made = wire.ask(server, "POST", BINDINGS, body)
    assert made.status == 201, made.plain


def create(server, name, namespace="default", **fields):
    path = f"/api/v1/namespaces/{namespace}/configmaps"
    return wire.ask(server, "POST", path, objects.config_map(name, **fields))


def test_what_a_policy_is_against_is_refused(ruled, kubectl):
    on_deployments = {"resourceRules": [{
        "operations": ["CREATE", "UPDATE"], "apiGroups": ["apps"], "apiVersions": ["v1"],
        "resources": ["deployments"]}]}
    rule(ruled, "few", {"expression": "object.spec.replicas <= 5"}, match=on_deployments)
    complaint = kubectl.refused("create", "-f", "-", stdin=json.dumps(objects.deployment("d", 6)))
    assert complaint == (
        "The deployments \"d\" is invalid: : ValidatingAdmissionPolicy 'few' with binding 'few' "
        "denied request: failed expression: object.spec.replicas <= 5\n")
    path = "/apis/apps/v1/namespaces/default/deployments"
    answer = wire.ask(ruled, "POST", path, objects.deployment("d", 6))
    assert (answer.status, answer.json["reason"]) == (422, "Invalid")
    assert answer.json["message"].startswith(
        "deployments.apps \"d\" is forbidden: ValidatingAdmissionPolicy 'few' with binding 'few'")
    assert answer.json["details"]["causes"][-1]["message"].startswith("ValidatingAdmissionPolicy")
    assert wire.ask(ruled, "POST", path, objects.deployment("d", 5)).status == 201
    assert "denied request" in kubectl.refused(
        "patch", "deployment", "d", "--type=merge", "-p", '{"spec":{"replicas":7}}')


def test_a_policy_counts_as_soon_as_it_is_bound(ruled):
    for number in range(20):
        rule(ruled, "never", {"expression": "false"})
        assert create(ruled, f"a-{number}").status == 422
        assert wire.ask(ruled, "DELETE", f"{BINDINGS}/never").status == 200
        assert create(ruled, f"a-{number}").status == 201
        assert wire.ask(ruled, "DELETE", f"{POLICIES}/never").status == 200


def test_messages_and_reasons_are_the_policys(ruled):
    rule(ruled, "named", {
        "expression": "object.metadata.name.startsWith('team-')", "reason": "Forbidden",
        "message": "must begin with team-",
        "messageExpression": "'not ' + object.metadata.name"})
    answer = create(ruled, "a")
    assert (answer.status, answer.json["reason"]) == (403, "Forbidden")
    assert answer.json["message"].endswith("denied request: not a")
    wire.ask(ruled, "DELETE", f"{POLICIES}/named")
    made = wire.ask(ruled, "POST", POLICIES, policy("named", {
        "expression": "false", "message": " plain words ", "messageExpression": "''"}))
    assert made.status == 201, made.plain
    assert create(ruled, "a").json["message"].endswith("denied request: plain words")


def test_variables_build_on_one_another_and_are_used_when_needed(ruled):
    rule(ruled, "sum", {
        "expression": "!has(object.data) || variables.total > 10",
        "messageExpression": "'only ' + string(variables.total)"},
        variables=[
            {"name": "x", "expression": "int(object.data.x)"},
            {"name": "total", "expression": "[1, 2].map(i, i * variables.x).sum()"}])
    # The variable has no value here, and nobody asks for it.
    assert create(ruled, "none").status == 201
    assert create(ruled, "large", x="4").status == 201
    assert create(ruled, "small", x="3").json["message"].endswith("denied request: only 9")
    failed = create(ruled, "text", x="many")
    assert failed.status == 422 and "resulted in error" in failed.json["message"], failed.plain


def test_warnings_and_the_audit_log(ruled, kubectl):
    rule(ruled, "soft", {"expression": "has(object.data)", "message": "needs data"},
         actions=["Warn", "Audit"],
         auditAnnotations=[
             {"key": "who", "valueExpression": "'by ' + request.userInfo.username"},
             {"key": "none", "valueExpression": "has(object.data) ? 'data' : null"}])
    done = kubectl.attempt("create", "configmap", "a")
    assert done.returncode == 0
    assert ("Warning: Validation failed for ValidatingAdmissionPolicy 'soft' with binding 'soft': "
            "needs data") in done.stderr
    assert create(ruled, "audited").status == 201

    def found():
        text = ruled.audit_log.read_text()
        lines = [json.loads(line) for line in text[:text.rfind("\n") + 1].splitlines()]
        return [line for line in lines if line["verb"] == "create"
                and line.get("objectRef", {}).get("name") == "audited"]

    while not found():
        wire.ask(ruled, "GET", "/version")
    [line] = found()
    assert line["annotations"]["soft/who"] == "by system:admin"
    assert "soft/none" not in line["annotations"]
    [failure] = json.loads(
        line["annotations"]["validation.policy.admission.k8s.io/validation_failure"])
    assert failure == {"message": "needs data", "policy": "soft", "binding": "soft",
                       "expressionIndex": 0, "validationActions": ["Warn", "Audit"]}
    metrics = wire.ask(ruled, "GET", "/metrics").plain.decode()
    assert ('apiserver_validating_admission_policy_check_total{policy="soft",'
            'policy_binding="soft",error_type="no_error",enforcement_action="warn"} 2') in metrics


def test_parameters_come_from_objects(ruled):
    kind = {"apiVersion": "v1", "kind": "ConfigMap"}
    conditions = [{"name": "no-limits", "expression":
                   "!object.metadata.name.startsWith('limits')"}]
    at_most = {"expression": "size(object.data) <= int(params.data.most)",
               "messageExpression": "'at most ' + params.data.most"}
    body = policy("limits", at_most, paramKind=kind, matchConditions=conditions)
    assert wire.ask(ruled, "POST", POLICIES, body).status == 201
    bind(ruled, "one", "limits",
         paramRef={"name": "limits", "parameterNotFoundAction": "Deny"})
    missing = create(ruled, "a", x="1")
    assert missing.status == 422
    assert "no params found for policy binding with `Deny` parameterNotFoundAction" in (
        missing.json["message"])
    wire.ask(ruled, "DELETE", BINDINGS)
    assert create(ruled, "limits", most="1").status == 201
    bind(ruled, "one", "limits",
         paramRef={"name": "limits", "parameterNotFoundAction": "Deny"})
    assert create(ruled, "a", x="1").status == 201
    assert create(ruled, "b", x="1", y="2").json["message"].endswith("at most 1")
    wire.ask(ruled, "PATCH", f"{MAPS}/limits", {"data": {"most": "2"}},
             Content_Type="application/merge-patch+json")
    assert create(ruled, "b", x="1", y="2").status == 201
    wire.ask(ruled, "DELETE", BINDINGS)
    selector = {"selector": {"matchLabels": {"limits": "yes"}}, "namespace": "default",
                "parameterNotFoundAction": "Allow"}
    bind(ruled, "all", "limits", paramRef=selector)
    assert create(ruled, "c", x="1", y="2", z="3").status == 201
    assert create(ruled, "limits-1", labels={"limits": "yes"}, most="9").status == 201
    assert create(ruled, "limits-2", labels={"limits": "yes"}, most="1").status == 201
    assert create(ruled, "d", x="1", y="2").json["message"].endswith("at most 1")


def test_a_policy_without_a_value_fails_closed_unless_it_says_otherwise(ruled):
    for failure_policy, status in (("Fail", 422), ("Ignore", 201)):
        rule(ruled, "odd", {"expression": "object.data.none == 'x'"},
             failurePolicy=failure_policy)
        answer = create(ruled, "a")
        assert answer.status == status, answer.plain
        for collection in (BINDINGS, POLICIES):
            wire.ask(ruled, "DELETE", collection)


def test_a_policy_sees_what_was_there_and_the_namespace(ruled, kubectl):
    deletions = {"resourceRules": [{
        "operations": ["UPDATE", "DELETE"], "apiGroups": [""], "apiVersions": ["v1"],
        "resources": ["configmaps"]}]}
    rule(ruled, "kept", {"expression": (
        "request.operation == 'DELETE' ? !has(oldObject.data.keep) "
        ": oldObject.data.x == object.data.x")}, match=deletions)
    assert create(ruled, "a", keep="yes", x="1").status == 201
    assert "denied request" in kubectl.refused("delete", "configmap", "a")
    assert "denied request" in kubectl.refused(
        "patch", "configmap", "a", "--type=merge", "-p", '{"data":{"x":"2"}}')
    kubectl("patch", "configmap", "a", "--type=json", "-p",
            '[{"op":"remove","path":"/data/keep"}]')
    kubectl("delete", "configmap", "a")
    rule(ruled, "tenant", {
        "expression": "namespaceObject.metadata.labels['tenant'] == object.data.tenant"},
        binding={"matchResources": {"namespaceSelector": {
            "matchExpressions": [{"key": "tenant", "operator": "Exists"}]}}})
    tenant = objects.named("Namespace", "red", metadata={"labels": {"tenant": "red"}})
    assert wire.ask(ruled, "POST", "/api/v1/namespaces", tenant).status == 201
    assert create(ruled, "a", tenant="blue").status == 201
    assert create(ruled, "a", namespace="red", tenant="blue").status == 422
    assert create(ruled, "a", namespace="red", tenant="red").status == 201


def test_exceptions_are_not_looked_at(ruled):
    match = {**ON_MAPS, "excludeResourceRules": [{
        **ON_MAPS["resourceRules"][0], "resourceNames": ["free"]}]}
    rule(ruled, "never", {"expression": "false"}, match=match)
    assert create(ruled, "free").status == 201
    assert create(ruled, "bound").status == 422


def test_expressions_that_make_no_sense_are_refused(ruled):
    def causes(**more):
        fields = {"validations": [{"expression": "true"}], **more}
        body = policy("bad", **{"match": ON_MAPS})
        body["spec"].update(fields)
        answer = wire.ask(ruled, "POST", POLICIES, body)
        assert answer.status == 422, answer.plain
        return {cause["field"]: cause["message"] for cause in answer.json["details"]["causes"]}

    def one(field, **more):
        found = causes(**more)
        assert list(found) == [field]
        return found[field]

    rules = "spec.validations[0]"
    assert "undeclared reference to 'objekt'" in one(
        f"{rules}.expression", validations=[{"expression": "objekt.x"}])
    assert "must evaluate to bool" in one(
        f"{rules}.expression", validations=[{"expression": "1"}])
    assert "undeclared reference to 'params'" in one(
        f"{rules}.expression", validations=[{"expression": "params.x"}])
    assert "no authorizer" in one(
        f"{rules}.expression",
        validations=[{"expression": "authorizer.path('/x').check('get').allowed()"}])
    assert "must evaluate to string" in one(
        f"{rules}.messageExpression",
        validations=[{"expression": "true", "messageExpression": "1"}])
    assert "undefined field 'later'" in one(
        "spec.variables[0].expression", variables=[
            {"name": "early", "expression": "variables.later"},
            {"name": "later", "expression": "1"}])
    assert "must evaluate to string" in one(
        "spec.auditAnnotations[0].valueExpression",
        auditAnnotations=[{"key": "k", "valueExpression": "1"}])
    assert "compilation failed" in one(
        "spec.matchConditions[0].expression",
        matchConditions=[{"name": "c", "expression": "1 +"}])


def test_policies_are_not_subject_to_policies(ruled):
    everything = {"resourceRules": [{
        "operations": ["*"], "apiGroups": ["*"], "apiVersions": ["*"], "resources": ["*/*"]}]}
    rule(ruled, "never", {"expression": "false"}, match=everything)
    assert create(ruled, "a").status == 422
    assert wire.ask(ruled, "DELETE", f"{BINDINGS}/never").status == 200
    assert create(ruled, "a").status == 201
