// Discovery, one group and version at a time: `/api/v1`, `/apis/<group>/<version>`.

import APIModel
import Buffers
import JSON
import Schema

/// The resources of a group version as an `APIResourceList`.
struct ResourceList {
    let groupVersion: GroupVersion
    let definitions: [ResourceDefinition]

    var document: JSONValue {
        var resources: [JSONValue] = []
        for definition in definitions.sorted(by: { $0.plural < $1.plural }) {
            resources.append(Self.resource(definition))
            for subresource in definition.subresources.sorted(by: { $0.name < $1.name }) {
                resources.append(Self.subresource(subresource, of: definition))
            }
        }
        var document: JSONObject = ["kind": "APIResourceList"]
        if !groupVersion.group.isEmpty { document["apiVersion"] = "v1" }
        document["groupVersion"] = .string(groupVersion.description)
        document["resources"] = .array(resources)
        return .object(document)
    }

    private static func resource(_ definition: ResourceDefinition) -> JSONValue {
        var resource: JSONObject = [
            "name": .string(definition.plural),
            "singularName": .string(definition.singular),
            "namespaced": .bool(definition.isNamespaced),
            "kind": .string(definition.kind),
            "verbs": .strings(definition.servedVerbs.sorted()),
        ]
        if !definition.shortNames.isEmpty {
            resource["shortNames"] = .strings(definition.shortNames)
        }
        if !definition.categories.isEmpty {
            resource["categories"] = .strings(definition.categories)
        }
        if !definition.isVirtual {
            resource["storageVersionHash"] = .string(storageVersionHash(definition))
        }
        return .object(resource)
    }

    private static func subresource(
        _ subresource: ResourceDefinition.Subresource, of definition: ResourceDefinition
    ) -> JSONValue {
        var resource: JSONObject = [
            "name": .string("\(definition.plural)/\(subresource.name)"),
            "singularName": "",
            "namespaced": .bool(definition.isNamespaced),
        ]
        let kind = subresource.kind(in: definition)
        if kind.groupVersion != definition.groupVersion {
            resource["group"] = .string(kind.group)
            resource["version"] = .string(kind.version)
        }
        resource["kind"] = .string(kind.kind)
        resource["verbs"] = .strings(subresource.servedVerbs.sorted())
        return .object(resource)
    }

    /// Changes when objects of the kind would be stored in another version; clients compare it only
    /// with itself.
    private static func storageVersionHash(_ definition: ResourceDefinition) -> String {
        let version = definition.storedAs?.groupVersion ?? definition.groupVersion
        let identity = "\(version)/\(definition.kind)"
        return StableHash.bytes(of: Bytes(identity)).withUnsafeBytes { Base64.encode($0) }
    }
}

extension JSONValue {
    static func strings(_ strings: [String]) -> JSONValue { .array(strings.map { .string($0) }) }
}
