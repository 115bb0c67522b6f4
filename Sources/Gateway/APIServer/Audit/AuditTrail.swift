// Takes records from the loops and writes them on a queue of its own.

import Buffers
import Dispatch
import Logging
import Observability
import Synchronization

/// The audit log: a line of JSON for each request, in a file. Loops hand records over and never
/// wait: when more wait than `Limits` lets, records are dropped, which is counted and logged.
public final class AuditTrail: @unchecked Sendable {
    // Reason: `file` and `hasFailed` are used on `queue` only; the rest is in a `Mutex`.
    private struct Waiting {
        var records: [AuditRecord] = []
        var byteCount = 0
        var droppedCount = 0
    }

    private let level: AuditLevel
    private var file: AuditFile
    private var hasFailed = false
    private let queue = DispatchQueue(label: "audit")
    private let waiting = Mutex(Waiting())
    private let written: Counter
    private let dropped: Counter
    private let failed: Counter
    private let log: Logger

    /// - Throws: `AuditFileError` when the file cannot be opened.
    public init(
        _ options: AuditOptions, _ registry: MetricsRegistry, _ log: Logger
    ) throws(AuditFileError) {
        file = try AuditFile(options)
        level = options.level
        self.log = log
        written = registry.counter(
            "apiserver_audit_event_total", help: "Requests written to the audit log.")
        dropped = registry.counter(
            "binnacle_audit_dropped_total",
            help: "Requests that are missing in the audit log, because too many waited.")
        failed = registry.counter(
            "apiserver_audit_error_total",
            help: "Requests that are missing in the audit log, because it could not be written.")
    }

    func take(_ record: AuditRecord) {
        let isFirst = waiting.withLock { waiting in
            guard waiting.records.count < Limits.auditQueueCountMax,
                waiting.byteCount < Limits.auditQueueByteCountMax
            else {
                waiting.droppedCount += 1
                return false
            }
            waiting.records.append(record)
            waiting.byteCount += record.byteCount
            return waiting.records.count == 1
        }
        if isFirst { queue.async { [self] in writeAll() } }
    }

    private func writeAll() {
        let taken = waiting.withLock { waiting in
            defer { waiting = Waiting() }
            return waiting
        }
        if taken.droppedCount > 0 {
            dropped.increment(by: UInt64(taken.droppedCount))
            log.error(
                "\(taken.droppedCount) requests are missing in the audit log: too many waited")
        }
        for record in taken.records { write(record.line(level)) }
        do {
            try file.flush()
        } catch {
            failed(error)
        }
    }

    private func write(_ line: Bytes) {
        do {
            try file.append(line)
            written.increment()
            hasFailed = false
        } catch {
            failed(error)
        }
    }

    private func failed(_ error: AuditFileError) {
        failed.increment(by: UInt64(error.lineCount))
        guard !hasFailed else { return }
        hasFailed = true
        log.error("the audit log cannot be written: \(error)")
    }

    /// Waits until everything that was handed over is written.
    public func flush() async {
        await withCheckedContinuation { done in
            queue.async { [self] in
                writeAll()
                done.resume()
            }
        }
    }
}
