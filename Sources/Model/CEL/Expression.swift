// An expression as the parser sees it.

/// A part of an expression and where it begins.
final class Expression: Sendable {
    enum Content: Sendable {
        case literal(Value)
        case identifier(String)
        /// `operand.field`, or with a question mark an optional value.
        case select(Expression, String, isOptional: Bool)
        /// `has(operand.field)`
        case has(Expression, String)
        case index(Expression, Expression, isOptional: Bool)
        case call(String, receiver: Expression?, [Expression])
        case list([Expression])
        case map([(key: Expression, value: Expression)])
        case and(Expression, Expression)
        case or(Expression, Expression)
        case conditional(Expression, Expression, Expression)
        case comprehension(Comprehension)
    }

    let content: Content
    /// In Unicode scalars from the beginning of the source.
    let offset: Int

    init(_ content: Content, at offset: Int) {
        self.content = content
        self.offset = offset
    }
}

/// A macro that looks at each element of a list, or at each key of a map.
struct Comprehension: Sendable {
    enum Kind: String, Sendable {
        case all, exists, filter, map
        case existsOne = "exists_one"
    }

    let kind: Kind
    let range: Expression
    /// What the element is called in the body.
    let variable: String
    /// What is asked or made of each element.
    let body: Expression
    /// Of `map` with three arguments: which elements are taken.
    var condition: Expression?
}

/// Why a text is no expression, or not one that makes sense here.
public struct CompilationError: Error, Hashable, Sendable, CustomStringConvertible {
    public let message: String
    /// Where in the source, both from 1 on.
    public let line: Int
    public let column: Int

    init(_ message: String, at offset: Int, in source: String) {
        self.message = message
        var (line, column) = (1, 1)
        for scalar in source.unicodeScalars.prefix(offset) {
            column += 1
            if scalar == "\n" { (line, column) = (line + 1, 1) }
        }
        self.line = line
        self.column = column
    }

    public var description: String {
        "compilation failed: ERROR: <input>:\(line):\(column): \(message)"
    }
}
