// How a watcher reads initial events and the log by itself.

import Buffers
import Storage

extension Fanout {
    /// Reads one bounded piece for `watcher` and hands it over.
    func readPiece(_ watcher: Watcher) {
        guard watcher.state == .reading else { return }
        let frames = watcher.initial == nil ? readLog(watcher) : readInitial(watcher)
        guard let frames, watcher.state != .ended else { return }
        let isCaughtUp = watcher.initial == nil && watcher.position >= through
        // Set before the sink is called, which may resume or cancel the watcher.
        watcher.state = isCaughtUp ? .live : .reading
        if !frames.isEmpty {
            let state = deliver(frames, to: watcher, through: watcher.deliveredPosition)
            if state == .full { watcher.state = isCaughtUp ? .parked : .behind }
        }
        if watcher.state == .reading { read(watcher) }
    }

    /// The frames of the next events; `nil` when the position has fallen out of the window.
    private func readLog(_ watcher: Watcher) -> [Bytes]? {
        var frames: [Bytes] = []
        let reading = resource.events(
            after: watcher.position, through: through,
            limit: resource.common.limits.readingCountPerTurn)
        switch reading {
        case .expired(let oldest):
            end(watcher, .expired(oldest: oldest))
            return nil
        case .events(let slice):
            var byteCount = 0
            var last = watcher.position
            for event in slice.events {
                if byteCount >= resource.common.limits.readingByteCount, event.revision > last {
                    watcher.position = last
                    return frames
                }
                last = event.revision
                guard let change = watcher.filter.change(event) else { continue }
                let frame = watcher.encoder.frame(event, change)
                byteCount += frame.count
                frames.append(frame)
            }
            watcher.position = slice.through
            return frames
        }
    }

    /// The frames of the next objects of the snapshot, and of the mark behind the last one.
    private func readInitial(_ watcher: Watcher) -> [Bytes]? {
        guard let initial = watcher.initial else { return nil }
        let limits = resource.common.limits
        var frames: [Bytes] = []
        var byteCount = 0
        var visitedCount = 0
        var isDone = true
        initial.snapshot.forEach(in: watcher.filter.range, after: initial.after) { object in
            if visitedCount == limits.readingCountPerTurn || byteCount >= limits.readingByteCount {
                isDone = false
                return false
            }
            visitedCount += 1
            initial.after = object.key
            guard watcher.filter.selects(object) else { return true }
            let frame = watcher.encoder.encoder.encode(.change(.added, object))
            byteCount += frame.count
            frames.append(frame)
            return true
        }
        guard isDone else { return frames }
        watcher.initial = nil
        if initial.marksEnd {
            let revision = initial.snapshot.revision
            frames.append(watcher.encoder.encoder.encode(.initialEventsEnd(revision)))
        }
        return frames
    }
}

extension Watcher {
    /// What a sink is told that it has seen everything up to: nothing while initial events are
    /// left.
    fileprivate var deliveredPosition: Revision { initial == nil ? position : .zero }
}
