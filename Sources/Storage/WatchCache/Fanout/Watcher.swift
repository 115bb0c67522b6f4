// A position in the log, a filter and a sink.

import Buffers
import Storage

/// One reader of a resource's events. Used on its demux's loop only.
public final class Watcher {
    public enum State: Sendable {
        /// Reads initial events or the log by itself, a bounded piece at a time.
        case reading
        /// Reads events that are no longer in memory, or waits for its turn to.
        case readingPast
        /// Has seen everything that its demux has, and is handed what comes.
        case live
        /// Its sink is full; nothing that it should see has come since.
        case parked
        /// Its sink is full, and it has missed something that it will read from the log.
        case behind
        case ended
    }

    /// What is left of the initial events. A class, so that a watcher that is past them is small.
    final class Initial {
        let snapshot: Snapshot
        let marksEnd: Bool
        var after: Key?

        init(_ snapshot: Snapshot, marksEnd: Bool) {
            self.snapshot = snapshot
            self.marksEnd = marksEnd
        }
    }

    public internal(set) var state = State.reading {
        didSet {
            guard isCounted, state != oldValue else { return }
            fanout.resource.figures.watcherMoved(from: oldValue, to: state)
        }
    }
    let filter: Filter
    var sink: (any WatchSink)?
    unowned let fanout: Fanout
    let encoder: EncoderSlot
    let wantsBookmarks: Bool
    let isCounted: Bool
    /// Everything up to here has been delivered. A live or parked watcher has also seen what its
    /// fan-out has, and does not keep this up to date.
    var position: Revision
    var initial: Initial?

    /// The frames that wait to be delivered in this round of the fan-out.
    var pending = FrameArena.none
    /// Whether anything was delivered since bookmarks were last sent.
    var hasDelivered = false
    /// Whether its position is one that its client came with.
    var isAtStart = true
    /// Whether it stands in the line of those that read by themselves.
    var isQueued = false

    /// Its places, for a quick way out.
    var list: WatcherList?
    var listIndex: Int32 = 0
    var fanoutIndex: Int32 = 0

    init(_ request: WatchRequest, sink: any WatchSink, fanout: Fanout, encoder: EncoderSlot) {
        filter = request.filter
        self.sink = sink
        self.fanout = fanout
        self.encoder = encoder
        wantsBookmarks = request.wantsBookmarks
        isCounted = request.isCounted
        switch request.start {
        case .after(let revision):
            position = revision
        case .initial(let snapshot, let marksEnd):
            position = snapshot.revision
            initial = Initial(snapshot, marksEnd: marksEnd)
        }
    }

    /// The revision up to which everything has been delivered. Zero during the initial events.
    public var deliveredThrough: Revision {
        if initial != nil { return .zero }
        switch state {
        case .live where pending == FrameArena.none, .parked: return max(position, fanout.through)
        default: return position
        }
    }

    /// Says that the sink has room again. Does nothing when the watcher was not waiting for that.
    public func resume() {
        guard state != .ended else { return }
        fanout.assertConfined()
        switch state {
        case .parked: state = .live
        case .behind: fanout.read(self)
        case .reading, .readingPast, .live, .ended: break
        }
    }

    /// Ends the watcher; its sink hears nothing more.
    public func cancel() {
        guard state != .ended else { return }
        fanout.assertConfined()
        fanout.remove(self)
    }
}

/// Watchers that an event is shown to together. The first stands apart, so that a list of one, of
/// which there may be thousands, needs no array.
final class WatcherList {
    private var first: Watcher?
    private var others: ContiguousArray<Watcher> = []

    var isEmpty: Bool { first == nil }

    func append(_ watcher: Watcher) {
        watcher.list = self
        if first == nil {
            watcher.listIndex = -1
            first = watcher
        } else {
            watcher.listIndex = Int32(others.count)
            others.append(watcher)
        }
    }

    func remove(_ watcher: Watcher) {
        let last = others.popLast()
        if let last, last !== watcher {
            // The last one takes the free place.
            last.listIndex = watcher.listIndex
            if watcher.listIndex < 0 { first = last } else { others[Int(watcher.listIndex)] = last }
        } else if last == nil {
            first = nil
        }
        watcher.list = nil
    }

    func visit(_ body: (Watcher) -> Void) {
        if let first { body(first) }
        for watcher in others { body(watcher) }
    }
}
