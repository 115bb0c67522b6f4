// IP addresses and networks.

import APIModel

enum AddressFunctions {
    /// `nil` for a name that is not one of these, or a receiver that is none of theirs.
    static func call(_ name: String, _ values: [Value]) throws(EvaluationError) -> Value? {
        switch (name, values.first) {
        case ("ip", .string(let text)?): return .ip(try address(text))
        case ("isIP", .string(let text)?): return .bool(IPAddress(text) != nil)
        case ("ip.isCanonical", .string(let text)?):
            return .bool(try address(text).canonicalText == text)
        case ("cidr", .string(let text)?): return .cidr(try network(text))
        case ("isCIDR", .string(let text)?): return .bool(CIDRValue(text) != nil)
        case (_, .ip(let address)?): return address.property(name)
        case (_, .cidr(let network)?):
            return try call(name, on: network, values.count > 1 ? values[1] : nil)
        default: return nil
        }
    }

    private static func address(_ text: String) throws(EvaluationError) -> IPAddress {
        guard let address = IPAddress(text) else {
            throw EvaluationError("IP Address \(text.quoted) parse error")
        }
        return address
    }

    private static func network(_ text: String) throws(EvaluationError) -> CIDRValue {
        guard let network = CIDRValue(text) else {
            throw EvaluationError(
                "network address parse error during conversion from string: "
                    + text.quoted)
        }
        return network
    }

    private static func call(
        _ name: String, on network: CIDRValue, _ argument: Value?
    ) throws(EvaluationError) -> Value? {
        switch (name, argument) {
        case ("ip", nil): return .ip(network.address)
        case ("masked", nil): return .cidr(network.masked)
        case ("prefixLength", nil): return .int(Int64(network.prefixLength))
        case ("containsIP", .ip(let address)?): return .bool(network.contains(address))
        case ("containsIP", .string(let text)?):
            return .bool(network.contains(try self.address(text)))
        case ("containsCIDR", .cidr(let other)?): return .bool(network.contains(other))
        case ("containsCIDR", .string(let text)?):
            return .bool(network.contains(try self.network(text)))
        default: return nil
        }
    }
}

/// An address and how many of its leading bits name a network (RFC 4632).
public struct CIDRValue: Hashable, Sendable, CustomStringConvertible {
    let address: IPAddress
    let prefixLength: Int

    private init(address: IPAddress, prefixLength: Int) {
        self.address = address
        self.prefixLength = prefixLength
    }

    init?(_ text: String) {
        guard ValueFormat.cidr.isValid(text) else { return nil }
        let parts = text.split(separator: "/")
        guard parts.count == 2, let address = IPAddress(String(parts[0])),
            let length = Int(parts[1])
        else { return nil }
        self.init(address: address, prefixLength: length)
    }

    public var description: String { "\(address.canonicalText)/\(prefixLength)" }

    /// The network without the bits that name a host in it.
    var masked: CIDRValue {
        CIDRValue(
            address: IPAddress(bytes: bits(of: address.bytes)), prefixLength: prefixLength)
    }

    private func bits(of bytes: [UInt8]) -> [UInt8] {
        bytes.enumerated().map { index, byte in
            let kept = min(max(prefixLength - index * 8, 0), 8)
            return kept == 0 ? 0 : byte & (0xFF << UInt8(8 - kept))
        }
    }

    func contains(_ other: IPAddress) -> Bool {
        other.bytes.count == address.bytes.count && bits(of: other.bytes) == bits(of: address.bytes)
    }

    func contains(_ other: CIDRValue) -> Bool {
        other.prefixLength >= prefixLength && contains(other.address)
    }
}

extension IPAddress {
    fileprivate func property(_ name: String) -> Value? {
        switch name {
        case "family": .int(isIPv4 ? 4 : 6)
        case "isUnspecified": .bool(bytes.allSatisfy { $0 == 0 })
        case "isLoopback": .bool(isLoopback)
        case "isLinkLocalMulticast": .bool(isLinkLocalMulticast)
        case "isLinkLocalUnicast": .bool(isLinkLocalUnicast)
        case "isGlobalUnicast": .bool(isGlobalUnicast)
        default: nil
        }
    }

    private var isLoopback: Bool {
        isIPv4 ? bytes[0] == 127 : bytes.dropLast().allSatisfy { $0 == 0 } && bytes[15] == 1
    }

    private var isMulticast: Bool { isIPv4 ? bytes[0] & 0xF0 == 0xE0 : bytes[0] == 0xFF }

    private var isLinkLocalMulticast: Bool {
        isIPv4 ? bytes[0..<3] == [224, 0, 0] : bytes[0] == 0xFF && bytes[1] & 0x0F == 2
    }

    private var isLinkLocalUnicast: Bool {
        isIPv4 ? bytes[0..<2] == [169, 254] : bytes[0] == 0xFE && bytes[1] & 0xC0 == 0x80
    }

    private var isGlobalUnicast: Bool {
        let isBroadcast = isIPv4 && bytes.allSatisfy { $0 == 255 }
        let isUnspecified = bytes.allSatisfy { $0 == 0 }
        return !isBroadcast && !isUnspecified && !isLoopback && !isMulticast && !isLinkLocalUnicast
    }

    /// The usual spelling (RFC 5952): the longest run of zero groups is left out.
    public var canonicalText: String {
        if isIPv4 { return bytes.map { String($0) }.joined(separator: ".") }
        let groups = stride(from: 0, to: 16, by: 2).map { Int(bytes[$0]) << 8 | Int(bytes[$0 + 1]) }
        var best = 0..<0
        var start = 0
        while start < 8 {
            let end = groups[start...].firstIndex { $0 != 0 } ?? 8
            if end - start > max(best.count, 1) { best = start..<end }
            start = max(end, start + 1)
        }
        func text(_ range: Range<Int>) -> String {
            groups[range].map { String($0, radix: 16) }.joined(separator: ":")
        }
        return best.isEmpty
            ? text(0..<8) : "\(text(0..<best.lowerBound))::\(text(best.upperBound..<8))"
    }
}
