import Buffers
import Testing

@testable import binnacle_bench

@Suite struct ResponseReaderTests {
    /// Reads `text` in two pieces, cut at `cut`.
    private func read(_ text: String, cut: Int) throws -> (
        isComplete: Bool, status: Int, body: String
    ) {
        var reader = ResponseReader(keepsBody: true)
        let bytes = Bytes(text)
        var isComplete = false
        for piece in [bytes[0..<cut], bytes.dropFirst(cut)] where !piece.isEmpty {
            isComplete = try piece.withUnsafeBytes { (input) throws(BenchFailure) in
                try reader.read(input)
            }
        }
        let status = reader.status
        return (isComplete, status, String(reader.takeBody()))
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nT: x\r\n\r\n",
    ])
    func `an answer reads the same wherever it is cut`(text: String) throws {
        for cut in 0..<text.utf8.count {
            let answer = try read(text, cut: cut)
            #expect(
                answer.isComplete && answer.status == 200 && answer.body == "hello", "at \(cut)")
        }
    }

    @Test func `an answer that is not all there is not complete`() throws {
        let text = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello"
        #expect(try !read(text, cut: 10).isComplete)
    }

    @Test func `304 has no body`() throws {
        let answer = try read("HTTP/1.1 304 Not Modified\r\nETag: \"7\"\r\n\r\n", cut: 0)
        #expect(answer.isComplete && answer.status == 304 && answer.body.isEmpty)
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nhello\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nz\r\n",
        "HTTP/1.1 200 OK\r\nServer: x\r\n\r\nhello",
        "SSH-2.0-OpenSSH_9.2\r\n\r\n",
    ])
    func `what is no answer is refused`(text: String) {
        #expect(throws: BenchFailure.self) { try read(text, cut: 0) }
    }

    @Test func `a reader goes on with the next answer`() throws {
        var reader = ResponseReader(keepsBody: false)
        for status in ["200 OK", "404 Not Found"] {
            reader.reset()
            let text = Bytes("HTTP/1.1 \(status)\r\nContent-Length: 1\r\n\r\nx")
            let isComplete = try text.withUnsafeBytes { (input) throws(BenchFailure) in
                try reader.read(input)
            }
            #expect(isComplete)
        }
        let status = reader.status
        #expect(status == 404)
    }
}
