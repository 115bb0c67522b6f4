"""A custom resource for the clients to work with, of which each test may have one of its own."""

import time

import objects
import wire

DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
SECONDS = 15


def define(server, group):
    """Makes the kind `Ship` in `group`, and waits until its objects are served."""
    spec = {"type": "object", "required": ["crew"], "properties": {
        "crew": {"type": "integer", "minimum": 1}}}
    status = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    definition = objects.named(
        "CustomResourceDefinition", f"ships.{group}", "apiextensions.k8s.io/v1", spec={
            "group": group, "scope": "Namespaced",
            "names": {"plural": "ships", "singular": "ship", "kind": "Ship"},
            "versions": [{
                "name": "v1", "served": True, "storage": True, "subresources": {"status": {}},
                "schema": {"openAPIV3Schema": {
                    "type": "object", "properties": {"spec": spec, "status": status}}}}]})
    answer = wire.ask(server, "POST", DEFINITIONS, definition)
    assert answer.status == 201, answer.plain
    until(lambda: wire.ask(server, "GET", f"/apis/{group}/v1/ships").status == 200)


def ship(name, group, crew=1, **metadata):
    return objects.named(
        "Ship", name, f"{group}/v1", metadata=metadata, spec={"crew": crew})


def until(is_so, seconds=SECONDS):
    """Waits for a condition with a deadline; returns what it was."""
    deadline = time.monotonic() + seconds
    while not (found := is_so()):
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.05)
    return found
