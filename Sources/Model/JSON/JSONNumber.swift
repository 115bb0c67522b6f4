/// A JSON number, kept exact: as an integer when it is spelled like one, else as its text.
public struct JSONNumber: Hashable, Sendable {
    enum Storage: Sendable {
        case int(Int64)
        /// A valid JSON number that is not the plain spelling of an `Int64`.
        case text(String)
    }

    let storage: Storage

    init(storage: Storage) { self.storage = storage }

    public init(_ int: Int64) { storage = .int(int) }

    /// The shortest text that reads back as `double`; without a fraction when it has none.
    /// - Precondition: `double` is finite, as JSON has no other numbers.
    public init(_ double: Double) {
        precondition(double.isFinite, "JSON has no number \(double)")
        if double.magnitude < 0x1p53, let int = Int64(exactly: double),
            int != 0 || double.sign == .plus
        {
            storage = .int(int)
        } else {
            storage = .text("\(double)")
        }
    }

    /// The number spelled `lexeme`; `nil` when that is no number in JSON's grammar.
    public init?(lexeme: String) {
        let storage: Storage? = Array(lexeme.utf8).withUnsafeBytes { bytes in
            var parser = Parser(bytes)
            guard let number = try? parser.parseNumber(), parser.position == bytes.count else {
                return nil
            }
            return number.storage
        }
        guard let storage else { return nil }
        self.storage = storage
    }

    /// The value when it is a whole number that fits, however it is spelled: also `1.0` and `1e3`.
    public var int: Int64? {
        switch storage {
        case .int(let int): int
        case .text(let text): Decimal(text)?.int
        }
    }

    /// The nearest `Double`; infinite when the number is beyond its range.
    public var double: Double {
        switch storage {
        case .int(let int): Double(int)
        case .text(let text): Double(text) ?? .nan
        }
    }

    /// The number as it was spelled.
    public var lexeme: String {
        switch storage {
        case .int(let int): String(int)
        case .text(let text): text
        }
    }

    /// Whether it is spelled as an integer: without a fraction and without an exponent.
    public var isInteger: Bool {
        switch storage {
        case .int: true
        case .text(let text): !text.utf8.contains { $0 == 0x2E || $0 | 0x20 == 0x65 }
        }
    }

    /// Compares values, not spellings: `1`, `1.0` and `10e-1` are equal.
    public static func == (left: JSONNumber, right: JSONNumber) -> Bool {
        switch (left.storage, right.storage) {
        case (.int(let first), .int(let second)): first == second
        default: left.canonical == right.canonical
        }
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(canonical) }

    private enum Canonical: Hashable {
        case int(Int64)
        case decimal(Decimal)
        case text(String)
    }

    private var canonical: Canonical {
        switch storage {
        case .int(let int): return .int(int)
        case .text(let text):
            guard let decimal = Decimal(text) else { return .text(text) }
            return decimal.int.map(Canonical.int) ?? .decimal(decimal)
        }
    }
}

extension JSONNumber: CustomStringConvertible {
    public var description: String { lexeme }
}

/// A number as digits without zeros at either end, times a power of ten.
private struct Decimal: Hashable {
    private var digits: [UInt8] = []
    private var exponent = 0
    private var isNegative = false

    /// `nil` when the exponent is beyond what is compared.
    init?(_ text: String) {
        var fraction = 0
        var bytes = text.utf8[...]
        isNegative = bytes.first == UInt8(ascii: "-")
        if isNegative { bytes.removeFirst() }
        let mantissa = bytes.prefix { $0 | 0x20 != UInt8(ascii: "e") }
        var isFraction = false
        for byte in mantissa {
            if byte == UInt8(ascii: ".") {
                isFraction = true
            } else {
                if isFraction { fraction += 1 }
                if byte != 0x30 || !digits.isEmpty { digits.append(byte - 0x30) }
            }
        }
        if mantissa.endIndex < bytes.endIndex {
            let spelled = String(bytes[bytes.index(after: mantissa.endIndex)...]) ?? ""
            guard let stated = Int(spelled), stated.magnitude <= Limits.comparedExponentMax else {
                return nil
            }
            exponent = stated
        }
        exponent -= fraction
        normalize()
    }

    private mutating func normalize() {
        while digits.last == 0 {
            digits.removeLast()
            exponent += 1
        }
        if digits.isEmpty {
            exponent = 0
            isNegative = false
        }
    }

    var int: Int64? {
        guard exponent >= 0, digits.count + exponent <= 19 else { return nil }
        var magnitude: UInt64 = 0
        for digit in digits { magnitude = magnitude * 10 + UInt64(digit) }
        for _ in 0..<exponent { magnitude *= 10 }
        if isNegative {
            return magnitude <= Int64.min.magnitude
                ? Int64(truncatingIfNeeded: 0 &- magnitude) : nil
        }
        return Int64(exactly: magnitude)
    }
}
