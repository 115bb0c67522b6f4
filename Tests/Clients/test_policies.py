"""ValidatingAdmissionPolicies, carried out by a real gateway."""

import json

import pytest

import conftest
import objects
import wire

GROUP = "/apis/admissionregistration.k8s.io/v1"
POLICIES = f"{GROUP}/validatingadmissionpolicies"
BINDINGS = f"{GROUP}/validatingadmissionpolicybindings"
MAPS = "/api/v1/namespaces/default/configmaps"
ON_MAPS = {"resourceRules": [{
    "operations": ["CREATE", "UPDATE"], "apiGroups": [""], "apiVersions": ["v1"],
    "resources": ["configmaps"]}]}


@pytest.fixture(autouse=True)
def clean(audited):
    yield
    for collection in (BINDINGS, POLICIES, MAPS):
        assert wire.ask(audited, "DELETE", collection).status == 200
    wire.ask(audited, "DELETE", "/apis/apps/v1/namespaces/default/deployments")


@pytest.fixture
def kubectl(audited, home):
    return conftest.Kubectl(audited, home)


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


def test_what_a_policy_is_against_is_refused(audited, kubectl):
    on_deployments = {"resourceRules": [{
        "operations": ["CREATE", "UPDATE"], "apiGroups": ["apps"], "apiVersions": ["v1"],
        "resources": ["deployments"]}]}
    rule(audited, "few", {"expression": "object.spec.replicas <= 5"}, match=on_deployments)
    complaint = kubectl.refused("create", "-f", "-", stdin=json.dumps(objects.deployment("d", 6)))
    assert complaint == (
        "The deployments \"d\" is invalid: : ValidatingAdmissionPolicy 'few' with binding 'few' "
        "denied request: failed expression: object.spec.replicas <= 5\n")
    path = "/apis/apps/v1/namespaces/default/deployments"
    answer = wire.ask(audited, "POST", path, objects.deployment("d", 6))
    assert (answer.status, answer.json["reason"]) == (422, "Invalid")
    assert answer.json["message"].startswith(
        "deployments.apps \"d\" is forbidden: ValidatingAdmissionPolicy 'few' with binding 'few'")
    assert answer.json["details"]["causes"][-1]["message"].startswith("ValidatingAdmissionPolicy")
    assert wire.ask(audited, "POST", path, objects.deployment("d", 5)).status == 201
    assert "denied request" in kubectl.refused(
        "patch", "deployment", "d", "--type=merge", "-p", '{"spec":{"replicas":7}}')


def test_a_policy_counts_as_soon_as_it_is_bound(audited):
    for number in range(20):
        rule(audited, "never", {"expression": "false"})
        assert create(audited, f"a-{number}").status == 422
        assert wire.ask(audited, "DELETE", f"{BINDINGS}/never").status == 200
        assert create(audited, f"a-{number}").status == 201
        assert wire.ask(audited, "DELETE", f"{POLICIES}/never").status == 200


def test_messages_and_reasons_are_the_policys(audited):
    rule(audited, "named", {
        "expression": "object.metadata.name.startsWith('team-')", "reason": "Forbidden",
        "message": "must begin with team-",
        "messageExpression": "'not ' + object.metadata.name"})
    answer = create(audited, "a")
    assert (answer.status, answer.json["reason"]) == (403, "Forbidden")
    assert answer.json["message"].endswith("denied request: not a")
    wire.ask(audited, "DELETE", f"{POLICIES}/named")
    made = wire.ask(audited, "POST", POLICIES, policy("named", {
        "expression": "false", "message": " plain words ", "messageExpression": "''"}))
    assert made.status == 201, made.plain
    assert create(audited, "a").json["message"].endswith("denied request: plain words")


def test_variables_build_on_one_another_and_are_used_when_needed(audited):
    rule(audited, "sum", {
        "expression": "!has(object.data) || variables.total > 10",
        "messageExpression": "'only ' + string(variables.total)"},
        variables=[
            {"name": "x", "expression": "int(object.data.x)"},
            {"name": "total", "expression": "[1, 2].map(i, i * variables.x).sum()"}])
    # The variable has no value here, and nobody asks for it.
    assert create(audited, "none").status == 201
    assert create(audited, "large", x="4").status == 201
    assert create(audited, "small", x="3").json["message"].endswith("denied request: only 9")
    failed = create(audited, "text", x="many")
    assert failed.status == 422 and "resulted in error" in failed.json["message"], failed.plain


def test_warnings_and_the_audit_log(audited, kubectl):
    rule(audited, "soft", {"expression": "has(object.data)", "message": "needs data"},
         actions=["Warn", "Audit"],
         auditAnnotations=[
             {"key": "who", "valueExpression": "'by ' + request.userInfo.username"},
             {"key": "none", "valueExpression": "has(object.data) ? 'data' : null"}])
    done = kubectl.attempt("create", "configmap", "a")
    assert done.returncode == 0
    assert ("Warning: Validation failed for ValidatingAdmissionPolicy 'soft' with binding 'soft': "
            "needs data") in done.stderr
    assert create(audited, "audited").status == 201

    def found():
        text = audited.audit_log.read_text()
        lines = [json.loads(line) for line in text[:text.rfind("\n") + 1].splitlines()]
        return [line for line in lines if line["verb"] == "create"
                and line.get("objectRef", {}).get("name") == "audited"]

    while not found():
        wire.ask(audited, "GET", "/version")
    [line] = found()
    assert line["annotations"]["soft/who"] == "by system:admin"
    assert "soft/none" not in line["annotations"]
    [failure] = json.loads(
        line["annotations"]["validation.policy.admission.k8s.io/validation_failure"])
    assert failure == {"message": "needs data", "policy": "soft", "binding": "soft",
                       "expressionIndex": 0, "validationActions": ["Warn", "Audit"]}
    metrics = wire.ask(audited, "GET", "/metrics").plain.decode()
    assert ('apiserver_validating_admission_policy_check_total{policy="soft",'
            'policy_binding="soft",error_type="no_error",enforcement_action="warn"} 2') in metrics


def test_parameters_come_from_objects(audited):
    kind = {"apiVersion": "v1", "kind": "ConfigMap"}
    conditions = [{"name": "no-limits", "expression":
                   "!object.metadata.name.startsWith('limits')"}]
    at_most = {"expression": "size(object.data) <= int(params.data.most)",
               "messageExpression": "'at most ' + params.data.most"}
    body = policy("limits", at_most, paramKind=kind, matchConditions=conditions)
    assert wire.ask(audited, "POST", POLICIES, body).status == 201
    bind(audited, "one", "limits",
         paramRef={"name": "limits", "parameterNotFoundAction": "Deny"})
    missing = create(audited, "a", x="1")
    assert missing.status == 422
    assert "no params found for policy binding with `Deny` parameterNotFoundAction" in (
        missing.json["message"])
    wire.ask(audited, "DELETE", BINDINGS)
    assert create(audited, "limits", most="1").status == 201
    bind(audited, "one", "limits",
         paramRef={"name": "limits", "parameterNotFoundAction": "Deny"})
    assert create(audited, "a", x="1").status == 201
    assert create(audited, "b", x="1", y="2").json["message"].endswith("at most 1")
    wire.ask(audited, "PATCH", f"{MAPS}/limits", {"data": {"most": "2"}},
             Content_Type="application/merge-patch+json")
    assert create(audited, "b", x="1", y="2").status == 201
    wire.ask(audited, "DELETE", BINDINGS)
    selector = {"selector": {"matchLabels": {"limits": "yes"}}, "namespace": "default",
                "parameterNotFoundAction": "Allow"}
    bind(audited, "all", "limits", paramRef=selector)
    assert create(audited, "c", x="1", y="2", z="3").status == 201
    assert create(audited, "limits-1", labels={"limits": "yes"}, most="9").status == 201
    assert create(audited, "limits-2", labels={"limits": "yes"}, most="1").status == 201
    assert create(audited, "d", x="1", y="2").json["message"].endswith("at most 1")


def test_a_policy_without_a_value_fails_closed_unless_it_says_otherwise(audited):
    for failure_policy, status in (("Fail", 422), ("Ignore", 201)):
        rule(audited, "odd", {"expression": "object.data.none == 'x'"},
             failurePolicy=failure_policy)
        answer = create(audited, "a")
        assert answer.status == status, answer.plain
        for collection in (BINDINGS, POLICIES):
            wire.ask(audited, "DELETE", collection)


def test_a_policy_sees_what_was_there_and_the_namespace(audited, kubectl):
    deletions = {"resourceRules": [{
        "operations": ["UPDATE", "DELETE"], "apiGroups": [""], "apiVersions": ["v1"],
        "resources": ["configmaps"]}]}
    rule(audited, "kept", {"expression": (
        "request.operation == 'DELETE' ? !has(oldObject.data.keep) "
        ": oldObject.data.x == object.data.x")}, match=deletions)
    assert create(audited, "a", keep="yes", x="1").status == 201
    assert "denied request" in kubectl.refused("delete", "configmap", "a")
    assert "denied request" in kubectl.refused(
        "patch", "configmap", "a", "--type=merge", "-p", '{"data":{"x":"2"}}')
    kubectl("patch", "configmap", "a", "--type=json", "-p",
            '[{"op":"remove","path":"/data/keep"}]')
    kubectl("delete", "configmap", "a")
    rule(audited, "tenant", {
        "expression": "namespaceObject.metadata.labels['tenant'] == object.data.tenant"},
        binding={"matchResources": {"namespaceSelector": {
            "matchExpressions": [{"key": "tenant", "operator": "Exists"}]}}})
    tenant = objects.named("Namespace", "red", metadata={"labels": {"tenant": "red"}})
    assert wire.ask(audited, "POST", "/api/v1/namespaces", tenant).status == 201
    assert create(audited, "a", tenant="blue").status == 201
    assert create(audited, "a", namespace="red", tenant="blue").status == 422
    assert create(audited, "a", namespace="red", tenant="red").status == 201


def test_exceptions_are_not_looked_at(audited):
    match = {**ON_MAPS, "excludeResourceRules": [{
        **ON_MAPS["resourceRules"][0], "resourceNames": ["free"]}]}
    rule(audited, "never", {"expression": "false"}, match=match)
    assert create(audited, "free").status == 201
    assert create(audited, "bound").status == 422


def test_expressions_that_make_no_sense_are_refused(audited):
    def causes(**more):
        fields = {"validations": [{"expression": "true"}], **more}
        body = policy("bad", **{"match": ON_MAPS})
        body["spec"].update(fields)
        answer = wire.ask(audited, "POST", POLICIES, body)
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


def test_policies_are_not_subject_to_policies(audited):
    everything = {"resourceRules": [{
        "operations": ["*"], "apiGroups": ["*"], "apiVersions": ["*"], "resources": ["*/*"]}]}
    rule(audited, "never", {"expression": "false"}, match=everything)
    assert create(audited, "a").status == 422
    assert wire.ask(audited, "DELETE", f"{BINDINGS}/never").status == 200
    assert create(audited, "a").status == 201
