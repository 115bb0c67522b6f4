// Just enough of SVG for charts.

import Buffers

/// A picture that grows downwards: shapes and text, in pixels from the upper left corner.
struct Drawing {
    struct Point {
        let x: Double
        let y: Double
    }

    /// Where a text stands relative to its point.
    enum Anchor: String { case start, middle, end }

    struct Font {
        var size = 12.0
        var color = Ink.text
        var isBold = false
        var anchor = Anchor.start
    }

    private var shapes = ""

    mutating func text(_ text: String, at point: Point, _ font: Font = Font()) {
        let weight = font.isBold ? #" font-weight="600""# : ""
        let anchor = font.anchor == .start ? "" : #" text-anchor="\#(font.anchor.rawValue)""#
        shapes += """
            <text x="\(Self.number(point.x))" y="\(Self.number(point.y))" \
            font-size="\(Self.number(font.size))" fill="\(font.color)"\(weight)\(anchor)>\
            \(Self.escaped(text))</text>

            """
    }

    mutating func bar(at point: Point, width: Double, height: Double, _ color: String) {
        shapes += """
            <rect x="\(Self.number(point.x))" y="\(Self.number(point.y))" \
            width="\(Self.number(max(width, 1)))" height="\(Self.number(height))" rx="2" \
            fill="\(color)"/>

            """
    }

    mutating func line(_ points: [Point], _ color: String, width: Double = 1) {
        let places = points.map { "\(Self.number($0.x)),\(Self.number($0.y))" }
        shapes += """
            <polyline points="\(places.joined(separator: " "))" fill="none" stroke="\(color)" \
            stroke-width="\(Self.number(width))" stroke-linejoin="round"/>

            """
    }

    mutating func dot(at point: Point, _ color: String) {
        shapes += """
            <circle cx="\(Self.number(point.x))" cy="\(Self.number(point.y))" r="3.5" \
            fill="\(color)" stroke="\(Ink.paper)" stroke-width="1.5"/>

            """
    }

    /// Puts another drawing in, moved.
    mutating func add(_ other: Drawing, at point: Point) {
        shapes += """
            <g transform="translate(\(Self.number(point.x)),\(Self.number(point.y)))">
            \(other.shapes)</g>

            """
    }

    /// The whole file.
    func document(width: Double, height: Double) -> Bytes {
        let size = #"width="\#(Self.number(width))" height="\#(Self.number(height))""#
        return Bytes(
            """
            <svg xmlns="http://www.w3.org/2000/svg" \(size) \
            viewBox="0 0 \(Self.number(width)) \(Self.number(height))" \
            font-family="'DejaVu Sans', Verdana, Helvetica, Arial, sans-serif">
            <rect \(size) fill="\(Ink.paper)"/>
            \(shapes)</svg>

            """)
    }

    private static func number(_ value: Double) -> String {
        let tenths = (value * 10).rounded() / 10
        return tenths == tenths.rounded() ? String(Int(tenths)) : String(tenths)
    }

    private static func escaped(_ text: String) -> String {
        text.reduce(into: "") { escaped, character in
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            default: escaped.append(character)
            }
        }
    }
}

/// Colours. The series differ in lightness, too, for those who see fewer of them.
enum Ink {
    static let paper = "#ffffff"
    static let text = "#1f2933"
    static let faint = "#7b8794"
    static let rule = "#e4e7eb"
    static let good = "#1a7f37"
    static let bad = "#c62828"
    static let own = "#1f5fbf"
    /// For the rivals of a row, one after the other.
    static let rivals = ["#9aa5b1", "#c3a46b", "#b9c0ca", "#cbb8d6"]
    /// For lines in one plot.
    static let lines = ["#1f5fbf", "#d9480f", "#2b8a3e", "#7048a8", "#0b7285", "#a61e4d"]
}

extension String {
    /// Lines of at most so many characters, broken at spaces.
    func wrapped(_ width: Int) -> [String] {
        split(separator: " ").reduce(into: []) { lines, word in
            if let last = lines.last, last.count + word.count < width {
                lines[lines.count - 1] = "\(last) \(word)"
            } else {
                lines.append(String(word))
            }
        }
    }
}
