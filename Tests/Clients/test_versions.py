"""One object under two versions, written and read by both."""

import json
import threading

import wire

HPA = "namespaces/{}/horizontalpodautoscalers"
TARGET = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
METRICS = "autoscaling.alpha.kubernetes.io/metrics"
MERGE = {"Content_Type": "application/merge-patch+json"}
TABLE = {"Accept": "application/json;as=Table;v=v1;g=meta.k8s.io"}


def ask(server, method, path, body=None, status=200, **headers):
    answer = wire.ask(server, method, path, body, **headers)
    assert answer.status == status, answer.plain
    return answer.json


def autoscaler(version, **spec):
    return {"apiVersion": f"autoscaling/{version}", "kind": "HorizontalPodAutoscaler",
            "metadata": {"name": "a"}, "spec": {"scaleTargetRef": TARGET, "maxReplicas": 3, **spec}}


def paths(namespace):
    return [f"/apis/autoscaling/{version}/" + HPA.format(namespace) for version in ("v1", "v2")]


def test_an_autoscaler_of_version_1_read_as_version_2(server, namespace):
    older, newer = paths(namespace)
    made = ask(server, "POST", older, autoscaler("v1", targetCPUUtilizationPercentage=70), 201)
    read = ask(server, "GET", f"{newer}/a")
    assert read["apiVersion"] == "autoscaling/v2"
    assert read["metadata"] == made["metadata"]
    target = {"type": "Utilization", "averageUtilization": 70}
    assert read["spec"]["metrics"] == [
        {"type": "Resource", "resource": {"name": "cpu", "target": target}}]
    assert ask(server, "GET", f"{older}/a") == made
    assert [item["spec"] for item in ask(server, "GET", older)["items"]] == [made["spec"]]
    assert [item["spec"] for item in ask(server, "GET", newer)["items"]] == [read["spec"]]


def test_version_1_keeps_what_it_does_not_know(server, namespace):
    older, newer = paths(namespace)
    metric = {"type": "Pods", "pods": {
        "metric": {"name": "rps"}, "target": {"type": "AverageValue", "averageValue": "10"}}}
    made = ask(server, "POST", newer, autoscaler(
        "v2", metrics=[metric], behavior={"scaleDown": {"selectPolicy": "Disabled"}}), 201)
    read = ask(server, "GET", f"{older}/a")
    assert json.loads(read["metadata"]["annotations"][METRICS]) == [metric]
    read["spec"]["maxReplicas"] = 7
    written = ask(server, "PUT", f"{older}/a", read)
    assert written["spec"]["maxReplicas"] == 7
    now = ask(server, "GET", f"{newer}/a")
    assert now["spec"] == {**made["spec"], "maxReplicas": 7}
    assert "annotations" not in now["metadata"]


def test_a_change_is_seen_by_watchers_of_both(server, namespace):
    older, newer = paths(namespace)
    since = ask(server, "GET", newer)["metadata"]["resourceVersion"]
    seen = {}

    def poll(path):
        seen[path] = ask(
            server, "GET", f"{path}?poll=true&resourceVersion={since}&timeoutSeconds=20")["items"]

    threads = [threading.Thread(target=poll, args=(path,)) for path in (older, newer)]
    for thread in threads:
        thread.start()
    ask(server, "POST", older, autoscaler("v1", targetCPUUtilizationPercentage=70), 201)
    for thread in threads:
        thread.join()
    first, second = seen[older][0]["object"], seen[newer][0]["object"]
    assert (first["apiVersion"], second["apiVersion"]) == ("autoscaling/v1", "autoscaling/v2")
    assert first["spec"]["targetCPUUtilizationPercentage"] == 70
    assert second["spec"]["metrics"][0]["resource"]["name"] == "cpu"


def test_an_event_has_two_forms(server, namespace):
    core = f"/api/v1/namespaces/{namespace}/events"
    newer = f"/apis/events.k8s.io/v1/namespaces/{namespace}/events"
    event = {
        "apiVersion": "events.k8s.io/v1", "kind": "Event", "metadata": {"name": "e"},
        "eventTime": "2026-01-02T03:04:05.678901Z", "type": "Normal", "reason": "Seen",
        "action": "see", "reportingController": "example.com/c", "reportingInstance": "one",
        "regarding": {"kind": "Pod", "name": "p", "namespace": namespace}, "note": "seen it"}
    made = ask(server, "POST", newer, event, 201)
    read = ask(server, "GET", f"{core}/e")
    assert (read["apiVersion"], read["message"]) == ("v1", "seen it")
    assert read["involvedObject"] == made["regarding"]
    found = ask(server, "GET", f"{newer}?fieldSelector=regarding.name%3Dp")["items"]
    assert [item["note"] for item in found] == ["seen it"]
    assert ask(server, "GET", f"{newer}?fieldSelector=regarding.name%3Dq")["items"] == []
    ask(server, "PATCH", f"{core}/e", {"count": 2}, **MERGE)
    assert ask(server, "GET", f"{newer}/e")["deprecatedCount"] == 2
    ask(server, "DELETE", f"{newer}/e")
    ask(server, "GET", f"{core}/e", status=404)


def test_the_better_version_comes_first(server):
    group = ask(server, "GET", "/apis/autoscaling")
    assert group["preferredVersion"]["version"] == "v2"
    assert [version["version"] for version in group["versions"]] == ["v2", "v1"]


def test_both_versions_are_rows_of_one_table(server, namespace):
    older, newer = paths(namespace)
    ask(server, "POST", newer, autoscaler("v2"), 201)
    first, second = (ask(server, "GET", path, **TABLE)["rows"] for path in (older, newer))
    assert first[0]["cells"][:5] == second[0]["cells"][:5]
    assert first[0]["cells"][2] == "cpu: <unknown>/80%"
