// GET of one object, whole and unchanged.

import Buffers

extension Workbench {
    func get() throws -> RowResult {
        let (stock, nginx, body) = try publishedObject()
        let whole = ExpectedAnswer(bodyByteCount: body.count...body.count)
        var row = RowResult(
            identifier: RowName.get.rawValue,
            title: "GET one ConfigMap, \(body.count) bytes, \(options.connections) connections")
        row.series = try paired([
            repeating(.get(Stock.objectPath), to: stock, options.connections, whole),
            repeating(.get("/object.json"), to: nginx, options.connections, whole),
        ])
        row.demandRatio(0.5)
        return row
    }

    func notModified() throws -> RowResult {
        let (stock, nginx, _) = try publishedObject()
        var row = RowResult(
            identifier: RowName.notModified.rawValue,
            title: "GET with If-None-Match, answered 304, \(options.connections) connections")
        row.series = try paired([
            conditional(Stock.objectPath, stock), conditional("/object.json", nginx),
        ])
        return row
    }

    /// Has nginx serve the bytes that binnacle serves.
    private func publishedObject() throws -> (stock: Peer, nginx: Peer, body: Bytes) {
        let stock = try stock().peer
        let body = try HTTPCaller(stock.address).expect(200, .get(Stock.objectPath)).body
        try publish(body, as: "object.json")
        return (stock, try nginx(), body)
    }

    /// The GET of `path` under the condition that it has changed, which it has not.
    private func conditional(_ path: String, _ peer: Peer) throws -> Contender {
        let answer = try HTTPCaller(peer.address).expect(200, .get(path))
        guard let etag = answer.etag else { throw BenchFailure("\(peer.name) sends no ETag") }
        return repeating(
            .get(path, fields: "If-None-Match: \(etag)\r\n"), to: peer, options.connections,
            ExpectedAnswer(status: 304, bodyByteCount: 0...0))
    }
}
