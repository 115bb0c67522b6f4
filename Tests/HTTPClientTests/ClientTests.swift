// Calls that work: connections kept, bodies, streams.

import Buffers
import EventLoops
import Glibc
import HTTPClient
import HTTPTesting
import HTTPWire
import Synchronization
import SystemCalls
import Testing

@Suite(.timeLimit(.minutes(5))) struct ClientTests {
    private let rig: Rig

    init() throws { rig = try Rig() }

    @Test func `calls one after the other share a connection`() async throws {
        let server = try rig.server { _, request in
            [.send(Bytes(answer(request.split(separator: "\r\n").first.map(String.init) ?? "")))]
        }
        let client = rig.client(server.endpoint)
        for index in 0..<5 {
            let response = try await client.send(Request(.get, "/\(index)"))
            #expect(response.body == Bytes("GET /\(index) HTTP/1.1"))
            #expect(response.endpoint == server.endpoint)
        }
        #expect(server.seen.withLock { $0.connectionCount } == 1)
    }

    @Test func `a body is sent with its length and fields`() async throws {
        let server = try rig.server(answering: answer("", status: "201 Created"))
        let client = rig.client(server.endpoint)
        var fields = FieldLines()
        fields.add("Content-Type", "application/json")
        let body = Bytes(String(repeating: "x", count: 2_000_000))
        let response = try await client.send(Request(.post, "/a", fields: fields, body: body))
        #expect(response.status == .created)
        let request = try #require(server.seen.withLock { $0.requests.first })
        #expect(request.hasPrefix("POST /a HTTP/1.1\r\nHost: \(server.endpoint.authority)\r\n"))
        #expect(request.contains("\r\nContent-Type: application/json\r\n"))
        #expect(request.contains("\r\nContent-Length: 2000000\r\n"))
        #expect(request.hasSuffix("xxx"))
    }

    @Test func `a connection that the server closes after its answer is not used again`()
        async throws
    {
        let server = try rig.server { _, _ in
            [.send(Bytes(answer("x", more: "Connection: close\r\n"))), .close]
        }
        let client = rig.client(server.endpoint)
        for _ in 0..<3 { #expect(try await client.send(Request(.get, "/")).body == "x") }
        #expect(server.seen.withLock { $0.connectionCount } == 3)
    }

    @Test func `an idle connection is closed when its time is up`() async throws {
        let server = try rig.server(answering: answer("x"))
        let client = rig.client(server.endpoint)
        _ = try await client.send(Request(.get, "/"))
        #expect(server.seen.withLock { $0.openCount } == 1)
        await rig.advance(seconds: 61)
        await rig.wait { server.seen.withLock { $0.openCount } == 0 }
    }

    @Test func `a chunked stream is read piece by piece, and its end is seen`() async throws {
        let server = try rig.server { _, _ in
            [
                .send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
                .send("3\r\none\r\n"), .send("3\r\ntwo\r\n0\r\n\r\n"),
            ]
        }
        let client = rig.client(server.endpoint)
        let response = try await client.open(Request(.get, "/watch"))
        var body = ""
        while let piece = try await response.next() { body += String(piece) }
        #expect(body == "onetwo")
        #expect(try await response.next() == nil)
        // The connection is good for another call.
        _ = try await client.open(Request(.get, "/watch")).collect(100)
        #expect(server.seen.withLock { $0.connectionCount } == 1)
    }

    @Test func `a reader that does not read holds up the server, not memory`() async throws {
        let piece = Bytes([UInt8](repeating: 120, count: 65_536))
        let server = try rig.server { _, _ in
            [.send("HTTP/1.1 200 OK\r\n\r\n"), .sendForEver(piece)]
        }
        var limits = Limits()
        limits.bufferedByteCountMax = 100_000
        let client = rig.client(server.endpoint, limits: limits)
        var request = Request(.get, "/")
        request.times = .stream(idle: nil)
        let response = try await client.open(request)
        // The kernel takes some megabytes between the two, and then no more.
        var sent = -1
        while true {
            for _ in 0..<100 { await rig.onLoop {} }
            let now = server.seen.withLock { $0.sentByteCount }
            if now == sent { break }
            sent = now
        }
        #expect(sent < 30 << 20)
        var taken = 0
        while taken < sent + (8 << 20) { taken += try await response.next()?.count ?? 0 }
        response.cancel()
        await rig.wait { server.seen.withLock { $0.openCount } == 0 }
    }

    @Test func `a response that nobody holds ends its connection`() async throws {
        let server = try rig.server { _, _ in
            [.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")]
        }
        let client = rig.client(server.endpoint)
        _ = try await client.open(Request(.get, "/"))
        await rig.wait { server.seen.withLock { $0.openCount } == 0 }
    }

    @Test func `a cancelled task ends its call at once, whatever it waits for`() async throws {
        let silent = try rig.server { _, _ in [] }
        let client = rig.client(silent.endpoint)
        let waiting = Task { await client.failure(of: Request(.post, "/")) }
        await rig.wait { silent.seen.withLock { $0.requests.count } == 1 }
        waiting.cancel()
        let failure = try #require(await waiting.value)
        #expect(failure.cause == .cancelled && failure.execution == .uncertain)
        await rig.wait { silent.seen.withLock { $0.openCount } == 0 }

        let server = try rig.server(answering: "HTTP/1.1 200 OK\r\n\r\n")
        let other = rig.client(server.endpoint)
        let reading = Task { await other.failure(of: Request(.get, "/")) }
        await rig.wait { server.seen.withLock { $0.requests.count } == 1 }
        reading.cancel()
        #expect(await reading.value?.cause == .cancelled)
    }

    @Test func `calls wait when an endpoint has all its connections, and go on in turn`()
        async throws
    {
        let server = try rig.server(answering: answer("x"))
        var limits = Limits()
        limits.connectionCountPerEndpointMax = 2
        let client = rig.client(server.endpoint, limits: limits)
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<50 {
                group.addTask { await client.failure(of: Request(.get, "/")) == nil }
            }
            for await worked in group { #expect(worked) }
        }
        #expect(server.seen.withLock { $0.connectionCount } <= 2)
        #expect(server.seen.withLock { $0.requests.count } == 50)
    }

    @Test func `more calls than may wait are refused, and were not sent`() async throws {
        let silent = try rig.server { _, _ in [] }
        var limits = Limits()
        limits.connectionCountPerEndpointMax = 1
        limits.waitingCallCountMax = 1
        let client = rig.client(silent.endpoint, limits: limits)
        let first = Task { await client.failure(of: Request(.get, "/")) }
        await rig.wait { silent.seen.withLock { $0.requests.count } == 1 }
        let results = await withTaskGroup(of: CallFailure?.self) { group in
            for _ in 0..<2 { group.addTask { await client.failure(of: Request(.get, "/")) } }
            let refused = await group.next() ?? nil
            client.close()
            return [refused, await group.next() ?? nil]
        }
        #expect(results[0]?.cause == .overloaded && results[0]?.execution == .notSent)
        #expect(results[1]?.cause == .closed && results[1]?.execution == .notSent)
        #expect(await first.value?.cause == .closed)
        #expect(await client.failure(of: Request(.get, "/"))?.cause == .closed)
    }

    @Test func `an answer that comes before all of the body was read is taken`() async throws {
        let listener = try Descriptor.listener(on: .loopback(port: 0))
        let address = try listener.localAddress()
        let held = Mutex<[CInt]>([])
        let early = Listener(listener, on: rig.loop) { connection, _ in
            // Answers and stops reading, as a server does with a body that is too large.
            _ = Bytes(answer("no", status: "413 Content Too Large")).withUnsafeBytes {
                connection.send($0)
            }
            // Kept open under another number.
            held.withLock { $0.append(dup(connection.rawValue)) }
        }
        rig.loop.execute { early.start() }
        let client = rig.client(Endpoint(isSecure: false, address))
        let body = Bytes([UInt8](repeating: 1, count: 32 << 20))
        let response = try await client.send(Request(.put, "/", body: body))
        #expect(response.status == .contentTooLarge && response.body == "no")
        for descriptor in held.withLock({ $0 }) { _ = Descriptor(takingOwnership: descriptor) }
        rig.loop.execute { early.close() }
    }
}
