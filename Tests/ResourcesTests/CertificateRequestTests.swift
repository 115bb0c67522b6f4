import APIModel
import JSON
import Testing

@testable import Resources

/// Who may say what about a request for a certificate.
@Suite struct CertificateRequestTests {
    private static func request() throws -> JSONValue {
        try json(
            """
            {"metadata":{"name":"r","resourceVersion":"7"},"spec":{"usages":["client auth"],
            "request":"\(ClusterExamples.certificateRequest)","signerName":"example.com/own",
            "username":"somebody else","groups":["system:masters"]}}
            """)
    }

    private static func condition(_ type: String, _ status: String = "True") -> JSONValue {
        ["type": .string(type), "status": .string(status)]
    }

    @Test func `the request says who sent it, whatever it says itself`() throws {
        var context = context()
        context.sender = Sender(name: "ann", uid: "1", groups: ["g"], extra: ["k": ["v"]])
        let made = try Kind("CertificateSigningRequest").created(try Self.request(), context)
        #expect(made[path: "spec", "username"] == "ann")
        #expect(made[path: "spec", "uid"] == "1")
        #expect(made[path: "spec", "groups"] == ["g"])
        #expect(made[path: "spec", "extra"] == ["k": ["v"]])
    }

    @Test func `an approval changes nothing but the decision, and dates it`() throws {
        let strategy = CertificateRequestStrategy()
        let old = try Self.request()
        var sent = old
        sent["spec"]?["signerName"] = "example.com/other"
        sent["status"] = ["conditions": [Self.condition("Approved")], "certificate": "eA=="]
        strategy.prepare(&sent, forSubresource: "approval", from: old, context())
        #expect(sent["spec"] == old["spec"])
        #expect(sent[path: "status", "certificate"] == nil)
        let decided = sent[path: "status", "conditions"]?[0]
        #expect(decided?["lastTransitionTime"] == .string(noon.description))
        #expect(decided?["lastUpdateTime"] == .string(noon.description))
        #expect(strategy.validate(sent, forSubresource: "approval", from: old) == [])
    }

    @Test func `a decision is final and is one of two`() throws {
        let strategy = CertificateRequestStrategy()
        var old = try Self.request()
        old["status"] = ["conditions": [Self.condition("Approved")]]
        var both = old
        both["status"] = ["conditions": [Self.condition("Approved"), Self.condition("Denied")]]
        #expect(
            strategy.validate(both, forSubresource: "approval", from: old).map(\.description) == [
                "status.conditions: Invalid value: \"Denied\": Approved and Denied conditions are "
                    + "mutually exclusive"
            ])
        var none = old
        none["status"] = [:]
        #expect(
            strategy.validate(none, forSubresource: "approval", from: old).map(\.description) == [
                "status.conditions: Forbidden: updates may not remove a condition of type "
                    + "\"Approved\""
            ])
    }

    @Test func `whoever signs does not decide`() throws {
        let strategy = CertificateRequestStrategy()
        let old = try Self.request()
        var sent = old
        sent["status"] = ["conditions": [Self.condition("Approved"), Self.condition("Failed")]]
        strategy.prepareForStatusUpdate(&sent, from: old, context())
        let types = sent["status"]?.list("conditions").map { $0.text("type") }
        #expect(types == ["Failed"])
    }
}
