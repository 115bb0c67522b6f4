// The flags of the audit log.

import APIServer
import ArgumentParser
import Logging
import Observability

extension AuditLevel: ExpressibleByArgument {}

/// Where requests are written down. The names are kube-apiserver's as far as it has them.
struct AuditFlags: ParsableArguments {
    @Option(help: "A file that gets a line of JSON for each request. Off unless given.")
    var auditLog: String?

    @Option(
        help: """
            What is written of a request: Metadata, or Request, which adds what was sent, except \
            for secrets, configmaps and tokens.
            """)
    var auditLevel: AuditLevel = .metadata

    @Option(help: "The size that a file of the audit log reaches at most: such as 100MiB.")
    var auditLogMaxsize: ByteSize = ByteSize(argument: "100MiB")!

    @Option(help: "How many full files of the audit log are kept; 0 keeps all.")
    var auditLogMaxbackup: Int = 10

    func validate() throws {
        guard auditLogMaxbackup >= 0 else {
            throw ValidationError(
                "--audit-log-maxbackup \(auditLogMaxbackup): must not be negative")
        }
    }

    /// - Throws: `StartFailure` when the file cannot be opened.
    func trail(_ registry: MetricsRegistry, _ log: Logger) throws -> AuditTrail? {
        guard let path = auditLog else { return nil }
        do {
            return try AuditTrail(
                AuditOptions(
                    path: path, level: auditLevel, fileByteCountMax: auditLogMaxsize.byteCount,
                    backupCountMax: auditLogMaxbackup), registry, log)
        } catch {
            throw StartFailure(description: "--audit-log \(error)")
        }
    }
}
