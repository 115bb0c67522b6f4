import APIModel
import JSON
import Testing

@testable import Access

@Suite struct EscalationTests {
    private let ann = User(name: "ann", groups: ["devs", "system:authenticated"])
    private static let group = "rbac.authorization.k8s.io"

    private func write(
        _ resource: String, _ object: JSONValue, old: JSONValue = .null, by user: User
    ) -> ProposedWrite {
        var write = ProposedWrite(
            old.isNull ? .create : .update, by: user,
            at: ObjectPlace(
                GroupResource(group: Self.group, resource: resource),
                namespace: resource.hasPrefix("cluster") ? "" : "ns", name: "x"))
        write.object = object
        write.old = old
        return write
    }

    private func refusal(_ check: EscalationCheck, _ write: ProposedWrite) -> String? {
        do {
            try check.check(write)
            return nil
        } catch {
            return error.message
        }
    }

    private func rules(_ rules: [PolicyRule]) -> JSONValue { ["rules": .array(rules.map(\.json))] }

    private let readSecrets = PolicyRule(
        verbs: ["get", "list"], apiGroups: [""], resources: ["secrets"])

    @Test func `nobody writes a role with more than they hold`() async throws {
        try await AccessRig.run { rig in
            let roles = RBACAuthorizer(rig.cache)
            let check = EscalationCheck(roles, roles)
            let wanted = write("roles", rules([readSecrets]), by: ann)
            #expect(
                refusal(check, wanted) == """
                    roles.rbac.authorization.k8s.io "x" is forbidden: user "ann" (groups=["devs" \
                    "system:authenticated"]) is attempting to grant RBAC permissions not \
                    currently held:
                    {APIGroups:[""], Resources:["secrets"], Verbs:["get" "list"]}
                    """)
            try await rig.role(
                "some", [PolicyRule(verbs: ["get"], apiGroups: ["*"], resources: ["*"])])
            try await rig.bind("ns/b", "some", ["Group/devs"])
            #expect(refusal(check, wanted)?.hasSuffix("Verbs:[\"list\"]}") == true)
            try await rig.role(
                "some",
                [
                    PolicyRule(verbs: ["list"], apiGroups: [""], resources: ["secrets"]),
                    PolicyRule(verbs: ["get"], apiGroups: [""], resources: ["*"]),
                ])
            #expect(refusal(check, wanted) == nil)
            #expect(
                refusal(check, write("clusterroles", rules([readSecrets]), by: ann)) != nil,
                "what is held in a namespace does not count for the cluster")
        }
    }

    @Test func `who may escalate, or changes nothing that matters, is not asked`() async throws {
        try await AccessRig.run { rig in
            let roles = RBACAuthorizer(rig.cache)
            let check = EscalationCheck(roles, UnionAuthorizer([roles]))
            let role = rules([readSecrets])
            var labelled = role
            labelled["metadata"] = ["labels": ["a": "b"]]
            #expect(refusal(check, write("roles", labelled, old: role, by: ann)) == nil)
            #expect(refusal(check, write("roles", role, by: .loopback)) == nil)
            try await rig.role(
                "e",
                [PolicyRule(verbs: ["escalate"], apiGroups: [Self.group], resources: ["roles"])])
            try await rig.bind("ns/b", "e", ["User/ann"])
            #expect(refusal(check, write("roles", role, by: ann)) == nil)
        }
    }

    @Test func `an aggregated role is for those who hold everything`() async throws {
        try await AccessRig.run { rig in
            let roles = RBACAuthorizer(rig.cache)
            let check = EscalationCheck(roles, roles)
            let role: JSONValue = ["aggregationRule": ["clusterRoleSelectors": [[:]]]]
            let wanted = write("clusterroles", role, by: ann)
            #expect(
                refusal(check, wanted)?.hasSuffix(
                    "must have cluster-admin privileges to use the aggregationRule") == true)
            try await rig.role(
                "all",
                [
                    PolicyRule(verbs: ["*"], apiGroups: ["*"], resources: ["*"]),
                    PolicyRule(verbs: ["*"], nonResourceURLs: ["*"]),
                ])
            try await rig.bind("all", "all", ["User/ann"])
            #expect(refusal(check, wanted) == nil)
        }
    }

    @Test func `a binding needs the role's rules, or the right to bind`() async throws {
        try await AccessRig.run { rig in
            let roles = RBACAuthorizer(rig.cache)
            let check = EscalationCheck(roles, roles)
            let binding: JSONValue = [
                "roleRef": ["kind": "Role", "name": "r"],
                "subjects": [["kind": "User", "name": "ann"]],
            ]
            let wanted = write("rolebindings", binding, by: ann)
            #expect(
                refusal(check, wanted) == "role.rbac.authorization.k8s.io \"r\" not found")
            try await rig.role("ns/r", [readSecrets])
            #expect(refusal(check, wanted)?.contains("not currently held") == true)
            try await rig.role(
                "ns/binder",
                [
                    PolicyRule(
                        verbs: ["bind"], apiGroups: [Self.group], resources: ["roles"],
                        resourceNames: ["r"])
                ])
            try await rig.bind("ns/b", "Role/binder", ["User/ann"])
            #expect(refusal(check, wanted) == nil)
            var other = binding
            other["roleRef"] = ["kind": "ClusterRole", "name": "r"]
            #expect(refusal(check, write("rolebindings", other, by: ann)) != nil)
            #expect(
                refusal(check, write("rolebindings", other, old: other, by: ann)) == nil)
        }
    }

    @Test(
        arguments: [
            (["*"], "*", [], ["get"], "pods", [], true),
            (["get"], "*/scale", [], ["get"], "pods/scale", [], true),
            (["get"], "*/scale", [], ["get"], "pods/log", [], false),
            (["get"], "pods", [], ["get"], "pods/log", [], false),
            (["get"], "pods", ["a"], ["get"], "pods", [], false),
            (["get"], "pods", ["a", "b"], ["get"], "pods", ["b"], true),
            (["get"], "pods", [], ["*"], "pods", [], false),
            (["get"], "pods", [], ["get"], "*", [], false),
        ] as [([String], String, [String], [String], String, [String], Bool)])
    func `a rule covers another`(
        verbs: [String], resource: String, names: [String], wantedVerbs: [String],
        wanted: String, wantedNames: [String], isCovered: Bool
    ) {
        let held = PolicyRule(
            verbs: verbs, apiGroups: [""], resources: [resource], resourceNames: names)
        let other = PolicyRule(
            verbs: wantedVerbs, apiGroups: [""], resources: [wanted], resourceNames: wantedNames)
        #expect([held].missing(of: [other]).isEmpty == isCovered)
    }
}
