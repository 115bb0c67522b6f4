// Table cells that several kinds have.

import APIModel
import JSON

/// Cells that several kinds have.
public enum CommonCells {
    static let none: JSONValue = "<none>"
    static let unknown: JSONValue = "<unknown>"
    static let unset: JSONValue = "<unset>"

    /// The time since the object was created.
    public static func age(of object: JSONValue, now: Timestamp) -> JSONValue {
        .string(age(since: object["metadata"]?["creationTimestamp"], now: now))
    }

    /// The time since a timestamp; `<unknown>` when there is none.
    static func age(since value: JSONValue?, now: Timestamp) -> String {
        guard let moment = value?.string.flatMap({ Timestamp($0) }) else { return "<unknown>" }
        return HumanDuration.format(now.seconds - moment.seconds)
    }

    /// A value in a column of some type; `null` when it does not fit.
    static func typed(_ value: JSONValue?, as type: String, now: Timestamp) -> JSONValue {
        guard let value else { return .null }
        switch (type, value) {
        case ("date", .string): return .string(age(since: value, now: now))
        case ("string", .string), ("boolean", .bool), ("number", .number), ("any", _): return value
        case ("integer", .number(let number)):
            return number.int.map { .int($0) } ?? .int(Int64(clamping: number.double))
        case ("string", .null): return .null
        case ("string", _): return .string(value.description)
        default: return .null
        }
    }

    /// Text, or `<none>` when there is none.
    static func textOrNone(_ value: JSONValue?) -> JSONValue {
        guard let text = value?.string, !text.isEmpty else { return none }
        return .string(text)
    }

    /// Text, or `<unknown>` when there is none.
    static func textOrUnknown(_ value: JSONValue?) -> JSONValue {
        guard let text = value?.string, !text.isEmpty else { return unknown }
        return .string(text)
    }

    /// Text, or `<unset>` when there is none.
    static func textOrUnset(_ value: JSONValue?) -> JSONValue {
        guard let text = value?.string, !text.isEmpty else { return unset }
        return .string(text)
    }

    /// Texts with commas between them, or `<none>`.
    static func listed(_ texts: [String]) -> JSONValue {
        texts.isEmpty ? none : .string(texts.joined(separator: ","))
    }

    /// Labels as `key=value`, sorted by key.
    static func labels(_ value: JSONValue?) -> JSONValue {
        let pairs = (value?.object ?? JSONObject()).map { ($0.key, $0.value.string ?? "") }
        return listed(pairs.sorted { $0.0 < $1.0 }.map { "\($0.0)=\($0.1)" })
    }

    /// A truth value as a word, or `<unset>`.
    static func truth(_ value: JSONValue?) -> JSONValue {
        value?.bool.map { $0 ? "True" : "False" } ?? unset
    }

    /// The first few texts, and how many follow.
    static func shortened(_ texts: [String], to countMax: Int = 3) -> JSONValue {
        guard texts.count > countMax else { return listed(texts) }
        let first = texts.prefix(countMax).joined(separator: ",")
        return .string("\(first) + \(texts.count - countMax) more...")
    }

    /// A number of the status, 0 when it is not there.
    static func count(_ object: JSONValue, _ member: String) -> JSONValue {
        .int(object[path: "status", member]?.int ?? 0)
    }
}

extension Int64 {
    /// The whole part of `double`; the nearest bound when it is beyond them.
    fileprivate init(clamping double: Double) {
        self = Int64(exactly: double.rounded(.towardZero)) ?? (double < 0 ? .min : .max)
    }
}
