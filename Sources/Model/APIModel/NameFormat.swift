// Formats that are a set of characters with a rule for the ends, and a greatest length.

/// A grammar of one character class or two, a greatest length, and the sentence about both.
struct NameFormat {
    let sentence: String
    let pattern: String
    let examples: [String]
    var byteCountMax: Int?
    let matches: @Sendable (UnsafeRawBufferPointer) -> Bool

    func check(_ bytes: UnsafeRawBufferPointer) -> [String] {
        var problems: [String] = []
        if let byteCountMax, bytes.count > byteCountMax {
            problems.append(Self.tooLong(byteCountMax))
        }
        if !matches(bytes) { problems.append(mismatch) }
        return problems
    }

    /// The sentence, examples and the pattern as a regular expression, as the API prints it.
    var mismatch: String {
        let shown = examples.map { "'\($0)', " }.joined(separator: " or ")
        return "\(sentence) (e.g. \(shown)regex used for validation is '\(pattern)')"
    }

    static func tooLong(_ byteCountMax: Int) -> String {
        "must be no more than \(byteCountMax) bytes"
    }
}

extension NameFormat {
    static let dns1123Label = NameFormat(
        sentence:
            "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or "
            + "'-', and must start and end with an alphanumeric character",
        pattern: "[a-z0-9]([-a-z0-9]*[a-z0-9])?", examples: ["my-name", "123-abc"],
        byteCountMax: Limits.labelByteCountMax
    ) { isLabel($0) }

    static let dns1123Subdomain = NameFormat(
        sentence:
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, "
            + "'-' or '.', and must start and end with an alphanumeric character",
        pattern: "[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*",
        examples: ["example.com"], byteCountMax: Limits.subdomainByteCountMax
    ) { bytes in
        bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
            .allSatisfy { isLabel(UnsafeRawBufferPointer(rebasing: $0)) }
    }

    static let dns1035Label = NameFormat(
        sentence:
            "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start "
            + "with an alphabetic character, and end with an alphanumeric character",
        pattern: "[a-z]([-a-z0-9]*[a-z0-9])?", examples: ["my-name", "abc-123"],
        byteCountMax: Limits.labelByteCountMax
    ) { bytes in
        isLabel(bytes) && ByteClass.lower.contains(bytes[0])
    }

    static let labelValue = NameFormat(
        sentence:
            "a valid label must be an empty string or consist of alphanumeric characters, '-', "
            + "'_' or '.', and must start and end with an alphanumeric character",
        pattern: "(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?",
        examples: ["MyValue", "my_value", "12345"], byteCountMax: Limits.labelByteCountMax
    ) { bytes in
        bytes.isEmpty || isName(bytes)
    }

    /// The name part of a qualified name.
    static let qualifiedNamePart = NameFormat(
        sentence:
            "must consist of alphanumeric characters, '-', '_' or '.', and must start and end "
            + "with an alphanumeric character",
        pattern: "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]",
        examples: ["MyName", "my.name", "123-abc"], byteCountMax: Limits.labelByteCountMax
    ) { isName($0) }

    static let configMapKey = NameFormat(
        sentence: "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
        pattern: "[-._a-zA-Z0-9]+", examples: ["key.name", "KEY_NAME", "key-name"],
        byteCountMax: Limits.subdomainByteCountMax
    ) { bytes in
        !bytes.isEmpty && bytes.allSatisfy(ByteClass.nameMiddle.contains)
    }

    static let httpHeaderName = NameFormat(
        sentence: "a valid HTTP header must consist of alphanumeric characters or '-'",
        pattern: "[-A-Za-z0-9]+", examples: ["X-Header-Name"]
    ) { bytes in
        !bytes.isEmpty
            && bytes.allSatisfy { ByteClass.alphanumeric.contains($0) || $0 == UInt8(ascii: "-") }
    }

    static let percent = NameFormat(
        sentence: "a valid percent string must be a numeric string followed by an ending '%'",
        pattern: "[0-9]+%", examples: ["1%", "93%"]
    ) { bytes in
        bytes.count > 1 && bytes.last == UInt8(ascii: "%")
            && bytes.dropLast().allSatisfy(ByteClass.digit.contains)
    }

    /// Lower case letters, digits and inner hyphens.
    private static func isLabel(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let first = bytes.first, let last = bytes.last else { return false }
        return ByteClass.lowerAlphanumeric.contains(first)
            && ByteClass.lowerAlphanumeric.contains(last)
            && bytes.allSatisfy {
                ByteClass.lowerAlphanumeric.contains($0) || $0 == UInt8(ascii: "-")
            }
    }

    /// Letters, digits and inner `-`, `_` and `.`.
    private static func isName(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let first = bytes.first, let last = bytes.last else { return false }
        return ByteClass.alphanumeric.contains(first) && ByteClass.alphanumeric.contains(last)
            && bytes.allSatisfy(ByteClass.nameMiddle.contains)
    }
}

/// A set of ASCII characters.
struct ByteClass {
    private let low: UInt64
    private let high: UInt64

    init(_ characters: StaticString) {
        var low: UInt64 = 0
        var high: UInt64 = 0
        for index in 0..<characters.utf8CodeUnitCount {
            let byte = characters.utf8Start[index]
            if byte < 64 { low |= 1 << UInt64(byte) } else { high |= 1 << UInt64(byte - 64) }
        }
        self.low = low
        self.high = high
    }

    func contains(_ byte: UInt8) -> Bool {
        if byte < 64 { return low >> UInt64(byte) & 1 == 1 }
        return byte < 128 && high >> UInt64(byte - 64) & 1 == 1
    }

    static let digit = ByteClass("0123456789")
    static let lower = ByteClass("abcdefghijklmnopqrstuvwxyz")
    static let lowerAlphanumeric = ByteClass("abcdefghijklmnopqrstuvwxyz0123456789")
    static let alphanumeric = ByteClass(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
    static let nameMiddle = ByteClass(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")
    static let hexadecimal = ByteClass("0123456789abcdefABCDEF")
}
