// Regular expressions as RE2 has them, in time that grows with the text and never explodes.

/// A regular expression in RE2's syntax, without submatches. Matching takes time proportional to
/// the length of the text times the size of the expression, whatever both are. Works on Unicode
/// scalars.
public struct RegularExpression: Sendable, Hashable {
    public let source: String
    private let program: Program

    /// - Throws: `PatternError` for what is no expression, what RE2 does not have either, such as
    ///   references to groups, and what is too large.
    public init(_ source: String) throws(PatternError) {
        guard source.utf8.count <= Limits.sourceByteCountMax else {
            throw PatternError(offset: 0, problem: .tooLarge)
        }
        self.source = source
        var parser = PatternParser(source)
        program = try ProgramBuilder.build(try parser.parse())
    }

    /// Whether the expression is found anywhere in `text`.
    public func matches(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            var search = Search(program, bytes)
            return search.isFound()
        }
    }

    /// Where the expression is first found at or behind `start`: of several matches that begin
    /// there, the one that a backtracking search finds first. Offsets count UTF-8 bytes.
    /// - Precondition: `start` lies on the boundary of a scalar.
    public func firstMatch(in text: String, from start: Int = 0) -> Range<Int>? {
        var text = text
        return text.withUTF8 { bytes in
            var search = Search(program, bytes)
            return search.first(from: start)
        }
    }

    public static func == (left: Self, right: Self) -> Bool { left.source == right.source }

    public func hash(into hasher: inout Hasher) { hasher.combine(source) }
}

/// Why a text is no regular expression.
public struct PatternError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Problem: Hashable, Sendable {
        case unclosedGroup
        case unopenedGroup
        case unclosedClass
        case badRange
        case nothingToRepeat
        case badRepetition
        case trailingBackslash
        case unknownEscape(String)
        case unknownGroup
        case unknownClass(String)
        case nestedTooDeeply
        case tooLarge
    }

    /// In Unicode scalars from the beginning of the expression.
    public let offset: Int
    public let problem: Problem

    public var description: String { "\(text) at offset \(offset)" }

    private var text: String {
        switch problem {
        case .unclosedGroup: "missing closing )"
        case .unopenedGroup: "unexpected )"
        case .unclosedClass: "missing closing ]"
        case .badRange: "invalid character class range"
        case .nothingToRepeat: "missing argument to repetition operator"
        case .badRepetition: "invalid repeat count"
        case .trailingBackslash: "trailing backslash at end of expression"
        case .unknownEscape(let escape): "invalid escape sequence \(escape)"
        case .unknownGroup: "invalid or unsupported Perl syntax (?"
        case .unknownClass(let name): "unknown character class \(name)"
        case .nestedTooDeeply: "expression nests too deeply"
        case .tooLarge: "expression too large"
        }
    }
}
