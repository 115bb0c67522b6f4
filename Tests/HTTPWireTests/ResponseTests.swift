// What is written: heads, chunks and dates.

import Buffers
import HTTPWire
import Testing

@Suite struct ResponseTests {
    private func write(
        _ head: ResponseHead, _ framing: ResponseHead.Framing,
        _ persistence: ResponseHead.Persistence = .implied
    ) -> String {
        var buffer = ByteBuffer()
        head.write(into: &buffer, framing, persistence, date: "D")
        return String(buffer.freeze())
    }

    @Test func `a head is written with length, date and fields`() {
        var fields = ResponseFields()
        fields.add("Content-Type", literal: "application/json")
        fields.add("ETag", "\"5\"")
        #expect(
            write(ResponseHead(.created, fields), .length(12))
                == "HTTP/1.1 201 Created\r\nDate: D\r\nContent-Type: application/json\r\n"
                + "ETag: \"5\"\r\nContent-Length: 12\r\n\r\n")
    }

    @Test func `the framing and the fate of the connection are said`() {
        let head = ResponseHead(.ok)
        #expect(write(head, .chunked).hasSuffix("Transfer-Encoding: chunked\r\n\r\n"))
        #expect(write(head, .none) == "HTTP/1.1 200 OK\r\nDate: D\r\n\r\n")
        #expect(write(head, .none, .close).hasSuffix("Connection: close\r\n\r\n"))
        #expect(write(head, .none, .keepAlive).hasSuffix("Connection: keep-alive\r\n\r\n"))
    }

    @Test func `a value cannot end its field`() {
        var fields = ResponseFields()
        fields.add("Location", "/a\r\nSet-Cookie: b\u{0}")
        #expect(
            write(ResponseHead(.found, fields), .none)
                == "HTTP/1.1 302 Found\r\nDate: D\r\nLocation: /a  Set-Cookie: b \r\n\r\n")
        #expect(fields.first("location") == "/a  Set-Cookie: b ")
    }

    @Test(arguments: [1, 9, 15, 16, 255, 256, 4095, 65536])
    func `a payload is framed as one chunk and found again`(_ count: Int) {
        let payload = Bytes([UInt8](repeating: 120, count: count))
        let frame = ChunkFraming.frame(payload)
        #expect(String(frame) == String(count, radix: 16) + "\r\n\(payload)\r\n")
        #expect(frame.count == count + ChunkFraming.overheadByteCount(of: count))
        var two = ByteBuffer()
        two.append(frame)
        ChunkFraming.append("second", to: &two)
        two.append(ChunkFraming.last)
        #expect(ChunkFraming.payloads(of: two.freeze()) == [payload, "second"])
    }

    @Test(arguments: [
        (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
        (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
        (1_709_251_199, "Thu, 29 Feb 2024 23:59:59 GMT"),
        (4_102_444_800, "Fri, 01 Jan 2100 00:00:00 GMT"),
        (-1, "Wed, 31 Dec 1969 23:59:59 GMT"),
    ])
    func `a date is written as HTTP wants it`(_ seconds: Int64, _ text: String) {
        var buffer = ByteBuffer()
        HTTPDate.append(seconds: seconds, to: &buffer)
        #expect(String(buffer.freeze()) == text)
    }
}
