// Which state a read may show: the rules of `resourceVersion` and `resourceVersionMatch`.

import APIModel
import Storage
import WatchCache

/// The state that a list must show (Kubernetes API concepts, "resource versions").
enum Freshness: Hashable {
    /// Whatever the cache has: `resourceVersion` unset or `0`. With one gateway before its own
    /// store the cache holds every write that has been answered, so this is consistent.
    case newest
    /// At least this revision.
    case notOlderThan(Revision)
    /// This revision and no other.
    case exactly(Revision)

    init(_ options: ListOptions) {
        guard let number = options.resourceVersion, number > 0 else {
            self = .newest
            return
        }
        self =
            options.resourceVersionMatch == .exact
            ? .exactly(Revision(number)) : .notOlderThan(Revision(number))
    }

    /// The revision that the cache must have reached.
    var awaited: Revision? {
        switch self {
        case .newest: nil
        case .notOlderThan(let revision), .exactly(let revision): revision
        }
    }
}
