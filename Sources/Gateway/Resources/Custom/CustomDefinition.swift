// A definition of a custom resource, as the server reads it.

import APIModel
import JSON

/// What a CustomResourceDefinition says. Anything in it may be missing or wrong: only what
/// `DefinitionRules` has let in is served.
public struct CustomDefinition: Sendable {
    public static let group = "apiextensions.k8s.io"
    /// Holds a definition until its objects are gone.
    public static let cleanupFinalizer = "customresourcecleanup.apiextensions.k8s.io"

    /// The names of a kind and of its resource.
    public struct Names: Hashable, Sendable {
        public var plural: String
        public var singular: String
        public var kind: String
        public var listKind: String
        public var shortNames: [String]
        public var categories: [String]

        init(_ names: JSONValue) {
            plural = names.text("plural")
            singular = names.text("singular")
            kind = names.text("kind")
            listKind = names.text("listKind")
            shortNames = names.list("shortNames").compactMap(\.string)
            categories = names.list("categories").compactMap(\.string)
        }

        /// As it stands in a definition; what is empty is left out.
        public var json: JSONValue {
            var members: JSONObject = ["plural": .string(plural)]
            if !singular.isEmpty { members["singular"] = .string(singular) }
            if !shortNames.isEmpty { members["shortNames"] = .strings(shortNames) }
            members["kind"] = .string(kind)
            if !listKind.isEmpty { members["listKind"] = .string(listKind) }
            if !categories.isEmpty { members["categories"] = .strings(categories) }
            return .object(members)
        }
    }

    /// The object itself.
    public let object: JSONValue
    public let meta: ObjectMeta
    public let group: String
    public let names: Names
    public let isNamespaced: Bool
    public let versions: [CustomVersion]

    public init(_ object: JSONValue) {
        self.object = object
        meta = ObjectMeta(of: object)
        let spec = object["spec"] ?? .null
        group = spec.text("group")
        names = Names(spec["names"] ?? .null)
        isNamespaced = spec.text("scope") == "Namespaced"
        versions = spec.list("versions").map(CustomVersion.init)
    }

    /// The names under which the kind is served.
    public var acceptedNames: Names { Names(object[path: "status", "acceptedNames"] ?? .null) }

    public var storageVersion: CustomVersion? { versions.first(where: \.isStorage) }

    /// The first two segments of the objects' keys.
    public var storageName: String { "\(group)/\(names.plural)" }

    /// Whether the kind is served.
    public var isEstablished: Bool { condition("Established") == "True" }

    /// The status of a condition; `nil` when there is none.
    public func condition(_ type: String) -> String? {
        object["status"]?.list("conditions").first { $0.text("type") == type }?["status"]?.string
    }

    /// Whether the definition waits for its objects to end.
    public var isEndingObjects: Bool {
        meta.isBeingDeleted && meta.finalizers.contains(Self.cleanupFinalizer)
    }

    /// The versions in which there may be objects.
    public var storedVersions: [String] {
        object["status"]?.list("storedVersions").compactMap(\.string) ?? []
    }

    /// The webhook that translates objects; `nil` when only the apiVersion differs.
    public var conversionWebhook: JSONValue? {
        let conversion = object[path: "spec", "conversion"] ?? .null
        return conversion.text("strategy") == "Webhook" ? conversion["webhook"] : nil
    }
}

/// One version of a custom resource.
public struct CustomVersion: Sendable {
    public let object: JSONValue

    init(_ object: JSONValue) { self.object = object }

    public var name: String { object.text("name") }
    public var isServed: Bool { object["served"] == true }
    public var isStorage: Bool { object["storage"] == true }
    public var schema: JSONValue? { object[path: "schema", "openAPIV3Schema"] }
    public var hasStatus: Bool { object[path: "subresources", "status"] != nil }
    public var scale: JSONValue? { object[path: "subresources", "scale"] }
    public var columns: [JSONValue] { object.list("additionalPrinterColumns") }

    /// `spec.color` for `.spec.color`.
    public var selectableFields: [String] {
        object.list("selectableFields").map { String($0.text("jsonPath").drop { $0 == "." }) }
    }

    /// What clients of a deprecated version are told; `nil` when it is not.
    public func deprecationWarning(_ definition: CustomDefinition) -> String? {
        guard object["deprecated"] == true else { return nil }
        let text = object.text("deprecationWarning")
        let kind = "\(definition.group)/\(name) \(definition.names.kind)"
        return text.isEmpty ? "\(kind) is deprecated" : text
    }
}
