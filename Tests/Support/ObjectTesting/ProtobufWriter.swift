import Buffers

/// Writes messages by hand.
public struct ProtobufWriter {
    public private(set) var bytes: [UInt8] = []

    public init() {}

    public mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    public mutating func tag(_ number: Int, _ type: UInt64) { varint(UInt64(number) << 3 | type) }

    public mutating func int(_ number: Int, _ value: Int64) {
        tag(number, 0)
        varint(UInt64(bitPattern: value))
    }

    public mutating func double(_ number: Int, _ value: Double) {
        tag(number, 1)
        for shift in 0..<8 {
            bytes.append(UInt8(truncatingIfNeeded: value.bitPattern >> UInt64(8 * shift)))
        }
    }

    public mutating func bytes(_ number: Int, _ content: [UInt8]) {
        tag(number, 2)
        varint(UInt64(content.count))
        bytes += content
    }

    public mutating func text(_ number: Int, _ text: String) { bytes(number, Array(text.utf8)) }

    public mutating func message(_ number: Int, _ write: (inout ProtobufWriter) -> Void) {
        bytes(number, Self.message(write))
    }

    /// An entry of a map.
    public mutating func entry(
        _ number: Int, _ key: String, _ write: (inout ProtobufWriter) -> Void
    ) {
        message(number) { entry in
            entry.text(1, key)
            write(&entry)
        }
    }

    public static func message(_ write: (inout ProtobufWriter) -> Void) -> [UInt8] {
        var writer = ProtobufWriter()
        write(&writer)
        return writer.bytes
    }

    /// An object in its envelope.
    public static func envelope(
        kind: String = "Card", apiVersion: String = "library/v1", _ object: [UInt8]
    ) -> [UInt8] {
        Array("k8s\0".utf8)
            + message { envelope in
                envelope.message(1) { type in
                    type.text(1, apiVersion)
                    type.text(2, kind)
                }
                envelope.bytes(2, object)
                envelope.text(3, "")
                envelope.text(4, "")
            }
    }
}
