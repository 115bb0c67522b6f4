// Responses that are taken, however they are cut, and those that are refused.

import Buffers
import HTTPWire
import SeedTesting
import Testing

/// What came of responses on one connection.
private enum Taken: Equatable {
    case response(Int, fields: [String], body: String, persists: Bool)
    case failed(String)
}

/// Feeds `pieces` to one parser that expects one response after the other.
/// - Parameter isEnded: whether the connection ends after them.
private func take(
    _ pieces: [Bytes], isForHead: Bool = false, isEnded: Bool = false,
    limits: MessageLimits = MessageLimits()
) -> [Taken] {
    var parser = ResponseParser()
    parser.begin(isForHead: isForHead)
    var results: [Taken] = []
    var head: IncomingHead?
    var body: [UInt8] = []
    func finish() {
        guard let head else { return results.append(.failed("an end without a head")) }
        results.append(
            .response(
                head.status.code, fields: head.headers.map { "\($0.name)=\($0.value)" },
                body: String(decoding: body, as: UTF8.self), persists: head.persists))
        body = []
    }
    for piece in pieces {
        var position = 0
        feeding: while true {
            switch piece.withUnsafeBytes({ parser.next($0, from: &position, limits) }) {
            case .needsMore: break feeding
            case .head(let found): head = found
            case .body(let range): body += piece[range].array
            case .end:
                finish()
                parser.begin(isForHead: isForHead)
            case .failed(let error): return results + [.failed(error.message)]
            }
        }
    }
    guard isEnded else { return results }
    switch parser.inputEnded() {
    case .end: finish()
    case .failed(let error): results.append(.failed(error.message))
    default: results.append(.failed("no end"))
    }
    return results
}

@Suite struct ResponseParserTests {
    private static let accepted = [
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.1 404 \r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 503\r\nRetry-After: 1\r\nContent-Length: 1\r\nConnection: x, Close\r\n\r\n!",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n"
            + "HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}",
        "HTTP/1.1 204 No Content\r\n\r\n",
        "HTTP/1.1 304 Not Modified\r\nContent-Length: 700\r\nETag: \"1\"\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "3\r\nabc\r\n0A;x=\"y\"\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n",
        "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\nx",
        "HTTP/1.0 200 \u{FC}\r\nContent-Length: 1\r\nX: \t a \u{FC} \r\n\r\nx",
    ]

    @Test func `every accepted response is taken, and says whether the connection stays`() {
        let results = take([Bytes(Self.accepted.joined())])
        #expect(results.count == Self.accepted.count)
        #expect(
            results[3]
                == .response(201, fields: ["Content-Length=2"], body: "{}", persists: true))
        #expect(
            results[2]
                == .response(
                    503,
                    fields: ["Retry-After=1", "Content-Length=1", "Connection=x, Close"],
                    body: "!", persists: false))
        let bodies = results.map { result -> String in
            guard case .response(_, _, let body, _) = result else { return "failed" }
            return body
        }
        #expect(bodies == ["hello", "", "!", "{}", "", "", "abc0123456789", "x", "x"])
        let persistence = results.map { result -> Bool in
            guard case .response(_, _, _, let persists) = result else { return false }
            return persists
        }
        #expect(persistence == [true, true, false, true, true, true, true, true, false])
    }

    @Test func `responses are the same when cut at any one place, and byte by byte`() {
        let text = Bytes(Self.accepted.joined())
        let whole = take([text])
        for place in 0...text.count {
            #expect(take([text[0..<place], text[place..<text.count]]) == whole, "at \(place)")
        }
        #expect(take((0..<text.count).map { text[$0..<$0 + 1] }) == whole)
    }

    @Test func `broken responses give the same error however they are cut`() {
        var numbers = SeededGenerator(seed: 11)
        let good = Self.accepted.joined()
        for _ in 0..<2_000 {
            var bytes = Bytes(good).array
            for _ in 0..<Int.random(in: 1...3, using: &numbers) {
                let place = Int.random(in: 0..<bytes.count, using: &numbers)
                switch Int.random(in: 0..<3, using: &numbers) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &numbers)
                case 1: bytes.remove(at: place)
                default: bytes.insert(bytes.randomElement(using: &numbers) ?? 0, at: place)
                }
            }
            let text = Bytes(bytes)
            let place = Int.random(in: 0...text.count, using: &numbers)
            let whole = take([text], isEnded: true)
            let cut = take([text[0..<place], text[place..<text.count]], isEnded: true)
            #expect(cut == whole, "\(text) at \(place)")
        }
    }

    @Test func `an answer to HEAD has no body, whatever it says`() {
        let text: Bytes = """
            HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n\
            HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n
            """
        #expect(take([text], isForHead: true).count == 2)
    }

    @Test func `a body without a length ends with the connection, which does not stay`() {
        let text: Bytes = "HTTP/1.1 200 OK\r\n\r\nall of it"
        #expect(take([text]) == [])
        #expect(
            take([text], isEnded: true)
                == [.response(200, fields: [], body: "all of it", persists: false)])
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", "HTTP/1.1 200 OK\r\nContent-Le",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
        "HTTP/1.1 100 Continue\r\n\r\n",
    ]) func `a response that ends too early is cut off`(_ text: String) {
        #expect(take([Bytes(text)], isEnded: true) == [.failed("the response is cut off")])
    }

    @Test(arguments: [
        ("HTTP/2 200 OK\r\n\r\n", "the status line is malformed"),
        ("HTTP/1.2 200 OK\r\n\r\n", "the answer is not HTTP/1.0 or HTTP/1.1"),
        ("http/1.1 200 OK\r\n\r\n", "the answer is not HTTP/1.0 or HTTP/1.1"),
        ("HTTP/1.1 20 OK\r\n\r\n", "the status line is malformed"),
        ("HTTP/1.1 2x0 OK\r\n\r\n", "the status is no number"),
        ("HTTP/1.1 600 Odd\r\n\r\n", "the status is out of range"),
        ("HTTP/1.1 099 Odd\r\n\r\n", "the status is out of range"),
        ("HTTP/1.1 200 O\u{7}K\r\n\r\n", "the status line holds a control character"),
        ("HTTP/1.1 200OK\r\n\r\n", "the status line is malformed"),
        ("\r\nHTTP/1.1 200 OK\r\n\r\n", "the response starts with an empty line"),
        ("HTTP/1.1 200 OK\nContent-Length: 0\r\n\r\n", "a line ends without CR"),
        ("HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n", "a header line starts with white space"),
        ("HTTP/1.1 200 OK\r\nA : b\r\n\r\n", "a header name is no token"),
        ("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "Content-Length is no number"),
        ("HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n", "Content-Length is empty"),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
            "more than one Content-Length"
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
            "Content-Length and Transfer-Encoding"
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
            "a transfer coding other than chunked"
        ),
        (
            "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
            "Transfer-Encoding in HTTP/1.0"
        ),
        (
            "HTTP/1.1 204 No Content\r\nContent-Length: 3\r\n\r\nabc",
            "a body is announced with a status that has none"
        ),
        (
            "HTTP/1.1 101 Switching Protocols\r\n\r\n",
            "the server switches to a protocol that was not asked for"
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n",
            "a chunk does not end where it should"
        ),
        ("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n\r\n", "the status line is malformed"),
    ]) func `what RFC 9112 does not allow is refused by name`(_ text: String, _ message: String) {
        #expect(take([Bytes(text)]) == [.failed(message)])
    }

    @Test func `a head, its line and interim responses have bounds`() {
        let field = "X: " + String(repeating: "y", count: 1_000) + "\r\n"
        let large = "HTTP/1.1 200 OK\r\n" + String(repeating: field, count: 70) + "\r\n"
        #expect(take([Bytes(large)]) == [.failed("the header fields are too large")])
        let line = "HTTP/1.1 200 " + String(repeating: "y", count: 20_000)
        #expect(take([Bytes(line)]) == [.failed("the status line is too long")])
        let interim = String(repeating: "HTTP/1.1 100 Continue\r\n\r\n", count: 17)
        #expect(take([Bytes(interim)]) == [.failed("too many interim responses")])
    }

    @Test func `bytes that nobody asked for are an error`() {
        var parser = ResponseParser()
        var position = 0
        let event = Bytes("HTTP/1.1 200 OK\r\n").withUnsafeBytes {
            parser.next($0, from: &position, MessageLimits())
        }
        guard case .failed(let error) = event else {
            Issue.record("taken")
            return
        }
        #expect(error.message == "a response that was not asked for")
    }
}

@Suite struct OutgoingHeadTests {
    private func text(_ head: OutgoingHead, prefix: String = "", bodyByteCount: Int) -> String {
        var buffer = ByteBuffer()
        head.write(
            into: &buffer, prefix: prefix, authority: "[::1]:6443", bodyByteCount: bodyByteCount)
        return String(buffer.freeze())
    }

    @Test func `a head names its host, and its body's length where one is expected`() {
        var fields = FieldLines()
        fields.add("Accept", "a\r\nb")
        let get = OutgoingHead(.get, "/api?x=1", fields: fields)
        #expect(
            text(get, prefix: "/k8s", bodyByteCount: 0)
                == "GET /k8s/api?x=1 HTTP/1.1\r\nHost: [::1]:6443\r\nAccept: a  b\r\n\r\n")
        let post = OutgoingHead(.post, "/")
        #expect(
            text(post, bodyByteCount: 0)
                == "POST / HTTP/1.1\r\nHost: [::1]:6443\r\nContent-Length: 0\r\n\r\n")
    }

    @Test(arguments: ["", "api", "/a b", "/a\r\nX: y", "/a#b", "/ü", "http://a/"])
    func `a target that would break the line is told from one that does not`(_ target: String) {
        #expect(!OutgoingHead(.get, target).isTargetValid)
        #expect(OutgoingHead(.get, "/a%20b?c=%C3%BC").isTargetValid)
    }
}
