// Names that look alike and have other bytes.

import APIModel
import JSON
import Testing

@testable import Access

@Suite struct ExactNameTests {
    /// The same word to the eye and to Swift's strings: with one character for the last letter, and
    /// with two.
    private static let composed = "andr\u{E9}"
    private static let decomposed = "andre\u{301}"

    private static func get(_ user: User, _ name: String = "x") -> AccessAttributes {
        AccessAttributes(
            user: user, verb: "get",
            subject: .resource(
                group: "", version: "v1", resource: "pods", subresource: "", namespace: "ns",
                name: name))
    }

    private static let readPods = PolicyRule(
        verbs: ["get"], apiGroups: [""], resources: ["pods"])

    @Test func `text is the same when its bytes are`() {
        #expect(Self.composed == Self.decomposed)
        let both: Set<ExactText> = [ExactText(Self.composed), ExactText(Self.decomposed)]
        #expect(both.count == 2)
        #expect(ExactText(Self.decomposed) < ExactText(Self.composed))
        #expect(!ExactText(Self.composed + "/x").hasPrefix(ExactText(Self.decomposed)))
        #expect(!ExactText("x" + Self.composed).hasSuffix(ExactText(Self.decomposed)))
        #expect(ExactText("a*").dropLast() == "a" && ExactText("*/a").dropFirst() == "/a")
    }

    @Test(arguments: ["User", "Group"])
    func `a binding is for the one whose name has its bytes`(kind: String) async throws {
        try await AccessRig.run { rig in
            let authorizer = RBACAuthorizer(rig.cache)
            try await rig.role("readers", [Self.readPods])
            try await rig.bind("b", "readers", ["\(kind)/\(Self.composed)"])
            func user(_ name: String) -> User {
                kind == "User" ? User(name: name) : User(name: "somebody", groups: [name])
            }
            #expect(authorizer.decide(Self.get(user(Self.composed))).isAllowed)
            #expect(!authorizer.decide(Self.get(user(Self.decomposed))).isAllowed)
            #expect(authorizer.rules(for: user(Self.decomposed), in: "ns").rules.isEmpty)
        }
    }

    @Test func `a rule for a named object is for the one whose name has its bytes`() async throws {
        try await AccessRig.run { rig in
            let authorizer = RBACAuthorizer(rig.cache)
            let rule = PolicyRule(
                verbs: ["get"], apiGroups: [""], resources: ["pods"],
                resourceNames: [Self.composed])
            try await rig.role("readers", [rule])
            try await rig.bind("b", "readers", ["User/ann"])
            let ann = User(name: "ann")
            #expect(authorizer.decide(Self.get(ann, Self.composed)).isAllowed)
            #expect(!authorizer.decide(Self.get(ann, Self.decomposed)).isAllowed)
        }
    }

    @Test func `a binding grants the role whose name has its bytes`() async throws {
        try await AccessRig.run { rig in
            let authorizer = RBACAuthorizer(rig.cache)
            try await rig.role(Self.decomposed, [Self.readPods])
            try await rig.bind("b", Self.composed, ["User/ann"])
            #expect(!authorizer.decide(Self.get(User(name: "ann"))).isAllowed)
        }
    }

    @Test func `nobody grants a name that only looks like one that they hold`() async throws {
        try await AccessRig.run { rig in
            let roles = RBACAuthorizer(rig.cache)
            let check = EscalationCheck(roles, roles)
            func rule(_ names: [String]) -> PolicyRule {
                PolicyRule(
                    verbs: ["get"], apiGroups: [""], resources: ["secrets"], resourceNames: names)
            }
            try await rig.role("some", [rule([Self.composed])])
            try await rig.bind("b", "some", ["User/ann"])
            var write = ProposedWrite(
                .create, by: User(name: "ann"),
                at: ObjectPlace(
                    GroupResource(group: "rbac.authorization.k8s.io", resource: "clusterroles"),
                    name: "x"))
            write.object = ["rules": [rule([Self.composed]).json]]
            try check.check(write)
            write.object = ["rules": [rule([Self.composed, Self.decomposed]).json]]
            #expect(throws: APIStatus.self) { try check.check(write) }
        }
    }
}
