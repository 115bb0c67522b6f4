// Reading the events that memory no longer has, off the loops.

import Observability
import Storage
import Synchronization

/// One resource's way to its past events. Reads one slice at a time, in the order in which they
/// are asked for, and keeps the newest of them for those who come by the same place.
final class PastReader: Sendable {
    typealias Answer = @Sendable (Result<LogSlice, StorageError>) -> Void

    private struct Request {
        let position: Revision
        let end: Revision
        let previous: HistoryRequest.Previous
        let answer: Answer
    }

    private struct State {
        var waiting: ContiguousArray<Request> = []
        var isReading = false
        var slices = RecentSlices()
    }

    private let history: any EventHistory
    private let form: ObjectForm
    private let common: CacheCommon
    private let figures: ResourceFigures
    private let state = Mutex(State())

    init(
        _ history: any EventHistory, form: ObjectForm, common: CacheCommon, figures: ResourceFigures
    ) {
        self.history = history
        self.form = form
        self.common = common
        self.figures = figures
    }

    /// The oldest position that can be read after.
    var oldest: Revision { max(history.oldestPosition, common.historyFloor) }

    /// Reads the next events after `position`, at most to `end`. Calls `answer` on any thread.
    /// - Precondition: `end` is newer than `position`.
    func read(
        after position: Revision, through end: Revision, previous: HistoryRequest.Previous,
        _ answer: @escaping Answer
    ) {
        let request = Request(position: position, end: end, previous: previous, answer: answer)
        let isIdle = state.withLock { state in
            state.waiting.append(request)
            defer { state.isReading = true }
            return !state.isReading
        }
        if isIdle { Task { await readAll() } }
    }

    func slice(
        after position: Revision, through end: Revision, previous: HistoryRequest.Previous
    ) async throws(StorageError) -> LogSlice {
        let result = await withCheckedContinuation { continuation in
            read(after: position, through: end, previous: previous) {
                continuation.resume(returning: $0)
            }
        }
        return try result.get()
    }

    /// Lets go of the slices: nobody is about to read on.
    func forget() {
        let slices = state.withLock { state in
            defer { state.slices = RecentSlices() }
            return state.slices
        }
        withExtendedLifetime(slices) {}
    }

    private func readAll() async {
        while let request = next() {
            guard request.position >= oldest else {
                request.answer(
                    .failure(.compacted(requested: request.position, oldest: oldest)))
                continue
            }
            let known = state.withLock {
                $0.slices.slice(after: request.position, request.previous)
            }
            if let known {
                request.answer(.success(known))
                continue
            }
            do throws(StorageError) {
                let slice = try await slice(request)
                state.withLock {
                    $0.slices.keep(slice, after: request.position, request.previous)
                }
                request.answer(.success(slice))
            } catch {
                request.answer(.failure(error))
            }
        }
    }

    private func next() -> Request? {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.isReading = false
                return nil
            }
            return state.waiting.removeFirst()
        }
    }

    private func slice(_ request: Request) async throws(StorageError) -> LogSlice {
        var wanted = HistoryRequest(
            .prefix(Key(form.keyPrefix)), after: request.position, through: request.end,
            previous: request.previous)
        wanted.eventCountMax = common.limits.readingCountPerTurn
        wanted.byteCountMax = common.limits.readingByteCount
        let page = try await history.events(wanted)
        if let slice = slice(page, previous: wanted.previous) { return slice }
        wanted.previous = .ofAll
        wanted.end = page.through
        let whole = try await history.events(wanted)
        return slice(whole, previous: .ofAll) ?? LogSlice(events: [], through: whole.through)
    }

    /// The page as the log's events. `nil` when a value cannot be shown, so that its event reads as
    /// a deletion, and what it replaced was left out.
    private func slice(_ page: HistoryPage, previous: HistoryRequest.Previous) -> LogSlice? {
        common.countPast(page)
        figures.pastEvents.increment(by: UInt64(page.events.count))
        figures.pastReads.increment()
        var events: [LogEvent] = []
        events.reserveCapacity(page.events.count)
        for past in page.events {
            if let event = form.logEvent(past, sequence: common.nextPastSequence) {
                events.append(event)
            } else if previous == .ofDeletions, past.event.previous != nil {
                return nil
            }
        }
        return LogSlice(events: events, through: page.through)
    }
}

/// The slices that were read last. Watchers that resume together come by the same places.
private struct RecentSlices {
    private struct Entry {
        let position: Revision
        let slice: LogSlice
        let previous: HistoryRequest.Previous
    }

    /// At `Limits.readingByteCount` a slice, a few megabytes.
    private static let countMax = 16

    private var entries: ContiguousArray<Entry> = []

    mutating func keep(
        _ slice: LogSlice, after position: Revision, _ previous: HistoryRequest.Previous
    ) {
        if entries.count == Self.countMax { entries.removeFirst() }
        entries.append(Entry(position: position, slice: slice, previous: previous))
    }

    /// A slice that goes on from `position`; it may be the rest of a longer one.
    func slice(after position: Revision, _ previous: HistoryRequest.Previous) -> LogSlice? {
        let entry = entries.last { entry in
            entry.position <= position && position < entry.slice.through
                && (previous == .ofDeletions || entry.previous == .ofAll)
        }
        guard let entry else { return nil }
        if entry.position == position { return entry.slice }
        let events = entry.slice.events
        let first = events.partitioningIndex { $0.revision > position }
        return LogSlice(events: Array(events[first...]), through: entry.slice.through)
    }
}
