// The cost of operations against size, both on logarithmic scales: what does not grow is level.

import Buffers
import Glibc

/// The rows with curves, a plot for each.
struct GrowthChart {
    private let plots: [Drawing]

    private static let margin = 28.0
    private static let headHeight = 60.0

    init(_ rows: [RowResult]) {
        plots = rows.filter { !$0.curves.isEmpty }.map { row in
            var plot = GrowthPlot(row)
            return plot.draw()
        }
    }

    /// Whether there is nothing to show.
    var isEmpty: Bool { plots.isEmpty }

    func document() -> Bytes {
        var drawing = Drawing()
        drawing.text(
            "Cost against size", at: .init(x: Self.margin, y: 38),
            .init(size: 20, isBold: true))
        for (index, plot) in plots.enumerated() {
            let x = Self.margin + Double(index) * (GrowthPlot.width + Self.margin)
            drawing.add(plot, at: .init(x: x, y: Self.headHeight))
        }
        let width = Double(plots.count) * (GrowthPlot.width + Self.margin) + Self.margin
        return drawing.document(
            width: width, height: Self.headHeight + GrowthPlot.height + Self.margin)
    }
}

/// Positions of values along an axis.
private struct LogScale {
    private let low: Double
    private let factor: Double
    private let start: Double
    let decades: [Double]

    /// Whole decades around `values`, between two places.
    init(_ values: [Double], from start: Double, to end: Double) {
        let logs = values.filter { $0 > 0 }.map(log10)
        let low = floor((logs.min() ?? 0) + 1e-9)
        let high = max(ceil((logs.max() ?? 1) - 1e-9), low + 1)
        self.low = low
        self.start = start
        factor = (end - start) / (high - low)
        decades = stride(from: low, through: high, by: 1).map { pow(10, $0) }
    }

    func place(_ value: Double) -> Double { start + (log10(max(value, 1e-3)) - low) * factor }
}

/// One row's curves.
private struct GrowthPlot {
    static let width = 620.0
    static let height = 470.0

    private let row: RowResult
    private var drawing = Drawing()
    private let x: LogScale
    private let y: LogScale

    private static let left = 62.0
    /// The rest is for the names of the curves.
    private static let right = 400.0
    private static let top = 40.0
    private static let bottom = 410.0
    private static let nameStep = 15.0

    init(_ row: RowResult) {
        self.row = row
        let points = row.curves.flatMap(\.points)
        x = LogScale(points.map { Double($0.size) }, from: Self.left, to: Self.right)
        y = LogScale(points.map(\.value), from: Self.bottom, to: Self.top)
    }

    mutating func draw() -> Drawing {
        drawing.text(row.title, at: .init(x: 0, y: 16), .init(size: 12.5, isBold: true))
        drawGrid()
        let places = namePlaces()
        for (index, curve) in row.curves.enumerated() {
            draw(curve, Ink.lines[index % Ink.lines.count], nameAt: places[index])
        }
        return drawing
    }

    private mutating func drawGrid() {
        for value in y.decades {
            let place = y.place(value)
            drawing.line([.init(x: Self.left, y: place), .init(x: Self.right, y: place)], Ink.rule)
            drawing.text(
                "\(figure(value, value < 1 ? 1 : 0)) µs",
                at: .init(x: Self.left - 8, y: place + 4),
                .init(size: 10.5, color: Ink.faint, anchor: .end))
        }
        for value in x.decades {
            let place = x.place(value)
            drawing.line([.init(x: place, y: Self.top), .init(x: place, y: Self.bottom)], Ink.rule)
            drawing.text(
                figure(value), at: .init(x: place, y: Self.bottom + 18),
                .init(size: 10.5, color: Ink.faint, anchor: .middle))
        }
    }

    private mutating func draw(_ curve: Curve, _ color: String, nameAt place: Double) {
        let points = curve.points.map {
            Drawing.Point(x: x.place(Double($0.size)), y: y.place($0.value))
        }
        guard let last = points.last else { return }
        drawing.line(points, color, width: 2)
        for point in points { drawing.dot(at: point, color) }
        let name = Drawing.Point(x: Self.right + 14, y: place)
        drawing.line([last, .init(x: name.x - 4, y: name.y - 4)], Ink.rule)
        drawing.text(
            "\(curve.name) ×\(figure(curve.growth, 2))", at: name,
            .init(size: 11, color: color, isBold: true))
    }

    /// Where the names stand: beside the ends of their curves, as far as they do not cover each
    /// other.
    private func namePlaces() -> [Double] {
        let wanted = row.curves.map { y.place($0.points.last?.value ?? 1) + 4 }
        var places = wanted
        var lowest = -Double.infinity
        for index in wanted.indices.sorted(by: { wanted[$0] < wanted[$1] }) {
            places[index] = max(wanted[index], lowest + Self.nameStep)
            lowest = places[index]
        }
        return places
    }
}
