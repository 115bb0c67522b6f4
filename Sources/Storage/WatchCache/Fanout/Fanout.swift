// One resource's watchers on one loop.

import Buffers
import Observability
import Storage

/// Matches new events against the watchers and hands out the frames.
///
/// A round matches a slice of the log and notes for each watcher what it is to get; then the
/// frames are handed out, a bounded number in each turn of the loop. The next round begins when
/// that is done.
final class Fanout {
    let resource: ResourceCache
    unowned let demux: Demux
    private let limits: Limits
    private let resetCount: UInt64
    /// Everything up to here has been matched.
    private(set) var through: Revision
    /// All watchers, in any order.
    private(set) var watchers: ContiguousArray<Watcher> = []
    private var index: WatcherIndex
    private var slots: [ObjectIdentifier: EncoderSlot] = [:]

    private var arena = FrameArena()
    /// The watchers of this round, and how many of them have been served.
    private var touched: ContiguousArray<Watcher> = []
    private var servedCount = 0
    var account = DeliveryAccount()

    init(_ resource: ResourceCache, demux: Demux) {
        self.resource = resource
        self.demux = demux
        limits = resource.common.limits
        resetCount = resource.common.progress.resetCount
        through = resource.common.progress.applied
        index = WatcherIndex(fieldCount: resource.description.fieldNames.count)
    }

    func assertConfined() { demux.assertConfined() }

    /// Whether the store has gone back since, so that its watchers' positions mean nothing.
    var isVoid: Bool { resource.common.progress.resetCount != resetCount }

    // MARK: Watchers come and go

    func add(_ request: WatchRequest, _ sink: any WatchSink) -> Watcher {
        let name = ObjectIdentifier(request.encoder)
        let slot = slots[name] ?? EncoderSlot(request.encoder)
        slots[name] = slot
        slot.watcherCount += 1
        let watcher = Watcher(request, sink: sink, fanout: self, encoder: slot)
        if watcher.isCounted { countStart(of: watcher) }
        watcher.fanoutIndex = Int32(watchers.count)
        watchers.append(watcher)
        index.insert(watcher)
        if watcher.initial == nil, watcher.position >= through {
            watcher.state = .live
        } else {
            read(watcher)
        }
        return watcher
    }

    private func countStart(of watcher: Watcher) {
        let figures = resource.figures
        figures.watcherMoved(from: nil, to: watcher.state)
        let isInitial = watcher.initial != nil
        figures.count(.watch, isInitial ? .initial : resource.start(after: watcher.position))
    }

    /// Takes `watcher` out and lets go of its sink.
    func remove(_ watcher: Watcher) {
        if watcher.state == .behind, let past = resource.past { demux.pastLine.forget(past) }
        watcher.state = .ended
        watcher.sink = nil
        watcher.initial = nil
        watcher.pending = FrameArena.none
        index.remove(watcher)
        let place = Int(watcher.fanoutIndex)
        watchers.swapAt(place, watchers.count - 1)
        watchers[place].fanoutIndex = Int32(place)
        watchers.removeLast()
        watcher.encoder.watcherCount -= 1
        if watcher.encoder.watcherCount == 0 {
            slots[ObjectIdentifier(watcher.encoder.encoder)] = nil
        }
    }

    /// Takes `watcher` out and tells its sink why.
    func end(_ watcher: Watcher, _ reason: WatchEnd) {
        let sink = watcher.sink
        remove(watcher)
        sink?.end(reason)
    }

    func endAll(_ reason: WatchEnd) {
        while let watcher = watchers.last { end(watcher, reason) }
    }

    /// Lets `watcher` read by itself, in its turn.
    func read(_ watcher: Watcher) {
        watcher.state = .reading
        demux.enqueue(watcher)
    }

    // MARK: Rounds

    /// Goes on to `target`, as far as `budget`, in deliveries, lasts.
    /// - Returns: whether all is done.
    func advance(to target: Revision, _ budget: inout Int) -> Bool {
        while true {
            guard serve(&budget) else { return false }
            guard through < target else { return true }
            guard !watchers.isEmpty else {
                through = target
                return true
            }
            guard budget > 0 else { return false }
            switch resource.events(
                after: through, through: target,
                limit: SliceLimit(
                    eventCount: limits.sliceEventCount, byteCount: limits.sliceByteCount))
            {
            case .events(let slice):
                account.begin(appliedAt: slice.appliedAt)
                for event in slice.events { match(event) }
                through = slice.through
            case .past:
                leaveBehind()
                through = max(through, min(resource.oldestInMemory, target))
            }
        }
    }

    private func match(_ event: LogEvent) {
        index.visitLists(of: event) { list in list.visit { match(event, $0) } }
    }

    private func match(_ event: LogEvent, _ watcher: Watcher) {
        guard event.revision > watcher.position else { return }
        switch watcher.state {
        case .live:
            if let change = watcher.filter.change(event) { note(event, change, watcher) }
        case .parked:
            guard watcher.filter.change(event) != nil else { return }
            watcher.state = .behind
            watcher.position = Revision(event.revision.rawValue - 1)
        case .reading, .readingPast, .behind, .ended: break
        }
    }

    private func note(_ event: LogEvent, _ change: WatchedEvent.Change, _ watcher: Watcher) {
        if watcher.pending == FrameArena.none {
            touched.append(watcher)
            if watcher.encoder.root == FrameArena.none { watcher.encoder.root = arena.root() }
            watcher.pending = watcher.encoder.root
        }
        watcher.pending = arena.next(watcher.pending, event, change, watcher.encoder)
    }

    /// Hands out what is pending.
    /// - Returns: whether all of it is.
    private func serve(_ budget: inout Int) -> Bool {
        while servedCount < touched.count {
            guard budget > 0 else {
                account.close(resource)
                return false
            }
            budget -= 1
            let watcher = touched[servedCount]
            servedCount += 1
            guard watcher.pending != FrameArena.none else { continue }
            let frames = arena.frames(of: watcher.pending)
            watcher.pending = FrameArena.none
            if deliver(frames, to: watcher, through: through) == .full { watcher.state = .parked }
            if servedCount.isMultiple(of: DeliveryAccount.watcherCount) { account.close(resource) }
        }
        account.close(resource)
        finishRound()
        return true
    }

    private func finishRound() {
        guard !touched.isEmpty else { return }
        touched.removeAll(keepingCapacity: touched.count <= limits.deliveryCountPerTurn)
        servedCount = 0
        arena.removeAll()
        for slot in slots.values {
            slot.root = FrameArena.none
            if !demux.hasReaders { slot.forgetFrames() }
        }
    }

    /// The rounds have missed something that is no longer in memory: every watcher that follows
    /// them goes on by itself.
    private func leaveBehind() {
        for watcher in watchers where watcher.state == .live || watcher.state == .parked {
            watcher.position = max(watcher.position, through)
            if watcher.state == .live { read(watcher) } else { watcher.state = .behind }
        }
    }

    /// Hands `frames` over. A sink that is closed takes its watcher with it.
    @discardableResult
    func deliver(_ frames: [Bytes], to watcher: Watcher, through: Revision) -> SinkState {
        guard let sink = watcher.sink else { return .closed }
        watcher.hasDelivered = true
        let state = sink.deliver(frames, through: through)
        if watcher.isCounted { account.add(frames.count) }
        if watcher.state == .ended { return .closed }
        if state == .closed { remove(watcher) }
        return state
    }

    // MARK: Bookmarks

    /// Sends a bookmark to every watcher of a part of all that wants them and was sent nothing
    /// since this was last called.
    func sendBookmarks(part: Int, of partCount: Int) {
        let oldest = resource.oldestRevision
        for watcher in watchers where Int(watcher.fanoutIndex) % partCount == part {
            if watcher.state == .behind, watcher.position < oldest {
                end(watcher, .expired(oldest: oldest))
                continue
            }
            let isDue = !watcher.hasDelivered
            watcher.hasDelivered = false
            if isDue { sendBookmark(watcher) }
        }
    }

    func sendBookmark(_ watcher: Watcher) {
        guard watcher.wantsBookmarks, watcher.state == .live, watcher.pending == FrameArena.none
        else { return }
        let revision = max(watcher.position, through)
        let frames = watcher.encoder.bookmark(revision)
        if deliver(frames, to: watcher, through: revision) == .full { watcher.state = .parked }
        account.closeUntimed(resource)
        resource.figures.bookmarksSent.increment()
        watcher.hasDelivered = false
    }
}
