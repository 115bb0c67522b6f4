// Connections that are kept for later.

import EventLoops

/// Idle connections by endpoint, the one used last in front: those behind it may expire. Performs
/// no I/O and reads no clock.
struct IdleShelf<Connection: AnyObject> {
    private struct Entry {
        let connection: Connection
        let expires: LoopTime
    }

    private var entries: [[Entry]]
    private let limits: Limits

    init(endpointCount: Int, _ limits: Limits) {
        entries = Array(repeating: [], count: endpointCount)
        self.limits = limits
    }

    /// Keeps `connection`; returns one that is too many.
    mutating func put(_ connection: Connection, _ endpoint: Int, now: LoopTime) -> Connection? {
        entries[endpoint].append(Entry(connection: connection, expires: now + limits.idleTimeMax))
        guard entries[endpoint].count > limits.idleCountPerEndpointMax else { return nil }
        return entries[endpoint].removeFirst().connection
    }

    mutating func take(_ endpoint: Int, now: LoopTime) -> Connection? {
        guard let last = entries[endpoint].last, last.expires > now else { return nil }
        return entries[endpoint].removeLast().connection
    }

    mutating func remove(_ connection: Connection, _ endpoint: Int) {
        entries[endpoint].removeAll { $0.connection === connection }
    }

    mutating func removeAll() -> [Connection] {
        defer { entries = entries.map { _ in [] } }
        return entries.joined().map(\.connection)
    }

    mutating func removeAll(of endpoint: Int) -> [Connection] {
        defer { entries[endpoint] = [] }
        return entries[endpoint].map(\.connection)
    }

    mutating func removeExpired(now: LoopTime) -> [Connection] {
        var expired: [Connection] = []
        for endpoint in entries.indices {
            let count = entries[endpoint].prefix { $0.expires <= now }.count
            expired += entries[endpoint].prefix(count).map(\.connection)
            entries[endpoint].removeFirst(count)
        }
        return expired
    }

    /// When the first one expires; nil when there is none.
    var nextExpiry: LoopTime? { entries.compactMap(\.first?.expires).min() }
}
