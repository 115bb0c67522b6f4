// What the controllers of volumes and of the cluster itself may do, and the roles of kube-system
// and kube-public.

extension BootstrapObject {
    static let volumeControllers: [Controller] = [
        Controller(
            "attachdetach-controller",
            [
                .may("list watch", "persistentvolumeclaims persistentvolumes"),
                .may(PolicyRule.read, "nodes"),
                .may("patch update", "nodes/status"),
                .may("list watch", "pods"),
                .mayWriteEvents,
                .may(
                    "create delete get list watch", "volumeattachments", in: "storage.k8s.io"),
                .may(PolicyRule.read, "csidrivers", in: "storage.k8s.io"),
                .may(PolicyRule.read, "csinodes", in: "storage.k8s.io"),
            ]),
        Controller(
            "ephemeral-volume-controller",
            [
                .may(PolicyRule.read, "pods"),
                .may("update", "pods/finalizers"),
                .may("create get list watch", "persistentvolumeclaims"),
                .mayWriteEvents,
            ]),
        Controller(
            "expand-controller",
            [
                .may("get list patch update watch", "persistentvolumes"),
                .may("patch update", "persistentvolumeclaims/status"),
                .may(PolicyRule.read, "persistentvolumeclaims"),
                .mayWriteEvents,
                .may("get", "services"),
            ]),
        Controller(
            "persistent-volume-binder",
            [
                .may("create delete get list update watch", "persistentvolumes"),
                .may("update", "persistentvolumes/status"),
                .may("get list update watch", "persistentvolumeclaims"),
                .may("update", "persistentvolumeclaims/status"),
                .may("create delete get list watch", "pods"),
                .may(PolicyRule.read, "storageclasses", in: "storage.k8s.io"),
                .may("list watch", "nodes"),
                .mayWriteEvents,
                .may("watch", "events"),
                .may("get", "services"),
            ]),
        Controller(
            "pv-protection-controller",
            [.may("get list update watch", "persistentvolumes"), .mayWriteEvents]),
        Controller(
            "pvc-protection-controller",
            [
                .may("get list update watch", "persistentvolumeclaims"),
                .may(PolicyRule.read, "pods"),
                .mayWriteEvents,
            ]),
        Controller(
            "selinux-warning-controller",
            [
                .mayWriteEvents,
                .may(PolicyRule.read, "persistentvolumes"),
                .may(PolicyRule.read, "persistentvolumeclaims"),
                .may(PolicyRule.read, "pods"),
                .may(PolicyRule.read, "csidrivers", in: "storage.k8s.io"),
            ]),
        Controller(
            "volumeattributesclass-protection-controller",
            [
                .may(PolicyRule.read, "persistentvolumeclaims"),
                .may(PolicyRule.read, "persistentvolumes"),
                .may("get list update watch", "volumeattributesclasses", in: "storage.k8s.io"),
                .mayWriteEvents,
            ]),
    ]

    static let clusterControllers: [Controller] = [
        Controller(
            "certificate-controller",
            [
                .may(
                    "delete get list watch", "certificatesigningrequests",
                    in: "certificates.k8s.io"),
                .may(
                    "update",
                    "certificatesigningrequests/approval certificatesigningrequests/status",
                    in: "certificates.k8s.io"),
                .may(
                    "approve", "signers", in: "certificates.k8s.io",
                    named: "kubernetes.io/kube-apiserver-client-kubelet"),
                .may(
                    "sign", "signers", in: "certificates.k8s.io",
                    named: "kubernetes.io/kube-apiserver-client "
                        + "kubernetes.io/kube-apiserver-client-kubelet "
                        + "kubernetes.io/kubelet-serving kubernetes.io/legacy-unknown"),
                .mayReviewAccess,
                .mayWriteEvents,
            ]),
        Controller(
            "clusterrole-aggregation-controller",
            [
                .may(
                    "escalate get list patch update watch", "clusterroles",
                    in: "rbac.authorization.k8s.io")
            ]),
        Controller(
            "generic-garbage-collector",
            [.may("delete get list patch update watch", "*", in: "*"), .mayWriteEvents]),
        Controller(
            "legacy-service-account-token-cleaner",
            [
                .may(
                    "get", "configmaps",
                    named: "kube-apiserver-legacy-service-account-token-tracking"),
                .may("delete patch", "secrets"),
            ]),
        Controller(
            "namespace-controller",
            [
                .may("delete get list watch", "namespaces"),
                .may("update", "namespaces/finalize namespaces/status"),
                .may("delete deletecollection get list watch", "*", in: "*"),
            ]),
        Controller(
            "node-controller",
            [
                .may("delete get list patch update watch", "nodes"),
                .may("patch update", "nodes/status"),
                .may("patch update", "pods/status"),
                .may("delete get list watch", "pods"),
                .mayWriteEvents,
            ]),
        Controller(
            "pod-garbage-collector",
            [
                .may("delete list watch", "pods"),
                .may(PolicyRule.read, "nodes"),
                .may("patch", "pods/status"),
            ]),
        Controller(
            "resource-claim-controller",
            [
                .may(PolicyRule.read, "pods"),
                .may("update", "pods/finalizers"),
                .may("create delete get list watch", "resourceclaims", in: "resource.k8s.io"),
                .may(
                    "patch update", "resourceclaims resourceclaims/status", in: "resource.k8s.io"),
                .may("patch update", "pods/status"),
                .mayWriteEvents,
            ]),
        Controller(
            "resourcequota-controller",
            [
                .may("list watch", "*", in: "*"),
                .may("update", "resourcequotas/status"),
                .mayWriteEvents,
            ]),
        Controller(
            "root-ca-cert-publisher", [.may("create update", "configmaps"), .mayWriteEvents]),
        Controller(
            "service-account-controller", [.may("create", "serviceaccounts"), .mayWriteEvents]),
        Controller(
            "ttl-controller", [.may("list patch update watch", "nodes"), .mayWriteEvents]),
        Controller(
            "validatingadmissionpolicy-status-controller",
            [
                .may(
                    PolicyRule.read, "validatingadmissionpolicies",
                    in: "admissionregistration.k8s.io"),
                .may(
                    "get patch update", "validatingadmissionpolicies/status",
                    in: "admissionregistration.k8s.io"),
                .mayWriteEvents,
            ]),
    ]

    private static let system = "kube-system"
    private static let open = "kube-public"

    static let localRoles: [BootstrapObject] =
        [
            .role(
                "extension-apiserver-authentication-reader", in: system,
                [
                    .may(PolicyRule.read, "configmaps", named: "extension-apiserver-authentication")
                ]),
            .role(
                controllerPrefix + "bootstrap-signer", in: system,
                [.may(PolicyRule.read, "secrets")]),
            .role(
                controllerPrefix + "cloud-provider", in: system,
                [.may("create get list watch", "configmaps")]),
            .role(
                controllerPrefix + "token-cleaner", in: system,
                [.may("delete get list watch", "secrets"), .mayWriteEvents]),
            .role(
                controllerPrefix + "bootstrap-signer", in: open,
                [
                    .may(PolicyRule.read, "configmaps"),
                    .may("update", "configmaps", named: "cluster-info"),
                    .mayWriteEvents,
                ]),
        ]
        + ["kube-controller-manager", "kube-scheduler"].map { component in
            .role(
                "system::leader-locking-\(component)", in: system,
                [
                    .may("watch", "configmaps"),
                    .may("get update", "configmaps", named: component),
                ])
        }

    static let localBindings: [BootstrapObject] =
        [
            .binding(
                "system::extension-apiserver-authentication-reader",
                of: "extension-apiserver-authentication-reader", in: system,
                to: [user("system:kube-controller-manager"), user("system:kube-scheduler")]),
            .binding(
                controllerPrefix + "bootstrap-signer", in: open,
                to: [serviceAccount("bootstrap-signer")]),
        ]
        + ["kube-controller-manager", "kube-scheduler"].map { component in
            .binding(
                "system::leader-locking-\(component)", in: system,
                to: [user("system:\(component)"), serviceAccount(component)])
        }
        + ["bootstrap-signer", "cloud-provider", "token-cleaner"].map { name in
            .binding(controllerPrefix + name, in: system, to: [serviceAccount(name)])
        }
}
