"""The kinds beside those of the first days: work, storage, networks, bounds and control."""

import base64
import zlib

from kubernetes import client

import objects
from kind import Kind

named = objects.named
RULE = {"operations": ["CREATE"], "apiGroups": [""], "apiVersions": ["v1"], "scope": "*",
        "resources": ["nothing"]}
# Of a key that nobody has any more: kubectl reads what is in it.
REQUEST = """
MIHKMHICAQAwEDEOMAwGA1UEAwwFdGVzdHMwWTATBgcqhkjOPQIBBggqhkjOPQMB
BwNCAAQxkQr8o35obdZeBx4CqRzbXeTJlKKcOTow6iTXCTWN7Yb8739iuT+LwBZ0
qZXjNMdPsSjVJSPkQ7A/VVkXNFRmoAAwCgYIKoZIzj0EAwIDSAAwRQIhAK1lEfrH
EbJL96YJt9QlUFuFg+u9zFwZ64ognEohpmOUAiBhxoqKVp2/pOOi+yC9/XRNGyos
W9yKN8J47l2PlykwpQ==
"""


def _pem(label, content="\nMIIB\n"):
    text = f"-----BEGIN {label}-----{content}-----END {label}-----\n"
    return base64.b64encode(text.encode()).decode()


def _work():
    spec = objects.template("x")["spec"]
    return {"spec": {**spec, "restartPolicy": "Never"}}


def _selecting(kind, name, **spec):
    return named(kind, name, "apps/v1", spec={
        "selector": {"matchLabels": {"app": name}}, "template": objects.template(name), **spec})


def _autoscaler(name, version, **spec):
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": name}
    return named("HorizontalPodAutoscaler", name, f"autoscaling/{version}",
                 spec={"scaleTargetRef": target, "maxReplicas": 3, **spec})


def _metric(name):
    return {"type": "Pods", "pods": {
        "metric": {"name": name}, "target": {"type": "AverageValue", "averageValue": "10"}}}


def _ingress(name):
    backend = {"service": {"name": "web", "port": {"number": 80}}}
    paths = [{"path": "/", "pathType": "Prefix", "backend": backend}]
    return named("Ingress", name, "networking.k8s.io/v1", spec={
        "ingressClassName": "own", "rules": [{"host": "a.example", "http": {"paths": paths}}]})


def _address(name):
    """Its name is an address: one of its own for each name."""
    if not name[0].isdigit():
        number = zlib.crc32(name.encode())
        name = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
    return named("IPAddress", name, "networking.k8s.io/v1", spec={
        "parentRef": {"resource": "services", "namespace": "n", "name": "s"}})


def _api_service(name):
    """Its name is a version and a group."""
    group = name.removeprefix("v1.") if name.startswith("v1.") else f"{name}.example.com"
    return named("APIService", f"v1.{group}", "apiregistration.k8s.io/v1", spec={
        "group": group, "version": "v1", "groupPriorityMinimum": 100, "versionPriority": 10,
        "service": {"namespace": "default", "name": "none"}})


def _webhooks(kind, name):
    hook = {"name": "pods.example.com", "sideEffects": "None", "admissionReviewVersions": ["v1"],
            "failurePolicy": "Ignore", "clientConfig": {"url": "https://127.0.0.1:1/"},
            "rules": [RULE]}
    return named(kind, name, "admissionregistration.k8s.io/v1", webhooks=[hook])


def _policy(name):
    return named("ValidatingAdmissionPolicy", name, "admissionregistration.k8s.io/v1", spec={
        "matchConstraints": {"resourceRules": [RULE]},
        "validations": [{"expression": "true"}]})


def _policy_binding(name):
    return named("ValidatingAdmissionPolicyBinding", name, "admissionregistration.k8s.io/v1",
                 spec={"policyName": name, "validationActions": ["Deny"]})


def _flow_schema(name):
    rules = [{"subjects": [{"kind": "User", "user": {"name": "nobody"}}], "nonResourceRules": [
        {"verbs": ["*"], "nonResourceURLs": ["/healthz"]}]}]
    return named("FlowSchema", name, "flowcontrol.apiserver.k8s.io/v1", spec={
        "priorityLevelConfiguration": {"name": "own"}, "rules": rules})


def _priority_level(name):
    return named("PriorityLevelConfiguration", name, "flowcontrol.apiserver.k8s.io/v1", spec={
        "type": "Limited", "limited": {"limitResponse": {"type": "Queue"}}})


def _volume(name):
    return named("PersistentVolume", name, spec={
        "capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"],
        "hostPath": {"path": "/data"}})


def _claim(name):
    return named("PersistentVolumeClaim", name, spec={
        "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}})


def _new_event(name):
    return named("Event", name, "events.k8s.io/v1", eventTime="2026-01-02T03:04:05.678901Z",
                 regarding={"kind": "Pod", "name": "p"}, reason="Seen", type="Normal", action="see",
                 reportingController="example.com/tests", reportingInstance="one", note="seen it")


def _slice(name):
    return named("EndpointSlice", name, "discovery.k8s.io/v1", addressType="IPv4",
                 endpoints=[{"addresses": ["192.0.2.1"], "conditions": {"ready": True}}],
                 ports=[{"name": "http", "port": 80, "protocol": "TCP"}])


def _claim_of_devices():
    exactly = {"deviceClassName": "own", "allocationMode": "ExactCount", "count": 1}
    return {"devices": {"requests": [{"name": "r", "exactly": exactly}]}}


def _devices(name):
    pool = {"name": name, "generation": 1, "resourceSliceCount": 1}
    return named("ResourceSlice", name, "resource.k8s.io/v1", spec={
        "driver": "d.example.com", "pool": pool, "nodeName": "n", "devices": [
            {"name": "d0", "attributes": {"model": {"string": "m"}},
             "capacity": {"memory": {"value": "1Gi"}}}]})


def _request(name):
    return named("CertificateSigningRequest", name, "certificates.k8s.io/v1", spec={
        "request": _pem("CERTIFICATE REQUEST", REQUEST), "signerName": "example.com/own",
        "usages": ["client auth"]})


_core, _apps, _batch = client.CoreV1Api, client.AppsV1Api, client.BatchV1Api
_network, _storage = client.NetworkingV1Api, client.StorageV1Api
_admission, _flow = client.AdmissionregistrationV1Api, client.FlowcontrolApiserverV1Api

WORK = [
    Kind("StatefulSet", _apps, "stateful_set",
         lambda name: _selecting("StatefulSet", name, serviceName=name), client.V1StatefulSet,
         status={"replicas": 1, "observedGeneration": 1}, has_scale=True),
    Kind("DaemonSet", _apps, "daemon_set", lambda name: _selecting("DaemonSet", name),
         client.V1DaemonSet, status={
             "currentNumberScheduled": 1, "numberMisscheduled": 0, "desiredNumberScheduled": 1,
             "numberReady": 1}),
    Kind("ControllerRevision", _apps, "controller_revision",
         lambda name: named("ControllerRevision", name, "apps/v1", data={"a": 1}, revision=1),
         client.V1ControllerRevision),
    Kind("Job", _batch, "job",
         lambda name: named("Job", name, "batch/v1", spec={"template": _work()}), client.V1Job,
         status={"active": 1, "ready": 0}),
    Kind("CronJob", _batch, "cron_job", lambda name: named("CronJob", name, "batch/v1", spec={
        "schedule": "*/5 * * * *", "jobTemplate": {"spec": {"template": _work()}}}),
         client.V1CronJob, status={"lastScheduleTime": "2026-01-02T03:04:05+00:00"}),
    Kind("HorizontalPodAutoscaler", client.AutoscalingV2Api, "horizontal_pod_autoscaler",
         lambda name: _autoscaler(name, "v2", metrics=[_metric("rps")]),
         client.V2HorizontalPodAutoscaler, status={"currentReplicas": 1, "desiredReplicas": 2},
         version="v2"),
    Kind("HorizontalPodAutoscaler", client.AutoscalingV1Api, "horizontal_pod_autoscaler",
         lambda name: _autoscaler(name, "v1", targetCPUUtilizationPercentage=70),
         client.V1HorizontalPodAutoscaler, status={"currentReplicas": 1, "desiredReplicas": 2},
         version="v1"),
    Kind("PodDisruptionBudget", client.PolicyV1Api, "pod_disruption_budget",
         lambda name: named("PodDisruptionBudget", name, "policy/v1", spec={
             "minAvailable": "50%", "selector": {"matchLabels": {"app": name}}}),
         client.V1PodDisruptionBudget, status={
             "disruptionsAllowed": 1, "currentHealthy": 2, "desiredHealthy": 1, "expectedPods": 2}),
    Kind("PodTemplate", _core, "pod_template", lambda name: named(
        "PodTemplate", name, template=objects.template(name)), client.V1PodTemplate),
    Kind("PriorityClass", client.SchedulingV1Api, "priority_class",
         lambda name: named("PriorityClass", name, "scheduling.k8s.io/v1", value=100),
         client.V1PriorityClass, is_namespaced=False),
    Kind("RuntimeClass", client.NodeV1Api, "runtime_class",
         lambda name: named("RuntimeClass", name, "node.k8s.io/v1", handler="kata"),
         client.V1RuntimeClass, is_namespaced=False),
]

STORAGE = [
    Kind("PersistentVolume", _core, "persistent_volume", _volume, client.V1PersistentVolume,
         is_namespaced=False, status={"phase": "Available"}),
    Kind("PersistentVolumeClaim", _core, "persistent_volume_claim", _claim,
         client.V1PersistentVolumeClaim, status={"phase": "Bound"}),
    Kind("StorageClass", _storage, "storage_class", lambda name: named(
        "StorageClass", name, "storage.k8s.io/v1", provisioner="example.com/own"),
         client.V1StorageClass, is_namespaced=False),
    Kind("VolumeAttachment", _storage, "volume_attachment", lambda name: named(
        "VolumeAttachment", name, "storage.k8s.io/v1", spec={
            "attacher": "csi.example.com", "nodeName": "n",
            "source": {"persistentVolumeName": "v"}}),
         client.V1VolumeAttachment, is_namespaced=False, status={"attached": True}),
    Kind("CSIDriver", _storage, "csi_driver", lambda name: named(
        "CSIDriver", name, "storage.k8s.io/v1", spec={"podInfoOnMount": True}),
         client.V1CSIDriver, is_namespaced=False),
    Kind("CSINode", _storage, "csi_node", lambda name: named(
        "CSINode", name, "storage.k8s.io/v1", spec={
            "drivers": [{"name": "csi.example.com", "nodeID": "n", "topologyKeys": ["zone"]}]}),
         client.V1CSINode, is_namespaced=False),
    Kind("CSIStorageCapacity", _storage, "csi_storage_capacity", lambda name: named(
        "CSIStorageCapacity", name, "storage.k8s.io/v1", storageClassName="fast", capacity="1Gi"),
         client.V1CSIStorageCapacity),
    Kind("VolumeAttributesClass", _storage, "volume_attributes_class", lambda name: named(
        "VolumeAttributesClass", name, "storage.k8s.io/v1", driverName="csi.example.com",
        parameters={"iops": "1"}), client.V1VolumeAttributesClass, is_namespaced=False),
]

NETWORK = [
    Kind("Ingress", _network, "ingress", _ingress, client.V1Ingress,
         status={"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}}),
    Kind("IngressClass", _network, "ingress_class", lambda name: named(
        "IngressClass", name, "networking.k8s.io/v1", spec={"controller": "example.com/own"}),
         client.V1IngressClass, is_namespaced=False),
    Kind("NetworkPolicy", _network, "network_policy", lambda name: named(
        "NetworkPolicy", name, "networking.k8s.io/v1", spec={
            "podSelector": {"matchLabels": {"app": name}},
            "ingress": [{"ports": [{"port": 80, "protocol": "TCP"}]}]}),
         client.V1NetworkPolicy),
    Kind("IPAddress", _network, "ip_address", _address, client.V1IPAddress, is_namespaced=False),
    Kind("ServiceCIDR", _network, "service_cidr", lambda name: named(
        "ServiceCIDR", name, "networking.k8s.io/v1", spec={"cidrs": ["10.200.0.0/16"]}),
         client.V1ServiceCIDR, is_namespaced=False, status={"conditions": [{
             "type": "Ready", "status": "True", "reason": "Fine", "message": "",
             "lastTransitionTime": "2026-01-02T03:04:05+00:00"}]}),
    Kind("EndpointSlice", client.DiscoveryV1Api, "endpoint_slice", _slice,
         client.V1EndpointSlice),
]

CONTROL = [
    Kind("LimitRange", _core, "limit_range", lambda name: named("LimitRange", name, spec={
        "limits": [{"type": "Pod", "max": {"cpu": "2"}}]}), client.V1LimitRange),
    Kind("ResourceQuota", _core, "resource_quota", lambda name: named(
        "ResourceQuota", name, spec={"hard": {"pods": "10"}}), client.V1ResourceQuota,
         status={"hard": {"pods": "10"}, "used": {"pods": "1"}}),
    Kind("Event", client.EventsV1Api, "event", _new_event, client.EventsV1Event,
         version="events.k8s.io"),
    Kind("CertificateSigningRequest", client.CertificatesV1Api, "certificate_signing_request",
         _request, client.V1CertificateSigningRequest, is_namespaced=False,
         status={"certificate": _pem("CERTIFICATE")}),
    Kind("MutatingWebhookConfiguration", _admission, "mutating_webhook_configuration",
         lambda name: _webhooks("MutatingWebhookConfiguration", name),
         client.V1MutatingWebhookConfiguration, is_namespaced=False),
    Kind("ValidatingWebhookConfiguration", _admission, "validating_webhook_configuration",
         lambda name: _webhooks("ValidatingWebhookConfiguration", name),
         client.V1ValidatingWebhookConfiguration, is_namespaced=False),
    Kind("ValidatingAdmissionPolicy", _admission, "validating_admission_policy", _policy,
         client.V1ValidatingAdmissionPolicy, is_namespaced=False,
         status={"observedGeneration": 1}),
    Kind("ValidatingAdmissionPolicyBinding", _admission, "validating_admission_policy_binding",
         _policy_binding, client.V1ValidatingAdmissionPolicyBinding, is_namespaced=False),
    Kind("FlowSchema", _flow, "flow_schema", _flow_schema, client.V1FlowSchema,
         is_namespaced=False, status={"conditions": [{"type": "Dangling", "status": "True"}]}),
    Kind("PriorityLevelConfiguration", _flow, "priority_level_configuration", _priority_level,
         client.V1PriorityLevelConfiguration, is_namespaced=False,
         status={"conditions": [{"type": "Ready", "status": "True"}]}),
    Kind("APIService", client.ApiregistrationV1Api, "api_service", _api_service,
         client.V1APIService, is_namespaced=False, status={"conditions": [{
             "type": "Available", "status": "False", "reason": "None", "message": ""}]}),
]

_device = client.ResourceV1Api
DEVICES = [
    Kind("DeviceClass", _device, "device_class", lambda name: named(
        "DeviceClass", name, "resource.k8s.io/v1", spec={
            "selectors": [{"cel": {"expression": "true"}}]}),
         client.V1DeviceClass, is_namespaced=False),
    Kind("ResourceClaim", _device, "resource_claim", lambda name: named(
        "ResourceClaim", name, "resource.k8s.io/v1", spec=_claim_of_devices()),
         client.ResourceV1ResourceClaim, status={
             "reservedFor": [{"resource": "pods", "name": "p", "uid": "u"}]}),
    Kind("ResourceClaimTemplate", _device, "resource_claim_template", lambda name: named(
        "ResourceClaimTemplate", name, "resource.k8s.io/v1", spec={"spec": _claim_of_devices()}),
         client.V1ResourceClaimTemplate),
    Kind("ResourceSlice", _device, "resource_slice", _devices, client.V1ResourceSlice,
         is_namespaced=False),
]

KINDS = WORK + STORAGE + NETWORK + CONTROL + DEVICES
