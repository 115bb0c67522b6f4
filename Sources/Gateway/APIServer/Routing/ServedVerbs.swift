// What the documents leave to the server.

import APIModel
import Schema

extension ResourceDefinition {
    /// Every verb, when the document names none.
    var servedVerbs: [String] {
        verbs ?? [
            "create", "delete", "deletecollection", "get", "list", "patch", "update", "watch",
        ]
    }

    var groupKind: GroupKind { groupVersionKind.groupKind }

    /// The name of the schema of a list of these objects.
    var listSchemaName: String { schemaName + "List" }

    /// Where the `scale` of these objects finds its numbers; `nil` when there is none.
    var scale: ScalePaths? { subresource("scale")?.scale }
}

extension ResourceDefinition.Subresource {
    var servedVerbs: [String] { verbs ?? ["get", "patch", "update"] }

    /// The kind that the subresource reads and writes.
    func kind(in definition: ResourceDefinition) -> GroupVersionKind {
        groupVersionKind ?? definition.groupVersionKind
    }
}
