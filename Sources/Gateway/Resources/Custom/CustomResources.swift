// From a definition to the resources that the server works with.

import APIModel
import JSON
import Schema

/// One version of a custom resource, ready to be served.
public struct CustomResource: Sendable {
    public let resource: Resource
    public let schema: CustomSchema
    /// Whether clients may ask for this version.
    public let isServed: Bool
    /// Whether objects are stored in this version.
    public let isStorage: Bool
    /// What clients of a deprecated version are told.
    public let warning: String?
}

/// Why a definition cannot be served, although it was let in: by a server with other rules.
public struct UnservableDefinition: Error, Sendable, CustomStringConvertible {
    public let description: String
}

extension CustomDefinition {
    /// Every version, in the order of the definition; those that are not served are there for
    /// objects that are stored in them. Where a webhook translates, the resources say nothing of
    /// it: whoever serves them asks it.
    /// - Parameter base: the built-in kinds.
    public func resources(
        beside base: SchemaRegistry
    ) throws(UnservableDefinition) -> [CustomResource] {
        guard let storage = storageVersion, !names.plural.isEmpty, group.contains(".") else {
            throw UnservableDefinition(description: "it lacks a name, a group or a stored version")
        }
        let stored = try resource(storage, base, storedAs: nil)
        var resources: [CustomResource] = []
        for version in versions {
            resources.append(
                version.isStorage
                    ? stored
                    : try resource(version, base, storedAs: stored.resource.definition))
        }
        return resources
    }

    /// The stored version with the selectable fields of all versions: what a cache reads.
    public func indexed(_ storage: Resource) -> Resource {
        var fields: [String] = []
        for field in versions.flatMap(\.selectableFields) where !fields.contains(field) {
            fields.append(field)
        }
        return Resource(
            definition: storage.definition.selectable(by: fields), schema: storage.schema,
            strategy: storage.strategy)
    }

    /// - Parameter storage: the version in which the objects are stored; `nil` when it is this one.
    private func resource(
        _ version: CustomVersion, _ base: SchemaRegistry, storedAs storage: ResourceDefinition?
    ) throws(UnservableDefinition) -> CustomResource {
        let kind = GroupVersionKind(group: group, version: version.name, kind: names.kind)
        do {
            let schema = try CustomSchema(
                version.schema ?? .null, of: kind, listKind: names.listKind,
                at: FieldPath("schema"),
                beside: base)
            let definition = try ResourceDefinition(
                description(of: version, schema.name), in: kind.groupVersion)
            let resource = Resource(
                definition: definition, schema: schema.schema(), strategy: CustomStrategy(),
                conversion: conversionWebhook == nil
                    ? storage.map { Conversion(SameForm(), from: $0, to: kind) } : nil)
            return CustomResource(
                resource: resource, schema: schema, isServed: version.isServed,
                isStorage: version.isStorage, warning: version.deprecationWarning(self))
        } catch let error as InvalidSchema {
            let reasons = error.errors.map(\.description).joined(separator: "; ")
            throw UnservableDefinition(description: "\(kind): \(reasons)")
        } catch {
            throw UnservableDefinition(description: "\(kind): \(error)")
        }
    }

    /// As the documents of the built-in kinds describe theirs.
    private func description(of version: CustomVersion, _ schemaName: String) -> JSONValue {
        var subresources: [JSONValue] = []
        if version.hasStatus { subresources.append(["name": "status"]) }
        if let scale = version.scale { subresources.append(self.scale(scale)) }
        let age: JSONValue = [
            "name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp",
        ]
        let columns = version.columns.isEmpty ? [age] : version.columns
        let names = acceptedNames.plural.isEmpty ? names : acceptedNames
        return [
            "plural": .string(names.plural), "singular": .string(names.singular),
            "kind": .string(names.kind), "listKind": .string(names.listKind),
            "schema": .string(schemaName),
            "namespaced": .bool(isNamespaced), "shortNames": .strings(names.shortNames),
            "categories": .strings(names.categories), "nameFormat": "dns1123-subdomain",
            "generation": true, "subresources": .array(subresources),
            "selectableFields": .strings(version.selectableFields),
            "verbs": isEndingObjects ? Self.verbsOfEnding : .strings(Self.verbs),
            "columns": .array([Self.nameColumn] + columns.map(Self.column)),
        ]
    }

    private func scale(_ paths: JSONValue) -> JSONValue {
        var subresource: JSONObject = [
            "name": "scale", "group": "autoscaling", "version": "v1", "kind": "Scale",
            "specReplicas": paths["specReplicasPath"] ?? "",
            "statusReplicas": paths["statusReplicasPath"] ?? "",
        ]
        if let selector = paths["labelSelectorPath"] { subresource["selector"] = selector }
        return .object(subresource)
    }

    private static let verbs = [
        "create", "delete", "deletecollection", "get", "list", "patch", "update", "watch",
    ]
    /// Nothing comes to what is going.
    private static let verbsOfEnding = JSONValue.strings(verbs.filter { $0 != "create" })

    private static let nameColumn: JSONValue = [
        "name": "Name", "type": "string", "format": "name",
        "description": "The name, unique among objects of this kind in the namespace.",
        "jsonPath": ".metadata.name",
    ]

    private static func column(_ column: JSONValue) -> JSONValue {
        var members = column.object ?? JSONObject()
        members["path"] = members.removeValue(forKey: "jsonPath")
        return .object(members)
    }
}
