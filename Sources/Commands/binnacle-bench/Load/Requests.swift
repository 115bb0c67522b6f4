// Where the requests of a run come from.

import Buffers

/// Requests that a closure makes, one after another, for whichever connection asks.
struct Requests: RequestSource {
    /// nil when there are no more.
    let make: (_ slot: Slot, _ buffer: inout ByteBuffer) -> ExpectedAnswer?

    func next(on slot: Slot, into buffer: inout ByteBuffer) -> NextStep {
        make(slot, &buffer).map { .request($0) } ?? .nothingMore
    }

    func answered(on connection: Int) {}

    /// One request again and again.
    static func repeating(
        _ request: Request, to address: Endpoint, _ expectation: ExpectedAnswer
    ) -> Requests {
        var buffer = ByteBuffer()
        request.write(into: &buffer, host: address)
        let bytes = buffer.freeze()
        return Requests { _, buffer in
            buffer.append(bytes)
            return expectation
        }
    }

    /// One request for each number of `range`.
    static func numbered(
        _ range: Range<Int>, answered status: Int, to endpoint: Endpoint,
        _ request: @escaping (_ number: Int, _ slot: Slot) -> Request
    ) -> Requests {
        numbered(range, ExpectedAnswer(status: status), to: endpoint, request)
    }

    static func numbered(
        _ range: Range<Int>, _ expectation: ExpectedAnswer, to endpoint: Endpoint,
        _ request: @escaping (_ number: Int, _ slot: Slot) -> Request
    ) -> Requests {
        var number = range.lowerBound
        return Requests { slot, buffer in
            guard number < range.upperBound else { return nil }
            request(number, slot).write(into: &buffer, host: endpoint)
            number += 1
            return expectation
        }
    }

    /// Posts `template` with the numbers of `range`, each once.
    static func posting(
        _ template: ObjectTemplate, to path: String, at address: Endpoint, _ range: Range<Int>
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
