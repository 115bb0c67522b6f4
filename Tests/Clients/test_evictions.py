"""Pods that are ended unless a budget is against it, and pods that are given a node."""

import objects
import wire

EVICTION = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "p"}}
MERGE = {"Content_Type": "application/merge-patch+json"}


def ask(server, method, path, body=None, status=200, **headers):
    answer = wire.ask(server, method, path, body, **headers)
    assert answer.status == status, answer.plain
    return answer.json


class Scene:
    """A pod that runs, and a budget for it."""

    def __init__(self, server, namespace, **spec):
        self.server = server
        self.pods = f"/api/v1/namespaces/{namespace}/pods"
        self.budgets = f"/apis/policy/v1/namespaces/{namespace}/poddisruptionbudgets"
        pod = objects.pod("p", app="a")
        pod["spec"]["nodeName"] = "n"
        ask(server, "POST", self.pods, pod, 201)
        ready = [{"type": "Ready", "status": "True"}]
        ask(server, "PATCH", f"{self.pods}/p/status",
            {"status": {"phase": "Running", "conditions": ready}}, **MERGE)
        if spec:
            self.budget("b", **spec)

    def budget(self, name, **spec):
        selector = {"matchLabels": {"app": "a"}}
        ask(self.server, "POST", self.budgets, objects.named(
            "PodDisruptionBudget", name, "policy/v1", spec={"selector": selector, **spec}), 201)

    def allow(self, count):
        ask(self.server, "PATCH", f"{self.budgets}/b/status", {"status": {
            "observedGeneration": 1, "disruptionsAllowed": count, "currentHealthy": 2,
            "desiredHealthy": 2 - count, "expectedPods": 2}}, **MERGE)

    def evict(self, status=201, **members):
        return ask(self.server, "POST", f"{self.pods}/p/eviction", {**EVICTION, **members}, status)

    def pod(self, status=200):
        return ask(self.server, "GET", f"{self.pods}/p", status=status)


def test_a_pod_without_a_budget_is_evicted(server, namespace):
    scene = Scene(server, namespace)
    answer = scene.evict(deleteOptions={"gracePeriodSeconds": 0})
    assert answer == {
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}
    scene.pod(404)


def test_an_eviction_takes_one_from_the_budget(server, namespace):
    scene = Scene(server, namespace, minAvailable=1)
    scene.allow(1)
    scene.evict()
    assert scene.pod()["metadata"]["deletionTimestamp"]
    status = ask(server, "GET", f"{scene.budgets}/b")["status"]
    assert status["disruptionsAllowed"] == 0
    assert list(status["disruptedPods"]) == ["p"]


def test_an_exhausted_budget_refuses(server, namespace):
    scene = Scene(server, namespace, minAvailable=2)
    scene.allow(0)
    refusal = scene.evict(429)
    assert refusal["reason"] == "TooManyRequests"
    assert refusal["message"] == (
        "Cannot evict pod as it would violate the pod's disruption budget.")
    assert refusal["details"]["causes"] == [{
        "reason": "DisruptionBudget",
        "message": "The disruption budget b needs 2 healthy pods and has 2 currently"}]
    assert "deletionTimestamp" not in scene.pod()["metadata"]


def test_a_budget_that_its_controller_has_not_seen_refuses_for_a_while(server, namespace):
    refusal = Scene(server, namespace, minAvailable=1).evict(429)
    assert refusal["details"]["retryAfterSeconds"] == 10
    assert "still being processed" in refusal["details"]["causes"][0]["message"]


def test_two_budgets_are_one_too_many(server, namespace):
    scene = Scene(server, namespace, minAvailable=1)
    scene.budget("c", minAvailable=1)
    assert "more than one PodDisruptionBudget" in scene.evict(500)["message"]


def test_a_dry_run_changes_nothing(server, namespace):
    scene = Scene(server, namespace, minAvailable=1)
    scene.allow(1)
    scene.evict(deleteOptions={"dryRun": ["All"]})
    assert "deletionTimestamp" not in scene.pod()["metadata"]
    assert ask(server, "GET", f"{scene.budgets}/b")["status"]["disruptionsAllowed"] == 1


def test_what_is_not_there_or_not_named_is_not_evicted(server, namespace):
    scene = Scene(server, namespace)
    ask(server, "POST", f"{scene.pods}/q/eviction", {**EVICTION, "metadata": {"name": "q"}}, 404)
    ask(server, "POST", f"{scene.pods}/q/eviction", EVICTION, 400)


def test_a_pod_is_bound_through_its_namespace(server, namespace):
    pods = f"/api/v1/namespaces/{namespace}/pods"
    ask(server, "POST", pods, objects.pod("p"), 201)
    binding = objects.named("Binding", "p", target={"kind": "Node", "name": "n"})
    path = f"/api/v1/namespaces/{namespace}/bindings"
    answer = ask(server, "POST", path, binding, 201)
    assert (answer["kind"], answer["status"]) == ("Status", "Success")
    assert ask(server, "GET", f"{pods}/p")["spec"]["nodeName"] == "n"
    ask(server, "POST", path, binding, 409)
    ask(server, "POST", path, {**binding, "metadata": {"name": "q"}}, 404)
    ask(server, "POST", path, {**binding, "metadata": {}}, 400)
