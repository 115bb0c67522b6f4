// Kubernetes' quantities and URLs.

import APIModel

enum QuantityFunctions {
    /// `nil` for a name that is not one of these, or a receiver that is none of theirs.
    static func call(_ name: String, _ values: [Value]) throws(EvaluationError) -> Value? {
        switch (name, values.first) {
        case ("quantity", .string(let text)?):
            guard let quantity = try? Quantity(text) else {
                throw EvaluationError("quantity: \(text.quoted) is none")
            }
            return .quantity(quantity)
        case ("isQuantity", .string(let text)?): return .bool((try? Quantity(text)) != nil)
        case ("url", .string(let text)?):
            guard let url = URLValue(text) else {
                throw EvaluationError("url: \(text.quoted) is no absolute URL or path")
            }
            return .url(url)
        case ("isURL", .string(let text)?): return .bool(URLValue(text) != nil)
        case (_, .quantity(let quantity)?):
            return try call(name, on: quantity, values.count > 1 ? values[1] : nil)
        case (_, .url(let url)?): return url.part(name)
        default: return nil
        }
    }

    private static func call(
        _ name: String, on quantity: Quantity, _ argument: Value?
    ) throws(EvaluationError) -> Value? {
        guard let argument else { return try property(name, of: quantity) }
        let other: Quantity
        switch argument {
        case .quantity(let value): other = value
        case .int(let value): other = Quantity(value)
        default: throw .noOverload(name)
        }
        switch name {
        case "add": return .quantity(quantity + other)
        case "sub": return .quantity(quantity - other)
        case "isGreaterThan": return .bool(quantity > other)
        case "isLessThan": return .bool(quantity < other)
        case "compareTo": return .int(quantity < other ? -1 : quantity == other ? 0 : 1)
        default: return nil
        }
    }

    private static func property(
        _ name: String, of quantity: Quantity
    ) throws(EvaluationError) -> Value? {
        let isInteger = Quantity(quantity.value) == quantity
        switch name {
        case "sign": return .int(quantity.isZero ? 0 : quantity.isNegative ? -1 : 1)
        case "isInteger": return .bool(isInteger)
        case "asInteger":
            guard isInteger else {
                throw EvaluationError("cannot convert value to integer")
            }
            return .int(quantity.value)
        case "asApproximateFloat": return .double(Double(quantity.milliValue) / 1000)
        default: return nil
        }
    }
}

/// An absolute URL or an absolute path (RFC 3986).
public struct URLValue: Hashable, Sendable {
    let text: String
    private let scheme: String
    /// With the port.
    private let host: String
    private let path: String
    private let query: String

    init?(_ text: String) {
        self.text = text
        guard !text.unicodeScalars.contains(where: { $0.value <= 0x20 || $0.value == 0x7F }) else {
            return nil
        }
        let whole = text.prefix { $0 != "#" }
        let target = whole.prefix { $0 != "?" }
        query =
            target.endIndex < whole.endIndex ? String(whole[target.endIndex...].dropFirst()) : ""
        if target.hasPrefix("/") {
            (scheme, host, path) = ("", "", String(target))
            return
        }
        let name = target.prefix { $0 != ":" }
        guard let first = name.unicodeScalars.first, first.properties.isAlphabetic,
            target[name.endIndex...].hasPrefix("://"),
            name.allSatisfy({ $0.isLetter || $0.isNumber || "+-.".contains($0) })
        else { return nil }
        scheme = name.lowercased()
        let rest = target[name.endIndex...].dropFirst(3)
        let authority = rest.prefix { $0 != "/" }
        let named = authority.split(separator: "@", omittingEmptySubsequences: false).last ?? ""
        host = String(named)
        path = String(rest[authority.endIndex...])
    }

    /// What a function on URLs gives; `nil` for another name.
    func part(_ name: String) -> Value? {
        switch name {
        case "getScheme": .string(scheme)
        case "getHost": .string(host)
        case "getHostname": .string(hostAndPort.host)
        case "getPort": .string(hostAndPort.port)
        case "getEscapedPath": .string(path)
        case "getQuery": .map(MapValue(queryItems))
        default: nil
        }
    }

    private var hostAndPort: (host: String, port: String) {
        if host.hasPrefix("["), let end = host.firstIndex(of: "]") {
            let rest = host[end...].dropFirst()
            return (String(host[..<end].dropFirst()), String(rest.dropFirst()))
        }
        let name = host.prefix { $0 != ":" }
        return (String(name), String(host[name.endIndex...].dropFirst()))
    }

    private var queryItems: [(key: Value, value: Value)] {
        var order: [String] = []
        var values: [String: [Value]] = [:]
        for pair in query.split(separator: "&") {
            let name = pair.prefix { $0 != "=" }
            let key = Self.decoded(name)
            if values[key] == nil { order.append(key) }
            values[key, default: []].append(
                .string(Self.decoded(pair[name.endIndex...].dropFirst())))
        }
        return order.map { (.string($0), .list(ListValue(values[$0] ?? []))) }
    }

    private static func decoded(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2,
                let value = UInt8(Substring(rest.prefix(2)), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
