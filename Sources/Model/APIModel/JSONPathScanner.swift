import JSON

/// Reads the text of a `JSONPath`.
struct JSONPathScanner {
    private var rest: Substring.UnicodeScalarView

    init(_ text: Substring) { rest = text.unicodeScalars }

    var isAtEnd: Bool { rest.isEmpty }

    /// - Parameter stops: characters at which the path ends; `nil` for the end of the text.
    mutating func steps(until stops: Set<Unicode.Scalar>?) -> [JSONPath.Step]? {
        var steps: [JSONPath.Step] = []
        while let next = rest.first, stops?.contains(next) != true {
            rest.removeFirst()
            switch next {
            case ".":
                if accept(".") { steps.append(.descendants) }
                if rest.first == "[" { continue }
                if accept("*") {
                    steps.append(.all)
                } else if let name = name(until: stops) {
                    steps.append(.members([name]))
                } else {
                    return nil
                }
            case "[":
                guard let step = subscripted() else { return nil }
                steps.append(step)
            default: return nil
            }
        }
        return steps.isEmpty ? nil : steps
    }

    private mutating func accept(_ scalar: Unicode.Scalar) -> Bool {
        guard rest.first == scalar else { return false }
        rest.removeFirst()
        return true
    }

    private mutating func name(until stops: Set<Unicode.Scalar>?) -> String? {
        var name = ""
        while let next = rest.first, next != ".", next != "[", stops?.contains(next) != true {
            rest.removeFirst()
            guard next == "\\" else {
                if next == "]" || next == "'" { return nil }
                name.unicodeScalars.append(next)
                continue
            }
            guard let escaped = rest.popFirst() else { return nil }
            name.unicodeScalars.append(escaped)
        }
        return name.isEmpty ? nil : name
    }

    /// What stands between brackets; the first has been read.
    private mutating func subscripted() -> JSONPath.Step? {
        if accept("?") { return filter() }
        if accept("*") { return accept("]") ? .all : nil }
        if rest.first == "'" || rest.first == "\"" {
            var names: [String] = []
            repeat {
                skipSpaces()
                guard let name = quoted() else { return nil }
                names.append(name)
                skipSpaces()
            } while accept(",")
            return accept("]") ? .members(names) : nil
        }
        return numbers()
    }

    private mutating func numbers() -> JSONPath.Step? {
        var text = ""
        while let next = rest.popFirst(), next != "]" { text.unicodeScalars.append(next) }
        if text.contains(":") {
            let parts = text.split(separator: ":", omittingEmptySubsequences: false)
            let numbers = parts.map { Int($0) }
            let isFine = zip(parts, numbers).allSatisfy { $0.isEmpty || $1 != nil }
            guard parts.count <= 3, isFine else { return nil }
            let stride = parts.count == 3 ? numbers[2] ?? 1 : 1
            return stride > 0 ? .slice(numbers[0], numbers[1], stride) : nil
        }
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        let indexes = parts.compactMap { Int($0.drop { $0 == " " }) }
        guard indexes.count == parts.count else { return nil }
        return .indexes(indexes)
    }

    /// `(@.path == literal)]`
    private mutating func filter() -> JSONPath.Step? {
        guard accept("(") else { return nil }
        skipSpaces()
        guard accept("@"), let path = steps(until: [" ", "=", "!", "<", ">", ")"]) else {
            return nil
        }
        skipSpaces()
        if accept(")") {
            guard accept("]") else { return nil }
            return .filter(JSONPath.Filter(path: path, comparison: nil, literal: .null))
        }
        guard let comparison = comparison() else { return nil }
        skipSpaces()
        guard let literal = literal() else { return nil }
        skipSpaces()
        guard accept(")"), accept("]") else { return nil }
        return .filter(JSONPath.Filter(path: path, comparison: comparison, literal: literal))
    }

    private mutating func comparison() -> JSONPath.Filter.Comparison? {
        for comparison in JSONPath.Filter.Comparison.allCases
        where rest.starts(with: comparison.rawValue.unicodeScalars) {
            rest.removeFirst(comparison.rawValue.unicodeScalars.count)
            return comparison
        }
        return nil
    }

    private mutating func literal() -> JSONValue? {
        if rest.first == "'" || rest.first == "\"" { return quoted().map { .string($0) } }
        var text = ""
        while let next = rest.first, next != ")", next != " " {
            rest.removeFirst()
            text.unicodeScalars.append(next)
        }
        switch text {
        case "true": return true
        case "false": return false
        default: return JSONNumber(lexeme: text).map { .number($0) }
        }
    }

    private mutating func quoted() -> String? {
        guard let quote = rest.popFirst(), quote == "'" || quote == "\"" else { return nil }
        var text = ""
        while let next = rest.popFirst() {
            if next == quote { return text }
            guard next == "\\" else {
                text.unicodeScalars.append(next)
                continue
            }
            guard let escaped = rest.popFirst() else { return nil }
            text.unicodeScalars.append(escaped)
        }
        return nil
    }

    private mutating func skipSpaces() { while accept(" ") {} }
}
