// What values may be.

/// The type of an expression.
public indirect enum CELType: Hashable, Sendable {
    /// Known only when the expression is evaluated.
    case dyn
    case null, bool, int, uint, double, string, bytes, duration, timestamp, type
    case quantity, url, ip, cidr
    case list(CELType)
    case map(CELType, CELType)
    case optional(CELType)
    case object(ObjectType)
    /// Stands for one type within a signature.
    case parameter(String)

    /// As messages show it.
    var name: String {
        switch self {
        case .dyn: "dyn"
        case .null: "null"
        case .bool: "bool"
        case .int: "int"
        case .uint: "uint"
        case .double: "double"
        case .string: "string"
        case .bytes: "bytes"
        case .duration: "google.protobuf.Duration"
        case .timestamp: "google.protobuf.Timestamp"
        case .type: "type"
        case .quantity: "kubernetes.Quantity"
        case .url: "kubernetes.URL"
        case .ip: "net.IP"
        case .cidr: "net.CIDR"
        case .list(let element): "list(\(element.name))"
        case .map(let key, let value): "map(\(key.name), \(value.name))"
        case .optional(let wrapped): "optional_type(\(wrapped.name))"
        case .object(let object): object.name
        case .parameter(let name): name
        }
    }
}

/// An object with known fields.
public final class ObjectType: Sendable {
    public let name: String
    /// By the names that expressions use; see `FieldName`.
    public let fields: [String: CELType]

    public init(name: String, fields: [String: CELType]) {
        self.name = name
        self.fields = fields
    }
}

extension ObjectType: Hashable {
    public static func == (left: ObjectType, right: ObjectType) -> Bool { left === right }
    public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

/// The names of members as identifiers (Kubernetes' documentation of validation rules).
public enum FieldName {
    private static let keywords: Set<String> = [
        "true", "false", "null", "in", "as", "break", "const", "continue", "else", "for",
        "function", "if", "import", "let", "loop", "package", "namespace", "return",
    ]

    /// What expressions call a member; `nil` when they cannot.
    public static func escape(_ name: String) -> String? {
        if keywords.contains(name) { return "__\(name)__" }
        var escaped = ""
        var rest = name[...]
        while let first = rest.first {
            if rest.hasPrefix("__") {
                escaped += "__underscores__"
                rest = rest.dropFirst(2)
                continue
            }
            switch first {
            case ".": escaped += "__dot__"
            case "-": escaped += "__dash__"
            case "/": escaped += "__slash__"
            case "a"..."z", "A"..."Z", "_": escaped.append(first)
            case "0"..."9" where !escaped.isEmpty: escaped.append(first)
            default: return nil
            }
            rest = rest.dropFirst()
        }
        return escaped.isEmpty ? nil : escaped
    }

    /// The member that expressions call `identifier`.
    static func unescape(_ identifier: String) -> String {
        guard identifier.contains("__") else { return identifier }
        if identifier.hasPrefix("__"), identifier.hasSuffix("__"), identifier.count > 4 {
            let inner = String(identifier.dropFirst(2).dropLast(2))
            if keywords.contains(inner) { return inner }
        }
        var name = ""
        var rest = identifier[...]
        let sequences = [
            ("__underscores__", "__"), ("__dot__", "."), ("__dash__", "-"), ("__slash__", "/"),
        ]
        while let first = rest.first {
            if let (sequence, text) = sequences.first(where: { rest.hasPrefix($0.0) }) {
                name += text
                rest = rest.dropFirst(sequence.count)
            } else {
                name.append(first)
                rest = rest.dropFirst()
            }
        }
        return name
    }
}
