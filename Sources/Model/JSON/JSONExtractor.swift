import Buffers

/// Paths compiled so that one pass over a document finds them all and skips everything else.
public struct JSONExtractor: Sendable {
    private struct Branch {
        /// The name as it is written between quotation marks.
        let name: [UInt8]
        let node: Int
    }

    private struct Node {
        var branches: [Branch] = []
        /// The paths that end here.
        var endingPaths: [Int] = []
    }

    private var nodes = [Node()]
    /// How many paths there are.
    public let pathCount: Int

    /// Each path leads through members of objects; an empty one is the whole document.
    public init(paths: [[String]]) {
        pathCount = paths.count
        for (index, path) in paths.enumerated() {
            var node = 0
            for name in path { node = child(of: node, Extracted.spelling(of: name)) }
            nodes[node].endingPaths.append(index)
        }
    }

    private mutating func child(of node: Int, _ name: [UInt8]) -> Int {
        if let branch = nodes[node].branches.first(where: { $0.name == name }) {
            return branch.node
        }
        nodes.append(Node())
        nodes[node].branches.append(Branch(name: name, node: nodes.count - 1))
        return nodes.count - 1
    }

    /// For each path the value it leads to, a slice of `bytes`; `nil` where there is none. Of
    /// duplicate members the first is taken, and names are compared as `JSONValue.write` spells
    /// them, so that `bytes` should be what that wrote.
    public func extract(from bytes: Bytes) -> [Extracted?] {
        var found = [Extracted?](repeating: nil, count: pathCount)
        bytes.withUnsafeBytes { buffer in
            var scanner = JSONScanner(buffer)
            visit(0, &scanner) { path, range in found[path] = Extracted(raw: bytes[range]) }
        }
        return found
    }

    /// Reads the value at `node` and steps over it.
    private func visit(
        _ node: Int, _ scanner: inout JSONScanner, _ found: (Int, Range<Int>) -> Void
    ) {
        let branches = nodes[node].branches
        if !nodes[node].endingPaths.isEmpty {
            var ahead = scanner
            let range = ahead.skipValue()
            for path in nodes[node].endingPaths { found(path, range) }
            if branches.isEmpty {
                scanner = ahead
                return
            }
        }
        guard scanner.enterObject() else {
            scanner.skipValue()
            return
        }
        var missing = branches.count
        while let name = scanner.nextMember() {
            guard let branch = branches.first(where: { scanner.matches(name, $0.name) }) else {
                scanner.skipValue()
                continue
            }
            visit(branch.node, &scanner, found)
            missing -= 1
            if missing == 0 { return scanner.skipToEnd(depth: 1) }
        }
    }
}

/// The bytes of a value that was found in a document.
public struct Extracted: Hashable, Sendable {
    /// The value as it is written, quotation marks and brackets included. Shares the document's
    /// memory.
    public let raw: Bytes

    public init(raw: Bytes) { self.raw = raw }

    /// The value of a JSON string; `nil` when it is something else.
    public var string: String? {
        guard raw.count >= 2, raw[0] == UInt8(ascii: "\"") else { return nil }
        return raw.withUnsafeBytes { Extracted.string($0) }
    }

    /// The members of an object whose values are all strings, in order; `nil` when it is something
    /// else. Made for labels.
    public var stringMembers: [(key: String, value: String)]? {
        raw.withUnsafeBytes { buffer in
            var scanner = JSONScanner(buffer)
            guard scanner.enterObject() else { return nil }
            var members: [(key: String, value: String)] = []
            while let name = scanner.nextMember() {
                let quoted = buffer[(name.lowerBound - 1)..<min(name.upperBound + 1, buffer.count)]
                let value = scanner.skipValue()
                guard let key = Extracted.string(UnsafeRawBufferPointer(rebasing: quoted)),
                    let string = Extracted.string(UnsafeRawBufferPointer(rebasing: buffer[value]))
                else { return nil }
                members.append((key, string))
            }
            return members
        }
    }

    public var isNull: Bool { raw.count == 4 && raw[0] == UInt8(ascii: "n") }

    /// The value, read as a document of its own; `nil` when it is not valid.
    public var value: JSONValue? { try? JSONValue(parsing: raw) }

    /// Reads a JSON string with its quotation marks.
    private static func string(_ quoted: UnsafeRawBufferPointer) -> String? {
        guard quoted.count >= 2, quoted[0] == UInt8(ascii: "\"") else { return nil }
        var parser = Parser(quoted)
        parser.position = 1
        guard let string = try? parser.parseString(), parser.position == quoted.count else {
            return nil
        }
        return string
    }

    /// The inside of the JSON string that `Writer` makes of `name`.
    static func spelling(of name: String) -> [UInt8] {
        var buffer = ByteBuffer()
        buffer.append(jsonString: name)
        return Array(buffer.freeze().array.dropFirst().dropLast())
    }
}
