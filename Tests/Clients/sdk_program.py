"""What the user of a generated SDK writes: run in a process of its own, with `sdk` on its path.

It knows nothing but the generated code. Each command prints one JSON document.
"""

import json
import sys
import threading

from sdk import Client
from sdk.api.core_v1 import create_core_v1_namespaced_config_map as create_config_map
from sdk.api.core_v1 import delete_core_v1_namespaced_config_map as delete_config_map
from sdk.api.core_v1 import list_core_v1_namespaced_config_map as list_config_maps
from sdk.api.core_v1 import list_core_v1_pod_for_all_namespaces as list_pods
from sdk.api.core_v1 import read_core_v1_namespaced_config_map as read_config_map
from sdk.models import (
    ConfigMap, ConfigMapData, ConfigMapList, ConfigMapWatchEventList, ObjectMeta, PodList,
    PodWatchEventList, Status, WatchEventType)

NAMESPACE = "default"


def created(client, name, **data):
    values = ConfigMapData()
    values.additional_properties.update(data)
    body = ConfigMap(metadata=ObjectMeta(name=name), data=values)
    answer = create_config_map.sync(NAMESPACE, client=client, body=body)
    assert isinstance(answer, ConfigMap), answer
    return answer


def polled(client, **options):
    answer = list_config_maps.sync(NAMESPACE, client=client, poll=True, **options)
    assert isinstance(answer, ConfigMapWatchEventList), answer
    return answer


def seen(events):
    return [[event.type_.value, event.object_.metadata.name] for event in events.items]


def objects(client):
    """Creates, reads and lists."""
    made = created(client, "first", text="hello")
    read = read_config_map.sync(NAMESPACE, "first", client=client)
    listed = list_config_maps.sync(NAMESPACE, client=client)
    assert isinstance(read, ConfigMap) and isinstance(listed, ConfigMapList), (read, listed)
    missing = read_config_map.sync(NAMESPACE, "missing", client=client)
    assert isinstance(missing, Status), missing
    pods = list_pods.sync(client=client)
    assert isinstance(pods, PodList), pods
    return {
        "made": made.metadata.name, "text": read.data["text"], "kind": listed.kind.value,
        "listed": [item.metadata.name for item in listed.items], "missing": missing.reason,
    }


def conditions(client):
    """Reads again only what has changed."""
    created(client, "conditional")
    seconds = {"prefer": "wait=1"}
    answers = []
    for read in [
            lambda **options: read_config_map.sync_detailed(
                NAMESPACE, "conditional", client=client, **options),
            lambda **options: list_config_maps.sync_detailed(NAMESPACE, client=client, **options)]:
        tag = read().headers["ETag"]
        answers += [read(if_none_match=tag), read(if_none_match=tag, **seconds)]
        answers.append(read(if_none_match='"1"'))
    return [int(answer.status_code) for answer in answers]


def polls(client):
    """Follows the changes by long-polls."""
    start = list_config_maps.sync(NAMESPACE, client=client).metadata.resource_version
    waiting = []
    thread = threading.Thread(target=lambda: waiting.append(
        polled(client, resource_version=start, timeout_seconds=20)))
    thread.start()
    created(client, "second")
    thread.join()
    position = waiting[0].metadata.resource_version
    delete_config_map.sync(NAMESPACE, "second", client=client)
    later = polled(client, resource_version=position, timeout_seconds=20)
    assert later.items[0].type_ is WatchEventType.DELETED
    quiet = polled(client, resource_version=later.metadata.resource_version, timeout_seconds=1)
    pods = list_pods.sync(client=client, poll=True)
    assert isinstance(pods, PodWatchEventList), pods
    return [seen(waiting[0]), seen(later), seen(quiet)]


def has_cursors(client):
    return isinstance(
        list_config_maps.sync(NAMESPACE, client=client, poll=True, cursor="probe"),
        ConfigMapWatchEventList)


def begin_cursor(client):
    """Acknowledges the present state, then sees a change and does not acknowledge it."""
    events = polled(client, cursor="mine")
    position = events.metadata.resource_version
    quiet = polled(client, cursor="mine", resource_version=position, timeout_seconds=1)
    created(client, "third")
    return [seen(quiet), seen(polled(client, cursor="mine", timeout_seconds=20))]


def resume_cursor(client):
    """Sees the change again, acknowledges it, and sees nothing more."""
    events = polled(client, cursor="mine", timeout_seconds=20)
    position = events.metadata.resource_version
    quiet = polled(client, cursor="mine", resource_version=position, timeout_seconds=1)
    return [seen(events), seen(quiet)]


COMMANDS = [objects, conditions, polls, has_cursors, begin_cursor, resume_cursor]

if __name__ == "__main__":
    url, name = sys.argv[1:]
    command = {command.__name__: command for command in COMMANDS}[name]
    with Client(base_url=url) as client:
        print(json.dumps(command(client)))
