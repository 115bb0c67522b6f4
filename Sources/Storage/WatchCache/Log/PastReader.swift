// Reading the events that memory no longer has, off the loops.

import Observability
import Storage
import Synchronization

/// One resource's way to its past events. Makes one slice at a time, in the order in which they
/// are asked for, and keeps the newest of them for those who come by the same place. For one who
/// reads alone it makes the next slice, and reads the page after that, while the last one is sent.
final class PastReader: Sendable {
    typealias Answer = @Sendable (Result<LogSlice, StorageError>) -> Void
    private typealias Making<Value: Sendable> = Task<Result<Value, StorageError>, Never>

    /// Where somebody reads on, and what of.
    private struct Place: Hashable {
        let position: Revision
        let previous: HistoryRequest.Previous
        let range: KeyRange
    }

    private struct Request {
        var place: Place
        let end: Revision
        let answer: Answer
    }

    private struct State {
        var waiting: ContiguousArray<Request> = []
        var isReading = false
        var slices = RecentSlices()
        /// What is made before it is asked for: one of each, so that little is made in vain.
        var nextPage: (place: Place, page: Making<HistoryPage>)?
        var nextSlice: (place: Place, slice: Making<LogSlice>)?
    }

    private let history: any EventHistory
    private let form: ObjectForm
    private let formWithoutFields: ObjectForm
    private let common: CacheCommon
    private let figures: ResourceFigures
    private let state = Mutex(State())

    init(
        _ history: any EventHistory, form: ObjectForm, common: CacheCommon, figures: ResourceFigures
    ) {
        self.history = history
        self.form = form
        formWithoutFields = form.withoutFields
        self.common = common
        self.figures = figures
    }

    /// The oldest position that can be read after.
    var oldest: Revision { max(history.oldestPosition, common.historyFloor) }

    /// Reads the next events after `position`, at most to `end`: those that `filter` may see, and
    /// maybe others. Calls `answer` on any thread.
    ///
    /// Events that come without what they replaced are for filters that select by the key: their
    /// objects' fields, labels and uids have not been read.
    /// - Precondition: `end` is newer than `position`.
    func read(
        after position: Revision, through end: Revision, for filter: Filter,
        _ answer: @escaping Answer
    ) {
        let place = Place(
            position: position, previous: filter.previousItems, range: filter.range)
        let isIdle = state.withLock { state in
            state.waiting.append(Request(place: place, end: end, answer: answer))
            defer { state.isReading = true }
            return !state.isReading
        }
        if isIdle { Task { await readAll() } }
    }

    func slice(
        after position: Revision, through end: Revision, for filter: Filter
    ) async throws(StorageError) -> LogSlice {
        let result = await withCheckedContinuation { continuation in
            read(after: position, through: end, for: filter) {
                continuation.resume(returning: $0)
            }
        }
        return try result.get()
    }

    /// Lets go of the slices: nobody is about to read on.
    func forget() {
        let forgotten = state.withLock { state in
            defer {
                state.slices = RecentSlices()
                state.nextPage = nil
                state.nextSlice = nil
            }
            return state.slices
        }
        withExtendedLifetime(forgotten) {}
    }

    private func readAll() async {
        while let request = next() {
            guard request.place.position >= oldest else {
                request.answer(
                    .failure(
                        .compacted(requested: request.place.position, oldest: oldest)))
                continue
            }
            if let known = known(request.place) {
                request.answer(.success(known))
                continue
            }
            let result = await slice(request)
            if case .success(let slice) = result {
                keep(slice, request.place)
                makeNextSlice(after: slice, request)
            }
            request.answer(result)
        }
    }

    /// The next request. While others wait, who may go on from the same slice, all of the resource
    /// is read; else no more than the filter may see. One key costs next to nothing in any case.
    private func next() -> Request? {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.isReading = false
                return nil
            }
            var request = state.waiting.removeFirst()
            if !state.waiting.isEmpty, request.place.range.onlyKey == nil {
                request.place = Place(
                    position: request.place.position, previous: request.place.previous,
                    range: wholeRange)
            }
            return request
        }
    }

    private var wholeRange: KeyRange { .prefix(Key(form.keyPrefix)) }

    private func known(_ place: Place) -> LogSlice? {
        state.withLock { $0.slices.slice(after: place.position, place.previous) }
    }

    /// Keeps a slice that is good for everybody.
    private func keep(_ slice: LogSlice, _ place: Place) {
        guard place.range == wholeRange else { return }
        state.withLock { $0.slices.keep(slice, after: place.position, place.previous) }
    }
}

// MARK: Slices

extension PastReader {
    private func slice(_ request: Request) async -> Result<LogSlice, StorageError> {
        let made = state.withLock { state -> Making<LogSlice>? in
            guard state.nextSlice?.place == request.place else { return nil }
            defer { state.nextSlice = nil }
            return state.nextSlice?.slice
        }
        if let made { return await made.value }
        return await makeSlice(request.place, through: request.end)
    }

    /// Begins to make what the reader of `slice` will ask for, when it is the only one.
    private func makeNextSlice(after slice: LogSlice, _ request: Request) {
        guard slice.through < request.end else { return }
        let place = Place(
            position: slice.through, previous: request.place.previous, range: request.place.range)
        state.withLock { state in
            guard state.waiting.isEmpty, state.nextSlice == nil else { return }
            let making = Making<LogSlice> {
                let result = await self.makeSlice(place, through: request.end)
                self.keepNextSlice(result, place)
                return result
            }
            state.nextSlice = (place, making)
        }
    }

    /// Keeps what was made before it is asked for, unless it has been taken or forgotten by now.
    private func keepNextSlice(_ result: Result<LogSlice, StorageError>, _ place: Place) {
        let isLeft = state.withLock { state in
            guard state.nextSlice?.place == place else { return false }
            // What is good for one filter stays until its reader takes it.
            guard place.range == wholeRange else { return false }
            state.nextSlice = nil
            return true
        }
        if isLeft, case .success(let slice) = result { keep(slice, place) }
    }

    private func makeSlice(
        _ place: Place, through end: Revision
    ) async -> Result<LogSlice, StorageError> {
        do throws(StorageError) {
            let page = try await page(place, through: end).get()
            if page.through < end { readNextPage(after: page, place, through: end) }
            if let slice = slice(page, previous: place.previous) { return .success(slice) }
            let whole = Place(
                position: place.position, previous: .ofAll, range: place.range)
            let again = try await readPage(whole, through: page.through).get()
            return .success(
                slice(again, previous: .ofAll) ?? LogSlice(events: [], through: again.through))
        } catch {
            return .failure(error)
        }
    }

    /// The page as the log's events. `nil` when a value cannot be shown, so that its event reads as
    /// a deletion, and what it replaced was left out.
    private func slice(_ page: HistoryPage, previous: HistoryRequest.Previous) -> LogSlice? {
        let form = previous == .ofAll ? form : formWithoutFields
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

// MARK: Pages

extension PastReader {
    private func page(
        _ place: Place, through end: Revision
    ) async -> Result<HistoryPage, StorageError> {
        let reading = state.withLock { state -> Making<HistoryPage>? in
            guard state.nextPage?.place == place else { return nil }
            defer { state.nextPage = nil }
            return state.nextPage?.page
        }
        if let reading { return await reading.value }
        return await readPage(place, through: end)
    }

    /// Begins to read the page that follows while objects are made of this one, unless somebody
    /// else is about to read.
    private func readNextPage(after page: HistoryPage, _ place: Place, through end: Revision) {
        let next = Place(
            position: page.through, previous: place.previous, range: place.range)
        state.withLock { state in
            guard state.waiting.isEmpty else { return }
            let reading = Making<HistoryPage> { await self.readPage(next, through: end) }
            state.nextPage = (next, reading)
        }
    }

    private func readPage(
        _ place: Place, through end: Revision
    ) async -> Result<HistoryPage, StorageError> {
        var wanted = HistoryRequest(
            place.range, after: place.position, through: end, previous: place.previous)
        wanted.eventCountMax = common.limits.readingCountPerTurn
        wanted.byteCountMax = common.limits.readingByteCount
        do throws(StorageError) {
            let page = try await history.events(wanted)
            common.countPast(page)
            figures.pastEvents.increment(by: UInt64(page.events.count))
            figures.pastReads.increment()
            return .success(page)
        } catch {
            return .failure(error)
        }
    }
}
