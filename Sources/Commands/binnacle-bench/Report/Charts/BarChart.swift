// All rows in one picture: a panel for each, with a bar for each server.

import Buffers

/// The table as bars. Each panel has a scale of its own; what was asked stands below.
struct BarChart {
    private let panels: [(drawing: Drawing, height: Double)]
    private let machine: Machine

    private static let margin = 28.0
    private static let columnWidth = 640.0
    private static let columnGap = 44.0
    private static let headHeight = 84.0

    init(_ rows: [RowResult], _ machine: Machine) {
        self.machine = machine
        panels = rows.filter { $0.curves.isEmpty }.map { row in
            var panel = Panel(row, width: Self.columnWidth)
            return panel.draw()
        }
    }

    func document() -> Bytes {
        var drawing = Drawing()
        drawing.text(
            "binnacle and its peers, side by side",
            at: .init(x: Self.margin, y: 38), .init(size: 20, isBold: true))
        drawing.text(
            "\(machine.text). Bars are medians, lines reach from the lowest to the highest.",
            at: .init(x: Self.margin, y: 60), .init(size: 11.5, color: Ink.faint))
        // The first column takes a little more than half.
        let half = panels.reduce(0) { $0 + $1.height } / 2
        var (column, y, lowest) = (0.0, 0.0, 0.0)
        for panel in panels {
            if column == 0, y >= half { (column, y) = (1, 0) }
            let x = Self.margin + column * (Self.columnWidth + Self.columnGap)
            drawing.add(panel.drawing, at: .init(x: x, y: Self.headHeight + y))
            y += panel.height
            lowest = max(lowest, y)
        }
        return drawing.document(
            width: 2 * Self.margin + 2 * Self.columnWidth + Self.columnGap,
            height: Self.headHeight + lowest + Self.margin)
    }
}

/// One row.
private struct Panel {
    private let row: RowResult
    private let width: Double
    private var drawing = Drawing()
    private var y = 0.0

    private static let nameWidth = 118.0
    private static let barHeight = 14.0
    private static let barStep = 20.0
    /// What the figures behind a bar need.
    private static let figureWidth = 240.0

    init(_ row: RowResult, width: Double) {
        self.row = row
        self.width = width
    }

    mutating func draw() -> (drawing: Drawing, height: Double) {
        drawing.line([.init(x: 0, y: 0), .init(x: width, y: 0)], Ink.rule)
        y = 20
        for line in row.title.wrapped(86) {
            drawing.text(line, at: .init(x: 0, y: y), .init(size: 12.5, isBold: true))
            y += 17
        }
        y -= 7
        let highest = row.series.map(\.rates.highest) + row.references.map(\.perSecond)
        let scale = (width - Self.nameWidth - Self.figureWidth) / max(highest.max() ?? 1, 1e-9)
        if let only = row.series.first, row.series.count == 1, row.references.isEmpty {
            drawAlone(only)
        } else {
            for (index, series) in row.series.enumerated() { draw(series, index, scale) }
            for reference in row.references { draw(reference, scale) }
        }
        y += 14
        for mark in row.marks { draw(mark) }
        if row.series.isEmpty { for fact in row.facts.prefix(3) { draw(fact) } }
        if let failure = row.failure {
            for line in "no figure: \(failure)".wrapped(96) { note(line, Ink.bad) }
        }
        return (drawing, y + 8)
    }

    /// A bar says nothing without another one.
    private mutating func drawAlone(_ series: Series) {
        let bytes = series.bodyBytesPerSecond.median / 1e6
        let speed = bytes > 0 ? ", \(figure(bytes)) MB/s" : ""
        figures(
            "\(rate(series.rates.median))/s", additions(series) + speed, at: Self.nameWidth)
        y += Self.barHeight
    }

    private mutating func draw(_ series: Series, _ index: Int, _ scale: Double) {
        let isOwn = index == 0 || !row.hasRivals || series.name.hasPrefix("binnacle")
        let color = isOwn ? Ink.own : Ink.rivals[(index - 1) % Ink.rivals.count]
        let rates = series.rates
        name(series.name, isBold: isOwn)
        bar(rates.median * scale, color)
        let middle = y + Self.barHeight / 2
        drawing.line(
            [
                .init(x: Self.nameWidth + rates.lowest * scale, y: middle),
                .init(x: Self.nameWidth + rates.highest * scale, y: middle),
            ], Ink.text, width: 1.2)
        let end = Self.nameWidth + rates.highest * scale + 8
        figures("\(rate(rates.median))/s", additions(series), at: end)
        y += Self.barStep
    }

    /// What is said besides the rate.
    private func additions(_ series: Series) -> String {
        let cpu = "\(figure(series.cpuMicrosecondsEach.median, 1)) µs cpu"
        let slowest = Double(series.latencies.nanoseconds(at: 0.99)) / 1e6
        return slowest > 0.01 ? "\(cpu), p99 \(figure(slowest, slowest < 10 ? 1 : 0)) ms" : cpu
    }

    private mutating func draw(_ reference: Reference, _ scale: Double) {
        name(reference.name, isBold: false)
        bar(reference.perSecond * scale, Ink.rivals[0])
        figures(
            "\(rate(reference.perSecond))/s", "seen elsewhere",
            at: Self.nameWidth + reference.perSecond * scale + 8)
        y += Self.barStep
    }

    private mutating func name(_ text: String, isBold: Bool) {
        drawing.text(
            text, at: .init(x: Self.nameWidth - 10, y: y + 11),
            .init(size: 11.5, isBold: isBold, anchor: .end))
    }

    private mutating func bar(_ length: Double, _ color: String) {
        drawing.bar(
            at: .init(x: Self.nameWidth, y: y), width: length, height: Self.barHeight, color)
    }

    private mutating func figures(_ value: String, _ addition: String, at x: Double) {
        drawing.text(value, at: .init(x: x, y: y + 11), .init(size: 11.5))
        drawing.text(
            addition, at: .init(x: x + 12 + 7.2 * Double(value.count), y: y + 11),
            .init(size: 10.5, color: Ink.faint))
    }

    private mutating func draw(_ mark: Mark) {
        let unit = mark.unit.isEmpty ? "" : " \(mark.unit)"
        let sign = mark.isMet ? "✓" : "✗"
        note(
            "\(sign) \(mark.name): \(figure(mark.value, mark.value < 100 ? 2 : 0))\(unit), "
                + "asked \(mark.asked)", mark.isMet ? Ink.good : Ink.bad)
    }

    private mutating func draw(_ fact: Fact) {
        note("\(fact.name): \(rate(fact.value)) \(fact.unit)", Ink.faint)
    }

    private mutating func note(_ text: String, _ color: String) {
        drawing.text(text, at: .init(x: Self.nameWidth, y: y), .init(size: 11, color: color))
        y += 16
    }
}
