// The one text that each address has.

extension IPAddress: CustomStringConvertible {
    /// The canonical text (RFC 5952): the longest run of two or more zero groups as `::`, the first
    /// of equally long ones, hexadecimal digits in lower case and without leading zeros.
    public var description: String {
        if isIPv4 { return bytes.map(String.init).joined(separator: ".") }
        let groups = stride(from: 0, to: bytes.count, by: 2).map {
            UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1])
        }
        let texts = groups.map { String($0, radix: 16) }
        guard let run = Self.longestRunOfZeros(groups) else { return texts.joined(separator: ":") }
        return texts[..<run.lowerBound].joined(separator: ":") + "::"
            + texts[run.upperBound...].joined(separator: ":")
    }

    private static func longestRunOfZeros(_ groups: [UInt16]) -> Range<Int>? {
        var longest = 0..<1
        var start = 0
        while start < groups.count {
            let end = groups[start...].firstIndex { $0 != 0 } ?? groups.count
            if end - start > longest.count { longest = start..<end }
            start = max(end, start + 1)
        }
        return longest.count > 1 ? longest : nil
    }
}
