// Rules, compiled so that one is found without looking at the others.

/// The rules of one role, or of several together. Immutable.
final class GrantTable: Sendable {
    /// Verbs, and which of the sources grants them.
    fileprivate struct Grant: Sendable {
        let verbs: VerbSet
        let source: Int
    }

    /// What is granted on one resource.
    fileprivate struct Grants: Sendable {
        var onAll: [Grant] = []
        var byName: [ExactText: [Grant]] = [:]
    }

    private let resources: [ResourceKey: Grants]
    private let paths: [ExactText: [Grant]]
    /// Paths that ended with `*`, without it.
    private let pathStarts: [(start: ExactText, grants: [Grant])]

    /// - Parameter sources: the rules of each source; earlier ones are preferred.
    init(_ sources: [[PolicyRule]]) {
        var resources: [ResourceKey: Grants] = [:]
        var paths: [ExactText: [Grant]] = [:]
        var starts: [ExactText: [Grant]] = [:]
        for (source, rules) in sources.enumerated() {
            for rule in rules {
                let grant = Grant(verbs: VerbSet(rule.verbs), source: source)
                for path in rule.nonResourceURLs {
                    if path.hasSuffix("*") {
                        starts[path.trimmingStars, default: []].add(grant)
                    } else {
                        paths[path, default: []].add(grant)
                    }
                }
                for group in rule.apiGroups {
                    for resource in rule.resources {
                        let key = ResourceKey(group: group, resource: resource)
                        resources[key, default: Grants()].add(grant, names: rule.resourceNames)
                    }
                }
            }
        }
        self.resources = resources
        self.paths = paths
        pathStarts = starts.sorted { $0.key < $1.key }.map { (start: $0.key, grants: $0.value) }
    }

    /// The source of a rule that allows what `query` asks for, or `nil`.
    func source(allowing query: AccessQuery) -> Int? {
        switch query.target {
        case .resource(let keys, let name): source(keys, name, query.verb)
        case .path(let path): source(path: path, query.verb)
        }
    }

    private func source(
        _ keys: ContiguousArray<ResourceKey>, _ name: ExactText, _ verb: Verb
    ) -> Int? {
        guard !resources.isEmpty else { return nil }
        for key in keys {
            guard let grants = resources[key] else { continue }
            if let source = grants.onAll.source(allowing: verb) { return source }
            guard !grants.byName.isEmpty, !name.isEmpty else { continue }
            if let source = grants.byName[name]?.source(allowing: verb) { return source }
        }
        return nil
    }

    private func source(path: ExactText, _ verb: Verb) -> Int? {
        if let source = paths[path]?.source(allowing: verb) { return source }
        for (start, grants) in pathStarts where path.hasPrefix(start) {
            if let source = grants.source(allowing: verb) { return source }
        }
        return nil
    }
}

extension GrantTable.Grants {
    fileprivate mutating func add(_ grant: GrantTable.Grant, names: [ExactText]) {
        if names.isEmpty { return onAll.add(grant) }
        for name in names { byName[name, default: []].add(grant) }
    }
}

extension [GrantTable.Grant] {
    /// What is granted already needs no second grant: so there are few, however many sources.
    fileprivate mutating func add(_ grant: GrantTable.Grant) {
        if !contains(where: { $0.verbs.isSuperset(of: grant.verbs) }) { append(grant) }
    }

    fileprivate func source(allowing verb: Verb) -> Int? {
        first { $0.verbs.contains(verb) }?.source
    }
}

extension ExactText {
    /// Without the stars at its end.
    fileprivate var trimmingStars: ExactText {
        var rest = self
        while rest.hasSuffix("*") { rest = rest.dropLast() }
        return rest
    }
}
