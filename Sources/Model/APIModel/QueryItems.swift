// The query of a URL.

import Buffers

/// Names and values of a query, decoded (`application/x-www-form-urlencoded`, as browsers and Go
/// read it: a plus sign is a space).
public struct QueryItems: Sendable {
    public private(set) var items: [(name: String, value: String)] = []

    public init() {}

    public init(_ items: [(name: String, value: String)]) { self.items = items }

    /// Reads what follows the question mark of a request target.
    /// - Throws: `badRequest` for a percent sign without two hexadecimal digits, text that is not
    ///   UTF-8, or too many items.
    public init(parsing query: Bytes) throws(APIStatus) {
        items = try query.withUnsafeBytes { (bytes) throws(APIStatus) in try Self.parse(bytes) }
    }

    public var isEmpty: Bool { items.isEmpty }

    /// The first value of that name.
    public subscript(name: String) -> String? { items.first { $0.name == name }?.value }

    /// All values of that name.
    public func values(_ name: String) -> [String] {
        items.filter { $0.name == name }.map(\.value)
    }

    private static func parse(
        _ query: UnsafeRawBufferPointer
    ) throws(APIStatus) -> [(name: String, value: String)] {
        let parts = query.split(separator: UInt8(ascii: "&"))
        guard parts.count <= Limits.queryItemCountMax else {
            throw .badRequest("the query has more than \(Limits.queryItemCountMax) items")
        }
        var items: [(name: String, value: String)] = []
        items.reserveCapacity(parts.count)
        for part in parts {
            let equals = part.firstIndex(of: UInt8(ascii: "=")) ?? part.endIndex
            let name = try decode(part[..<equals])
            items.append((name, try decode(part[equals...].dropFirst())))
        }
        return items
    }

    private static func decode(_ text: Slice<UnsafeRawBufferPointer>) throws(APIStatus) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var index = text.startIndex
        while index < text.endIndex {
            switch text[index] {
            case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                let escape = text[index...].prefix(3)
                guard let byte = byte(escape.dropFirst()) else {
                    let shown = String(decoding: escape, as: UTF8.self)
                    throw .badRequest("invalid URL escape \(shown.quoted)")
                }
                bytes.append(byte)
                index += 2
            default: bytes.append(text[index])
            }
            index += 1
        }
        guard let decoded = String(validating: bytes, as: UTF8.self) else {
            throw .badRequest("the query is not UTF-8")
        }
        return decoded
    }

    private static func byte(_ digits: Slice<UnsafeRawBufferPointer>) -> UInt8? {
        guard digits.count == 2, digits.allSatisfy(ByteClass.hexadecimal.contains) else {
            return nil
        }
        return UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
    }
}

extension QueryItems {
    /// Whether a switch is on: a value of `false` or `0` is off, any other, also none, is on; nil
    /// when the name does not occur.
    public func flag(_ name: String) -> Bool? {
        self[name].map { $0 != "0" && $0.lowercased() != "false" }
    }

    /// - Throws: `badRequest` for text that is no number of 64 bits.
    func number(_ name: String) throws(APIStatus) -> Int64? {
        guard let text = self[name], !text.isEmpty else { return nil }
        guard let number = Int64(text) else {
            let isLong = text.utf8.allSatisfy(ByteClass("-0123456789").contains)
            throw .badRequest(
                "strconv.ParseInt: parsing \(text.quoted): "
                    + (isLong ? "value out of range" : "invalid syntax"))
        }
        return number
    }
}
