// Two sessions that talk through memory: what they agree on, and what they refuse.

import Buffers
import Crypto
import HTTPTesting
import Synchronization
import Testing

@Suite struct HandshakeTests {
    @Test(arguments: [(TLSVersions.tls12Only, "TLSv1.2"), (.tls13Only, "TLSv1.3")])
    func `both versions shake hands and carry data`(_ versions: TLSVersions, _ name: String) throws
    {
        var pair = try MemoryPair(TestContext.client(versions), TestContext.server())
        #expect(pair.isDone)
        #expect(pair.client.version == name)
        #expect(pair.server.version == name)
        #expect(try pair.send(Array("hello".utf8)) == Array("hello".utf8))
    }

    @Test(arguments: [["http/1.1"], ["h2", "http/1.1"], ["http/1.1", "h2"]])
    func `HTTP 1.1 is spoken with whoever offers it`(_ offered: [String]) throws {
        let pair = try MemoryPair(TestContext.client(protocols: offered), TestContext.server())
        #expect(pair.isDone)
        #expect(pair.client.applicationProtocol == "http/1.1")
        #expect(pair.server.applicationProtocol == "http/1.1")
    }

    @Test func `a client that names no protocol is taken`() throws {
        let pair = try MemoryPair(TestContext.client(protocols: []), TestContext.server())
        #expect(pair.isDone)
        #expect(pair.server.applicationProtocol == nil)
    }

    @Test func `a client that speaks HTTP 2 only is told so`() throws {
        let pair = try MemoryPair(TestContext.client(protocols: ["h2"]), TestContext.server())
        #expect(!pair.isDone)
        #expect(pair.serverFailure?.isUnknownProtocol == true)
        #expect("\(pair.clientFailure!)".contains("alert no application protocol"))
    }

    @Test(arguments: [
        ("localhost", "localhost"), ("127.0.0.1", "localhost"),
        ("second.example", "second.example"), ("a.wild.example", "second.example"),
    ])
    func `a server shows the certificate of the name that is asked for`(
        _ name: String, _ subject: String
    ) throws {
        // The client's check of the name is what tells them apart.
        let server = try TestContext.server([TestPKI.server, TestPKI.second])
        let pair = try MemoryPair(TestContext.client(), server, name: name)
        #expect(pair.isDone, "\(String(describing: pair.clientFailure))")
        #expect(pair.client.peer?.certificate.commonName == subject)
    }

    @Test func `a name that no certificate has gets the first one`() throws {
        let server = try TestContext.server([TestPKI.server, TestPKI.second])
        let pair = try MemoryPair(TestContext.client(), server, name: "third.example")
        #expect("\(pair.clientFailure!)" == "certificate verify failed")
    }

    @Test func `a client refuses a server of another name or authority`() throws {
        let server = try TestContext.server()
        let misnamed = try MemoryPair(TestContext.client(), server, name: "127.0.0.2")
        #expect("\(misnamed.clientFailure!)" == "certificate verify failed")
        let stranger = try MemoryPair(
            TestContext.client(authorities: TestPKI.otherAuthority), server)
        #expect("\(stranger.clientFailure!)" == "certificate verify failed")
        #expect("\(stranger.serverFailure!)".contains("unknown ca"))
    }

    @Test func `a session is freed with its last owner`() throws {
        let server = try TestContext.server()
        do {
            let pair = try MemoryPair(TestContext.client(), server)
            #expect(pair.isDone)
            #expect(server.sessionCount == 1)
        }
        #expect(server.sessionCount == 0)
    }
}

@Suite struct ClientCertificateTests {
    private func pair(
        _ certificate: TLSCertificate?, _ versions: TLSVersions = .tls13Only
    ) throws -> MemoryPair {
        try MemoryPair(
            TestContext.client(versions, certificate: certificate),
            TestContext.server(clientAuthorities: TestPKI.authority))
    }

    @Test(arguments: [TLSVersions.tls12Only, .tls13Only])
    func `a client's certificate is read and believed`(_ versions: TLSVersions) throws {
        let pair = try pair(TestPKI.client, versions)
        #expect(pair.isDone)
        let (certificate, refusal) = try #require(pair.server.peer)
        #expect(refusal == nil)
        #expect(certificate.commonName == "jane")
        #expect(certificate.organizations == ["system:masters", "people"])
        // In the year 2126.
        #expect(certificate.notAfter > 4_900_000_000)
        #expect(certificate.fingerprint.count == 32)
        #expect(certificate.der.count > 200)
    }

    @Test func `no certificate is no obstacle`() throws {
        let pair = try pair(nil)
        #expect(pair.isDone)
        #expect(pair.server.peer == nil)
    }

    @Test(arguments: [TLSVersions.tls12Only, .tls13Only])
    func `a certificate that is not believed is reported, and the session goes on`(
        _ versions: TLSVersions
    ) throws {
        let cases: [(TLSCertificate, String, TLSPeerRefusal)] = [
            (TestPKI.expired, "late", .expired),
            (TestPKI.stranger, "mallory", .unknownAuthority),
            (TestPKI.server, "localhost", .wrongPurpose),
        ]
        for (certificate, name, expected) in cases {
            var pair = try pair(certificate, versions)
            #expect(pair.isDone)
            #expect(pair.server.peer?.certificate.commonName == name)
            #expect(pair.server.peer?.refusal == expected)
            #expect(try pair.send([1]) == [1])
        }
    }

    @Test func `a server without authorities asks for nothing`() throws {
        let pair = try MemoryPair(
            TestContext.client(certificate: TestPKI.client), TestContext.server())
        #expect(pair.isDone)
        #expect(pair.server.peer == nil)
    }
}

@Suite struct TicketTests {
    private let seconds = Clock()

    private final class Clock: Sendable {
        let now = Atomic<Int64>(0)
    }

    private func keys() -> TLSTicketKeys {
        TLSTicketKeys { [seconds] in seconds.now.load(ordering: .relaxed) }
    }

    /// What a client has in hand after a first session.
    private func ticket(_ client: TLSContext, _ server: TLSContext) throws -> TLSTicket {
        var pair = try MemoryPair(client, server)
        _ = try pair.send([1])
        return try #require(pair.client.ticket)
    }

    @Test(arguments: [TLSVersions.tls12Only, .tls13Only])
    func `a ticket is good for every context with the same keys`(_ versions: TLSVersions) throws {
        let client = try TestContext.client(versions)
        let keys = keys()
        let ticket = try ticket(client, TestContext.server(keys: keys))
        let again = try MemoryPair(client, TestContext.server(keys: keys), resuming: ticket)
        #expect(again.isDone)
        #expect(again.server.isResumed)
        let elsewhere = try MemoryPair(client, TestContext.server(), resuming: ticket)
        #expect(elsewhere.isDone)
        #expect(!elsewhere.server.isResumed)
    }

    @Test(arguments: [(43_199, true), (43_201, true), (86_401, false)] as [(Int64, Bool)])
    func `keys are exchanged, and the former one is good for as long again`(
        _ age: Int64, _ isGood: Bool
    ) throws {
        let client = try TestContext.client(.tls12Only)
        let server = try TestContext.server(keys: keys())
        let ticket = try ticket(client, server)
        seconds.now.store(age, ordering: .relaxed)
        let again = try MemoryPair(client, server, resuming: ticket)
        #expect(again.isDone)
        #expect(again.server.isResumed == isGood)
    }

    @Test(arguments: [TLSVersions.tls12Only, .tls13Only])
    func `whoever shows a certificate proves it anew`(_ versions: TLSVersions) throws {
        let client = try TestContext.client(versions, certificate: TestPKI.client)
        let keys = keys()
        var first = try MemoryPair(
            client, TestContext.server(clientAuthorities: TestPKI.authority, keys: keys))
        _ = try first.send([1])
        let ticket = first.client.ticket
        // The authority is not trusted any more.
        let changed = try TestContext.server(clientAuthorities: TestPKI.otherAuthority, keys: keys)
        let again = try MemoryPair(client, changed, resuming: ticket)
        #expect(again.isDone)
        #expect(!again.server.isResumed)
        #expect(again.server.peer?.refusal == .unknownAuthority)
    }
}

@Suite struct SetupTests {
    private func failure(_ certificate: TLSCertificate, _ authorities: Bytes? = nil) -> String {
        do {
            _ = try TestContext.server([certificate], clientAuthorities: authorities)
            return "none"
        } catch {
            return "\(error)"
        }
    }

    @Test func `what cannot be used is named`() {
        let (chain, key) = (TestPKI.serverPEM, TestPKI.serverKey)
        #expect(failure(TLSCertificate(chain: chain, key: key)) == "none")
        #expect(
            failure(TLSCertificate(chain: chain, key: TestPKI.secondKey))
                .hasPrefix("the private key is not the certificate's: "))
        #expect(
            failure(TLSCertificate(chain: key, key: key))
                == "the certificate: there is no certificate in it")
        #expect(
            failure(TLSCertificate(chain: chain, key: chain))
                .hasPrefix("the private key cannot be read: "))
        #expect(
            failure(TLSCertificate(chain: .empty, key: key))
                == "the certificate: there is no certificate in it")
        #expect(
            failure(TLSCertificate(chain: chain[0..<chain.count / 2], key: key))
                .hasPrefix("the certificate cannot be read: "))
        #expect(
            failure(TestPKI.server, "nothing")
                == "the client authorities: there is no certificate in it")
    }

    @Test func `a server shows the chain that it was given`() throws {
        let chain = Bytes(TestPKI.serverPEM.array + TestPKI.authority.array)
        for (chain, count) in [(TestPKI.serverPEM, 1), (chain, 2)] {
            let server = try TestContext.server(
                [TLSCertificate(chain: chain, key: TestPKI.serverKey)],
                clientAuthorities: TestPKI.authority)
            let pair = try MemoryPair(TestContext.client(), server)
            #expect(pair.isDone)
            #expect(pair.client.peerChainCount == count)
        }
    }
}
