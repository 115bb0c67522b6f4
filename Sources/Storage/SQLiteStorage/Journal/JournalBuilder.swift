// Making a journal from a listing of the store.

import Buffers
import Dispatch
import SQLite
import Storage

/// Writes the present items of a store into a new file, a page at a time.
final class JournalBuilder: @unchecked Sendable {
    // Reason: `file` is touched on `queue` only, which the connection asserts.

    private struct File {
        let writer: LogWriter
        let statements: JournalStatements
        var items: (count: Int64, sum: Int64) = (0, 0)
        /// How many items of a revision there are so far: they share its positions.
        var counts: [Revision: Int] = [:]
    }

    private let queue = DispatchQueue(label: "journal-builder")
    private let identity: StoreIdentity
    private let surroundings: Surroundings
    private var file: File?

    /// Makes a journal of `store` beside the one at `path`, which stays as it is.
    static func build(
        for path: String, from store: any Store, _ surroundings: Surroundings
    ) async throws(StorageError) -> BuiltJournal {
        while true {
            let builder = JournalBuilder(try await store.identity, surroundings)
            do throws(StorageError) {
                let built = try await builder.build(JournalFiles.newPath(path), store)
                await builder.close()
                return built
            } catch {
                await builder.close()
                guard case .compacted = error else { throw error }
            }
        }
    }

    private init(_ identity: StoreIdentity, _ surroundings: Surroundings) {
        self.identity = identity
        self.surroundings = surroundings
    }

    private func build(
        _ path: String, _ store: any Store
    ) async throws(StorageError) -> BuiltJournal {
        var page = try await store.list(.all, after: nil, limit: Limits.journalPageCount, at: nil)
        try await run { (builder) throws(SQLiteFailure) in try builder.create(path) }
        var itemCount = 0
        while true {
            let shown = page
            try await run { (builder) throws(SQLiteFailure) in try builder.insert(shown.items) }
            itemCount += page.items.count
            guard page.hasMore else { break }
            page = try await store.list(
                .all, after: page.items.last?.key, limit: Limits.journalPageCount,
                at: page.revision)
        }
        let revision = page.revision
        try await run { (builder) throws(SQLiteFailure) in try builder.finish(at: revision) }
        return BuiltJournal(revision: revision, itemCount: itemCount)
    }

    private func run(
        _ body: @escaping @Sendable (JournalBuilder) throws(SQLiteFailure) -> Void
    ) async throws(StorageError) {
        try await queue.run { () throws(StorageError) in
            do throws(SQLiteFailure) {
                try body(self)
            } catch {
                self.file?.writer.rollback()
                throw error.whileWriting(Key(Bytes.empty))
            }
        }
    }

    private func close() async {
        try? await queue.run { () throws(StorageError) in self.file = nil }
    }

    private func create(_ path: String) throws(SQLiteFailure) {
        do throws(StorageError) {
            try JournalFiles.remove(path)
            try createFile(path)
        } catch {
            throw SQLiteFailure(.cannotOpen, description: "\(error)")
        }
        let connection = try Connection(path: path, queue: queue)
        try JournalFile.prepare(connection)
        try connection.limitSize(to: surroundings.byteCountMax)
        try JournalFile.create(connection, for: identity)
        file = File(
            writer: try LogWriter(connection),
            statements: try JournalStatements(connection, of: identity))
    }

    private func insert(_ items: [Item]) throws(SQLiteFailure) {
        guard var file else { preconditionFailure("no file was made") }
        try file.writer.beginTransaction()
        for item in items {
            let count = file.counts[item.revision, default: 0]
            file.counts[item.revision] = count + 1
            guard count < Position.sequenceCountMax else { throw .tooManyItems(item) }
            let row = LogRow(
                position: Position(item.revision, sequence: count), before: nil, kind: .created,
                key: item.key, value: item.value)
            try file.writer.insert(row)
            file.items.count += 1
            file.items.sum &+= row.checksum
        }
        try file.writer.commit()
        self.file = file
    }

    /// Puts the run that makes the journal whole.
    private func finish(at revision: Revision) throws(SQLiteFailure) {
        guard let file else { preconditionFailure("no file was made") }
        try file.writer.beginTransaction()
        try file.writer.set(.compacted, to: Int64(revision.rawValue))
        try file.writer.set(.swept, to: Position.end(of: revision).rawValue)
        try file.statements.put(JournalRun(listedAt: revision, items: file.items))
        if surroundings.isFaulty(.commit) { throw .injected }
        try file.writer.commit()
    }
}

/// A journal that was made and has not taken its place yet.
struct BuiltJournal: Sendable {
    /// What the listing showed.
    let revision: Revision
    let itemCount: Int

    /// Puts it in the place of the one at `path`, which is lost, and opens it.
    /// - Precondition: nothing has the one at `path` open.
    func open(at path: String, _ surroundings: Surroundings) async throws(StorageError) -> Journal {
        try JournalFiles.install(path)
        guard let journal = try await Journal.open(path, surroundings) else {
            throw .unavailable(reason: "\(path) is gone")
        }
        return journal
    }
}

extension SQLiteFailure {
    fileprivate static func tooManyItems(_ item: Item) -> SQLiteFailure {
        SQLiteFailure(
            .tooBig,
            description: "more items of revision \(item.revision) than it has positions")
    }
}
