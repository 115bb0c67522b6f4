// Each reason to refuse a request, by name.

import Buffers
import HTTPWire
import Testing

@Suite struct RefusalTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let input: String
        let status: Int

        init(_ name: String, _ status: Int, _ input: String) {
            testDescription = name
            self.status = status
            self.input = input
        }

        /// A request with one more header line.
        init(_ name: String, _ status: Int, header: String) {
            self.init(name, status, "POST / HTTP/1.1\r\nHost: a\r\n\(header)\r\n\r\n")
        }

        /// A request with a chunked body.
        init(_ name: String, _ status: Int, chunks: String) {
            self.init(
                name, status,
                "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\(chunks)")
        }
    }

    static let lines = [
        Case("one word", 400, "GET\r\nHost: a\r\n\r\n"),
        Case("no version", 400, "GET /\r\nHost: a\r\n\r\n"),
        Case("four words", 400, "GET / x HTTP/1.1\r\nHost: a\r\n\r\n"),
        Case("two spaces", 400, "GET  / HTTP/1.1\r\nHost: a\r\n\r\n"),
        Case("method is no token", 400, "G@T / HTTP/1.1\r\nHost: a\r\n\r\n"),
        Case("method is empty", 400, " / HTTP/1.1\r\nHost: a\r\n\r\n"),
        Case("control in the target", 400, "GET /\u{1} HTTP/1.1\r\nHost: a\r\n\r\n"),
        Case("tab in the target", 400, "GET /a\tb HTTP/1.1\r\nHost: a\r\n\r\n"),
        Case("fragment", 400, "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n"),
        Case("relative target", 400, "GET a HTTP/1.1\r\nHost: a\r\n\r\n"),
        Case("asterisk without OPTIONS", 400, "GET * HTTP/1.1\r\nHost: a\r\n\r\n"),
        Case("authority form", 400, "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n"),
        Case("absolute target with user", 400, "GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n"),
        Case("absolute target without host", 400, "GET http:/// HTTP/1.1\r\nHost: a\r\n\r\n"),
        Case("HTTP/2.0", 505, "GET / HTTP/2.0\r\nHost: a\r\n\r\n"),
        Case("HTTP/1.2", 505, "GET / HTTP/1.2\r\nHost: a\r\n\r\n"),
        Case("HTTP/0.9", 505, "GET / HTTP/0.9\r\nHost: a\r\n\r\n"),
        Case("lower-case version", 400, "GET / http/1.1\r\nHost: a\r\n\r\n"),
        Case("long version", 400, "GET / HTTP/1.10\r\nHost: a\r\n\r\n"),
        Case("two empty lines before", 400, "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
        Case("bare LF after the line", 400, "GET / HTTP/1.1\nHost: a\r\n\r\n"),
        Case("bare CR in the line", 400, "GET /\r HTTP/1.1\r\nHost: a\r\n\r\n"),
    ]

    static let headers = [
        Case("folded line", 400, header: "A: b\r\n c"),
        Case("white space before the first field", 400, "GET / HTTP/1.1\r\n Host: a\r\n\r\n"),
        Case("space before the colon", 400, header: "A : b"),
        Case("tab before the colon", 400, header: "A\t: b"),
        Case("no colon", 400, header: "A"),
        Case("empty name", 400, header: ": b"),
        Case("name is no token", 400, header: "A(b): c"),
        Case("name with high byte", 400, header: "Ä: b"),
        Case("NUL in a value", 400, header: "A: b\u{0}c"),
        Case("control in a value", 400, header: "A: b\u{7}c"),
        Case("DEL in a value", 400, header: "A: b\u{7F}c"),
        Case("bare CR in a value", 400, header: "A: b\rc"),
        Case("bare LF after a value", 400, header: "A: b\nC: d"),
        Case("LF LF at the end", 400, "GET / HTTP/1.1\r\nHost: a\r\n\n"),
        Case("no Host", 400, "GET / HTTP/1.1\r\n\r\n"),
        Case("two Hosts", 400, header: "Host: b"),
        Case("two equal Hosts", 400, header: "host: a"),
        Case("two Hosts in HTTP/1.0", 400, "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n"),
        Case("Host with a path", 400, "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"),
        Case("Host with a space", 400, "GET / HTTP/1.1\r\nHost: a b\r\n\r\n"),
        Case("Host with a user", 400, "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n"),
        Case("unknown expectation", 417, header: "Expect: 200-ok"),
        Case("gzip body", 415, header: "Content-Encoding: gzip\r\nContent-Length: 3"),
        Case(
            "gzip chunks", 415,
            header: "Content-Encoding: gzip\r\nTransfer-Encoding: chunked"),
    ]

    static let smuggling = [
        Case("length and chunks", 400, header: "Content-Length: 3\r\nTransfer-Encoding: chunked"),
        Case("chunks and length", 400, header: "Transfer-Encoding: chunked\r\nContent-Length: 3"),
        Case("chunks and length 0", 400, header: "Transfer-Encoding: chunked\r\nContent-Length: 0"),
        Case("two lengths", 400, header: "Content-Length: 3\r\nContent-Length: 4"),
        Case("two equal lengths", 400, header: "Content-Length: 3\r\nContent-Length: 3"),
        Case("list of lengths", 400, header: "Content-Length: 3, 3"),
        Case("signed length", 400, header: "Content-Length: +3"),
        Case("negative length", 400, header: "Content-Length: -3"),
        Case("hexadecimal length", 400, header: "Content-Length: 0x3"),
        Case("length with a space inside", 400, header: "Content-Length: 3 3"),
        Case("empty length", 400, header: "Content-Length:"),
        Case("gzip, chunked", 400, header: "Transfer-Encoding: gzip, chunked"),
        Case("chunked, gzip", 400, header: "Transfer-Encoding: chunked, gzip"),
        Case("chunked twice", 400, header: "Transfer-Encoding: chunked, chunked"),
        Case(
            "chunked in two fields", 400,
            header: "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"),
        Case("identity", 400, header: "Transfer-Encoding: identity"),
        Case("misspelt chunked", 400, header: "Transfer-Encoding: xchunked"),
        Case("quoted chunked", 400, header: "Transfer-Encoding: \"chunked\""),
        Case("vertical tab before chunked", 400, header: "Transfer-Encoding: \u{B}chunked"),
        Case(
            "chunks in HTTP/1.0", 400,
            "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"),
        Case("space in the name", 400, header: "Transfer-Encoding : chunked"),
    ]

    static let chunks = [
        Case("no size", 400, chunks: "\r\nabc\r\n0\r\n\r\n"),
        Case("size is no number", 400, chunks: "g\r\n"),
        Case("0x size", 400, chunks: "0x3\r\nabc\r\n"),
        Case("negative size", 400, chunks: "-3\r\nabc\r\n"),
        Case("size with a space", 400, chunks: "3 \r\nabc\r\n"),
        Case("size with bare LF", 400, chunks: "3\nabc\r\n"),
        Case("size that overflows", 400, chunks: "10000000000000003\r\nabc\r\n"),
        Case("chunk longer than its size", 400, chunks: "3\r\nabcd\r\n"),
        Case("chunk ends with bare LF", 400, chunks: "3\r\nabc\n0\r\n\r\n"),
        Case("control in an extension", 400, chunks: "3;a\u{1}\r\nabc\r\n"),
        Case("bare LF in an extension", 400, chunks: "3;a\nabc\r\n"),
        Case("long extension", 400, chunks: "3;" + String(repeating: "a", count: 300) + "\r\n"),
        Case("bad trailer", 400, chunks: "0\r\nA : b\r\n\r\n"),
        Case("trailer with bare LF", 400, chunks: "0\r\n\n"),
        Case(
            "large trailer", 431,
            chunks: "0\r\nA: " + String(repeating: "a", count: 9000) + "\r\n\r\n"),
        Case("body over the limit", 413, chunks: "300001\r\n"),
        Case("second chunk over the limit", 413, chunks: "1\r\na\r\n300000\r\n"),
    ]

    @Test(arguments: lines + headers + smuggling + chunks)
    func `what breaks a rule is refused`(_ refused: Case) {
        let results = parse(refused.input)
        #expect(results.last?.status == refused.status, "\(results)")
        #expect(results.count == 1, "\(results)")
    }

    @Test(arguments: lines + headers + smuggling + chunks)
    func `a refusal does not depend on how the input is cut`(_ refused: Case) {
        let bytes = Bytes(refused.input)
        let single = (0..<bytes.count).map { bytes[$0..<$0 + 1] }
        #expect(parse(single) == parse(refused.input))
    }

    @Test func `a target over the limit is refused before it ends`() {
        let long = "GET /" + String(repeating: "a", count: 16 * 1024)
        #expect(parse(long + " HTTP/1.1\r\nHost: a\r\n\r\n").last?.status == 414)
        #expect(parse(long + String(repeating: "a", count: 100)).last?.status == 414)
        let fits = "GET /" + String(repeating: "a", count: 16 * 1024 - 1)
        #expect(parse(fits + " HTTP/1.1\r\nHost: a\r\n\r\n").last?.status == nil)
    }

    @Test func `header fields over the limit are refused before they end`() {
        let start = "GET / HTTP/1.1\r\nHost: a\r\nA: "
        let rest = 64 * 1024 - 1 - start.utf8.count
        let long = start + String(repeating: "a", count: rest + 1)
        #expect(parse(long).last?.status == 431)
        let cut = [Bytes(start), Bytes(String(long.dropFirst(start.count)))]
        #expect(parse(cut).last?.status == 431)
        let fits = start + String(repeating: "a", count: rest - 4) + "\r\n\r\n"
        #expect(parse(fits).count == 1)
        #expect(parse(fits).last?.status == nil)
    }

    @Test func `a body over the limit is refused with its head`() {
        let start = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: "
        #expect(parse(start + "3145729\r\n\r\n").last?.status == 413)
        #expect(parse(start + "99999999999999999999999999\r\n\r\n").last?.status == 413)
        #expect(parse(start + "3145728\r\n\r\n").isEmpty)
    }

    @Test func `nothing is taken after a refusal`() {
        let results = parse("BAD\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(results.count == 1)
        #expect(results.last?.status == 400)
    }
}
