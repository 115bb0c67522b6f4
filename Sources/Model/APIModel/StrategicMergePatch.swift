// Strategic merge patch: a merge patch that knows which lists are sets and maps.

import JSON

/// What a strategic merge patch must know of a type. A field without a schema is merged as JSON
/// Merge Patch would: objects member by member, anything else replaced.
public protocol MergeSchema: Sendable {
    /// The schema of a member of an object, or of each value of a map.
    func member(_ name: String) -> (any MergeSchema)?
    /// The schema of a list's elements.
    var element: (any MergeSchema)? { get }
    /// Of `merge`, `replace` and `retainKeys`, what the field is declared with.
    var patchStrategies: [String] { get }
    /// The member that tells the elements of a merged list apart; nil for a list of scalars.
    var patchMergeKey: String? { get }
}

/// Applies strategic merge patches (Kubernetes API conventions, "Strategic Merge Patch"), with the
/// directives `$patch`, `$retainKeys`, `$deleteFromPrimitiveList/x` and `$setElementOrder/x`.
public enum StrategicMergePatch {
    /// - Throws: `badRequest` that says which directive or element cannot be understood.
    public static func apply(
        _ patch: JSONValue, to target: JSONValue, schema: (any MergeSchema)?
    ) throws(APIStatus) -> JSONValue {
        guard let members = patch.object else {
            throw .badRequest("a strategic merge patch must be an object")
        }
        let merged = try merge(members, into: target.object ?? JSONObject(), schema)
        return .object(merged)
    }

    static let patchDirective = "$patch"
    static let retainKeysDirective = "$retainKeys"
    static let deleteFromListPrefix = "$deleteFromPrimitiveList/"
    static let elementOrderPrefix = "$setElementOrder/"

    /// Merges one object.
    static func merge(
        _ patch: JSONObject, into target: JSONObject, _ schema: (any MergeSchema)?
    ) throws(APIStatus) -> JSONObject {
        var patch = patch
        var target = target
        if let directive = patch.removeValue(forKey: patchDirective) {
            switch directive.string {
            case "replace": return try merge(patch, into: JSONObject(), schema)
            case "delete": return JSONObject()
            case "merge": break
            default: throw .badRequest("unknown patch type: \(directive)")
            }
        }
        if let kept = patch.removeValue(forKey: retainKeysDirective) {
            try retain(kept, of: &target, patch)
        }
        for (key, value) in patch where !isDirective(key) {
            try mergeMember(key, value, into: &target, schema?.member(key))
        }
        try applyListDirectives(of: patch, to: &target, schema)
        return target
    }

    static func isDirective(_ key: String) -> Bool {
        key.utf8.first == UInt8(ascii: "$")
            && (key.hasPrefix(deleteFromListPrefix) || key.hasPrefix(elementOrderPrefix))
    }

    private static func mergeMember(
        _ key: String, _ value: JSONValue, into target: inout JSONObject,
        _ schema: (any MergeSchema)?
    ) throws(APIStatus) {
        switch value {
        case .null: target[key] = nil
        case .object(let members):
            let replaces = schema?.patchStrategies.contains("replace") ?? false
            let old = replaces ? nil : target[key]?.object
            // Also a new object is merged, into nothing: so its nulls and directives do not stay.
            target[key] = .object(try merge(members, into: old ?? JSONObject(), schema))
        case .array(let elements):
            if let schema, schema.patchStrategies.contains("merge") {
                let old = target[key]?.array ?? []
                target[key] = .array(try ListMerge(schema, field: key).merge(elements, into: old))
            } else {
                target[key] = value
            }
        default: target[key] = value
        }
    }

    /// Clears the members of `target` that `$retainKeys` does not list.
    private static func retain(
        _ directive: JSONValue, of target: inout JSONObject, _ patch: JSONObject
    ) throws(APIStatus) {
        guard let elements = directive.array else {
            throw .badRequest("the value of $retainKeys must be a list of strings")
        }
        let kept = Set(elements.compactMap(\.string))
        for (key, value) in patch where !value.isNull && !isDirective(key) && !kept.contains(key) {
            throw .badRequest(
                "the member \(key.quoted) of the patch is not in the list of $retainKeys")
        }
        target.removeAll { !kept.contains($0.key) }
    }

    /// Deletes from lists of scalars, and orders lists.
    private static func applyListDirectives(
        of patch: JSONObject, to target: inout JSONObject, _ schema: (any MergeSchema)?
    ) throws(APIStatus) {
        for (key, value) in patch where key.hasPrefix(deleteFromListPrefix) {
            let field = String(key.dropFirst(deleteFromListPrefix.count))
            guard let deleted = value.array else {
                throw .badRequest("the value of \(key) must be a list")
            }
            guard let elements = target[field]?.array else { continue }
            let gone = Set(deleted)
            let added = Set(patch[field]?.array ?? [])
            target[field] = .array(elements.filter { !gone.contains($0) || added.contains($0) })
        }
        for (key, value) in patch where key.hasPrefix(elementOrderPrefix) {
            let field = String(key.dropFirst(elementOrderPrefix.count))
            guard let order = value.array else {
                throw .badRequest("the value of \(key) must be a list")
            }
            guard let elements = target[field]?.array else { continue }
            let merge = ListMerge(schema?.member(field), field: field)
            if let sent = patch[field]?.array { try merge.checkOrder(of: sent, in: order) }
            target[field] = .array(try merge.ordered(elements, by: order))
        }
    }
}
