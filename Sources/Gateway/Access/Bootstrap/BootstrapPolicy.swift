// The roles and bindings of Kubernetes 1.34, as far as they are about kinds that are generally
// available.

extension BootstrapObject {
    /// In the order in which they are made: roles before the bindings that grant them.
    public static let policy: [BootstrapObject] =
        everybodysRoles + namespaceRoles + componentRoles + nodeRoles + signingRoles
        + controllerRoles.map { .clusterRole(controllerPrefix + $0.name, $0.rules) }
        + localRoles + bindings + localBindings
        + controllerRoles.map {
            .clusterBinding(controllerPrefix + $0.name, to: [serviceAccount($0.name)])
        }

    static let controllerPrefix = "system:controller:"

    private static let everybodysRoles: [BootstrapObject] = [
        .clusterRole(
            "cluster-admin",
            [.may("*", "*", in: "*"), PolicyRule(verbs: ["*"], nonResourceURLs: ["*"])]),
        .clusterRole(
            "system:discovery",
            [
                .mayGet(
                    paths: "/livez /readyz /healthz /version /version/ /openapi /openapi/* /api "
                        + "/api/* /apis /apis/*")
            ]),
        .clusterRole(
            "system:basic-user",
            [
                .may(
                    "create", "selfsubjectaccessreviews selfsubjectrulesreviews",
                    in: "authorization.k8s.io"),
                .may("create", "selfsubjectreviews", in: "authentication.k8s.io"),
            ]),
        .clusterRole(
            "system:public-info-viewer",
            [.mayGet(paths: "/livez /readyz /healthz /version /version/")]),
        .clusterRole(
            "system:monitoring",
            [
                .mayGet(
                    paths: "/metrics /metrics/slis /livez /readyz /healthz /livez/* /readyz/* "
                        + "/healthz/*")
            ]),
        .clusterRole(
            "system:service-account-issuer-discovery",
            [.mayGet(paths: "/.well-known/openid-configuration /openid/v1/jwks")]),
    ]

    /// For the people of one namespace: `admin` takes in `edit`, which takes in `view`.
    private static let namespaceRoles: [BootstrapObject] = [
        .aggregate("admin"), .aggregate("edit", into: "admin"), .aggregate("view", into: "edit"),
        .clusterRole(
            "system:aggregate-to-admin", labels: aggregationLabel("admin"),
            [
                .may("create", "localsubjectaccessreviews", in: "authorization.k8s.io"),
                .may(
                    "\(PolicyRule.read) \(PolicyRule.write)", "roles rolebindings",
                    in: "rbac.authorization.k8s.io"),
            ]),
        .clusterRole(
            "system:aggregate-to-edit", labels: aggregationLabel("edit"),
            [
                .may(
                    PolicyRule.read,
                    "pods/attach pods/exec pods/portforward pods/proxy secrets services/proxy"),
                .may("impersonate", "serviceaccounts"),
                .may(
                    PolicyRule.write,
                    "pods pods/attach pods/exec pods/portforward pods/proxy"),
                .may("create", "pods/eviction"),
                .may(
                    PolicyRule.write,
                    "configmaps events persistentvolumeclaims replicationcontrollers "
                        + "replicationcontrollers/scale secrets serviceaccounts services "
                        + "services/proxy"),
                .may("create", "serviceaccounts/token"),
                .may(
                    PolicyRule.write,
                    "daemonsets deployments deployments/rollback deployments/scale replicasets "
                        + "replicasets/scale statefulsets statefulsets/scale", in: "apps"),
                .may(PolicyRule.write, "horizontalpodautoscalers", in: "autoscaling"),
                .may(PolicyRule.write, "cronjobs jobs", in: "batch"),
                .may(
                    PolicyRule.write,
                    "daemonsets deployments deployments/rollback deployments/scale ingresses "
                        + "networkpolicies replicasets replicasets/scale "
                        + "replicationcontrollers/scale", in: "extensions"),
                .may(PolicyRule.write, "poddisruptionbudgets", in: "policy"),
                .may(PolicyRule.write, "ingresses networkpolicies", in: "networking.k8s.io"),
                .may(
                    "\(PolicyRule.read) \(PolicyRule.write)", "leases", in: "coordination.k8s.io"),
            ]),
        .clusterRole("system:aggregate-to-view", labels: aggregationLabel("view"), viewRules),
    ]

    private static let viewRules: [PolicyRule] = [
        .may(
            PolicyRule.read,
            "configmaps endpoints persistentvolumeclaims persistentvolumeclaims/status pods "
                + "replicationcontrollers replicationcontrollers/scale serviceaccounts services "
                + "services/status"),
        .may(
            PolicyRule.read,
            "bindings events limitranges namespaces/status pods/log pods/status "
                + "replicationcontrollers/status resourcequotas resourcequotas/status"),
        .may(PolicyRule.read, "namespaces"),
        .may(PolicyRule.read, "endpointslices", in: "discovery.k8s.io"),
        .may(
            PolicyRule.read,
            "controllerrevisions daemonsets daemonsets/status deployments deployments/scale "
                + "deployments/status replicasets replicasets/scale replicasets/status "
                + "statefulsets statefulsets/scale statefulsets/status", in: "apps"),
        .may(
            PolicyRule.read, "horizontalpodautoscalers horizontalpodautoscalers/status",
            in: "autoscaling"),
        .may(PolicyRule.read, "cronjobs cronjobs/status jobs jobs/status", in: "batch"),
        .may(
            PolicyRule.read,
            "daemonsets daemonsets/status deployments deployments/scale deployments/status "
                + "ingresses ingresses/status networkpolicies replicasets replicasets/scale "
                + "replicasets/status replicationcontrollers/scale", in: "extensions"),
        .may(
            PolicyRule.read, "poddisruptionbudgets poddisruptionbudgets/status", in: "policy"),
        .may(
            PolicyRule.read, "ingresses ingresses/status networkpolicies",
            in: "networking.k8s.io"),
    ]

    private static let bindings: [BootstrapObject] = [
        .clusterBinding("cluster-admin", to: [group(UnionAuthorizer.privilegedGroup.string)]),
        .clusterBinding("system:monitoring", to: [group("system:monitoring")]),
        .clusterBinding("system:discovery", to: [group("system:authenticated")]),
        .clusterBinding("system:basic-user", to: [group("system:authenticated")]),
        .clusterBinding(
            "system:public-info-viewer",
            to: [group("system:authenticated"), group("system:unauthenticated")]),
        .clusterBinding("system:node-proxier", to: [user("system:kube-proxy")]),
        .clusterBinding(
            "system:kube-controller-manager", to: [user("system:kube-controller-manager")]),
        .clusterBinding("system:kube-dns", to: [serviceAccount("kube-dns")]),
        .clusterBinding("system:kube-scheduler", to: [user("system:kube-scheduler")]),
        .clusterBinding("system:volume-scheduler", to: [user("system:kube-scheduler")]),
        // Nodes have an authorizer of their own.
        .clusterBinding("system:node", to: []),
        .clusterBinding(
            "system:service-account-issuer-discovery", to: [group("system:serviceaccounts")]),
    ]
}
