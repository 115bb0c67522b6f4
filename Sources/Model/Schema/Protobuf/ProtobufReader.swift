import JSON

/// Why bytes cannot be read as a message. Answered with 400.
public struct ProtobufError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Where, in bytes from the start of the body.
    public let offset: Int
    public let reason: String

    public var description: String { "\(reason) at byte \(offset)" }
}

/// Reads the wire format (protobuf's "Encoding" page) from front to back. Inside of a nested
/// message it ends where that message ends.
struct ProtobufReader {
    enum WireType: UInt8, Sendable {
        case varint = 0
        case fixed64 = 1
        case lengthDelimited = 2
        case fixed32 = 5
    }

    /// What stands before each value.
    struct Tag: Equatable {
        let number: Int
        let type: WireType
    }

    private let bytes: UnsafeRawBufferPointer
    private(set) var position: Int
    private var end: Int
    private var depth = 0

    /// - Parameter bytes: must outlive the reader.
    /// - Precondition: there are at least `start` bytes.
    init(_ bytes: UnsafeRawBufferPointer, from start: Int = 0) {
        precondition(start <= bytes.count, "byte \(start) of \(bytes.count)")
        self.bytes = bytes
        position = start
        end = bytes.count
    }

    var isAtEnd: Bool { position == end }

    /// How many fields the rest can hold at most: each has a tag and a byte of its value.
    var fieldCountMax: Int { (end - position) / 2 }

    func error(_ reason: String, at offset: Int? = nil) -> ProtobufError {
        ProtobufError(offset: offset ?? position, reason: reason)
    }

    // MARK: Tags

    mutating func tag() throws(ProtobufError) -> Tag {
        let start = position
        let bits = try varint()
        let number = bits >> 3
        guard let type = WireType(rawValue: UInt8(bits & 7)) else {
            throw error("wire type \(bits & 7) is not read", at: start)
        }
        guard (1...0x1FFF_FFFF).contains(number) else {
            throw error("\(number) is no field number", at: start)
        }
        return Tag(number: Int(number), type: type)
    }

    /// Takes the next tag when it equals `tag`.
    mutating func accept(_ tag: Tag) throws(ProtobufError) -> Bool {
        guard !isAtEnd else { return false }
        let start = position
        if try self.tag() == tag { return true }
        position = start
        return false
    }

    private func check(_ tag: Tag, _ type: WireType) throws(ProtobufError) {
        guard tag.type == type else {
            throw error("field \(tag.number) has wire type \(tag.type), not \(type)")
        }
    }

    mutating func skip(_ tag: Tag) throws(ProtobufError) {
        switch tag.type {
        case .varint: _ = try varint()
        case .fixed64: try advance(8)
        case .fixed32: try advance(4)
        case .lengthDelimited: _ = try content(tag)
        }
    }

    private mutating func advance(_ byteCount: Int) throws(ProtobufError) {
        guard byteCount <= end - position else { throw error("the value is cut off") }
        position += byteCount
    }

    // MARK: Numbers

    private mutating func varint() throws(ProtobufError) -> UInt64 {
        if position < end, bytes[position] < 0x80 {
            position += 1
            return UInt64(bytes[position - 1])
        }
        return try longVarint()
    }

    private mutating func longVarint() throws(ProtobufError) -> UInt64 {
        let start = position
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            guard position < end else { throw error("the number is cut off", at: start) }
            let byte = bytes[position]
            position += 1
            value |= UInt64(byte & 0x7F) << shift
            guard byte >= 0x80 else {
                // The tenth byte has room for one bit.
                guard shift < 63 || byte <= 1 else { break }
                return value
            }
        }
        throw error("the number has more than 64 bits", at: start)
    }

    /// An `int32`, `int64` or `bool`.
    mutating func int(_ tag: Tag) throws(ProtobufError) -> Int64 {
        try check(tag, .varint)
        return try packedInt()
    }

    mutating func packedInt() throws(ProtobufError) -> Int64 {
        Int64(bitPattern: try varint())
    }

    mutating func double(_ tag: Tag) throws(ProtobufError) -> Double {
        try check(tag, .fixed64)
        return try packedDouble()
    }

    mutating func packedDouble() throws(ProtobufError) -> Double {
        let start = position
        try advance(8)
        let bits = bytes.loadUnaligned(fromByteOffset: start, as: UInt64.self)
        let double = Double(bitPattern: UInt64(littleEndian: bits))
        guard double.isFinite else { throw error("\(double) has no JSON form", at: start) }
        return double
    }

    // MARK: Bytes

    /// The bytes of a string, of bytes or of a nested message.
    mutating func content(_ tag: Tag) throws(ProtobufError) -> UnsafeRawBufferPointer {
        try check(tag, .lengthDelimited)
        let start = position
        let length = try varint()
        guard length <= UInt64(end - position) else {
            throw error("a length of \(length) leads beyond the end", at: start)
        }
        position += Int(length)
        return UnsafeRawBufferPointer(rebasing: bytes[(position - Int(length))..<position])
    }

    mutating func text(_ tag: Tag) throws(ProtobufError) -> String {
        let content = try content(tag)
        if Self.isASCII(content) { return String(decoding: content, as: UTF8.self) }
        guard let text = String(validating: content, as: UTF8.self) else {
            throw error("the text is no UTF-8", at: position - content.count)
        }
        return text
    }

    /// Validating is slower than this and needed for few texts.
    private static func isASCII(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var index = 0
        while index + 8 <= bytes.count {
            let word = bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            if word & 0x8080_8080_8080_8080 != 0 { return false }
            index += 8
        }
        return bytes[index...].allSatisfy { $0 < 0x80 }
    }

    /// Goes into a nested message.
    /// - Returns: what `leave` wants.
    mutating func enter(_ tag: Tag) throws(ProtobufError) -> Int {
        guard depth < Limits.protobufDepthMax else { throw error("messages nest too deeply") }
        let outerEnd = end
        let content = try content(tag)
        end = position
        position -= content.count
        depth += 1
        return outerEnd
    }

    mutating func leave(to outerEnd: Int) {
        position = end
        end = outerEnd
        depth -= 1
    }
}
