"""Who may do what, and a namespace's end: rows for `test_exchanges.py`."""

import re

import objects
from exchanges import TABLE, cells, delete, get, no, post

MAPS = "/api/v1/namespaces/trace/configmaps"
RBAC = "rbac.authorization.k8s.io"
ROLES = f"/apis/{RBAC}/v1/namespaces/trace/roles"
BINDINGS = f"/apis/{RBAC}/v1/namespaces/trace/rolebindings"
REVIEWS = "/apis/authorization.k8s.io/v1"
BOB = {"Impersonate-User": "bob"}
AGE = re.compile(r"\d+s")


def role(name, verbs, resource):
    return objects.named("Role", name, f"{RBAC}/v1", rules=[
        {"apiGroups": [""], "resources": [resource], "verbs": verbs}])


BOUND = objects.named(
    "RoleBinding", "bob", f"{RBAC}/v1",
    roleRef={"apiGroup": RBAC, "kind": "Role", "name": "reader"},
    subjects=[{"kind": "User", "name": "bob", "apiGroup": RBAC}])


def review(kind, **spec):
    return {"apiVersion": "authorization.k8s.io/v1", "kind": kind, "spec": spec}


def on_maps(verb):
    return {"namespace": "trace", "verb": verb, "resource": "configmaps"}


def forbidden(who, verb, resource, where="", api="", **details):
    place = f'in the namespace "{where}"' if where else "at the cluster scope"
    return no(403, "Forbidden", re.compile(
        f'.* is forbidden: User "{who}" cannot {verb} resource "{resource}" in API group '
        f'"{api}" {place}'), **details)


def reads_maps(rules):
    return any(rule["resources"] == ["configmaps"] and set(rule["verbs"]) == {"get", "list"}
               for rule in rules)


ACCESS = [
    get("08/0", "/api/v1/pods", forbidden("system:anonymous", "list", "pods", kind="pods"), 403,
        is_anonymous=True),
    get("08/1", "/version", {"major": "1"}, is_anonymous=True),
    get("08/2", "/healthz", "ok", is_anonymous=True),
    get("08/3", "/api/v1/pods", no(401, "Unauthorized", "Unauthorized"), 401, is_anonymous=True,
        headers={"Authorization": "Bearer wrong"}),
    get("08/4", MAPS, forbidden("bob", "list", "configmaps", "trace", kind="configmaps"), 403,
        headers=BOB),
    post("08/5", ROLES, role("reader", ["get", "list"], "configmaps"), {
        "rules": [{"verbs": ["get", "list"]}]}),
    post("08/6", BINDINGS, BOUND, {"subjects": [{"name": "bob"}], "roleRef": {"name": "reader"}}),
    get("08/7", f"{MAPS}?limit=1", {"items": [{"metadata": {"name": "applied"}}]}, headers=BOB,
        waits=True),
    delete("08/8", f"{MAPS}/l-1", forbidden(
        "bob", "delete", "configmaps", "trace", name="l-1", kind="configmaps"), 403, headers=BOB),
    post("08/9", ROLES, role("more", ["*"], "secrets"), forbidden(
        "bob", "create", "roles", "trace", RBAC, group=RBAC, kind="roles"), 403, headers=BOB),
    post("08/10", f"{REVIEWS}/selfsubjectaccessreviews", review(
        "SelfSubjectAccessReview", resourceAttributes=on_maps("delete")), {
            "status": {"allowed": False}}, headers=BOB),
    post("08/11", f"{REVIEWS}/selfsubjectrulesreviews", review(
        "SelfSubjectRulesReview", namespace="trace"), {
            "status": {"resourceRules": reads_maps, "incomplete": False}}, headers=BOB),
    post("08/12", f"{REVIEWS}/subjectaccessreviews", review(
        "SubjectAccessReview", user="bob", resourceAttributes=on_maps("get")), {"status": {
            "allowed": True, "reason": re.compile(
                'RBAC: allowed by RoleBinding "bob/trace" of Role "reader" to User "bob"')}}),
    post("08/13", "/api/v1/namespaces/trace/serviceaccounts/default/token", {
        "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest",
        "spec": {"expirationSeconds": 600}}, {
            "kind": "TokenRequest", "spec": {"expirationSeconds": 600},
            "status": {"token": re.compile(r"[\w-]+\.[\w-]+\.[\w-]+"),
                       "expirationTimestamp": ...}}),
    get("08/14", ROLES, cells(["reader", re.compile(r"\d{4}-.*Z")]), headers=TABLE),
    get("08/15", BINDINGS, cells(["bob", "Role/reader", AGE, "bob", "", ""]), headers=TABLE),
]

ENDING = {"metadata": {"deletionTimestamp": ..., "name": "trace"},
          "status": {"phase": "Terminating"}}


def _hold(asker):
    """Keeps the namespace from going before it has been looked at."""
    held = objects.named("ConfigMap", "held", metadata={"finalizers": ["example.com/hold"]})
    assert asker.ask("POST", MAPS, held)[0] == 201


def _let_go(asker):
    status, _, text = asker.ask(
        "PATCH", f"{MAPS}/held", {"metadata": {"finalizers": None}},
        {"Content-Type": "application/merge-patch+json"})
    assert status == 200, text


END = [
    delete("09/0", "/api/v1/namespaces/trace", ENDING, before=_hold),
    get("09/1", "/api/v1/namespaces/trace", ENDING),
    post("09/2", MAPS, objects.config_map("late", a="1"), no(
        403, "Forbidden", 'configmaps "late" is forbidden: unable to create new content in '
        "namespace trace because it is being terminated", causes=[
            {"reason": "NamespaceTerminating", "field": "metadata.namespace"}]), 403),
    get("09/3", "/api/v1/namespaces/trace", no(
        404, "NotFound", 'namespaces "trace" not found', name="trace", kind="namespaces"), 404,
        waits=True, before=_let_go),
]
