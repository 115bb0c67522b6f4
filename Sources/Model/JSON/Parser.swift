/// Reads one document (RFC 8259) by recursive descent. Performs no I/O.
struct Parser: ~Copyable {
    let base: UnsafePointer<UInt8>
    let end: Int
    var position = 0
    var values = ParseStack<JSONValue>(firstCapacity: 32)
    var members = ParseStack<JSONObject.Member>(firstCapacity: 64)
    /// For each of `members`, a digest of its name's bytes.
    var digests = ParseStack<UInt64>(firstCapacity: 64)
    var scratch: [UInt8] = []
    var duplicates: [String] = []

    /// - Precondition: `bytes` stay in place while the parser is used.
    init(_ bytes: UnsafeRawBufferPointer) {
        end = bytes.count
        base =
            bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
            ?? UnsafePointer(bitPattern: 1).unsafelyUnwrapped
    }

    /// The whole input as one value, with nothing but white space around it.
    mutating func parseDocument() throws(Fault) -> JSONValue {
        let value = try parseValue(depth: 0)
        if skipSpace() != nil { throw unexpected(.end) }
        return value
    }

    mutating func parseValue(depth: Int) throws(Fault) -> JSONValue {
        guard let byte = skipSpace() else { throw unexpected(.value) }
        switch byte {
        case UInt8(ascii: "\""):
            position &+= 1
            return .string(try parseString())
        case UInt8(ascii: "{"):
            if depth >= Limits.depthMax { throw fault(.tooDeep, .value) }
            return .object(try parseObject(depth: depth &+ 1))
        case UInt8(ascii: "["):
            if depth >= Limits.depthMax { throw fault(.tooDeep, .value) }
            return .array(try parseArray(depth: depth &+ 1))
        case UInt8(ascii: "-"), 0x30...0x39:
            return .number(try parseNumber())
        case UInt8(ascii: "t"):
            try parseLiteral("true")
            return .bool(true)
        case UInt8(ascii: "f"):
            try parseLiteral("false")
            return .bool(false)
        case UInt8(ascii: "n"):
            try parseLiteral("null")
            return .null
        default: throw unexpected(.value)
        }
    }

    // MARK: Arrays and objects

    private mutating func parseArray(depth: Int) throws(Fault) -> [JSONValue] {
        position &+= 1
        if skipSpace() == UInt8(ascii: "]") {
            position &+= 1
            return []
        }
        let start = values.count
        while true {
            let known = duplicates.count
            values.push(try parseValue(depth: depth))
            if duplicates.count > known { prefixDuplicates(known, "[\(values.count - 1 - start)]") }
            switch skipSpace() {
            case UInt8(ascii: ","): position &+= 1
            case UInt8(ascii: "]"):
                position &+= 1
                return values.pop(from: start)
            default: throw unexpected(.element)
            }
        }
    }

    private mutating func parseObject(depth: Int) throws(Fault) -> JSONObject {
        position &+= 1
        if skipSpace() == UInt8(ascii: "}") {
            position &+= 1
            return JSONObject()
        }
        let start = members.count
        while members.count - start < Limits.linearMemberCountMax {
            if try parseMember(from: start, depth: depth) {
                digests.drop(from: start)
                return JSONObject(unique: members.pop(from: start))
            }
        }
        digests.drop(from: start)
        var object = JSONObject(unique: members.pop(from: start))
        while try !parseMember(into: &object, depth: depth) {}
        return object
    }

    /// Reads a member of a small object; true when it was the last.
    private mutating func parseMember(from start: Int, depth: Int) throws(Fault) -> Bool {
        let (key, digest) = try parseKey()
        let place = placeOfDuplicate(key, digest, from: start)
        let known = duplicates.count
        let value = try parseValue(depth: depth)
        if duplicates.count > known { prefixDuplicates(known, key) }
        if let place {
            note(duplicate: key)
            members.replace(at: place, with: JSONObject.Member(key: key, value: value))
        } else {
            members.push(JSONObject.Member(key: key, value: value))
            digests.push(digest)
        }
        return try parseMemberEnd()
    }

    /// Reads a member of an object that has outgrown a search from front to back.
    private mutating func parseMember(
        into object: inout JSONObject, depth: Int
    ) throws(Fault) -> Bool {
        let (key, _) = try parseKey()
        let isDuplicate = object.contains(key)
        let known = duplicates.count
        let value = try parseValue(depth: depth)
        if duplicates.count > known { prefixDuplicates(known, key) }
        if isDuplicate {
            note(duplicate: key)
            object[key] = value
        } else {
            object.append(unique: key, value)
        }
        return try parseMemberEnd()
    }

    /// Reads what follows a member; true when the object ends.
    @inline(__always)
    private mutating func parseMemberEnd() throws(Fault) -> Bool {
        switch skipSpace() {
        case UInt8(ascii: ","):
            position &+= 1
            return false
        case UInt8(ascii: "}"):
            position &+= 1
            return true
        default: throw unexpected(.member)
        }
    }

    /// Reads a name and the colon after it.
    @inline(__always)
    private mutating func parseKey() throws(Fault) -> (String, UInt64) {
        guard skipSpace() == UInt8(ascii: "\"") else { throw unexpected(.key) }
        position &+= 1
        let start = position
        let key = try parseString()
        let digest =
            scratch.isEmpty
            ? Parser.digest(UnsafeBufferPointer(start: base + start, count: position &- 1 &- start))
            : scratch.withUnsafeBufferPointer(Parser.digest)
        guard skipSpace() == UInt8(ascii: ":") else { throw unexpected(.colon) }
        position &+= 1
        return (key, digest)
    }

    /// The same for equal names; seldom the same for others.
    @inline(__always)
    private static func digest(_ name: UnsafeBufferPointer<UInt8>) -> UInt64 {
        var digest = UInt64(name.count)
        guard name.count >= 8, let start = name.baseAddress else {
            for byte in name { digest = digest << 8 | UInt64(byte) }
            return digest
        }
        let last = StringScan.load(start + (name.count &- 8))
        digest ^= StringScan.load(start)
        return digest ^ (last << 7 | last >> 57)
    }

    /// Where `key` already is among the members from `start` on.
    @inline(__always)
    private func placeOfDuplicate(_ key: String, _ digest: UInt64, from start: Int) -> Int? {
        var index = start
        while index < members.count {
            if digests[index] == digest, members[index].key.hasSameBytes(as: key) { return index }
            index &+= 1
        }
        return nil
    }

    private mutating func note(duplicate key: String) {
        if duplicates.count < Limits.reportedDuplicateCountMax { duplicates.append(key) }
    }

    /// Puts the name or place of the value just read before the duplicates found in it.
    @inline(never)
    private mutating func prefixDuplicates(_ known: Int, _ segment: String) {
        for index in known..<duplicates.count {
            let path = duplicates[index]
            duplicates[index] = segment + (path.hasPrefix("[") ? "" : ".") + path
        }
    }

    // MARK: Small parts

    /// The next byte that is not white space; `nil` at the end.
    @inline(__always)
    mutating func skipSpace() -> UInt8? {
        while position < end {
            let byte = base[position]
            if byte > 0x20 { return byte }
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return byte }
            position &+= 1
        }
        return nil
    }

    private mutating func parseLiteral(_ literal: StaticString) throws(Fault) {
        let count = literal.utf8CodeUnitCount
        for index in 0..<count {
            guard position < end, base[position] == literal.utf8Start[index] else {
                throw unexpected(.literal)
            }
            position &+= 1
        }
    }

    func unexpected(_ expected: Expectation) -> Fault {
        fault(position < end ? .unexpectedCharacter : .unexpectedEnd, expected)
    }

    func fault(_ kind: JSONError.Kind, _ expected: Expectation) -> Fault {
        Fault(kind: kind, offset: position, expected: expected)
    }
}
