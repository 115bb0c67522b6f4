// Where functions begin and end, by counting braces. Good enough for a ratchet.

/// A function, initializer, deinitializer or subscript that has a body.
struct FunctionBody {
    /// The line of the declaration, counted from zero.
    let line: Int
    /// From the declaration to the closing brace, both included.
    let lineCount: Int
}

/// Finds the bodies in code whose comments and strings have been blanked.
struct FunctionBodies {
    private let bytes: [UInt8]
    private(set) var found: [FunctionBody] = []

    private static let keywords = ["func", "init", "deinit", "subscript"].map { Array($0.utf8) }
    /// What may stand first on a line that continues a declaration's head.
    private static let continuations = ["{", "->", "where", "throws", "async", "rethrows"]
        .map { Array($0.utf8) }

    init(_ code: CodeText) {
        bytes = code.bytes
        var line = 0
        for position in bytes.indices {
            if bytes[position] == UInt8(ascii: "\n") { line += 1 }
            guard Self.keywords.contains(where: { isWord($0, at: position) }) else { continue }
            guard let opening = opening(from: position) else { continue }
            let body = bytes[position...closing(of: opening)]
            let count = body.count { $0 == UInt8(ascii: "\n") } + 1
            found.append(FunctionBody(line: line, lineCount: count))
        }
    }

    private func isWord(_ word: [UInt8], at position: Int) -> Bool {
        guard starts(with: word, at: position) else { return false }
        let before = position == 0 ? UInt8(ascii: " ") : bytes[position - 1]
        let end = position + word.count
        let after = end < bytes.count ? bytes[end] : UInt8(ascii: " ")
        // A call such as `.init(…)` or `self.subscript` is no declaration.
        return !isNamePart(before) && before != UInt8(ascii: ".") && !isNamePart(after)
    }

    private func starts(with text: [UInt8], at position: Int) -> Bool {
        bytes[position] == text[0] && position + text.count <= bytes.count
            && bytes[position..<position + text.count].elementsEqual(text)
    }

    private func isNamePart(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...:
            true
        default: false
        }
    }

    /// The brace that opens the body; `nil` for a protocol's requirement.
    private func opening(from start: Int) -> Int? {
        var depth = 0
        for position in start..<bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "("), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: ")"), UInt8(ascii: "]"): depth -= 1
            case UInt8(ascii: "{") where depth == 0: return position
            case UInt8(ascii: "}") where depth == 0: return nil
            case UInt8(ascii: "\n") where depth == 0:
                if !headContinues(after: position) { return nil }
            default: break
            }
            if depth < 0 { return nil }
        }
        return nil
    }

    private func headContinues(after newline: Int) -> Bool {
        let next = bytes[newline...].firstIndex {
            $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: " ")
        }
        guard let next else { return false }
        return Self.continuations.contains { starts(with: $0, at: next) }
    }

    private func closing(of opening: Int) -> Int {
        var depth = 0
        for position in opening..<bytes.count {
            if bytes[position] == UInt8(ascii: "{") { depth += 1 }
            if bytes[position] == UInt8(ascii: "}") { depth -= 1 }
            if depth == 0 { return position }
        }
        return bytes.count - 1
    }
}
