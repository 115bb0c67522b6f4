// Members that hold a number or text: ports by number or name, amounts by count or percent.

import JSON

public enum IntOrString: Hashable, Sendable, CustomStringConvertible {
    case int(Int32)
    case string(String)

    /// Nil when the value is neither text nor a whole number of 32 bits.
    public init?(_ value: JSONValue) {
        if let string = value.string {
            self = .string(string)
        } else if let number = value.int.flatMap(Int32.init(exactly:)) {
            self = .int(number)
        } else {
            return nil
        }
    }

    public var json: JSONValue {
        switch self {
        case .int(let number): .number(JSONNumber(Int64(number)))
        case .string(let string): .string(string)
        }
    }

    public var description: String {
        switch self {
        case .int(let number): "\(number)"
        case .string(let string): string
        }
    }

    /// The share of `total` when this is a percentage, the number when it is one; nil for other
    /// text. A fraction is rounded up when `roundsUp`, else down.
    public func scaled(of total: Int64, roundsUp: Bool) -> Int64? {
        switch self {
        case .int(let number): return Int64(number)
        case .string(let text):
            guard ValueFormat.percent.isValid(text), let percent = Int64(text.dropLast()) else {
                return nil
            }
            let (product, overflow) = percent.multipliedReportingOverflow(by: total)
            guard !overflow else { return nil }
            let quotient = product / 100
            return roundsUp && product % 100 > 0 ? quotient + 1 : quotient
        }
    }

    /// Errors when the value is no port: a number from 1 to 65535 or a port's name.
    public func portErrors(_ path: FieldPath) -> [FieldError] {
        switch self {
        case .int(let number):
            (1...65535).contains(number)
                ? [] : [.invalid(path, json, "must be between 1 and 65535, inclusive")]
        case .string(let name):
            ValueFormat.portName.check(name).map { .invalid(path, json, $0) }
        }
    }

    /// Errors when the value is no amount: a number that is not negative, or a percentage.
    public func amountErrors(_ path: FieldPath) -> [FieldError] {
        switch self {
        case .int(let number):
            number >= 0 ? [] : [.invalid(path, json, "must be greater than or equal to 0")]
        case .string(let text):
            ValueFormat.percent.check(text).map { .invalid(path, json, $0) }
        }
    }
}
