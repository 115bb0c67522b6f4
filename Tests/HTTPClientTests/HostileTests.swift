// Servers that break the protocol: each gives an error that says how, and no more damage.

import Buffers
import HTTPClient
import HTTPTesting
import HTTPWire
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5))) struct HostileTests {
    private let rig: Rig

    init() throws { rig = try Rig() }

    private func failure(
        of answer: String, closing: Bool = false, limit: Int? = nil
    ) async throws -> CallFailure? {
        let server = try rig.server { _, _ in
            closing ? [.send(Bytes(answer)), .close] : [.send(Bytes(answer))]
        }
        var request = Request(.post, "/")
        if let limit { request.responseByteCountMax = limit }
        let failure = await rig.client(server.endpoint).failure(of: request)
        // Nothing of it is used again.
        await rig.wait { server.seen.withLock { $0.openCount } == 0 }
        return failure
    }

    @Test func `garbage is no answer`() async throws {
        let failure = try await failure(of: "\u{16}\u{3}\u{1}garbage\r\n\r\n")
        #expect(failure?.cause == .malformed(ResponseError("the status line is malformed")))
        #expect(failure?.execution == .uncertain)
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        "HTTP/1.1 200 OK\r\nContent-Le", "",
    ]) func `an answer that is cut off is lost, not short`(_ text: String) async throws {
        let failure = try await failure(of: text, closing: true)
        #expect(failure?.cause == .lost && failure?.execution == .uncertain)
    }

    @Test func `a body larger than the caller takes is refused, announced or not`() async throws {
        let announced = "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n"
        #expect(
            try await failure(of: announced, limit: 1_000)?.cause == .tooLarge(byteCountMax: 1_000))
        let chunk = "400\r\n" + String(repeating: "x", count: 1_024) + "\r\n"
        let chunked =
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            + String(repeating: chunk, count: 3)
        #expect(
            try await failure(of: chunked, limit: 1_000)?.cause == .tooLarge(byteCountMax: 1_000))
    }

    @Test func `a head without end is refused`() async throws {
        let endless =
            "HTTP/1.1 200 OK\r\n" + String(repeating: "X: yyyyyyyyyyyyyy\r\n", count: 5_000)
        #expect(
            try await failure(of: endless)?.cause
                == .malformed(ResponseError("the header fields are too large")))
    }

    @Test func `bytes after an answer are not taken for the next one`() async throws {
        let server = try rig.server { connection, _ in
            [.send(Bytes(answer("right") + (connection == 0 ? answer("wrong") : "")))]
        }
        let client = rig.client(server.endpoint)
        for _ in 0..<3 { #expect(try await client.send(Request(.get, "/")).body == "right") }
        #expect(server.seen.withLock { $0.connectionCount } == 2)
    }

    @Test func `bytes on an idle connection end it`() async throws {
        let server = try rig.server(answering: answer("x"))
        let client = rig.client(server.endpoint)
        _ = try await client.send(Request(.get, "/"))
        client.setAside(server.endpoint)
        await rig.wait { server.seen.withLock { $0.openCount } == 0 }
    }

    @Test func `a server that sends byte by byte is understood`() async throws {
        let text = Bytes(answer("slowly"))
        let server = try rig.server { _, _ in
            (0..<text.count).map { .send(text[$0..<$0 + 1]) }
        }
        #expect(try await rig.client(server.endpoint).send(Request(.get, "/")).body == "slowly")
    }
}
