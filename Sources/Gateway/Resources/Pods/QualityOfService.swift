// How firmly a pod's resources are promised to it.

import APIModel
import JSON

/// The class by which pods are ranked when a node runs short.
package enum QualityOfService: String {
    case guaranteed = "Guaranteed"
    case burstable = "Burstable"
    case bestEffort = "BestEffort"

    private static let counted = ["cpu", "memory"]

    package init(ofSpec spec: JSONValue) {
        let own = spec["resources"] ?? .null
        let isStatedForPod = own.isFilled("requests") || own.isFilled("limits")
        let containers = ["containers", "initContainers"].flatMap { spec.list($0) }
        let all = isStatedForPod ? [own] : containers.map { $0["resources"] ?? .null }
        self.init(requirements: all)
    }

    private init(requirements: [JSONValue]) {
        var requests: [String: Quantity] = [:]
        var limits: [String: Quantity] = [:]
        var isLimitedThroughout = true
        for requirement in requirements {
            Self.add(requirement, "requests", to: &requests)
            let limited = Self.add(requirement, "limits", to: &limits)
            if limited != Self.counted.count { isLimitedThroughout = false }
        }
        if requests.isEmpty, limits.isEmpty {
            self = .bestEffort
        } else if isLimitedThroughout, requests == limits {
            self = .guaranteed
        } else {
            self = .burstable
        }
    }

    /// Returns how many amounts were more than nothing.
    @discardableResult
    private static func add(
        _ requirement: JSONValue, _ member: String, to sums: inout [String: Quantity]
    ) -> Int {
        var count = 0
        for name in counted {
            guard let text = requirement[member]?[name]?.string, let amount = try? Quantity(text),
                Quantity(0) < amount
            else { continue }
            sums[name] = sums[name].map { $0 + amount } ?? amount
            count += 1
        }
        return count
    }
}
