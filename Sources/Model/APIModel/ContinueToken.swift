// Where a list in pages goes on.

import Buffers
import JSON

/// The `continue` of a list: the revision that all pages show, and the key after the last one sent.
/// A client must not look inside, so the shape is free; it is the one that Kubernetes uses.
public struct ContinueToken: Hashable, Sendable {
    /// The revision of the first page; nil to go on at the present state, which makes the list
    /// inconsistent.
    public var revision: UInt64?
    /// The first key of the next page, below the list's own prefix: a name, or `namespace/name`. A
    /// key just after a name ends with a NUL.
    public var start: String

    public init(revision: UInt64?, start: String) {
        self.revision = revision
        self.start = start
    }

    /// The token as it stands in a list's metadata: base64url without padding (RFC 4648, section
    /// 5).
    public var encoded: String {
        let number = revision.map { Int64(clamping: $0) } ?? -1
        let value: JSONValue = [
            "v": "meta.k8s.io/v1", "rv": .number(JSONNumber(number)), "start": .string(start),
        ]
        return Base64URL.encode(value.bytes)
    }

    /// Reads a token that a client sent back.
    /// - Throws: `badRequest` that says what is wrong with it.
    public init(encoded: String) throws(APIStatus) {
        guard encoded.utf8.count <= Limits.continueTokenByteCountMax else {
            throw Self.refusal("the token is too long")
        }
        let bytes: Bytes
        switch Base64URL.decode(encoded) {
        case .success(let decoded): bytes = decoded
        case .failure(let problem):
            throw Self.refusal("illegal base64 data at input byte \(problem.offset)")
        }
        let value: JSONValue
        do {
            value = try JSONValue(parsing: bytes)
        } catch {
            throw Self.refusal(error.message)
        }
        try self.init(value)
    }

    private init(_ value: JSONValue) throws(APIStatus) {
        let version = value["v"]?.string ?? ""
        guard version == "meta.k8s.io/v1" else {
            throw Self.refusal("server does not recognize this encoded version \(version.quoted)")
        }
        guard let number = value["rv"]?.int, number > 0 || number == -1 else {
            throw Self.refusal("incorrect encoded start resourceVersion (version \(version))")
        }
        guard let start = value["start"]?.string, !start.isEmpty else {
            throw Self.refusal("encoded start key empty (version \(version))")
        }
        guard Self.staysBelowPrefix(start) else { throw Self.refusal(start) }
        revision = number == -1 ? nil : UInt64(number)
        self.start = start
    }

    /// Whether no part of the key would lead out of the list's prefix.
    private static func staysBelowPrefix(_ start: String) -> Bool {
        let parts = start.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        return !parts.contains { part in
            part.isEmpty || part.elementsEqual(".".utf8) || part.elementsEqual("..".utf8)
        }
    }

    private static func refusal(_ problem: String) -> APIStatus {
        .badRequest("invalid continue token: continue key is not valid: \(problem)")
    }
}

/// RFC 4648, section 5, without padding.
enum Base64URL {
    struct Malformed: Error {
        let offset: Int
    }

    static func encode(_ bytes: Bytes) -> String {
        let alphabet = Array(
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count * 4 / 3 + 3)
        var bits: UInt32 = 0
        var bitCount = 0
        for byte in bytes.array {
            bits = bits << 8 | UInt32(byte)
            bitCount += 8
            while bitCount >= 6 {
                bitCount -= 6
                text.append(alphabet[Int(bits >> UInt32(bitCount) & 63)])
            }
        }
        if bitCount > 0 { text.append(alphabet[Int(bits << UInt32(6 - bitCount) & 63)]) }
        return String(decoding: text, as: UTF8.self)
    }

    static func decode(_ text: String) -> Result<Bytes, Malformed> {
        var bytes: [UInt8] = []
        var bits: UInt32 = 0
        var bitCount = 0
        var offset = 0
        for character in text.utf8 {
            guard let six = value(of: character) else { return .failure(Malformed(offset: offset)) }
            bits = bits << 6 | UInt32(six)
            bitCount += 6
            if bitCount >= 8 {
                bitCount -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(bitCount)))
            }
            offset += 1
        }
        guard offset % 4 != 1 else { return .failure(Malformed(offset: offset - 1)) }
        return .success(Bytes(bytes))
    }

    private static func value(of character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): character - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): character - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0") + 52
        case UInt8(ascii: "-"): 62
        case UInt8(ascii: "_"): 63
        default: nil
        }
    }
}
