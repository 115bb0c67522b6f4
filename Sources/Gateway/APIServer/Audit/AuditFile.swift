// The file of the audit log, and its predecessors.

import APIModel
import Buffers
import Glibc

/// Where the audit log is written, and how much of it is kept.
public struct AuditOptions: Sendable {
    public var path: String
    public var level: AuditLevel
    /// A file that would grow beyond it is set aside, and a new one begun.
    public var fileByteCountMax: Int
    /// So many files that were set aside are kept; zero keeps all.
    public var backupCountMax: Int

    public init(path: String, level: AuditLevel, fileByteCountMax: Int, backupCountMax: Int) {
        self.path = path
        self.level = level
        self.fileByteCountMax = fileByteCountMax
        self.backupCountMax = backupCountMax
    }
}

/// What the system said about the audit log.
public struct AuditFileError: Error, CustomStringConvertible {
    public let description: String
    /// How many lines were lost by it.
    let lineCount: Int

    fileprivate init(_ path: String, lineCount: Int = 0) {
        description = "\(path): \(String(cString: strerror(errno)))"
        self.lineCount = lineCount
    }
}

/// An open file that lines are appended to. What was set aside lies beside it, with the time of
/// that in its name.
struct AuditFile: ~Copyable {
    private let options: AuditOptions
    private var descriptor: CInt
    private var byteCount: Int
    private var unwritten = ByteBuffer(reserving: 64 << 10)
    private var unwrittenLineCount = 0

    init(_ options: AuditOptions) throws(AuditFileError) {
        self.options = options
        (descriptor, byteCount) = try Self.open(options.path)
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    private static func open(_ path: String) throws(AuditFileError) -> (CInt, Int) {
        let flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC
        let descriptor = Glibc.open(path, flags, 0o600)
        guard descriptor >= 0 else { throw AuditFileError(path) }
        var facts = stat()
        fstat(descriptor, &facts)
        return (descriptor, Int(facts.st_size))
    }

    /// Appends a line, at the latest with the next `flush`.
    mutating func append(_ line: Bytes) throws(AuditFileError) {
        let total = byteCount + unwritten.count
        if total > 0, total + line.count > options.fileByteCountMax {
            try flush()
            try setAside()
        }
        unwritten.append(line)
        unwrittenLineCount += 1
        if unwritten.count >= 64 << 10 { try flush() }
    }

    mutating func flush() throws(AuditFileError) {
        guard unwrittenLineCount > 0 else { return }
        let lineCount = unwrittenLineCount
        if descriptor < 0 { (descriptor, byteCount) = try Self.open(options.path) }
        let descriptor = descriptor
        let sent = unwritten.withUnsafeBytes { bytes in
            var sent = 0
            while sent < bytes.count {
                let count = write(descriptor, bytes.baseAddress! + sent, bytes.count - sent)
                if count < 0, errno != EINTR { break }
                sent += max(count, 0)
            }
            return sent
        }
        let isComplete = sent == unwritten.count
        byteCount += sent
        unwritten.truncate(to: 0)
        unwrittenLineCount = 0
        guard isComplete else { throw AuditFileError(options.path, lineCount: lineCount) }
    }

    private mutating func setAside() throws(AuditFileError) {
        close(descriptor)
        descriptor = -1
        let time = WallClock.preciseNow().microTime.replacing(":", with: "-")
        guard rename(options.path, Self.backup(of: options.path, time)) == 0 else {
            throw AuditFileError(options.path)
        }
        (descriptor, byteCount) = try Self.open(options.path)
        removeOldest()
    }

    /// `audit.log` is set aside as `audit-2026-11-23T03-11-19.123456Z.log`.
    private static func backup(of path: String, _ time: String) -> String {
        let name = Name(path)
        return "\(name.directory)/\(name.stem)-\(time)\(name.suffix)"
    }

    private func removeOldest() {
        guard options.backupCountMax > 0 else { return }
        let name = Name(options.path)
        guard let directory = opendir(name.directory) else { return }
        defer { closedir(directory) }
        var found: [String] = []
        while let entry = readdir(directory) {
            let file = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.isBackup(file) { found.append(file) }
        }
        for file in found.sorted().dropLast(options.backupCountMax) {
            unlink("\(name.directory)/\(file)")
        }
    }

    /// The parts of a path.
    private struct Name {
        let directory: String
        let stem: String
        let suffix: String

        init(_ path: String) {
            let slash = path.lastIndex(of: "/")
            directory = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
            let file = slash.map { String(path[path.index(after: $0)...]) } ?? path
            let dot = file.lastIndex(of: ".").flatMap { $0 == file.startIndex ? nil : $0 }
            stem = dot.map { String(file[..<$0]) } ?? file
            suffix = dot.map { String(file[$0...]) } ?? ""
        }

        func isBackup(_ file: String) -> Bool {
            let timeCount = "2026-11-23T03-11-19.123456Z".utf8.count
            guard file.hasPrefix("\(stem)-"), file.hasSuffix(suffix) else { return false }
            let time = file.dropFirst(stem.count + 1).dropLast(suffix.count)
            return time.utf8.count == timeCount && time.hasSuffix("Z")
        }
    }
}
