// GET of one object, whole and unchanged.

import APIModel
import Buffers

extension Row {
    static let get = Row(
        "get", "GET of one object, plain and TLS, beside nginx with a file of the same bytes"
    ) { bench in
        try Wire.allCases.map { try bench.get($0) }
    }

    static let notModified = Row("not-modified", "the same GET with the ETag, answered 304") {
        try [$0.notModified()]
    }

    static let paced = Row(
        "paced", "the same GET at fixed rates: latency without coordinated omission"
    ) { bench in
        try bench.options.rates.map { try bench.paced($0) }
    }
}

extension Workbench {
    fileprivate func get(_ wire: Wire) throws -> RowResult {
        let (stock, nginx, body) = try publishedObject()
        let whole = ExpectedAnswer(bodyByteCount: body.count...body.count)
        let identifier = "get\(wire.suffix)"
        profileName = identifier
        var row = RowResult(
            identifier: identifier,
            title: "GET one ConfigMap, \(body.count) bytes, \(options.connections) connections, "
                + wire.rawValue)
        var contenders = [
            repeating(.get(Stock.objectPath), to: stock, options.connections, whole, wire),
            repeating(.get("/object.json"), to: nginx, options.connections, whole, wire),
        ]
        if wire == .plain { contenders.append(try etcdRange(body)) }
        row.series = try paired(contenders)
        row.demandRatio(0.8, of: "nginx")
        return row
    }

    /// The same bytes out of etcd's gateway.
    private func etcdRange(_ value: Bytes) throws -> Contender {
        let etcd = try etcd()
        let key = "/bench/object"
        _ = try HTTPCaller(etcd.address).expect(200, EtcdRequest.put(key, value))
        let request = EtcdRequest.range(key)
        // The answer says how often etcd has elected a leader and so on: its length varies.
        let expectation = ExpectedAnswer(bodyByteCount: value.count...value.count * 3)
        return repeating(request, to: etcd, options.connections, expectation)
    }

    fileprivate func notModified() throws -> RowResult {
        let (stock, nginx, _) = try publishedObject()
        var row = RowResult(
            identifier: Row.notModified.name,
            title: "GET with If-None-Match, answered 304, \(options.connections) connections")
        row.series = try paired([
            conditional(Stock.objectPath, stock), conditional("/object.json", nginx),
        ])
        row.demandRatio(0.9, of: "nginx")
        return row
    }

    fileprivate func paced(_ perSecond: Int) throws -> RowResult {
        let (stock, nginx, body) = try publishedObject()
        profileName = "paced-\(perSecond)"
        let whole = ExpectedAnswer(bodyByteCount: body.count...body.count)
        var row = RowResult(
            identifier: "paced-\(perSecond)",
            title: "GET one ConfigMap at \(figure(Double(perSecond)))/s, whether or not the "
                + "server keeps up")
        func contender(_ path: String, _ peer: Peer) -> Contender {
            let requests = Requests.repeating(.get(path), to: peer.address, whole)
            let pace = Pace.open(perSecond: Double(perSecond))
            return (
                peer.name,
                {
                    try self.round(
                        peer, connections: self.options.connections, requests, pace: pace)
                }
            )
        }
        row.series = try paired([
            contender(Stock.objectPath, stock), contender("/object.json", nginx),
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
