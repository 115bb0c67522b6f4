// Lengths of time as Go writes them.

/// A length of time in text such as `1h30m` or `-1.5s`: numbers with units from nanoseconds to
/// hours, as Go's `time.ParseDuration` reads it.
public struct GoDuration: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let nanoseconds: Int64

    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// `nil` when `text` is no length of time, or one of more than 292 years.
    public init?(_ text: String) {
        var rest = text.utf8[...]
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
        guard !rest.isEmpty else { return nil }
        if rest.elementsEqual("0".utf8) {
            nanoseconds = 0
            return
        }
        var total = 0.0
        var whole: Int64 = 0
        while !rest.isEmpty {
            guard let part = Self.part(&rest) else { return nil }
            let (sum, isOver) = whole.addingReportingOverflow(part.whole)
            guard !isOver else { return nil }
            whole = sum
            total += part.fraction
        }
        let (sum, isOver) = whole.addingReportingOverflow(Int64(total))
        guard !isOver else { return nil }
        nanoseconds = isNegative ? -sum : sum
    }

    private static func part(_ rest: inout Substring.UTF8View) -> (whole: Int64, fraction: Double)?
    {
        let digits = rest.prefix { (0x30...0x39).contains($0) }
        rest = rest[digits.endIndex...]
        var decimals = rest[rest.startIndex..<rest.startIndex]
        if rest.first == UInt8(ascii: ".") {
            rest.removeFirst()
            decimals = rest.prefix { (0x30...0x39).contains($0) }
            rest = rest[decimals.endIndex...]
        }
        guard !digits.isEmpty || !decimals.isEmpty else { return nil }
        let name = String(Substring(rest.prefix { !(0x30...0x39).contains($0) && $0 != 0x2E }))
        guard let unit = units[name] else { return nil }
        rest = rest.dropFirst(name.utf8.count)
        guard let count = digits.isEmpty ? 0 : Int64(Substring(digits)) else { return nil }
        let (whole, isOver) = count.multipliedReportingOverflow(by: unit)
        guard !isOver else { return nil }
        let fraction = decimals.isEmpty ? 0 : Double("0." + Substring(decimals)) ?? 0
        return (whole, fraction * Double(unit))
    }

    private static let units: [String: Int64] = [
        "ns": 1, "us": 1_000, "µs": 1_000, "μs": 1_000, "ms": 1_000_000, "s": 1_000_000_000,
        "m": 60_000_000_000, "h": 3_600_000_000_000,
    ]

    public static func < (left: GoDuration, right: GoDuration) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    /// Seconds with a fraction, as the protocol buffers' JSON has it: `90s`, `0.5s`.
    public var description: String {
        let magnitude = nanoseconds.magnitude
        let (seconds, rest) = magnitude.quotientAndRemainder(dividingBy: 1_000_000_000)
        var text = nanoseconds < 0 ? "-\(seconds)" : "\(seconds)"
        if rest > 0 {
            var digits = String(String(rest + 1_000_000_000).dropFirst())
            while digits.hasSuffix("0") { digits.removeLast() }
            text += ".\(digits)"
        }
        return text + "s"
    }
}
