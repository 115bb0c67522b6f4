// The API described for generators and for kubectl: OpenAPI 3.0 by group version, and all as 2.0.

import APIModel
import Buffers
import JSON
import Resources
import Schema

struct OpenAPIDocuments: Sendable {
    /// By path: `api/v1`, `apis/apps/v1`.
    let v3: [String: ServedDocument]
    /// `/openapi/v3`: where each document is, with its hash, so that clients cache it.
    let index: ServedDocument
    let v2: ServedDocument
    /// The same as protobuf.
    let v2Protobuf: ServedDocument

    /// - Parameter known: the documents of kinds that `catalog` has, too: those of group versions
    ///   to which it adds nothing are the same.
    init(_ catalog: Catalog, reusing known: OpenAPIDocuments? = nil) {
        var v3: [String: ServedDocument] = [:]
        let byGroupVersion = Dictionary(grouping: catalog.resources) { $0.definition.groupVersion }
        for (groupVersion, resources) in byGroupVersion {
            let path = Self.path(of: groupVersion)
            if let document = known?.v3[path], !resources.contains(where: \.isCustom) {
                v3[path] = document
                continue
            }
            v3[path] = ServedDocument(
                OpenAPIv3(groupVersion, resources, catalog.registry).document)
        }
        self.v3 = v3
        index = ServedDocument(Self.index(of: v3))
        let document = OpenAPIv2(catalog).document
        v2 = ServedDocument(document)
        v2Protobuf = ServedDocument(bytes: OpenAPIv2Protobuf.encode(document))
    }

    static func path(of groupVersion: GroupVersion) -> String {
        groupVersion.group.isEmpty ? "api/\(groupVersion.version)" : "apis/\(groupVersion)"
    }

    private static func index(of documents: [String: ServedDocument]) -> JSONValue {
        var paths = JSONObject()
        for (path, document) in documents.sorted(by: { $0.key < $1.key }) {
            paths[path] = [
                "serverRelativeURL": .string("/openapi/v3/\(path)?hash=\(document.hash)")
            ]
        }
        return ["paths": .object(paths)]
    }
}

/// The OpenAPI 3.0 document of one group version.
private struct OpenAPIv3 {
    let document: JSONValue

    init(_ groupVersion: GroupVersion, _ resources: [Resource], _ registry: SchemaRegistry) {
        var paths = JSONObject()
        var roots: Set<String> = Operation.sharedSchemaNames
        for resource in resources.sorted(by: { $0.definition.plural < $1.definition.plural }) {
            for (path, item) in PathItems(resource, registry).items { paths[path] = item }
            roots.formUnion(Operation.schemaNames(of: resource.definition, registry))
        }
        var schemas = registry.schemas(of: roots, in: .v3)
        for resource in resources { PollSchemas(of: resource.definition).add(to: &schemas) }
        SchemaTitles.add(to: &schemas)
        document = [
            "openapi": "3.0.0",
            "info": ["title": "Binnacle", "version": .string(groupVersion.version)],
            "paths": .object(paths),
            "components": ["schemas": .object(schemas)],
        ]
    }
}

/// Everything as one OpenAPI 2.0 document, which older clients read.
private struct OpenAPIv2 {
    let document: JSONValue

    init(_ catalog: Catalog) {
        let registry = catalog.registry
        var paths = JSONObject()
        var roots: Set<String> = Operation.sharedSchemaNames
        for resource in catalog.resources {
            for (path, item) in PathItems(resource, registry).items {
                paths[path] = OpenAPIv2Paths.translate(item)
            }
            roots.formUnion(Operation.schemaNames(of: resource.definition, registry))
        }
        document = [
            "swagger": "2.0", "info": ["title": "Binnacle", "version": "v1"],
            "paths": .object(paths),
            "definitions": .object(registry.schemas(of: roots, in: .v2)),
        ]
    }
}
