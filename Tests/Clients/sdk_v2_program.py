"""What the user of an SDK generated from OpenAPI 2.0 writes: run with `sdk2` on its path.

OpenAPI 2.0 cannot say that a list is answered in one of two ways, so a poll is read as it came.
"""

import json
import sys
import threading

from sdk2 import ApiClient, Configuration, CoreV1Api, IoK8sApiCoreV1ConfigMap
from sdk2.exceptions import ConflictException, NotFoundException

NAMESPACE = "default"


def config_map(name, **data):
    return IoK8sApiCoreV1ConfigMap.from_dict({"metadata": {"name": name}, "data": data})


def refused(kind, call, *arguments, **options):
    try:
        call(*arguments, **options)
    except kind as refusal:
        return json.loads(refusal.body)["reason"]
    raise AssertionError("it was not refused")


def life(core):
    """Creates, reads, lists, replaces, patches and deletes."""
    made = core.create_core_v1_namespaced_config_map(NAMESPACE, config_map("one", a="1"))
    twice = refused(ConflictException, core.create_core_v1_namespaced_config_map, NAMESPACE,
                    config_map("one"))
    made.data = {"a": "2"}
    replaced = core.replace_core_v1_namespaced_config_map(NAMESPACE, "one", made)
    stale = refused(ConflictException, core.replace_core_v1_namespaced_config_map, NAMESPACE,
                    "one", made)
    patched = core.patch_core_v1_namespaced_config_map(
        NAMESPACE, "one", {"data": {"b": "3"}}, _content_type="application/merge-patch+json")
    listed = core.list_core_v1_namespaced_config_map(
        NAMESPACE, field_selector="metadata.name=one")
    core.delete_core_v1_namespaced_config_map(NAMESPACE, "one")
    gone = refused(NotFoundException, core.read_core_v1_namespaced_config_map, NAMESPACE, "one")
    return {
        "replaced": replaced.data, "patched": patched.data,
        "listed": [each.metadata.name for each in listed.items],
        "refusals": [twice, stale, gone]}


def polls(core):
    """Waits for a change, from where a list stood."""
    def poll(version, seconds):
        answer = core.list_core_v1_namespaced_config_map_without_preload_content(
            NAMESPACE, poll=True, resource_version=version, timeout_seconds=seconds)
        return json.loads(answer.read())

    start = core.list_core_v1_namespaced_config_map(NAMESPACE).metadata.resource_version
    waiting = []
    thread = threading.Thread(target=lambda: waiting.append(poll(start, 20)))
    thread.start()
    core.create_core_v1_namespaced_config_map(NAMESPACE, config_map("polled"))
    thread.join()
    quiet = poll(waiting[0]["metadata"]["resourceVersion"], 1)
    return [[event["type"], event["object"]["metadata"]["name"]]
            for found in (*waiting, quiet) for event in found["items"]]


if __name__ == "__main__":
    url, name = sys.argv[1:]
    with ApiClient(Configuration(host=url)) as client:
        print(json.dumps({"life": life, "polls": polls}[name](CoreV1Api(client))))
