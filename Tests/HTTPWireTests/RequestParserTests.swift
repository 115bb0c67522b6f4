// Requests that are accepted, and that they are the same however the input is cut.

import Buffers
import HTTPWire
import SeedTesting
import Testing

@Suite struct RequestParserTests {
    static let accepted = [
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /api/v1/pods?limit=5&continue=x?y HTTP/1.1\r\nHost: [::1]:8080\r\nAccept: */*\r\n\r\n",
        "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET http://b.example:80/x?y HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET https://b HTTP/1.1\r\nHost: a\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
        "BREW /pot HTTP/1.1\r\nHost:\r\n\r\n",
        "GET / HTTP/1.0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Encoding: identity\r\nContent-Length: 0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n"
            + "3\r\nabc\r\n0A;x=\"y\"\r\n0123456789\r\n000\r\nTrailer: x\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: \t a \u{FC} b \t\r\nEmpty:\r\n\r\n",
    ]

    @Test func `a request is taken apart`() throws {
        let head = try #require(
            acceptedHead(
                "GET /a/b%20c?d=e&f HTTP/1.1\r\nHost: h:1\r\nACCEPT: x\r\nAccept:  y \r\n\r\n"))
        #expect(head.method == .get)
        #expect(head.target == "/a/b%20c?d=e&f")
        #expect(head.path == "/a/b%20c")
        #expect(head.query == "d=e&f")
        #expect(head.authority == "h:1")
        #expect(head.version == .http11)
        #expect(head.headers.first("accept") == "x")
        #expect(head.headers.all("accept") == ["x", "y"])
        #expect(head.headers.first("cookie") == nil)
        #expect(head.headers.count == 3)
    }

    @Test func `every accepted request is taken`() {
        for text in Self.accepted {
            let results = parse(text)
            #expect(results.count == 1, "\(text) \(results)")
            #expect(results.last?.status == nil, "\(text) \(results)")
        }
    }

    @Test func `requests are the same when cut at any one place`() {
        let text = Bytes(Self.accepted.joined())
        let whole = parse([text])
        #expect(whole.count == Self.accepted.count)
        for place in 0...text.count {
            #expect(parse([text[0..<place], text[place..<text.count]]) == whole, "at \(place)")
        }
    }

    @Test func `requests are the same when every byte comes alone`() {
        let text = Bytes(Self.accepted.joined())
        #expect(parse((0..<text.count).map { text[$0..<$0 + 1] }) == parse([text]))
    }

    @Test func `mutilated requests give the same however they are cut`() {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("seed \(seed)")
        var numbers = SeededGenerator(seed: seed)
        let alphabet = Array("\r\n :;,\t\u{0}0aHT/1.5?*".utf8)
        for _ in 0..<3000 {
            var text = Array(Self.accepted.randomElement(using: &numbers)!.utf8)
            text += Array(Self.accepted.randomElement(using: &numbers)!.utf8)
            for _ in 0..<Int.random(in: 1...3, using: &numbers) {
                let place = Int.random(in: 0..<text.count, using: &numbers)
                text[place] = alphabet.randomElement(using: &numbers)!
            }
            let bytes = Bytes(text)
            var pieces: [Bytes] = []
            var start = 0
            while start < bytes.count {
                let end = min(bytes.count, start + Int.random(in: 1...40, using: &numbers))
                pieces.append(bytes[start..<end])
                start = end
            }
            #expect(parse(pieces) == parse([bytes]), "seed \(seed): \(bytes)")
        }
    }

    @Test func `noise never crashes the parser`() {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("seed \(seed)")
        var numbers = SeededGenerator(seed: seed)
        for _ in 0..<2000 {
            let noise = Bytes((0..<200).map { _ in UInt8.random(in: 0...255, using: &numbers) })
            for result in parse([noise, "\r\n\r\n"]) {
                #expect(result.status != nil, "seed \(seed)")
            }
        }
    }

    @Test(arguments: [
        ("HTTP/1.1", "", true), ("HTTP/1.1", "close", false), ("HTTP/1.1", "Close", false),
        ("HTTP/1.1", "upgrade, close", false), ("HTTP/1.1", "keep-alive, close", false),
        ("HTTP/1.0", "", false), ("HTTP/1.0", "Keep-Alive", true),
        ("HTTP/1.0", "close, keep-alive", false), ("HTTP/1.0", "keep-alive, close", false),
        ("HTTP/1.1", "closed", true),
    ])
    func `the Connection field says whether the connection stays`(
        _ version: String, _ value: String, _ persists: Bool
    ) {
        let head = acceptedHead("GET / \(version)\r\nHost: a\r\nConnection: \(value)\r\n\r\n")
        #expect(head?.persists == persists)
    }

    @Test func `an expectation counts only with a body and in HTTP slash 1 1`() {
        let fields = "Host: a\r\nExpect: 100-Continue\r\n"
        let length = "Content-Length: 3\r\n"
        #expect(acceptedHead("PUT / HTTP/1.1\r\n\(fields)\(length)\r\n")?.expectsContinue == true)
        #expect(acceptedHead("PUT / HTTP/1.1\r\n\(fields)\r\n")?.expectsContinue == false)
        #expect(acceptedHead("PUT / HTTP/1.0\r\n\(fields)\(length)\r\n")?.expectsContinue == false)
    }

    @Test func `every method has its case`() {
        let methods: [(String, Method)] = [
            ("GET", .get), ("HEAD", .head), ("POST", .post), ("PUT", .put), ("PATCH", .patch),
            ("DELETE", .delete), ("OPTIONS", .options), ("get", .other), ("TRACE", .other),
        ]
        for (name, method) in methods {
            let head = acceptedHead("\(name) / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(head?.method == method)
            #expect(head?.methodName == Bytes(name))
        }
    }

    @Test func `a head made by hand is checked like any other`() throws {
        let head = try RequestHead("PATCH", "/a?b", headers: [("Accept", "c")])
        #expect(head.method == .patch)
        #expect(head.headers.first("accept") == "c")
        #expect(throws: RequestError.self) { try RequestHead("GET", "no path") }
    }
}
