import APIModel
import JSON

/// What one kind of object, or a part of one, looks like. A request passes an object through
/// `decode`, `prune`, `applyDefaults` and `validate`, in this order. Each walks the value once.
public struct ObjectSchema: Sendable {
    /// The schemas among which this one is.
    public let registry: SchemaRegistry
    let node: SchemaNode
    /// The schema's name in the documents.
    public let name: String

    init(registry: SchemaRegistry, name: String, node: SchemaNode) {
        self.registry = registry
        self.name = name
        self.node = node
    }

    /// Whether its values can be read as protobuf.
    public var hasProtobufForm: Bool {
        node.properties.contains { !$0.protobufPath.isEmpty } || node.protobufJSONNumber != nil
    }

    /// Checks that every known field has the JSON type that the schema says, as a decoder into a
    /// typed structure would, and brings the value into the form that is stored:
    /// - a member that is `null` is dropped, and so is an empty list or map that need not be there;
    ///   a `null` in a list or a map becomes the empty value;
    /// - quantities and times are written in their canonical form.
    /// - Throws: `DecodeError` for the first field that cannot be read. The value is then
    ///   unchanged.
    public func decode(_ value: inout JSONValue) throws(DecodeError) {
        var walk = DecodeWalk(.root)
        try walk.check(value, node)
        if walk.needsNormalizing { Normalizer.normalize(&value, node) }
    }

    /// Removes the members that the schema does not know.
    /// - Returns: their paths such as `spec.foo` or `spec.containers[0].foo`, in the order of the
    ///   document, a hundred at most.
    public func prune(_ value: inout JSONValue) -> [String] { PruneWalk.prune(&value, node) }

    /// Adds the members that are absent and have a default, also in the elements of lists and in
    /// the values of maps. Nothing is added to objects that are absent and have no default
    /// themselves. An empty string counts as absent; so does a zero that the schema's minimum
    /// excludes.
    public func applyDefaults(_ value: inout JSONValue) { Defaulting.apply(&value, node) }

    /// Everything in the value that the schema's rules forbid, in the order of the document.
    public func validate(_ value: JSONValue, at path: FieldPath = .root) -> [FieldError] {
        validate(value, from: nil, at: path)
    }

    /// The same for a changed object. In a custom resource, what has not changed is not refused, so
    /// that a definition may become stricter than its objects (Kubernetes enhancement 4008).
    public func validate(
        _ value: JSONValue, from old: JSONValue, at path: FieldPath = .root
    ) -> [FieldError] {
        validate(value, from: .some(old), at: path)
    }

    private func validate(
        _ value: JSONValue, from old: JSONValue?, at path: FieldPath
    ) -> [FieldError] {
        var walk = ValidationWalk(path)
        walk.validate(value, node, from: old)
        guard walk.errors.isEmpty, node.custom?.hasRules == true else { return walk.errors }
        // Rules may count on the types of what they see.
        var rules = RuleWalk(path)
        rules.check(value, node, from: old)
        return rules.errors
    }

    /// Every field that may not change and has. Elements of lists with keys are compared with those
    /// of the same keys, others with those at the same place; what is new or gone as a whole
    /// element is no change of its fields.
    public func validateImmutable(
        old: JSONValue, new: JSONValue, at path: FieldPath = .root
    ) -> [FieldError] {
        var walk = ImmutabilityWalk(path)
        walk.compare(old, new, node)
        return walk.errors
    }
}
