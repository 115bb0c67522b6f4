// Amounts of resources: `500m`, `1Gi`, `2e3`.

/// A fixed-point number with a suffix, as the API writes amounts of CPU and memory. Exact between
/// 10⁻⁹ and 2⁶³-1; smaller fractions are rounded up to a billionth and larger numbers are capped,
/// as the convention asks.
public struct Quantity: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// What the suffixes mean. It stays with a quantity when it is written back.
    public enum Format: Hashable, Sendable {
        /// `n u m k M G T P E`: powers of a thousand.
        case decimalSI
        /// `Ki Mi Gi Ti Pi Ei`: powers of 1024.
        case binarySI
        /// `e3` or `E3`.
        case decimalExponent
    }

    /// The amount in billionths. Int128: 2⁶³ times 10⁹ needs 93 bits.
    let nanos: Int128
    public let format: Format

    /// Why text is not a quantity.
    public struct Malformed: Error, Hashable, Sendable {
        public let message: String

        static let shape = Malformed(
            message: "quantities must match the regular expression "
                + "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'")
        static let number = Malformed(message: "unable to parse numeric part of quantity")
        static let suffix = Malformed(message: "unable to parse quantity's suffix")
    }

    static let nanosPerUnit: Int128 = 1_000_000_000
    static let nanosMax = Int128(Int64.max) * nanosPerUnit

    init(nanos: Int128, format: Format) {
        self.nanos = min(max(nanos, -Self.nanosMax), Self.nanosMax)
        self.format = format
    }

    public init(_ value: Int64, format: Format = .decimalSI) {
        self.init(nanos: Int128(value) * Self.nanosPerUnit, format: format)
    }

    public init(milli value: Int64, format: Format = .decimalSI) {
        self.init(nanos: Int128(value) * 1_000_000, format: format)
    }

    /// Reads a quantity.
    public init(_ text: String) throws(Malformed) {
        var lexeme = QuantityLexeme(text)
        self = try lexeme.parse()
    }

    public static func == (left: Quantity, right: Quantity) -> Bool { left.nanos == right.nanos }
    public static func < (left: Quantity, right: Quantity) -> Bool { left.nanos < right.nanos }
    public func hash(into hasher: inout Hasher) { hasher.combine(nanos) }

    public var isNegative: Bool { nanos < 0 }
    public var isZero: Bool { nanos == 0 }

    /// The amount in whole units, rounded up.
    public var value: Int64 { Int64(clamping: Self.divideRoundingUp(nanos, Self.nanosPerUnit)) }
    /// The amount in thousandths, rounded up and capped.
    public var milliValue: Int64 { Int64(clamping: Self.divideRoundingUp(nanos, 1_000_000)) }

    /// Capped like every quantity; keeps the format of the left one, unless it is zero.
    public static func + (left: Quantity, right: Quantity) -> Quantity {
        Quantity(nanos: left.nanos + right.nanos, format: left.isZero ? right.format : left.format)
    }

    public static func - (left: Quantity, right: Quantity) -> Quantity {
        Quantity(nanos: left.nanos - right.nanos, format: left.isZero ? right.format : left.format)
    }

    /// Away from zero, as the convention rounds.
    static func divideRoundingUp(_ number: Int128, _ divisor: Int128) -> Int128 {
        let (quotient, remainder) = number.quotientAndRemainder(dividingBy: divisor)
        if remainder == 0 { return quotient }
        return number < 0 ? quotient - 1 : quotient + 1
    }
}

extension Quantity {
    /// The canonical form: no fraction, the greatest suffix that needs none, the format kept. A
    /// binary quantity under 1024, or with a fraction, is written in decimal.
    public var description: String {
        if nanos == 0 { return "0" }
        let isWhole = nanos % Self.nanosPerUnit == 0
        if format == .binarySI, isWhole, nanos.magnitude >= 1024 * Self.nanosPerUnit.magnitude {
            return binaryDescription
        }
        return decimalDescription
    }

    private var binaryDescription: String {
        var mantissa = nanos / Self.nanosPerUnit
        var step = 0
        while mantissa % 1024 == 0, step < 6 {
            mantissa /= 1024
            step += 1
        }
        return "\(mantissa)\(["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"][step])"
    }

    private var decimalDescription: String {
        var mantissa = nanos
        var exponent = -9
        while mantissa % 1000 == 0, exponent < 18 {
            mantissa /= 1000
            exponent += 3
        }
        if format == .decimalExponent {
            return exponent == 0 ? "\(mantissa)" : "\(mantissa)e\(exponent)"
        }
        let suffixes = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"]
        return "\(mantissa)\(suffixes[exponent / 3 + 3])"
    }
}
