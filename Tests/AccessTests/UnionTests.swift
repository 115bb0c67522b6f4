import APIModel
import Testing

@testable import Access

private struct SaysAlways: Authorizer {
    let decision: AccessDecision

    func decide(_ attributes: AccessAttributes) -> AccessDecision { decision }

    func rules(for user: User, in namespace: String) -> ResolvedRules { ResolvedRules() }
}

@Suite struct UnionTests {
    private let question = AccessAttributes.path(User(name: "ann"), "get", "/x")

    private func decide(_ decisions: [AccessDecision]) -> AccessDecision {
        UnionAuthorizer(decisions.map(SaysAlways.init)).decide(question)
    }

    @Test func `the first clear answer counts`() {
        #expect(
            decide([.noOpinion(reason: "a"), .allowed(reason: "b"), .denied(reason: "c")])
                == .allowed(reason: "b"))
        #expect(
            decide([.denied(reason: "a"), .allowed(reason: "b")]) == .denied(reason: "a"))
        #expect(
            decide([.noOpinion(reason: "a"), .noOpinion(reason: ""), .noOpinion(reason: "c")])
                == .noOpinion(reason: "a\nc"))
        #expect(decide([]) == .noOpinion(reason: ""))
    }

    @Test func `system masters may do everything`() {
        var attributes = question
        attributes.user = .loopback
        let union = UnionAuthorizer([SaysAlways(decision: .denied(reason: "no"))])
        #expect(union.decide(attributes).isAllowed)
    }

    @Test(
        arguments: [
            (
                AccessAttributes.resource(User(name: "x"), "list", "pods", in: "y"),
                #"pods is forbidden: User "x" cannot list resource "pods" in API group "" in the "#
                    + #"namespace "y""#
            ),
            (
                .resource(User(name: "x"), "get", "pods/log", in: "y", name: "p"),
                #"pods "p" is forbidden: User "x" cannot get resource "pods/log" in API group "" "#
                    + #"in the namespace "y""#
            ),
            (
                .resource(User(name: "x"), "list", "deployments.apps", in: ""),
                #"deployments.apps is forbidden: User "x" cannot list resource "deployments" in "#
                    + #"API group "apps" at the cluster scope"#
            ),
            (
                .path(User(name: "x"), "get", "/x"),
                #"forbidden: User "x" cannot get path "/x""#
            ),
        ])
    func `a refusal is told in the API's words`(attributes: AccessAttributes, message: String) {
        let status = attributes.refusal(reason: "")
        #expect(status.message == message)
        #expect(status.code == 403)
        #expect(attributes.refusal(reason: "why").message == message + ": why")
    }
}
