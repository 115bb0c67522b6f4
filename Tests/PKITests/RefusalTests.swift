import Buffers
import Crypto
import Glibc
import Testing

@testable import PKI

@Suite struct RefusalTests {
    private let directory = TemporaryDirectory.prepared()

    /// The complaint about what `body` reads.
    private func refusal(_ body: () throws -> Void) -> PKIError? {
        do {
            try body()
            return nil
        } catch {
            return error as? PKIError
        }
    }

    private func prepare() throws { _ = try directory.pki.prepare(try request(), now: start) }

    @Test(arguments: ["ca.key", "apiserver.key", "admin.key", "sa.key"], [0o640, 0o604, 0o620])
    func `a key that others can read or change is refused`(name: String, mode: Int) throws {
        try prepare()
        let path = directory.pki.file(name)
        chmod(path, mode_t(mode))
        let complaint = try #require(refusal { try prepare() })
        #expect(complaint.path == path)
        #expect(complaint.problem.contains("mode 0\(String(mode, radix: 8))"))
        #expect(complaint.remedy == "chmod 0600 \(path)")
    }

    @Test(.enabled(if: geteuid() == 0, "only root can give files away"))
    func `a key of another user is refused`() throws {
        try prepare()
        let path = directory.pki.file("sa.key")
        #expect(chown(path, 12_345, gid_t.max) == 0)
        let complaint = try #require(refusal { try prepare() })
        #expect(complaint.path == path)
        #expect(complaint.problem.contains("12345"))
        #expect(complaint.remedy == "chown 0 \(path)")
    }

    @Test func `a directory that others may write in is refused`() throws {
        try prepare()
        chmod(directory.pki.path, 0o770)
        #expect(refusal { try prepare() }?.path == directory.pki.path)
    }

    @Test(arguments: ["ca", "apiserver", "admin"])
    func `a key that does not fit is refused, and stays`(name: String) throws {
        try prepare()
        let other = PrivateKey.generate(.p256).pem
        try AtomicFile.replace(directory.pki.file("\(name).key"), other)
        let complaint = try #require(refusal { try prepare() })
        #expect(complaint.description.contains("\(name)."))
        #expect(complaint.problem.contains("fit"))
        let present = try CredentialFile.read(directory.pki.file("\(name).key"), isSecret: true)
        #expect(present == other)
    }

    @Test(arguments: ["ca.key", "ca.crt", "apiserver.key", "apiserver.crt", "sa.key"])
    func `what is no PEM is refused, and stays`(name: String) throws {
        try prepare()
        let path = directory.pki.file(name)
        for text in ["", "text\n", "-----BEGIN X-----\nAAAA\n-----END X-----\n"] {
            try AtomicFile.replace(path, Bytes(text))
            let complaint = try #require(refusal { try prepare() })
            #expect(complaint.path == path)
            #expect(complaint.problem.contains("PEM"))
            #expect(try CredentialFile.read(path, isSecret: true) == Bytes(text))
        }
    }

    @Test func `a certificate of another authority is refused`() throws {
        try prepare()
        unlink(directory.pki.file("ca.crt"))
        unlink(directory.pki.file("ca.key"))
        let complaint = try #require(refusal { try prepare() })
        #expect(complaint.problem.contains("not signed by"))
        #expect(complaint.remedy.contains("remove it"))
    }

    @Test func `a key that is missing beside its certificate is not made anew`() throws {
        try prepare()
        let path = directory.pki.file("apiserver.key")
        unlink(path)
        #expect(refusal { try prepare() }?.path == path)
        #expect(!CredentialFile.exists(path))
    }

    @Test func `a serving certificate that people bring is checked`() throws {
        let contents = try directory.pki.prepare(try request(), now: start)
        let pki = directory.pki
        let serving = pki.file("apiserver.crt")
        let servingKey = pki.file("apiserver.key")
        func read(_ certificate: String, _ key: String, _ now: WallTime) -> String? {
            refusal {
                _ = try CredentialFile.servingCredential(
                    certificatePath: certificate, keyPath: key, now: now)
            }?.description
        }
        #expect(read(serving, servingKey, start) == nil)
        #expect(read(serving, servingKey, start + day * 366)?.contains("expired at 20") == true)
        #expect(read(serving, servingKey, start - day)?.contains("not valid before") == true)
        #expect(read(serving, pki.file("admin.key"), start)?.contains("does not fit") == true)
        #expect(
            read(pki.file("admin.crt"), pki.file("admin.key"), start)?.contains("server") == true)
        #expect(read("\(serving).no", servingKey, start)?.contains("No such file") == true)
        #expect(read(directory.path, servingKey, start)?.contains("is no file") == true)

        let authority = try #require(contents.authority)
        let leaf = try #require(contents.serving).certificate
        let path = "\(directory.path)/bundle"
        try AtomicFile.replace(path, Bytes("\(authority.pem)\(leaf.pem)"))
        #expect(read(path, servingKey, start)?.contains("first") == true)
        try AtomicFile.replace(path, Bytes("\(leaf.pem)\(authority.pem)"))
        let brought = try CredentialFile.servingCredential(
            certificatePath: path, keyPath: servingKey, now: start)
        #expect(brought.chain == [authority])
    }

    @Test func `the authorities that people bring are checked`() throws {
        let contents = try directory.pki.prepare(try request(), now: start)
        let path = directory.pki.authorityCertificatePath
        #expect(try CredentialFile.authorities(path, now: start) == [contents.authority])
        #expect(throws: PKIError.self) {
            try CredentialFile.authorities(path, now: start + day * 3651)
        }
        #expect(throws: PKIError.self) {
            try CredentialFile.authorities(directory.pki.file("apiserver.crt"), now: start)
        }
    }
}
