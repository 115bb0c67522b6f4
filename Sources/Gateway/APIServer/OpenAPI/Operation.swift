// One operation of a path: a verb on a resource, as OpenAPI describes it.

import APIModel
import JSON
import Resources
import Schema

/// What an operation does to what. Verbs are those of `x-kubernetes-action`.
struct Operation {
    enum Verb: String {
        case get, list, post, put, patch, delete, deletecollection

        var method: String {
            switch self {
            case .get, .list: "get"
            case .post: "post"
            case .put: "put"
            case .patch: "patch"
            case .delete, .deletecollection: "delete"
            }
        }
    }

    let verb: Verb
    let resource: Resource
    let registry: SchemaRegistry
    var subresource: ResourceDefinition.Subresource?
    /// A collection across all namespaces.
    var isForAllNamespaces = false

    private var definition: ResourceDefinition { resource.definition }

    var document: JSONValue {
        var operation: JSONObject = [
            "tags": [.string(tag)],
            "description": .string(description),
            "operationId": .string(operationID),
        ]
        operation["parameters"] = .array(parameters.map(\.document))
        if let body = requestBody { operation["requestBody"] = body }
        operation["responses"] = responses
        operation["x-kubernetes-action"] = .string(verb.rawValue)
        operation["x-kubernetes-group-version-kind"] = [
            "group": .string(kind.group), "version": .string(kind.version),
            "kind": .string(kind.kind),
        ]
        return .object(operation)
    }

    private var kind: GroupVersionKind {
        subresource?.kind(in: definition) ?? definition.groupVersionKind
    }

    private var tag: String {
        let group = definition.groupVersion.group
        let name = group.isEmpty ? "core" : String(group.prefix { $0 != "." })
        return "\(name)_\(definition.groupVersion.version)"
    }

    private var description: String {
        let article = "the \(subresource.map { "\($0.name) of the " } ?? "")\(definition.kind)"
        switch verb {
        case .get: return "Read \(article)."
        case .list: return "List objects of kind \(definition.kind), or poll for their changes."
        case .post:
            return subresource == nil
                ? "Create an object of kind \(definition.kind)." : "Create \(article)."
        case .put: return "Replace \(article)."
        case .patch: return "Change part of \(article)."
        case .delete: return "Delete \(article)."
        case .deletecollection: return "Delete every matching object of kind \(definition.kind)."
        }
    }

    /// `listCoreV1NamespacedPod`, as clients generated from Kubernetes' documents name it.
    private var operationID: String {
        let prefix: [Verb: String] = [
            .get: "read", .list: "list", .post: "create", .put: "replace", .patch: "patch",
            .delete: "delete", .deletecollection: "deleteCollection",
        ]
        let group = tag.split(separator: "_").map { $0.prefix(1).uppercased() + $0.dropFirst() }
            .joined()
        let scope = definition.isNamespaced && !isForAllNamespaces ? "Namespaced" : ""
        let part = subresource.map { $0.name.prefix(1).uppercased() + $0.name.dropFirst() } ?? ""
        let suffix = isForAllNamespaces ? "ForAllNamespaces" : ""
        return (prefix[verb] ?? "") + group + scope + definition.kind + part + suffix
    }

    private var parameters: [Parameter] {
        switch verb {
        case .get: [Parameters.resourceVersion] + Parameters.conditional
        case .list:
            Parameters.selection + Parameters.paging + Parameters.watching + Parameters.polling
                + Parameters.conditional
        case .post, .put: Parameters.writing
        case .patch: Parameters.patching
        case .delete: Parameters.deleting
        case .deletecollection: Parameters.deleting + Parameters.selection
        }
    }

    private var requestBody: JSONValue? {
        switch verb {
        case .get, .list: return nil
        case .post, .put:
            return [
                "required": true,
                "content": content(schema(of: kind), types: ["application/json"]),
            ]
        case .patch:
            return [
                "required": true,
                "content": content(Self.patchSchema, types: Patch.types(for: resource)),
            ]
        case .delete, .deletecollection:
            return ["content": content(Self.deleteOptionsSchema, types: ["application/json"])]
        }
    }

    private var responses: JSONValue {
        var responses = JSONObject()
        if verb != .post { responses["200"] = response("OK", resultSchema) }
        switch verb {
        case .get, .list: responses["304"] = Self.notModified
        case .post, .put, .patch: responses["201"] = response("Created", resultSchema)
        case .delete, .deletecollection: break
        }
        responses["default"] = response("Refused", Self.statusSchema)
        return .object(responses)
    }

    private func response(_ description: String, _ schema: JSONValue) -> JSONValue {
        var response: JSONObject = ["description": .string(description)]
        if description == "OK", verb == .get || verb == .list { response["headers"] = Self.tag }
        response["content"] = content(schema, types: ["application/json"])
        return .object(response)
    }

    private var resultSchema: JSONValue {
        switch verb {
        case .list: return PollSchemas(of: definition).answer
        case .delete:
            return resource.strategy.deletionAnswersWithObject
                ? schema(of: kind) : Self.statusSchema
        case .deletecollection: return Self.statusSchema
        case .get, .post, .put, .patch: return schema(of: kind)
        }
    }

    private func schema(of kind: GroupVersionKind) -> JSONValue {
        guard kind != definition.groupVersionKind else {
            return Self.reference(definition.schemaName)
        }
        return Self.reference(registry.schemaName(for: kind) ?? definition.schemaName)
    }

    private func content(_ schema: JSONValue, types: [String]) -> JSONValue {
        var content = JSONObject()
        for type in types { content[type] = ["schema": schema] }
        return .object(content)
    }

    /// What every document needs, besides its kinds.
    static let sharedSchemaNames: Set = [
        meta + "Patch", meta + "DeleteOptions", meta + "Status", "dev.binnacle.v1.WatchEventList",
    ]

    /// The schemas that the operations of a kind name.
    static func schemaNames(
        of definition: ResourceDefinition, _ registry: SchemaRegistry
    ) -> Set<String> {
        let kinds = definition.subresources.compactMap(\.groupVersionKind)
        let lists = definition.isVirtual ? [] : [definition.listSchemaName]
        return Set([definition.schemaName] + lists)
            .union(kinds.compactMap { registry.schemaName(for: $0) })
    }

    private static func reference(_ name: String) -> JSONValue {
        ["$ref": .string("#/components/schemas/\(name)")]
    }

    private static let meta = "io.k8s.apimachinery.pkg.apis.meta.v1."
    private static let patchSchema = reference(meta + "Patch")
    private static let deleteOptionsSchema = reference(meta + "DeleteOptions")
    private static let statusSchema = reference(meta + "Status")

    /// What every whole answer to a read carries, except for pages of a list.
    private static let tag: JSONValue = [
        "ETag": [
            "description": "What to name in If-None-Match.", "schema": ["type": "string"],
        ]
    ]
    private static let notModified: JSONValue = [
        "description": "Nothing has changed since the state that If-None-Match names.",
        "headers": tag,
    ]
}
