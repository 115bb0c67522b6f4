// Where the requests of a run come from.

import Buffers
import SystemCalls

/// Requests that a closure makes, one after another, for whichever connection asks.
struct Requests: RequestSource {
    /// nil when there are no more.
    let make: (_ connection: Int, _ buffer: inout ByteBuffer) -> ExpectedAnswer?

    func next(on connection: Int, into buffer: inout ByteBuffer) -> NextStep {
        make(connection, &buffer).map { .request($0) } ?? .nothingMore
    }

    func answered(on connection: Int) {}

    /// One request again and again.
    static func repeating(
        _ request: Request, to address: SocketAddress, _ expectation: ExpectedAnswer
    ) -> Requests {
        var buffer = ByteBuffer()
        request.write(into: &buffer, host: address)
        let bytes = buffer.freeze()
        return Requests { _, buffer in
            buffer.append(bytes)
            return expectation
        }
    }

    /// Posts `template` with the numbers of `range`, each once.
    static func posting(
        _ template: ObjectTemplate, to path: String, at address: SocketAddress, _ range: Range<Int>
    ) -> Requests {
        var head = ByteBuffer()
        head.append(utf8: "POST \(path) HTTP/1.1\r\nHost: \(address)\r\n")
        head.append(literal: "Content-Type: application/json\r\n")
        head.append(utf8: "Content-Length: \(template.byteCount)\r\n\r\n")
        let start = head.freeze()
        var number = range.lowerBound
        return Requests { _, buffer in
            guard number < range.upperBound else { return nil }
            buffer.append(start)
            template.write(number, into: &buffer)
            number += 1
            return ExpectedAnswer(status: 201)
        }
    }
}
