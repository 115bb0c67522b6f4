// Formats that take more than one character class to check.

private let slash = UInt8(ascii: "/")
private let hyphen = UInt8(ascii: "-")

/// An optional DNS name, a slash, and a name.
func qualifiedNameProblems(_ bytes: UnsafeRawBufferPointer) -> [String] {
    let parts = bytes.split(separator: slash, omittingEmptySubsequences: false)
    guard parts.count <= 2 else {
        return [
            "a qualified name \(NameFormat.qualifiedNamePart.mismatch) with an optional "
                + "DNS subdomain "
                + "prefix and '/' (e.g. 'example.com/MyName')"
        ]
    }
    var problems: [String] = []
    if parts.count == 2 {
        let prefix = UnsafeRawBufferPointer(rebasing: parts[0])
        problems =
            prefix.isEmpty ? ["must be non-empty"] : NameFormat.dns1123Subdomain.check(prefix)
        problems = problems.map { "prefix part \($0)" }
    }
    // Without a slash an empty text has one empty part.
    let name = parts.last.map { UnsafeRawBufferPointer(rebasing: $0) } ?? bytes
    if name.isEmpty { problems.append("name part must be non-empty") }
    return problems + NameFormat.qualifiedNamePart.check(name).map { "name part \($0)" }
}

func environmentNameProblems(_ bytes: UnsafeRawBufferPointer) -> [String] {
    if bytes.isEmpty { return ["environment variable name must be non-empty"] }
    let isFine = bytes.allSatisfy { $0 >= 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "=") }
    if isFine { return [] }
    return [
        "a valid environment variable name must consist only of printable ASCII characters other "
            + "than '='"
    ]
}

func portNameProblems(_ bytes: UnsafeRawBufferPointer) -> [String] {
    var problems: [String] = []
    if bytes.count > Limits.portNameByteCountMax {
        problems.append(NameFormat.tooLong(Limits.portNameByteCountMax))
    }
    let isOfClass = bytes.allSatisfy { ByteClass.lowerAlphanumeric.contains($0) || $0 == hyphen }
    if bytes.isEmpty || !isOfClass {
        problems.append("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)")
    }
    if !bytes.contains(where: ByteClass.lower.contains) {
        problems.append("must contain at least one letter (a-z)")
    }
    if zip(bytes, bytes.dropFirst()).contains(where: { $0 == hyphen && $1 == hyphen }) {
        problems.append("must not contain consecutive hyphens")
    }
    if bytes.first == hyphen || bytes.last == hyphen {
        problems.append("must not begin or end with a hyphen")
    }
    return problems
}

func pathSegmentProblems(_ bytes: UnsafeRawBufferPointer) -> [String] {
    if bytes.elementsEqual(".".utf8) { return ["may not be '.'"] }
    if bytes.elementsEqual("..".utf8) { return ["may not be '..'"] }
    var problems: [String] = []
    if bytes.contains(slash) { problems.append("may not contain '/'") }
    if bytes.contains(UInt8(ascii: "%")) { problems.append("may not contain '%'") }
    return problems
}

/// Names of files that would mean a directory, or hide in one.
func directoryProblems(_ bytes: UnsafeRawBufferPointer) -> [String] {
    if bytes.elementsEqual(".".utf8) { return ["must not be '.'"] }
    if bytes.elementsEqual("..".utf8) { return ["must not be '..'"] }
    return bytes.starts(with: "..".utf8) ? ["must not start with '..'"] : []
}

func quantityProblems(_ bytes: UnsafeRawBufferPointer) -> [String] {
    do {
        _ = try Quantity(String(decoding: bytes, as: UTF8.self))
        return []
    } catch {
        return [error.message]
    }
}

/// 8-4-4-4-12 hexadecimal digits (RFC 9562, section 4).
func isUUID(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard bytes.count == 36 else { return false }
    return bytes.indices.allSatisfy { index in
        switch index {
        case 8, 13, 18, 23: bytes[index] == hyphen
        default: ByteClass.hexadecimal.contains(bytes[index])
        }
    }
}
