// Functions on text. Positions count Unicode scalars, as in Go.

import APIModel
import Patterns

enum TextFunctions {
    /// `nil` for a name that is not one of these, or a receiver that is no text.
    static func call(
        _ name: String, _ values: [Value], _ budget: inout Budget
    ) throws(EvaluationError) -> Value? {
        if name == "strings.quote", case .string(let text)? = values.first {
            return .string(text.quoted)
        }
        guard case .string(let text)? = values.first else { return try bytes(name, values) }
        try budget.spend(text.utf8.count / Limits.byteCountPerStep)
        let arguments = values.dropFirst()
        if let argument = arguments.first?.string {
            if let found = try search(name, text, argument, Array(arguments.dropFirst()), &budget) {
                return found
            }
        }
        switch (name, arguments.count) {
        case ("size", 0): return .int(Int64(text.unicodeScalars.count))
        case ("lowerAscii", 0): return .string(text.mappingASCII { $0.lowercasedASCII })
        case ("upperAscii", 0): return .string(text.mappingASCII { $0.uppercasedASCII })
        case ("trim", 0): return .string(text.trimmingSpace)
        case ("reverse", 0):
            var reversed = ""
            reversed.unicodeScalars.append(contentsOf: text.unicodeScalars.reversed())
            return .string(reversed)
        case ("charAt", 1), ("substring", 1), ("substring", 2):
            return try part(name, text, arguments.map { $0 })
        case ("format", 1):
            guard case .list(let list)? = arguments.first else { throw .noOverload(name) }
            let formatted = try TextFormatter.format(text, list.values)
            try budget.spend(formatted.utf8.count / Limits.byteCountPerStep)
            return .string(formatted)
        default: return nil
        }
    }

    private static func bytes(_ name: String, _ values: [Value]) throws(EvaluationError) -> Value? {
        guard name == "size", case .bytes(let bytes)? = values.first else { return nil }
        return .int(Int64(bytes.count))
    }

    /// What looks for text in text.
    private static func search(
        _ name: String, _ text: String, _ wanted: String, _ rest: [Value],
        _ budget: inout Budget
    ) throws(EvaluationError) -> Value? {
        switch (name, rest.count) {
        case ("startsWith", 0): return .bool(text.utf8.starts(with: wanted.utf8))
        case ("endsWith", 0):
            return .bool(text.utf8.reversed().starts(with: wanted.utf8.reversed()))
        case ("contains", 0): return .bool(text.scalarOffset(of: wanted) != nil)
        case ("matches", 0), ("find", 0), ("findAll", 0), ("findAll", 1):
            return try pattern(name, text, wanted, rest.first?.wholeNumber, &budget)
        case ("indexOf", 0), ("indexOf", 1):
            let start = Int(rest.first?.wholeNumber ?? 0)
            guard (0...text.unicodeScalars.count).contains(start) else {
                throw EvaluationError("index out of range: \(start)")
            }
            return .int(Int64(text.scalarOffset(of: wanted, from: start) ?? -1))
        case ("lastIndexOf", 0), ("lastIndexOf", 1):
            let end = rest.first?.wholeNumber.map { Int($0) }
            return .int(Int64(text.lastScalarOffset(of: wanted, atMost: end) ?? -1))
        case ("split", 0): return .list(ListValue(text.split(by: wanted, most: -1)))
        case ("split", 1):
            let most = Int(clamping: rest[0].wholeNumber ?? -1)
            return .list(ListValue(text.split(by: wanted, most: most)))
        case ("replace", 1), ("replace", 2):
            guard let other = rest[0].string else { throw .noOverload(name) }
            let most = rest.count == 2 ? Int(clamping: rest[1].wholeNumber ?? -1) : -1
            let replaced = text.replacing(wanted, by: other, most: most)
            try budget.spend(replaced.utf8.count / Limits.byteCountPerStep)
            return .string(replaced)
        default: return nil
        }
    }

    private static func pattern(
        _ name: String, _ text: String, _ source: String, _ limit: Int64?,
        _ budget: inout Budget
    ) throws(EvaluationError) -> Value {
        // The time of a search grows with both.
        let cost = (text.utf8.count / Limits.byteCountPerStep + 1) * (source.utf8.count / 4 + 1)
        try budget.spend(cost)
        let expression: RegularExpression
        do {
            expression = try RegularExpression(source)
        } catch {
            throw EvaluationError("error parsing regexp: \(error)")
        }
        if name == "matches" { return .bool(expression.matches(text)) }
        var found: [Value] = []
        var start = 0
        let bytes = Array(text.utf8)
        let countMax = name == "find" ? 1 : limit.map { $0 < 0 ? Int.max : Int($0) } ?? Int.max
        while found.count < countMax, start <= bytes.count,
            let match = expression.firstMatch(in: text, from: start)
        {
            found.append(.string(String(decoding: bytes[match], as: UTF8.self)))
            try budget.spend(cost)
            start = match.upperBound
            if match.isEmpty {
                start += 1
                while start < bytes.count, bytes[start] & 0xC0 == 0x80 { start += 1 }
            }
        }
        return name == "find" ? found.first ?? .string("") : .list(ListValue(found))
    }

    private static func part(
        _ name: String, _ text: String, _ arguments: [Value]
    ) throws(EvaluationError) -> Value {
        let scalars = Array(text.unicodeScalars)
        guard let start = arguments[0].wholeNumber else { throw .noOverload(name) }
        var end = Int64(scalars.count)
        if name == "charAt" { end = min(start + 1, end) }
        if arguments.count == 2 {
            guard let stated = arguments[1].wholeNumber else { throw .noOverload(name) }
            end = stated
        }
        guard start >= 0, start <= scalars.count, end <= scalars.count, start <= end else {
            throw EvaluationError("index out of range: \(start)")
        }
        var part = ""
        part.unicodeScalars.append(contentsOf: scalars[Int(start)..<Int(end)])
        return .string(part)
    }
}
