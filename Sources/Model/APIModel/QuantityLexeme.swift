// Reading the text of a quantity.

/// A cursor over the text of a quantity.
struct QuantityLexeme {
    private let bytes: [UInt8]
    private var position = 0

    init(_ text: String) { bytes = Array(text.utf8) }

    private enum Scale {
        case decimal(exponent: Int, Quantity.Format)
        case binary(exponent: Int)
    }

    /// Digits as one number, and how many of them stand after the point.
    fileprivate struct Digits {
        var number: Int128 = 0
        var fractionCount = 0
        /// Whether a digit that is not zero was cut off at the end.
        var isCut = false
        /// Whether the number is too large to be kept: more than any quantity can hold.
        var isHuge = false
    }

    mutating func parse() throws(Quantity.Malformed) -> Quantity {
        let isNegative = sign()
        let digits = try digits()
        let scale = try scale()
        let magnitude = scaled(digits, by: scale)
        let format: Quantity.Format
        switch scale {
        case .decimal(_, let decimal): format = decimal
        case .binary: format = .binarySI
        }
        return Quantity(nanos: isNegative ? -magnitude : magnitude, format: format)
    }

    private mutating func sign() -> Bool {
        guard position < bytes.count else { return false }
        let byte = bytes[position]
        guard byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+") else { return false }
        position += 1
        return byte == UInt8(ascii: "-")
    }

    private mutating func digits() throws(Quantity.Malformed) -> Digits {
        var digits = Digits()
        var digitCount = 0
        var hasPoint = false
        let start = position
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: ".") {
                guard !hasPoint else { throw .number }
                hasPoint = true
            } else if ByteClass.digit.contains(byte) {
                digitCount += 1
                digits.take(Int128(byte - UInt8(ascii: "0")), afterPoint: hasPoint)
            } else {
                break
            }
            position += 1
        }
        guard position > start else { throw .shape }
        guard digitCount > 0, digitCount <= 2 * Limits.quantityDigitCountMax else { throw .number }
        return digits
    }

    private mutating func scale() throws(Quantity.Malformed) -> Scale {
        let suffix = bytes[position...]
        let isShaped = suffix.allSatisfy { ByteClass("eEinumkKMGTP+-0123456789").contains($0) }
        guard isShaped else { throw .shape }
        let text = String(decoding: suffix, as: UTF8.self)
        if let step = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"].firstIndex(of: text) {
            return .decimal(exponent: (step - 3) * 3, .decimalSI)
        }
        if let step = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"].firstIndex(of: text) {
            return .binary(exponent: (step + 1) * 10)
        }
        guard text.hasPrefix("e") || text.hasPrefix("E"), let exponent = Int16(text.dropFirst())
        else {
            throw .suffix
        }
        return .decimal(exponent: Int(exponent), .decimalExponent)
    }

    /// In billionths, rounded away from zero and capped.
    private func scaled(_ digits: Digits, by scale: Scale) -> Int128 {
        if digits.isHuge { return Quantity.nanosMax }
        var nanos = digits.number
        var isCut = digits.isCut
        var exponent = 9 - digits.fractionCount
        switch scale {
        case .decimal(let power, _): exponent += power
        case .binary(let power):
            let (product, overflow) = nanos.multipliedReportingOverflow(by: 1 << Int128(power))
            // The fraction takes at most fifteen places away: what overflows is beyond the cap.
            if overflow { return Quantity.nanosMax }
            nanos = product
        }
        while exponent > 0, nanos != 0, nanos <= Quantity.nanosMax {
            nanos *= 10
            exponent -= 1
        }
        while exponent < 0, nanos != 0 {
            isCut = isCut || nanos % 10 != 0
            nanos /= 10
            exponent += 1
        }
        return min(isCut ? nanos + 1 : nanos, Quantity.nanosMax)
    }
}

extension QuantityLexeme.Digits {
    /// Adds one more digit. Of the places after the point fifteen are kept, fewer when the number
    /// is so large that they would be below a billionth or the whole beyond the cap.
    fileprivate mutating func take(_ digit: Int128, afterPoint: Bool) {
        if afterPoint {
            guard fractionCount < 15, number <= Quantity.nanosMax / 10, !isHuge else {
                isCut = isCut || digit != 0
                return
            }
            fractionCount += 1
        }
        if number > Quantity.nanosMax {
            isHuge = true
        } else {
            number = number * 10 + digit
        }
    }
}
