/// Why a set of OpenAPI documents cannot be used: our own documents are wrong.
public struct SchemaError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The group version of the document, such as `apps/v1`.
    public let document: String
    /// Where in the document: a JSON pointer (RFC 6901).
    public let pointer: String
    public let message: String

    public var description: String { "\(document)#\(pointer): \(message)" }
}

/// A place in a document, for errors.
struct Location: Sendable {
    let document: String
    private(set) var pointer: String

    init(document: String, pointer: String = "") {
        self.document = document
        self.pointer = pointer
    }

    func appending(_ token: String) -> Location {
        var escaped = ""
        for character in token.unicodeScalars {
            switch character {
            case "~": escaped += "~0"
            case "/": escaped += "~1"
            default: escaped.unicodeScalars.append(character)
            }
        }
        return Location(document: document, pointer: "\(pointer)/\(escaped)")
    }

    func error(_ message: String) -> SchemaError {
        SchemaError(document: document, pointer: pointer, message: message)
    }
}
