// The table that is printed.

/// Writes rows as text, each as soon as it is measured.
enum TextTable {
    private static let columns: [(title: String, width: Int)] = [
        ("", 17), ("per second", 11), ("spread", 19), ("p50 ms", 9), ("p99 ms", 9),
        ("cpu µs each", 12), ("cores", 6), ("MB/s", 9), ("peak MB", 9), ("now MB", 8),
    ]

    static let header = line(columns.map(\.title))

    /// The lines of a row.
    static func text(_ row: RowResult) -> String {
        var lines = [row.title]
        lines += row.series.map(text)
        lines += row.comparisons.map { text($0, row.series[0]) }
        lines += row.references.map { line(["  \($0.name)", rate($0.perSecond)]) }
        lines += row.curves.map(text)
        lines += row.facts.map { "  \($0.name): \(rate($0.value)) \($0.unit)" }
        lines += row.marks.map(text)
        if let failure = row.failure { lines.append("  NO FIGURE: \(failure)") }
        return lines.joined(separator: "\n")
    }

    private static func text(_ comparison: Comparison, _ first: Series) -> String {
        let rates = comparison.rates
        let cpu = comparison.cpu.map { ", cpu each \(figure($0, 2))" } ?? ""
        return "  \(first.name) / \(comparison.rival): \(figure(rates.median, 2)) "
            + "(\(figure(rates.lowest, 2))–\(figure(rates.highest, 2)))\(cpu)"
    }

    private static func text(_ curve: Curve) -> String {
        let points = curve.points.map { "\(figure(Double($0.size))): \(figure($0.value, 1))" }
        return "  \(curve.name), \(curve.unit): \(points.joined(separator: ", "))"
    }

    private static func text(_ series: Series) -> String {
        let rates = series.rates
        let latencies = series.latencies
        return line([
            "  \(series.name)", rate(rates.median),
            "\(rate(rates.lowest))–\(rate(rates.highest))",
            milliseconds(latencies.nanoseconds(at: 0.5)),
            milliseconds(latencies.nanoseconds(at: 0.99)),
            figure(series.cpuMicrosecondsEach.median, 1), figure(series.cores.median, 2),
            figure(series.bodyBytesPerSecond.median / 1e6, 1), megabytes(series.peakByteCount),
            megabytes(series.residentByteCount),
        ])
    }

    private static func text(_ mark: Mark) -> String {
        let unit = mark.unit.isEmpty ? "" : " \(mark.unit)"
        let verdict = mark.isMet ? "met" : "MISSED"
        return "  \(verdict): \(mark.name) \(figure(mark.value, 2))\(unit), asked \(mark.asked)"
    }

    private static func line(_ cells: [String]) -> String {
        zip(cells, columns).enumerated().map { index, cell in
            index == 0 ? cell.0.leading(cell.1.width) : cell.0.trailing(cell.1.width)
        }.joined(separator: " ")
    }
}

extension Mark {
    /// What is asked, in words.
    var asked: String {
        let words =
            switch bound {
            case .atLeast(let limit): "at least \(figure(limit, limit < 100 ? 2 : 0))"
            case .atMost(let limit): "at most \(figure(limit, limit < 100 ? 2 : 0))"
            case .under(let limit): "under \(figure(limit, limit < 10 ? 2 : 0))"
            }
        return unit.isEmpty ? words : "\(words) \(unit)"
    }
}
