// Amounts of resources that a container asks for and is limited to.

import APIModel
import JSON

struct ResourceRules {
    let resources: JSONValue
    let path: FieldPath

    private static let standard: Set<String> = ["cpu", "memory", "ephemeral-storage"]

    var errors: [FieldError] {
        let limits = amounts("limits")
        let requests = amounts("requests")
        var errors = limits.errors + requests.errors
        for (name, request) in requests.amounts {
            errors += compare(name, request, limits.amounts.first { $0.name == name })
        }
        return errors
    }

    private typealias Amount = (text: JSONValue, value: Quantity)

    private func compare(
        _ name: String, _ request: Amount, _ limit: (name: String, amount: Amount)?
    ) -> [FieldError] {
        let isShared = Self.standard.contains(name)
        guard let limit else {
            return isShared
                ? []
                : [
                    .required(
                        path.child("limits"), "Limit must be set for non overcommitable resources")
                ]
        }
        let isFine =
            isShared ? request.value <= limit.amount.value : request.value == limit.amount.value
        if isFine { return [] }
        let relation = isShared ? "less than or equal to" : "equal to"
        return [
            .invalid(
                path.child("requests"), request.text,
                "must be \(relation) \(name) limit of \(limit.amount.value)")
        ]
    }

    private func amounts(
        _ member: String
    ) -> (amounts: [(name: String, amount: Amount)], errors: [FieldError]) {
        var amounts: [(name: String, amount: Amount)] = []
        var errors: [FieldError] = []
        for (name, text) in resources.entries(member) {
            let path = path.child(member).key(name)
            errors += nameErrors(name, path)
            // Text that is no quantity is the schema's matter.
            guard let value = text.string.flatMap({ try? Quantity($0) }) else { continue }
            if value.isNegative {
                errors.append(.invalid(path, text, "must be greater than or equal to 0"))
            } else if !Self.standard.contains(name), value.milliValue % 1000 != 0 {
                errors.append(.invalid(path, text, "must be an integer"))
            }
            amounts.append((name, (text, value)))
        }
        return (amounts, errors)
    }

    /// Names without a prefix are the API's own.
    private func nameErrors(_ name: String, _ path: FieldPath) -> [FieldError] {
        let problems = ValueFormat.qualifiedName.check(name)
        if !problems.isEmpty { return problems.map { .invalid(path, .string(name), $0) } }
        if name.utf8.contains(UInt8(ascii: "/")) || Self.standard.contains(name)
            || name.hasPrefix("hugepages-")
        {
            return []
        }
        return [.invalid(path, .string(name), "must be a standard resource for containers")]
    }
}
