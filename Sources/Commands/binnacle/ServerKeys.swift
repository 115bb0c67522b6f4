import Crypto
import Logging
import PKI
import SystemCalls
import TLS

/// The keys and certificates of the server: those that it was brought, and its own for the rest.
struct ServerKeys: Sendable {
    let contents: PKIContents
    private let directory: PKIDirectory
    private let request: PKIRequest
    private let brought: Brought
    private let log: Logger

    /// The files that the flags name.
    private struct Brought: Sendable {
        let pair: CertificateFiles.Pair?
        let clientAuthorities: String?
        /// Who signed the certificate of `pair`, as far as its file says.
        let chain: [Certificate]
    }

    /// Makes what is missing.
    /// - Throws: `StartFailure` for the first file that cannot be used.
    init(_ options: Serve, _ log: Logger) throws {
        self.log = log
        _ = try DataDirectory(options.dataDir)
        directory = PKIDirectory(dataDirectory: options.dataDir)
        do {
            brought = try Self.brought(options)
            let names = try PKIRequest.servingNames(
                hostName: PKIRequest.hostName, additional: options.tlsSan)
            request = PKIRequest(
                servingNames: brought.pair == nil ? names : nil,
                trustsOwnAuthority: brought.clientAuthorities == nil)
            contents = try directory.prepare(request, now: .now)
        } catch {
            throw StartFailure(description: "binnacle: \(error)")
        }
        tell(contents)
    }

    private static func brought(_ options: Serve) throws(PKIError) -> Brought {
        var (pair, chain): (CertificateFiles.Pair?, [Certificate]) = (nil, [])
        if let certificate = options.tlsCertFile, let key = options.tlsPrivateKeyFile {
            pair = CertificateFiles.Pair(certificate: certificate, key: key)
            chain = try CredentialFile.servingCredential(
                certificatePath: certificate, keyPath: key, now: .now
            ).chain
        }
        if let path = options.clientCaFile { _ = try CredentialFile.authorities(path, now: .now) }
        return Brought(pair: pair, clientAuthorities: options.clientCaFile, chain: chain)
    }

    /// The files that the listener serves with and reads again.
    var pair: CertificateFiles.Pair {
        brought.pair
            ?? CertificateFiles.Pair(
                certificate: directory.servingCertificatePath, key: directory.servingKeyPath)
    }

    /// The file of those who may vouch for clients.
    var clientAuthorities: String {
        brought.clientAuthorities ?? directory.authorityCertificatePath
    }

    /// Writes the server's address into `admin.kubeconfig`.
    func publish(_ address: SocketAddress) throws {
        do {
            try update(contents, address)
        } catch {
            throw StartFailure(description: "binnacle: \(error)")
        }
    }

    /// Renews what is ours once a day, until the task is cancelled. The listener sees the files
    /// change.
    func renew(_ address: SocketAddress) async {
        await Renewal.runDaily(directory, request) { outcome in
            switch outcome {
            case .unchanged(let contents): tell(contents)
            case .renewed(let contents):
                tell(contents)
                do { try update(contents, address) } catch { log.error("\(error)") }
            case .failed(let error):
                log.error("certificates are not renewed, the old ones stay: \(error)")
            }
        }
    }

    private func update(_ contents: PKIContents, _ address: SocketAddress) throws(PKIError) {
        let change = try directory.updateAdminKubeconfig(
            server: "https://\(address.reachable)", authorities: brought.chain, contents)
        if let change { log.info("\(change)") }
    }

    private func tell(_ contents: PKIContents) {
        for change in contents.changes { log.info("\(change)") }
        for warning in contents.warnings { log.warning("\(warning)") }
    }
}

extension SocketAddress {
    /// An address by which clients on this machine reach a listener at this one.
    fileprivate var reachable: SocketAddress {
        switch host {
        case "0.0.0.0": SocketAddress("127.0.0.1:\(port)") ?? self
        case "::", "[::]": SocketAddress("[::1]:\(port)") ?? self
        default: self
        }
    }
}
