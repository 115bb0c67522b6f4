// What SQLite refuses, and why.

import CSQLite

/// A primary result code: https://www.sqlite.org/rescode.html
public struct SQLiteCode: RawRepresentable, Hashable, Sendable {
    public let rawValue: CInt

    public init(rawValue: CInt) { self.rawValue = rawValue }

    public static let busy = SQLiteCode(rawValue: SQLITE_BUSY)
    public static let cannotOpen = SQLiteCode(rawValue: SQLITE_CANTOPEN)
    public static let corrupt = SQLiteCode(rawValue: SQLITE_CORRUPT)
    public static let full = SQLiteCode(rawValue: SQLITE_FULL)
    public static let inputOutput = SQLiteCode(rawValue: SQLITE_IOERR)
    public static let mismatch = SQLiteCode(rawValue: SQLITE_MISMATCH)
    public static let misuse = SQLiteCode(rawValue: SQLITE_MISUSE)
    public static let noDatabase = SQLiteCode(rawValue: SQLITE_NOTADB)
    public static let outOfMemory = SQLiteCode(rawValue: SQLITE_NOMEM)
    public static let tooBig = SQLiteCode(rawValue: SQLITE_TOOBIG)
}

/// What SQLite says when it refuses.
public struct SQLiteFailure: Error, CustomStringConvertible {
    public let code: SQLiteCode
    public let description: String

    public init(_ code: SQLiteCode, description: String) {
        self.code = code
        self.description = description
    }

    /// Whether the file is not what SQLite wrote.
    public var isCorruption: Bool { code == .corrupt || code == .noDatabase }
}
