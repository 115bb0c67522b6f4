import Buffers
import Crypto
import Glibc
import SystemCalls
import Testing

@testable import binnacle_bench

/// An authority, a server's certificate for loopback, and the two sides of TLS.
private struct SecurePair {
    let server: TLSContext
    let client: TLSContext

    init() throws {
        let now = WallTime.now
        let end = now + .seconds(3_600)
        let authority = try CertificateIssuer.selfSigned(
            CertificateTemplate(
                .authority, DistinguishedName(commonName: "bench"), notBefore: now, notAfter: end),
            key: .generate(.p256))
        var template = CertificateTemplate(
            .server, DistinguishedName(commonName: "server"), notBefore: now, notAfter: end)
        template.alternativeNames = try AlternativeNames([Endpoint.host])
        let key = PrivateKey.generate(.p256)
        let certificate = try authority.issue(template, for: key.publicKey)
        server = try TLSContext(
            server: TLSServerSettings(
                certificates: [TLSCertificate(chain: certificate.pem, key: key.pem)],
                ticketKeys: TLSTicketKeys(now: { now.seconds })))
        client = try TLSContext(
            client: TLSClientSettings(authorities: authority.certificate.pem))
    }
}

/// Gives one connection the same answer again and again.
private final class SecureServer: Sendable {
    let endpoint: Endpoint
    private let listener: Descriptor
    private let context: TLSContext
    private let answer: Bytes

    init(_ pair: SecurePair, _ answer: Bytes) throws {
        listener = try Descriptor.listener(on: .loopback(port: 0))
        endpoint = Endpoint(try listener.localAddress(), security: pair.client)
        context = pair.server
        self.answer = answer
    }

    func serve(requestCount: Int) throws {
        _ = waitUntilReady(listener.rawValue, POLLIN, milliseconds: Limits.stallMilliseconds)
        guard case .accepted(let socket, _) = listener.accept() else {
            throw BenchFailure("nobody came")
        }
        let workspace = TLSWorkspace()
        let session = try TLSSession(server: context, workspace)
        while case .needsInput = session.shakeHands() {
            try send(workspace, to: socket)
            receive(workspace, from: socket)
        }
        try send(workspace, to: socket)
        var room = [UInt8](repeating: 0, count: 4096)
        for _ in 0..<requestCount {
            while case .needsInput = room.withUnsafeMutableBytes({ session.read(into: $0) }) {
                receive(workspace, from: socket)
            }
            try answer.withUnsafeBytes { bytes in
                for start in stride(from: 0, to: bytes.count, by: 10_000) {
                    let end = min(start + 10_000, bytes.count)
                    _ = try session.write(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
                    try send(workspace, to: socket)
                }
            }
        }
    }

    private func receive(_ workspace: TLSWorkspace, from socket: borrowing Descriptor) {
        _ = waitUntilReady(socket.rawValue, POLLIN, milliseconds: Limits.stallMilliseconds)
        guard case .bytes(let count) = socket.read(into: workspace.inputRoom) else { return }
        workspace.offer(UnsafeRawBufferPointer(rebasing: workspace.inputRoom[..<count]))
    }

    private func send(_ workspace: TLSWorkspace, to socket: borrowing Descriptor) throws {
        defer { workspace.clearOutput() }
        var rest = workspace.output
        while !rest.isEmpty {
            switch socket.send(rest) {
            case .bytes(let count): rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            case .wouldBlock:
                _ = waitUntilReady(
                    socket.rawValue, POLLOUT, milliseconds: Limits.stallMilliseconds)
            case .failed(let error): throw error
            }
        }
    }
}

@Suite struct SecureSocketTests {
    private func answer(_ body: String) -> Bytes {
        Bytes("HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
    }

    @Test func `a long answer comes out of TLS as it went in`() throws {
        let body = filler(700_000)
        let server = try SecureServer(SecurePair(), answer(body))
        let work = BackgroundWork { try server.serve(requestCount: 2) }
        let caller = try HTTPCaller(server.endpoint)
        for _ in 0..<2 {
            let received = try caller.expect(200, .post("/", json: "{}")).body
            #expect(received == Bytes(body))
        }
        try work.wait()
    }

    @Test func `answers over TLS are counted`() throws {
        let server = try SecureServer(SecurePair(), answer("hello"))
        let work = BackgroundWork { try server.serve(requestCount: 9) }
        let endpoint = server.endpoint
        let requests = Requests.numbered(0..<9, answered: 200, to: endpoint) { _, _ in .get("/") }
        let sample = try LoadLoop(to: endpoint, connections: 1, requests, Window()).run()
        try work.wait()
        #expect(sample.count == 9 && sample.bodyByteCount == 45)
    }

    @Test func `a server whose certificate nobody vouches for gets no request`() throws {
        let (pair, stranger) = (try SecurePair(), try SecurePair())
        let server = try SecureServer(pair, answer("hello"))
        let work = BackgroundWork { try server.serve(requestCount: 0) }
        let endpoint = Endpoint(server.endpoint.address, security: stranger.client)
        #expect(throws: BenchFailure.self) { try HTTPCaller(endpoint) }
        try? work.wait()
    }
}
