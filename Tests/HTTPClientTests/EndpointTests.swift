// Several endpoints, and what becomes of a call when one of them fails.

import Buffers
import EventLoops
import HTTPClient
import HTTPTesting
import HTTPWire
import Synchronization
import SystemCalls
import Testing

@Suite(.timeLimit(.minutes(5))) struct EndpointTests {
    private let rig: Rig

    init() throws { rig = try Rig() }

    @Test func `a call goes on to an endpoint that works, also one that changes something`()
        async throws
    {
        let server = try rig.server(answering: answer("x"))
        let client = rig.client(try rig.deadEndpoint(), try rig.deadEndpoint(), server.endpoint)
        for _ in 0..<3 { #expect(try await client.send(Request(.post, "/")).body == "x") }
        #expect(server.seen.withLock { $0.connectionCount } == 1)
    }

    @Test func `a call that no endpoint takes was surely not sent`() async throws {
        let client = rig.client(try rig.deadEndpoint(), try rig.deadEndpoint())
        let failure = try #require(await client.failure(of: Request(.post, "/")))
        #expect(failure.execution == .notSent)
        #expect(failure.description.contains("Connection refused"))
        #expect(failure.endpoint != nil)
    }

    @Test func `a change that was sent and not answered is uncertain, and is not sent again`()
        async throws
    {
        let cutting = try rig.server { _, _ in [.close] }
        let other = try rig.server(answering: answer("x"))
        let client = rig.client(cutting.endpoint, other.endpoint)
        let failure = try #require(await client.failure(of: Request(.post, "/", body: "{}")))
        #expect(failure.cause == .lost && failure.execution == .uncertain)
        #expect(failure.endpoint == cutting.endpoint)
        #expect(other.seen.withLock { $0.requests.isEmpty })
        #expect(cutting.seen.withLock { $0.requests.count } == 1)
    }

    @Test func `a read that was not answered is asked elsewhere`() async throws {
        let cutting = try rig.server { _, _ in [.send("HTTP/1.1 200 OK\r\nContent-"), .close] }
        let other = try rig.server(answering: answer("x"))
        let client = rig.client(cutting.endpoint, other.endpoint)
        #expect(try await client.send(Request(.get, "/")).endpoint == other.endpoint)
        var declared = Request(.post, "/v3/kv/range")
        declared.isRepeatable = true
        #expect(try await client.send(declared).endpoint == other.endpoint)
        #expect(cutting.seen.withLock { $0.requests.count } == 1)
    }

    @Test func `a kept connection that the server has closed costs a read nothing`() async throws {
        let server = try rig.server { connection, request in
            let isSecond = connection == 0 && request.hasPrefix("GET /2")
            return isSecond ? [.close] : [.send(Bytes(answer("x")))]
        }
        let client = rig.client(server.endpoint)
        _ = try await client.send(Request(.get, "/1"))
        #expect(try await client.send(Request(.get, "/2")).body == "x")
        #expect(server.seen.withLock { $0.connectionCount } == 2)
    }

    @Test func `the endpoint that works is kept, and the one that failed is tried again later`()
        async throws
    {
        let first = try rig.server { connection, _ in
            connection == 0 ? [.close] : [.send(Bytes(answer("first")))]
        }
        let second = try rig.server(answering: answer("second"))
        let client = rig.client(first.endpoint, second.endpoint)
        #expect(try await client.send(Request(.get, "/")).body == "second")
        await rig.advance(seconds: 10)
        // A probe finds that the first one takes connections; the second one is kept.
        #expect(try await client.send(Request(.get, "/")).body == "second")
        await rig.wait { first.seen.withLock { $0.connectionCount } == 2 }
        client.setAside(second.endpoint)
        #expect(try await client.send(Request(.get, "/")).body == "first")
    }

    @Test func `every endpoint is measured once one has worked`() async throws {
        let servers = try (0..<3).map { _ in try rig.server(answering: answer("x")) }
        let client = rig.client(servers[0].endpoint, servers[1].endpoint, servers[2].endpoint)
        for _ in 0..<3 { _ = try await client.send(Request(.get, "/")) }
        await rig.wait { servers.allSatisfy { $0.seen.withLock { $0.connectionCount } == 1 } }
    }

    @Test func `a silent server is given up when the first byte is late`() async throws {
        let silent = try rig.server { _, _ in [] }
        let other = try rig.server(answering: answer("x"))
        let client = rig.client(silent.endpoint, other.endpoint)
        async let read = client.send(Request(.get, "/"))
        await rig.wait { silent.seen.withLock { $0.requests.count } == 1 }
        await rig.advance(seconds: 31)
        #expect(try await read.endpoint == other.endpoint)

        let alone = rig.client(silent.endpoint)
        async let write = alone.failure(of: Request(.post, "/"))
        await rig.wait { silent.seen.withLock { $0.requests.count } == 2 }
        await rig.advance(seconds: 31)
        let failure = try #require(await write)
        #expect(failure.cause == .timedOut(.firstByte) && failure.execution == .uncertain)
    }

    @Test func `a body that stalls, and a call that takes too long, are given up`() async throws {
        let stalling = try rig.server(answering: "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx")
        let client = rig.client(stalling.endpoint)
        async let stalled = client.failure(of: Request(.get, "/"))
        await rig.wait { stalling.seen.withLock { $0.requests.count } == 1 }
        for _ in 0..<3 { await rig.onLoop {} }
        await rig.advance(seconds: 31)
        #expect(await stalled?.cause == .timedOut(.nextByte))

        var patient = Request(.get, "/")
        patient.times.idle = nil
        let request = patient
        async let late = client.failure(of: request)
        await rig.wait { stalling.seen.withLock { $0.requests.count } == 2 }
        for _ in 0..<3 { await rig.onLoop {} }
        await rig.advance(seconds: 61)
        #expect(await late?.cause == .timedOut(.end))
    }

    @Test func `a target that would break the request is not sent`() async throws {
        let server = try rig.server(answering: answer("x"))
        let failure = await rig.client(server.endpoint).failure(of: Request(.get, "/a b"))
        #expect(failure?.execution == .notSent)
        #expect(failure?.description == "the request cannot be sent: the target /a b")
    }

    @Test(arguments: [
        ("http://a", "http://a:80"), ("https://[::1]:6443/", "https://[::1]:6443"),
        ("https://a.example:1/k8s/x/", "https://a.example:1/k8s/x"),
    ]) func `an endpoint is read and written`(_ text: String, _ written: String) {
        #expect(Endpoint(text)?.description == written)
    }

    @Test(arguments: [
        "a:1", "ftp://a", "https://", "https://a:0", "https://a:b", "https://u@a", "https://[x]",
        "https://a/?q", "https://a:70000", "http://a b",
    ]) func `what is no endpoint is refused`(_ text: String) {
        #expect(Endpoint(text) == nil)
    }

    @Test func `a name is looked up, and its addresses are tried in turn`() async throws {
        let server = try rig.server(answering: answer("x"))
        let named = Endpoint(isSecure: false, host: "localhost", port: server.address.port)
        #expect(try await rig.client(named).send(Request(.get, "/")).body == "x")
        let unknown = Endpoint(isSecure: false, host: "no-such-name.invalid", port: 1)
        let failure = try #require(await rig.client(unknown).failure(of: Request(.get, "/")))
        guard case .lookup = failure.cause else {
            Issue.record("\(failure)")
            return
        }
    }
}
