// What each built-in kind does beyond its schema.

import APIModel

extension Catalog {
    static let builtInStrategies = ofCore.merging(ofWorkloads) { $1 }.merging(ofStorage) { $1 }
        .merging(ofNetwork) { $1 }.merging(ofControl) { $1 }.merging(ofDevices) { $1 }

    /// Kinds that are stored in another version than the one that they are named by.
    static let builtInConverters: [GroupVersionKind: any Converter] = [
        GroupVersionKind(group: "autoscaling", version: "v1", kind: "HorizontalPodAutoscaler"):
            AutoscalerConverter(),
        GroupVersionKind(group: "events.k8s.io", version: "v1", kind: "Event"): EventConverter(),
    ]

    private static let ofCore: [GroupKind: any Strategy] = [
        core("ComponentStatus"): ComponentStatusStrategy(),
        core("ConfigMap"): ConfigMapStrategy(),
        core("Endpoints"): EndpointsStrategy(),
        core("Event"): EventStrategy(),
        core("LimitRange"): LimitRangeStrategy(),
        core("Namespace"): NamespaceStrategy(),
        core("Node"): NodeStrategy(),
        core("PersistentVolume"): VolumeStrategy(),
        core("PersistentVolumeClaim"): ClaimStrategy(),
        core("Pod"): PodStrategy(),
        core("PodTemplate"): PodTemplateStrategy(),
        core("ReplicationController"): ReplicationControllerStrategy(),
        core("ResourceQuota"): ResourceQuotaStrategy(),
        core("Secret"): SecretStrategy(),
        core("Service"): ServiceStrategy(),
        core("ServiceAccount"): ServiceAccountStrategy(),
        GroupKind(group: "events.k8s.io", kind: "Event"): NewEventStrategy(),
    ]

    private static let ofWorkloads: [GroupKind: any Strategy] = [
        GroupKind(group: "apps", kind: "ControllerRevision"): ControllerRevisionStrategy(),
        GroupKind(group: "apps", kind: "DaemonSet"): DaemonSetStrategy(),
        GroupKind(group: "apps", kind: "Deployment"): DeploymentStrategy(),
        GroupKind(group: "apps", kind: "ReplicaSet"): ReplicaSetStrategy(),
        GroupKind(group: "apps", kind: "StatefulSet"): StatefulSetStrategy(),
        GroupKind(group: "autoscaling", kind: "HorizontalPodAutoscaler"): AutoscalerStrategy(),
        GroupKind(group: "batch", kind: "CronJob"): CronJobStrategy(),
        GroupKind(group: "batch", kind: "Job"): JobStrategy(),
        GroupKind(group: "node.k8s.io", kind: "RuntimeClass"): RuntimeClassStrategy(),
        GroupKind(group: "policy", kind: "PodDisruptionBudget"): BudgetStrategy(),
        GroupKind(group: "scheduling.k8s.io", kind: "PriorityClass"): PriorityClassStrategy(),
    ]

    private static let ofStorage: [GroupKind: any Strategy] = [
        storage("CSIDriver"): DriverStrategy(),
        storage("CSINode"): DriverNodeStrategy(),
        storage("CSIStorageCapacity"): StorageCapacityStrategy(),
        storage("StorageClass"): StorageClassStrategy(),
        storage("VolumeAttachment"): AttachmentStrategy(),
        storage("VolumeAttributesClass"): AttributesClassStrategy(),
    ]

    private static let ofDevices: [GroupKind: any Strategy] = [
        device("DeviceClass"): DeviceClassStrategy(),
        device("ResourceClaim"): DeviceClaimStrategy(),
        device("ResourceClaimTemplate"): DeviceClaimTemplateStrategy(),
        device("ResourceSlice"): DeviceSliceStrategy(),
    ]

    private static let ofNetwork: [GroupKind: any Strategy] = [
        GroupKind(group: "discovery.k8s.io", kind: "EndpointSlice"): EndpointSliceStrategy(),
        network("IPAddress"): AddressStrategy(),
        network("Ingress"): IngressStrategy(),
        network("IngressClass"): IngressClassStrategy(),
        network("NetworkPolicy"): NetworkPolicyStrategy(),
        network("ServiceCIDR"): AddressRangeStrategy(),
    ]

    private static let ofControl: [GroupKind: any Strategy] = [
        admission("MutatingWebhookConfiguration"): WebhookStrategy(),
        admission("ValidatingAdmissionPolicy"): PolicyStrategy(),
        admission("ValidatingAdmissionPolicyBinding"): PolicyBindingStrategy(),
        admission("ValidatingWebhookConfiguration"): WebhookStrategy(),
        GroupKind(group: "apiregistration.k8s.io", kind: "APIService"): APIServiceStrategy(),
        GroupKind(group: "binnacle.dev", kind: "WatchCursor"): WatchCursorStrategy(),
        GroupKind(group: "certificates.k8s.io", kind: "CertificateSigningRequest"):
            CertificateRequestStrategy(),
        GroupKind(group: "coordination.k8s.io", kind: "Lease"): LeaseStrategy(),
        flowControl("FlowSchema"): FlowSchemaStrategy(),
        flowControl("PriorityLevelConfiguration"): PriorityLevelStrategy(),
        GroupKind(group: RoleRules.group, kind: "ClusterRole"): RoleStrategy(scope: .cluster),
        GroupKind(group: RoleRules.group, kind: "ClusterRoleBinding"):
            RoleBindingStrategy(scope: .cluster),
        GroupKind(group: RoleRules.group, kind: "Role"): RoleStrategy(scope: .namespace),
        GroupKind(group: RoleRules.group, kind: "RoleBinding"):
            RoleBindingStrategy(scope: .namespace),
    ]

    private static func core(_ kind: String) -> GroupKind { GroupKind(group: "", kind: kind) }

    private static func storage(_ kind: String) -> GroupKind {
        GroupKind(group: "storage.k8s.io", kind: kind)
    }

    private static func network(_ kind: String) -> GroupKind {
        GroupKind(group: "networking.k8s.io", kind: kind)
    }

    private static func device(_ kind: String) -> GroupKind {
        GroupKind(group: "resource.k8s.io", kind: kind)
    }

    private static func admission(_ kind: String) -> GroupKind {
        GroupKind(group: "admissionregistration.k8s.io", kind: kind)
    }

    private static func flowControl(_ kind: String) -> GroupKind {
        GroupKind(group: "flowcontrol.apiserver.k8s.io", kind: kind)
    }
}
