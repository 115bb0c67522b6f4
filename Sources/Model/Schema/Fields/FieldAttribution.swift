// Who owns what after a write (Kubernetes enhancement 555, "Field management").

import APIModel
import JSON
import Ownership

/// Attributes the fields of objects of one kind to those who write them.
public struct FieldAttribution: Sendable {
    let schema: ObjectSchema
    let scope: FieldScope
    let owner: FieldOwner
    let now: Timestamp

    /// - Parameters:
    ///   - scope: what the write can change.
    ///   - owner: who writes.
    ///   - now: when, in whole seconds.
    public init(_ schema: ObjectSchema, _ scope: FieldScope, owner: FieldOwner, now: Timestamp) {
        self.schema = schema
        self.scope = scope
        self.owner = owner
        self.now = now
    }

    /// The owners after an update: who writes a field owns it alone from then on.
    /// - Parameter old: `nil` for a new object.
    public func owners(
        after managed: ManagedFields, from old: JSONValue?, to new: JSONValue
    ) -> ManagedFields {
        let changes = schema.changes(from: old, to: new, in: scope)
        guard !changes.isEmpty else { return managed }
        var managed = managed
        var mine = managed.entry(of: owner)
        managed.take(changes.written) { !$0.isSame(as: owner) }
        managed.take(changes.removed) { !$0.isSame(as: owner) }
        if let fields = mine?.set, !changes.removed.isEmpty {
            mine?.set = fields.subtracting(changes.removed)
        }
        if changes.written.isEmpty {
            if let mine { managed.set(mine) }
        } else {
            let fields = mine?.set.union(changes.written) ?? changes.written
            managed.set(OwnedFields(owner, fields, time: now))
        }
        managed.forgetEmpty()
        managed.capUpdaters()
        return managed
    }
}

extension ObjectSchema {
    /// What differs between two objects, of what `scope` includes.
    /// - Parameter old: `nil` for an object that is not there yet: what comes with every object of
    ///   its kind does not count as new then.
    public func changes(
        from old: JSONValue?, to new: JSONValue, in scope: FieldScope
    ) -> FieldChanges {
        ComparisonWalk.compare(old, new, node, scope)
    }

    /// The fields that an object has values for, of what `scope` includes.
    public func fields(of object: JSONValue, in scope: FieldScope) -> FieldSet {
        FieldSetWalk.fields(of: object, node, scope)
    }

    /// The fields of an object that a client applies.
    /// - Throws: `ListElementError` for an element of a list that does not say which one it is.
    func appliedFields(
        of object: JSONValue, in scope: FieldScope
    ) throws(ListElementError) -> FieldSet {
        try FieldSetWalk.checkedFields(of: object, node, scope)
    }

    /// `object` with the values of `applied`; lists are merged by what tells their elements apart.
    public func merging(_ applied: JSONValue, into object: JSONValue) -> JSONValue {
        MergeWalk.merge(applied, into: object, node)
    }

    /// `object` without the members of `fields`, and without lists and maps that are empty then.
    public func removing(_ fields: FieldSet, from object: JSONValue) -> JSONValue {
        RemovalWalk.remove(fields, from: object, node) ?? .object(JSONObject())
    }
}
