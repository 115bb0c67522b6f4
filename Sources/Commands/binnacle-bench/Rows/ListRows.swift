// LIST of pods: all of them, compressed, and parts of them.

import Buffers
import Glibc

extension Workbench {
    func list() throws -> RowResult {
        let stock = try stock()
        let nginx = try nginx()
        let body = try stock.list()
        try Stock.check(body, holds: options.pods)
        try publish(body, as: "pods.json")
        let whole = ExpectedAnswer(bodyByteCount: body.count...body.count)
        var row = RowResult(
            identifier: RowName.list.rawValue,
            title: "LIST \(options.pods) pods, \(megabytes(body.count)) MB, "
                + "\(options.listConnections) connections")
        row.series = try paired([
            repeating(.get(BenchObjects.pods), to: stock.peer, options.listConnections, whole),
            repeating(.get("/pods.json"), to: nginx, options.listConnections, whole),
        ])
        if let creation = stock.podCreation {
            row.facts = [
                Fact(
                    name: "those pods were created by 32 clients", value: creation.perSecond,
                    unit: "/s")
            ]
        }
        row.demandRatio(0.5)
        return row
    }

    private static let acceptsGzip = "Accept-Encoding: gzip\r\n"

    /// Two rows: without changes, and with a pod changed before each list.
    func gzip() throws -> [RowResult] {
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
            "LIST \(options.pods) pods, gzip, \(megabytes(size)) MB, "
            + "\(options.listConnections) connections"

        var still = RowResult(identifier: RowName.gzip.rawValue, title: title)
        still.series = try paired([
            repeating(request, to: stock.peer, options.listConnections, whole), rival,
        ])
        still.demandRatio(0.5)

        let changing = try gzipChanging(request, compressed.count, beside: rival)
        try checkCompressed(stock.list(fields: Self.acceptsGzip), is: stock.list())
        return [still, changing]
    }

    private func gzipChanging(
        _ request: Request, _ byteCount: Int, beside rival: Contender
    ) throws -> RowResult {
        let stock = try stock()
        profileName = "gzip-changing"
        let listers = options.listConnections
        // The annotation with the revision makes each pod, and so the list, a little larger.
        let about = ExpectedAnswer(bodyByteCount: byteCount * 9 / 10...byteCount * 13 / 10)
        var row = RowResult(
            identifier: "gzip-changing",
            title: "the same, and \(listers) more connections patch a pod before each list")
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
        row.demandRatio(0.5)
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

    /// A part of the pods, which `query` chooses. No other server here knows parts.
    func part(_ name: RowName, _ title: String, _ query: String, _ count: Int) throws -> RowResult {
        let stock = try stock()
        let body = try stock.list(query)
        try Stock.check(body, holds: count)
        // A continue token's length may vary with what it holds.
        let about = ExpectedAnswer(bodyByteCount: body.count - 64...body.count + 64)
        var row = RowResult(
            identifier: name.rawValue,
            title: "LIST \(title): \(count) of \(options.pods) pods, \(body.count) bytes, "
                + "\(options.listConnections) connections")
        row.series = try paired([
            repeating(
                .get(BenchObjects.pods + query), to: stock.peer, options.listConnections, about)
        ])
        return row
    }
}
