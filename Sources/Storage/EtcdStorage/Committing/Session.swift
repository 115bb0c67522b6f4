// What makes the outcome of a lost commit certain.

import Buffers
import Storage
import Synchronization

/// A key of this gateway that every one of its transactions compares. Once it has been put anew, no
/// transaction from before can be carried out any more: what has left no receipt by then has not
/// happened, and never will.
final class Session: Sendable {
    let key: Bytes
    private let current = Mutex<Revision?>(nil)
    private let cluster: Cluster
    private let renewal: SharedCall<Revision, CallError>

    init(_ cluster: Cluster, key: Bytes) {
        self.key = key
        self.cluster = cluster
        renewal = SharedCall { () async throws(CallError) in
            // Twice does no harm: the later one is as good a fence.
            let answer: PlainAnswer = try await cluster.ask(.put(key, "1"), cluster.reading)
            return answer.header.revision
        }
    }

    /// The revision that the key must have; makes it when there is none.
    func revision() async throws(CallError) -> Revision {
        if let known = current.withLock({ $0 }) { return known }
        let answer: RangeAnswer = try await cluster.ask(.get(key), cluster.reading)
        guard let found = answer.items.first else { return try await renew() }
        adopt(found.modified)
        return found.modified
    }

    /// The revision that the key had last, as far as it is known; zero when it is not.
    var known: Revision { current.withLock { $0 } ?? .zero }

    /// Ends what was begun under the present revision.
    /// - Returns: the revision at which that has ended.
    @discardableResult
    func renew() async throws(CallError) -> Revision {
        let renewed = try await renewal.answer()
        adopt(renewed)
        return renewed
    }

    /// The key has been put at `revision`, perhaps by another process with the same name.
    func adopt(_ revision: Revision) {
        current.withLock { $0 = max($0 ?? .zero, revision) }
    }

    /// The key is gone.
    func forget() { current.withLock { $0 = nil } }
}
