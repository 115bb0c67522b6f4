// The index against an evaluation that looks at every binding and every rule.

import SeedTesting
import Testing

@testable import Access

/// Roles and bindings as lists, and what follows from them by the book.
private struct NaiveRoles {
    struct Binding {
        let role: String
        let subjects: [String]
    }

    var roles: [String: [PolicyRule]] = [:]
    var bindings: [String: Binding] = [:]

    func allows(_ user: User, _ verb: String, _ path: String) -> Bool {
        rules(user, "").contains { rule in
            Self.has(rule.verbs.strings, verb)
                && rule.nonResourceURLs.strings.contains { held in
                    held == path || held.hasSuffix("*") && path.hasPrefix(held.dropLast())
                }
        }
    }

    func allows(_ user: User, _ verb: String, _ place: Place) -> Bool {
        rules(user, place.namespace).contains { rule in
            let resource =
                place.subresource.isEmpty
                ? place.resource : "\(place.resource)/\(place.subresource)"
            return Self.has(rule.verbs.strings, verb)
                && Self.has(rule.apiGroups.strings, place.group)
                && rule.resources.strings.contains { held in
                    held == "*" || held == resource
                        || !place.subresource.isEmpty && held == "*/\(place.subresource)"
                }
                && (rule.resourceNames.isEmpty || rule.resourceNames.strings.contains(place.name))
        }
    }

    private static func has(_ held: [String], _ wanted: String) -> Bool {
        held.contains("*") || held.contains(wanted)
    }

    private func rules(_ user: User, _ namespace: String) -> [PolicyRule] {
        bindings.flatMap { path, binding -> [PolicyRule] in
            let parts = path.split(separator: "/")
            guard parts.count == 1 || parts[0] == namespace else { return [] }
            let isMeant = binding.subjects.contains { subject in
                subject == "User/\(user.name)"
                    || user.groups.contains { subject == "Group/\($0)" }
            }
            guard isMeant else { return [] }
            let name = binding.role.split(separator: "/").last.map(String.init) ?? ""
            let isLocal = binding.role.hasPrefix("Role/")
            return roles[isLocal ? "\(parts[0])/\(name)" : name] ?? []
        }
    }
}

private struct Place {
    let group: String
    let resource: String
    let subresource: String
    let namespace: String
    let name: String
}

@Suite struct RBACPropertyTests {
    private static let verbs = ["get", "list", "create", "bind", "dance"]
    private static let groups = ["", "apps", "x.y"]
    private static let resources = ["pods", "deployments", "*", "pods/log", "*/scale", "*/log"]
    private static let names = ["a", "b", "c"]
    private static let namespaces = ["n1", "n2"]
    private static let paths = ["/a", "/a/*", "/b", "*", "/a/b*"]

    @Test(arguments: 0..<6)
    func `the index allows what a look at all bindings allows`(round: Int) async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("seed of round \(round): \(seed)")
        var numbers = SeededGenerator(seed: seed)
        var naive = NaiveRoles()
        try await AccessRig.run { rig in
            let authorizer = RBACAuthorizer(rig.cache)
            for _ in 0..<60 {
                for _ in 0..<Int.random(in: 1...4, using: &numbers) {
                    try await Self.change(&naive, rig, &numbers)
                }
                for _ in 0..<40 { Self.compare(naive, authorizer, &numbers, seed) }
            }
        }
    }

    private static func some(
        _ values: [String], _ numbers: inout SeededGenerator, orAll: Bool = true
    ) -> [String] {
        if orAll, Int.random(in: 0..<8, using: &numbers) == 0 { return ["*"] }
        return Array(
            values.shuffled(using: &numbers).prefix(Int.random(in: 1...2, using: &numbers)))
    }

    private static func rule(_ numbers: inout SeededGenerator) -> PolicyRule {
        let verbs = some(verbs, &numbers)
        if Int.random(in: 0..<4, using: &numbers) == 0 {
            return PolicyRule(
                verbs: verbs, nonResourceURLs: some(paths, &numbers, orAll: false))
        }
        let isNamed = Int.random(in: 0..<3, using: &numbers) == 0
        return PolicyRule(
            verbs: verbs, apiGroups: some(groups, &numbers),
            resources: some(resources, &numbers, orAll: false),
            resourceNames: isNamed ? some(names, &numbers, orAll: false) : [])
    }

    /// A role or a binding that is made, changed or deleted.
    private static func change(
        _ naive: inout NaiveRoles, _ rig: AccessRig, _ numbers: inout SeededGenerator
    ) async throws {
        let isLocal = Bool.random(using: &numbers)
        let prefix = isLocal ? "\(namespaces.randomElement(using: &numbers)!)/" : ""
        let isGone = Int.random(in: 0..<5, using: &numbers) == 0
        if Bool.random(using: &numbers) {
            let path = prefix + "r\(Int.random(in: 0..<6, using: &numbers))"
            if isGone, naive.roles[path] == nil { return }
            let count = Int.random(in: 0...3, using: &numbers)
            let rules = isGone ? nil : (0..<count).map { _ in rule(&numbers) }
            naive.roles[path] = rules
            try await rig.role(path, rules)
            return
        }
        let path = prefix + "b\(Int.random(in: 0..<14, using: &numbers))"
        if isGone {
            guard naive.bindings.removeValue(forKey: path) != nil else { return }
            return try await rig.unbind(path)
        }
        let number = Int.random(in: 0..<6, using: &numbers)
        let isLocalRole = isLocal && Bool.random(using: &numbers)
        let subjects = some(["User/ann", "User/bob", "Group/devs", "Group/ops"], &numbers)
            .filter { $0 != "*" }
        let role = isLocalRole ? "Role/r\(number)" : "r\(number)"
        naive.bindings[path] = NaiveRoles.Binding(role: role, subjects: subjects)
        try await rig.bind(path, role, subjects)
    }

    private static func compare(
        _ naive: NaiveRoles, _ authorizer: RBACAuthorizer, _ numbers: inout SeededGenerator,
        _ seed: UInt64
    ) {
        let user = [
            User(name: "ann", groups: ["devs"]), User(name: "bob"),
            User(name: "carl", groups: ["ops", "devs"]),
        ].randomElement(using: &numbers)!
        let verb = verbs.randomElement(using: &numbers)!
        if Int.random(in: 0..<4, using: &numbers) == 0 {
            let path = ["/a", "/a/b", "/a/bc", "/b", "/c"].randomElement(using: &numbers)!
            let isAllowed = authorizer.decide(.path(user, verb, path)).isAllowed
            #expect(isAllowed == naive.allows(user, verb, path), "seed \(seed)")
            return
        }
        let place = Place(
            group: groups.randomElement(using: &numbers)!,
            resource: ["pods", "deployments"].randomElement(using: &numbers)!,
            subresource: ["", "", "log", "scale"].randomElement(using: &numbers)!,
            namespace: ["", "n1", "n2"].randomElement(using: &numbers)!,
            name: ["", "a", "b"].randomElement(using: &numbers)!)
        let attributes = AccessAttributes(
            user: user, verb: verb,
            subject: .resource(
                group: place.group, version: "v1", resource: place.resource,
                subresource: place.subresource, namespace: place.namespace, name: place.name))
        let isAllowed = authorizer.decide(attributes).isAllowed
        #expect(isAllowed == naive.allows(user, verb, place), "seed \(seed): \(attributes)")
    }
}
