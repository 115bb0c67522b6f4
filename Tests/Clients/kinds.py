"""The kinds that the gateway serves, as the official Python client names them."""

import dataclasses
import inspect
from collections.abc import Callable

from kubernetes import client

import objects


@dataclasses.dataclass
class Kind:
    name: str
    api: type
    stem: str
    make: Callable[[str], dict]
    model: type
    is_namespaced: bool = True
    status: dict | None = None
    has_scale: bool = False

    def __str__(self):
        return self.name

    def body(self, name, namespace):
        """An object to be created in `namespace`, as the client's model."""
        made = self.make(name)
        if self.is_namespaced:
            made["metadata"]["namespace"] = namespace
        if "involvedObject" in made:
            made["involvedObject"]["namespace"] = namespace
        return self.model.from_dict(made)

    def calls(self, api_client, namespace):
        return Calls(self, self.api(api_client), namespace)


class Calls:
    """A kind's operations in one namespace: `create`, `read`, `patch_status` and so on."""

    def __init__(self, kind, api, namespace):
        self._kind = kind
        self._api = api
        self._scope = {"namespace": namespace} if kind.is_namespaced else {}

    def function(self, name):
        verb, _, subresource = name.partition("_")
        if verb == "delete" and subresource == "collection":
            verb, subresource = "delete_collection", ""
        scope = "_namespaced" if self._kind.is_namespaced else ""
        tail = f"_{subresource}" if subresource else ""
        return getattr(self._api, f"{verb}{scope}_{self._kind.stem}{tail}")

    def __getattr__(self, name):
        function = self.function(name)
        # The namespace stands between the name and the body.
        order = [each for each in inspect.signature(function).parameters if each != "namespace"]

        def call(*arguments, **options):
            return function(**dict(zip(order, arguments)), **self._scope, **options)

        return call


def _event(name):
    involved = {"kind": "Pod", "name": "p"}
    return objects.named("Event", name, involvedObject=involved, reason="Seen", type="Normal")


def _service(name):
    ports = [{"name": "http", "port": 80, "targetPort": "web"}]
    return objects.named("Service", name, spec={"selector": {"app": name}, "ports": ports})


def _endpoints(name):
    subset = {"addresses": [{"ip": "192.0.2.1"}], "ports": [{"port": 8080}]}
    return objects.named("Endpoints", name, subsets=[subset])


def _replication_controller(name):
    spec = {"replicas": 1, "selector": {"app": name}, "template": objects.template(name)}
    return objects.named("ReplicationController", name, spec=spec)


def _replica_set(name):
    spec = {"replicas": 1, "selector": {"matchLabels": {"app": name}},
            "template": objects.template(name)}
    return objects.named("ReplicaSet", name, "apps/v1", spec=spec)


def _lease(name):
    spec = {"holderIdentity": "me", "leaseDurationSeconds": 15,
            "renewTime": "2026-01-02T03:04:05.678901Z"}
    return objects.named("Lease", name, "coordination.k8s.io/v1", spec=spec)


def _node(name):
    return objects.named("Node", name, spec={"podCIDR": "192.0.2.0/24"})


def _secret(name):
    return objects.named("Secret", name, stringData={"key": "value"})


_core, _apps, _coordination = client.CoreV1Api, client.AppsV1Api, client.CoordinationV1Api
_counted = {"replicas": 1, "observedGeneration": 1}

KINDS = [
    Kind("Namespace", _core, "namespace", lambda name: objects.named("Namespace", name),
         client.V1Namespace, is_namespaced=False, status={"phase": "Active"}),
    Kind("ConfigMap", _core, "config_map", lambda name: objects.config_map(name, a="1"),
         client.V1ConfigMap),
    Kind("Secret", _core, "secret", _secret, client.V1Secret),
    Kind("Pod", _core, "pod", objects.pod, client.V1Pod, status={"phase": "Running"}),
    Kind("Node", _core, "node", _node, client.V1Node, is_namespaced=False,
         status={"capacity": {"cpu": "2", "memory": "4Gi"}}),
    Kind("Service", _core, "service", _service, client.V1Service, status={"loadBalancer": {}}),
    Kind("Endpoints", _core, "endpoints", _endpoints, client.V1Endpoints),
    Kind("ReplicationController", _core, "replication_controller", _replication_controller,
         client.V1ReplicationController, status=_counted, has_scale=True),
    Kind("ServiceAccount", _core, "service_account",
         lambda name: objects.named("ServiceAccount", name), client.V1ServiceAccount),
    Kind("Event", _core, "event", _event, client.CoreV1Event),
    Kind("Lease", _coordination, "lease", _lease, client.V1Lease),
    Kind("Deployment", _apps, "deployment", objects.deployment, client.V1Deployment,
         status=_counted, has_scale=True),
    Kind("ReplicaSet", _apps, "replica_set", _replica_set, client.V1ReplicaSet,
         status=_counted, has_scale=True),
]
