// Addresses and networks of IP, in text.

/// An IP address: 4 or 16 bytes. Text is read strictly: no zeros in front of an IPv4 part (RFC
/// 6943, section 3.1.1), no zone.
public struct IPAddress: Hashable, Sendable {
    public let bytes: [UInt8]

    public var isIPv4: Bool { bytes.count == 4 }

    /// - Precondition: there are 4 or 16 bytes.
    public init(bytes: [UInt8]) {
        precondition(bytes.count == 4 || bytes.count == 16, "\(bytes.count) bytes of an address")
        self.bytes = bytes
    }

    public init?(_ text: String) {
        var text = text
        guard let address = text.withUTF8({ IPAddress(UnsafeRawBufferPointer($0)) }) else {
            return nil
        }
        self = address
    }

    init?(_ text: UnsafeRawBufferPointer) {
        let isIPv6 = text.contains(UInt8(ascii: ":"))
        guard let bytes = isIPv6 ? Self.parseIPv6(text[...]) : Self.parseIPv4(text[...]) else {
            return nil
        }
        self.bytes = bytes
    }

    /// An address, a slash and the number of leading bits that name the network (RFC 4632).
    static func isCIDR(_ text: UnsafeRawBufferPointer) -> Bool {
        let parts = text.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard parts.count == 2 else { return false }
        guard let address = IPAddress(UnsafeRawBufferPointer(rebasing: parts[0])) else {
            return false
        }
        let length = decimal(parts[1], digitCountMax: 3)
        return length.map { $0 <= address.bytes.count * 8 } ?? false
    }

    /// A decimal number without leading zeros.
    private static func decimal(
        _ text: Slice<UnsafeRawBufferPointer>, digitCountMax: Int
    ) -> Int? {
        guard let first = text.first, text.count <= digitCountMax else { return nil }
        guard text.allSatisfy(ByteClass.digit.contains) else { return nil }
        guard first != UInt8(ascii: "0") || text.count == 1 else { return nil }
        return text.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    }

    private static func parseIPv4(_ text: Slice<UnsafeRawBufferPointer>) -> [UInt8]? {
        let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bytes: [UInt8] = []
        for part in parts {
            guard let number = decimal(part, digitCountMax: 3), number < 256 else { return nil }
            bytes.append(UInt8(number))
        }
        return bytes
    }

    /// RFC 4291, section 2.2: eight groups, one run of zero groups as `::`, and the last two groups
    /// in IPv4's form if one likes.
    private static func parseIPv6(_ text: Slice<UnsafeRawBufferPointer>) -> [UInt8]? {
        let halves = splitAtDoubleColon(text)
        guard let halves else { return nil }
        guard let front = groups(halves.front, mayEndWithIPv4: halves.back == nil) else {
            return nil
        }
        guard let backText = halves.back else { return front.count == 16 ? front : nil }
        guard let back = groups(backText, mayEndWithIPv4: true) else { return nil }
        let zeroCount = 16 - front.count - back.count
        guard zeroCount >= 2 else { return nil }
        return front + [UInt8](repeating: 0, count: zeroCount) + back
    }

    private typealias Halves = (
        front: Slice<UnsafeRawBufferPointer>, back: Slice<UnsafeRawBufferPointer>?
    )

    /// Nil when there are two double colons.
    private static func splitAtDoubleColon(_ text: Slice<UnsafeRawBufferPointer>) -> Halves? {
        let colon = UInt8(ascii: ":")
        let pairs = text.indices.dropLast().filter { text[$0] == colon && text[$0 + 1] == colon }
        guard let pair = pairs.first else { return (text, nil) }
        guard pairs.count == 1 else { return nil }
        return (text[text.startIndex..<pair], text[(pair + 2)..<text.endIndex])
    }

    private static func groups(
        _ text: Slice<UnsafeRawBufferPointer>, mayEndWithIPv4: Bool
    ) -> [UInt8]? {
        if text.isEmpty { return [] }
        let parts = text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard parts.count <= 8 else { return nil }
        var bytes: [UInt8] = []
        for (index, part) in parts.enumerated() {
            if index == parts.count - 1, mayEndWithIPv4, part.contains(UInt8(ascii: ".")) {
                guard let last = parseIPv4(part) else { return nil }
                bytes += last
            } else {
                guard (1...4).contains(part.count),
                    part.allSatisfy(ByteClass.hexadecimal.contains),
                    let group = UInt16(String(decoding: part, as: UTF8.self), radix: 16)
                else { return nil }
                bytes += [UInt8(group >> 8), UInt8(truncatingIfNeeded: group)]
            }
        }
        return bytes.count <= 16 ? bytes : nil
    }
}
