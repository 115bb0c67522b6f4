import Buffers
import Crypto
import Glibc
import Synchronization
import Testing

@testable import PKI

@Suite struct RenewalTests {
    private let directory = TemporaryDirectory.prepared()

    @Test func `a certificate is renewed when less than a third of its life is left`() throws {
        let first = try directory.pki.prepare(try request(), now: start)
        let early = try directory.pki.prepare(try request(), now: start + day * 243)
        #expect(early.changes.isEmpty)
        let later = start + day * 244
        let renewed = try directory.pki.prepare(try request(), now: later)
        #expect(renewed.changes.count == 2)
        let serving = try #require(renewed.serving)
        #expect(serving.certificate.notAfter == later + day * 365)
        #expect(serving.certificate.fits(serving.key))
        #expect(serving.key.publicKey == first.serving?.key.publicKey)
        #expect(renewed.authority == first.authority)
        #expect(TemporaryDirectory.mode(directory.pki.file("apiserver.crt")) == 0o600)
        #expect(try directory.pki.prepare(try request(), now: later + day).changes.isEmpty)
    }

    @Test func `an expired certificate of ours is renewed too`() throws {
        _ = try directory.pki.prepare(try request(), now: start)
        let later = start + day * 400
        let contents = try directory.pki.prepare(try request(), now: later)
        #expect(contents.serving?.certificate.isValid(at: later) == true)
    }

    @Test func `an authority is renewed with its key, so that what it signed still counts`() throws
    {
        let first = try directory.pki.prepare(try request(), now: start)
        let later = start + day * 2500
        let contents = try directory.pki.prepare(try request(), now: later)
        let authority = try #require(contents.authority)
        #expect(authority != first.authority)
        #expect(authority.notAfter == later + day * 3650)
        #expect(first.serving?.certificate.isSigned(by: authority.publicKey) == true)
    }

    @Test func `certificates of a clock that was ahead are made anew`() throws {
        _ = try directory.pki.prepare(try request(), now: start)
        let earlier = start - day * 30
        let contents = try directory.pki.prepare(try request(), now: earlier)
        #expect(contents.changes.count == 3)
        #expect(contents.serving?.certificate.isValid(at: earlier) == true)
    }

    @Test func `a new name makes a new serving certificate, a dropped one does not`() throws {
        _ = try directory.pki.prepare(try request("one.example"), now: start)
        let more = try directory.pki.prepare(
            try request("one.example", "two.example"), now: start + day)
        #expect(more.changes.count == 1)
        #expect(
            more.serving?.certificate.alternativeNames.dnsNames.suffix(2)
                == ["one.example", "two.example"])
        let fewer = try directory.pki.prepare(try request(), now: start + day)
        #expect(fewer.changes.isEmpty)
    }

    @Test func `certificates that others made are not renewed, and reported`() throws {
        let pki = directory.pki
        try pki.make()
        let key = PrivateKey.generate(.p256)
        let template = CertificateTemplate(
            .authority, DistinguishedName(commonName: "company"), notBefore: start - day,
            notAfter: start + day * 100)
        let issuer = try CertificateIssuer.selfSigned(template, key: key)
        try AtomicFile.replace(pki.file("ca.crt"), issuer.certificate.pem)
        try AtomicFile.replace(pki.file("ca.key"), key.pem)

        let later = start + day * 90
        let contents = try pki.prepare(try request(), now: later)
        #expect(contents.authority == issuer.certificate)
        #expect(contents.warnings.count == 1)
        #expect(contents.warnings[0].contains("ca.crt"))
        #expect(contents.serving?.certificate.notAfter == issuer.certificate.notAfter)
        #expect(throws: PKIError.self) { try pki.prepare(try request(), now: start + day * 101) }
    }

    @Test func `an authority whose key is kept elsewhere serves what it has signed`() throws {
        let pki = directory.pki
        _ = try pki.prepare(try request(), now: start)
        unlink(pki.file("ca.key"))
        let contents = try pki.prepare(try request(), now: start + day)
        #expect(contents.changes.isEmpty)
        let due = try pki.prepare(try request(), now: start + day * 300)
        #expect(due.changes.isEmpty)
        #expect(due.warnings.count == 2)
        unlink(pki.file("admin.crt"))
        #expect(throws: PKIError.self) { try pki.prepare(try request(), now: start) }
    }

    @Test func `a running server renews once a day, and goes on after a failure`() async throws {
        let pki = directory.pki
        let wanted = try request()
        _ = try pki.prepare(wanted, now: start)
        let days = Mutex(0)
        let outcomes = Mutex<[String]>([])
        await Renewal.runDaily(
            pki, wanted,
            sleep: { duration in
                #expect(duration == day)
                let count = days.withLock { days in
                    days += 1
                    return days
                }
                if count == 2 { chmod(pki.file("ca.key"), 0o644) }
                if count == 3 { chmod(pki.file("ca.key"), 0o600) }
                if count == 4 { throw CancellationError() }
            },
            now: { start + day * (days.withLock { $0 } == 3 ? 300 : 1) },
            report: { outcome in
                let word =
                    switch outcome {
                    case .renewed(let contents): "renewed \(contents.changes.count)"
                    case .unchanged: "unchanged"
                    case .failed(let error): "failed: \(error.path == pki.file("ca.key"))"
                    }
                outcomes.withLock { $0.append(word) }
            })
        #expect(outcomes.withLock { $0 } == ["unchanged", "failed: true", "renewed 2"])
    }
}
