// What a run leaves behind.

import Buffers
import Glibc

/// The rows so far, in files that are written anew with each: a run that is broken off has shown
/// what it had.
final class Report {
    private let machine: Machine
    private let stem: String
    private(set) var paths: [String] = []
    private var rows: [RowResult] = []

    /// - Parameter folder: where `bench-<moment>.json`, `bench-<moment>.svg` and, of rows about
    ///   growth, `bench-<moment>-growth.svg` go.
    init(_ machine: Machine, in folder: String) {
        self.machine = machine
        stem = "\(folder)/bench-\(Self.moment())"
    }

    var hasFailures: Bool { rows.contains { $0.failure != nil } }

    func add(_ results: [RowResult]) throws {
        rows += results
        paths = []
        try write(JSONReport.document(rows, machine), to: "\(stem).json")
        if rows.contains(where: \.curves.isEmpty) {
            try write(BarChart(rows, machine).document(), to: "\(stem).svg")
        }
        let growth = GrowthChart(rows)
        if !growth.isEmpty { try write(growth.document(), to: "\(stem)-growth.svg") }
    }

    private func write(_ bytes: Bytes, to path: String) throws {
        paths.append(path)
        try bytes.withUnsafeBytes { try Scratch.write($0, to: path) }
    }

    private static func moment() -> String {
        var now = time(nil)
        var parts = tm()
        gmtime_r(&now, &parts)
        let day = [parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday]
        let hour = [parts.tm_hour, parts.tm_min, parts.tm_sec]
        return (day.map { padded(Int($0), 2) } + ["-"] + hour.map { padded(Int($0), 2) }).joined()
    }
}
