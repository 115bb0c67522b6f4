// How a watcher reads initial events and the log by itself.

import Buffers
import Storage

extension Fanout {
    /// Reads one bounded piece for `watcher` and hands it over.
    func readPiece(_ watcher: Watcher) {
        guard watcher.state == .reading, checkStart(watcher) else { return }
        let frames = watcher.initial == nil ? readLog(watcher) : readInitial(watcher)
        guard let frames, watcher.state == .reading else { return }
        hand(frames, to: watcher, readingOn: read)
    }

    /// Ends a watcher whose client cannot go on from where it stands.
    /// - Returns: whether it may.
    private func checkStart(_ watcher: Watcher) -> Bool {
        guard watcher.isAtStart else { return true }
        watcher.isAtStart = false
        if watcher.initial != nil || resource.common.isResumable(watcher.position) { return true }
        end(watcher, .expired(oldest: resource.oldestRevision))
        return false
    }

    /// Hands over what `watcher` has read, and lets it read on or follow the rounds.
    private func hand(
        _ frames: [Bytes], to watcher: Watcher, readingOn readOn: (Watcher) -> Void
    ) {
        let isCaughtUp = watcher.initial == nil && watcher.position >= through
        // Set before the sink is called, which may resume or cancel the watcher.
        watcher.state = isCaughtUp ? .live : .reading
        if !frames.isEmpty {
            let state = deliver(frames, to: watcher, through: watcher.deliveredPosition)
            account.closeUntimed(resource)
            if state == .full { watcher.state = isCaughtUp ? .parked : .behind }
        }
        if watcher.state == .reading { readOn(watcher) }
    }

    /// Lets `watcher` read what comes next where it is.
    private func readPastOn(_ watcher: Watcher) {
        if watcher.position < resource.oldestInMemory {
            demux.readPast(watcher)
        } else {
            read(watcher)
        }
    }

    /// Hands over what the history had after the position of `watcher`.
    func handPast(_ result: Result<LogSlice, StorageError>, to watcher: Watcher) {
        switch result {
        case .success(let slice):
            watcher.position = slice.through
            hand(
                frames(of: slice.events, for: watcher), to: watcher, readingOn: readPastOn)
        case .failure(.compacted):
            end(watcher, .expired(oldest: resource.oldestRevision))
        case .failure(let error):
            resource.common.report(.unreadable(error))
            end(watcher, .expired(oldest: resource.oldestInMemory))
        }
    }

    private func frames(of events: [LogEvent], for watcher: Watcher) -> [Bytes] {
        var frames: [Bytes] = []
        frames.reserveCapacity(events.count)
        for event in events {
            guard let change = watcher.filter.change(event) else { continue }
            frames.append(watcher.encoder.frame(event, change))
        }
        return frames
    }

    /// The frames of the next events; `nil` when they are not in memory.
    private func readLog(_ watcher: Watcher) -> [Bytes]? {
        var frames: [Bytes] = []
        guard watcher.position < through else { return frames }
        let reading = resource.events(
            after: watcher.position, through: through,
            limit: SliceLimit(eventCount: resource.common.limits.readingCountPerTurn))
        switch reading {
        case .past:
            demux.readPast(watcher)
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
