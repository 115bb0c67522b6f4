// What changes in a pod through subresources of its own.

import APIModel
import JSON

/// Containers that are added to a running pod to look into it. They are never removed or changed.
enum EphemeralContainers {
    private static let path = FieldPath("spec", "ephemeralContainers")
    /// A container that comes and goes has no place in the pod's life.
    private static let forbidden = [
        "lifecycle", "livenessProbe", "ports", "readinessProbe", "resizePolicy", "resources",
        "startupProbe",
    ]

    /// There is nothing to look into yet.
    static func creationErrors(_ spec: JSONValue, _ path: FieldPath) -> [FieldError] {
        spec.isFilled("ephemeralContainers")
            ? [.forbidden(path.child("ephemeralContainers"), "cannot be set on create")] : []
    }

    static func errors(_ spec: JSONValue, from old: JSONValue) -> [FieldError] {
        let containers = spec.list("ephemeralContainers")
        var errors: [FieldError] = []
        var names = Set(
            ["containers", "initContainers"].flatMap { spec.list($0).map { $0.text("name") } })
        for (index, container) in containers.enumerated() {
            let (place, name) = (path.index(index), container.text("name"))
            if !name.isEmpty, !names.insert(name).inserted {
                errors.append(.duplicate(place.child("name"), .string(name)))
            }
            errors += forbidden.filter { isSet(container, $0) }.map {
                .forbidden(
                    place.child($0), "cannot be set for an Ephemeral Container")
            }
        }
        return errors + changeErrors(containers, old.list("ephemeralContainers"))
    }

    private static func isSet(_ container: JSONValue, _ member: String) -> Bool {
        member == "resources"
            ? container["resources"].map { $0 != [:] && !$0.isNull } ?? false
            : container.has(member)
    }

    private static func changeErrors(
        _ containers: [JSONValue], _ before: [JSONValue]
    ) -> [FieldError] {
        before.compactMap { known in
            let name = known.text("name")
            guard let present = containers.first(where: { $0.text("name") == name }) else {
                return .forbidden(
                    path, "existing ephemeral containers \(name.quoted) may not be removed")
            }
            return present == known
                ? nil
                : .forbidden(
                    path, "existing ephemeral containers \(name.quoted) may not be changed")
        }
    }
}

/// Resources of containers that already run.
enum PodResize {
    private static let lists = ["containers", "initContainers"]
    private static let members = ["resources", "resizePolicy"]

    /// Takes the resources of containers that both have, by name.
    static func apply(_ sent: JSONValue, to spec: inout JSONValue) {
        for list in lists {
            let wanted = sent.list(list)
            spec.changeEach(list) { container in
                guard let source = wanted.first(where: { $0["name"] == container["name"] }) else {
                    return
                }
                for member in members { container.take(member, from: source) }
            }
        }
    }

    static func errors(_ object: JSONValue, from old: JSONValue) -> [FieldError] {
        let path = FieldPath("spec")
        let (spec, before) = (object["spec"] ?? .null, old["spec"] ?? .null)
        var errors: [FieldError] = []
        for list in lists {
            for (index, container) in spec.list(list).enumerated() {
                let place = path.child(list).index(index).child("resources")
                let resources = container["resources"] ?? .null
                errors += ResourceRules(resources: resources, path: place).errors
                let known = before.list(list).first { $0["name"] == container["name"] }
                errors += amountErrors(resources, known?["resources"] ?? .null, place)
            }
        }
        if QualityOfService(ofSpec: spec) != QualityOfService(ofSpec: before) {
            errors.append(
                .invalid(
                    path, .string(QualityOfService(ofSpec: spec).rawValue),
                    "Pod QOS Class may not change as a result of resizing"))
        }
        return errors
    }

    /// Only the use of processors and memory can be changed, and what is bounded stays so.
    private static func amountErrors(
        _ resources: JSONValue, _ before: JSONValue, _ path: FieldPath
    ) -> [FieldError] {
        ["limits", "requests"].flatMap { member -> [FieldError] in
            let (amounts, known) = (resources.entries(member), before.entries(member))
            let names = Set(amounts.map(\.key) + known.map(\.key))
            return names.sorted().compactMap { name in
                guard amounts[name] != known[name] else { return nil }
                if name != "cpu", name != "memory" {
                    return .forbidden(
                        path.child(member).key(name), "only cpu and memory resources are mutable")
                }
                guard amounts[name] == nil else { return nil }
                return .forbidden(
                    path.child(member).key(name),
                    "resource \(member) cannot be removed")
            }
        }
    }
}
