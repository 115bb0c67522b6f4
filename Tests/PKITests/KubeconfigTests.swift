import APIModel
import Buffers
import Crypto
import Glibc
import Testing

@testable import PKI

private let server = "https://127.0.0.1:6443"

@Suite struct KubeconfigTests {
    private let directory = TemporaryDirectory.prepared()

    private func text() throws -> String {
        String(try CredentialFile.read(directory.pki.adminKubeconfigPath, isSecret: true))
    }

    @Test func `the administrator's file is made once and kept up to date`() throws {
        let pki = directory.pki
        let contents = try pki.prepare(try request(), now: start)
        let made = try pki.updateAdminKubeconfig(server: server, contents)
        #expect(made == .made(path: pki.adminKubeconfigPath))
        #expect(TemporaryDirectory.mode(pki.adminKubeconfigPath) == 0o600)
        #expect(try text().contains("server: \"\(server)\"\n"))
        #expect(try pki.updateAdminKubeconfig(server: server, contents) == nil)

        let other = "https://127.0.0.1:7443"
        #expect(try pki.updateAdminKubeconfig(server: other, contents) != nil)
        #expect(try text().contains(other))
        #expect(try !text().contains(server))
        #expect(TemporaryDirectory.mode(pki.adminKubeconfigPath) == 0o600)
    }

    @Test func `of a file that people changed only our certificates are renewed`() throws {
        let pki = directory.pki
        let contents = try pki.prepare(try request(), now: start)
        _ = try pki.updateAdminKubeconfig(server: server, contents)
        // As `kubectl config set-context` leaves it: without comments, and with a namespace.
        let changed = try text().split(separator: "\n").dropFirst().joined(separator: "\n")
            .replacing("    cluster: binnacle", with: "    cluster: binnacle\n    namespace: mine")
        try AtomicFile.replace(pki.adminKubeconfigPath, Bytes(changed))
        let elsewhere = "https://elsewhere:1"
        #expect(try pki.updateAdminKubeconfig(server: elsewhere, contents) == nil)
        #expect(try text() == changed)

        let later = start + day * 2500
        let renewed = try pki.prepare(try request(), now: later)
        #expect(try pki.updateAdminKubeconfig(server: elsewhere, renewed) != nil)
        let admin = try #require(renewed.admin).certificate
        #expect(try AdminKubeconfig.certificate(at: pki.adminKubeconfigPath) == admin)
        let authority = try #require(renewed.authority)
        #expect(try text().contains(Kubeconfig.embedded([authority])))
        #expect(try text().contains("namespace: mine"))
        #expect(AdminKubeconfig.server(at: pki.adminKubeconfigPath) == server)
        #expect(try pki.updateAdminKubeconfig(server: elsewhere, renewed) == nil)
    }

    @Test func `whoever brings a serving certificate names its authority`() throws {
        let pki = directory.pki
        let wanted = PKIRequest(servingNames: nil, trustsOwnAuthority: true)
        let contents = try pki.prepare(wanted, now: start)
        _ = try pki.updateAdminKubeconfig(server: server, contents)
        #expect(try !text().contains("certificate-authority-data"))
        let authority = try #require(contents.authority)
        _ = try pki.updateAdminKubeconfig(server: server, authorities: [authority], contents)
        #expect(try text().contains("certificate-authority-data"))
    }

    @Test func `a further client gets a certificate of its own`() throws {
        let pki = directory.pki
        let contents = try pki.prepare(try request(), now: start)
        _ = try pki.updateAdminKubeconfig(server: "https://there:1", contents)
        let kubeconfig = try pki.kubeconfig(
            user: "wanda", groups: ["builders", "readers"], lifetime: day, server: nil, now: start)
        let certificate = kubeconfig.credential.certificate
        #expect(certificate.subject.commonName == "wanda")
        #expect(certificate.subject.organizations == ["builders", "readers"])
        #expect(certificate.notAfter == start + day)
        let authority = try #require(contents.authority)
        #expect(certificate.isSigned(by: authority.publicKey))
        #expect(certificate.usage.allowsClient && !certificate.usage.allowsServer)
        #expect(kubeconfig.server == "https://there:1")

        let path = "\(directory.path)/wanda"
        try kubeconfig.write(to: path)
        #expect(TemporaryDirectory.mode(path) == 0o600)
        #expect(throws: PKIError.self) { try kubeconfig.write(to: path) }
    }

    @Test func `a client needs an authority, and a name that fits`() throws {
        let pki = directory.pki
        func make(_ user: String) throws {
            _ = try pki.kubeconfig(
                user: user, groups: [], lifetime: day, server: nil, now: start)
        }
        #expect(throws: PKIError.self) { try make("wanda") }
        _ = try pki.prepare(try request(), now: start)
        try make("wanda")
        for user in ["", String(repeating: "w", count: 65)] {
            #expect(throws: PKIError.self) { try make(user) }
        }
    }
}
