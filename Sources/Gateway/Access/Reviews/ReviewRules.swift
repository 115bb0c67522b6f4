// What a question about access must look like.

import APIModel
import JSON

struct ReviewRules {
    let kind: AccessReview.Kind

    /// All that is wrong with a review.
    func errors(_ spec: JSONValue, _ object: JSONValue) -> [FieldError] {
        let path = FieldPath("spec")
        var errors: [FieldError] = []
        let hasResource = spec["resourceAttributes"].map { !$0.isNull } ?? false
        let hasPath = spec["nonResourceAttributes"].map { !$0.isNull } ?? false
        let both = "cannot be specified in combination with resourceAttributes"
        if hasResource, hasPath {
            errors.append(
                .invalid(
                    path.child("nonResourceAttributes"), spec["nonResourceAttributes"], both))
        }
        if !hasResource, !hasPath {
            errors.append(
                .invalid(
                    path.child("resourceAttributes"), .null,
                    "exactly one of nonResourceAttributes or resourceAttributes must be specified"))
        }
        if kind != .oneself {
            let isNamed = !(spec["user"]?.string ?? "").isEmpty
            let isInGroup = !(spec["groups"]?.array ?? []).isEmpty
            if !isNamed, !isInGroup {
                errors.append(
                    .invalid(
                        path.child("user"), "", "at least one of user or group must be specified"))
            }
        }
        if kind == .inNamespace, hasPath {
            errors.append(
                .invalid(
                    path.child("nonResourceAttributes"), spec["nonResourceAttributes"],
                    "disallowed on this kind of request"))
        }
        return errors + selectorErrors(spec["resourceAttributes"] ?? .null, at: path)
    }

    private func selectorErrors(_ resource: JSONValue, at path: FieldPath) -> [FieldError] {
        ["fieldSelector", "labelSelector"].flatMap { member -> [FieldError] in
            guard let selector = resource[member], !selector.isNull else { return [] }
            let place = path.child("resourceAttributes").child(member)
            let isRaw = !(selector["rawSelector"]?.string ?? "").isEmpty
            let hasTerms = !(selector["requirements"]?.array ?? []).isEmpty
            switch (isRaw, hasTerms) {
            case (true, true):
                return [
                    .invalid(
                        place.child("rawSelector"), selector["rawSelector"],
                        "may not specified at the same time as requirements")
                ]
            case (false, false):
                return [
                    .required(
                        place.child("requirements"),
                        "when \(place) is specified, requirements or rawSelector is required")
                ]
            default: return []
            }
        }
    }
}

/// A field selector as a review carries it.
struct SelectorAttributes {
    /// The fields that it ties to one value.
    private(set) var fields: [String: String] = [:]

    init(_ value: JSONValue?) {
        guard let value else { return }
        for term in value["requirements"]?.array ?? [] where term["operator"]?.string == "In" {
            let values = term["values"]?.array ?? []
            guard values.count == 1, let key = term["key"]?.string else { continue }
            fields[key] = values[0].string
        }
        // A selector that cannot be read narrows nothing down.
        if let raw = value["rawSelector"]?.string, let selector = try? FieldSelector(parsing: raw) {
            for term in selector.requirements where term.isEquality {
                fields[term.field] = term.value
            }
        }
    }
}
