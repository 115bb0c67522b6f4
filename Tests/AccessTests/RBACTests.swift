import APIModel
import Testing

@testable import Access

@Suite struct RBACTests {
    private let ann = User(name: "ann", groups: ["devs"])

    @Test func `a verb, a group and a resource must all match`() async throws {
        try await AccessRig.run { rig in
            let roles = RBACAuthorizer(rig.cache)
            try await rig.role(
                "ns/r",
                [PolicyRule(verbs: ["get"], apiGroups: ["apps"], resources: ["deployments"])])
            try await rig.bind("ns/b", "Role/r", ["User/ann"])
            let allowed = roles.decide(.resource(ann, "get", "deployments.apps"))
            #expect(
                allowed
                    == .allowed(
                        reason: "RBAC: allowed by RoleBinding \"b/ns\" of Role \"r\" to User "
                            + "\"ann\""))
            for attributes: AccessAttributes in [
                .resource(ann, "list", "deployments.apps"), .resource(ann, "get", "deployments"),
                .resource(ann, "get", "replicasets.apps"),
                .resource(ann, "get", "deployments.apps/scale"),
                .resource(ann, "get", "deployments.apps", in: "other"),
                .resource(ann, "get", "deployments.apps", in: ""),
                .resource(User(name: "bob"), "get", "deployments.apps"),
            ] { #expect(roles.decide(attributes) == .noOpinion(reason: "")) }
        }
    }

    @Test func `stars stand for everything, and before a slash for every resource`() async throws {
        try await AccessRig.run { rig in
            let roles = RBACAuthorizer(rig.cache)
            try await rig.role(
                "all", [PolicyRule(verbs: ["*"], apiGroups: ["*"], resources: ["*"])])
            try await rig.role(
                "scale", [PolicyRule(verbs: ["get"], apiGroups: ["*"], resources: ["*/scale"])])
            try await rig.bind("ns/b", "all", ["User/ann"])
            try await rig.bind("c", "scale", ["Group/devs"])
            #expect(roles.decide(.resource(ann, "delete", "pods/log")).isAllowed)
            #expect(roles.decide(.resource(ann, "get", "x.y/scale", in: "other")).isAllowed)
            #expect(!roles.decide(.resource(ann, "get", "x.y", in: "other")).isAllowed)
            #expect(!roles.decide(.resource(ann, "get", "x.y/status", in: "other")).isAllowed)
        }
    }

    @Test func `names restrict a rule, also for requests that name nothing`() async throws {
        try await AccessRig.run { rig in
            let roles = RBACAuthorizer(rig.cache)
            try await rig.role(
                "ns/r",
                [
                    PolicyRule(
                        verbs: ["get", "list"], apiGroups: [""], resources: ["secrets"],
                        resourceNames: ["a", "b"])
                ])
            try await rig.bind("ns/b", "Role/r", ["User/ann"])
            #expect(roles.decide(.resource(ann, "get", "secrets", name: "b")).isAllowed)
            #expect(!roles.decide(.resource(ann, "get", "secrets", name: "c")).isAllowed)
            #expect(!roles.decide(.resource(ann, "list", "secrets")).isAllowed)
        }
    }

    @Test func `paths are granted for the whole cluster, with a star at the end`() async throws {
        try await AccessRig.run { rig in
            let roles = RBACAuthorizer(rig.cache)
            try await rig.role(
                "paths", [PolicyRule(verbs: ["get"], nonResourceURLs: ["/a", "/b/*"])])
            try await rig.bind("ns/b", "paths", ["User/ann"])
            #expect(!roles.decide(.path(ann, "get", "/a")).isAllowed)
            try await rig.bind("b", "paths", ["User/ann"])
            #expect(roles.decide(.path(ann, "get", "/a")).isAllowed)
            #expect(roles.decide(.path(ann, "get", "/b/c/d")).isAllowed)
            #expect(!roles.decide(.path(ann, "post", "/a")).isAllowed)
            #expect(!roles.decide(.path(ann, "get", "/a/x")).isAllowed)
            #expect(!roles.decide(.path(ann, "get", "/b")).isAllowed)
        }
    }

    @Test func `a service account is granted what its subject names`() async throws {
        try await AccessRig.run { rig in
            let roles = RBACAuthorizer(rig.cache)
            try await rig.role(
                "r", [PolicyRule(verbs: ["get"], apiGroups: [""], resources: ["pods"])])
            try await rig.bind("other/b", "r", ["ServiceAccount/robot"])
            let robot = User(name: "system:serviceaccount:ns:robot")
            let decision = roles.decide(.resource(robot, "get", "pods", in: "other"))
            #expect(decision.reason.hasSuffix("to ServiceAccount \"robot/ns\""))
            #expect(!roles.decide(.resource(robot, "get", "pods", in: "ns")).isAllowed)
        }
    }

    @Test func `each change counts as soon as it was answered`() async throws {
        try await AccessRig.run { rig in
            let roles = RBACAuthorizer(rig.cache)
            let rule = PolicyRule(verbs: ["get"], apiGroups: [""], resources: ["pods"])
            let question = AccessAttributes.resource(ann, "get", "pods")
            try await rig.bind("ns/b", "r", ["Group/devs"])
            #expect(
                roles.decide(question)
                    == .noOpinion(
                        reason: "RBAC: clusterrole.rbac.authorization.k8s.io \"r\" not found"))
            try await rig.role("r", [rule])
            #expect(roles.decide(question).isAllowed)
            try await rig.role("r", [])
            #expect(roles.decide(question) == .noOpinion(reason: ""))
            try await rig.role("r", [rule])
            #expect(roles.decide(question).isAllowed)
            try await rig.bind("ns/b", "r", ["Group/ops"])
            #expect(!roles.decide(question).isAllowed)
            try await rig.bind("ns/b", "r", ["Group/ops", "User/ann", "User/ann"])
            #expect(roles.decide(question).isAllowed)
            try await rig.unbind("ns/b")
            #expect(roles.decide(question) == .noOpinion(reason: ""))
        }
    }

    @Test func `of many roles one is found, and it says which`() async throws {
        try await AccessRig.run { rig in
            let roles = RBACAuthorizer(rig.cache)
            for number in 0..<40 {
                try await rig.role(
                    "ns/r\(number)",
                    [
                        PolicyRule(
                            verbs: ["get"], apiGroups: [""], resources: ["secrets"],
                            resourceNames: ["s\(number)"])
                    ])
                try await rig.bind("ns/b\(number)", "Role/r\(number)", ["User/ann"])
            }
            let found = roles.decide(.resource(ann, "get", "secrets", name: "s31"))
            #expect(found.reason.contains("\"b31/ns\" of Role \"r31\""))
            #expect(!roles.decide(.resource(ann, "get", "secrets", name: "s40")).isAllowed)
        }
    }
}
