// LIST of pods: all of them, compressed, and parts of them.

import Buffers

extension Row {
    static let list = Row(
        "list", "LIST of all pods, plain and TLS, beside nginx with the same bytes"
    ) {
        bench in
        try Wire.allCases.map { try bench.list($0) }
    }

    static let gzip = Row(
        "gzip", "the same compressed, with and without a change before each, beside gzip_static"
    ) { try $0.gzip() }

    static let label = Row("label", "LIST by a label that 100 pods have, plain and TLS") { bench in
        let count = min(bench.options.pods, 100)
        let part = PodsPart("by label", "?labelSelector=group%3Dg-000", count)
        return [try bench.part("label", part, KubeAPIServer.byLabel, factor: 10)]
    }

    static let node = Row("node", "LIST by a node that 10 pods run on, plain and TLS") { bench in
        let count = min(bench.options.pods, 10)
        let part = PodsPart("by node", "?fieldSelector=spec.nodeName%3Dnode-0000", count)
        return [try bench.part("node", part, KubeAPIServer.byNode, factor: 5)]
    }

    static let limit = Row("limit", "the first 500 pods, plain and TLS") { bench in
        let count = min(bench.options.pods, 500)
        let part = PodsPart("limit=500", "?limit=500", count)
        return [try bench.part("limit", part, KubeAPIServer.firstPage, factor: 10)]
    }
}

/// What kube-apiserver 1.20 with etcd 3.4 did on two such processors: JSON over TLS, four clients.
enum KubeAPIServer {
    static let byLabel = Reference(name: "kube-apiserver", perSecond: 196)
    static let byNode = Reference(name: "kube-apiserver", perSecond: 2_830)
    static let firstPage = Reference(name: "kube-apiserver", perSecond: 52)
}

/// Some of the pods.
private struct PodsPart {
    let title: String
    let query: String
    let count: Int

    init(_ title: String, _ query: String, _ count: Int) {
        self.title = title
        self.query = query
        self.count = count
    }
}

extension Workbench {
    fileprivate func list(_ wire: Wire) throws -> RowResult {
        let stock = try stock()
        let nginx = try nginx()
        let body = try stock.list()
        try Stock.check(body, holds: options.pods)
        try publish(body, as: "pods.json")
        let whole = ExpectedAnswer(bodyByteCount: body.count...body.count)
        var row = RowResult(
            identifier: "list\(wire.suffix)",
            title: "LIST \(grouped(options.pods)) pods, \(megabytes(body.count)) MB, "
                + "\(options.listConnections) connections, \(wire.rawValue)")
        profileName = row.identifier
        let connections = options.listConnections
        row.series = try paired([
            repeating(.get(BenchObjects.pods), to: stock.peer, connections, whole, wire),
            repeating(.get("/pods.json"), to: nginx, connections, whole, wire),
        ])
        if wire == .plain, let creation = stock.podCreation {
            row.facts = [
                Fact(
                    name: "those pods were created by 32 clients", value: creation.perSecond,
                    unit: "/s")
            ]
        }
        row.demandRatio(0.9, of: "nginx")
        return row
    }

    private static let acceptsGzip = "Accept-Encoding: gzip\r\n"

    /// Two rows: without changes, and with a pod changed before each list.
    fileprivate func gzip() throws -> [RowResult] {
        let stock = try stock()
        let nginx = try nginx()
        let compressed = try stock.list(fields: Self.acceptsGzip)
        let plain = try stock.list()
        try publish(plain, as: "pods.json")
        try publish(compressed, as: "pods.json.gz")
        try checkCompressed(compressed, is: plain)
        let request = Request.get(BenchObjects.pods, fields: Self.acceptsGzip)
        let size = compressed.count
        let whole = ExpectedAnswer(bodyByteCount: size...size)
        var rival = repeating(
            .get("/pods.json", fields: Self.acceptsGzip), to: nginx, options.listConnections, whole)
        rival.name = "gzip_static"
        let title =
            "LIST \(grouped(options.pods)) pods, gzip, \(megabytes(size)) MB, "
            + "\(options.listConnections) connections"

        var still = RowResult(identifier: Row.gzip.name, title: title)
        still.series = try paired([
            repeating(request, to: stock.peer, options.listConnections, whole), rival,
        ])
        still.demandRatio(0.8, of: rival.name)

        let changing = try gzipChanging(title, request, compressed.count, beside: rival)
        try checkCompressed(stock.list(fields: Self.acceptsGzip), is: stock.list())
        return [still, changing]
    }

    private func gzipChanging(
        _ title: String, _ request: Request, _ byteCount: Int, beside rival: Contender
    ) throws -> RowResult {
        let stock = try stock()
        profileName = "gzip-changing"
        let listers = options.listConnections
        // The annotation with the revision makes each pod, and so the list, a little larger.
        let about = ExpectedAnswer(bodyByteCount: byteCount * 9 / 10...byteCount * 13 / 10)
        var row = RowResult(
            identifier: "gzip-changing",
            title: "\(title), and \(listers) more that patch a pod before each list")
        let binnacle: Contender = (
            "binnacle",
            {
                try self.round(
                    stock.peer, connections: 2 * listers,
                    PatchedLists(
                        request, to: stock.peer.address, listers: listers, about,
                        pods: self.options.pods))
            }
        )
        row.series = try paired([binnacle, rival])
        row.demandRatio(0.8, of: rival.name)
        return row
    }

    /// Has gzip(1) unpack `compressed` and demands that `plain` comes out.
    private func checkCompressed(_ compressed: Bytes, is plain: Bytes) throws {
        let path = scratch.path("check.json")
        try compressed.withUnsafeBytes { try Scratch.write($0, to: "\(path).gz") }
        let gzip = try ChildProcess(
            "gzip", ["gzip", "-df", "\(path).gz"], logPath: scratch.path("gzip.log"))
        guard gzip.waitForEnd() == 0 else {
            throw BenchFailure("the compressed list is broken: \(gzip.logEnd)")
        }
        guard let unpacked = textOfFile(path), Bytes(unpacked) == plain else {
            throw BenchFailure("the compressed list is not the plain one")
        }
    }

    /// A part of the pods. No other server here knows parts.
    fileprivate func part(
        _ name: String, _ part: PodsPart, _ reference: Reference, factor: Double
    ) throws -> RowResult {
        let stock = try stock()
        let body = try stock.list(part.query)
        try Stock.check(body, holds: part.count)
        // A continue token's length may vary with what it holds.
        let about = ExpectedAnswer(bodyByteCount: body.count - 64...body.count + 64)
        var row = RowResult(
            identifier: name,
            title: "LIST \(part.title): \(part.count) of \(grouped(options.pods)) pods, "
                + "\(grouped(body.count)) bytes, \(options.listConnections) connections")
        row.series = try paired(
            Wire.allCases.map { wire in
                var contender = repeating(
                    .get(BenchObjects.pods + part.query), to: stock.peer, options.listConnections,
                    about, wire)
                if wire == .tls { contender.name += " TLS" }
                return contender
            })
        row.demand(factor, times: reference, row.series[1])
        return row
    }
}
