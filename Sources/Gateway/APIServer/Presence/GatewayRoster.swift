// Which gateways are alive, and which of them does what one is enough for.

import EventLoops
import Storage
import Synchronization

/// Tells living gateways by whether they renew their records. Clocks are not compared: what counts
/// is how long this gateway has seen a record stay as it is.
final class GatewayRoster: Sendable {
    private struct Sighting {
        let revision: Revision
        let since: LoopTime
    }

    private struct State {
        var sightings: [String: Sighting] = [:]
        var leads: Bool
    }

    /// What a look at all records has shown.
    struct Look: Hashable {
        var living: [GatewayRecord] = []
        var dead: [GatewayRecord] = []
    }

    /// `nil` when nobody else serves this store, so that nothing has to be agreed on.
    let name: String?
    private let state: Mutex<State>

    init(name: String?) {
        self.name = name
        state = Mutex(State(leads: name == nil))
    }

    /// Whether this gateway does the housekeeping. Two may think so for a while when one has just
    /// come or gone: what they do must bear it.
    var leads: Bool { state.withLock { $0.leads } }

    /// Takes the records as they are now. The living gateway whose name is first leads.
    func look(at records: [(record: GatewayRecord, revision: Revision)], now: LoopTime) -> Look {
        state.withLock { state in
            var look = Look()
            var sightings: [String: Sighting] = [:]
            for (record, revision) in records {
                let before = state.sightings[record.name]
                let isSame = before?.revision == revision
                let since = isSame ? before?.since ?? now : now
                sightings[record.name] = Sighting(revision: revision, since: since)
                let isAlive =
                    record.name == name || now - since < Limits.presenceLifetime
                if isAlive { look.living.append(record) } else { look.dead.append(record) }
            }
            state.sightings = sightings
            state.leads = look.living.map(\.name).min() == name
            return look
        }
    }
}
