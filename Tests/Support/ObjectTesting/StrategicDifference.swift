// The strategic merge patch between two objects, as `kubectl` works it out.

import JSON

/// Finds what a strategic merge patch must say. Reads strategies and merge keys from the documents,
/// with nothing of what applies patches.
public enum StrategicDifference {
    /// The patch that makes `new` of `old`, both of the kind of `schema`. The keys of merged lists
    /// tell their elements apart.
    public static func patch(
        from old: JSONValue, to new: JSONValue, _ schema: UsedSchema
    ) -> JSONValue {
        .object(objects(old.object ?? [:], new.object ?? [:], schema))
    }

    private static func objects(
        _ old: JSONObject, _ new: JSONObject, _ schema: UsedSchema
    ) -> JSONObject {
        var patch = JSONObject()
        for (name, _) in old where new[name] == nil { patch[name] = .null }
        for (name, value) in new where old[name] != value {
            guard let previous = old[name] else {
                patch[name] = value
                continue
            }
            let use = schema.member(name)
            switch (previous, value) {
            case (.object(let before), .object(let after)):
                patch[name] = member(before, after, use)
            case (.array(let before), .array(let after)):
                lists(before, after, use, name, into: &patch)
            default: patch[name] = value
            }
        }
        return patch
    }

    private static func member(
        _ old: JSONObject, _ new: JSONObject, _ use: UsedSchema?
    ) -> JSONValue {
        guard let use, !use.patchStrategies.contains("replace") else { return .object(new) }
        var patch = objects(old, new, use)
        if use.patchStrategies.contains("retainKeys") {
            patch["$retainKeys"] = .array(new.map { .string($0.key) })
            for (name, _) in old where new[name] == nil { patch[name] = nil }
        }
        return .object(patch)
    }

    // MARK: Lists

    private static func lists(
        _ old: [JSONValue], _ new: [JSONValue], _ use: UsedSchema?, _ name: String,
        into patch: inout JSONObject
    ) {
        guard let use, use.patchStrategies.contains("merge") else {
            patch[name] = .array(new)
            return
        }
        guard let key = use.patchMergeKey else {
            let (gone, come) = (old.filter { !new.contains($0) }, new.filter { !old.contains($0) })
            if !gone.isEmpty { patch["$deleteFromPrimitiveList/\(name)"] = .array(gone) }
            if !come.isEmpty { patch[name] = .array(come) }
            patch["$setElementOrder/\(name)"] = .array(new)
            return
        }
        let changes = elements(old, new, use, key)
        if !changes.isEmpty { patch[name] = .array(changes) }
        patch["$setElementOrder/\(name)"] = .array(
            new.map { .object([key: $0[key] ?? .null]) })
    }

    private static func elements(
        _ old: [JSONValue], _ new: [JSONValue], _ use: UsedSchema, _ key: String
    ) -> [JSONValue] {
        var changes: [JSONValue] = []
        for element in new {
            guard let before = old.first(where: { $0[key] == element[key] }) else {
                changes.append(element)
                continue
            }
            guard before != element, let schema = use.element else { continue }
            var change = objects(before.object ?? [:], element.object ?? [:], schema)
            change[key] = element[key]
            if use.patchStrategies.contains("retainKeys") {
                for (name, _) in before.object ?? [:] where element[name] == nil {
                    change[name] = nil
                }
                change["$retainKeys"] = .array((element.object ?? [:]).map { .string($0.key) })
            }
            changes.append(.object(change))
        }
        for element in old where !new.contains(where: { $0[key] == element[key] }) {
            changes.append(["$patch": "delete", key: element[key] ?? .null])
        }
        return changes
    }
}
