// Work that a loop does later, and the order in which it falls due.

/// Work that a loop does later, unless it is cancelled.
public final class ScheduledWork: @unchecked Sendable {
    // Reason: used only on its loop.
    public let due: LoopTime
    private var work: (@Sendable () -> Void)?
    private unowned(unsafe) let loop: EventLoop

    init(due: LoopTime, loop: EventLoop, _ work: @escaping @Sendable () -> Void) {
        self.due = due
        self.loop = loop
        self.work = work
    }

    var isCancelled: Bool { work == nil }

    /// Lets go of the work. Does nothing when it is done already.
    /// - Precondition: called on the loop, which is still there.
    public func cancel() {
        guard work != nil else { return }
        loop.assertOnLoop()
        work = nil
        loop.scheduledWorkWasCancelled()
    }

    func run() {
        guard let work else { return }
        self.work = nil
        work()
    }
}

/// Scheduled work, the earliest first: a binary heap. What was cancelled stays until it is due or
/// makes up half of the heap.
struct WorkHeap {
    private var entries: [ScheduledWork] = []
    private var cancelledCount = 0

    var count: Int { entries.count }
    var earliest: LoopTime? { entries.first?.due }

    mutating func insert(_ work: ScheduledWork) {
        entries.append(work)
        siftUp(from: entries.count - 1)
    }

    /// Takes out the earliest that is due and not cancelled.
    mutating func popDue(at now: LoopTime) -> ScheduledWork? {
        while let first = entries.first, first.due <= now || first.isCancelled {
            let last = entries.removeLast()
            if !entries.isEmpty {
                entries[0] = last
                siftDown(from: 0)
            }
            if !first.isCancelled { return first }
            cancelledCount -= 1
        }
        return nil
    }

    mutating func noteCancelled() {
        cancelledCount += 1
        guard cancelledCount > 32, cancelledCount > entries.count / 2 else { return }
        entries.removeAll(where: \.isCancelled)
        entries.sort { $0.due < $1.due }
        cancelledCount = 0
    }

    mutating func removeAll() {
        entries = []
        cancelledCount = 0
    }

    private mutating func siftUp(from start: Int) {
        var child = start
        while child > 0 {
            let parent = (child - 1) / 2
            guard entries[child].due < entries[parent].due else { return }
            entries.swapAt(child, parent)
            child = parent
        }
    }

    private mutating func siftDown(from start: Int) {
        var parent = start
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < entries.count {
                if entries[child].due < entries[least].due { least = child }
            }
            guard least != parent else { return }
            entries.swapAt(parent, least)
            parent = least
        }
    }
}
