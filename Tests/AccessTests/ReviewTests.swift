import APIModel
import JSON
import Testing

@testable import Access

/// Allows what it was made for, and rules out what is named `never`.
private struct FixedAuthorizer: Authorizer {
    let attributes: AccessAttributes

    func decide(_ attributes: AccessAttributes) -> AccessDecision {
        if attributes.verb == "never" { return .denied(reason: "never") }
        return attributes == self.attributes ? .allowed(reason: "fixed") : .noOpinion(reason: "")
    }

    func rules(for user: User, in namespace: String) -> ResolvedRules {
        ResolvedRules(
            rules: [
                PolicyRule(verbs: ["get"], apiGroups: [""], resources: [namespace]),
                PolicyRule(verbs: ["get"], nonResourceURLs: ["/\(user.name)"]),
            ], errors: ["half of it"])
    }
}

@Suite struct ReviewTests {
    private let ann = User(name: "ann", uid: "u", groups: ["g"], extra: ["k": ["v"]])

    private func authorizer(_ user: User) -> any Authorizer {
        FixedAuthorizer(
            attributes: AccessAttributes(
                user: user, verb: "get",
                subject: .resource(
                    group: "apps", version: "*", resource: "deployments", subresource: "scale",
                    namespace: "ns", name: "x")))
    }

    private let question: JSONValue = [
        "verb": "get", "group": "apps", "resource": "deployments", "subresource": "scale",
        "namespace": "ns", "name": "x",
    ]

    private func ask(
        _ kind: AccessReview.Kind, _ spec: JSONValue, in namespace: String = ""
    ) async -> Result<JSONValue, APIStatus> {
        let object: JSONValue = [
            "kind": .string(kind.rawValue), "apiVersion": "authorization.k8s.io/v1",
            "metadata": [:], "spec": spec,
        ]
        do {
            return .success(
                try await AccessReview(kind, authorizer(ann)).answer(
                    VirtualRequest(user: ann, namespace: namespace, object: object)))
        } catch {
            return .failure(error)
        }
    }

    @Test func `a review tells what the authorizer says of its subject`() async throws {
        let spec: JSONValue = [
            "user": "ann", "uid": "u", "groups": ["g"], "extra": ["K": ["v"]],
            "resourceAttributes": question,
        ]
        let answer = try await ask(.anybody, spec).get()
        #expect(answer["status"] == ["allowed": true, "reason": "fixed"])
        #expect(answer["spec"] == spec)
        var other = spec
        other["user"] = "bob"
        let refused = try await ask(.anybody, other).get()
        #expect(refused["status"] == ["allowed": false])
        var never = spec
        never["resourceAttributes"]?["verb"] = "never"
        let denied = try await ask(.anybody, never).get()
        #expect(
            denied["status"] == ["allowed": false, "denied": true, "reason": "never"])
    }

    @Test func `a review of oneself is about the one who asks`() async throws {
        let answer = try await ask(.oneself, ["resourceAttributes": question]).get()
        #expect(answer[path: "status", "allowed"] == true)
    }

    @Test func `a local review keeps to its namespace`() async throws {
        let spec: JSONValue = [
            "user": "ann", "uid": "u", "groups": ["g"], "extra": ["k": ["v"]],
            "resourceAttributes": question,
        ]
        let here = try await ask(.inNamespace, spec, in: "ns").get()
        #expect(here[path: "status", "allowed"] == true)
        let there = await ask(.inNamespace, spec, in: "other")
        guard case .failure(let status) = there else {
            Issue.record("answered")
            return
        }
        #expect(status.code == 400)
    }

    @Test func `a question must be one, and about somebody`() async throws {
        for (spec, field): (JSONValue, String) in [
            (["user": "a"], "spec.resourceAttributes"),
            (
                ["user": "a", "resourceAttributes": [:], "nonResourceAttributes": [:]],
                "spec.nonResourceAttributes"
            ),
            (["resourceAttributes": [:]], "spec.user"),
            (
                ["user": "a", "resourceAttributes": ["fieldSelector": [:]]],
                "spec.resourceAttributes.fieldSelector.requirements"
            ),
        ] {
            guard case .failure(let status) = await ask(.anybody, spec) else {
                Issue.record("answered: \(spec)")
                continue
            }
            #expect(status.code == 422)
            #expect(status.details?.causes.map(\.field) == [field])
        }
    }

    @Test func `a rules review lists resources and paths apart`() async throws {
        let object: JSONValue = ["metadata": [:], "spec": ["namespace": "ns"]]
        let answer = try await RulesReview(authorizer(ann)).answer(
            VirtualRequest(user: ann, namespace: "", object: object))
        #expect(
            answer["status"] == [
                "resourceRules": [["apiGroups": [""], "resources": ["ns"], "verbs": ["get"]]],
                "nonResourceRules": [["nonResourceURLs": ["/ann"], "verbs": ["get"]]],
                "incomplete": true, "evaluationError": "half of it",
            ])
    }
}
