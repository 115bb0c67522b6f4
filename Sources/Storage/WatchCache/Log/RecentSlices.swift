// The slices of the past that are likely to be asked for again.

import Storage

/// The slices that were read last. Watchers that resume together come by the same places.
struct RecentSlices {
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
