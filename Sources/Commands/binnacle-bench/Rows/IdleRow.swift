// What a watcher costs to which nothing happens.

import Buffers

extension Row {
    static let idle = Row("idle", "memory for each of many idle watchers, plain and TLS") { bench in
        try Wire.allCases.map { try bench.idle($0) }
    }
}

extension Workbench {
    fileprivate func idle(_ wire: Wire) throws -> RowResult {
        let count = options.history.idleWatchers
        let peer = try freshBinnacle("idle\(wire.suffix)")
        let path = BenchObjects.configMaps()
        let revision = try Self.revision(of: peer.address, path)
        let crowd = try WatcherCrowd(peer.endpoint(wire))
        let before = peer.figures.residentByteCount
        try crowd.open(count, .get("\(path)?watch=true&resourceVersion=\(revision)"))
        let after = peer.figures.residentByteCount
        var row = RowResult(
            identifier: "idle\(wire.suffix)",
            title: "\(grouped(count)) idle watchers, \(wire.rawValue)")
        // They are there: each of them sees a write.
        _ = try HTTPCaller(peer.address).expect(
            201, .post(path, json: BenchObjects.configMap("seen", dataByteCount: 64).bytes(0)))
        try crowd.read(untilDelivered: count)
        row.facts = [
            Fact(name: "memory before", value: Double(before) / 1e6, unit: "MB"),
            Fact(name: "memory with them", value: Double(after) / 1e6, unit: "MB"),
        ]
        let each = Double(after - before) / Double(count) / 1024
        if wire == .plain {
            row.marks = [
                Mark(name: "memory per idle watcher", value: each, unit: "KiB", bound: .under(8))
            ]
        } else {
            row.facts.append(Fact(name: "memory per idle watcher", value: each, unit: "KiB"))
        }
        return row
    }
}
