// When certificates are renewed.

import Crypto

public enum Renewal {
    /// Whether less than a third of the life of `certificate` is left.
    public static func isDue(_ certificate: Certificate, now: WallTime) -> Bool {
        let life = certificate.notAfter.since(certificate.notBefore).components.seconds
        let left = certificate.notAfter.since(now).components.seconds
        return left < life / Limits.renewalDivisor
    }

    /// What a renewal did.
    public enum Outcome: Sendable {
        /// New certificates to serve with.
        case renewed(PKIContents)
        /// Nothing was due.
        case unchanged(PKIContents)
        /// The old certificates stay in use; it is tried again the next day.
        case failed(PKIError)
    }

    /// Renews once a day until the task is cancelled.
    ///
    /// - Parameters:
    ///   - sleep: waits, and throws when the task is cancelled.
    ///   - now: the time by which certificates are judged.
    ///   - report: takes every outcome, before the next day's.
    public static func runDaily(
        _ directory: PKIDirectory, _ request: PKIRequest,
        sleep: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
        now: @Sendable () -> WallTime = { .now },
        report: @Sendable (Outcome) async -> Void
    ) async {
        while true {
            do { try await sleep(Limits.renewalInterval) } catch { return }
            await report(outcome(directory, request, now()))
        }
    }

    private static func outcome(
        _ directory: PKIDirectory, _ request: PKIRequest, _ now: WallTime
    ) -> Outcome {
        do throws(PKIError) {
            let contents = try directory.prepare(request, now: now)
            return contents.changes.isEmpty ? .unchanged(contents) : .renewed(contents)
        } catch {
            return .failed(error)
        }
    }
}
