// A journal over a remote store, opened and closed by a test.

import Buffers
import SQLiteStorage
import Storage
import Synchronization

/// Where a journal lies, what it is of, and what it reports.
final class JournalBench: Sendable {
    let remote: RemoteStore
    let directory = TemporaryDirectory()
    private let reported = Mutex<[JournalReport]>([])
    private let faults = Mutex<Set<FaultPoint>>([])

    init(_ remote: RemoteStore = RemoteStore()) { self.remote = remote }

    var path: String { directory.path + "/journal.sqlite" }
    var reports: [JournalReport] { reported.withLock { $0 } }

    /// Why journals were set aside.
    var setAside: [String] {
        reports.compactMap { report in
            if case .setAside(_, let reason) = report { reason } else { nil }
        }
    }

    func forgetReports() { reported.withLock { $0 = [] } }

    /// Has the disk fail at these points, until called again.
    func fail(at points: Set<FaultPoint>) { faults.withLock { $0 = points } }

    func open(
        retention: Retention? = nil, pendingByteCountMax: Int = 64 << 20,
        wallTime: @escaping @Sendable () -> Int64 = { 0 }
    ) async throws -> JournaledStore {
        var surroundings = JournalSurroundings(
            JournaledStore.Options(retention: retention),
            isFaulty: { point in self.faults.withLock { $0.contains(point) } },
            wallTime: wallTime)
        surroundings.retryFirst = .microseconds(1)
        surroundings.retryMax = .microseconds(1)
        surroundings.pendingByteCountMax = pendingByteCountMax
        // Real time only passes where nothing else is waited for.
        surroundings.checkDurationMax = .seconds(600)
        return try await JournaledStore(
            remote, path: path, surroundings: surroundings,
            report: { report in self.reported.withLock { $0.append(report) } })
    }

    /// Opens the journal, has it catch up with the store, and closes it.
    func run(_ body: (JournaledStore) async throws -> Void = { _ in }) async throws {
        let store = try await open()
        try await body(store)
        try await store.settle(at: try await remote.memory.currentRevision())
        await store.close()
    }
}

extension JournaledStore {
    /// Waits until everything up to `revision` has been delivered and is in the journal.
    func settle(at revision: Revision) async throws {
        var position = figures.deliveredRevision
        let stream = watch(after: position, .all)
        while position < revision, let batch = try await stream.next() { position = batch.through }
        while await !waitUntilWritten(revision) { await Task.yield() }
    }

    /// All items as the journal has them.
    func journalItems() async throws -> [Item] {
        var items: [Item] = []
        var page = try await self.items.list(.all, after: nil, limit: 7, at: nil)
        items += page.items
        while page.hasMore {
            page = try await self.items.list(
                .all, after: items.last?.key, limit: 7, at: page.revision)
            items += page.items
        }
        return items
    }

    /// All events that the journal has after `position`, with what they replaced.
    func journalEvents(after position: Revision) async throws -> [PastEvent] {
        var request = HistoryRequest(.all, after: position, through: figures.writtenRevision)
        var events: [PastEvent] = []
        while request.position < request.end {
            let page = try await self.events(request)
            events += page.events
            request.position = page.through
        }
        return events
    }
}
