// Swift source with everything that is not code blanked, so that rules can count braces and words.

/// The bytes of a source in which comments, the contents of strings and names in backticks are
/// replaced by spaces. Positions and line breaks are those of the original.
struct CodeText {
    private(set) var bytes: [UInt8]
    private var position = 0

    init(_ source: String) {
        bytes = Array(source.utf8)
        while position < bytes.count { step() }
    }

    /// The code of each line, counted from zero.
    var lines: [String] {
        bytes.split(separator: newline, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
    }

    private func at(_ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard position + count <= bytes.count else { return false }
        return (0..<count).allSatisfy { bytes[position + $0] == text.utf8Start[$0] }
    }

    /// Replaces the next `count` bytes by spaces.
    private mutating func blank(_ count: Int = 1) {
        let end = min(position + count, bytes.count)
        while position < end {
            if bytes[position] != newline { bytes[position] = space }
            position += 1
        }
    }

    private mutating func step() {
        if at("//") {
            while position < bytes.count, bytes[position] != newline { blank() }
        } else if at("/*") {
            blockComment()
        } else if at("\"") || at("#\"") || at("##\"") {
            string()
        } else if at("`") {
            blank()
            while position < bytes.count, !at("`"), !at("\n") { blank() }
            blank()
        } else {
            position += 1
        }
    }

    private mutating func blockComment() {
        var depth = 0
        repeat {
            if at("/*") {
                depth += 1
                blank(2)
            } else if at("*/") {
                depth -= 1
                blank(2)
            } else {
                blank()
            }
        } while depth > 0 && position < bytes.count
    }

    private mutating func string() {
        var hashes = 0
        while at("#") {
            hashes += 1
            blank()
        }
        let quotes = at("\"\"\"") ? 3 : 1
        blank(quotes)
        while position < bytes.count {
            if isEscape(hashes) {
                blank(1 + hashes)
                if at("(") { interpolation() } else { blank() }
            } else if isClosing(quotes, hashes) {
                return blank(quotes + hashes)
            } else if quotes == 1, at("\n") {
                return
            } else {
                blank()
            }
        }
    }

    private func isEscape(_ hashes: Int) -> Bool { at("\\") && hasHashes(hashes, after: 1) }

    private func isClosing(_ quotes: Int, _ hashes: Int) -> Bool {
        (quotes == 3 ? at("\"\"\"") : at("\"")) && hasHashes(hashes, after: quotes)
    }

    private func hasHashes(_ count: Int, after distance: Int) -> Bool {
        let start = position + distance
        guard start + count <= bytes.count else { return false }
        return bytes[start..<start + count].allSatisfy { $0 == UInt8(ascii: "#") }
    }

    /// Blanks `(…)` in a string; strings may stand inside it.
    private mutating func interpolation() {
        var depth = 0
        repeat {
            if at("(") { depth += 1 }
            if at(")") { depth -= 1 }
            if at("\"") { string() } else { blank() }
        } while depth > 0 && position < bytes.count
    }
}

private let newline = UInt8(ascii: "\n")
private let space = UInt8(ascii: " ")
