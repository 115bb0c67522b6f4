// A sink that knows what it should be given.

import Buffers
import Storage
import Testing

@testable import WatchCache

/// A watcher and what it should have seen so far.
final class CheckedWatch: WatchSink {
    let selection: Selection
    let isInitial: Bool
    let wantsBookmarks: Bool
    /// Everything up to here has been seen.
    var through: UInt64
    /// The revision of the initial events, until they are over.
    var initialAt: UInt64?
    private var initialFrames: [String] = []
    var watcher: Watcher?
    var answer: () -> SinkState = { .ready }
    var endReason: WatchEnd?
    var isFull = false
    var isClosed = false
    private let model: () -> WatchModel
    private(set) var bookmarkCount = 0
    private(set) var frameCount = 0

    init(
        _ selection: Selection, start: UInt64, isInitial: Bool, wantsBookmarks: Bool,
        model: @escaping () -> WatchModel
    ) {
        self.selection = selection
        self.isInitial = isInitial
        self.wantsBookmarks = wantsBookmarks
        self.model = model
        through = start
        initialAt = isInitial ? start : nil
    }

    func deliver(_ frames: [Bytes], through: Revision) -> SinkState {
        #expect(!frames.isEmpty)
        #expect(endReason == nil && !isClosed)
        #expect(!isFull, "a full sink is left alone")
        frameCount += frames.count
        let texts = frames.map { String($0) }
        if let initialAt {
            deliverInitial(texts, at: initialAt, through: through)
        } else if let mark = texts.first, mark.hasPrefix("BOOKMARK") {
            #expect(wantsBookmarks && texts.count == 1)
            #expect(mark == "BOOKMARK||\(through)|")
            // Nothing that should have been seen lies between.
            #expect(expected(to: through).isEmpty)
            bookmarkCount += 1
            self.through = through.rawValue
        } else {
            #expect(texts == expected(to: through))
            self.through = through.rawValue
        }
        let state = answer()
        isFull = state == .full
        isClosed = state == .closed
        return state
    }

    private func expected(to end: Revision) -> [String] {
        #expect(end.rawValue >= through)
        return model().frames(selection, after: through, through: end.rawValue)
    }

    private func deliverInitial(_ texts: [String], at revision: UInt64, through: Revision) {
        initialFrames += texts
        guard through != .zero else { return }
        #expect(through.rawValue == revision)
        #expect(initialFrames.popLast() == "END||\(revision)|")
        #expect(initialFrames == model().initialFrames(selection, at: revision))
        initialAt = nil
    }

    func end(_ reason: WatchEnd) {
        #expect(endReason == nil && !isClosed)
        endReason = reason
    }
}
