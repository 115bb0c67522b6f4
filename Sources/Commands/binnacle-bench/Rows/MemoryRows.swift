// How much memory the objects take, and what lists of them add.

import Buffers

extension Row {
    static let memory = Row("memory", "memory with all pods, each with 1 KB besides") {
        try [$0.memory()]
    }

    static let footprint = Row("footprint", "memory with 100,000 pods of 2 KB through their JSON") {
        try [$0.footprint()]
    }

    static let listCrowd = Row(
        "list-crowd", "16 clients at once list all pods: what the peak of memory grows by"
    ) { try [$0.listCrowd()] }
}

private let acceptsGzip = "Accept-Encoding: gzip\r\n"

extension Workbench {
    /// All pods with 1,024 bytes besides what a pod must have, created and then listed.
    fileprivate func memory() throws -> RowResult {
        let binnacle = try freshBinnacle("memory")
        let before = binnacle.figures.residentByteCount
        var row = RowResult(
            identifier: Row.memory.name,
            title: "memory with \(grouped(options.pods)) pods of 1,024 bytes extra")
        row.hasRivals = false
        let creation = try fill(
            binnacle, options.pods, BenchObjects.smallPod(extraByteCount: 1024))
        row.series = [Series(name: "creating", rounds: [creation])]
        let body = try HTTPCaller(binnacle.address).expect(200, .get(BenchObjects.pods)).body
        try Stock.check(body, holds: options.pods)
        let lists = try ["", acceptsGzip].map {
            try list(binnacle, 4 * options.listConnections, options.listConnections, $0)
        }
        row.series.append(Series(name: "listing", rounds: [lists[0]]))
        row.series.append(Series(name: "gzip", rounds: [lists[1]]))
        let peak = row.series.map(\.peakByteCount).max() ?? 0
        row.facts = [
            Fact(name: "the list", value: Double(body.count) / 1e6, unit: "MB"),
            Fact(name: "before the first pod", value: Double(before) / 1e6, unit: "MB"),
        ]
        row.marks = [
            Mark(
                name: "peak memory", value: Double(peak) / 1e6, unit: "MB", bound: .under(150))
        ]
        return row
    }

    /// The whole process through the objects' JSON: after creating them, and after lists in both
    /// forms.
    fileprivate func footprint() throws -> RowResult {
        let binnacle = try freshBinnacle("footprint")
        let count = options.footprintPods
        let pod = try Stock.pod(of: Self.footprintByteCount, in: binnacle)
        var row = RowResult(
            identifier: Row.footprint.name, title: "memory with \(grouped(count)) pods of 2 KB")
        row.hasRivals = false
        let creation = try fill(binnacle, count, pod)
        let created = binnacle.figures.residentByteCount
        row.series = [Series(name: "creating", rounds: [creation])]
        let lists = try ["", acceptsGzip].map { try list(binnacle, 1, 1, $0) }
        row.series.append(Series(name: "listing", rounds: [lists[0]]))
        row.series.append(Series(name: "gzip", rounds: [lists[1]]))
        let json = lists[0].bodyBytesPerSecond * lists[0].seconds
        row.facts = [
            Fact(name: "their JSON", value: json / 1e6, unit: "MB"),
            Fact(name: "a pod", value: json / Double(count), unit: "bytes"),
            Fact(name: "after creating them", value: Double(created) / json, unit: "times that"),
            Fact(
                name: "peak while listing",
                value: Double(lists.map(\.peakByteCount).max() ?? 0) / json, unit: "times that"),
        ]
        row.marks = [
            Mark(
                name: "memory through JSON, lists in both forms cached",
                value: Double(binnacle.figures.residentByteCount) / json, bound: .atMost(2.5))
        ]
        return row
    }

    private static let footprintByteCount = 2_048

    fileprivate func listCrowd() throws -> RowResult {
        let binnacle = try freshBinnacle("list-crowd")
        var row = RowResult(
            identifier: Row.listCrowd.name,
            title: "\(Self.listerCount) clients list \(grouped(options.pods)) pods at once")
        row.hasRivals = false
        _ = try fill(
            binnacle, options.pods, Stock.pod(of: Stock.podByteCount, in: binnacle))
        let grown = try ["first lists", "later lists"].map { name in
            let before = binnacle.figures.residentByteCount
            let round = try list(binnacle, 4 * Self.listerCount, Self.listerCount)
            row.series.append(Series(name: name, rounds: [round]))
            return Double(round.peakByteCount - before) / 1e6
        }
        row.facts = [
            Fact(
                name: "growth with the first lists, which fill the cache", value: grown[0],
                unit: "MB")
        ]
        row.marks = [
            Mark(name: "growth with later lists", value: grown[1], unit: "MB", bound: .under(20))
        ]
        return row
    }

    private static let listerCount = 16

    /// Creates so many pods with 32 clients.
    private func fill(_ peer: Peer, _ count: Int, _ pod: ObjectTemplate) throws -> Round {
        try exhaust(
            peer, connections: 32,
            Requests.posting(pod, to: BenchObjects.pods, at: peer.address, 0..<count))
    }

    /// Lists all pods so many times, over so many connections.
    private func list(
        _ peer: Peer, _ count: Int, _ connections: Int, _ fields: String = ""
    ) throws -> Round {
        let request = Request.get(BenchObjects.pods, fields: fields)
        return try exhaust(
            peer, connections: connections,
            .numbered(0..<count, answered: 200, to: peer.address) { _, _ in request })
    }
}
