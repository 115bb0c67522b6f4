// Whether somebody holds all that a rule would grant.

extension PolicyRule {
    /// Whether every request that `other` allows is allowed by this rule too.
    /// - Precondition: `other` is one of `atoms`.
    func covers(_ other: PolicyRule) -> Bool {
        guard Self.covers(verbs, other.verbs) else { return false }
        if !other.nonResourceURLs.isEmpty {
            return other.nonResourceURLs.allSatisfy { path in
                nonResourceURLs.contains { Self.covers(path: $0, path) }
            }
        }
        guard Self.covers(apiGroups, other.apiGroups),
            other.resources.allSatisfy({ resource in
                resources.contains { Self.covers(resource: $0, resource) }
            })
        else { return false }
        // Without names all objects are meant.
        if resourceNames.isEmpty { return true }
        return !other.resourceNames.isEmpty
            && other.resourceNames.allSatisfy(resourceNames.contains)
    }

    private static func covers(_ held: [ExactText], _ wanted: [ExactText]) -> Bool {
        held.contains("*") || wanted.allSatisfy(held.contains)
    }

    private static func covers(resource held: ExactText, _ wanted: ExactText) -> Bool {
        if held == "*" || held == wanted { return true }
        guard held.hasPrefix("*/") else { return false }
        return wanted.hasSuffix(held.dropFirst())
    }

    private static func covers(path held: ExactText, _ wanted: ExactText) -> Bool {
        if held == wanted { return true }
        guard held.hasSuffix("*") else { return false }
        return wanted.hasPrefix(held.dropLast())
    }

    /// The same as rules of one verb on one resource, or one path, each.
    var atoms: [PolicyRule] {
        var atoms: [PolicyRule] = []
        for verb in verbs {
            for group in apiGroups {
                for resource in resources {
                    let names = resourceNames.isEmpty ? [[]] : resourceNames.map { [$0] }
                    for names in names {
                        var atom = PolicyRule(verbs: [])
                        atom.verbs = [verb]
                        atom.apiGroups = [group]
                        atom.resources = [resource]
                        atom.resourceNames = names
                        atoms.append(atom)
                    }
                }
            }
            for path in nonResourceURLs {
                var atom = PolicyRule(verbs: [])
                atom.verbs = [verb]
                atom.nonResourceURLs = [path]
                atoms.append(atom)
            }
        }
        return atoms
    }
}

extension [PolicyRule] {
    /// What of `wanted` these rules do not grant, put together again by resource.
    func missing(of wanted: [PolicyRule]) -> [PolicyRule] {
        var seen: Set<PolicyRule> = []
        let missing = wanted.flatMap(\.atoms).filter { atom in
            seen.insert(atom).inserted && !contains { $0.covers(atom) }
        }
        return missing.mergingVerbs()
    }

    /// Rules that differ in their verbs only become one.
    private func mergingVerbs() -> [PolicyRule] {
        var places: [PolicyRule: Int] = [:]
        var merged: [PolicyRule] = []
        for rule in self {
            var place = rule
            place.verbs = []
            if let index = places[place] {
                merged[index].verbs += rule.verbs
            } else {
                places[place] = merged.count
                merged.append(rule)
            }
        }
        return merged
    }
}
