// The certificates of a run: all servers show the same one, and clients show one to those who ask.

import APIModel
import Buffers
import Crypto

/// Keys and certificates that binnacle made, and a client's side of TLS 1.3 that believes them.
struct Credentials {
    let certificatePath: String
    let keyPath: String
    let authorityPath: String
    /// An administrator's, which nginx does not ask for.
    let client: TLSContext

    init(_ binary: String, _ scratch: Scratch) throws {
        let folder = scratch.path("keys")
        let kubeconfig = scratch.path("bench.kubeconfig")
        try Self.run(binary, ["certs", "--data-dir", folder, "--make"], scratch)
        try Self.run(
            binary,
            [
                "kubeconfig", "--data-dir", folder, "--user", "bench", "--group",
                "system:masters", "--output", kubeconfig,
            ], scratch)
        certificatePath = "\(folder)/pki/apiserver.crt"
        keyPath = "\(folder)/pki/apiserver.key"
        authorityPath = "\(folder)/pki/ca.crt"
        client = try TLSContext(
            client: TLSClientSettings(
                authorities: try Self.file(authorityPath),
                certificate: TLSCertificate(
                    chain: try Self.embedded("client-certificate-data", kubeconfig),
                    key: try Self.embedded("client-key-data", kubeconfig)),
                versions: .tls13Only))
    }

    private static func run(_ binary: String, _ arguments: [String], _ scratch: Scratch) throws {
        let process = try ChildProcess(
            "binnacle", [binary] + arguments, logPath: scratch.path("keys.log"))
        guard process.waitForEnd() == 0 else {
            throw BenchFailure("binnacle \(arguments[0]) failed: \(process.logEnd)")
        }
    }

    private static func file(_ path: String) throws -> Bytes {
        guard let text = textOfFile(path) else { throw BenchFailure("\(path) cannot be read") }
        return Bytes(text)
    }

    /// What a kubeconfig holds in base64 behind `name`.
    private static func embedded(_ name: String, _ path: String) throws -> Bytes {
        let words = String(try file(path)).split { $0 == " " || $0 == "\n" }
        guard let index = words.firstIndex(of: "\(name):"), index + 1 < words.count,
            let decoded = Base64.decode(String(words[index + 1]))
        else { throw BenchFailure("\(path): no \(name)") }
        return Bytes(decoded)
    }
}
