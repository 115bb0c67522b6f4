// An informer's objects on disk, so that it resumes where it was.

import Buffers
import Dispatch
import Glibc
import JSON
import SQLite

/// Whose objects a file holds. A file of anything else is set aside.
struct CacheIdentity: Equatable, Sendable {
    /// Of the store behind the servers.
    let cluster: String
    let resource: Resource
    let selection: Selection

    var text: String {
        "1\n\(cluster)\n\(resource.path)\n\(selection.labels)\n\(selection.fields)"
    }
}

/// One SQLite file with objects and the revision up to which they are known. Objects and revision
/// change together, so that the file is right after any crash of the process; after a crash of the
/// machine it may be older, but no less right.
final class CacheFile: @unchecked Sendable {
    // Reason: the connection and its statements are used on `queue` only.
    private let path: String
    private let queue = DispatchQueue(label: "binnacle.cache-file")
    private var opened: Opened?

    private struct Opened {
        let connection: Connection
        let put: Statement
        let remove: Statement
        let setRevision: Statement
    }

    /// What a file held.
    struct Content: Sendable {
        var objects: [ObjectKey: JSONValue] = [:]
        var revision: String?
        /// Why a file that was there is not used.
        var refusal: String?
    }

    init(_ path: String) { self.path = path }

    /// Opens the file, or makes it. One that is broken or of another identity is renamed to
    /// `PATH.aside`.
    /// - Throws: `SQLiteFailure` when no file can be made.
    func open(_ identity: CacheIdentity) async throws(SQLiteFailure) -> Content {
        try await queue.run { [self] () throws(SQLiteFailure) in
            do throws(SQLiteFailure) {
                return try load(identity)
            } catch {
                opened = nil
                setAside()
                var content = try load(identity)
                content.refusal = error.description
                return content
            }
        }
    }

    /// Writes a step, all or nothing. Returns when it is in the file.
    func write(_ step: ObjectTable.Step) async throws(SQLiteFailure) {
        guard let revision = step.revision else { return }
        try await queue.run { [self] () throws(SQLiteFailure) in
            guard let opened else { return }
            try opened.connection.execute("BEGIN IMMEDIATE")
            do throws(SQLiteFailure) {
                for (key, object) in step.written { try write(key, object, opened) }
                try Self.run(opened.setRevision, Bytes(revision))
                try opened.connection.execute("COMMIT")
            } catch {
                try? opened.connection.execute("ROLLBACK")
                throw error
            }
        }
    }

    func close() async {
        _ = try? await queue.run { [self] () throws(SQLiteFailure) in opened = nil }
    }

    // MARK: On the queue

    private func load(_ identity: CacheIdentity) throws(SQLiteFailure) -> Content {
        let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            let reason = String(cString: strerror(errno))
            throw SQLiteFailure(.cannotOpen, description: "\(path): \(reason)")
        }
        Glibc.close(descriptor)
        let connection = try Connection(path: path, queue: queue)
        try connection.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL")
        try connection.execute(Self.schema)
        let known = try connection.text("SELECT value FROM facts WHERE name = 'identity'")
        if known.isEmpty {
            let insert = try connection.prepare("INSERT INTO facts VALUES ('identity', ?1)")
            try Self.run(insert, Bytes(identity.text))
        } else if known != identity.text {
            throw SQLiteFailure(.mismatch, description: "\(path): it is of other objects")
        }
        opened = Opened(
            connection: connection,
            put: try connection.prepare("INSERT OR REPLACE INTO objects VALUES (?1, ?2)"),
            remove: try connection.prepare("DELETE FROM objects WHERE key = ?1"),
            setRevision: try connection.prepare(
                "INSERT OR REPLACE INTO facts VALUES ('revision', ?1)"))
        return try read(connection)
    }

    private static let schema = """
        CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS objects (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID
        """

    private func read(_ connection: Connection) throws(SQLiteFailure) -> Content {
        var content = Content()
        let revision = try connection.text("SELECT value FROM facts WHERE name = 'revision'")
        // Without a revision nothing was written completely, ever.
        guard !revision.isEmpty else { return content }
        content.revision = revision
        let rows = try connection.prepare("SELECT value FROM objects")
        while try rows.step() {
            guard let object = try? JSONValue(parsing: rows.bytes(0)) else {
                throw SQLiteFailure(.corrupt, description: "\(path): an object is damaged")
            }
            content.objects[ObjectKey(of: object)] = object
        }
        return content
    }

    private func write(
        _ key: ObjectKey, _ object: JSONValue?, _ opened: Opened
    ) throws(SQLiteFailure) {
        let name = Bytes("\(key.namespace)\0\(key.name)")
        guard let object else { return try Self.run(opened.remove, name) }
        let value = object.bytes
        try value.withUnsafeBytes { bytes throws(SQLiteFailure) in
            opened.put.bind(bytes, at: 2)
            try Self.run(opened.put, name)
        }
    }

    private static func run(_ statement: Statement, _ first: Bytes) throws(SQLiteFailure) {
        try first.withUnsafeBytes { bytes throws(SQLiteFailure) in
            statement.bind(bytes, at: 1)
            _ = try statement.step()
            statement.reset()
        }
    }

    private func setAside() {
        for ending in ["", "-wal", "-shm"] {
            rename(path + ending, "\(path).aside\(ending)")
        }
    }
}
