// Writes that say when they were sent, so that a watcher knows how long its event took.

import Buffers
import SystemCalls

/// ConfigMaps `event-<number>`, each created once.
enum StampedWrites {
    static let path = BenchObjects.configMaps()
    private static let text = filler(256)

    /// A ConfigMap that says when it was sent.
    static func object(
        _ number: Int, at nanoseconds: Int64, _ text: String = text
    ) -> Bytes {
        Bytes(
            """
            {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"event-\(padded(number, 8))"},\
            "data":{"sent":"\(EventLine.sentMark)\(nanoseconds)","text":"\(text)"}}
            """)
    }

    static func creates(
        _ range: Range<Int>, _ address: SocketAddress, _ text: String = text
    ) -> Requests {
        var number = range.lowerBound
        return Requests { _, buffer in
            guard number < range.upperBound else { return nil }
            let body = object(number, at: monotonicNanoseconds(), text)
            Request.post(path, json: body).write(into: &buffer, host: address)
            number += 1
            return ExpectedAnswer(status: 201)
        }
    }

    /// Writes the objects of `range` again and again, `count` times in all.
    static func replacements(
        _ count: Int, of range: Range<Int>, _ address: SocketAddress, _ text: String
    ) -> Requests {
        var done = 0
        return Requests { _, buffer in
            guard done < count else { return nil }
            let number = range.lowerBound + done % range.count
            done += 1
            Request(
                method: "PUT", path: "\(path)/event-\(padded(number, 8))",
                fields: "Content-Type: application/json\r\n",
                body: object(number, at: monotonicNanoseconds(), text)
            ).write(into: &buffer, host: address)
            return ExpectedAnswer(status: 200)
        }
    }

    /// Writes at a fixed rate. A late write counts from when it was due, so that a server that
    /// stalls is not spared the writes that it held up.
    static func paced(
        _ range: Range<Int>, _ address: SocketAddress, perSecond: Int, _ text: String = text
    ) -> BackgroundWork {
        BackgroundWork {
            let caller = try HTTPCaller(address)
            let start = monotonicNanoseconds() + 50_000_000
            for (index, number) in range.enumerated() {
                let due = start + Int64(index) * 1_000_000_000 / Int64(perSecond)
                waitUntil(nanoseconds: due)
                _ = try caller.expect(201, .post(path, json: object(number, at: due, text)))
            }
        }
    }
}
