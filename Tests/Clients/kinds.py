"""The kinds that the gateway serves, as the official Python client names them."""

from kubernetes import client

import more_kinds
import objects
from kind import Kind


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
] + more_kinds.KINDS
