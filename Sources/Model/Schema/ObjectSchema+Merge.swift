import APIModel

/// What strategic merge patch asks about a field: its schema, and how the field that holds it is
/// declared.
private struct FieldMergeSchema: MergeSchema {
    let registry: SchemaRegistry
    let node: SchemaNode
    let property: SchemaProperty?

    var patchStrategies: [String] { property?.patchStrategies ?? [] }
    var patchMergeKey: String? { property?.patchMergeKey }

    func member(_ name: String) -> (any MergeSchema)? { node.mergeMember(name, registry) }

    var element: (any MergeSchema)? {
        guard node.shape == .array, let element = node.element else { return nil }
        return FieldMergeSchema(registry: registry, node: element, property: nil)
    }
}

extension SchemaNode {
    fileprivate func mergeMember(
        _ name: String, _ registry: SchemaRegistry
    ) -> (any MergeSchema)? {
        if shape == .map, let element {
            return FieldMergeSchema(registry: registry, node: element, property: nil)
        }
        guard let property = property(name) else { return nil }
        return FieldMergeSchema(registry: registry, node: property.node, property: property)
    }
}

extension ObjectSchema: MergeSchema {
    public func member(_ name: String) -> (any MergeSchema)? { node.mergeMember(name, registry) }

    public var element: (any MergeSchema)? {
        FieldMergeSchema(registry: registry, node: node, property: nil).element
    }

    /// An object as a whole is always merged.
    public var patchStrategies: [String] { [] }
    public var patchMergeKey: String? { nil }
}
