// What a reader asks for, before the cache has looked at it.

import Buffers

/// A part of a resource: a namespace, a name, and selectors.
public struct Selection: Sendable {
    /// `nil` is every namespace.
    public var namespace: String?
    /// `nil` is every name.
    public var name: String?
    public var labels: [LabelRequirement]
    public var fields: [FieldRequirement]

    public init(
        namespace: String? = nil, name: String? = nil, labels: [LabelRequirement] = [],
        fields: [FieldRequirement] = []
    ) {
        self.namespace = namespace
        self.name = name
        self.labels = labels
        self.fields = fields
    }
}

/// One term of a label selector. An object must meet all of them.
public enum LabelRequirement: Hashable, Sendable {
    /// The label exists with one of these values; `=` is this with one value.
    case isIn(String, [String])
    /// The label does not exist, or has none of these values.
    case notIn(String, [String])
    case exists(String)
    case absent(String)
    /// The label exists, is a whole number, and is greater than this one.
    case greaterThan(String, Int64)
    case lessThan(String, Int64)
}

/// One term of a field selector. An object must meet all of them.
public struct FieldRequirement: Hashable, Sendable {
    public enum Target: Hashable, Sendable {
        case name
        case namespace
        /// The field at this index of the resource's `fieldNames`.
        case field(Int)
    }

    public var target: Target
    public var value: String
    /// Whether the field must have this value, or must not.
    public var isEqual: Bool

    public init(_ target: Target, _ value: String, isEqual: Bool = true) {
        self.target = target
        self.value = value
        self.isEqual = isEqual
    }
}
