// Names that rights depend on.

import APIModel
import JSON

/// Text that is equal to other text when it has the same bytes. Swift compares strings by what they
/// look like: an é of one character equals one of two (Unicode's canonical equivalence). Whoever
/// may choose a name could then have the rights of another one, for to every other program the two
/// names differ.
public struct ExactText: Hashable, Comparable, Sendable, ExpressibleByStringLiteral {
    public let string: String

    public init(_ string: String) { self.string = string }
    public init(stringLiteral value: String) { string = value }

    public static func == (left: ExactText, right: ExactText) -> Bool {
        left.string.hasSameBytes(as: right.string)
    }

    public func hash(into hasher: inout Hasher) {
        var string = string
        string.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        // So that two names behind one another are told from another two.
        hasher.combine(0xFF as UInt8)
    }

    public static func < (left: ExactText, right: ExactText) -> Bool {
        left.string.utf8.lexicographicallyPrecedes(right.string.utf8)
    }

    public var isEmpty: Bool { string.isEmpty }

    func hasPrefix(_ prefix: ExactText) -> Bool { string.utf8.starts(with: prefix.string.utf8) }

    func hasSuffix(_ suffix: ExactText) -> Bool {
        string.utf8.reversed().starts(with: suffix.string.utf8.reversed())
    }

    /// Without so many bytes at its end, which are ASCII.
    func dropLast(_ count: Int = 1) -> ExactText {
        ExactText(String(decoding: string.utf8.dropLast(count), as: UTF8.self))
    }

    /// Without so many bytes at its start, which are ASCII.
    func dropFirst(_ count: Int = 1) -> ExactText {
        ExactText(String(decoding: string.utf8.dropFirst(count), as: UTF8.self))
    }
}

extension ExactText: CustomStringConvertible {
    public var description: String { string }
    /// In double quotes, as messages show it.
    var quoted: String { string.quoted }
}

extension [ExactText] {
    init(_ strings: [String]) { self = strings.map { ExactText($0) } }

    /// For whoever only shows them.
    public var strings: [String] { map(\.string) }

    /// `["a" "b"]`
    var quotedList: String { strings.quotedList }
}
