// Operators on values.

import APIModel

enum Arithmetic {
    /// `nil` for what is no operator.
    static func call(_ name: String, _ values: [Value]) throws(EvaluationError) -> Value? {
        switch name {
        case Operator.equal: return .bool(values[0].isEqual(to: values[1]))
        case Operator.notEqual: return .bool(!values[0].isEqual(to: values[1]))
        case Operator.less: return try compare(name, values) { $0 < 0 }
        case Operator.lessOrEqual: return try compare(name, values) { $0 <= 0 }
        case Operator.greater: return try compare(name, values) { $0 > 0 }
        case Operator.greaterOrEqual: return try compare(name, values) { $0 >= 0 }
        case Operator.contained: return .bool(try isContained(values[0], in: values[1]))
        case Operator.not:
            guard case .bool(let bool) = values[0] else { throw .noOverload(name) }
            return .bool(!bool)
        case Operator.negate: return try negated(values[0])
        case Operator.add: return try sum(values[0], values[1])
        case Operator.subtract: return try difference(values[0], values[1])
        case Operator.multiply, Operator.divide, Operator.remainder:
            return try product(name, values[0], values[1])
        default: return nil
        }
    }

    private static func compare(
        _ name: String, _ values: [Value], _ test: (Int) -> Bool
    ) throws(EvaluationError) -> Value {
        if let order = values[0].compare(to: values[1]) { return .bool(test(order)) }
        // Whatever is not a number is neither less nor more.
        if case .double = values[0] { return .bool(false) }
        if case .double = values[1] { return .bool(false) }
        throw .noOverload(name)
    }

    private static func isContained(
        _ value: Value, in container: Value
    ) throws(EvaluationError) -> Bool {
        switch container {
        case .list(let list): list.values.contains { $0.isEqual(to: value) }
        case .map(let map): map[value] != nil
        default: throw .noOverload(Operator.contained)
        }
    }

    private static func negated(_ value: Value) throws(EvaluationError) -> Value {
        switch value {
        case .int(let int): return .int(try checked(Int64(0).subtractingReportingOverflow(int)))
        case .double(let double): return .double(-double)
        case .duration(let duration):
            return .duration(
                GoDuration(
                    nanoseconds: try checked(
                        Int64(0).subtractingReportingOverflow(duration.nanoseconds))))
        default: throw .noOverload(Operator.negate)
        }
    }

    static func checked<Number: FixedWidthInteger>(
        _ result: (partialValue: Number, overflow: Bool)
    ) throws(EvaluationError) -> Number {
        guard !result.overflow else { throw EvaluationError("integer overflow") }
        return result.partialValue
    }

    static func sum(_ left: Value, _ right: Value) throws(EvaluationError) -> Value {
        switch (left, right) {
        case (.int(let first), .int(let second)):
            return .int(try checked(first.addingReportingOverflow(second)))
        case (.uint(let first), .uint(let second)):
            return .uint(try checked(first.addingReportingOverflow(second)))
        case (.double(let first), .double(let second)): return .double(first + second)
        case (.string(let first), .string(let second)): return .string(first + second)
        case (.bytes(let first), .bytes(let second)): return .bytes(first + second)
        case (.list(let first), .list(let second)):
            return .list(ListValue(first.values + second.values))
        case (.duration(let first), .duration(let second)):
            let sum = first.nanoseconds.addingReportingOverflow(second.nanoseconds)
            return .duration(GoDuration(nanoseconds: try checked(sum)))
        case (.timestamp(let time), .duration(let duration)),
            (.duration(let duration), .timestamp(let time)):
            return .timestamp(time.adding(nanoseconds: duration.nanoseconds))
        default: throw .noOverload(Operator.add)
        }
    }

    private static func difference(_ left: Value, _ right: Value) throws(EvaluationError) -> Value {
        switch (left, right) {
        case (.int(let first), .int(let second)):
            return .int(try checked(first.subtractingReportingOverflow(second)))
        case (.uint(let first), .uint(let second)):
            return .uint(try checked(first.subtractingReportingOverflow(second)))
        case (.double(let first), .double(let second)): return .double(first - second)
        case (.duration(let first), .duration(let second)):
            let difference = first.nanoseconds.subtractingReportingOverflow(second.nanoseconds)
            return .duration(GoDuration(nanoseconds: try checked(difference)))
        case (.timestamp(let first), .timestamp(let second)):
            return .duration(GoDuration(nanoseconds: try first.nanoseconds(since: second)))
        case (.timestamp(let time), .duration(let duration)):
            return .timestamp(time.adding(nanoseconds: -duration.nanoseconds))
        default: throw .noOverload(Operator.subtract)
        }
    }

    private static func product(
        _ name: String, _ left: Value, _ right: Value
    ) throws(EvaluationError) -> Value {
        switch (left, right) {
        case (.int(let first), .int(let second)): return .int(try whole(name, first, second))
        case (.uint(let first), .uint(let second)): return .uint(try whole(name, first, second))
        case (.double(let first), .double(let second)) where name == Operator.multiply:
            return .double(first * second)
        case (.double(let first), .double(let second)) where name == Operator.divide:
            return .double(first / second)
        default: throw .noOverload(name)
        }
    }

    private static func whole<Number: FixedWidthInteger>(
        _ name: String, _ first: Number, _ second: Number
    ) throws(EvaluationError) -> Number {
        if name == Operator.multiply {
            return try checked(first.multipliedReportingOverflow(by: second))
        }
        guard second != 0 else {
            throw EvaluationError(name == Operator.divide ? "division by zero" : "modulus by zero")
        }
        return try checked(
            name == Operator.divide
                ? first.dividedReportingOverflow(by: second)
                : first.remainderReportingOverflow(dividingBy: second))
    }
}

extension Timestamp {
    /// Parts of a microsecond are dropped.
    fileprivate func adding(nanoseconds: Int64) -> Timestamp {
        let microseconds = Int64(self.microseconds) + nanoseconds / 1000
        let carry = (Double(microseconds) / 1_000_000).rounded(.down)
        return Timestamp(
            seconds: seconds + Int64(carry),
            microseconds: Int32(microseconds - Int64(carry) * 1_000_000))
    }

    fileprivate func nanoseconds(since other: Timestamp) throws(EvaluationError) -> Int64 {
        let seconds = (self.seconds - other.seconds).multipliedReportingOverflow(by: 1_000_000_000)
        let rest = Int64(microseconds - other.microseconds) * 1000
        return try Arithmetic.checked(
            try Arithmetic.checked(seconds).addingReportingOverflow(rest))
    }
}
