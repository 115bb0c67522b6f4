// What a row of the table says.

/// One measured run of one server.
struct Round {
    var perSecond: Double
    var count: Int
    var bodyBytesPerSecond: Double = 0
    var latencies = LatencyHistogram()
    /// Of all its processes, while it was measured.
    var cpuSeconds: Double
    var seconds: Double
    var peakByteCount: Int
    var residentByteCount: Int
}

/// All runs of one server in a row.
struct Series {
    let name: String
    var rounds: [Round] = []

    var rates: Spread { Spread(rounds.map(\.perSecond)) }
    var bodyBytesPerSecond: Spread { Spread(rounds.map(\.bodyBytesPerSecond)) }
    var cpuMicrosecondsEach: Spread {
        Spread(rounds.map { $0.cpuSeconds * 1e6 / Double(max($0.count, 1)) })
    }
    var cores: Spread { Spread(rounds.map { $0.cpuSeconds / max($0.seconds, 1e-9) }) }
    var cpuSeconds: Double { rounds.reduce(0) { $0 + $1.cpuSeconds } }
    var peakByteCount: Int { rounds.map(\.peakByteCount).max() ?? 0 }
    var residentByteCount: Int { rounds.last?.residentByteCount ?? 0 }
    var latencies: LatencyHistogram {
        rounds.reduce(into: LatencyHistogram()) { $0.add($1.latencies) }
    }
}

/// A median and the ends of what was seen.
struct Spread {
    let median: Double
    let lowest: Double
    let highest: Double

    /// Zero when there are no values.
    init(_ values: [Double]) {
        let sorted = values.sorted()
        lowest = sorted.first ?? 0
        highest = sorted.last ?? 0
        let middle = sorted.count / 2
        if sorted.isEmpty {
            median = 0
        } else if sorted.count.isMultiple(of: 2) {
            median = (sorted[middle - 1] + sorted[middle]) / 2
        } else {
            median = sorted[middle]
        }
    }
}

/// What a figure has to reach.
struct Mark {
    enum Bound {
        case atLeast(Double)
        case under(Double)
    }

    let name: String
    let value: Double
    var unit = ""
    let bound: Bound

    var isMet: Bool {
        switch bound {
        case .atLeast(let limit): value >= limit
        case .under(let limit): value < limit
        }
    }
}

/// A figure beside the measured rates.
struct Fact {
    let name: String
    let value: Double
    let unit: String
}

/// A row: each server's figures, and what was asked of them.
struct RowResult {
    let identifier: String
    let title: String
    /// The first is binnacle's.
    var series: [Series] = []
    var facts: [Fact] = []
    var marks: [Mark] = []
    /// Why there are no figures.
    var failure: String?

    /// The first server's rate through the second's, pair by pair.
    var ratios: Spread? {
        guard series.count == 2 else { return nil }
        return Spread(
            zip(series[0].rounds, series[1].rounds).map { $0.perSecond / $1.perSecond })
    }

    /// The first server's processor time for each answer through the second's. A busy machine
    /// changes it less than it changes rates.
    var cpuRatio: Double? {
        guard series.count == 2 else { return nil }
        let rival = series[1].cpuMicrosecondsEach.median
        return rival > 0 ? series[0].cpuMicrosecondsEach.median / rival : nil
    }

    /// Demands that the first server reach `share` of the second's rate.
    mutating func demandRatio(_ share: Double) {
        guard let ratios else { return }
        marks.append(
            Mark(
                name: "\(series[0].name) / \(series[1].name)", value: ratios.median,
                bound: .atLeast(share)))
    }
}
