// The watchers of one loop that read what memory does not have any more.

import Storage

/// Lets a few watchers at a time read from the history, in turns of one slice. So no more than
/// that many slices are held, and nobody waits for somebody who is far behind.
final class PastLine: @unchecked Sendable {
    // Reason: used on one loop only; what the history brings is handed over by `execute`.

    private struct Place {
        let watcher: Watcher
        let past: PastReader
    }

    private let execute: Demux.Execute
    private let countMax: Int
    private var waiting: ContiguousArray<Place> = []
    private var readingCount = 0

    init(execute: @escaping Demux.Execute, limits: Limits) {
        self.execute = execute
        countMax = limits.pastReaderCount
    }

    var isEmpty: Bool { waiting.isEmpty && readingCount == 0 }

    /// - Precondition: the watcher has just come to the state `readingPast`.
    func append(_ watcher: Watcher, _ past: PastReader) {
        waiting.append(Place(watcher: watcher, past: past))
        letNextRead()
    }

    func removeAll() { waiting = [] }

    private func letNextRead() {
        while readingCount < countMax, !waiting.isEmpty {
            let place = waiting.removeFirst()
            if place.watcher.state == .readingPast { read(place) }
        }
    }

    private func read(_ place: Place) {
        readingCount += 1
        let watcher = place.watcher
        let turn = Turn(place: place, line: self)
        let end = max(watcher.fanout.through, watcher.position.next)
        place.past.read(after: watcher.position, through: end, for: watcher.filter) {
            [execute] result in
            execute { turn.finish(result) }
        }
    }

    private func finish(_ place: Place, _ result: Result<LogSlice, StorageError>) {
        readingCount -= 1
        if place.watcher.state == .readingPast {
            place.watcher.fanout.handPast(result, to: place.watcher)
        }
        letNextRead()
        // Who waits for room in its sink goes on from here.
        if place.watcher.state != .behind { forget(place.past) }
    }

    /// Lets go of what has been read, unless somebody is reading.
    func forget(_ past: PastReader) {
        if isEmpty { past.forget() }
    }

    /// A watcher's turn, while the history is read.
    private struct Turn: @unchecked Sendable {
        // Reason: made and finished on the line's loop.
        let place: Place
        let line: PastLine

        func finish(_ result: Result<LogSlice, StorageError>) { line.finish(place, result) }
    }
}
