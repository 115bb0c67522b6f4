// The grammar of label selectors: `a=b, c==d, e!=f, g in (h,i), j notin (k), l, !m, n>3, n<4`.

import JSON

extension LabelSelector {
    /// Reads a selector. Empty text selects everything.
    /// - Throws: `badRequest` with what was found and what was expected.
    public init(parsing text: String) throws(APIStatus) {
        var parser = LabelSelectorParser(text)
        do {
            self = try LabelSelector(parser.requirements())
        } catch {
            throw error.status
        }
    }
}

private enum Token: Equatable {
    case end, close, comma, not, doubleEquals, equals, greater, less, notEquals, open
    case word(String)

    var text: String {
        switch self {
        case .end: ""
        case .close: ")"
        case .comma: ","
        case .not: "!"
        case .doubleEquals: "=="
        case .equals: "="
        case .greater: ">"
        case .less: "<"
        case .notEquals: "!="
        case .open: "("
        case .word(let word): word
        }
    }
}

/// Splits a selector into tokens. Any run of other characters is a word.
private struct Lexer {
    private let bytes: [UInt8]
    private var position = 0

    init(_ text: String) { bytes = Array(text.utf8) }

    mutating func next() -> Token {
        while position < bytes.count, Self.space.contains(bytes[position]) { position += 1 }
        guard position < bytes.count else { return .end }
        let start = position
        position += 1
        let followsEquals = position < bytes.count && bytes[position] == UInt8(ascii: "=")
        switch bytes[start] {
        case UInt8(ascii: ")"): return .close
        case UInt8(ascii: "("): return .open
        case UInt8(ascii: ","): return .comma
        case UInt8(ascii: ">"): return .greater
        case UInt8(ascii: "<"): return .less
        case UInt8(ascii: "!"), UInt8(ascii: "="):
            let isNot = bytes[start] == UInt8(ascii: "!")
            if followsEquals { position += 1 }
            if isNot { return followsEquals ? .notEquals : .not }
            return followsEquals ? .doubleEquals : .equals
        default: return word(from: start)
        }
    }

    private mutating func word(from start: Int) -> Token {
        while position < bytes.count, !Self.special.contains(bytes[position]),
            !Self.space.contains(bytes[position])
        {
            position += 1
        }
        return .word(String(decoding: bytes[start..<position], as: UTF8.self))
    }

    private static let space = ByteClass(" \t\r\n")
    private static let special = ByteClass("=!(),<>")
}

/// Recursive descent with one token of look-ahead. `in` and `notin` are words: where an operator
/// stands they are operators, where a key or a value stands they are that.
private struct LabelSelectorParser {
    private var lexer: Lexer
    private var current: Token

    init(_ text: String) {
        lexer = Lexer(text)
        current = lexer.next()
    }

    private mutating func take() -> Token {
        let token = current
        if token != .end { current = lexer.next() }
        return token
    }

    mutating func requirements() throws(InvalidSelector) -> [LabelRequirement] {
        var requirements: [LabelRequirement] = []
        while current != .end {
            guard startsRequirement else {
                throw found(current, expected: "!, identifier, or 'end of string'")
            }
            guard requirements.count < Limits.selectorRequirementCountMax else {
                throw InvalidSelector(message: "the selector has too many requirements")
            }
            do {
                requirements.append(try requirement())
            } catch {
                throw InvalidSelector(message: "unable to parse requirement: \(error.message)")
            }
            let separator = take()
            if separator == .end { break }
            guard separator == .comma else {
                throw found(separator, expected: "',' or 'end of string'")
            }
            guard startsRequirement else {
                throw found(current, expected: "identifier after ','")
            }
        }
        return requirements
    }

    private var startsRequirement: Bool {
        if case .word = current { return true }
        return current == .not
    }

    private mutating func requirement() throws(InvalidSelector) -> LabelRequirement {
        var token = take()
        let isNegated = token == .not
        if isNegated { token = take() }
        guard case .word(let key) = token else { throw found(token, expected: "identifier") }
        let problems = ValueFormat.qualifiedName.check(key)
        guard problems.isEmpty else {
            throw InvalidSelector(
                errors: [.invalid(.root, .string(key), problems.joined(separator: "; "))])
        }
        if isNegated { return try LabelRequirement(key: key, .doesNotExist, []) }
        if current == .end || current == .comma {
            return try LabelRequirement(key: key, .exists, [])
        }
        let `operator` = try takeOperator()
        switch `operator` {
        case .in, .notIn: return try LabelRequirement(key: key, `operator`, values())
        default: return try LabelRequirement(key: key, `operator`, [value()])
        }
    }

    private mutating func takeOperator() throws(InvalidSelector) -> LabelRequirement.Operator {
        let token = take()
        switch token {
        case .word("in"): return .in
        case .word("notin"): return .notIn
        case .equals: return .equals
        case .doubleEquals: return .doubleEquals
        case .notEquals: return .notEquals
        case .greater: return .greaterThan
        case .less: return .lessThan
        default: throw found(token, expected: "in, notin, =, ==, !=, gt, lt")
        }
    }

    /// One value, which may be empty.
    private mutating func value() throws(InvalidSelector) -> String {
        if current == .end || current == .comma { return "" }
        let token = take()
        guard case .word(let word) = token else { throw found(token, expected: "identifier") }
        return word
    }

    /// Values in parentheses; a place between two commas is an empty value.
    private mutating func values() throws(InvalidSelector) -> [String] {
        let start = take()
        guard start == .open else {
            throw InvalidSelector(message: "found '\(start.text)' expected: '('")
        }
        var values: [String] = []
        while true {
            if case .word(let word) = current {
                values.append(word)
                _ = take()
                guard current == .comma || current == .close else {
                    throw found(current, expected: "',' or ')'")
                }
            } else if current == .comma || current == .close {
                values.append("")
            } else if values.isEmpty {
                throw found(current, expected: "',', ')' or identifier")
            } else {
                throw found(current, expected: "',', or identifier")
            }
            if take() == .close { return values }
        }
    }

    private func found(_ token: Token, expected: String) -> InvalidSelector {
        InvalidSelector(message: "found '\(token.text)', expected: \(expected)")
    }
}
