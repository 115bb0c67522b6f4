// Certificates that are read again when their files change.

import Buffers
import Crypto
import EventLoops
import Glibc
import Synchronization

/// A server's certificates and authorities, in files that may change while it runs.
///
/// The files are looked at when a session begins, at most once a second. What they hold is used
/// for new sessions; older ones go on as they are. While new files cannot be used, the ones before
/// stay in use.
public final class CertificateFiles: Sendable {
    /// The files of one certificate, in PEM.
    public struct Pair: Sendable {
        let certificate: String
        let key: String

        public init(certificate: String, key: String) {
            self.certificate = certificate
            self.key = key
        }
    }

    /// What became of files that have changed.
    public enum Report: Sendable {
        case reloaded
        case unusable(TLSSetupError)
    }

    private struct State {
        var context: TLSContext
        var marks: [FileMark?]
        var checked: LoopTime
    }

    private let pairs: [Pair]
    private let clientAuthorities: String?
    private let ticketKeys: TLSTicketKeys
    private let clock: any LoopClock
    private let report: @Sendable (Report) -> Void
    private let state: Mutex<State>

    /// - Parameters:
    ///   - pairs: the first one is shown to clients that name no server, or none of these.
    ///   - clientAuthorities: a file of certificates in PEM, whose clients are believed.
    ///   - report: called on any loop; must not wait.
    /// - Throws: `TLSSetupError` when a file cannot be read or used.
    /// - Precondition: there is at least one pair.
    public init(
        _ pairs: [Pair], clientAuthorities: String? = nil, clock: any LoopClock = MonotonicClock(),
        report: @escaping @Sendable (Report) -> Void
    ) throws(TLSSetupError) {
        precondition(!pairs.isEmpty, "no certificate")
        let keys = TLSTicketKeys { clock.now.nanoseconds / 1_000_000_000 }
        let marks = Self.marks(pairs, clientAuthorities)
        let context = try Self.load(pairs, clientAuthorities, keys)
        self.pairs = pairs
        self.clientAuthorities = clientAuthorities
        self.clock = clock
        self.report = report
        ticketKeys = keys
        state = Mutex(State(context: context, marks: marks, checked: clock.now))
    }

    /// What a session that begins now is made from. May read the files, which takes about a
    /// millisecond, when they have changed.
    public func context() -> TLSContext {
        let now = clock.now
        let (context, report) = state.withLock { state -> (TLSContext, Report?) in
            let age = now.nanoseconds - state.checked.nanoseconds
            guard age >= Limits.fileCheckNanoseconds else { return (state.context, nil) }
            state.checked = now
            let report = reload(&state)
            return (state.context, report)
        }
        if let report { self.report(report) }
        return context
    }

    private func reload(_ state: inout State) -> Report? {
        // Before reading: what changes meanwhile is found the next time.
        let marks = Self.marks(pairs, clientAuthorities)
        guard marks != state.marks else { return nil }
        state.marks = marks
        do {
            state.context = try Self.load(pairs, clientAuthorities, ticketKeys)
            return .reloaded
        } catch {
            return .unusable(error)
        }
    }

    private static func marks(_ pairs: [Pair], _ clientAuthorities: String?) -> [FileMark?] {
        var paths = pairs.flatMap { [$0.certificate, $0.key] }
        if let clientAuthorities { paths.append(clientAuthorities) }
        return paths.map { FileMark($0) }
    }

    private static func load(
        _ pairs: [Pair], _ clientAuthorities: String?, _ keys: TLSTicketKeys
    ) throws(TLSSetupError) -> TLSContext {
        var certificates: [TLSCertificate] = []
        for pair in pairs {
            let chain = try contents(of: pair.certificate)
            let key = try contents(of: pair.key)
            certificates.append(TLSCertificate(chain: chain, key: key))
        }
        var settings = TLSServerSettings(certificates: certificates, ticketKeys: keys)
        if let clientAuthorities {
            settings.clientAuthorities = try contents(of: clientAuthorities)
        }
        return try TLSContext(server: settings)
    }

    private static func contents(of path: String) throws(TLSSetupError) -> Bytes {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw unreadable(path) }
        defer { close(descriptor) }
        var buffer = ByteBuffer(reserving: 16 * 1024)
        while true {
            let room = TLSLimits.pemByteCountMax - buffer.count
            guard room > 0 else { throw TLSSetupError("\(path): it is too large") }
            let count = buffer.appendUninitialized(min(room, 16 * 1024)) {
                max(read(descriptor, $0.baseAddress, $0.count), 0)
            }
            if count == 0 { return buffer.freeze() }
        }
    }

    private static func unreadable(_ path: String) -> TLSSetupError {
        TLSSetupError("\(path): it cannot be read: \(String(cString: strerror(errno)))")
    }
}

/// What tells one content of a file from another, without reading it.
private struct FileMark: Equatable {
    let inode: UInt64
    let byteCount: Int64
    let modified: Int64
    let changed: Int64

    /// Nil when there is no file.
    init?(_ path: String) {
        var facts = stat()
        guard stat(path, &facts) == 0 else { return nil }
        inode = UInt64(facts.st_ino)
        byteCount = Int64(facts.st_size)
        modified = Int64(facts.st_mtim.tv_sec) * 1_000_000_000 + Int64(facts.st_mtim.tv_nsec)
        changed = Int64(facts.st_ctim.tv_sec) * 1_000_000_000 + Int64(facts.st_ctim.tv_nsec)
    }
}
