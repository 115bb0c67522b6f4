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

    var cpuMicrosecondsEach: Double { cpuSeconds * 1e6 / Double(max(count, 1)) }
}

/// All runs of one server in a row.
struct Series {
    let name: String
    var rounds: [Round] = []

    var rates: Spread { Spread(rounds.map(\.perSecond)) }
    var bodyBytesPerSecond: Spread { Spread(rounds.map(\.bodyBytesPerSecond)) }
    var cpuMicrosecondsEach: Spread {
        Spread(rounds.map(\.cpuMicrosecondsEach))
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
        case atMost(Double)
        case under(Double)
    }

    let name: String
    let value: Double
    var unit = ""
    let bound: Bound

    var isMet: Bool {
        switch bound {
        case .atLeast(let limit): value >= limit
        case .atMost(let limit): value <= limit
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

/// A figure by the number of something.
struct Curve {
    struct Point {
        let size: Int
        let value: Double
    }

    let name: String
    let unit: String
    /// In the order of sizes.
    var points: [Point] = []

    /// The last value through the first.
    var growth: Double {
        guard let first = points.first, let last = points.last, first.value > 0 else { return 0 }
        return last.value / first.value
    }
}

/// A figure that was seen elsewhere, on the same kind of machine.
struct Reference {
    let name: String
    let perSecond: Double
}

/// The first server of a row beside another one.
struct Comparison {
    let rival: String
    /// The first one's rate through the other's, pair by pair.
    let rates: Spread
    /// The first one's processor time for each answer through the other's. A busy machine changes
    /// it less than it changes rates.
    let cpu: Double?
}

/// A row: each server's figures, and what was asked of them.
struct RowResult {
    let identifier: String
    let title: String
    /// The first is binnacle's.
    var series: [Series] = []
    /// Whether the others are to be compared with the first; else they are other figures of it.
    var hasRivals = true
    var references: [Reference] = []
    var curves: [Curve] = []
    var facts: [Fact] = []
    var marks: [Mark] = []
    /// Why there are no figures.
    var failure: String?

    /// The first server beside each of the others.
    var comparisons: [Comparison] {
        guard hasRivals, let first = series.first else { return [] }
        return series.dropFirst().map { rival in
            let rates = zip(first.rounds, rival.rounds).map { $0.perSecond / $1.perSecond }
            let cpu = rival.cpuMicrosecondsEach.median
            return Comparison(
                rival: rival.name, rates: Spread(rates),
                cpu: cpu > 0 ? first.cpuMicrosecondsEach.median / cpu : nil)
        }
    }

    private func comparison(with rival: String) -> Comparison? {
        comparisons.first { $0.rival == rival }
    }

    /// Demands that the first server reach `share` of the rate of `rival`.
    mutating func demandRatio(_ share: Double, of rival: String) {
        guard let comparison = comparison(with: rival) else { return }
        marks.append(
            Mark(
                name: "rate beside \(rival)", value: comparison.rates.median,
                bound: .atLeast(share)))
    }

    /// Demands that the first server need at most `share` of the processor time of `rival`.
    mutating func demandCPU(atMost share: Double, of rival: String) {
        guard let cpu = comparison(with: rival)?.cpu else { return }
        marks.append(
            Mark(name: "cpu each beside \(rival)", value: cpu, bound: .atMost(share)))
    }

    /// Demands `factor` times the rate that was seen elsewhere.
    mutating func demand(_ factor: Double, times reference: Reference, _ series: Series) {
        references.append(reference)
        marks.append(
            Mark(
                name: "\(series.name) beside \(reference.name)",
                value: series.rates.median / reference.perSecond, bound: .atLeast(factor)))
    }
}
