// Static tokens: the text of a token file.

import Buffers
import Crypto

/// Who shows which static token, as `--token-auth-file` lists them in Kubernetes' form: a line of
/// comma-separated values for each, `token,user,uid` and perhaps `"group,group"` (RFC 4180).
struct TokenTable: Sendable {
    /// By the token's digest: the tokens themselves are not kept, and the time that a search takes
    /// tells nothing about them.
    private var users: [Bytes: User] = [:]

    var count: Int { users.count }

    init() {}

    /// - Throws: the first line that cannot be taken, without what stands in it.
    init(parsing text: Bytes) throws(TokenFileError) {
        var lines: [Bytes: Int] = [:]
        for record in try CSVRecords(text).records {
            let fields = record.fields
            guard fields.count >= 3 else {
                throw TokenFileError(
                    line: record.line,
                    "\(fields.count) columns, where token, user and uid must stand")
            }
            guard !fields[0].isEmpty else {
                throw TokenFileError(line: record.line, "the token is empty")
            }
            guard !fields[1].isEmpty else {
                throw TokenFileError(line: record.line, "the user has no name")
            }
            let digest = SHA256.digest(Bytes(fields[0]))
            if let earlier = lines[digest] {
                throw TokenFileError(line: record.line, "the token of line \(earlier) again")
            }
            lines[digest] = record.line
            let groups = fields.count > 3 ? fields[3].split(separator: ",").map(String.init) : []
            users[digest] = User(name: fields[1], uid: fields[2], groups: groups)
        }
    }

    /// - Parameter digest: SHA-256 of the token.
    func user(_ digest: Bytes) -> User? { users[digest] }
}

/// What is wrong with a token file. Never holds a token.
public struct TokenFileError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Counted from 1; `nil` when it is not about one line.
    public let line: Int?
    public let problem: String

    init(line: Int? = nil, _ problem: String) {
        self.line = line
        self.problem = problem
    }

    public var description: String { line.map { "line \($0): \(problem)" } ?? problem }
}

/// Comma-separated values (RFC 4180). Empty lines count for nothing.
private struct CSVRecords {
    struct Record {
        /// Where it begins, counted from 1.
        let line: Int
        var fields: [String] = []
    }

    private(set) var records: [Record] = []
    private var rest: ArraySlice<UInt8>
    private var line = 1

    init(_ text: Bytes) throws(TokenFileError) {
        rest = text.array[...]
        while !rest.isEmpty {
            var record = Record(line: line)
            repeat { record.fields.append(try field()) } while take(UInt8(ascii: ","))
            guard endLine() else { throw TokenFileError(line: line, "text behind a closing quote") }
            if record.fields != [""] { records.append(record) }
        }
    }

    private mutating func field() throws(TokenFileError) -> String {
        if take(Self.quote) { return try quoted() }
        let end = rest.firstIndex { $0 == UInt8(ascii: ",") || $0 == Self.lineFeed }
        var value = rest[..<(end ?? rest.endIndex)]
        if value.last == Self.carriageReturn, end == nil || rest[end!] == Self.lineFeed {
            value.removeLast()
        }
        guard !value.contains(Self.quote) else {
            throw TokenFileError(line: line, "a quote inside of a field")
        }
        rest = rest[value.endIndex...]
        return String(decoding: value, as: UTF8.self)
    }

    /// What follows an opening quote; two quotes stand for one.
    private mutating func quoted() throws(TokenFileError) -> String {
        let start = line
        var value: [UInt8] = []
        while let byte = rest.popFirst() {
            if byte == Self.lineFeed { line += 1 }
            if byte == Self.quote, !take(Self.quote) {
                return String(decoding: value, as: UTF8.self)
            }
            value.append(byte)
        }
        throw TokenFileError(line: start, "a quote that is not closed")
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard rest.first == byte else { return false }
        rest.removeFirst()
        return true
    }

    private mutating func endLine() -> Bool {
        _ = take(Self.carriageReturn)
        if rest.isEmpty { return true }
        guard take(Self.lineFeed) else { return false }
        line += 1
        return true
    }

    private static let quote = UInt8(ascii: "\"")
    private static let lineFeed = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")
}
