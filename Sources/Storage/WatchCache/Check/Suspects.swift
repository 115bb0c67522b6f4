// The keys that a check found to differ, on their way to who applies changes.

import Storage
import Synchronization

/// Keys that wait for the follower to read them anew.
final class Suspects: Sendable {
    /// The keys of one resource.
    struct Part: Sendable {
        let resource: ResourceCache
        let keys: [Key]
    }

    private let parts = Mutex<[Part]>([])
    private let isEmpty = Atomic<Bool>(true)

    func add(_ part: Part) {
        parts.withLock { $0.append(part) }
        isEmpty.store(false, ordering: .releasing)
    }

    /// Takes what waits. Costs next to nothing while nothing does.
    func take() -> [Part] {
        guard !isEmpty.exchange(true, ordering: .acquiring) else { return [] }
        return parts.withLock { parts in
            defer { parts = [] }
            return parts
        }
    }
}

/// What the store has under some keys of a resource, which the next change takes into the cache.
struct Corrections: Sendable {
    let resource: ResourceCache
    /// The items as of what is applied; `nil` where there is none.
    let items: [(key: Key, item: Item?)]
    /// Where the corrections stand in the log: right behind what is applied, so that every watcher
    /// and whoever resumes is shown them.
    let position: Revision
}
