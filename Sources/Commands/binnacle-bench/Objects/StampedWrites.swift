// Writes that say when they were sent, so that a watcher knows how long its event took.

import Buffers

/// ConfigMaps `event-<number>`, each created once.
enum StampedWrites {
    static let path = BenchObjects.configMaps()
    private static let text = filler(256)

    static func name(_ number: Int) -> String { "event-\(padded(number, 8))" }

    /// A ConfigMap that says when it was sent.
    static func object(
        _ number: Int, at nanoseconds: Int64, _ text: String = text
    ) -> Bytes {
        Bytes(
            """
            {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"\(name(number))"},\
            "data":{"sent":"\(EventLine.sentMark)\(nanoseconds)","text":"\(text)"}}
            """)
    }

    static func creates(
        _ range: Range<Int>, _ endpoint: Endpoint, _ text: String = text
    ) -> Requests {
        .numbered(range, answered: 201, to: endpoint) { number, slot in
            .post(path, json: object(number, at: slot.dueAt, text))
        }
    }

    /// Writes the objects of `range` again and again, `count` times in all.
    static func replacements(
        _ count: Int, of range: Range<Int>, _ endpoint: Endpoint, _ text: String = text
    ) -> Requests {
        replacements(count, endpoint, text) { range.lowerBound + $0 % range.count }
    }

    /// Writes `count` times, each time the object that `number` chooses.
    static func replacements(
        _ count: Int, _ endpoint: Endpoint, _ text: String = text,
        _ number: @escaping (Int) -> Int
    ) -> Requests {
        .numbered(0..<count, answered: 200, to: endpoint) { done, slot in
            let number = number(done)
            return Request(
                method: "PUT", path: "\(path)/\(name(number))",
                fields: "Content-Type: application/json\r\n",
                body: object(number, at: slot.dueAt, text))
        }
    }

    /// Connections that writes at a fixed rate are spread over: more than there are on their way.
    private static let pacedConnectionCount = 16

    /// Writes at a fixed rate. A late write counts from when it was due, so that a server that
    /// stalls is not spared the writes that it held up.
    static func paced(
        _ range: Range<Int>, _ endpoint: Endpoint, perSecond: Int, _ text: String = text
    ) -> BackgroundLoad {
        BackgroundLoad(
            to: endpoint, connections: pacedConnectionCount,
            pace: .open(perSecond: Double(perSecond))
        ) { creates(range, endpoint, text) }
    }
}
