// Certificates for further clients.

import Buffers
import Crypto

extension PKIDirectory {
    /// A kubeconfig for `user` in `groups`, with a new key and a certificate of our authority,
    /// which must be there already. Nothing about it is kept here.
    ///
    /// - Parameter server: the server's URL; `nil` for the one in `admin.kubeconfig`, or else the
    ///   default address.
    /// - Throws: `PKIError` when the authority cannot be used, or when a name fits no certificate.
    public func kubeconfig(
        user: String, groups: [String], lifetime: Duration, server: String?, now: WallTime
    ) throws(PKIError) -> Kubeconfig {
        let (credential, authority) = try credential(
            user: user, groups: groups, lifetime: lifetime, now: now)
        return Kubeconfig(
            server: server ?? AdminKubeconfig.server(at: adminKubeconfigPath) ?? Self.server,
            authorities: [authority], user: user, credential: credential)
    }

    /// A new key and a certificate of our authority, which must be there already, and the
    /// authority. Nothing about it is kept here.
    /// - Throws: as `kubeconfig`.
    public func credential(
        user: String, groups: [String] = [], lifetime: Duration, now: WallTime
    ) throws(PKIError) -> (Credential, authority: Certificate) {
        let path = authorityCertificatePath
        for file in [path, authorityKeyPath] where !CredentialFile.exists(file) {
            throw PKIError(
                file, "is missing", remedy: "start the server once, or run: binnacle certs --make")
        }
        let authority = try CredentialFile.certificates(path)[0]
        try CredentialFile.check(authority, at: path, now: now)
        let key = try CredentialFile.privateKey(authorityKeyPath)
        guard let issuer = CertificateIssuer(certificate: authority, key: key) else {
            throw PKIError(authorityKeyPath, "does not fit \(path)", remedy: "bring the right one")
        }
        let template = CertificateTemplate(
            .client, DistinguishedName(commonName: user, organizations: groups),
            notBefore: now - Limits.backdating, notAfter: now + lifetime)
        let clientKey = PrivateKey.generate(.p256)
        do {
            let certificate = try issuer.issue(template, for: clientKey.publicKey)
            return (Credential(certificate: certificate, key: clientKey), authority)
        } catch {
            throw PKIError(path, "\(error)", remedy: "choose another user or group")
        }
    }

    /// Where a server listens that was not told otherwise.
    private static let server = "https://127.0.0.1:6443"
}

extension Kubeconfig {
    /// Writes it to a new file that only this user can read.
    /// - Throws: `PKIError`, also when there is a file already.
    public func write(to path: String) throws(PKIError) {
        guard try AtomicFile.create(path, Bytes(text)) else {
            throw PKIError(path, "is there already", remedy: "choose another name, or remove it")
        }
    }
}
