// The paths of a resource, derived from its definition.

import APIModel
import JSON
import Resources
import Schema

struct PathItems {
    private let resource: Resource
    private let registry: SchemaRegistry
    private var definition: ResourceDefinition { resource.definition }

    init(_ resource: Resource, _ registry: SchemaRegistry) {
        self.resource = resource
        self.registry = registry
    }

    /// Every path of the resource and its subresources, with its operations.
    var items: [(path: String, item: JSONValue)] {
        var items: [(path: String, item: JSONValue)] = []
        items.append((path: collection, item: item(collectionOperations, namespaced)))
        if definition.isNamespaced, definition.servedVerbs.contains("list") {
            var list = Operation(verb: .list, resource: resource, registry: registry)
            list.isForAllNamespaces = true
            items.append((path: "\(root)/\(definition.plural)", item: item([list], [])))
        }
        let single = "\(collection)/{name}"
        guard !definition.isVirtual else { return items }
        items.append((path: single, item: item(objectOperations, namespaced + [Parameters.name])))
        for subresource in definition.subresources where !subresource.connects {
            items.append(
                (
                    path: "\(single)/\(subresource.name)",
                    item: item(operations(of: subresource), namespaced + [Parameters.name])
                ))
        }
        return items
    }

    private var root: String {
        let groupVersion = definition.groupVersion
        return groupVersion.group.isEmpty
            ? "/api/\(groupVersion.version)" : "/apis/\(groupVersion)"
    }

    private var collection: String {
        definition.isNamespaced
            ? "\(root)/namespaces/{namespace}/\(definition.plural)" : "\(root)/\(definition.plural)"
    }

    private var namespaced: [Parameter] { definition.isNamespaced ? [Parameters.namespace] : [] }

    private var collectionOperations: [Operation] {
        operations([("list", .list), ("create", .post), ("deletecollection", .deletecollection)])
    }

    private var objectOperations: [Operation] {
        operations([("get", .get), ("update", .put), ("patch", .patch), ("delete", .delete)])
    }

    private func operations(_ verbs: [(String, Operation.Verb)]) -> [Operation] {
        verbs.filter { definition.servedVerbs.contains($0.0) }.map {
            Operation(verb: $0.1, resource: resource, registry: registry)
        }
    }

    private func operations(of subresource: ResourceDefinition.Subresource) -> [Operation] {
        let verbs: [(String, Operation.Verb)] = [
            ("get", .get), ("create", .post), ("update", .put), ("patch", .patch),
        ]
        return verbs.filter { subresource.servedVerbs.contains($0.0) }.map {
            Operation(verb: $0.1, resource: resource, registry: registry, subresource: subresource)
        }
    }

    private func item(_ operations: [Operation], _ parameters: [Parameter]) -> JSONValue {
        var item = JSONObject()
        for operation in operations { item[operation.verb.method] = operation.document }
        item["parameters"] = .array(parameters.map(\.document))
        return .object(item)
    }
}
