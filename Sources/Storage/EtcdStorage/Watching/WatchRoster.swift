import Storage
import Synchronization

/// The watches that are open.
final class WatchRoster: Sendable {
    private struct State {
        var pumps: [ObjectIdentifier: WatchPump] = [:]
        var isClosed = false
    }

    private let state = Mutex(State())

    var isEmpty: Bool { state.withLock { $0.pumps.isEmpty } }

    func add(_ pump: WatchPump) {
        let isClosed = state.withLock { state in
            if !state.isClosed { state.pumps[ObjectIdentifier(pump)] = pump }
            return state.isClosed
        }
        if isClosed { pump.stop(.closed) }
    }

    func remove(_ pump: WatchPump) {
        state.withLock { $0.pumps[ObjectIdentifier(pump)] = nil }
    }

    func learn(_ revision: Revision) {
        for pump in state.withLock({ Array($0.pumps.values) }) { pump.learn(revision) }
    }

    func close() {
        let pumps = state.withLock { state in
            state.isClosed = true
            return Array(state.pumps.values)
        }
        for pump in pumps { pump.stop(.closed) }
    }
}
