// Certificates that are read again when their files change.

import Buffers
import Crypto
import EventLoops
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
        var files: WatchedFiles
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
        let files = WatchedFiles(Self.paths(pairs, clientAuthorities), now: clock.now)
        let context = try Self.load(pairs, clientAuthorities, keys)
        self.pairs = pairs
        self.clientAuthorities = clientAuthorities
        self.clock = clock
        self.report = report
        ticketKeys = keys
        state = Mutex(State(context: context, files: files))
    }

    /// What a session that begins now is made from. May read the files, which takes about a
    /// millisecond, when they have changed.
    public func context() -> TLSContext {
        let now = clock.now
        let (context, report) = state.withLock { state -> (TLSContext, Report?) in
            guard state.files.haveChanged(now: now) else { return (state.context, nil) }
            let report = reload(&state)
            return (state.context, report)
        }
        if let report { self.report(report) }
        return context
    }

    private func reload(_ state: inout State) -> Report {
        do {
            state.context = try Self.load(pairs, clientAuthorities, ticketKeys)
            return .reloaded
        } catch {
            return .unusable(error)
        }
    }

    private static func paths(_ pairs: [Pair], _ clientAuthorities: String?) -> [String] {
        pairs.flatMap { [$0.certificate, $0.key] } + (clientAuthorities.map { [$0] } ?? [])
    }

    private static func load(
        _ pairs: [Pair], _ clientAuthorities: String?, _ keys: TLSTicketKeys
    ) throws(TLSSetupError) -> TLSContext {
        var certificates: [TLSCertificate] = []
        for pair in pairs {
            let chain = try WatchedFiles.contents(of: pair.certificate)
            let key = try WatchedFiles.contents(of: pair.key)
            certificates.append(TLSCertificate(chain: chain, key: key))
        }
        var settings = TLSServerSettings(certificates: certificates, ticketKeys: keys)
        if let clientAuthorities {
            settings.clientAuthorities = try WatchedFiles.contents(of: clientAuthorities)
        }
        return try TLSContext(server: settings)
    }
}
