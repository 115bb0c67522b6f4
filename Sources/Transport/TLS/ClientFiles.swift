// What a client shows and whom it believes, read again when the files change.

import Buffers
import Crypto
import EventLoops
import Synchronization

/// A client's authorities and certificate, in files that may change while it runs.
///
/// The files are looked at when a connection begins, at most once a second. While new files cannot
/// be used, the ones before stay in use.
public final class ClientFiles: Sendable {
    private struct State {
        var context: TLSContext
        var files: WatchedFiles
    }

    private let authorities: String?
    private let certificate: CertificateFiles.Pair?
    private let clock: any LoopClock
    private let report: @Sendable (CertificateFiles.Report) -> Void
    private let state: Mutex<State>

    /// - Parameters:
    ///   - authorities: a file of certificates in PEM, whose servers are believed; nil for those
    ///     that the system trusts.
    ///   - certificate: shown to a server that asks for it.
    ///   - report: called on any loop; must not wait.
    /// - Throws: `TLSSetupError` when a file cannot be read or used.
    public init(
        authorities: String?, certificate: CertificateFiles.Pair? = nil,
        clock: any LoopClock = MonotonicClock(),
        report: @escaping @Sendable (CertificateFiles.Report) -> Void = { _ in }
    ) throws(TLSSetupError) {
        self.authorities = authorities
        self.certificate = certificate
        self.clock = clock
        self.report = report
        let paths = [authorities, certificate?.certificate, certificate?.key].compactMap { $0 }
        let files = WatchedFiles(paths, now: clock.now)
        state = Mutex(State(context: try Self.load(authorities, certificate), files: files))
    }

    /// What a connection that begins now is made from: the same object until the files change. May
    /// read the files, which takes about a millisecond, when they have changed.
    public func context() -> TLSContext {
        let now = clock.now
        let (context, report) = state.withLock {
            state -> (TLSContext, CertificateFiles.Report?) in
            guard state.files.haveChanged(now: now) else { return (state.context, nil) }
            let report = reload(&state)
            return (state.context, report)
        }
        if let report { self.report(report) }
        return context
    }

    private func reload(_ state: inout State) -> CertificateFiles.Report {
        do {
            state.context = try Self.load(authorities, certificate)
            return .reloaded
        } catch {
            return .unusable(error)
        }
    }

    private static func load(
        _ authorities: String?, _ certificate: CertificateFiles.Pair?
    ) throws(TLSSetupError) -> TLSContext {
        var settings = TLSClientSettings(authorities: nil)
        if let authorities { settings.authorities = try WatchedFiles.contents(of: authorities) }
        if let certificate {
            let chain = try WatchedFiles.contents(of: certificate.certificate)
            let key = try WatchedFiles.contents(of: certificate.key)
            settings.certificate = TLSCertificate(chain: chain, key: key)
        }
        return try TLSContext(client: settings)
    }
}
