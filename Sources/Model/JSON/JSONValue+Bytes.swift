import Buffers

/// A document, and the members that it held more than once.
public struct ParsedJSON: Hashable, Sendable {
    public let value: JSONValue
    /// Paths such as `spec.replicas` or `spec.containers[0].name`, a hundred at most. Of duplicate
    /// members the last one counts.
    public let duplicates: [String]
}

extension JSONValue {
    /// Reads a whole document: strictly RFC 8259, valid UTF-8, at most 128 arrays and objects
    /// inside one another, nothing but white space around it. Of duplicate members the last one
    /// counts.
    /// - Throws: `JSONError` with the position of the first fault.
    public init(parsing bytes: Bytes) throws(JSONError) {
        self = try JSONValue.parse(bytes).value
    }

    /// Reads a whole document, as `init(parsing:)` does, and names the duplicate members.
    /// - Throws: `JSONError` with the position of the first fault.
    public static func parse(_ bytes: Bytes) throws(JSONError) -> ParsedJSON {
        try bytes.withUnsafeBytes { buffer throws(JSONError) in try parse(buffer) }
    }

    /// Reads a whole document in place.
    /// - Throws: `JSONError` with the position of the first fault.
    public static func parse(_ buffer: UnsafeRawBufferPointer) throws(JSONError) -> ParsedJSON {
        var parser = Parser(buffer)
        do {
            let value = try parser.parseDocument()
            return ParsedJSON(value: value, duplicates: parser.duplicates)
        } catch {
            throw error.located(in: buffer)
        }
    }

    /// Appends the compact JSON text: no white space, members in order, non-ASCII characters as
    /// they are, and only what must be escaped is.
    public func write(into buffer: inout ByteBuffer) { Writer.write(self, into: &buffer) }

    /// The compact JSON text.
    public var bytes: Bytes {
        var buffer = ByteBuffer(reserving: 1024)
        write(into: &buffer)
        return buffer.freeze()
    }
}

extension ByteBuffer {
    /// Appends `string` as a JSON string, in quotation marks.
    public mutating func append(jsonString string: String) {
        Writer.write(string, into: &self)
    }

    /// Appends `prefix` and `string` as one JSON string, in quotation marks.
    /// - Precondition: nothing in `prefix` needs to be escaped.
    public mutating func append(jsonString string: String, after prefix: StaticString) {
        Writer.write(string, after: prefix, into: &self)
    }

    /// Appends the compact JSON text of `value`.
    public mutating func append(json value: JSONValue) { value.write(into: &self) }
}
