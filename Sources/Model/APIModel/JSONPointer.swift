// JSON Pointer (RFC 6901).

/// A path through objects and arrays: `/spec/containers/0/name`.
public struct JSONPointer: Hashable, Sendable, CustomStringConvertible {
    /// The unescaped steps; none for the whole document.
    public let steps: [String]

    public init(steps: [String]) { self.steps = steps }

    /// Nil when the text neither is empty nor begins with a slash, or has a `~` without 0 or 1
    /// after it.
    public init?(_ text: String) {
        if text.isEmpty {
            steps = []
            return
        }
        guard text.utf8.first == UInt8(ascii: "/") else { return nil }
        var steps: [String] = []
        let parts = text.utf8.dropFirst()
            .split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        for part in parts {
            guard let step = Self.unescaped(part) else { return nil }
            steps.append(step)
        }
        // An empty rest has no parts, but is one empty step.
        self.steps = steps.isEmpty ? [""] : steps
    }

    private static func unescaped(_ part: Substring.UTF8View) -> String? {
        guard part.contains(UInt8(ascii: "~")) else { return String(Substring(part)) }
        var bytes: [UInt8] = []
        var isEscaped = false
        for byte in part {
            if isEscaped {
                switch byte {
                case UInt8(ascii: "0"): bytes.append(UInt8(ascii: "~"))
                case UInt8(ascii: "1"): bytes.append(UInt8(ascii: "/"))
                default: return nil
                }
                isEscaped = false
            } else if byte == UInt8(ascii: "~") {
                isEscaped = true
            } else {
                bytes.append(byte)
            }
        }
        return isEscaped ? nil : String(decoding: bytes, as: UTF8.self)
    }

    public var description: String {
        steps.map { step in
            var text = "/"
            for character in step.unicodeScalars {
                switch character {
                case "~": text += "~0"
                case "/": text += "~1"
                default: text.unicodeScalars.append(character)
                }
            }
            return text
        }.joined()
    }

    /// Whether `other` lies below this place.
    func contains(_ other: JSONPointer) -> Bool {
        steps.count < other.steps.count && other.steps.starts(with: steps)
    }
}
