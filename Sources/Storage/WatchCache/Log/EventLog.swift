// The newest events of one resource, in memory.

import Storage

/// Events in revision order. The oldest are dropped in chunks.
struct EventLog: Sendable {
    /// Events that are dropped together.
    struct Chunk: Sendable {
        fileprivate(set) var events: ContiguousArray<LogEvent> = []
        fileprivate(set) var byteCount = 0

        fileprivate var last: Revision { events[events.count - 1].revision }
    }

    /// The oldest position that can be read after.
    private(set) var oldest: Revision
    private(set) var byteCount = 0
    private(set) var count = 0
    private var chunks: ContiguousArray<Chunk> = []
    private let chunkByteCount: Int
    private var batches = BatchTimes()

    /// The most events in a chunk: enough that there are few chunks to search.
    private static let chunkEventCountMax = 256
    /// A chunk is at most this part of all logs' share, so that little is dropped early.
    private static let chunkCount = 64

    /// - Parameter oldest: the revision that the resource's present state shows.
    init(oldest: Revision, byteCountMax: Int) {
        self.oldest = oldest
        chunkByteCount = byteCountMax / Self.chunkCount
    }

    /// - Parameter time: when they were applied; `nil` for events of the past.
    /// - Precondition: the events are not older than those before.
    mutating func append(_ events: [LogEvent], at time: ClockTime? = nil) {
        if let time, let last = events.last { batches.note(last.revision, at: time) }
        for event in events {
            if needsChunk { chunks.append(Chunk()) }
            let last = chunks.count - 1
            let size = event.byteCount
            chunks[last].events.append(event)
            chunks[last].byteCount += size
            byteCount += size
        }
        count += events.count
    }

    private var needsChunk: Bool {
        guard let last = chunks.last else { return true }
        return last.events.count >= Self.chunkEventCountMax || last.byteCount >= chunkByteCount
    }

    /// Drops the oldest chunk and returns it, so that its objects can be freed elsewhere.
    mutating func dropOldest() -> Chunk? {
        guard !chunks.isEmpty else { return nil }
        let dropped = chunks.removeFirst()
        oldest = dropped.last
        byteCount -= dropped.byteCount
        count -= dropped.events.count
        return dropped
    }

    /// The events after `position`, at most to `end`: whole transactions, and as few of them as
    /// have `limit`.
    func read(after position: Revision, through end: Revision, limit: SliceLimit) -> LogReading {
        if position < oldest { return .past }
        var events: [LogEvent] = []
        var byteCount = 0
        guard position < end, var (chunk, index) = firstIndex(after: position) else {
            return .events(LogSlice(events: [], through: max(position, end)))
        }
        while chunk < chunks.count {
            let event = chunks[chunk].events[index]
            if event.revision > end { break }
            if limit.isReached(events.count, byteCount), let last = events.last,
                last.revision < event.revision
            {
                return .events(slice(events, through: last.revision))
            }
            events.append(event)
            byteCount += event.object.bodyByteCount
            index += 1
            if index == chunks[chunk].events.count { (chunk, index) = (chunk + 1, 0) }
        }
        return .events(slice(events, through: max(position, end)))
    }

    private func slice(_ events: [LogEvent], through: Revision) -> LogSlice {
        LogSlice(
            events: events, through: through,
            appliedAt: events.first.flatMap { batches.time(of: $0.revision) })
    }

    private func firstIndex(after position: Revision) -> (chunk: Int, index: Int)? {
        let chunk = chunks.partitioningIndex { $0.last > position }
        guard chunk < chunks.count else { return nil }
        return (chunk, chunks[chunk].events.partitioningIndex { $0.revision > position })
    }
}

/// How much of the log is read at once.
struct SliceLimit: Sendable {
    var eventCount: Int
    /// Bytes of objects.
    var byteCount = Int.max

    func isReached(_ eventCount: Int, _ byteCount: Int) -> Bool {
        eventCount >= self.eventCount || byteCount >= self.byteCount
    }
}

/// When the newest batches were applied. One entry a batch, so that an event needs none.
struct BatchTimes: Sendable {
    private struct Batch {
        let through: Revision
        let time: ClockTime
    }

    /// More than are ever on their way to watchers that keep up.
    private static let countMax = 1_024

    private var batches: ContiguousArray<Batch> = []
    /// Events up to here are older than the oldest batch.
    private var start: Revision?

    mutating func note(_ through: Revision, at time: ClockTime) {
        if batches.count == 2 * Self.countMax {
            start = batches[Self.countMax - 1].through
            batches.removeFirst(Self.countMax)
        }
        batches.append(Batch(through: through, time: time))
    }

    /// When the event at `revision` was applied; `nil` when that is not known any more.
    func time(of revision: Revision) -> ClockTime? {
        if let start, revision <= start { return nil }
        let index = batches.partitioningIndex { $0.through >= revision }
        return index < batches.count ? batches[index].time : nil
    }
}

extension RandomAccessCollection where Index == Int {
    /// The first index from which on `isPast` holds.
    /// - Precondition: it holds for none before that.
    func partitioningIndex(_ isPast: (Element) -> Bool) -> Int {
        var low = startIndex
        var high = endIndex
        while low < high {
            let middle = (low + high) / 2
            if isPast(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
