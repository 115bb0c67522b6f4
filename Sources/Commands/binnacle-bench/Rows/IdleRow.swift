// What a watcher costs to which nothing happens.

import Buffers

extension Workbench {
    func idle() throws -> RowResult {
        let count = options.history.idleWatchers
        let peer = try freshBinnacle("idle")
        let path = BenchObjects.configMaps()
        let revision = try Self.revision(of: peer.address, path)
        let crowd = try WatcherCrowd(peer.address)
        let before = peer.figures.residentByteCount
        try crowd.open(count, .get("\(path)?watch=true&resourceVersion=\(revision)"))
        let after = peer.figures.residentByteCount
        var row = RowResult(
            identifier: RowName.idle.rawValue, title: "\(count) idle watchers over plain HTTP")
        // They are there: each of them sees a write.
        _ = try HTTPCaller(peer.address).expect(
            201, .post(path, json: BenchObjects.configMap("seen", dataByteCount: 64).bytes(0)))
        try crowd.read(untilDelivered: count)
        row.facts = [
            Fact(name: "memory before", value: Double(before) / 1e6, unit: "MB"),
            Fact(name: "memory with them", value: Double(after) / 1e6, unit: "MB"),
        ]
        row.marks = [
            Mark(
                name: "memory per idle watcher",
                value: Double(after - before) / Double(count) / 1024,
                unit: "KiB", bound: .under(8))
        ]
        return row
    }
}
