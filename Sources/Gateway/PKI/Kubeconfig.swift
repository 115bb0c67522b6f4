// The file that tells kubectl and other clients where the server is and who they are.

import APIModel
import Buffers
import Crypto
import JSON

/// A kubeconfig with one cluster, one user and everything embedded (Kubernetes' `v1.Config`).
public struct Kubeconfig: Sendable {
    /// Such as `https://127.0.0.1:6443`.
    public var server: String
    /// By whom the server's certificate must be signed; empty for those whom the machine trusts.
    public var authorities: [Certificate]
    public var user: String
    public var credential: Credential

    public init(
        server: String, authorities: [Certificate], user: String, credential: Credential
    ) {
        self.server = server
        self.authorities = authorities
        self.user = user
        self.credential = credential
    }

    private static let cluster = "binnacle"

    /// YAML. Holds a private key.
    public var text: String {
        let user = quoted(user)
        let context = quoted("\(self.user)@\(Self.cluster)")
        var lines = [
            "apiVersion: v1", "kind: Config", "current-context: \(context)", "clusters:",
            "- name: \(Self.cluster)", "  cluster:", "    server: \(quoted(server))",
        ]
        if !authorities.isEmpty {
            lines.append("    \(Self.authorityField) \(Self.embedded(authorities))")
        }
        lines += [
            "users:", "- name: \(user)", "  user:",
            "    \(Self.certificateField) \(Self.embedded([credential.certificate]))",
            "    client-key-data: \(Self.embedded(credential.key.pem))",
            "contexts:", "- name: \(context)", "  context:", "    cluster: \(Self.cluster)",
            "    user: \(user)",
        ]
        return lines.joined(separator: "\n") + "\n"
    }

    static let authorityField = "certificate-authority-data:"
    static let certificateField = "client-certificate-data:"

    static func embedded(_ certificates: [Certificate]) -> String {
        var pem = ByteBuffer(reserving: 2048)
        for certificate in certificates { pem.append(certificate.pem) }
        return embedded(pem.freeze())
    }

    private static func embedded(_ pem: Bytes) -> String {
        pem.withUnsafeBytes { Base64.encode($0) }
    }

    /// A string of JSON is one of YAML too.
    private func quoted(_ text: String) -> String { JSONValue.string(text).description }
}
