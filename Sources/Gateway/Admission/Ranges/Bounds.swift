// The bounds of a LimitRange, and what is out of them.

import APIModel
import JSON
import Resources

/// One resource of one item of a LimitRange. The sentences are Kubernetes'.
private struct Bound {
    let resource: String
    /// What is bounded: `Container`, `Pod` or `PersistentVolumeClaim`.
    let type: String
    let amount: Quantity
    let request: Quantity?
    let limit: Quantity?

    func minimumProblem() -> String? {
        let start = "minimum \(resource) usage per \(type) is \(amount)"
        guard let request else { return "\(start).  No request is specified" }
        if request < amount { return "\(start), but request is \(request)" }
        if let limit, limit < amount { return "\(start), but limit is \(limit)" }
        return nil
    }

    func maximumProblem() -> String? {
        let start = "maximum \(resource) usage per \(type) is \(amount)"
        guard let limit else { return "\(start).  No limit is specified" }
        if limit > amount { return "\(start), but limit is \(limit)" }
        if let request, request > amount { return "\(start), but request is \(request)" }
        return nil
    }

    /// For what has no limits of its own.
    func maximumRequestProblem() -> String? {
        let start = "maximum \(resource) usage per \(type) is \(amount)"
        guard let request else { return "\(start).  No request is specified" }
        return request > amount ? "\(start), but request is \(request)" : nil
    }

    func ratioProblem() -> String? {
        let start = "\(resource) max limit to request ratio per \(type) is \(amount), but "
        guard let request, !request.isZero else {
            return start + "no request is specified or request is 0"
        }
        guard let limit, !limit.isZero else {
            return start + "no limit is specified or limit is 0"
        }
        let ratio = Double(limit.milliValue) / Double(request.milliValue)
        guard ratio > Double(amount.milliValue) / 1000 else { return nil }
        return start + "provided ratio is \(Self.sixDecimals(ratio))"
    }

    /// With six digits after the point, as the API writes such numbers.
    private static func sixDecimals(_ number: Double) -> String {
        let millionths = Int64((number * 1_000_000).rounded())
        let fraction = String(1_000_000 + millionths % 1_000_000).dropFirst()
        return "\(millionths / 1_000_000).\(fraction)"
    }
}

extension JSONValue {
    /// The bounds of one member of an item, in the order of their resources.
    fileprivate func bounds(_ member: String, _ type: String, _ amounts: Amounts) -> [Bound] {
        Amounts.quantities(entries(member)).sorted { $0.key < $1.key }.map { resource, amount in
            Bound(
                resource: resource, type: type, amount: amount,
                request: amounts.requests[resource], limit: amounts.limits[resource])
        }
    }
}

/// A pod, beside an item of a LimitRange.
struct BoundedPod {
    private let spec: JSONValue

    init(_ pod: JSONValue) { spec = pod["spec"] ?? .null }

    /// All that is wrong.
    func problems(_ item: JSONValue) -> [String] {
        let type = item.text("type")
        switch type {
        case "Container":
            return (spec.list("containers") + spec.list("initContainers")).flatMap { container in
                problems(item, type, Amounts(container["resources"] ?? .null))
            }
        case "Pod": return problems(item, type, Amounts(ofPod: spec))
        default: return []
        }
    }

    private func problems(_ item: JSONValue, _ type: String, _ amounts: Amounts) -> [String] {
        item.bounds("min", type, amounts).compactMap { $0.minimumProblem() }
            + item.bounds("max", type, amounts).compactMap { $0.maximumProblem() }
            + item.bounds("maxLimitRequestRatio", type, amounts).compactMap { $0.ratioProblem() }
    }
}

/// A claim, beside an item of a LimitRange.
struct BoundedClaim {
    private let amounts: Amounts

    init(_ claim: JSONValue) {
        var amounts = Amounts(claim[path: "spec", "resources"] ?? .null)
        amounts.limits = [:]
        self.amounts = amounts
    }

    /// All that is wrong.
    func problems(_ item: JSONValue) -> [String] {
        let type = item.text("type")
        guard type == "PersistentVolumeClaim" else { return [] }
        return item.bounds("min", type, amounts).compactMap { $0.minimumProblem() }
            + item.bounds("max", type, amounts).compactMap { $0.maximumRequestProblem() }
    }
}
