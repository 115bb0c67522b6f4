// An etcd cluster of real processes on loopback.

import Buffers
import Crypto
import Glibc
import PKI

/// A cluster for tests. Its members can be crashed, stopped and started again.
public final class EtcdCluster: Sendable {
    /// What members show and what they want to see.
    public struct TLS: Sendable {
        public let authority: String
        public let certificate: String
        public let key: String
    }

    /// The members' client URLs.
    public let urls: [String]
    /// Files for a client, too; `nil` for plain HTTP.
    public let tls: TLS?
    private let members: [EtcdMember]
    private let directory: String

    /// Starts a cluster and waits until it has a leader.
    public init(memberCount: Int, isSecure: Bool = false) async throws {
        directory = try Self.temporaryDirectory()
        tls = isSecure ? try MemberCertificate.make(in: directory) : nil
        let scheme = isSecure ? "https" : "http"
        let ports = try Self.freePorts(2 * memberCount)
        let clients = ports.prefix(memberCount).map { "\(scheme)://127.0.0.1:\($0)" }
        let peers = ports.dropFirst(memberCount).map { "http://127.0.0.1:\($0)" }
        urls = clients
        let all = peers.enumerated().map { "m\($0)=\($1)" }.joined(separator: ",")
        let directory = directory
        let tlsArguments = tls.map(Self.arguments) ?? []
        members = (0..<memberCount).map { index in
            EtcdMember(
                directory: "\(directory)/m\(index)",
                arguments: [
                    "--name", "m\(index)", "--listen-client-urls", clients[index],
                    "--advertise-client-urls", clients[index], "--listen-peer-urls", peers[index],
                    "--initial-advertise-peer-urls", peers[index], "--initial-cluster", all,
                    "--initial-cluster-token", directory, "--max-txn-ops", "1025",
                    "--heartbeat-interval", "50", "--election-timeout", "500",
                    "--log-level", "warn",
                ] + tlsArguments)
        }
        for member in members { try member.start() }
    }

    private static func arguments(_ tls: TLS) -> [String] {
        [
            "--cert-file", tls.certificate, "--key-file", tls.key, "--trusted-ca-file",
            tls.authority, "--client-cert-auth",
        ]
    }

    deinit { for member in members { member.stop() } }

    /// The port of a member's client URL.
    public func port(_ index: Int) -> UInt16 {
        UInt16(urls[index].split(separator: ":").last ?? "") ?? 0
    }

    public func crash(_ index: Int) { members[index].crash() }
    public func start(_ index: Int) throws { try members[index].start() }
    public func pause(_ index: Int) { members[index].pause() }
    public func resume(_ index: Int) { members[index].resume() }

    /// Ends every member and removes what they have stored.
    public func stop() {
        for member in members { member.stop() }
        if let tls { for file in [tls.authority, tls.certificate, tls.key] { unlink(file) } }
        rmdir(directory)
    }

    private static func temporaryDirectory() throws -> String {
        var template = Array("/tmp/binnacle-etcd-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else {
            throw EtcdFailure("no temporary directory: errno \(errno)")
        }
        return String(cString: made)
    }

    /// Ports that nobody listens on; all different, because all are held until the last is found.
    private static func freePorts(_ count: Int) throws -> [UInt16] {
        var sockets: [CInt] = []
        defer { for socket in sockets { close(socket) } }
        return try (0..<count).map { _ in
            let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
            sockets.append(descriptor)
            return try LoopbackSocket.bind(descriptor)
        }
    }
}

/// What members and clients of a test show each other.
enum MemberCertificate {
    static func make(in directory: String) throws -> EtcdCluster.TLS {
        let now = WallTime.now
        let (from, to) = (
            WallTime(seconds: now.seconds - 60), WallTime(seconds: now.seconds + 86_400)
        )
        let authority = try CertificateIssuer.selfSigned(
            CertificateTemplate(
                .authority, DistinguishedName(commonName: "etcd of a test"), notBefore: from,
                notAfter: to), key: .generate(.p256))
        let key = PrivateKey.generate(.p256)
        // A member's own gateway calls the member and shows the member's certificate.
        var template = CertificateTemplate(
            .peer, DistinguishedName(commonName: "member"), notBefore: from, notAfter: to)
        template.alternativeNames = try AlternativeNames(["localhost", "127.0.0.1"])
        let certificate = try authority.issue(template, for: key.publicKey)
        let files = EtcdCluster.TLS(
            authority: "\(directory)/ca.crt", certificate: "\(directory)/member.crt",
            key: "\(directory)/member.key")
        try write(authority.certificate.pem, to: files.authority)
        try write(certificate.pem, to: files.certificate)
        try write(key.pem, to: files.key)
        return files
    }

    private static func write(_ bytes: Bytes, to path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL, 0o600)
        defer { close(descriptor) }
        let written = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        guard written == bytes.count else { throw EtcdFailure("\(path): errno \(errno)") }
    }
}
