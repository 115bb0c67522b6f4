// What each controller may do. Controllers run as service accounts of their names in kube-system.

extension BootstrapObject {
    struct Controller: Sendable {
        let name: String
        let rules: [PolicyRule]

        init(_ name: String, _ rules: [PolicyRule]) {
            self.name = name
            self.rules = rules
        }
    }

    static let controllerRoles =
        workloadControllers + serviceControllers + volumeControllers
        + clusterControllers

    private static let workloadControllers: [Controller] = [
        Controller(
            "cronjob-controller",
            [
                .may("get list update watch", "cronjobs", in: "batch"),
                .may("create delete get list patch update watch", "jobs", in: "batch"),
                .may("update", "cronjobs/status", in: "batch"),
                .may("update", "cronjobs/finalizers", in: "batch"),
                .may("delete list watch", "pods"),
                .mayWriteEvents,
            ]),
        Controller(
            "daemon-set-controller",
            [
                .may(PolicyRule.read, "daemonsets", in: "apps extensions"),
                .may("update", "daemonsets/status", in: "apps extensions"),
                .may("update", "daemonsets/finalizers", in: "apps extensions"),
                .may("list watch", "nodes"),
                .may("create delete list patch watch", "pods"),
                .may("create", "pods/binding"),
                .may(
                    "create delete get list patch update watch", "controllerrevisions",
                    in: "apps"),
                .mayWriteEvents,
            ]),
        Controller(
            "deployment-controller",
            [
                .may("get list update watch", "deployments", in: "apps extensions"),
                .may("update", "deployments/status", in: "apps extensions"),
                .may("update", "deployments/finalizers", in: "apps extensions"),
                .may(
                    "create delete get list patch update watch", "replicasets",
                    in: "apps extensions"),
                .may("get list update watch", "pods"),
                .mayWriteEvents,
            ]),
        Controller(
            "disruption-controller",
            [
                .may(PolicyRule.read, "deployments", in: "apps extensions"),
                .may(PolicyRule.read, "replicasets", in: "apps extensions"),
                .may(PolicyRule.read, "replicationcontrollers"),
                .may(PolicyRule.read, "poddisruptionbudgets", in: "policy"),
                .may(PolicyRule.read, "statefulsets", in: "apps"),
                .may("update", "poddisruptionbudgets/status", in: "policy"),
                .may("patch update", "pods/status"),
                .may("get", "*/scale", in: "*"),
                .mayWriteEvents,
            ]),
        Controller(
            "horizontal-pod-autoscaler",
            [
                .may(PolicyRule.read, "horizontalpodautoscalers", in: "autoscaling"),
                .may("update", "horizontalpodautoscalers/status", in: "autoscaling"),
                .may("get update", "*/scale", in: "*"),
                .may("list watch", "pods"),
                .may("list watch", "pods", in: "metrics.k8s.io"),
                .may(PolicyRule.read, "*", in: "custom.metrics.k8s.io"),
                .may(PolicyRule.read, "*", in: "external.metrics.k8s.io"),
                .mayWriteEvents,
            ]),
        Controller(
            "job-controller",
            [
                .may("get list patch update watch", "jobs", in: "batch"),
                .may("update", "jobs/status", in: "batch"),
                .may("update", "jobs/finalizers", in: "batch"),
                .may("create delete list patch watch", "pods"),
                .mayWriteEvents,
            ]),
        Controller(
            "replicaset-controller",
            [
                .may("get list update watch", "replicasets", in: "apps extensions"),
                .may("update", "replicasets/status", in: "apps extensions"),
                .may("update", "replicasets/finalizers", in: "apps extensions"),
                .may("create delete list patch watch", "pods"),
                .mayWriteEvents,
            ]),
        Controller(
            "replication-controller",
            [
                .may("get list update watch", "replicationcontrollers"),
                .may("update", "replicationcontrollers/status"),
                .may("update", "replicationcontrollers/finalizers"),
                .may("create delete list patch watch", "pods"),
                .mayWriteEvents,
            ]),
        Controller(
            "statefulset-controller",
            [
                .may("list watch", "pods"),
                .may(PolicyRule.read, "statefulsets", in: "apps"),
                .may("update", "statefulsets/status", in: "apps"),
                .may("update", "statefulsets/finalizers", in: "apps"),
                .may("create delete get patch update", "pods"),
                .may(
                    "create delete get list patch update watch", "controllerrevisions",
                    in: "apps"),
                .may("create get list watch", "persistentvolumeclaims"),
                .may("delete update", "persistentvolumeclaims"),
                .may("update", "pods/finalizers"),
                .mayWriteEvents,
            ]),
        Controller(
            "ttl-after-finished-controller",
            [.may("delete get list watch", "jobs", in: "batch"), .mayWriteEvents]),
    ]

    private static let serviceControllers: [Controller] = [
        Controller(
            "endpoint-controller",
            [
                .may(PolicyRule.read, "pods services"),
                .may("create delete get list update watch", "endpoints"),
                .may("create", "endpoints/restricted"),
                .mayWriteEvents,
            ]),
        Controller(
            "endpointslice-controller",
            [
                .may(PolicyRule.read, "nodes pods services"),
                .may("update", "services/finalizers"),
                .may(
                    "create delete get list update watch", "endpointslices",
                    in: "discovery.k8s.io"),
                .mayWriteEvents,
            ]),
        Controller(
            "endpointslicemirroring-controller",
            [
                .may(PolicyRule.read, "endpoints services"),
                .may("update", "services/finalizers"),
                .may("update", "endpoints/finalizers"),
                .may(
                    "create delete get list update watch", "endpointslices",
                    in: "discovery.k8s.io"),
                .mayWriteEvents,
            ]),
        Controller(
            "route-controller",
            [.may("list watch", "nodes"), .may("patch", "nodes/status"), .mayWriteEvents]),
        Controller(
            "service-cidrs-controller",
            [
                .may("get list patch update watch", "servicecidrs", in: "networking.k8s.io"),
                .may("patch update", "servicecidrs/finalizers", in: "networking.k8s.io"),
                .may("patch update", "servicecidrs/status", in: "networking.k8s.io"),
                .may(PolicyRule.read, "ipaddresses", in: "networking.k8s.io"),
                .mayWriteEvents,
            ]),
        Controller(
            "service-controller",
            [
                .may(PolicyRule.read, "services"),
                .may("patch update", "services/status"),
                .may("list watch", "nodes"),
                .mayWriteEvents,
            ]),
    ]
}
