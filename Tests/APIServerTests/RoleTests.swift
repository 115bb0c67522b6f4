import APIServer
import JSON
import Storage
import Testing

@Suite struct RoleTests {
    private static let group = "/apis/rbac.authorization.k8s.io/v1"
    private static let clusterRoles = group + "/clusterroles"

    private func clusterRole(_ name: String, _ members: JSONObject) -> JSONValue {
        var object = members
        var metadata = members["metadata"]?.object ?? JSONObject()
        metadata["name"] = .string(name)
        object["metadata"] = .object(metadata)
        return .object(object)
    }

    private func rule(_ resource: String) -> JSONValue {
        ["apiGroups": [""], "resources": [.string(resource)], "verbs": ["get"]]
    }

    /// The resources of a role's rules as soon as they are what is expected, or what they are when
    /// the watch ends.
    private func waitForRules(
        _ gateway: TestGateway, _ name: String, _ resources: [String]
    ) async throws {
        let watch = try await gateway.watch(
            Self.clusterRoles + "?watch=true&fieldSelector=metadata.name=\(name)")
        while true {
            let event = await watch.next()
            let rules = event[path: "object", "rules"]?.array ?? []
            if rules.compactMap({ $0["resources"]?[0]?.string }) == resources { break }
            if event.isNull {
                Issue.record("the watch has ended")
                break
            }
        }
        await watch.close()
    }

    @Test func `an aggregated role follows its parts`() async throws {
        try await TestGateway.run { gateway in
            let aggregate: JSONValue = [
                "clusterRoleSelectors": [["matchLabels": ["to": "all"]]]
            ]
            try await gateway.ask(
                "POST", Self.clusterRoles, clusterRole("all", ["aggregationRule": aggregate]))
            for name in ["b", "a"] {
                let role = clusterRole(
                    name, ["metadata": ["labels": ["to": "all"]], "rules": [rule(name)]])
                try await gateway.ask("POST", Self.clusterRoles, role)
            }
            try await waitForRules(gateway, "all", ["a", "b"])
            try await gateway.ask("DELETE", Self.clusterRoles + "/a")
            try await waitForRules(gateway, "all", ["b"])
            try await gateway.merge(["rules": [rule("x")]], into: Self.clusterRoles + "/all")
            try await waitForRules(gateway, "all", ["b"])
        }
    }

    @Test func `the default roles are there, and a restart writes nothing`() async throws {
        let store = MemoryStore()
        let first = try await TestGateway(over: store, makesDefaultRoles: true)
        let admin = try await first.get(Self.clusterRoles + "/admin").json
        let held = (admin["rules"]?.array ?? []).flatMap { $0["resources"]?.array ?? [] }
        for resource: JSONValue in ["rolebindings", "deployments", "pods/log"] {
            #expect(held.contains(resource), "edit and view are taken in")
        }
        let node = try await first.get(
            Self.group + "/clusterrolebindings/system:discovery")
        #expect(node.json[path: "roleRef", "name"] == "system:discovery")
        let local = try await first.get(
            Self.group + "/namespaces/kube-system/roles/extension-apiserver-authentication-reader")
        #expect(local.status == 200)
        await first.stop(keepingStore: true)
        let before = try await store.currentRevision()
        let second = try await TestGateway(over: store, makesDefaultRoles: true)
        let after = try await store.currentRevision()
        #expect(before == after)
        await second.stop()
    }

    @Test func `what is missing is added, unless the role is to stay as it is`() async throws {
        let store = MemoryStore()
        let first = try await TestGateway(over: store, makesDefaultRoles: true)
        let changed = Self.clusterRoles + "/system:discovery"
        let kept = Self.clusterRoles + "/system:basic-user"
        try await first.merge(["rules": [rule("pods")]], into: changed)
        let annotations: JSONValue = ["rbac.authorization.kubernetes.io/autoupdate": "false"]
        try await first.merge(
            ["metadata": ["annotations": annotations], "rules": []], into: kept)
        await first.stop(keepingStore: true)
        let second = try await TestGateway(over: store, makesDefaultRoles: true)
        try await second.run { gateway in
            let rules = try await gateway.get(changed).json["rules"]?.array ?? []
            #expect(rules.first == rule("pods"))
            #expect(rules.contains { $0["nonResourceURLs"] == ["/apis/*"] })
            let rest = try await gateway.get(kept).json["rules"]?.array ?? []
            #expect(rest == [])
        }
    }

    @Test func `what is answered and not kept can only be created`() async throws {
        try await TestGateway.run { gateway in
            let reviews = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
            let question: JSONValue = [
                "spec": [
                    "user": "ann", "nonResourceAttributes": ["path": "/x", "verb": "get"],
                ]
            ]
            let answer = try await gateway.ask("POST", reviews, question)
            #expect(answer.status == 201)
            #expect(answer.json["kind"] == "SubjectAccessReview")
            #expect(answer.json[path: "status", "allowed"] == false)
            let list = try await gateway.get(reviews)
            #expect(list.status == 405)
            let named = try await gateway.get(reviews + "/x")
            #expect(named.status == 405)
            let local = "/apis/authorization.k8s.io/v1/localsubjectaccessreviews"
            let nowhere = try await gateway.ask("POST", local, question)
            #expect(nowhere.status == 405)
            let bad = try await gateway.ask("POST", reviews, ["spec": ["user": 1]])
            #expect(bad.status == 400)
            let discovery = try await gateway.get("/apis/authorization.k8s.io/v1").json
            let verbs = discovery["resources"]?.array?.map { $0["verbs"] }
            #expect(verbs == [["create"], ["create"], ["create"], ["create"]])
        }
    }
}
