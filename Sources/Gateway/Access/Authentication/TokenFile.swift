// A file of static tokens, read again when it changes.

import Buffers
import Crypto
import Glibc
import Synchronization

/// Knows the tokens of a file; see `TokenTable`. The file is looked at when a token is shown, at
/// most once a second. While a new version cannot be used, the one before stays in use.
public final class TokenFile: Authenticator {
    /// What became of a file that has changed.
    public enum Report: Sendable {
        case reloaded(tokenCount: Int)
        case unusable(TokenFileError)
    }

    private struct State {
        var table: TokenTable
        var mark: Mark?
        var checked: WallTime
    }

    private let path: String
    private let report: @Sendable (Report) -> Void
    private let state: Mutex<State>

    /// - Parameter report: called on any loop; must not wait.
    /// - Throws: `TokenFileError` when the file cannot be read or used.
    public init(
        path: String, now: WallTime = .now, report: @escaping @Sendable (Report) -> Void
    ) throws(TokenFileError) {
        self.path = path
        self.report = report
        // Before reading: what changes meanwhile is found the next time.
        let mark = Mark(path)
        let table = try TokenTable(parsing: try Self.contents(of: path))
        state = Mutex(State(table: table, mark: mark, checked: now))
    }

    public func authenticate(_ credentials: Credentials, now: WallTime) -> Authentication {
        guard let token = credentials.bearerToken else { return .unknown }
        let digest = SHA256.digest(token)
        let (user, report) = state.withLock { state in
            let report = state.checked == now ? nil : reload(&state, now)
            return (state.table.user(digest), report)
        }
        if let report { self.report(report) }
        return user.map { .user($0, until: nil) } ?? .unknown
    }

    private func reload(_ state: inout State, _ now: WallTime) -> Report? {
        state.checked = now
        let mark = Mark(path)
        guard mark != state.mark else { return nil }
        state.mark = mark
        do {
            state.table = try TokenTable(parsing: try Self.contents(of: path))
            return .reloaded(tokenCount: state.table.count)
        } catch {
            return .unusable(error)
        }
    }

    private static func contents(of path: String) throws(TokenFileError) -> Bytes {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw TokenFileError("it cannot be read: \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        var buffer = ByteBuffer(reserving: 16 << 10)
        while true {
            guard buffer.count <= Limits.tokenFileByteCountMax else {
                throw TokenFileError("it has more than \(Limits.tokenFileByteCountMax) bytes")
            }
            let count = buffer.appendUninitialized(16 << 10) {
                max(read(descriptor, $0.baseAddress, $0.count), 0)
            }
            if count == 0 { return buffer.freeze() }
        }
    }
}

/// What tells one content of a file from another, without reading it.
private struct Mark: Equatable {
    let inode: UInt64
    let byteCount: Int64
    let changed: Int64

    /// `nil` when there is no file.
    init?(_ path: String) {
        var facts = stat()
        guard stat(path, &facts) == 0 else { return nil }
        inode = UInt64(facts.st_ino)
        byteCount = Int64(facts.st_size)
        changed = Int64(facts.st_ctim.tv_sec) * 1_000_000_000 + Int64(facts.st_ctim.tv_nsec)
    }
}
