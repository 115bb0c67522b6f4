import APIServer
import Crypto
import EventLoops
import HTTPServer
import Logging
import Observability
import Synchronization
import SystemCalls
import TLS

/// The listener for HTTPS and its certificates.
struct SecureListener {
    private let address: SocketAddress
    private let tls: TLSServer

    /// Nil when no such listener was asked for.
    /// - Throws: `StartFailure` when the certificates cannot be used.
    init?(_ options: Serve, _ keys: ServerKeys, _ group: EventLoopGroup, _ log: Logger) throws {
        guard let address = options.httpsListen, let paths = keys.files else { return nil }
        self.address = address
        do {
            let further = paths.further.map {
                CertificateFiles.Pair(certificate: $0.certificate, key: $0.key)
            }
            let files = try CertificateFiles(
                [CertificateFiles.Pair(certificate: paths.certificate, key: paths.key)] + further,
                clientAuthorities: paths.clientAuthorities,
                report: { Self.log($0, to: log) })
            tls = TLSServer(group: group, report: Self.report(to: log)) { files.context() }
        } catch {
            throw StartFailure(description: "binnacle: \(error)")
        }
    }

    private static func log(_ report: CertificateFiles.Report, to log: Logger) {
        switch report {
        case .reloaded:
            log.notice("the certificates have changed; new connections get the new ones")
        case .unusable(let error):
            log.error(
                "the certificates have changed and cannot be used, the old ones stay: \(error)")
        }
    }

    /// Says what went wrong with whom, at most so often in a second.
    private static func report(to log: Logger) -> TLSReport {
        let quota = Quota(LineQuota(10))
        return { trouble, peer in
            guard let unsaid = quota.take() else { return }
            log.notice("\(peer): \(trouble)")
            if unsaid > 0 { log.notice("\(unsaid) more had trouble with TLS") }
        }
    }

    /// A quota that all loops share.
    private final class Quota: Sendable {
        private let lines: Mutex<LineQuota>

        init(_ lines: LineQuota) { self.lines = Mutex(lines) }

        func take() -> Int? { lines.withLock { $0.take(at: WallTime.now.seconds) } }
    }

    /// - Returns: the address with the port that was bound.
    func listen(_ server: Server, _ registry: MetricsRegistry) throws -> SocketAddress {
        register(in: registry)
        do {
            return try server.listen(
                on: address, name: .secure, layer: { [tls] in tls.stream(over: $0, from: $1) })
        } catch {
            throw StartFailure(description: "--https-listen \(address): \(error)")
        }
    }

    private func register(in registry: MetricsRegistry) {
        let gauges: [(name: String, help: String, count: @Sendable (TLSCounts) -> Int)] = [
            ("handshakes", "TLS handshakes that ended well.", { $0.handshakes }),
            ("resumed", "TLS handshakes that a ticket made short.", { $0.resumed }),
            ("handshakes_failed", "TLS handshakes that failed.", { $0.handshakesFailed }),
            (
                "handshakes_timed_out", "TLS handshakes that took too long.",
                { $0.handshakesTimedOut }
            ),
            ("handshakes_in_progress", "TLS handshakes in progress.", { $0.handshakesInProgress }),
            ("plain_clients", "Clients that spoke plain HTTP.", { $0.plainClients }),
            (
                "certificates_refused", "Clients' certificates that are not believed.",
                { $0.certificatesRefused }
            ),
            ("records_refused", "Broken TLS records after a handshake.", { $0.recordsRefused }),
            ("truncated", "TLS connections that ended without saying so.", { $0.truncated }),
        ]
        for gauge in gauges {
            registry.gauge("binnacle_tls_\(gauge.name)", help: gauge.help) { [tls] in
                Double(gauge.count(tls.counts))
            }
        }
    }
}
