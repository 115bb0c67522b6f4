// JSON Merge Patch (RFC 7386).

import JSON

/// Applies merge patches: what a patch names is set, null removes, objects are merged member by
/// member, and anything else takes the place of what was there.
public enum MergePatch {
    public static func apply(_ patch: JSONValue, to target: JSONValue) -> JSONValue {
        var target = target
        merge(patch, into: &target)
        return target
    }

    private static func merge(_ patch: JSONValue, into target: inout JSONValue) {
        guard case .object(let members) = patch else {
            target = patch
            return
        }
        if target.object == nil { target = .object(JSONObject()) }
        for (key, value) in members {
            if value.isNull {
                target[key] = nil
            } else if case .object = value {
                var member = target[key] ?? .null
                target[key] = .null
                merge(value, into: &member)
                target[key] = member
            } else {
                target[key] = value
            }
        }
    }

    /// The smallest patch that makes `new` of `old`; nil when they are equal. Where `new` has a
    /// null, no merge patch can say so, and the null is left out.
    public static func difference(from old: JSONValue, to new: JSONValue) -> JSONValue? {
        guard old != new else { return nil }
        guard case .object(let oldMembers) = old, case .object(let newMembers) = new else {
            return new
        }
        var patch = JSONObject()
        for (key, value) in oldMembers where newMembers[key] == nil && !value.isNull {
            patch[key] = .null
        }
        for (key, value) in newMembers {
            guard let previous = oldMembers[key] else {
                patch[key] = value
                continue
            }
            if let change = difference(from: previous, to: value) { patch[key] = change }
        }
        return .object(patch)
    }
}
