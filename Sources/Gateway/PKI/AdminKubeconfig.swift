// `admin.kubeconfig` in the data directory: made once, and kept up to date as far as it is ours.

import APIModel
import Buffers
import Crypto

extension PKIDirectory {
    /// Makes `admin.kubeconfig`, or brings the one that is there up to date: all of it while its
    /// first line says that it is ours; otherwise only certificates of ours in it, so that what
    /// people changed stays as it is.
    ///
    /// - Parameters:
    ///   - server: the URL that clients on this machine reach the server by.
    ///   - authorities: who signed the serving certificate when it is not ours; empty for our
    ///     authority, or when clients know them anyway.
    /// - Returns: what was done, and `nil` when nothing was, or when there is no certificate for
    ///   it.
    public func updateAdminKubeconfig(
        server: String, authorities: [Certificate] = [], _ contents: PKIContents
    ) throws(PKIError) -> PKIContents.Change? {
        guard let admin = contents.admin else { return nil }
        let trusted = contents.serving == nil ? authorities : contents.authority.map { [$0] } ?? []
        let kubeconfig = Kubeconfig(
            server: server, authorities: trusted, user: admin.certificate.subject.commonName,
            credential: admin)
        let text = AdminKubeconfig.firstLine + "\n" + kubeconfig.text
        return try locked { () throws(PKIError) in
            let path = adminKubeconfigPath
            if !CredentialFile.exists(path), try AtomicFile.create(path, Bytes(text)) {
                return .made(path: path)
            }
            let present = String(try CredentialFile.read(path, isSecret: true))
            let isOurs = present.hasPrefix(AdminKubeconfig.firstLine)
            let wanted = isOurs ? text : AdminKubeconfig.refreshed(present, contents)
            guard wanted != present else { return nil }
            try AtomicFile.replace(path, Bytes(wanted))
            return .renewed(path: path, reason: "its server or its certificates have changed")
        }
    }
}

enum AdminKubeconfig {
    static let firstLine = "# Kept up to date by binnacle as long as this line stands here."

    /// `text` with newer certificates in the place of earlier ones for the same keys.
    static func refreshed(_ text: String, _ contents: PKIContents) -> String {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            for (field, certificate) in [
                (Kubeconfig.certificateField, contents.admin?.certificate),
                (Kubeconfig.authorityField, contents.authority),
            ] {
                if let certificate, let newer = refreshed(line, field, certificate) { return newer }
            }
            return String(line)
        }
        return lines.joined(separator: "\n")
    }

    private static func refreshed(
        _ line: Substring, _ field: String, _ certificate: Certificate
    ) -> String? {
        guard let value = value(of: field, in: line), let embedded = self.certificate(in: value),
            embedded.publicKey == certificate.publicKey, embedded != certificate
        else { return nil }
        let margin = line.prefix { $0 == " " || $0 == "-" }
        return "\(margin)\(field) \(Kubeconfig.embedded([certificate]))"
    }

    /// What stands behind `field`, a name with its colon; `nil` when the line holds another one.
    private static func value(of field: String, in line: Substring) -> String? {
        let content = line.drop { $0 == " " || $0 == "-" }
        guard content.hasPrefix(field) else { return nil }
        return content.dropFirst(field.count).filter { !" \"'\r".contains($0) }
    }

    private static func certificate(in value: String) -> Certificate? {
        guard let pem = Base64.decode(value) else { return nil }
        return try? Certificate.bundle(pem: Bytes(pem)).first
    }

    private static func firstValue(of field: String, at path: String) throws(PKIError) -> String? {
        let text = String(try CredentialFile.read(path, isSecret: true))
        return text.split(separator: "\n").lazy.compactMap { value(of: field, in: $0) }.first
    }

    /// The first client certificate in a kubeconfig.
    static func certificate(at path: String) throws(PKIError) -> Certificate {
        let value = try firstValue(of: Kubeconfig.certificateField, at: path)
        if let certificate = value.flatMap({ certificate(in: $0) }) { return certificate }
        throw PKIError(
            path, "no client certificate in it", remedy: "remove it, and a new one is made")
    }

    /// The first server in a kubeconfig, if there is one.
    static func server(at path: String) -> String? {
        guard CredentialFile.exists(path) else { return nil }
        return (try? firstValue(of: "server:", at: path)) ?? nil
    }
}
