// Which values an object's selectable fields must have: `metadata.name=x,status.phase!=Failed`.

/// A conjunction of equalities and inequalities. A backslash in a value takes the meaning from the
/// comma, equals sign or backslash that follows.
public struct FieldSelector: Hashable, Sendable, CustomStringConvertible {
    public struct Requirement: Hashable, Sendable {
        public let field: String
        public let isEquality: Bool
        public let value: String

        public init(field: String, isEquality: Bool = true, value: String) {
            self.field = field
            self.isEquality = isEquality
            self.value = value
        }
    }

    public let requirements: [Requirement]

    public static let everything = FieldSelector([])

    public init(_ requirements: [Requirement]) { self.requirements = requirements }

    public var selectsEverything: Bool { requirements.isEmpty }

    /// Whether an object is selected, given how to look up a field; a field that is not there reads
    /// as empty text.
    public func matches(_ value: (String) -> String?) -> Bool {
        requirements.allSatisfy { ($0.value == value($0.field) ?? "") == $0.isEquality }
    }

    /// The one value that `field` must have, when the selector says so: what an index can serve.
    public func exactValue(of field: String) -> String? {
        requirements.first { $0.field == field && $0.isEquality }?.value
    }

    /// - Throws: `badRequest` that names the first field which is not in `fields`.
    public func checkFields(_ fields: [String]) throws(APIStatus) {
        for requirement in requirements where !fields.contains(requirement.field) {
            let known = fields.map(\.quoted).joined(separator: ", ")
            throw .badRequest(
                "\(requirement.field.quoted) is not a known field selector: only \(known)")
        }
    }

    public var description: String {
        requirements.map { requirement in
            let value = Self.escaped(requirement.value)
            return "\(requirement.field)\(requirement.isEquality ? "=" : "!=")\(value)"
        }.joined(separator: ",")
    }

    private static func escaped(_ value: String) -> String {
        var text = ""
        for character in value.unicodeScalars {
            if character == "\\" || character == "," || character == "=" { text += "\\" }
            text.unicodeScalars.append(character)
        }
        return text
    }
}

private let backslash = UInt8(ascii: "\\")
private let comma = UInt8(ascii: ",")
private let equals = UInt8(ascii: "=")

extension FieldSelector {
    /// Reads a selector. Empty text selects everything.
    /// - Throws: `badRequest` with the part that cannot be understood.
    public init(parsing text: String) throws(APIStatus) {
        var requirements: [Requirement] = []
        for term in Self.terms(Array(text.utf8)) where !term.isEmpty {
            guard requirements.count < Limits.selectorRequirementCountMax else {
                throw .badRequest("invalid selector: too many requirements")
            }
            guard let requirement = try Self.requirement(term) else {
                let part = String(decoding: term, as: UTF8.self)
                throw .badRequest("invalid selector: '\(text)'; can't understand '\(part)'")
            }
            requirements.append(requirement)
        }
        self.init(requirements)
    }

    /// The parts between commas that no backslash precedes.
    private static func terms(_ text: [UInt8]) -> [ArraySlice<UInt8>] {
        var terms: [ArraySlice<UInt8>] = []
        var start = 0
        var index = 0
        while index < text.count {
            if text[index] == backslash {
                index += 1
            } else if text[index] == comma {
                terms.append(text[start..<index])
                start = index + 1
            }
            index += 1
        }
        terms.append(text[start...])
        return terms
    }

    private static func requirement(
        _ term: ArraySlice<UInt8>
    ) throws(APIStatus) -> Requirement? {
        var index = term.startIndex
        while index < term.endIndex {
            let follows = index + 1 < term.endIndex && term[index + 1] == equals
            if term[index] == backslash {
                index += 1
            } else if term[index] == equals || (term[index] == UInt8(ascii: "!") && follows) {
                let value = term[(index + (follows ? 2 : 1))...]
                return Requirement(
                    field: String(decoding: term[..<index], as: UTF8.self),
                    isEquality: term[index] == equals, value: try unescaped(value))
            }
            index += 1
        }
        return nil
    }

    private static func unescaped(_ value: ArraySlice<UInt8>) throws(APIStatus) -> String {
        var bytes: [UInt8] = []
        var isEscaped = false
        for byte in value {
            let isSpecial = byte == backslash || byte == comma || byte == equals
            if isEscaped {
                guard isSpecial else {
                    let sequence = String(decoding: [backslash, byte], as: UTF8.self)
                    throw .badRequest(
                        "invalid field selector: invalid escape sequence: \(sequence)")
                }
                bytes.append(byte)
                isEscaped = false
            } else if byte == backslash {
                isEscaped = true
            } else if isSpecial {
                let character = String(decoding: [byte], as: UTF8.self)
                throw .badRequest(
                    "invalid field selector: unescaped character in value: \(character)")
            } else {
                bytes.append(byte)
            }
        }
        guard !isEscaped else {
            throw .badRequest("invalid field selector: invalid escape sequence: \\")
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
