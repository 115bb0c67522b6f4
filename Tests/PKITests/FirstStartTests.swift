import Buffers
import Crypto
import Dispatch
import Glibc
import Synchronization
import Testing

@testable import PKI

@Suite struct FirstStartTests {
    private let directory = TemporaryDirectory()

    @Test func `a first start makes everything, for its owner alone`() throws {
        umask(0)
        let contents = try directory.pki.prepare(try request("api.example", "10.0.0.7"), now: start)
        #expect(contents.changes.count == 7)
        #expect(contents.warnings.isEmpty)
        let pki = directory.pki.path
        #expect(
            TemporaryDirectory.names(in: pki) == [
                "admin.crt", "admin.key", "apiserver.crt", "apiserver.key", "ca.crt", "ca.key",
                "sa.key",
            ])
        #expect(TemporaryDirectory.mode(pki) == 0o700)
        for name in TemporaryDirectory.names(in: pki) {
            #expect(TemporaryDirectory.mode("\(pki)/\(name)") == 0o600, "\(name)")
        }
    }

    @Test func `what it makes fits together`() throws {
        let contents = try directory.pki.prepare(try request("api.example", "10.0.0.7"), now: start)
        let authority = try #require(contents.authority)
        let serving = try #require(contents.serving)
        let admin = try #require(contents.admin)
        #expect(authority.usage.isAuthority)
        #expect(authority.notAfter == start + day * 3650)
        #expect(
            serving.certificate.alternativeNames.dnsNames == [
                "localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc",
                "kubernetes.default.svc.cluster.local", "host", "api.example",
            ])
        #expect(
            serving.certificate.alternativeNames.ipAddresses == ["127.0.0.1", "::1", "10.0.0.7"])
        #expect(serving.certificate.usage.allowsServer)
        #expect(admin.certificate.usage.allowsClient)
        #expect(admin.certificate.subject.commonName == "kubernetes-admin")
        #expect(admin.certificate.subject.organizations == ["system:masters"])
        for credential in [serving, admin] {
            #expect(credential.certificate.fits(credential.key))
            #expect(credential.certificate.isSigned(by: authority.publicKey))
            #expect(credential.certificate.notAfter == start + day * 365)
        }
        #expect(contents.serviceAccountKey.kind == .rsa)
    }

    @Test func `a second start changes nothing`() throws {
        let first = try directory.pki.prepare(try request(), now: start)
        let second = try directory.pki.prepare(try request(), now: start + day)
        #expect(second.changes.isEmpty)
        #expect(second.serving?.certificate == first.serving?.certificate)
        #expect(second.serviceAccountKey.publicKey == first.serviceAccountKey.publicKey)
    }

    @Test func `several first starts at once agree`() throws {
        let pki = directory.pki
        let wanted = try request()
        let serving = Mutex<[Certificate]>([])
        let failures = Mutex<[String]>([])
        DispatchQueue.concurrentPerform(iterations: 6) { _ in
            do {
                let contents = try pki.prepare(wanted, now: start)
                serving.withLock { $0.append(contentsOf: [contents.serving!.certificate]) }
            } catch {
                failures.withLock { $0.append("\(error)") }
            }
        }
        #expect(failures.withLock { $0 } == [])
        let certificates = serving.withLock { $0 }
        #expect(certificates.count == 6)
        #expect(certificates.allSatisfy { $0 == certificates[0] })
        #expect(TemporaryDirectory.names(in: pki.path).count == 7)
    }

    @Test func `a start goes on where another one was cut off`() throws {
        let first = try directory.pki.prepare(try request(), now: start)
        for name in ["ca.crt", "apiserver.crt", "admin.crt"] {
            unlink(directory.pki.file(name))
        }
        let second = try directory.pki.prepare(try request(), now: start + day)
        #expect(second.changes.count == 3)
        #expect(second.authority?.publicKey == first.authority?.publicKey)
        #expect(second.serving?.key.publicKey == first.serving?.key.publicKey)
    }

    @Test func `what people bring is not made`() throws {
        let bringsBoth = PKIRequest(servingNames: nil, trustsOwnAuthority: false)
        let contents = try directory.pki.prepare(bringsBoth, now: start)
        #expect(contents.authority == nil && contents.serving == nil && contents.admin == nil)
        #expect(TemporaryDirectory.names(in: directory.pki.path) == ["sa.key"])

        let bringsServing = PKIRequest(servingNames: nil, trustsOwnAuthority: true)
        #expect(try directory.pki.prepare(bringsServing, now: start).serving == nil)
        #expect(
            TemporaryDirectory.names(in: directory.pki.path)
                == ["admin.crt", "admin.key", "ca.crt", "ca.key", "sa.key"])
    }

    @Test func `a file is never put in the place of another one`() throws {
        let path = "\(directory.path)/file"
        #expect(try AtomicFile.create(path, "first"))
        #expect(try !AtomicFile.create(path, "second"))
        #expect(try CredentialFile.read(path, isSecret: true) == "first")
        try AtomicFile.replace(path, "third")
        #expect(try CredentialFile.read(path, isSecret: true) == "third")
        #expect(TemporaryDirectory.names(in: directory.path) == ["file"])
    }

    @Test func `a host that is called what no certificate can hold is left out`() throws {
        let names = try PKIRequest.servingNames(hostName: "my host!", additional: [])
        #expect(names.dnsNames.count == 5)
        #expect(throws: CryptoError.self) {
            try PKIRequest.servingNames(hostName: "host", additional: ["my name!"])
        }
    }
}
