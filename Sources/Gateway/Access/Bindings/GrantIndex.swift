// What is granted to whom, at one moment.

import Synchronization

/// A binding's grant to one subject.
struct GrantSource: Sendable {
    let binding: StoredBinding
    /// `nil` when the binding names a role that is not there.
    var role: StoredRole?
    let reason: String
}

/// Everything that is granted to one subject in one scope. Immutable.
final class ScopeGrants: Sendable {
    let sources: [GrantSource]
    /// Whether a binding names a role that is not there.
    let hasMissingRoles: Bool
    /// Made when it is first needed: the rules of all sources in one table.
    private let merged = AtomicLazyReference<GrantTable>()

    init(_ sources: [GrantSource]) {
        self.sources = sources
        hasMissingRoles = sources.contains { $0.role == nil }
    }

    func source(allowing query: AccessQuery) -> GrantSource? {
        guard sources.count > Limits.separateTableCountMax else {
            return sources.first { $0.role?.table.source(allowing: query) != nil }
        }
        return mergedTable.source(allowing: query).map { sources[$0] }
    }

    private var mergedTable: GrantTable {
        if let table = merged.load() { return table }
        return merged.storeIfNil(GrantTable(sources.map { $0.role?.rules ?? [] }))
    }
}

/// All grants by subject and scope. A value: a copy shares what has not changed.
struct GrantIndex: Sendable {
    /// Only the shards that change are copied.
    private var shards = [[SubjectScope: ScopeGrants]](
        repeating: [:], count: Limits.indexShardCount)

    subscript(scope: SubjectScope) -> ScopeGrants? {
        get { shards[shard(of: scope)][scope] }
        set { shards[shard(of: scope)][scope] = newValue }
    }

    private func shard(of scope: SubjectScope) -> Int {
        Int(truncatingIfNeeded: UInt(bitPattern: scope.hash) % UInt(Limits.indexShardCount))
    }

    /// Shows what is granted to `user` in the whole cluster, and then in `namespace`, until `body`
    /// returns false.
    func forEach(_ user: User, in namespace: String, _ body: (ScopeGrants) -> Bool) {
        let places: [ExactText] = namespace.isEmpty ? [""] : ["", ExactText(namespace)]
        for place in places {
            if let own = self[SubjectScope(.user, user.name, in: place)], !body(own) { return }
            for group in user.groups {
                let grants = self[SubjectScope(.group, group, in: place)]
                if let grants, !body(grants) { return }
            }
        }
    }
}
