// Events that nobody waits for, so that there is a history.

import Buffers

/// Objects of 1 KB in a namespace of their own, written again and again.
enum PastWrites {
    static let namespaceBody = Bytes(
        #"{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"past"}}"#)

    private static let path = BenchObjects.configMaps(in: "past")
    private static let objectCount = 1_000
    private static let dataByteCount = 700
    /// What an event takes: the object with what the server adds, and its key.
    private static let eventByteCount = 1_000

    /// Writes about so many bytes of events.
    static func write(_ byteCount: Int, to address: Endpoint) throws {
        let count = byteCount / eventByteCount
        guard count > 0 else { return }
        let template = BenchObjects.configMap("past", dataByteCount: dataByteCount)
        let creates = Requests.posting(template, to: path, at: address, 0..<objectCount)
        _ = try LoadLoop(to: address, connections: 32, creates, Window()).run()
        var done = objectCount
        let replaces = Requests { _, buffer in
            guard done < count else { return nil }
            let number = done % objectCount
            done += 1
            template.replacement(number, turn: done, at: "\(path)/past-\(padded(number, 8))")
                .write(into: &buffer, host: address)
            return ExpectedAnswer(status: 200)
        }
        _ = try LoadLoop(to: address, connections: 32, replaces, Window()).run()
    }
}
