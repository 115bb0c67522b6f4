// How much memory the objects take.

import Buffers

extension Workbench {
    /// All pods with 1,024 bytes besides what a pod must have, created and then listed.
    func memory() throws -> RowResult {
        let binnacle = try freshBinnacle("memory")
        let before = binnacle.figures.residentByteCount
        var row = RowResult(
            identifier: RowName.memory.rawValue,
            title: "memory with \(options.pods) pods of 1,024 bytes extra")
        let pod = BenchObjects.smallPod(extraByteCount: 1024)
        let creation = try exhaust(
            binnacle, connections: 32,
            Requests.posting(pod, to: BenchObjects.pods, at: binnacle.address, 0..<options.pods))
        row.series = [Series(name: "creating", rounds: [creation])]
        let body = try HTTPCaller(binnacle.address).expect(200, .get(BenchObjects.pods)).body
        try Stock.check(body, holds: options.pods)
        let lists = try ["", "Accept-Encoding: gzip\r\n"].map { fields in
            var left = 4 * options.listConnections
            return try exhaust(
                binnacle, connections: options.listConnections,
                Requests { _, buffer in
                    left -= 1
                    guard left >= 0 else { return nil }
                    Request.get(BenchObjects.pods, fields: fields)
                        .write(into: &buffer, host: binnacle.address)
                    return ExpectedAnswer()
                })
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
}
