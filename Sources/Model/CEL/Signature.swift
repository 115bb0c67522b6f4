// What functions take and give.

/// One way to call a function.
struct Signature: Sendable {
    let hasReceiver: Bool
    let parameters: [CELType]
    let result: CELType

    /// What the call gives for arguments of these types; `nil` when it does not take them.
    func result(for arguments: [CELType]) -> CELType? {
        guard arguments.count == parameters.count else { return nil }
        var bindings: [String: CELType] = [:]
        for (parameter, argument) in zip(parameters, arguments) {
            guard parameter.accepts(argument, &bindings) else { return nil }
        }
        return result.substituting(bindings)
    }
}

extension CELType {
    /// Whether a value of type `argument` may stand where this one is wanted.
    func accepts(_ argument: CELType, _ bindings: inout [String: CELType]) -> Bool {
        switch (self, argument) {
        case (.parameter(let name), _):
            guard let bound = bindings[name] else {
                bindings[name] = argument
                return true
            }
            guard let type = bound.joined(argument) else { return false }
            bindings[name] = type
            return true
        case (.dyn, _), (_, .dyn): return true
        case (.list(let wanted), .list(let found)), (.optional(let wanted), .optional(let found)):
            return wanted.accepts(found, &bindings)
        case (.map(let key, let value), .map(let foundKey, let foundValue)):
            return key.accepts(foundKey, &bindings) && value.accepts(foundValue, &bindings)
        // An object is a map, too, where only its size or its keys matter.
        case (.map(let key, let value), .object):
            return key.accepts(.string, &bindings) && value.accepts(.dyn, &bindings)
        default: return self == argument
        }
    }

    /// The type of what may be of either type; `nil` when the two have nothing in common.
    func joined(_ other: CELType) -> CELType? {
        switch (self, other) {
        case _ where self == other: return self
        case (.dyn, _), (_, .dyn): return .dyn
        case (.null, _): return other
        case (_, .null): return self
        case (.list(let first), .list(let second)): return first.joined(second).map { .list($0) }
        case (.optional(let first), .optional(let second)):
            return first.joined(second).map { .optional($0) }
        case (.map(let key, let value), .map(let otherKey, let otherValue)):
            guard let joinedKey = key.joined(otherKey), let joined = value.joined(otherValue) else {
                return nil
            }
            return .map(joinedKey, joined)
        // Numbers are compared across their types.
        case (.int, .uint), (.int, .double), (.uint, .int), (.uint, .double), (.double, .int),
            (.double, .uint):
            return nil
        default: return nil
        }
    }

    func substituting(_ bindings: [String: CELType]) -> CELType {
        switch self {
        case .parameter(let name): bindings[name] ?? .dyn
        case .list(let element): .list(element.substituting(bindings))
        case .optional(let wrapped): .optional(wrapped.substituting(bindings))
        case .map(let key, let value):
            .map(key.substituting(bindings), value.substituting(bindings))
        default: self
        }
    }
}

/// Reads signatures such as `string.startsWith(string) bool` and `size(list<A>) int`.
struct SignatureReader {
    private var rest: Substring

    /// - Precondition: the line is a signature: these are our own.
    static func read(_ line: Substring) -> (name: String, signature: Signature) {
        var reader = SignatureReader(rest: line)
        return reader.read()
    }

    private mutating func read() -> (name: String, signature: Signature) {
        let open = rest.firstIndex(of: "(") ?? rest.endIndex
        var name = rest[..<open]
        var parameters: [CELType] = []
        // A receiver is written before two points, as the names of some functions have one.
        let receiver = name.range(of: "..")
        if let receiver {
            var inner = SignatureReader(rest: name[..<receiver.lowerBound])
            parameters.append(inner.type())
            name = name[receiver.upperBound...]
        }
        rest = rest[open...].dropFirst()
        while !rest.hasPrefix(")") {
            parameters.append(type())
            skip(", ")
        }
        skip(") ")
        let signature = Signature(
            hasReceiver: receiver != nil, parameters: parameters, result: type())
        return (String(name), signature)
    }

    private mutating func skip(_ text: String) {
        if rest.hasPrefix(text) { rest = rest.dropFirst(text.count) }
    }

    private static let simple: [Substring: CELType] = [
        "dyn": .dyn, "null": .null, "bool": .bool, "int": .int, "uint": .uint, "double": .double,
        "string": .string, "bytes": .bytes, "duration": .duration, "timestamp": .timestamp,
        "type": .type, "quantity": .quantity, "url": .url, "ip": .ip, "cidr": .cidr,
        "A": .parameter("A"), "B": .parameter("B"),
    ]

    private mutating func type() -> CELType {
        let name = rest.prefix { $0.isLetter }
        rest = rest[name.endIndex...]
        guard rest.hasPrefix("<") else {
            guard let type = Self.simple[name] else { preconditionFailure("no type \(name)") }
            return type
        }
        rest = rest.dropFirst()
        let first = type()
        var second: CELType?
        if rest.hasPrefix(",") {
            skip(", ")
            second = type()
        }
        rest = rest.dropFirst()
        switch (name, second) {
        case ("list", nil): return .list(first)
        case ("optional", nil): return .optional(first)
        case ("map", let value?): return .map(first, value)
        default: preconditionFailure("no type \(name)")
        }
    }
}

extension Substring {
    fileprivate func range(of text: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
            start = index(after: start)
        }
        return nil
    }
}
