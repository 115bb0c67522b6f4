// LimitRanges: bounds for single objects.

import APIModel
import JSON

struct LimitRangeStrategy: Strategy {
    /// What a container's limit may be is also what it is when nothing is said.
    func applyDefaults(to object: inout JSONValue) {
        object.change("spec") { spec in
            spec.changeEach("limits") { item in
                guard item.text("type") == "Container" else { return }
                Self.fill("default", from: "max", &item)
                Self.fill("defaultRequest", from: "default", &item)
                Self.fill("defaultRequest", from: "min", &item)
            }
        }
    }

    private static func fill(_ member: String, from other: String, _ item: inout JSONValue) {
        let amounts = item.entries(other)
        guard !amounts.isEmpty else { return }
        item.changeOrAdd(member) { own in
            for (resource, amount) in amounts { own.fill(resource, amount) }
        }
    }

    func validate(_ object: JSONValue) -> [FieldError] {
        var types: Set<String> = []
        let items = object["spec"]?.list("limits") ?? []
        return items.enumerated().flatMap { index, item -> [FieldError] in
            let path = FieldPath("spec", "limits").index(index)
            let type = item.text("type")
            let repeated: [FieldError] =
                types.insert(type).inserted ? [] : [.duplicate(path.child("type"), item["type"])]
            return repeated + typeErrors(type, path) + LimitItemRules(item: item, path: path).errors
        }
    }

    private func typeErrors(_ type: String, _ path: FieldPath) -> [FieldError] {
        guard !type.isEmpty else { return [] }
        return ValueFormat.qualifiedName.check(type).map {
            .invalid(path.child("type"), .string(type), $0)
        }
    }
}

/// The bounds for one type of object.
private struct LimitItemRules {
    let item: JSONValue
    let path: FieldPath

    private var type: String { item.text("type") }

    var errors: [FieldError] {
        let names = Set(
            ["min", "max", "default", "defaultRequest", "maxLimitRequestRatio"].flatMap { member in
                item.entries(member).map(\.key)
            })
        return memberErrors + names.sorted().flatMap { orderErrors($0) + ratioErrors($0) }
    }

    private var memberErrors: [FieldError] {
        switch type {
        case "Pod":
            return ["default", "defaultRequest"].filter(item.isFilled).map {
                .forbidden(path.child($0), "may not be specified when `type` is 'Pod'")
            }
        case "PersistentVolumeClaim":
            let hasBound = ["min", "max"].contains { item[path: $0, "storage"] != nil }
            return hasBound
                ? []
                : [
                    .required(
                        path.child("limits"),
                        "either minimum or maximum storage value is required, but neither was "
                            + "provided")
                ]
        default: return []
        }
    }

    private func amount(_ member: String, _ resource: String) -> Quantity? {
        item[path: member, resource]?.string.flatMap { try? Quantity($0) }
    }

    /// The least is not more than the default request, that not more than the default limit, that
    /// not more than the most.
    private func orderErrors(_ resource: String) -> [FieldError] {
        let order = [
            (member: "min", name: "min"), (member: "defaultRequest", name: "default request"),
            (member: "default", name: "default"), (member: "max", name: "max"),
        ]
        var errors: [FieldError] = []
        for (index, low) in order.enumerated() {
            for high in order.dropFirst(index + 1) {
                guard let less = amount(low.member, resource),
                    let more = amount(high.member, resource), less > more
                else { continue }
                let problem =
                    "\(low.name) value \(less) is greater than \(high.name) value \(more)"
                errors.append(
                    .invalid(
                        path.child(low.member).key(resource), item[path: low.member, resource],
                        problem))
            }
        }
        return errors
    }

    private func ratioErrors(_ resource: String) -> [FieldError] {
        guard let ratio = amount("maxLimitRequestRatio", resource) else { return [] }
        let place = path.child("maxLimitRequestRatio").key(resource)
        let value = item[path: "maxLimitRequestRatio", resource]
        if ratio < Quantity(1) {
            return [.invalid(place, value, "ratio \(ratio) is less than 1")]
        }
        guard let min = amount("min", resource), let max = amount("max", resource), !min.isZero
        else { return [] }
        let possible = Double(max.milliValue) / Double(min.milliValue)
        guard Double(ratio.milliValue) / 1000 > possible else { return [] }
        return [
            .invalid(place, value, "ratio \(ratio) is greater than max/min = \(possible)")
        ]
    }
}
