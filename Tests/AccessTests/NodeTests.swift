import APIModel
import JSON
import Testing

@testable import Access

@Suite struct NodeTests {
    private let one = User(name: "system:node:one", groups: ["system:nodes"])
    private let two = User(name: "system:node:two", groups: ["system:nodes"])

    private func pod(on node: String, _ spec: JSONObject = [:]) -> JSONValue {
        var members = spec
        members["nodeName"] = .string(node)
        return ["metadata": ["name": "p"], "spec": .object(members)]
    }

    private let spec: JSONObject = [
        "serviceAccountName": "robot", "imagePullSecrets": [["name": "pull"]],
        "volumes": [
            ["name": "a", "secret": ["secretName": "volume"]],
            ["name": "b", "projected": ["sources": [["configMap": ["name": "projected"]]]]],
            ["name": "c", "persistentVolumeClaim": ["claimName": "claim"]],
            ["name": "d", "ephemeral": [:]],
        ],
        "containers": [
            [
                "name": "c", "envFrom": [["configMapRef": ["name": "all"]]],
                "env": [["name": "X", "valueFrom": ["secretKeyRef": ["name": "env"]]]],
            ]
        ],
    ]

    @Test func `a node reads what its pods refer to, while they are there`() async throws {
        try await AccessRig.run { rig in
            let nodes = NodeAuthorizer(rig.cache)
            try await rig.put("core/pods", "ns/p", pod(on: "one", spec))
            for (resource, name) in [
                ("secrets", "pull"), ("secrets", "volume"), ("secrets", "env"),
                ("configmaps", "projected"), ("configmaps", "all"),
                ("persistentvolumeclaims", "claim"), ("persistentvolumeclaims", "p-d"),
                ("serviceaccounts", "robot"),
            ] {
                let question = AccessAttributes.resource(one, "get", resource, name: name)
                #expect(nodes.decide(question).isAllowed, "\(resource)/\(name)")
                let other = AccessAttributes.resource(two, "get", resource, name: name)
                #expect(
                    nodes.decide(other)
                        == .noOpinion(
                            reason: "no relationship found between node 'two' and this object"))
                let elsewhere = AccessAttributes.resource(
                    one, "get", resource, in: "other", name: name)
                #expect(!nodes.decide(elsewhere).isAllowed)
            }
            #expect(!nodes.decide(.resource(one, "list", "secrets")).isAllowed)
            #expect(!nodes.decide(.resource(one, "update", "secrets", name: "env")).isAllowed)
            try await rig.put(
                "core/pods", "ns/q", pod(on: "one", ["imagePullSecrets": [["name": "pull"]]]))
            try await rig.put("core/pods", "ns/p", nil)
            #expect(nodes.decide(.resource(one, "get", "secrets", name: "pull")).isAllowed)
            #expect(!nodes.decide(.resource(one, "get", "secrets", name: "env")).isAllowed)
            try await rig.put("core/pods", "ns/q", nil)
            #expect(!nodes.decide(.resource(one, "get", "secrets", name: "pull")).isAllowed)
        }
    }

    @Test func `a pod counts from its binding on`() async throws {
        try await AccessRig.run { rig in
            let nodes = NodeAuthorizer(rig.cache)
            let question = AccessAttributes.resource(one, "get", "secrets", name: "env")
            try await rig.put("core/pods", "ns/p", pod(on: "", spec))
            #expect(!nodes.decide(question).isAllowed)
            try await rig.put("core/pods", "ns/p", pod(on: "one", spec))
            #expect(nodes.decide(question).isAllowed)
            #expect(nodes.decide(.resource(one, "get", "pods", name: "p")).isAllowed)
            #expect(!nodes.decide(.resource(two, "get", "pods", name: "p")).isAllowed)
        }
    }

    @Test func `a mirror pod gives its node nothing`() async throws {
        try await AccessRig.run { rig in
            let nodes = NodeAuthorizer(rig.cache)
            var mirror = pod(on: "one", spec)
            mirror["metadata"] = ["annotations": ["kubernetes.io/config.mirror": "x"]]
            try await rig.put("core/pods", "ns/p", mirror)
            #expect(!nodes.decide(.resource(one, "get", "secrets", name: "env")).isAllowed)
            #expect(nodes.decide(.resource(one, "get", "pods", name: "p")).isAllowed)
        }
    }

    @Test func `a node keeps to itself`() async throws {
        try await AccessRig.run { rig in
            let nodes = NodeAuthorizer(rig.cache)
            let leases = "leases.coordination.k8s.io"
            for attributes: AccessAttributes in [
                .resource(one, "get", "nodes", in: "", name: "one"),
                .resource(one, "create", "nodes", in: ""),
                .resource(one, "patch", "nodes/status", in: "", name: "one"),
                .resource(one, "update", leases, in: "kube-node-lease", name: "one"),
                .resource(one, "create", leases, in: "kube-node-lease"),
                .resource(one, "patch", "pods/status", name: "p"),
                .resource(one, "list", "services", in: ""),
                .resource(one, "create", "events"),
            ] { #expect(nodes.decide(attributes).isAllowed, "\(attributes)") }
            for attributes: AccessAttributes in [
                .resource(one, "get", "nodes", in: "", name: "two"),
                .resource(one, "list", "nodes", in: ""),
                .resource(one, "delete", "nodes", in: "", name: "one"),
                .resource(one, "update", leases, in: "kube-node-lease", name: "two"),
                .resource(one, "get", leases, in: "ns", name: "one"),
                .resource(one, "list", "pods", in: ""),
                .resource(one, "update", "pods", name: "p"),
                .resource(one, "list", "deployments.apps"),
                .resource(User(name: "system:node:one"), "create", "nodes", in: ""),
            ] { #expect(!nodes.decide(attributes).isAllowed, "\(attributes)") }
            var own = AccessAttributes.resource(one, "list", "pods", in: "")
            own.selectedFields = ["spec.nodeName": "one"]
            #expect(nodes.decide(own).isAllowed)
            own.selectedFields = ["spec.nodeName": "two"]
            #expect(!nodes.decide(own).isAllowed)
            #expect(nodes.rules(for: one, in: "ns").isIncomplete)
            #expect(nodes.rules(for: User(name: "ann"), in: "ns") == ResolvedRules())
        }
    }
}

@Suite struct NodeRestrictionTests {
    private let one = User(name: "system:node:one", groups: ["system:nodes"])

    private func refusal(
        _ operation: ProposedWrite.Operation, _ resource: String, name: String = "",
        in namespace: String = "", object: JSONValue = .null, old: JSONValue = .null
    ) -> String? {
        let path = resource.split(separator: "/").map(String.init)
        let parts = path[0].split(separator: ".", maxSplits: 1).map(String.init)
        var write = ProposedWrite(
            operation, by: one,
            at: ObjectPlace(
                GroupResource(group: parts.count > 1 ? parts[1] : "", resource: parts[0]),
                subresource: path.count > 1 ? path[1] : "", namespace: namespace, name: name))
        write.object = object
        write.old = old
        do {
            try NodeRestriction(pod: Self.pod).check(write)
            return nil
        } catch {
            return error.message
        }
    }

    /// The pods that there are: `ns/p` of node one, and `ns/other` of node two.
    @Sendable private static func pod(_ namespace: String, _ name: String) -> JSONValue? {
        guard namespace == "ns", let node = ["p": "one", "other": "two"][name] else { return nil }
        return [
            "metadata": ["name": .string(name), "uid": "uid-of-\(name)"],
            "spec": [
                "nodeName": .string(node),
                "volumes": [
                    ["projected": ["sources": [["serviceAccountToken": ["audience": "vault"]]]]]
                ],
            ],
        ]
    }

    private func node(_ name: String, _ labels: JSONObject = [:]) -> JSONValue {
        ["metadata": ["name": .string(name), "labels": .object(labels)]]
    }

    @Test func `a node writes its own Node, but not the labels that others decide by`() {
        #expect(refusal(.create, "nodes", object: node("one", ["kubernetes.io/os": "l"])) == nil)
        #expect(refusal(.create, "nodes", object: node("two")) != nil)
        #expect(
            refusal(
                .create, "nodes",
                object: node("one", ["node-restriction.kubernetes.io/x": "1", "y": "1"]))
                    == """
                    nodes is forbidden: node "one" is not allowed to set the following labels: \
                    node-restriction.kubernetes.io/x
                    """)
        let old = node("one", ["a.k8s.io/x": "1", "node.kubernetes.io/y": "1", "z": "1"])
        #expect(refusal(.update, "nodes", name: "one", object: node("one"), old: old) != nil)
        let kept = node("one", ["a.k8s.io/x": "1"])
        #expect(refusal(.update, "nodes", name: "one", object: kept, old: old) == nil)
        var tainted = old
        tainted["spec"] = ["taints": [["key": "a", "effect": "NoSchedule"]]]
        #expect(
            refusal(.update, "nodes", name: "one", object: old, old: tainted)
                == "nodes \"one\" is forbidden: node \"one\" is not allowed to modify taints")
        var owned = old
        owned["metadata"]?["ownerReferences"] = [["kind": "Node", "name": "gone", "uid": "u"]]
        #expect(
            refusal(.update, "nodes", name: "one", object: owned, old: old)
                == """
                nodes "one" is forbidden: node "one" is not allowed to modify ownerReferences
                """)
        #expect(refusal(.delete, "nodes", name: "two", old: node("two")) != nil)
    }

    @Test func `a node makes mirror pods of its own that refer to nothing`() {
        let annotations: JSONValue = ["kubernetes.io/config.mirror": "x"]
        let mirror: JSONValue = [
            "metadata": ["name": "p", "annotations": annotations],
            "spec": ["nodeName": "one", "containers": []],
        ]
        #expect(refusal(.create, "pods", in: "ns", object: mirror) == nil)
        var plain = mirror
        plain["metadata"] = ["name": "p"]
        #expect(
            refusal(.create, "pods", in: "ns", object: plain)?.hasSuffix(
                "node \"one\" can only create mirror pods") == true)
        var elsewhere = mirror
        elsewhere["spec"]?["nodeName"] = "two"
        #expect(refusal(.create, "pods", in: "ns", object: elsewhere) != nil)
        for (member, value): (String, JSONValue) in [
            ("serviceAccountName", "x"),
            ("imagePullSecrets", [["name": "x"]]),
            ("volumes", [["name": "v", "configMap": ["name": "x"]]]),
        ] {
            var greedy = mirror
            greedy["spec"]?[member] = value
            #expect(
                refusal(.create, "pods", in: "ns", object: greedy)?.contains(
                    "can not create pods that reference") == true)
        }
        var owned = mirror
        let owner: JSONValue = ["apiVersion": "v1", "kind": "Node", "name": "two", "uid": "u"]
        owned["metadata"]?["ownerReferences"] = [owner]
        #expect(refusal(.create, "pods", in: "ns", object: owned) != nil)
    }

    @Test func `a node ends and reports on its own pods only`() {
        func pod(_ node: JSONValue, _ label: JSONValue = "1") -> JSONValue {
            ["metadata": ["labels": ["a": label]], "spec": ["nodeName": node]]
        }
        #expect(refusal(.delete, "pods", name: "p", in: "ns", old: pod("one")) == nil)
        #expect(refusal(.delete, "pods", name: "p", in: "ns", old: pod("two")) != nil)
        let status = "pods/status"
        #expect(
            refusal(.update, status, name: "p", in: "ns", object: pod("one"), old: pod("one"))
                == nil)
        #expect(
            refusal(.update, status, name: "p", in: "ns", object: pod("two"), old: pod("two"))
                != nil)
        #expect(
            refusal(
                .update, status, name: "p", in: "ns", object: pod("one", "2"), old: pod("one"))
                == "pods \"p\" is forbidden: node \"one\" cannot update labels through pod status"
        )
        #expect(
            refusal(.update, "pods", name: "p", in: "ns", object: pod("one"), old: pod("one"))
                != nil)
    }

    @Test func `a node keeps its own lease`() {
        let lease = "leases.coordination.k8s.io"
        #expect(
            refusal(.create, lease, in: "kube-node-lease", object: node("one")) == nil)
        #expect(refusal(.create, lease, in: "kube-node-lease", object: node("two")) != nil)
        #expect(refusal(.create, lease, in: "ns", object: node("one")) != nil)
    }

    @Test func `a node asks for tokens of its own pods only, for those they want to reach`() {
        func refused(_ name: String, _ changes: JSONObject = [:], audiences: JSONValue = [])
            -> String?
        {
            var reference: JSONObject = [
                "kind": "Pod", "apiVersion": "v1", "name": .string(name), "uid": "uid-of-\(name)",
            ]
            for (member, value) in changes { reference[member] = value }
            return refusal(
                .create, "serviceaccounts/token", name: "x", in: "ns",
                object: ["spec": ["boundObjectRef": .object(reference), "audiences": audiences]])
        }
        #expect(refused("p") == nil)
        #expect(refused("p", audiences: ["vault"]) == nil)
        let start = "serviceaccounts \"x\" is forbidden: "
        #expect(
            refused("other") == start
                + "node requested token bound to a pod scheduled on a different node")
        #expect(refused("gone") == "pods \"gone\" not found")
        #expect(
            refused("p", ["kind": "Secret"]) == start + "node requested token not bound to a pod")
        #expect(
            refused("p", ["uid": ""]) == start
                + "node requested token with a pod binding without a uid")
        #expect(refused("p", ["uid": "former"])?.contains("deleted and then recreated") == true)
        #expect(
            refused("p", audiences: ["bank"]) == start
                + "audience \"bank\" not found in pod spec volume")
        #expect(
            refused("p", audiences: ["vault", "bank"]) == start
                + "node may only request 0 or 1 audiences")
        #expect(
            refusal(
                .create, "serviceaccounts/token", name: "x", in: "ns", object: ["spec": [:]])
                == start + "node requested token not bound to a pod")
    }

    @Test func `a node evicts its own pods only`() {
        #expect(refusal(.create, "pods/eviction", name: "p", in: "ns") == nil)
        for name in ["other", "gone"] {
            #expect(
                refusal(.create, "pods/eviction", name: name, in: "ns")?.hasSuffix(
                    "node \"one\" can only evict pods with spec.nodeName set to itself") == true)
        }
    }

    @Test func `everybody else is not asked`() throws {
        var write = ProposedWrite(
            .delete, by: User(name: "ann"),
            at: ObjectPlace(GroupResource(group: "", resource: "nodes"), name: "two"))
        write.old = node("two")
        try NodeRestriction(pod: Self.pod).check(write)
    }
}
