// Header fields in the form in which they are sent.

import Buffers

/// Header fields of a message that is sent. They are kept as its lines; fields that are the same in
/// many messages are made once and shared.
public struct FieldLines: Sendable {
    private(set) var lines: [UInt8] = []

    private static let usualByteCount = 192

    public init() {}

    public var isEmpty: Bool { lines.isEmpty }

    /// Adds a field. Control characters in the value become spaces (RFC 9110, 5.5), so that a value
    /// from outside cannot end the field.
    public mutating func add(_ name: StaticString, _ value: Bytes) {
        value.withUnsafeBytes { add(name, $0) }
    }

    public mutating func add(_ name: StaticString, _ value: String) {
        var value = value
        value.withUTF8 { add(name, UnsafeRawBufferPointer($0)) }
    }

    public mutating func add(_ name: StaticString, literal value: StaticString) {
        add(name, UnsafeRawBufferPointer(start: value.utf8Start, count: value.utf8CodeUnitCount))
    }

    public mutating func add(_ name: StaticString, decimal value: some BinaryInteger) {
        add(name, String(value))
    }

    /// Adds a field whose name is only known now, such as one that is passed on.
    /// - Precondition: the name is a token (RFC 9110, 5.6.2).
    public mutating func add(name: Bytes, value: Bytes) {
        precondition(name.array.allSatisfy(Self.isNameByte), "the name of a field: \(name)")
        lines += name.array
        lines.append(Octet.colon)
        lines.append(Octet.space)
        lines += value.array.map { $0 < 32 || $0 == 127 ? Octet.space : $0 }
        lines.append(Octet.carriageReturn)
        lines.append(Octet.lineFeed)
    }

    /// Whether a byte may stand in a field's name.
    public static func isNameByte(_ byte: UInt8) -> Bool { Octet.isTokenByte(byte) }

    private mutating func add(_ name: StaticString, _ value: UnsafeRawBufferPointer) {
        // Room for what most answers have, at once; the exact room for each field would be a new
        // allocation for each.
        if lines.isEmpty { lines.reserveCapacity(Self.usualByteCount) }
        lines.append(
            contentsOf: UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        lines.append(Octet.colon)
        lines.append(Octet.space)
        let start = lines.count
        lines.append(contentsOf: value)
        if !value.isFieldContent {
            for index in start..<lines.count where lines[index] < 32 || lines[index] == 127 {
                lines[index] = Octet.space
            }
        }
        lines.append(Octet.carriageReturn)
        lines.append(Octet.lineFeed)
    }

    /// The value of the first field called `name`, which is in lower case.
    public func first(_ name: StaticString) -> Bytes? {
        lines.withUnsafeBytes { text in
            var start = 0
            while let end = text.position(of: Octet.lineFeed, from: start) {
                if let colon = text.position(of: Octet.colon, from: start),
                    text.slice(start..<colon).equalsIgnoringCase(name)
                {
                    return Bytes(copying: text.slice(colon + 2..<end - 1))
                }
                start = end + 1
            }
            return nil
        }
    }
}

/// The header fields of an answer.
public typealias ResponseFields = FieldLines
