// What is asked of a loop from anywhere.

import Synchronization

/// Work for a loop in the order in which it was asked for, and whether the loop's thread sleeps.
final class Inbox: Sendable {
    enum Item: Sendable {
        case work(@Sendable () -> Void)
        case job(UnownedJob)
    }

    /// What must be done for an item to be seen.
    enum Need {
        case nothing
        /// The thread sleeps: wake it.
        case waking
        /// There is no thread: start one.
        case thread
    }

    /// What a thread does that has nothing else to do.
    enum Rest {
        /// There are items.
        case none
        /// It sleeps until it is woken or something is ready.
        case sleep
        /// It ends: the loop is shut down.
        case end
    }

    private enum Thread { case none, awake, asleep }

    private struct Content {
        var items: ContiguousArray<Item> = []
        var thread = Thread.none
        var isShutDown = false
    }

    private let content = Mutex(Content())

    func put(_ item: Item) -> Need {
        content.withLock { content in
            content.items.append(item)
            defer { content.thread = .awake }
            switch content.thread {
            case .none: return .thread
            case .asleep: return .waking
            case .awake: return .nothing
            }
        }
    }

    /// Swaps all items for `emptied`, whose memory is used again.
    func take(_ emptied: inout ContiguousArray<Item>) {
        content.withLock { content in swap(&content.items, &emptied) }
    }

    /// How the thread goes on. From `sleep` and `end` on, whoever puts an item in knows of it.
    func rest() -> Rest {
        content.withLock { content in
            if !content.items.isEmpty { return .none }
            content.thread = content.isShutDown ? .none : .asleep
            return content.isShutDown ? .end : .sleep
        }
    }

    /// The thread is awake, whatever woke it.
    func wokeUp() { content.withLock { $0.thread = .awake } }

    /// The thread ends when there is nothing left to do.
    func shutDown() { content.withLock { $0.isShutDown = true } }
}
