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

    /// The most events in a chunk: enough that there are few chunks to search.
    private static let chunkEventCountMax = 256
    /// A chunk is at most this part of all logs' share, so that little is dropped early.
    private static let chunkCount = 64

    /// - Parameter oldest: the revision that the resource's present state shows.
    init(oldest: Revision, byteCountMax: Int) {
        self.oldest = oldest
        chunkByteCount = byteCountMax / Self.chunkCount
    }

    /// - Precondition: the events are not older than those before.
    mutating func append(_ events: [LogEvent]) {
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
    /// have `limit` events.
    func read(after position: Revision, through end: Revision, limit: Int) -> LogReading {
        if position < oldest { return .past }
        var events: [LogEvent] = []
        guard position < end, var (chunk, index) = firstIndex(after: position) else {
            return .events(LogSlice(events: [], through: max(position, end)))
        }
        while chunk < chunks.count {
            let event = chunks[chunk].events[index]
            if event.revision > end { break }
            if events.count >= limit, let last = events.last, last.revision < event.revision {
                return .events(LogSlice(events: events, through: last.revision))
            }
            events.append(event)
            index += 1
            if index == chunks[chunk].events.count { (chunk, index) = (chunk + 1, 0) }
        }
        return .events(LogSlice(events: events, through: max(position, end)))
    }

    private func firstIndex(after position: Revision) -> (chunk: Int, index: Int)? {
        let chunk = chunks.partitioningIndex { $0.last > position }
        guard chunk < chunks.count else { return nil }
        return (chunk, chunks[chunk].events.partitioningIndex { $0.revision > position })
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
