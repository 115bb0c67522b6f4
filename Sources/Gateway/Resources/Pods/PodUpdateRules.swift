// What may change in a pod that is there.

import APIModel
import JSON

enum PodUpdateRules {
    private static let path = FieldPath("spec")

    static func errors(_ spec: JSONValue, from old: JSONValue) -> [FieldError] {
        for list in ["containers", "initContainers"]
        where spec.list(list).count != old.list(list).count {
            // Nothing else can be compared then.
            return [
                .forbidden(path.child(list), "pod updates may not add or remove containers")
            ]
        }
        var errors = deadlineErrors(spec, old) + tolerationErrors(spec, old)
        errors += gateErrors(spec, old)
        let changes = ChangedPaths.between(old, withChangeableParts(of: spec, from: old))
        if !changes.isEmpty { errors.append(.forbidden(path, refusal(changes))) }
        return errors
    }

    private static func refusal(_ changes: [FieldPath]) -> String {
        var shown = changes.prefix(Limits.shownChangeCountMax).map(\.description)
        if shown.count < changes.count { shown.append("…") }
        return "pod updates may not change fields other than `spec.containers[*].image`,"
            + "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` "
            + "(only additions to existing tolerations),`spec.terminationGracePeriodSeconds` "
            + "(allow "
            + "it to be set to 1 if it was previously negative): changed "
            + shown.joined(separator: ", ")
    }

    /// `spec` with the old state of everything that may change, so that what differs is what may
    /// not.
    private static func withChangeableParts(
        of spec: JSONValue, from old: JSONValue
    ) -> JSONValue {
        var spec = spec
        for member in ["activeDeadlineSeconds", "tolerations", "schedulingGates"] {
            spec.take(member, from: old)
        }
        for list in ["containers", "initContainers"] {
            let images = old.list(list).map { $0["image"] }
            var index = 0
            spec.changeEach(list) { container in
                container.put("image", images[index])
                index += 1
            }
        }
        let grace = old["terminationGracePeriodSeconds"]?.int ?? 0
        if grace < 0, spec["terminationGracePeriodSeconds"] == 1 {
            spec.take("terminationGracePeriodSeconds", from: old)
        }
        // Assigning a node to a pod that has none is binding.
        if !old.isFilled("nodeName") { spec.take("nodeName", from: old) }
        return spec
    }

    private static func deadlineErrors(_ spec: JSONValue, _ old: JSONValue) -> [FieldError] {
        let path = path.child("activeDeadlineSeconds")
        guard let before = old["activeDeadlineSeconds"]?.int else { return [] }
        guard let deadline = spec["activeDeadlineSeconds"]?.int else {
            return [
                .invalid(path, .null, "must not update from a positive integer to nil value")
            ]
        }
        return deadline <= before
            ? [] : [.invalid(path, .int(deadline), "must be less than or equal to previous value")]
    }

    private static func tolerationErrors(_ spec: JSONValue, _ old: JSONValue) -> [FieldError] {
        let kept = Set(spec.list("tolerations").map(withoutSeconds))
        let isFine = old.list("tolerations").allSatisfy { kept.contains(withoutSeconds($0)) }
        if isFine { return [] }
        return [
            .forbidden(
                path.child("tolerations"),
                "existing toleration can not be modified except its tolerationSeconds")
        ]
    }

    private static func withoutSeconds(_ toleration: JSONValue) -> JSONValue {
        var toleration = toleration
        toleration.put("tolerationSeconds", nil)
        return toleration
    }

    private static func gateErrors(_ spec: JSONValue, _ old: JSONValue) -> [FieldError] {
        let before = Set(old.list("schedulingGates").map { $0.text("name") })
        let added = spec.list("schedulingGates").map { $0.text("name") }
            .filter { !before.contains($0) }
        return added.map {
            .forbidden(
                path.child("schedulingGates"),
                "only deletion is allowed, but found new scheduling gate '\($0)'")
        }
    }
}

/// Where two values differ.
enum ChangedPaths {
    /// The paths below `spec` whose values are not the same; an empty value is the same as none.
    static func between(_ old: JSONValue, _ new: JSONValue) -> [FieldPath] {
        var paths: [FieldPath] = []
        collect(old, new, FieldPath("spec"), &paths)
        return paths
    }

    private static func collect(
        _ old: JSONValue?, _ new: JSONValue?, _ path: FieldPath, _ paths: inout [FieldPath]
    ) {
        if JSONValue.same(old, new) { return }
        switch (old, new) {
        case (.object(let before)?, .object(let after)?):
            for key in before.keys { collect(before[key], after[key], path.child(key), &paths) }
            for key in after.keys where !before.contains(key) {
                collect(nil, after[key], path.child(key), &paths)
            }
        case (.array(let before)?, .array(let after)?) where before.count == after.count:
            for index in before.indices {
                collect(before[index], after[index], path.index(index), &paths)
            }
        default: paths.append(path)
        }
    }
}
