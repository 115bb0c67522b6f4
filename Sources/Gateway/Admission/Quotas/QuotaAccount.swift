// One ResourceQuota as an account that is charged.

import APIModel
import Access
import JSON
import Resources

/// What a quota allows, and what is used of it. The sentences are Kubernetes'.
package struct QuotaAccount {
    /// As `--disable-admission-plugins` has it.
    package static let pluginName = "ResourceQuota"

    package let name: String
    /// `spec.hard`
    let hard: [String: Quantity]
    private let scopes: QuotaScopes
    private let spec: JSONValue
    private let status: JSONValue

    package init(_ quota: JSONValue) {
        name = ObjectMeta(of: quota).name
        spec = quota["spec"] ?? .null
        status = quota["status"] ?? .null
        hard = Amounts.quantities(spec.entries("hard"))
        scopes = QuotaScopes(spec)
    }

    /// The resources whose objects it counts, and under which names.
    package var countedResources: [GroupResource: [String]] {
        var counted: [GroupResource: [String]] = [:]
        for name in hard.keys {
            guard let resource = QuotaMeter.resource(countedBy: name) else { continue }
            counted[resource, default: []].append(name)
        }
        return counted
    }

    /// Whether every object of a resource counts, whatever it is like.
    package var countsAll: Bool { scopes.isEmpty }

    /// Whether it is about this object.
    package func counts(_ object: JSONValue, at resource: GroupResource) -> Bool {
        hard.keys.contains { QuotaMeter.resource(countedBy: $0) == resource }
            && scopes.include(object, at: resource)
    }

    /// Whether the status is about the amounts that the spec has now, and tells of each what is
    /// used.
    package var isSettled: Bool {
        JSONValue.same(status["hard"], spec["hard"])
            && hard.keys.allSatisfy { status["used"]?[$0]?.string != nil }
    }

    /// What is used, as the status tells it.
    package var used: [String: Quantity] { Amounts.quantities(status.entries("used")) }

    /// The status in which this much is used of what it allows.
    package func status(using used: [String: Quantity]) -> JSONValue {
        var members = JSONObject()
        for name in hard.keys.sorted() {
            members[name] = .string((used[name] ?? Quantity(0)).description)
        }
        return ["hard": spec["hard"] ?? [:], "used": .object(members)]
    }

    // MARK: Charging

    /// What containers must say so that it can be counted; `nil` when they do.
    package func missingAmounts(in object: JSONValue, at resource: GroupResource) -> String? {
        guard resource == .pods else { return nil }
        let spec = object["spec"] ?? .null
        let required = Set(hard.keys).intersection(Self.requiredOfContainers)
        let whole = spec["resources"] ?? .null
        guard !required.isEmpty, !whole.isFilled("requests"), !whole.isFilled("limits") else {
            return nil
        }
        var silent: [String: Set<String>] = [:]
        for container in spec.list("containers") + spec.list("initContainers") {
            let stated = QuotaMeter.named(Amounts(container["resources"] ?? .null))
            for name in required where stated[name] == nil {
                silent[name, default: []].insert(container.text("name"))
            }
        }
        guard !silent.isEmpty else { return nil }
        let places = silent.sorted { $0.key < $1.key }.map { name, containers in
            "\(name) for: \(containers.sorted().joined(separator: ","))"
        }
        return "failed quota: \(name): must specify \(places.joined(separator: "; "))"
    }

    /// These must be stated by each container when they are limited for all together.
    private static let requiredOfContainers: Set<String> = [
        "cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory",
    ]

    /// How a charge ends.
    package enum Charge {
        /// Nothing of it is limited here.
        case none
        /// So much is used then.
        case fits([String: Quantity])
        /// The sentence that says so.
        case exceeds(String)
    }

    /// - Parameters:
    ///   - growth: by how much the usage rises.
    ///   - used: what is used before.
    package func charge(_ growth: [String: Quantity], on used: [String: Quantity]) -> Charge {
        let requested = growth.filter { hard[$0.key] != nil }
        guard !requested.isEmpty else { return .none }
        let sum = used.merging(requested, uniquingKeysWith: +)
        let exceeded = requested.keys.filter { name in
            guard let limit = hard[name], let amount = sum[name] else { return false }
            return limit < amount
        }.sorted()
        guard !exceeded.isEmpty else { return .fits(sum) }
        let requests = Self.list(exceeded, requested)
        let uses = Self.list(exceeded, used)
        return .exceeds(
            "exceeded quota: \(name), requested: \(requests), used: \(uses), "
                + "limited: \(Self.list(exceeded, hard))")
    }

    private static func list(_ names: [String], _ amounts: [String: Quantity]) -> String {
        names.map { "\($0)=\(amounts[$0] ?? Quantity(0))" }.joined(separator: ",")
    }
}
