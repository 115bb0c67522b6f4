import Buffers
import Crypto
import Testing

private let start = WallTime(seconds: 1_800_000_000)
private let end = start + .seconds(86_400)

@Suite struct CertificateTests {
    @Test func `everything that is read of a certificate is what OpenSSL shows of it`() throws {
        let certificate = try #require(
            try Certificate.bundle(pem: Bytes(PEMFixtures.manyNames)).first)
        #expect(certificate.subject.commonName == "wanda")
        #expect(certificate.subject.organizations == ["builders", "readers"])
        #expect(certificate.issuer == certificate.subject)
        #expect(certificate.isSelfSigned)
        #expect(certificate.serialNumber == "B1CAFE")
        #expect(certificate.notBefore.description == "2026-11-22T23:20:24Z")
        #expect(certificate.notAfter.description == "2126-10-29T23:20:24Z")
        #expect(certificate.alternativeNames.dnsNames == ["a.example"])
        #expect(certificate.alternativeNames.ipAddresses == ["10.1.2.3", "fe80::1"])
        #expect(!certificate.usage.isAuthority)
        #expect(certificate.usage.key == .digitalSignature)
        #expect(certificate.usage.allowsClient)
        #expect(!certificate.usage.allowsServer)
        #expect(
            hexadecimal(certificate.fingerprint)
                == "d7ae0da5fa68be1eddf94d55505c7483f5e3341342a12ebad402f9ee43dc50d9")
        let key = try PrivateKey(pem: Bytes(PEMFixtures.p256Key))
        #expect(certificate.fits(key))
        #expect(!certificate.fits(try PrivateKey(pem: Bytes(PEMFixtures.rsaKey))))
    }

    @Test func `PEM and DER come back`() throws {
        let certificate = try #require(
            try Certificate.bundle(pem: Bytes(PEMFixtures.manyNames)).first)
        #expect(String(certificate.pem) == PEMFixtures.manyNames + "\n")
        #expect(try Certificate(der: certificate.der) == certificate)
        #expect(throws: CryptoError.self) {
            try Certificate(der: Bytes(certificate.der.array + [0]))
        }
        for count in [0, 1, 40, certificate.der.count - 1] {
            #expect(throws: CryptoError.self) {
                try Certificate(der: certificate.der[0..<count])
            }
        }
    }

    @Test func `a bundle is read whole or not at all`() throws {
        let one = PEMFixtures.manyNames
        let two = try Certificate.bundle(
            pem: Bytes("comment\n\(one)\n\(PEMFixtures.p256Key)\nmore\n\(one)\ntail\n"))
        #expect(two.count == 2)
        let broken = one.replacing("MIICNTCC", with: "MIICNTCD")
        #expect(throws: CryptoError.self) {
            try Certificate.bundle(pem: Bytes("\(one)\n\(broken)\n"))
        }
        #expect(throws: CryptoError.self) {
            try Certificate.bundle(pem: Bytes("\(one)\n\(one.dropLast(300))"))
        }
        for text in ["", "text", PEMFixtures.p256Key] {
            #expect(throws: CryptoError.noPEM(wanted: "CERTIFICATE")) {
                try Certificate.bundle(pem: Bytes(text))
            }
        }
    }

    @Test func `a zero byte in a name does not hide what follows`() throws {
        let der = try Certificate.bundle(pem: Bytes(PEMFixtures.manyNames))[0].der.array
        let name = Array("wanda".utf8)
        let altered = der.indices.reduce(into: der) { altered, index in
            if der[index...].starts(with: name) { altered[index + 2] = 0 }
        }
        let certificate = try Certificate(der: Bytes(altered))
        #expect(certificate.subject.commonName == "wa\0da")
        #expect(!certificate.isSelfSigned)
    }

    @Test func `an authority makes a serving and a client certificate`() throws {
        let authority = try makeAuthority()
        #expect(authority.certificate.usage.isAuthority)
        #expect(authority.certificate.isSelfSigned)
        #expect(authority.certificate.usage.key?.contains(.certificateSigning) == true)

        var template = CertificateTemplate(
            .server, DistinguishedName(commonName: "server"), notBefore: start, notAfter: end)
        template.alternativeNames = try AlternativeNames(
            ["localhost", "127.0.0.1", "::1", "Host.Example", "localhost", "0:0:0:0:0:0:0:1"])
        let key = PrivateKey.generate(.p256)
        let server = try authority.issue(template, for: key.publicKey)
        #expect(server.fits(key))
        #expect(server.isSigned(by: authority.key.publicKey))
        #expect(!server.isSigned(by: key.publicKey))
        #expect(server.issuer == authority.certificate.subject)
        #expect(server.alternativeNames.dnsNames == ["localhost", "host.example"])
        #expect(server.alternativeNames.ipAddresses == ["127.0.0.1", "::1"])
        #expect(server.usage.allowsServer && !server.usage.allowsClient)
        #expect(!server.usage.isAuthority)
        #expect(server.notBefore == start && server.notAfter == end)

        let name = DistinguishedName(commonName: "admin", organizations: ["system:masters", "Ä"])
        let client = try authority.issue(
            CertificateTemplate(.client, name, notBefore: start, notAfter: end),
            for: PrivateKey.generate(.rsa).publicKey)
        #expect(client.subject == name)
        #expect(client.usage.allowsClient && !client.usage.allowsServer)
        #expect(client.serialNumber != server.serialNumber)
    }

    @Test func `nothing outlives its authority`() throws {
        let authority = try makeAuthority()
        let later = authority.certificate.notAfter + .seconds(1)
        let template = CertificateTemplate(
            .client, DistinguishedName(commonName: "x"), notBefore: start, notAfter: later)
        let client = try authority.issue(template, for: PrivateKey.generate(.p256).publicKey)
        #expect(client.notAfter == authority.certificate.notAfter)
    }

    @Test func `a certificate is valid from its first to its last second`() throws {
        let authority = try makeAuthority().certificate
        #expect(!authority.isValid(at: start - .seconds(1)))
        #expect(authority.isValid(at: start))
        #expect(authority.isValid(at: end))
        #expect(!authority.isValid(at: end + .seconds(1)))
    }

    @Test func `times after 2049 are kept`() throws {
        let late = WallTime(seconds: 4_102_444_800)  // 2100-01-01
        let template = CertificateTemplate(
            .authority, DistinguishedName(commonName: "ca"), notBefore: start, notAfter: late)
        let issuer = try CertificateIssuer.selfSigned(template, key: .generate(.p256))
        #expect(issuer.certificate.notAfter == late)
        #expect(late.description == "2100-01-01T00:00:00Z")
    }

    @Test func `only an authority with its own key signs`() throws {
        let authority = try makeAuthority()
        let key = PrivateKey.generate(.p256)
        #expect(CertificateIssuer(certificate: authority.certificate, key: key) == nil)
        let template = CertificateTemplate(
            .client, DistinguishedName(commonName: "x"), notBefore: start, notAfter: end)
        let client = try authority.issue(template, for: key.publicKey)
        #expect(CertificateIssuer(certificate: client, key: key) == nil)
    }

    @Test(arguments: ["", String(repeating: "n", count: 65), "a\nb", "a\0b"])
    func `a name that does not fit its field is refused`(name: String) throws {
        let authority = try makeAuthority()
        for subject in [
            DistinguishedName(commonName: name),
            DistinguishedName(commonName: "x", organizations: [name]),
        ] {
            let template = CertificateTemplate(.client, subject, notBefore: start, notAfter: end)
            #expect(throws: CryptoError.self) {
                try authority.issue(template, for: authority.key.publicKey)
            }
        }
    }

    @Test(arguments: ["", "a b", "a,DNS:b", "-a", "a..b", "1.2.3.4/8", "ä", "*", "a.*.b"])
    func `what is neither an address nor a name of the DNS is refused`(name: String) {
        #expect(throws: CryptoError.self) { try AlternativeNames([name]) }
    }

    @Test func `names cover what they contain`() throws {
        let names = try AlternativeNames(["a", "b", "::1"])
        #expect(names.covers(try AlternativeNames(["B", "0::1"])))
        #expect(!names.covers(try AlternativeNames(["a", "127.0.0.1"])))
        #expect(!names.covers(try AlternativeNames(["c"])))
    }

    private func makeAuthority() throws -> CertificateIssuer {
        let template = CertificateTemplate(
            .authority, DistinguishedName(commonName: "ca"), notBefore: start, notAfter: end)
        return try .selfSigned(template, key: .generate(.p256))
    }
}
