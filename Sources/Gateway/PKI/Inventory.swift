// What lies in the directory, for people to look at.

import Buffers
import Crypto

/// One file with a certificate or a key.
public struct InventoryEntry: Hashable, Sendable {
    public enum State: Hashable, Sendable {
        case valid
        /// Less than a third of its life is left: the server renews it if it is its own.
        case due
        case expired
        case notYetValid
        /// It cannot be used; the reason.
        case unusable(String)
    }

    public let path: String
    /// Whom it names, or what it is.
    public let subject: String
    /// `nil` for a key, which does not expire.
    public let notAfter: WallTime?
    public let state: State

    /// Whether a server or its clients cannot work with it now.
    public var isProblem: Bool {
        switch state {
        case .valid, .due: false
        case .expired, .notYetValid, .unusable: true
        }
    }
}

extension PKIDirectory {
    /// What is there of `pki` and `admin.kubeconfig`, in a fixed order. Changes nothing.
    public func inventory(now: WallTime) -> [InventoryEntry] {
        var entries: [InventoryEntry] = []
        for name in ["ca", "apiserver", "admin"] {
            let path = file("\(name).crt")
            guard CredentialFile.exists(path) else { continue }
            let keyPath = file("\(name).key")
            entries.append(
                certificateEntry(path, now) { () throws(PKIError) in
                    let certificate = try CredentialFile.certificates(path)[0]
                    guard CredentialFile.exists(keyPath) else { return certificate }
                    let key = try CredentialFile.privateKey(keyPath)
                    if certificate.fits(key) { return certificate }
                    throw PKIError(keyPath, "does not fit \(path)", remedy: "bring the right one")
                })
        }
        if CredentialFile.exists(serviceAccountKeyPath) { entries.append(serviceAccountEntry()) }
        if CredentialFile.exists(adminKubeconfigPath) {
            entries.append(
                certificateEntry(adminKubeconfigPath, now) { () throws(PKIError) in
                    try AdminKubeconfig.certificate(at: adminKubeconfigPath)
                })
        }
        return entries
    }

    private func certificateEntry(
        _ path: String, _ now: WallTime, _ read: () throws(PKIError) -> Certificate
    ) -> InventoryEntry {
        do throws(PKIError) {
            let certificate = try read()
            return InventoryEntry(
                path: path, subject: certificate.subject.description,
                notAfter: certificate.notAfter, state: Self.state(of: certificate, now))
        } catch {
            return InventoryEntry(
                path: path, subject: "", notAfter: nil, state: .unusable("\(error)"))
        }
    }

    private static func state(of certificate: Certificate, _ now: WallTime) -> InventoryEntry.State
    {
        if now > certificate.notAfter { return .expired }
        if now < certificate.notBefore { return .notYetValid }
        return Renewal.isDue(certificate, now: now) ? .due : .valid
    }

    private func serviceAccountEntry() -> InventoryEntry {
        let subject = "signs tokens of service accounts"
        do throws(PKIError) {
            _ = try CredentialFile.privateKey(serviceAccountKeyPath)
            return InventoryEntry(
                path: serviceAccountKeyPath, subject: subject, notAfter: nil, state: .valid)
        } catch {
            return InventoryEntry(
                path: serviceAccountKeyPath, subject: subject, notAfter: nil,
                state: .unusable("\(error)"))
        }
    }
}
