// The roles of the control plane's components, of nodes and of those who sign certificates.

extension BootstrapObject {
    static let componentRoles: [BootstrapObject] = [
        .clusterRole("system:auth-delegator", [.mayReviewTokens, .mayReviewAccess]),
        .clusterRole("system:kube-aggregator", [.may(PolicyRule.read, "endpoints services")]),
        .clusterRole(
            "system:heapster",
            [
                .may(PolicyRule.read, "events namespaces nodes pods"),
                .may(PolicyRule.read, "deployments", in: "extensions"),
            ]),
        .clusterRole("system:kube-dns", [.may("list watch", "endpoints services")]),
        .clusterRole(
            "system:kube-controller-manager",
            [
                .mayWriteEvents,
                .may("create", "leases", in: "coordination.k8s.io"),
                .may(
                    "get update", "leases", in: "coordination.k8s.io",
                    named: "kube-controller-manager"),
                .may("create", "secrets serviceaccounts"),
                .may("delete", "secrets"),
                .may("get", "configmaps namespaces secrets serviceaccounts"),
                .may("update", "secrets serviceaccounts"),
                .mayReviewTokens, .mayReviewAccess,
                .may("list watch", "*", in: "*"),
                .may("create", "serviceaccounts/token"),
            ]),
        .clusterRole("system:kube-scheduler", schedulerRules),
        .clusterRole(
            "system:volume-scheduler",
            [
                .may("\(PolicyRule.read) patch update", "persistentvolumes"),
                .may(PolicyRule.read, "storageclasses", in: "storage.k8s.io"),
                .may("\(PolicyRule.read) patch update", "persistentvolumeclaims"),
            ]),
        .clusterRole(
            "system:persistent-volume-provisioner",
            [
                .may("\(PolicyRule.read) create delete", "persistentvolumes"),
                .may("\(PolicyRule.read) update", "persistentvolumeclaims"),
                .may(PolicyRule.read, "storageclasses", in: "storage.k8s.io"),
                .may("watch", "events"),
                .mayWriteEvents,
            ]),
    ]

    private static let schedulerRules: [PolicyRule] = [
        .mayWriteEvents,
        .may("create", "leases", in: "coordination.k8s.io"),
        .may("get update", "leases", in: "coordination.k8s.io", named: "kube-scheduler"),
        .may(PolicyRule.read, "nodes"),
        .may("\(PolicyRule.read) delete", "pods"),
        .may("create", "bindings pods/binding"),
        .may("patch update", "pods/status"),
        .may(PolicyRule.read, "replicationcontrollers services"),
        .may(PolicyRule.read, "replicasets", in: "apps extensions"),
        .may(PolicyRule.read, "statefulsets", in: "apps"),
        .may(PolicyRule.read, "poddisruptionbudgets", in: "policy"),
        .may(PolicyRule.read, "persistentvolumeclaims persistentvolumes"),
        .mayReviewTokens, .mayReviewAccess,
        .may(PolicyRule.read, "csinodes", in: "storage.k8s.io"),
        .may(PolicyRule.read, "namespaces"),
        .may(PolicyRule.read, "csidrivers", in: "storage.k8s.io"),
        .may(PolicyRule.read, "csistoragecapacities", in: "storage.k8s.io"),
    ]

    static let nodeRoles: [BootstrapObject] = [
        .clusterRole("system:node", nodeRules),
        .clusterRole(
            "system:node-proxier",
            [
                .may("list watch", "endpoints services"),
                .may(PolicyRule.read, "nodes"),
                .mayWriteEvents,
                .may("list watch", "endpointslices", in: "discovery.k8s.io"),
                .may("list watch", "servicecidrs", in: "networking.k8s.io"),
            ]),
        .clusterRole(
            "system:node-problem-detector",
            [.may("get", "nodes"), .may("patch", "nodes/status"), .mayWriteEvents]),
        .clusterRole(
            "system:kubelet-api-admin",
            [
                .may(PolicyRule.read, "nodes"),
                .may("proxy", "nodes"),
                .may(
                    "*",
                    "nodes/configz nodes/healthz nodes/log nodes/metrics nodes/pods nodes/proxy "
                        + "nodes/stats"),
            ]),
        .clusterRole(
            "system:node-bootstrapper",
            [
                .may(
                    "\(PolicyRule.read) create", "certificatesigningrequests",
                    in: "certificates.k8s.io")
            ]),
    ]

    /// What nodes may do, before their authorizer narrows it down to their own objects.
    static let nodeRules: [PolicyRule] = [
        .mayReviewTokens,
        .may(
            "create", "localsubjectaccessreviews subjectaccessreviews",
            in: "authorization.k8s.io"),
        .may(PolicyRule.read, "services"),
        .may("\(PolicyRule.read) create", "nodes"),
        .may("patch update", "nodes/status"),
        .may("patch update", "nodes"),
        .may("create patch update", "events"),
        .may(PolicyRule.read, "pods"),
        .may("create delete", "pods"),
        .may("patch update", "pods/status"),
        .may("create", "pods/eviction"),
        .may(PolicyRule.read, "configmaps secrets"),
        .may("get", "persistentvolumeclaims persistentvolumes"),
        .may("get", "endpoints"),
        .may(
            "\(PolicyRule.read) create", "certificatesigningrequests", in: "certificates.k8s.io"),
        .may("create delete get patch update", "leases", in: "coordination.k8s.io"),
        .may("get", "volumeattachments", in: "storage.k8s.io"),
        .may("create", "serviceaccounts/token"),
        .may("get patch update", "persistentvolumeclaims/status"),
        .may(PolicyRule.read, "csidrivers", in: "storage.k8s.io"),
        .may("create delete get patch update", "csinodes", in: "storage.k8s.io"),
        .may(PolicyRule.read, "runtimeclasses", in: "node.k8s.io"),
    ]

    static let signingRoles: [BootstrapObject] =
        [
            "nodeclient", "selfnodeclient",
        ].map { kind in
            .clusterRole(
                "system:certificates.k8s.io:certificatesigningrequests:\(kind)",
                [
                    .may(
                        "create", "certificatesigningrequests/\(kind)", in: "certificates.k8s.io")
                ])
        }
        + [
            "legacy-unknown", "kubelet-serving", "kube-apiserver-client",
            "kube-apiserver-client-kubelet",
        ].map { signer in
            .clusterRole(
                "system:certificates.k8s.io:\(signer)-approver",
                [
                    .may(
                        "approve", "signers", in: "certificates.k8s.io",
                        named: "kubernetes.io/\(signer)")
                ])
        }
}
