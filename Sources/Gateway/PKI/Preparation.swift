// Making what is missing, and renewing what will expire.

import Crypto

extension PKIDirectory {
    /// Makes the keys and certificates that are missing, renews those of ours of which less than a
    /// third of their life is left, and reads the rest. Two processes may do so at once.
    ///
    /// Nothing is ever overwritten but certificates that were made here; keys never are.
    /// - Throws: `PKIError` for the first file that cannot be used.
    public func prepare(_ request: PKIRequest, now: WallTime) throws(PKIError) -> PKIContents {
        try make()
        return try locked { () throws(PKIError) in
            var preparation = Preparation(directory: self, now: now)
            return try preparation.run(request)
        }
    }
}

/// The names that stand in our certificates.
enum OwnNames {
    static let authority = DistinguishedName(commonName: "binnacle-ca")
    static let serving = DistinguishedName(commonName: "binnacle")
    /// As kubeadm calls it.
    static let admin = DistinguishedName(
        commonName: "kubernetes-admin", organizations: ["system:masters"])
}

/// One pass over the directory, under its lock.
struct Preparation {
    let directory: PKIDirectory
    let now: WallTime
    private var changes: [PKIContents.Change] = []
    private var warnings: [String] = []

    init(directory: PKIDirectory, now: WallTime) {
        self.directory = directory
        self.now = now
    }

    mutating func run(_ request: PKIRequest) throws(PKIError) -> PKIContents {
        var contents = PKIContents(serviceAccountKey: try key("sa.key", .rsa))
        if request.servingNames != nil || request.trustsOwnAuthority {
            let authority = try authority()
            contents.authority = authority.certificate
            if let names = request.servingNames {
                let template = template(.server, OwnNames.serving, names)
                contents.serving = try leaf("apiserver", template, authority)
            }
            if request.trustsOwnAuthority {
                let template = template(.client, OwnNames.admin, .none)
                contents.admin = try leaf("admin", template, authority)
            }
        }
        contents.changes = changes
        contents.warnings = warnings
        return contents
    }

    /// An authority whose key may be kept elsewhere.
    struct Authority {
        let certificate: Certificate
        let issuer: CertificateIssuer?
    }

    // MARK: Parts

    private mutating func key(_ name: String, _ kind: KeyKind) throws(PKIError) -> PrivateKey {
        let path = directory.file(name)
        if !CredentialFile.exists(path), try AtomicFile.create(path, PrivateKey.generate(kind).pem)
        {
            changes.append(.made(path: path))
        }
        return try CredentialFile.privateKey(path)
    }

    private mutating func authority() throws(PKIError) -> Authority {
        let path = directory.authorityCertificatePath
        let hasCertificate = CredentialFile.exists(path)
        guard !hasCertificate || CredentialFile.exists(directory.authorityKeyPath) else {
            let certificate = try CredentialFile.authorities(path, now: now)[0]
            return Authority(certificate: certificate, issuer: nil)
        }
        let key = try key("ca.key", .p256)
        guard hasCertificate else {
            // Also after a crash between the two files.
            let issuer = selfSigned(key)
            try write(issuer.certificate, to: path)
            return Authority(certificate: issuer.certificate, issuer: issuer)
        }
        var certificate = try CredentialFile.certificates(path)[0]
        if let reason = dueReason(certificate), isOwnAuthority(certificate, key) {
            certificate = selfSigned(key).certificate
            try replace(path, with: certificate, reason)
        }
        try CredentialFile.check(certificate, at: path, now: now)
        warnIfDue(certificate, path)
        return Authority(certificate: certificate, issuer: try issuer(certificate, key))
    }

    private func issuer(
        _ certificate: Certificate, _ key: PrivateKey
    ) throws(PKIError) -> CertificateIssuer {
        let path = directory.authorityCertificatePath
        guard certificate.usage.isAuthority else {
            throw PKIError(
                path, "is no certificate authority",
                remedy: "remove it and \(directory.authorityKeyPath), and new ones are made")
        }
        guard let issuer = CertificateIssuer(certificate: certificate, key: key) else {
            throw PKIError(
                directory.authorityKeyPath, "does not fit \(path)",
                remedy: "bring the key that belongs to it, or remove both, and new ones are made")
        }
        return issuer
    }

    private func isOwnAuthority(_ certificate: Certificate, _ key: PrivateKey) -> Bool {
        certificate.subject == OwnNames.authority && certificate.fits(key)
            && certificate.isSelfSigned
    }

    private func selfSigned(_ key: PrivateKey) -> CertificateIssuer {
        let template = CertificateTemplate(
            .authority, OwnNames.authority, notBefore: now - Limits.backdating,
            notAfter: now + Limits.authorityLifetime)
        guard let issuer = try? CertificateIssuer.selfSigned(template, key: key) else {
            preconditionFailure("our own name does not fit")
        }
        return issuer
    }

    private func template(
        _ purpose: CertificateTemplate.Purpose, _ subject: DistinguishedName,
        _ names: AlternativeNames
    ) -> CertificateTemplate {
        var template = CertificateTemplate(
            purpose, subject, notBefore: now - Limits.backdating,
            notAfter: now + Limits.leafLifetime)
        template.alternativeNames = names
        return template
    }
}

/// Certificates that the authority signs.
extension Preparation {
    private mutating func leaf(
        _ name: String, _ template: CertificateTemplate, _ authority: Authority
    ) throws(PKIError) -> Credential {
        let path = directory.file("\(name).crt")
        let keyName = "\(name).key"
        guard CredentialFile.exists(path) else {
            let issuer = try issuer(of: authority, for: path)
            let key = try key(keyName, .p256)
            let certificate = Self.issue(template, issuer, key)
            try write(certificate, to: path)
            return Credential(certificate: certificate, key: key)
        }
        let key = try existingKey(keyName, of: path)
        var certificate = try CredentialFile.certificates(path)[0]
        try checkFit(certificate, key, path, authority)
        if let reason = renewalReason(certificate, template) {
            if let issuer = authority.issuer, certificate.subject == template.subject {
                certificate = Self.issue(template, issuer, key)
                try replace(path, with: certificate, reason)
            } else {
                warnings.append("\(path): \(reason), and it is not ours to renew")
            }
        }
        try CredentialFile.check(certificate, at: path, now: now)
        return Credential(certificate: certificate, key: key)
    }

    private func existingKey(_ name: String, of path: String) throws(PKIError) -> PrivateKey {
        guard CredentialFile.exists(directory.file(name)) else {
            throw PKIError(
                directory.file(name), "is missing, and \(path) is there",
                remedy: "bring it back, or remove the certificate, and new ones are made")
        }
        return try CredentialFile.privateKey(directory.file(name))
    }

    private func issuer(
        of authority: Authority, for path: String
    ) throws(PKIError) -> CertificateIssuer {
        if let issuer = authority.issuer { return issuer }
        throw PKIError(
            path, "is missing, and cannot be made without \(directory.authorityKeyPath)",
            remedy: "bring the one or the other")
    }

    private func checkFit(
        _ certificate: Certificate, _ key: PrivateKey, _ path: String, _ authority: Authority
    ) throws(PKIError) {
        guard certificate.fits(key) else {
            throw PKIError(
                path, "does not fit the key beside it",
                remedy: "bring the right one, or remove it, and a new one is made")
        }
        guard certificate.isSigned(by: authority.certificate.publicKey) else {
            throw PKIError(
                path, "was not signed by \(directory.authorityCertificatePath)",
                remedy: "remove it, and a new one is made")
        }
    }

    private static func issue(
        _ template: CertificateTemplate, _ issuer: CertificateIssuer, _ key: PrivateKey
    ) -> Certificate {
        guard let certificate = try? issuer.issue(template, for: key.publicKey) else {
            preconditionFailure("our own names do not fit")
        }
        return certificate
    }

    private func renewalReason(
        _ certificate: Certificate, _ template: CertificateTemplate
    ) -> String? {
        if let reason = dueReason(certificate) { return reason }
        guard !certificate.alternativeNames.covers(template.alternativeNames) else { return nil }
        return "names of the server are missing in it"
    }

    /// Why `certificate` should be replaced by now.
    private func dueReason(_ certificate: Certificate) -> String? {
        if now < certificate.notBefore { return "not valid before \(certificate.notBefore)" }
        let isDue = Renewal.isDue(certificate, now: now)
        return isDue ? "valid only until \(certificate.notAfter)" : nil
    }

    private mutating func warnIfDue(_ certificate: Certificate, _ path: String) {
        guard let reason = dueReason(certificate) else { return }
        warnings.append("\(path): \(reason), and it is not ours to renew")
    }

    private mutating func write(_ certificate: Certificate, to path: String) throws(PKIError) {
        guard try AtomicFile.create(path, certificate.pem) else {
            throw PKIError(
                path, "appeared while it was being made", remedy: "see who writes there")
        }
        changes.append(.made(path: path))
    }

    private mutating func replace(
        _ path: String, with certificate: Certificate, _ reason: String
    ) throws(PKIError) {
        try AtomicFile.replace(path, certificate.pem)
        changes.append(.renewed(path: path, reason: reason))
    }
}
