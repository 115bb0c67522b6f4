"""An operator: looks after ships. Run by `kopf run`, for the group in the environment.

A ship's crew becomes a ConfigMap that the ship owns, its status tells what has been done, and it
does not go before its log has been written.
"""

import os

import kopf
from kubernetes import client

GROUP = os.environ["SHIP_GROUP"]


def core():
    return client.CoreV1Api(client.ApiClient(client.Configuration(host=os.environ["SERVER"])))


@kopf.on.startup()
def configure(settings, **_):
    settings.posting.enabled = False
    settings.watching.server_timeout = 20
    settings.persistence.finalizer = "example.com/operator"


@kopf.on.create(GROUP, "v1", "ships")
def made(spec, name, namespace, **_):
    body = {"metadata": {"name": f"crew-of-{name}"}, "data": {"crew": str(spec["crew"])}}
    kopf.adopt(body)
    core().create_namespaced_config_map(namespace, body)
    return {"crew": spec["crew"]}


@kopf.on.update(GROUP, "v1", "ships", field="spec.crew")
def changed(old, new, name, namespace, patch, **_):
    core().patch_namespaced_config_map(
        f"crew-of-{name}", namespace, {"data": {"crew": str(new)}})
    patch.status["changes"] = {"from": old, "to": new}


@kopf.on.delete(GROUP, "v1", "ships")
def gone(name, namespace, **_):
    body = {"metadata": {"name": f"log-of-{name}"}, "data": {"end": "written"}}
    core().create_namespaced_config_map(namespace, body)
