// The table that is printed.

/// Writes rows as text, each as soon as it is measured.
enum TextTable {
    private static let columns: [(title: String, width: Int)] = [
        ("", 12), ("per second", 11), ("spread", 19), ("p50 ms", 9), ("p99 ms", 9),
        ("cpu µs each", 12), ("cores", 6), ("MB/s", 9), ("peak MB", 9), ("now MB", 8),
    ]

    static let header = line(columns.map(\.title))

    /// The lines of a row.
    static func text(_ row: RowResult) -> String {
        var lines = [row.title]
        lines += row.series.map(text)
        if let ratios = row.ratios {
            let spread = "\(figure(ratios.lowest, 2))–\(figure(ratios.highest, 2))"
            let names = row.series.map(\.name).joined(separator: " / ")
            let cpu = row.cpuRatio.map { ", cpu each \(figure($0, 2))" } ?? ""
            lines.append("  \(names): \(figure(ratios.median, 2)) (\(spread))\(cpu)")
        }
        lines += row.facts.map { "  \($0.name): \(rate($0.value)) \($0.unit)" }
        lines += row.marks.map(text)
        if let failure = row.failure { lines.append("  NO FIGURE: \(failure)") }
        return lines.joined(separator: "\n")
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
        let bound =
            switch mark.bound {
            case .atLeast(let limit): "at least \(figure(limit, 2))"
            case .under(let limit): "under \(figure(limit))"
            }
        let unit = mark.unit.isEmpty ? "" : " \(mark.unit)"
        let verdict = mark.isMet ? "met" : "MISSED"
        return "  \(verdict): \(mark.name) \(figure(mark.value, 2))\(unit), \(bound)\(unit)"
    }

    private static func line(_ cells: [String]) -> String {
        zip(cells, columns).enumerated().map { index, cell in
            index == 0 ? cell.0.leading(cell.1.width) : cell.0.trailing(cell.1.width)
        }.joined(separator: " ")
    }
}
