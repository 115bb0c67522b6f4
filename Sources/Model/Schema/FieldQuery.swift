import JSON

/// A path to one field, in the part of JSONPath that Kubernetes uses for printer columns and
/// scales: `.spec.replicas`, `.a[0].b`, `.metadata.annotations['example.com/key']`.
public struct FieldQuery: Hashable, Sendable, CustomStringConvertible {
    public enum Step: Hashable, Sendable {
        case member(String)
        case index(Int)
    }

    public let steps: [Step]
    public let description: String

    /// `nil` when `text` is no such path. A backslash takes the next character as it is:
    /// `.metadata.labels.app\.kubernetes\.io/name`.
    public init?(_ text: String) {
        var scanner = QueryScanner(text)
        guard let steps = scanner.steps() else { return nil }
        self.steps = steps
        description = text
    }

    /// The members on the way, when it leads through nothing else.
    public var names: [String]? {
        let names = steps.compactMap { if case .member(let name) = $0 { name } else { nil } }
        return names.count == steps.count ? names : nil
    }

    /// Whether it leads through members only.
    public var isPlain: Bool { names != nil }

    /// The field's value; `nil` when there is none.
    public func value(in document: JSONValue) -> JSONValue? {
        var value = document
        for step in steps {
            let next: JSONValue?
            switch step {
            case .member(let name): next = value[name]
            case .index(let index): next = value[index]
            }
            guard let next else { return nil }
            value = next
        }
        return value
    }

    /// Sets the field, and makes the objects on the way to it. False, and nothing changes, when
    /// something other than an object is in the way, or the path leads through a list.
    public func set(_ newValue: JSONValue, in document: inout JSONValue) -> Bool {
        var names: [String] = []
        for step in steps {
            guard case .member(let name) = step else { return false }
            names.append(name)
        }
        var holder: JSONValue? = document
        for name in names {
            guard let value = holder, !value.isNull else { break }
            guard value.object != nil else { return false }
            holder = value[name]
        }
        Self.set(newValue, names[...], &document)
        return true
    }

    private static func set(
        _ newValue: JSONValue, _ names: ArraySlice<String>, _ value: inout JSONValue
    ) {
        guard let name = names.first else {
            value = newValue
            return
        }
        var member = value[name] ?? .null
        set(newValue, names.dropFirst(), &member)
        value[name] = member
    }
}

/// Reads the text of a `FieldQuery`.
private struct QueryScanner {
    private var rest: Substring.UnicodeScalarView

    init(_ text: String) { rest = text[...].unicodeScalars }

    mutating func steps() -> [FieldQuery.Step]? {
        var steps: [FieldQuery.Step] = []
        while let first = rest.popFirst() {
            switch first {
            case ".":
                guard let name = name() else { return nil }
                steps.append(.member(name))
            case "[":
                guard let step = subscripted() else { return nil }
                steps.append(step)
            default: return nil
            }
        }
        return steps.isEmpty ? nil : steps
    }

    private mutating func name() -> String? {
        var name = ""
        while let next = rest.first, next != ".", next != "[" {
            rest.removeFirst()
            if next == "\\" {
                guard let escaped = rest.popFirst() else { return nil }
                name.unicodeScalars.append(escaped)
            } else {
                guard next != "]", next != "*", next != "'" else { return nil }
                name.unicodeScalars.append(next)
            }
        }
        return name.isEmpty ? nil : name
    }

    private mutating func subscripted() -> FieldQuery.Step? {
        var text = ""
        let quote: Unicode.Scalar? = rest.first == "'" || rest.first == "\"" ? rest.popFirst() : nil
        while let next = rest.popFirst() {
            if next == (quote ?? "]") {
                if quote == nil { return Int(text).flatMap { $0 < 0 ? nil : .index($0) } }
                return rest.popFirst() == "]" && !text.isEmpty ? .member(text) : nil
            }
            text.unicodeScalars.append(next)
        }
        return nil
    }
}
