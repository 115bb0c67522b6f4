// Finds documents that grow without bound when their aliases are followed, before anybody follows
// them: the parser compares the keys of a map as wholes, and a key may be an alias of a map of
// aliases.

import Buffers

enum YAMLAliases {
    /// Whether more than `Limits.yamlAliasCountMax` aliases of known anchors may be there. Text
    /// that looks like an alias counts too, where its name is that of an anchor.
    static func areTooMany(in document: Bytes) -> Bool {
        document.withUnsafeBytes { bytes in
            let anchors = names(after: UInt8(ascii: "&"), in: bytes)
            guard !anchors.isEmpty else { return false }
            let known = Set(anchors)
            let aliases = names(after: UInt8(ascii: "*"), in: bytes)
            return aliases.count { known.contains($0) } > Limits.yamlAliasCountMax
        }
    }

    /// The words that follow `mark`, where it can begin a token.
    private static func names(after mark: UInt8, in bytes: UnsafeRawBufferPointer) -> [String] {
        var names: [String] = []
        for index in bytes.indices where bytes[index] == mark {
            guard index == 0 || canPrecede(bytes[index - 1]) else { continue }
            let name = bytes[(index + 1)...].prefix(while: isNameByte)
            if !name.isEmpty { names.append(String(decoding: name, as: UTF8.self)) }
        }
        return names
    }

    /// White space, a flow indicator, or the end of a byte order mark.
    private static func canPrecede(_ byte: UInt8) -> Bool {
        byte <= 0x20 || byte >= 0x80 || "[{,:-?".utf8.contains(byte)
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x5f: true
        default: false
        }
    }
}
