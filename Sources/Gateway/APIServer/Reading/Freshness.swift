// Which state a read may show: the rules of `resourceVersion` and `resourceVersionMatch`.

import APIModel
import Buffers
import HTTPWire
import Storage
import WatchCache

/// The state that a read must show (Kubernetes API concepts, "resource versions").
enum Freshness: Hashable {
    /// Everything that was committed before the read began: `resourceVersion` unset. A gateway
    /// that is alone with its store holds every write that has been answered; others ask the store.
    case current
    /// Whatever the cache has: `0`.
    case any
    /// At least this revision.
    case notOlderThan(Revision)
    /// This revision and no other.
    case exactly(Revision)

    init(_ options: ListOptions) {
        guard options.continueToken == nil else {
            // The token names the state; one that names none goes on with whatever there is.
            self = .any
            return
        }
        self.init(options.resourceVersion)
        if case .notOlderThan(let revision) = self, options.resourceVersionMatch == .exact {
            self = .exactly(revision)
        }
    }

    /// - Parameter resourceVersion: as the client named it.
    init(_ resourceVersion: UInt64?) {
        switch resourceVersion {
        case nil: self = .current
        case 0?: self = .any
        case let number?: self = .notOlderThan(Revision(number))
        }
    }
}

extension RequestHead {
    /// Whether the client would rather have an old state than none: `Prefer: stale` (RFC 7240).
    var prefersStale: Bool {
        guard let field = headers.first("prefer") else { return false }
        return field.description.split(separator: ",").contains {
            $0.trimmed.lowercased() == "stale"
        }
    }
}
