// Server-side apply (Kubernetes enhancement 555, "Apply").

import APIModel
import JSON
import Ownership

/// A field that somebody else owns, and that an apply would change.
public struct FieldConflict: Hashable, Sendable {
    public let owner: FieldOwner
    public let path: [FieldStep]

    /// `.spec.containers[name="a"].image`
    public var field: String { path.map(\.description).joined() }
}

/// Why a configuration cannot be applied.
public enum ApplicationError: Error, Sendable {
    /// Others own what it would change. Sorted by owner and path; there is at least one.
    case conflicts([FieldConflict])
    /// An element of one of its lists does not say which one it is.
    case list(ListElementError)
}

/// A configuration that somebody applies: all that he wants to say about an object. What he said
/// before and says no more goes, unless somebody else owns it too.
public struct Application: Sendable {
    private let attribution: FieldAttribution
    private let configuration: JSONValue
    private let fields: FieldSet

    /// - Parameter configuration: has been decoded by the schema and names nothing that it does not
    ///   know; no defaults have been added.
    /// - Throws: `ApplicationError.list`.
    public init(
        _ configuration: JSONValue, by attribution: FieldAttribution
    ) throws(ApplicationError) {
        self.attribution = attribution
        self.configuration = configuration
        do {
            fields = try attribution.schema.appliedFields(of: configuration, in: attribution.scope)
        } catch {
            throw .list(error)
        }
    }

    private var schema: ObjectSchema { attribution.schema }
    private var scope: FieldScope { attribution.scope }
    private var owner: FieldOwner { attribution.owner }

    /// An object, and who owns its fields.
    public struct Result: Sendable {
        public var object: JSONValue
        public var managed: ManagedFields
    }

    /// Applies the configuration.
    /// - Parameters:
    ///   - live: `nil` when there is no such object yet.
    ///   - isForced: whether fields are taken from those who own them.
    ///   - complete: gives an object its defaults, which a configuration need not say. `live` has
    ///     them.
    /// - Returns: an object with its defaults.
    /// - Throws: `ApplicationError.conflicts` unless it is forced.
    public func apply(
        to live: JSONValue?, _ managed: ManagedFields, isForced: Bool,
        completing complete: (inout JSONValue) -> Void = { _ in }
    ) throws(ApplicationError) -> Result {
        var owners = live.map { tracked(managed, $0) } ?? managed
        let last = owners.entry(of: owner)
        owners.set(OwnedFields(owner, fields, time: attribution.now))
        let merged = schema.merging(configuration, into: live ?? .object(JSONObject()))
        let said = pruned(merged, last: last?.set ?? FieldSet(), owners)
        var object = said
        complete(&object)
        let changes = changes(from: live, to: said, completed: object)
        let conflicts = conflicts(owners, changes)
        guard isForced || conflicts.isEmpty else { throw .conflicts(conflicts) }
        if changes.isEmpty, let last, last.owner == owner, last.set == fields {
            // Nothing is said anew, so that no time changes either.
            return Result(object: object, managed: managed)
        }
        owners.take(changes.written) { !$0.isSame(as: owner) }
        owners.take(changes.removed) { !$0.isSame(as: owner) }
        owners.forgetEmpty()
        return Result(object: object, managed: owners)
    }

    /// What the configuration changes. A list or a structure that is replaced as a whole has no
    /// defaults then, and is no other one for it when it is the same with them.
    private func changes(
        from live: JSONValue?, to said: JSONValue, completed: JSONValue
    ) -> FieldChanges {
        let changes = schema.changes(from: live, to: said, in: scope)
        guard live != nil, !changes.isEmpty else { return changes }
        let lasting = schema.changes(from: live, to: completed, in: scope)
        return FieldChanges(
            written: changes.written.intersection(lasting.written),
            removed: changes.removed.intersection(lasting.removed))
    }

    /// What an object has whose owners nobody wrote down belongs to somebody before us.
    private func tracked(_ managed: ManagedFields, _ live: JSONValue) -> ManagedFields {
        guard managed.isEmpty else { return managed }
        let before = FieldOwner(
            Self.unknownOwnerName, .update, apiVersion: owner.apiVersion,
            subresource: owner.subresource)
        return FieldAttribution(schema, scope, owner: before, now: attribution.now)
            .owners(after: managed, from: nil, to: live)
    }

    private static let unknownOwnerName = "before-first-apply"

    // MARK: What is no longer applied

    /// Without what was applied last and is owned by nobody now. Containers that the schema names
    /// have no owners of their own: they go with the last field in them.
    private func pruned(
        _ merged: JSONValue, last: FieldSet, _ managed: ManagedFields
    ) -> JSONValue {
        guard !last.isEmpty else { return merged }
        let last = last.withNamedContainers(schema.node)
        let all = fieldsWithContainers(merged)
        let owned = managed.entries.reduce(FieldSet()) { $0.union($1.set) }
            .withNamedContainers(schema.node)
        // With all that was applied gone, also what lies below it; then with what is owned back.
        let without = fieldsWithContainers(schema.removing(last, from: merged))
        let restored = schema.removing(
            all.subtracting(without.union(owned)), from: merged)
        let gone = all.subtracting(fieldsWithContainers(restored)).intersection(last)
        return schema.removing(gone, from: merged)
    }

    private func fieldsWithContainers(_ object: JSONValue) -> FieldSet {
        schema.fields(of: object, in: scope).withNamedContainers(schema.node)
    }

    // MARK: Conflicts

    private func conflicts(_ managed: ManagedFields, _ changes: FieldChanges) -> [FieldConflict] {
        var conflicts: [FieldConflict] = []
        for entry in managed.entries where !entry.owner.isSame(as: owner) {
            for path in entry.set.intersection(changes.written).paths {
                conflicts.append(FieldConflict(owner: entry.owner, path: path))
            }
        }
        return conflicts.sorted {
            ($0.owner.name, $0.owner.subresource, $0.owner.operation.rawValue, $0.owner.apiVersion)
                < (
                    $1.owner.name, $1.owner.subresource, $1.owner.operation.rawValue,
                    $1.owner.apiVersion
                )
        }
    }
}

extension ObjectSchema {
    /// The fields of a configuration that still have the values that it gave them: whoever applied
    /// it on the client's side owns them, though under another name.
    public func unchangedFields(
        of configuration: JSONValue, in live: JSONValue, _ scope: FieldScope
    ) -> FieldSet {
        let changes = changes(from: configuration, to: live, in: scope)
        return fields(of: configuration, in: scope)
            .subtracting(changes.written).subtracting(changes.removed)
    }
}
