import Buffers

/// Paths compiled so that one pass over a document finds them all and skips everything else.
public struct JSONExtractor: Sendable {
    /// A member that leads on. Nothing in it is counted, so that a walk touches no references.
    private struct Branch {
        /// Where its name stands in `names`, as it is written between quotation marks.
        let name: Range<Int>
        let node: Int
        /// The branch of the same node that was added before; -1 is none.
        let next: Int
    }

    private struct Node {
        /// The branch that was added last; -1 when no path goes on from here.
        var firstBranch = -1
        var branchCount = 0
        /// The path that ends here, the newest of several; -1 is none.
        var endingPath = -1
    }

    private var nodes = [Node()]
    private var branches: [Branch] = []
    private var names: [UInt8] = []
    /// For each path the one that ends at the same node; -1 is none.
    private var equalPaths: [Int] = []

    /// How many paths there are.
    public var pathCount: Int { equalPaths.count }

    /// Each path leads through members of objects; an empty one is the whole document.
    public init(paths: [[String]]) {
        for (index, path) in paths.enumerated() {
            var node = 0
            for name in path { node = child(of: node, Extracted.spelling(of: name)) }
            equalPaths.append(nodes[node].endingPath)
            nodes[node].endingPath = index
        }
    }

    private mutating func child(of node: Int, _ name: [UInt8]) -> Int {
        var index = nodes[node].firstBranch
        while index >= 0 {
            if names[branches[index].name].elementsEqual(name) { return branches[index].node }
            index = branches[index].next
        }
        let start = names.count
        names += name
        nodes.append(Node())
        branches.append(
            Branch(
                name: start..<names.count, node: nodes.count - 1, next: nodes[node].firstBranch))
        nodes[node].firstBranch = branches.count - 1
        nodes[node].branchCount += 1
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
        var missing = nodes[node].branchCount
        var path = nodes[node].endingPath
        if path >= 0 {
            var ahead = scanner
            let range = ahead.skipValue()
            while path >= 0 {
                found(path, range)
                path = equalPaths[path]
            }
            if missing == 0 {
                scanner = ahead
                return
            }
        }
        guard scanner.enterObject() else {
            scanner.skipValue()
            return
        }
        while let name = scanner.nextMember() {
            guard let child = child(of: node, at: name, scanner) else {
                scanner.skipValue()
                continue
            }
            visit(child, &scanner, found)
            missing -= 1
            if missing == 0 { return scanner.skipToEnd(depth: 1) }
        }
    }

    /// The node that the member whose name stands at `name` leads to.
    @inline(__always)
    private func child(of node: Int, at name: Range<Int>, _ scanner: JSONScanner) -> Int? {
        var index = nodes[node].firstBranch
        while index >= 0 {
            let branch = branches[index]
            if branch.name.count == name.count,
                scanner.matches(name, names, from: branch.name.lowerBound)
            {
                return branch.node
            }
            index = branch.next
        }
        return nil
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

    /// The bytes of a JSON string without its quotation marks, when it stands there as it is;
    /// `nil` when it has escapes, or is something else. Shares the document's memory.
    public var plainString: Bytes? {
        guard raw.count >= 2, raw[0] == UInt8(ascii: "\"") else { return nil }
        let inside = raw[1..<raw.count - 1]
        return inside.contains(UInt8(ascii: "\\")) ? nil : inside
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
