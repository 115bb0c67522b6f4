// The keys and certificates that a server starts with.

import Buffers
import Crypto
import Logging
import PKI
import SystemCalls

/// The files that clients and the server know each other by, and the key that signs tokens.
struct ServerKeys: Sendable {
    /// Signs the tokens of service accounts.
    let tokenKey: PrivateKey
    /// What TLS is served with; `nil` without a listener for it.
    let files: TLSFiles?
    /// By whom the server's certificate is signed, in PEM, as pods are told.
    let authority: Bytes?
    /// How the servers of other groups know this one; `nil` without an authority of our own.
    let frontProxy: FrontProxy?
    /// Who signed the certificate that the server was given, as far as its file says.
    private let broughtChain: [Certificate]
    private let owned: Owned?

    /// Files in PEM.
    struct TLSFiles: Sendable {
        let certificate: String
        let key: String
        /// For clients that ask for one of their names.
        let further: [CertificatePaths]
        let clientAuthorities: String
    }

    /// What was made in the data directory.
    private struct Owned: Sendable {
        let directory: PKIDirectory
        let request: PKIRequest
        let contents: PKIContents
    }

    /// Makes what is missing. Without TLS only the key for tokens is needed; a store in memory
    /// forgets it, as it forgets the accounts.
    /// - Throws: `StartFailure` for the first file that cannot be used.
    init(_ options: Serve, _ log: Logger) throws {
        do {
            try self.init(checking: options, log)
        } catch {
            throw StartFailure(description: "binnacle: \(error)")
        }
    }

    private init(checking options: Serve, _ log: Logger) throws {
        broughtChain = try Self.broughtChain(options)
        guard options.httpsListen != nil || options.store != .memory else {
            tokenKey = .generate(.p256)
            (files, authority, owned, frontProxy) = (nil, nil, nil, nil)
            return
        }
        let isServing = options.httpsListen != nil
        let names = try PKIRequest.servingNames(
            hostName: PKIRequest.hostName,
            additional: options.tlsSan + Self.listeningName(options) + options.clusterNames)
        let request = PKIRequest(
            servingNames: isServing && options.tlsCertFile == nil ? names : nil,
            trustsOwnAuthority: isServing && options.clientCaFile == nil)
        _ = try DataDirectory(options.dataDir)
        let directory = PKIDirectory(dataDirectory: options.dataDir)
        let contents = try directory.prepare(request, now: .now)
        Self.log(contents, to: log)
        owned = Owned(directory: directory, request: request, contents: contents)
        tokenKey = contents.serviceAccountKey
        authority = contents.serving == nil ? nil : contents.authority?.pem
        files = isServing ? Self.files(options, directory) : nil
        frontProxy = request.trustsOwnAuthority ? FrontProxy(directory) : nil
    }

    /// The address that is listened on, when it is a certain one: clients are told to go there.
    private static func listeningName(_ options: Serve) -> [String] {
        guard let address = options.httpsListen, !address.isUnspecified else { return [] }
        return [address.host]
    }

    private static func broughtChain(_ options: Serve) throws(PKIError) -> [Certificate] {
        if let path = options.clientCaFile { _ = try CredentialFile.authorities(path, now: .now) }
        guard let certificate = options.tlsCertFile, let key = options.tlsPrivateKeyFile else {
            return []
        }
        return try CredentialFile.servingCredential(
            certificatePath: certificate, keyPath: key, now: .now
        ).chain
    }

    private static func files(_ options: Serve, _ directory: PKIDirectory) -> TLSFiles {
        TLSFiles(
            certificate: options.tlsCertFile ?? directory.servingCertificatePath,
            key: options.tlsPrivateKeyFile ?? directory.servingKeyPath,
            further: options.tlsSniCertKey,
            clientAuthorities: options.clientCaFile ?? directory.authorityCertificatePath)
    }

    private static func log(_ contents: PKIContents, to log: Logger) {
        for change in contents.changes { log.notice("\(change)") }
        for warning in contents.warnings { log.warning("\(warning)") }
    }

    /// Tells whoever runs the server how to reach it as administrator.
    func writeAdminKubeconfig(_ address: SocketAddress, _ log: Logger) throws {
        guard let owned else { return }
        do {
            try update(owned, owned.contents, address, log)
        } catch {
            throw StartFailure(description: "binnacle: \(error)")
        }
    }

    /// Renews once a day what is due, until the task is cancelled. The listener sees the files
    /// change.
    func renew(_ address: SocketAddress, _ log: Logger) async {
        guard let owned, owned.contents.authority != nil else { return }
        await Renewal.runDaily(owned.directory, owned.request) { outcome in
            switch outcome {
            case .renewed(let contents):
                Self.log(contents, to: log)
                do { try update(owned, contents, address, log) } catch { log.error("\(error)") }
            case .unchanged(let contents): Self.log(contents, to: log)
            case .failed(let error):
                log.error("certificates are not renewed, the old ones stay: \(error)")
            }
        }
    }

    private func update(
        _ owned: Owned, _ contents: PKIContents, _ address: SocketAddress, _ log: Logger
    ) throws(PKIError) {
        let change = try owned.directory.updateAdminKubeconfig(
            server: address.localURL, authorities: broughtChain, contents)
        if let change { log.notice("\(change)") }
    }
}

extension SocketAddress {
    /// How clients on this machine reach a server that listens here.
    fileprivate var localURL: String {
        isUnspecified ? "https://127.0.0.1:\(port)" : "https://\(self)"
    }
}
