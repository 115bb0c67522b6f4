// A store whose events are also kept on this machine, so that a gateway that restarts goes on where
// it was.

import Buffers
import SQLite
import Storage
import Synchronization

/// Follows another store, and keeps its events and present items in a journal, written behind it.
///
/// Reads and commits go to the store. Watches and the history come from one watch of the store,
/// out of memory or from the journal, and so reach back further than the store itself may. What the
/// store has forgotten while nobody followed is derived from a listing.
///
/// The journal is a cache: it is checked when it is opened, set aside when it is not believed, and
/// may be deleted while nothing has it open. How it is laid out is told in `Journal.md`.
public final class JournaledStore: Store {
    public struct Options: Sendable {
        /// The size past which the journal does not grow, in bytes; `nil` leaves it to the disk.
        public var byteCountMax: Int?
        /// How far back events are kept; `nil` keeps all.
        public var retention: Retention?

        public init(byteCountMax: Int? = nil, retention: Retention? = nil) {
            self.byteCountMax = byteCountMax
            self.retention = retention
        }
    }

    public typealias Reporting = @Sendable (JournalReport) -> Void

    private let upstream: any Store
    private let path: String
    private let delivery: Delivery
    private let tasks: [Task<Void, Never>]
    private let lock: Mutex<FileLock?>

    /// Opens the journal at `path`, or makes one from a listing of `upstream`, and begins to
    /// follow. With a journal that is in order, the store need not be reachable.
    /// - Parameter report: told what an operator may want to know, on any thread.
    /// - Throws: `unavailable` when the file is open elsewhere; what `upstream` throws when there
    ///   is no journal; `notWritable` when none can be made.
    public convenience init(
        _ upstream: any Store, path: String, options: Options = Options(),
        report: @escaping Reporting = { _ in }
    ) async throws(StorageError) {
        try await self.init(
            upstream, path: path, surroundings: JournalSurroundings(options), report: report)
    }

    package init(
        _ upstream: any Store, path: String, surroundings: JournalSurroundings,
        report: @escaping Reporting
    ) async throws(StorageError) {
        let held = try FileLock.acquire(of: path)
        let opening = JournalOpening(
            store: upstream, path: path, surroundings: surroundings, report: report)
        let opened = try await opening.run()
        let delivery = Delivery(opened.journal, surroundings: surroundings)
        delivery.count { $0 = opened.counts }
        let follower = UpstreamFollower(upstream, delivery, surroundings, report: report)
        let writer = WriteBehind(upstream, path: path, delivery, surroundings, report: report)
        self.upstream = upstream
        self.path = path
        self.delivery = delivery
        lock = Mutex(held)
        tasks = [Task { await follower.run() }, Task { await writer.run() }]
    }

    /// Writes what has been delivered, ends every watch, and closes the journal; the store below
    /// stays open. Whatever is asked afterwards throws `closed`.
    public func close() async {
        delivery.close()
        for task in tasks { task.cancel() }
        for task in tasks { await task.value }
        await delivery.journal.close()
        lock.withLock { $0 = nil }
    }

    /// What a cache is loaded from, without asking the store: the items as the journal has them.
    public var items: some ItemSource { JournalItems(delivery: delivery) }

    public var figures: JournalFigures {
        var figures = delivery.figures
        figures.byteCount = fileByteCount(at: path) ?? 0
        return figures
    }

    // MARK: The store

    /// The identity of the store that the journal is of.
    public var identity: StoreIdentity { delivery.journal.identity }

    public var isExclusive: Bool { upstream.isExclusive }

    public var valueByteCountMax: Int { upstream.valueByteCountMax }

    public func get(_ key: Key) async throws(StorageError) -> Item? {
        try delivery.checkOpen()
        return try await upstream.get(key)
    }

    public func get(_ key: Key, at revision: Revision) async throws(StorageError) -> Item? {
        try delivery.checkOpen()
        return try await upstream.get(key, at: revision)
    }

    public func list(
        _ range: KeyRange, after: Key?, limit: Int, at revision: Revision?
    ) async throws(StorageError) -> Page {
        try delivery.checkOpen()
        return try await upstream.list(range, after: after, limit: limit, at: revision)
    }

    public func commit(_ transaction: Transaction) async throws(StorageError) -> CommitResult {
        try delivery.checkOpen()
        return try await upstream.commit(transaction)
    }

    public func currentRevision() async throws(StorageError) -> Revision {
        try delivery.checkOpen()
        return try await upstream.currentRevision()
    }

    /// Compacts the store below. The journal goes by its own retention.
    public func compact(before revision: Revision) async throws(StorageError) {
        try delivery.checkOpen()
        try await upstream.compact(before: revision)
    }

    public func watch(after revision: Revision, _ range: KeyRange) -> EventStream {
        EventStream(
            JournaledWatch(
                store: self, after: revision, range: range, epoch: delivery.epoch))
    }

    fileprivate func nextBatch(
        after position: Revision, _ range: KeyRange, epoch: Int
    ) async throws(StorageError) -> EventBatch? {
        while !Task.isCancelled {
            switch try delivery.outlook(after: position, range, epoch: epoch) {
            case .batch(let batch): return batch
            case .journal(let journal):
                if let batch = try await written(journal, after: position, range) { return batch }
            case .store: return try await passedOn(after: position, range)
            case .wait(let signal): _ = await signal.wait(past: position)
            case .ahead(let signal):
                let current = try await upstream.currentRevision()
                guard position <= current else {
                    throw .future(requested: position, current: current)
                }
                _ = await signal.wait(past: position.previous)
            }
        }
        return nil
    }

    /// What the journal has after `position`. What it cannot tell, the store may.
    private func written(
        _ journal: Journal, after position: Revision, _ range: KeyRange
    ) async throws(StorageError) -> EventBatch? {
        do throws(StorageError) {
            return try await journal.batch(after: position, range)
        } catch {
            noteDamage(error)
            try delivery.checkOpen()
            return try await passedOn(after: position, range)
        }
    }

    /// What the store has after `position`. It cannot go on for a watcher that has been told a part
    /// of what was derived.
    private func passedOn(
        after position: Revision, _ range: KeyRange
    ) async throws(StorageError) -> EventBatch? {
        guard delivery.isResumable(position) else {
            throw .compacted(requested: position, oldest: oldestPosition)
        }
        return try await upstream.watch(after: position, range).next()
    }

    private func noteDamage(_ error: StorageError) {
        if case .corrupted(let reason) = error { delivery.requestRebuild(.damaged(reason)) }
    }

    // MARK: For tests

    /// Moves the journal's window.
    package func compactJournal(before revision: Revision) async throws(StorageError) {
        _ = await delivery.waitUntilWritten(revision)
        try await delivery.journal.writer.markCompacted(before: revision)
        try await delivery.journal.writer.sweep()
    }

    /// Waits until everything up to `revision`, which the store has, has been delivered.
    package func waitUntilDelivered(_ revision: Revision) async {
        while delivery.position < revision {
            _ = await delivery.signal.wait(past: delivery.position)
        }
    }

    /// Waits until the journal has everything up to `revision`, which has been delivered.
    package func waitUntilWritten(_ revision: Revision) async -> Bool {
        await delivery.waitUntilWritten(revision)
    }

    /// Runs a statement on the writer's connection: to have the disk seem full.
    package func execute(_ sql: String) async throws(StorageError) {
        try await delivery.journal.writer.execute(sql)
    }
}

extension JournaledStore: EventHistory {
    public var oldestPosition: Revision { delivery.journal.log.compacted }

    public func isResumable(_ position: Revision) -> Bool { delivery.isResumable(position) }

    /// The journal's window, and how far it is behind what has been delivered.
    public var logFigures: LogFigures? {
        let behind = delivery.figures
        var figures = delivery.journal.writer.figures(at: path)
        figures.writeLag = behind.lag
        figures.waitingCount = Int(clamping: behind.lagRevisionCount)
        return figures
    }

    /// Waits for the writer where the journal does not reach so far yet.
    public func events(_ request: HistoryRequest) async throws(StorageError) -> HistoryPage {
        try delivery.checkOpen()
        let journal = delivery.journal
        if request.position >= journal.writtenRevision, request.end > request.position {
            guard await delivery.waitUntilWritten(request.position.next) else {
                throw .unavailable(reason: "the journal ends at \(journal.writtenRevision)")
            }
        }
        do throws(StorageError) {
            return try await delivery.journal.events(request)
        } catch {
            noteDamage(error)
            throw error
        }
    }
}

/// The items of a journal.
private struct JournalItems: ItemSource {
    let delivery: Delivery

    func list(
        _ range: KeyRange, after: Key?, limit: Int, at revision: Revision?
    ) async throws(StorageError) -> Page {
        // The journal is written behind what watches are told.
        if revision == nil, await !delivery.waitUntilWritten(delivery.position) {
            throw .unavailable(reason: "the journal lacks what has been told already")
        }
        return try await delivery.journal.page(range, after: after, limit: limit, at: revision)
    }

    func currentRevision() async throws(StorageError) -> Revision {
        delivery.journal.writtenRevision
    }
}

/// A position in the events of a `JournaledStore`.
private final class JournaledWatch: EventSource {
    private let store: JournaledStore
    private let range: KeyRange
    private let epoch: Int
    private let position: Mutex<Revision>

    init(store: JournaledStore, after revision: Revision, range: KeyRange, epoch: Int) {
        self.store = store
        self.range = range
        self.epoch = epoch
        position = Mutex(revision)
    }

    func next() async throws(StorageError) -> EventBatch? {
        let batch = try await store.nextBatch(
            after: position.withLock { $0 }, range, epoch: epoch)
        if let batch { position.withLock { $0 = batch.through } }
        return batch
    }
}
