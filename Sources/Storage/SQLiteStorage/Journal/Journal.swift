// One open file of the journal, from the side of those who read it.

import Buffers
import Dispatch
import SQLite
import Storage

/// The log and the present items of another store, in a file. See JournaledStore.
final class Journal: Sendable {
    let identity: StoreIdentity
    let path: String
    /// The last event that was found in the file.
    let sample: Event?
    /// The runs in the file whose events were derived.
    let derived: [JournalRun]
    let writer: JournalWriter
    private let reads: ReadQueue
    /// Apart from `reads`: those who read what is long past must not hold up the others.
    private let histories: ReadQueue

    var log: SharedLog { writer.log }

    /// Opens the file at `path` and checks it.
    /// - Returns: `nil` for a file that is missing or empty.
    /// - Throws: why the file is not believed.
    static func open(
        _ path: String, _ surroundings: Surroundings
    ) async throws(StorageError) -> Journal? {
        guard fileExists(path) else { return nil }
        let queue = DispatchQueue(label: "journal-writer")
        let opened = try await queue.run { () throws(StorageError) in
            try OpenedJournal(path, queue, surroundings)
        }
        guard let opened else { return nil }
        return try await Journal(opened, path)
    }

    private init(_ opened: OpenedJournal, _ path: String) async throws(StorageError) {
        self.path = path
        identity = opened.identity
        sample = opened.sample
        derived = opened.derived
        writer = opened.writer
        reads = try await ReadQueue(path: path, label: "journal-reads", isSparse: true)
        histories = try await ReadQueue(path: path, label: "journal-histories", isSparse: true)
        writer.sweepInBackground()
        writer.trimInBackground()
    }

    func close() async {
        await writer.close()
        log.close()
        await reads.close()
        await histories.close()
    }

    // MARK: Reading

    /// A page of the items that the journal has.
    func page(
        _ range: KeyRange, after: Key?, limit: Int, at revision: Revision?
    ) async throws(StorageError) -> Page {
        precondition(limit > 0, "a page of \(limit)")
        let (pinned, index) = try log.pin(revision) { $0.index }
        defer { unpin(pinned) }
        return try await reads.run { (reader) throws(StorageError) in
            try reader.together { () throws(StorageError) in
                var listing = Listing(index, range, at: pinned, limit: limit)
                return try listing.page(after: after, reader)
            }
        }
    }

    /// The events that follow `position`; `nil` when the journal has none yet.
    /// - Throws: `compacted` when it does not reach back so far.
    func batch(
        after position: Revision, _ range: KeyRange
    ) async throws(StorageError) -> EventBatch? {
        switch try log.outlook(after: position, range) {
        case .batch(let batch): return batch
        case .upToDate: return nil
        case .onDisk(let last):
            defer { unpin(position) }
            return try await reads.run { (reader) throws(StorageError) in
                try reader.batch(after: position, through: last, range)
            }
        }
    }

    func events(_ request: HistoryRequest) async throws(StorageError) -> HistoryPage {
        let (position, state) = try log.pin(request.position) { state in
            (current: state.current, latest: request.range.onlyKey.map { state.index[$0] })
        }
        defer { unpin(position) }
        let last = min(request.end, state.current)
        return try await histories.run { (reader) throws(StorageError) in
            try reader.together { () throws(StorageError) in
                try reader.history(request, through: last, onlyKey: state.latest)
            }
        }
    }

    private func unpin(_ revision: Revision) {
        if log.unpin(revision) { writer.sweepInBackground() }
    }
}

/// What opening the file on the writer's queue yields.
private struct OpenedJournal: Sendable {
    let writer: JournalWriter
    let identity: StoreIdentity
    let sample: Event?
    let derived: [JournalRun]

    init?(
        _ path: String, _ queue: DispatchQueue, _ surroundings: Surroundings
    ) throws(StorageError) {
        do throws(SQLiteFailure) {
            let connection = try Connection(path: path, queue: queue)
            try JournalFile.prepare(connection)
            let loaded: LoadedJournal
            do throws(StorageError) {
                guard let found = try LoadedJournal(checking: connection) else { return nil }
                loaded = found
            } catch {
                throw SQLiteFailure(.corrupt, description: "\(error)")
            }
            try connection.limitSize(to: surroundings.byteCountMax)
            writer = try JournalWriter(connection, on: queue, loaded: loaded, surroundings)
            identity = loaded.identity
            sample = loaded.sample
            derived = loaded.derived
        } catch {
            throw error.whileReading
        }
    }
}
