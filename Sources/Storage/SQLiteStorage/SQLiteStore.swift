// The embedded store of record: one file, one process.

import Buffers
import Dispatch
import SQLite
import Storage
import Synchronization

/// A store in one SQLite file. A commit is answered when it is on disk; commits that wait together
/// are made durable together. Keys are held in memory, values in the file.
///
/// One process may have the file open at a time. The file, its `-wal`, `-shm` and `.lock`
/// companions belong together and lie in one directory, which must exist.
public final class SQLiteStore: Store {
    public struct Options: Sendable {
        /// The size past which the file does not grow, in bytes; commits then throw `notWritable`.
        /// `nil` leaves it to the disk.
        public var byteCountMax: Int?
        /// How far back the log is kept by itself; `nil` leaves that to calls of `compact`.
        public var retention: Retention?

        public init(byteCountMax: Int? = nil, retention: Retention? = nil) {
            self.byteCountMax = byteCountMax
            self.retention = retention
        }
    }

    /// What was found in the file.
    public struct Opening: Sendable {
        public let itemCount: Int
        public let revision: Revision
        /// How many rows were read. The others were in the index that the file had saved.
        public let readRowCount: Int
        public let duration: Duration
    }

    public let identity: StoreIdentity
    /// How the last opening went.
    public let opening: Opening

    private let path: String
    private let log: SharedLog
    private let writer: Writer
    private let reads: ReadQueue
    /// Apart from `reads`: a watcher that reads a long history must not hold up a read of one item.
    private let watches: ReadQueue
    /// Apart from `watches`: those who read what is long past must not hold up the present.
    private let histories: ReadQueue
    private let lock: Mutex<FileLock?>

    /// Opens the file at `path`, or makes it, readable for its owner only.
    /// - Throws: `unavailable` when the file cannot be opened, is open elsewhere, belongs to
    ///   another program or has another format; `corrupted` when its content contradicts itself.
    public convenience init(path: String, options: Options = Options()) async throws(StorageError) {
        try await self.init(path: path, options: options, isFaulty: { _ in false })
    }

    /// - Parameters:
    ///   - wallTime: the time since 1970, in milliseconds.
    ///   - savedRowCountMin: after how many rows the index is saved.
    package init(
        path: String, options: Options, isFaulty: @escaping FaultInjection,
        wallTime: @escaping @Sendable () -> Int64 = Surroundings.systemTime,
        savedRowCountMin: Int = Limits.savedRowCountMin
    ) async throws(StorageError) {
        let surroundings = Surroundings(
            isFaulty: isFaulty, wallTime: wallTime, byteCountMax: options.byteCountMax,
            retention: options.retention, savedRowCountMin: savedRowCountMin)
        let start = ContinuousClock.now
        self.path = path
        let held = try FileLock.acquire(of: path)
        try createFile(path)
        let queue = DispatchQueue(label: "store-writer", qos: .userInitiated)
        let opened = try await queue.run { () throws(StorageError) in
            try OpenedFile(path: path, queue: queue, surroundings)
        }
        try syncDirectory(of: path)
        writer = opened.writer
        log = opened.writer.log
        identity = opened.identity
        reads = try await ReadQueue(path: path, label: "store-reads")
        watches = try await ReadQueue(path: path, label: "store-watches")
        histories = try await ReadQueue(path: path, label: "store-histories")
        lock = Mutex(held)
        opening = Opening(
            itemCount: opened.itemCount, revision: opened.revision,
            readRowCount: opened.readRowCount,
            duration: ContinuousClock.now - start)
        writer.sweepInBackground()
        writer.trimInBackground()
    }

    /// Carries out what is queued, ends every watch, and closes the file. Whatever is asked
    /// afterwards throws `closed`.
    public func close() async {
        await writer.close()
        log.close()
        await reads.close()
        await watches.close()
        await histories.close()
        lock.withLock { $0 = nil }
    }

    public func commit(_ transaction: Transaction) async throws(StorageError) -> CommitResult {
        try transaction.checkSize()
        return try await writer.commit(transaction)
    }

    public func currentRevision() async throws(StorageError) -> Revision {
        try log.read { (state) throws(StorageError) in state.current }
    }

    public func get(_ key: Key) async throws(StorageError) -> Item? {
        try await get(key, standingAt: nil)
    }

    public func get(_ key: Key, at revision: Revision) async throws(StorageError) -> Item? {
        try await get(key, standingAt: revision)
    }

    private func get(
        _ key: Key, standingAt revision: Revision?
    ) async throws(StorageError) -> Item? {
        let (pinned, latest) = try log.pin(revision) { $0.index[key] }
        defer { unpin(pinned) }
        guard let latest else { return nil }
        return try await reads.run { (reader) throws(StorageError) in
            let item = try reader.item(latest, at: pinned)
            try reader.check(item, isOf: key)
            return item
        }
    }

    public func list(
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

    public func watch(after revision: Revision, _ range: KeyRange) -> EventStream {
        EventStream(SQLiteWatch(store: self, after: revision, range: range))
    }

    /// Returns when superseded rows have been removed, but for those that a reader still holds.
    public func compact(before revision: Revision) async throws(StorageError) {
        try await writer.markCompacted(before: revision)
        try await writer.sweep()
    }

    /// Runs a statement on the writer's connection, for tests: to have the disk seem full or
    /// read-only.
    package func execute(_ sql: String) async throws(StorageError) {
        try await writer.execute(sql)
    }

    /// How many commits wait for the writer, for tests.
    package var waitingCount: Int { writer.waitingCount }

    /// The rows in the file, for tests.
    package func rowCount() async throws(StorageError) -> Int {
        try await reads.run { (reader) throws(StorageError) in
            do throws(SQLiteFailure) {
                return Int(try reader.connection.integer("SELECT count(*) FROM log") ?? 0)
            } catch {
                throw error.whileReading
            }
        }
    }

    private func unpin(_ revision: Revision) {
        if log.unpin(revision) { writer.sweepInBackground() }
    }

    fileprivate func nextBatch(
        after position: Revision, _ range: KeyRange
    ) async throws(StorageError) -> EventBatch? {
        while !Task.isCancelled {
            switch try log.outlook(after: position, range) {
            case .batch(let batch): return batch
            case .onDisk(let last):
                defer { unpin(position) }
                return try await watches.run { (reader) throws(StorageError) in
                    try reader.batch(after: position, through: last, range)
                }
            case .upToDate:
                if await log.wait(past: position) == .closed { throw .closed }
            }
        }
        return nil
    }
}

extension SQLiteStore: EventHistory {
    public var oldestPosition: Revision { log.compacted }

    /// The store is its own log: what is applied is on disk. Sizes are known with a retention.
    public var logFigures: LogFigures? {
        var figures = writer.figures(at: path)
        figures.waitingCount = writer.waitingCount
        return figures
    }

    public func events(_ request: HistoryRequest) async throws(StorageError) -> HistoryPage {
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
}

/// A position in the log of a `SQLiteStore`.
private final class SQLiteWatch: EventSource {
    private let store: SQLiteStore
    private let range: KeyRange
    private let position: Mutex<Revision>

    init(store: SQLiteStore, after revision: Revision, range: KeyRange) {
        self.store = store
        self.range = range
        position = Mutex(revision)
    }

    func next() async throws(StorageError) -> EventBatch? {
        let batch = try await store.nextBatch(after: position.withLock { $0 }, range)
        if let batch { position.withLock { $0 = batch.through } }
        return batch
    }
}

/// What opening the file on the writer's queue yields.
private struct OpenedFile: Sendable {
    let writer: Writer
    let identity: StoreIdentity
    let itemCount: Int
    let revision: Revision
    let readRowCount: Int

    init(
        path: String, queue: DispatchQueue, _ surroundings: Surroundings
    ) throws(StorageError) {
        let (connection, loaded) = try Self.load(path, queue)
        do throws(SQLiteFailure) {
            try connection.limitSize(to: surroundings.byteCountMax)
            writer = try Writer(connection, on: queue, loaded: loaded, surroundings)
        } catch {
            throw error.whileReading
        }
        identity = loaded.identity
        itemCount = loaded.itemCount
        revision = loaded.current
        readRowCount = loaded.scannedRowCount
    }

    private static func load(
        _ path: String, _ queue: DispatchQueue
    ) throws(StorageError) -> (Connection, LoadedLog) {
        let connection: Connection
        do {
            connection = try Connection(path: path, queue: queue)
        } catch {
            throw error.whileReading
        }
        try LogFile.prepare(connection)
        return (connection, try LoadedLog(scanning: connection))
    }
}
