// Objects that are served in more versions than the one in which they are stored.

import APIModel
import JSON
import Schema

/// Between the version in which a resource is served and the one in which its objects are stored.
///
/// Both functions are total: what one version cannot say, the other keeps where it is found again,
/// so that an object that goes there and back says the same. Members that are not where they should
/// be stay where they are. `kind` and `apiVersion` are the caller's.
public protocol Converter: Sendable {
    /// A stored object as this version shows it.
    func served(_ stored: JSONValue) -> JSONValue
    /// An object of this version as it is stored.
    func stored(_ served: JSONValue) -> JSONValue
    /// What the stored kind calls a selectable field of this version.
    func storedField(_ field: String) -> String
}

extension Converter {
    public func storedField(_ field: String) -> String { field }
}

/// Versions that differ in their name alone.
public struct SameForm: Converter {
    public init() {}
    public func served(_ stored: JSONValue) -> JSONValue { stored }
    public func stored(_ served: JSONValue) -> JSONValue { served }
}

/// How a resource that is served in another version than the stored one gets its objects.
public struct Conversion: Sendable {
    /// The resource in the version in which objects are stored.
    public let storage: ResourceDefinition
    private let kind: GroupVersionKind
    private let converter: any Converter

    /// - Parameter kind: what the converted objects are in the version in which they are served.
    public init(
        _ converter: any Converter, from storage: ResourceDefinition, to kind: GroupVersionKind
    ) {
        self.converter = converter
        self.storage = storage
        self.kind = kind
    }

    /// Whether the versions differ in their name alone.
    public var changesOnlyNames: Bool { converter is SameForm }

    public func served(_ stored: JSONValue) -> JSONValue {
        converter.served(stored).identified(as: kind)
    }

    public func stored(_ served: JSONValue) -> JSONValue {
        converter.stored(served).identified(as: storage.groupVersionKind)
    }

    public func storedField(_ field: String) -> String { converter.storedField(field) }
}

extension JSONValue {
    /// The same object under another kind and version.
    fileprivate func identified(as kind: GroupVersionKind) -> JSONValue {
        var object = self
        object.put("kind", .string(kind.kind))
        object.put("apiVersion", .string(kind.groupVersion.description))
        return object
    }
}
