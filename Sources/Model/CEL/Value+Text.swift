// Values as text, for messages and for `format`.

import APIModel
import JSON

extension Value {
    /// A number without a fraction, as an index.
    var wholeNumber: Int64? {
        switch self {
        case .int(let value): value
        case .uint(let value): Int64(exactly: value)
        case .double(let value): Int64(exactly: value)
        default: nil
        }
    }

    /// As `%s` writes it.
    var shown: String {
        switch self {
        case .null: return "null"
        case .bool(let bool): return String(bool)
        case .int(let value): return String(value)
        case .uint(let value): return String(value)
        case .double(let value): return Self.text(of: value)
        case .string(let text): return text
        case .bytes(let bytes): return String(decoding: bytes, as: UTF8.self)
        case .duration(let duration): return duration.description
        case .timestamp(let time): return time.celText
        case .type(let name): return name
        case .list(let list): return "[\(list.values.map(\.shown).joined(separator: ", "))]"
        case .map(let map):
            let entries = map.keys.map { key in "\(key.shown): \(map[key]?.shown ?? "null")" }
            return "{\(entries.sorted().joined(separator: ", "))}"
        case .optional(let wrapped):
            return wrapped.map { "optional(\($0.shown))" } ?? "optional.none()"
        case .quantity(let quantity): return quantity.description
        case .url(let url): return url.text
        case .ip(let address): return address.canonicalText
        case .cidr(let network): return network.description
        }
    }

    static func text(of value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        if let whole = Int64(exactly: value), value.magnitude < 1e15 { return String(whole) }
        return String(value)
    }
}

extension Timestamp {
    /// RFC 3339 with as many digits of the fraction as are needed.
    var celText: String {
        guard microseconds != 0 else { return description }
        var text = microTime.dropLast()
        while text.hasSuffix("0") { text = text.dropLast() }
        return text + "Z"
    }
}
