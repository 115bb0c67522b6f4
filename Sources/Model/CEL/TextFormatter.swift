// `"%s is %d".format([…])`

import APIModel

enum TextFormatter {
    static func format(
        _ text: String, _ arguments: [Value]
    ) throws(EvaluationError) -> String {
        var result = ""
        var next = 0
        var rest = text.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            guard scalar == "%" else {
                result.unicodeScalars.append(scalar)
                continue
            }
            if rest.first == "%" {
                rest.removeFirst()
                result += "%"
                continue
            }
            let digitCount = try precision(&rest)
            guard let verb = rest.popFirst() else {
                throw EvaluationError("format: unexpected end of the text")
            }
            guard next < arguments.count else {
                throw EvaluationError("format: index \(next) out of range")
            }
            result += try formatted(arguments[next], verb, digitCount)
            next += 1
        }
        return result
    }

    /// `.3` before a verb.
    private static func precision(
        _ rest: inout Substring.UnicodeScalarView
    ) throws(EvaluationError) -> Int? {
        guard rest.first == "." else { return nil }
        rest.removeFirst()
        var digits = ""
        while let scalar = rest.first, ("0"..."9").contains(scalar) {
            digits.unicodeScalars.append(scalar)
            rest.removeFirst()
        }
        guard let count = Int(digits), count <= 100 else {
            throw EvaluationError("format: invalid precision")
        }
        return count
    }

    private static func formatted(
        _ value: Value, _ verb: Unicode.Scalar, _ digitCount: Int?
    ) throws(EvaluationError) -> String {
        switch (verb, value) {
        case ("s", _): return value.shown
        case ("d", .int(let int)): return String(int)
        case ("d", .uint(let uint)): return String(uint)
        case ("d", .double(let double)) where Int64(exactly: double) != nil: return value.shown
        case ("b", .int(let int)): return String(int, radix: 2)
        case ("b", .bool(let bool)): return bool ? "1" : "0"
        case ("o", .int(let int)): return String(int, radix: 8)
        case ("x", .int(let int)): return String(int, radix: 16)
        case ("X", .int(let int)): return String(int, radix: 16, uppercase: true)
        case ("x", .string(let text)): return hexadecimal(Array(text.utf8))
        case ("x", .bytes(let bytes)): return hexadecimal(bytes)
        case ("f", .int), ("f", .uint), ("f", .double):
            return fixed(number(value), digitCount ?? 6)
        case ("e", .int), ("e", .uint), ("e", .double):
            return scientific(number(value), digitCount ?? 6)
        default:
            throw EvaluationError("format: %\(verb) does not take a \(value.typeName)")
        }
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { String(String(Int($0) + 256, radix: 16).dropFirst()) }.joined()
    }

    private static func number(_ value: Value) -> Double {
        switch value {
        case .int(let int): Double(int)
        case .uint(let uint): Double(uint)
        case .double(let double): double
        default: .nan
        }
    }

    /// Rounded to so many digits behind the point.
    private static func fixed(_ value: Double, _ digitCount: Int) -> String {
        guard value.isFinite, value.magnitude < 1e15 else { return Value.text(of: value) }
        // Beyond these a double has no digits of its own.
        let count = min(digitCount, 15)
        var scale = 1.0
        for _ in 0..<count { scale *= 10 }
        let scaled = value.magnitude * scale
        guard scaled < 9e18 else { return Value.text(of: value) }
        let digits = String(UInt64(scaled.rounded(.toNearestOrEven)))
        let padded = String(repeating: "0", count: max(0, count + 1 - digits.count)) + digits
        let sign = value < 0 ? "-" : ""
        guard digitCount > 0 else { return sign + padded }
        let zeros = String(repeating: "0", count: digitCount - count)
        return "\(sign)\(padded.dropLast(count)).\(padded.suffix(count))\(zeros)"
    }

    private static func scientific(_ value: Double, _ digitCount: Int) -> String {
        guard value.isFinite else { return Value.text(of: value) }
        var (mantissa, exponent) = (value.magnitude, 0)
        while mantissa >= 10 { (mantissa, exponent) = (mantissa / 10, exponent + 1) }
        while mantissa != 0, mantissa < 1 { (mantissa, exponent) = (mantissa * 10, exponent - 1) }
        let power = String(String(exponent.magnitude + 100).dropFirst())
        let digits = fixed(value < 0 ? -mantissa : mantissa, digitCount)
        return "\(digits)e\(exponent < 0 ? "-" : "+")\(power)"
    }
}
