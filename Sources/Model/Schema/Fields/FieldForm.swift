import JSON
import Ownership

/// What has an owner at one place of a document: a value as a whole, or what is in it.
enum FieldForm: Equatable {
    /// A scalar, or a list or object that is replaced as a whole.
    case leaf
    /// Each member has owners of its own.
    case map
    /// Each element has; elements are told apart by what they say.
    case list

    /// The form of a value that nobody described: members count one by one, lists as a whole.
    private init(undescribed value: JSONValue) { self = value.object == nil ? .leaf : .map }

    /// - Parameter node: `nil` where the schema says nothing.
    init(_ value: JSONValue, _ node: SchemaNode?) {
        guard let node else {
            self.init(undescribed: value)
            return
        }
        // A text of its own, to which the object's fields do not count.
        guard !node.isAtomic, node.protobufJSONNumber == nil else {
            self = .leaf
            return
        }
        switch (node.shape, value) {
        case (.object, .object), (.object, .null), (.map, .object), (.map, .null): self = .map
        case (.array, .array), (.array, .null): self = node.list.kind == .atomic ? .leaf : .list
        case (.any, _): self.init(undescribed: value)
        default: self = .leaf
        }
    }
}

extension JSONValue {
    /// Nothing that could be in it is.
    var hasNothingInside: Bool {
        switch self {
        case .null: true
        case .object(let members): members.isEmpty
        case .array(let elements): elements.isEmpty
        default: false
        }
    }
}

extension SchemaNode {
    /// What is known of a member: its schema, and how it is declared if it is declared by name.
    func member(_ name: String) -> (node: SchemaNode?, property: SchemaProperty?) {
        if shape == .map { return (element, nil) }
        guard let property = property(name) else { return (nil, nil) }
        return (property.node, property)
    }

    /// The step to an element of this list; `nil` when the element does not say which one it is.
    func step(to element: JSONValue) -> FieldStep? {
        switch list.kind {
        case .atomic: return nil
        case .set: return element.hasNothingInside && element.isNull ? nil : .value(element)
        case .map:
            guard let members = element.object else { return nil }
            var key: [FieldStep.KeyMember] = []
            key.reserveCapacity(list.keys.count)
            for name in list.keys {
                guard let value = members[name] ?? self.element?.property(name)?.defaultValue
                else { return nil }
                key.append(FieldStep.KeyMember(name, value))
            }
            if key.count > 1 { key.sort { $0.name.byteOrder(against: $1.name) < 0 } }
            return .key(key)
        }
    }

    /// The elements of a list by their steps, in the order of these; several with one step in the
    /// order of the list. What has no step is left out.
    func steps(in elements: [JSONValue]) -> [(step: FieldStep, elements: [JSONValue])] {
        var found: [(step: FieldStep, elements: [JSONValue])] = []
        found.reserveCapacity(elements.count)
        for element in elements {
            if let step = step(to: element) { found.append((step, [element])) }
        }
        guard found.count > 1 else { return found }
        found.sort { $0.step < $1.step }
        var grouped: [(step: FieldStep, elements: [JSONValue])] = []
        grouped.reserveCapacity(found.count)
        for (step, elements) in found {
            if grouped.last?.step == step {
                grouped[grouped.count - 1].elements += elements
            } else {
                grouped.append((step, elements))
            }
        }
        return grouped
    }
}

extension SchemaProperty {
    /// What a new object of a kind that is a structure elsewhere has here before anybody wrote
    /// something; `nil` for what is absent then. It tells which containers come with the object and
    /// which are somebody's doing.
    var valueOfNew: JSONValue? {
        guard !protobufPath.isEmpty, !isOptional else { return nil }
        guard isRequired || isPart || defaultValue?.object != nil || defaultValue == "" else {
            return nil
        }
        return node.emptyValue
    }

    /// The parts of which every kind's structure consists.
    private var isPart: Bool {
        node.shape == .object && (name == "metadata" || name == "spec" || name == "status")
    }
}
