// Somebody who asks the authenticated listener, with or without a token.

import APIServer
import Access
import Buffers
import Glibc
import HTTPTesting
import JSON

/// Somebody who asks the authenticated listener.
struct Caller: Sendable {
    let gateway: TestGateway
    /// `nil` for somebody who shows nothing.
    let token: String?

    func ask(
        _ method: String, _ target: String, _ body: JSONValue? = nil, fields: [String] = []
    ) async throws -> TestAnswer {
        let client = try Client(gateway.secureAddress)
        await client.send(
            gateway.request(method, target, body, fields: fields + authorization))
        let answer = TestAnswer(
            method == "HEAD"
                ? await client.receive(until: "\r\n\r\n") : await client.receiveAnswer())
        await client.close()
        return answer
    }

    func get(_ target: String, fields: [String] = []) async throws -> TestAnswer {
        try await ask("GET", target, fields: fields)
    }

    func watch(_ target: String) async throws -> TestWatch {
        let client = try Client(gateway.secureAddress)
        await client.send(gateway.request("GET", target, fields: authorization))
        return TestWatch(client, head: await client.receive(until: "\r\n\r\n"))
    }

    private var authorization: [String] { token.map { ["Authorization: Bearer \($0)"] } ?? [] }
}

extension TestGateway {
    func caller(_ token: String?) -> Caller { Caller(gateway: self, token: token) }

    /// Grants rules of a role of its own to a user or, with a colon in its name, a group.
    func grant(_ name: String, _ rules: [JSONValue], in namespace: String? = nil) async throws {
        let group = "/apis/rbac.authorization.k8s.io/v1"
        let place = namespace.map { "\(group)/namespaces/\($0)" } ?? group
        let prefix = namespace == nil ? "cluster" : ""
        let made = try await ask(
            "POST", "\(place)/\(prefix)roles",
            ["metadata": ["name": .string(name)], "rules": .array(rules)])
        let kind = namespace == nil ? "ClusterRole" : "Role"
        let bound = try await ask(
            "POST", "\(place)/\(prefix)rolebindings",
            [
                "metadata": ["name": .string(name)],
                "roleRef": [
                    "apiGroup": "rbac.authorization.k8s.io", "kind": .string(kind),
                    "name": .string(name),
                ],
                "subjects": [
                    [
                        "apiGroup": "rbac.authorization.k8s.io", "kind": "User",
                        "name": .string(name),
                    ]
                ],
            ])
        precondition(made.status == 201 && bound.status == 201, "\(made)\n\(bound)")
    }
}

/// A file of static tokens for as long as it lives.
final class TemporaryTokenFile: Sendable {
    let path: String

    init(_ text: String) {
        var template = Array("/tmp/binnacle-tokens-XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        precondition(descriptor >= 0, "no temporary file")
        close(descriptor)
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        write(text)
    }

    deinit { unlink(path) }

    func write(_ text: String) {
        let file = fopen(path, "w")
        fputs(text, file)
        fclose(file)
    }

    /// Lets in whom the file knows.
    func identity() throws -> IdentityOptions {
        var options = IdentityOptions()
        options.tokenFile = try TokenFile(path: path) { _ in }
        return options
    }
}
