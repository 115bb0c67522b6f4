// JSON and HTTP by themselves.

import Buffers
import HTTPWire
import JSON

extension Piece {
    private static let documentCount = 100

    /// Pods as clients send them, about 2.7 KB each.
    private static var documents: [Bytes] {
        let pod = BenchObjects.pod(paddingByteCount: 900)
        return (0..<documentCount).map { pod.bytes($0) }
    }

    static func jsonParse() throws -> Piece {
        let documents = documents
        return Piece(
            name: "json-parse", title: "JSON: parse a pod of \(documents[0].count) bytes",
            operationCount: documents.count, byteCount: documents.reduce(0) { $0 + $1.count },
            mark: { megabytesMark($0, atLeast: 400) },
            run: {
                for document in documents { keep(try JSONValue(parsing: document)) }
            })
    }

    static func jsonWrite() throws -> Piece {
        let documents = documents
        let values = try documents.map { try JSONValue(parsing: $0) }
        return Piece(
            name: "json-write", title: "JSON: write a pod of \(documents[0].count) bytes",
            operationCount: values.count, byteCount: documents.reduce(0) { $0 + $1.count },
            mark: { megabytesMark($0, atLeast: 1_000) },
            run: {
                // One buffer for all, as an answer has.
                var buffer = ByteBuffer(reserving: 4096)
                for value in values {
                    buffer.truncate(to: 0)
                    value.write(into: &buffer)
                }
                keep(buffer.count)
            })
    }

    private static func megabytesMark(_ series: Series, atLeast limit: Double) -> Mark {
        Mark(
            name: "speed", value: series.bodyBytesPerSecond.median / 1e6, unit: "MB/s",
            bound: .atLeast(limit))
    }

    static func httpParse() throws -> Piece {
        let request = Bytes(
            "GET /api/v1/namespaces/bench/configmaps/object-00000001 HTTP/1.1\r\n"
                + "Host: 127.0.0.1:6443\r\nUser-Agent: kubectl/v1.34.0 (linux/amd64)\r\n"
                + "Accept: application/json\r\nAccept-Encoding: gzip\r\n"
                + "Authorization: Bearer \(filler(64))\r\n\r\n")
        var buffer = ByteBuffer(reserving: request.count * documentCount)
        for _ in 0..<documentCount { buffer.append(request) }
        let pipeline = buffer.freeze()
        return Piece(
            name: "http-parse", title: "HTTP: parse a request of \(request.count) bytes",
            operationCount: documentCount, byteCount: pipeline.count,
            run: {
                let headCount = pipeline.withUnsafeBytes { countHeads(of: $0) }
                guard headCount == documentCount else {
                    throw BenchFailure("\(headCount) requests were parsed, not \(documentCount)")
                }
            })
    }

    private static func countHeads(of input: UnsafeRawBufferPointer) -> Int {
        var parser = RequestParser()
        let limits = MessageLimits()
        var (position, count) = (0, 0)
        while true {
            switch parser.next(input, from: &position, limits) {
            case .head: count += 1
            case .needsMore, .failed: return count
            case .body, .end: break
            }
        }
    }
}

/// Uses `value` in a way that the optimizer cannot see through.
@inline(never) @_optimize(none)
func keep<Value>(_ value: Value) {}
