// A server on a real socket: order, framing, the fate of connections.

import Buffers
import EventLoops
import Glibc
import HTTPServer
import HTTPTesting
import HTTPWire
import Synchronization
import SystemCalls
import Testing

@Suite(.timeLimit(.minutes(10))) struct ServerTests {
    let rig: Rig
    let client: Client

    init() throws {
        rig = try Rig()
        client = try rig.connect()
    }

    @Test func `a request is answered and the connection stays`() async {
        for path in ["/a", "/b"] {
            await client.send(get(path))
            let answer = await client.receiveAnswer()
            #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\nDate: "))
            #expect(answer.hasSuffix("Content-Length: \(5 + path.utf8.count)\r\n\r\nGET \(path) "))
        }
        #expect(rig.server.counters.connectionsAccepted == 1)
        #expect(rig.server.counters.requestsReceived == 2)
    }

    @Test func `a request says where it came from`() async throws {
        await client.send(get("/a") + get("/b"))
        _ = await client.receiveAnswer()
        _ = await client.receiveAnswer()
        let requests = rig.handler.asked.withLock { $0.requests }
        try #require(requests.count == 2)
        #expect(requests[0].listener == "test")
        #expect(requests[0].peer.isLoopback)
        #expect(requests[0].peer == requests[1].peer)
        #expect(requests[0].id != requests[1].id)
    }

    @Test func `pipelined requests are answered in order, also when an answer comes late`() async {
        await client.send(get("/a") + get("/later") + get("/b") + get("/c"))
        #expect(await client.receiveAnswer().hasSuffix("GET /a "))
        await rig.wait { [rig] in rig.handler.asked.withLock { !$0.exchanges.isEmpty } }
        #expect(rig.handler.asked.withLock { $0.requests.count } == 2)
        await rig.onLoop { [rig] in
            let exchange = rig.handler.asked.withLock { $0.exchanges[0] }
            exchange.respond(Response(.ok, body: ["late"]))
        }
        #expect(await client.receiveAnswer().hasSuffix("late"))
        #expect(await client.receiveAnswer().hasSuffix("GET /b "))
        #expect(await client.receiveAnswer().hasSuffix("GET /c "))
    }

    @Test func `a body comes whole, fixed or chunked`() async {
        let start = "POST /p HTTP/1.1\r\nHost: a\r\n"
        await client.send(start + "Content-Length: 5\r\n\r\nhello")
        #expect(await client.receiveAnswer().hasSuffix("POST /p hello"))
        await client.send(start + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
        await client.send("2\r\nde\r\n0\r\n\r\n")
        #expect(await client.receiveAnswer().hasSuffix("POST /p abcde"))
    }

    @Test func `a large body comes whole`() async {
        let body = Bytes([UInt8](repeating: 121, count: 3 << 20))
        await client.send("POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.count)\r\n\r\n")
        await client.send(body)
        #expect(await client.receiveAnswer().hasSuffix("POST /p \(body)"))
    }

    @Test(arguments: ["Content-Length: 3000000\r\n", "Transfer-Encoding: chunked\r\n"])
    func `a body that nobody wants is not waited for`(_ framing: String) async {
        let start = "POST /refused HTTP/1.1\r\nHost: a\r\n"
        await client.send(start + framing + "Expect: 100-continue\r\n\r\n")
        let answer = await client.receiveAnswer()
        #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(answer.contains("\r\nConnection: close\r\n"))
        #expect(answer.hasSuffix("POST /refused "))
        let asked = rig.handler.asked.withLock { $0.requests.map(\.lacksBody) }
        #expect(asked == [true])
        // What comes nevertheless is no request.
        await client.send("GET /a HTTP/1.1\r\nHost: a\r\n\r\n")
        await client.finishSending()
        #expect(await client.receiveAll() == "")
        #expect(rig.handler.asked.withLock { $0.requests.count } == 1)
    }

    @Test func `a body that is here is handed over, wanted or not`() async {
        let start = "POST /refused HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"
        await client.send(start + start)
        for _ in 0..<2 { #expect(await client.receiveAnswer().hasSuffix("POST /refused hello")) }
    }

    @Test func `a client that waits to continue is told to`() async {
        await client.send(
            "PUT /p HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
        #expect(await client.receive(until: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
        await client.send("ok")
        #expect(await client.receiveAnswer().hasSuffix("PUT /p ok"))
    }

    @Test func `a body over the limit is refused instead of continued`() async {
        await client.send(
            "PUT /p HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 9999999\r\n\r\n")
        let answer = await client.receiveAll()
        #expect(answer.hasPrefix("HTTP/1.1 413 Content Too Large\r\n"))
        #expect(answer.contains("Connection: close\r\n"))
    }

    @Test func `HEAD gets the length and no body`() async {
        await client.send("HEAD /a HTTP/1.1\r\nHost: a\r\n\r\n" + get("/b"))
        let head = await client.receive(until: "\r\n\r\n")
        #expect(head.contains("Content-Length: 8\r\n"))
        #expect(await client.receiveAnswer().hasPrefix("HTTP/1.1 200"))
    }

    @Test func `HEAD of a stream gets its head and the connection stays`() async {
        await client.send("HEAD /watch HTTP/1.1\r\nHost: a\r\n\r\n" + get("/b"))
        let head = await client.receive(until: "\r\n\r\n")
        #expect(head.contains("Transfer-Encoding: chunked\r\n"))
        #expect(await client.receiveAnswer().hasSuffix("GET /b "))
        await rig.wait { [rig] in rig.handler.asked.withLock { $0.closedCount == 1 } }
    }

    @Test func `a status without a body has no length either`() async {
        await client.send(get("/none") + get("/b"))
        let head = await client.receive(until: "\r\n\r\n")
        #expect(head.hasPrefix("HTTP/1.1 204 No Content\r\n"))
        #expect(!head.contains("Content-Length"))
        #expect(await client.receiveAnswer().hasSuffix("GET /b "))
    }

    @Test func `HTTP slash 1 0 closes unless asked to stay`() async throws {
        await client.send("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        #expect(await client.receiveAnswer().contains("Connection: keep-alive\r\n"))
        await client.send("GET /a HTTP/1.0\r\n\r\n")
        #expect(await client.receiveAll().contains("Connection: close\r\n"))
    }

    @Test func `a client that asks to close is obeyed`() async {
        await client.send(get("/a", "Connection: close\r\n"))
        let answer = await client.receiveAll()
        #expect(answer.contains("Connection: close\r\n"))
        #expect(answer.hasSuffix("GET /a "))
    }

    @Test func `what is no request is refused and the connection closed`() async {
        await client.send(get("/a") + "NONSENSE\r\n\r\n" + get("/b"))
        let answers = await client.receiveAll()
        #expect(answers.contains("GET /a "))
        #expect(answers.contains("HTTP/1.1 400 Bad Request\r\n"))
        #expect(!answers.contains("GET /b "))
        #expect(rig.server.counters.requestsRefused == 1)
    }

    @Test func `a refused client that goes on sending still reads why`() async {
        await client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4000000\r\n\r\n")
        await client.send(Bytes([UInt8](repeating: 120, count: 2 << 20)))
        await client.finishSending()
        #expect(await client.receiveAll().hasPrefix("HTTP/1.1 413 "))
    }

    @Test func `a second request hidden in a body is not taken`() async {
        let hidden = get("/hidden")
        await client.send(
            "POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: \(hidden.utf8.count)\r\n\r\n\(hidden)"
                + get("/b", "Connection: close\r\n"))
        _ = await client.receiveAll()
        let paths = rig.handler.asked.withLock { $0.requests.map { String($0.head.path) } }
        #expect(paths == ["/p", "/b"])
    }

    @Test func `a client that is done asking gets its answer`() async {
        await client.send(get("/later"))
        await client.finishSending()
        await rig.wait { [rig] in rig.handler.asked.withLock { !$0.exchanges.isEmpty } }
        await rig.onLoop { [rig] in
            rig.handler.asked.withLock { $0.exchanges[0] }.respond(Response(.ok, body: ["late"]))
        }
        #expect(await client.receiveAll().hasSuffix("late"))
    }

    @Test func `a handler that listens learns that its client has gone`() async {
        await client.send(get("/poll"))
        await rig.wait { [rig] in rig.handler.asked.withLock { !$0.exchanges.isEmpty } }
        await client.close()
        await rig.wait { [rig] in rig.handler.asked.withLock { $0.closedCount == 1 } }
        #expect(rig.server.counters.connectionsOpen == 0)
        // An answer that comes too late is dropped.
        await rig.onLoop { [rig] in
            rig.handler.asked.withLock { $0.exchanges[0] }.respond(Response(.ok))
        }
    }

    @Test func `a port where somebody listens is refused`() throws {
        let other = Server(group: rig.group, handler: rig.handler)
        let error = #expect(throws: SystemError.self) {
            try other.listen(on: rig.address, name: "second")
        }
        #expect(error?.code == EADDRINUSE)
    }

    @Test func `an address of another machine cannot be listened on`() throws {
        #expect(throws: SystemError.self) {
            try rig.server.listen(on: SocketAddress("192.0.2.1:1")!, name: "nowhere")
        }
    }
}
