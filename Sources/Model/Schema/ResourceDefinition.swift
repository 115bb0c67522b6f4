import APIModel
import JSON

/// What the API calls a kind of object and how it offers it; from `x-binnacle-resources`.
public struct ResourceDefinition: Hashable, Sendable {
    public let group: String
    public let version: String
    public let plural: String
    public let singular: String
    public let kind: String
    /// The name of the schema that describes an object.
    public let schemaName: String
    public let isNamespaced: Bool
    public let shortNames: [String]
    public let categories: [String]
    /// What a name must look like.
    public let nameFormat: ValueFormat
    /// Whether `metadata.generation` counts the changes of the specification.
    public let hasGeneration: Bool
    /// Whether objects are answered where they are created, and not kept.
    public let isVirtual: Bool
    /// The resource in whose version the objects are stored; `nil` when it is this one.
    public let storedAs: GroupVersionResource?
    /// What may be done with the resource; `nil` when the document leaves it to the server.
    public let verbs: [String]?
    public let subresources: [Subresource]
    /// Fields that a field selector may name beside `metadata.name` and `metadata.namespace`.
    public internal(set) var selectableFields: [String]
    public let columns: [Column]

    /// The kind of a list of objects.
    public let listKind: String
    public var groupVersion: GroupVersion { GroupVersion(group: group, version: version) }
    public var groupVersionKind: GroupVersionKind { groupVersion.kind(kind) }
    public var groupVersionResource: GroupVersionResource { groupVersion.resource(plural) }
    public var groupResource: GroupResource { groupVersionResource.groupResource }

    /// `selectableFields` as an extractor takes them.
    public var selectablePaths: [[String]] {
        selectableFields.map { $0.split(separator: ".").map(String.init) }
    }

    /// The same with other selectable fields.
    public func selectable(by fields: [String]) -> ResourceDefinition {
        var definition = self
        definition.selectableFields = fields
        return definition
    }

    public func subresource(_ name: String) -> Subresource? {
        subresources.first { $0.name == name }
    }

    /// A part of an object, or an action on it, with a path of its own.
    public struct Subresource: Hashable, Sendable {
        public let name: String
        /// The kind it reads and writes; `nil` is the resource's own.
        public let groupVersionKind: GroupVersionKind?
        /// What may be done with it; `nil` when the document leaves it to the server.
        public let verbs: [String]?
        /// Where a `scale` finds its numbers and its selector.
        public let scale: ScalePaths?
        /// Whether it leads through the server to what runs on a node, such as `log` and `exec`.
        public let connects: Bool
    }

    public struct ScalePaths: Hashable, Sendable {
        public let specReplicas: FieldQuery
        public let statusReplicas: FieldQuery
        public let selector: FieldQuery?
    }

    /// A column of the table that people see.
    public struct Column: Hashable, Sendable {
        public enum Cell: Hashable, Sendable {
            /// A field of the object.
            case field(FieldQuery)
            /// The first value that a path leads to, in the form that the column's type has. An
            /// object without one has an empty cell.
            case path(JSONPath)
            /// A cell that is computed by the function of this name.
            case computed(String)
        }

        public let name: String
        /// The OpenAPI type of the cells: string, integer, number, boolean or date.
        public let type: String
        public let format: String
        /// 0 is always shown; more only where there is room.
        public let priority: Int
        public let description: String
        public let cell: Cell
    }
}
