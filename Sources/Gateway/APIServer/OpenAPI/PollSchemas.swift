// What a long-poll answers with, described for each kind, so that generated clients have its
// objects by type.

import JSON
import Schema

/// The schemas of one kind's long-polls, and the list that stands beside them. They are served in
/// OpenAPI 3.0 only: version 2 knows no answer that is one thing or another.
struct PollSchemas {
    private let definition: ResourceDefinition

    init(of definition: ResourceDefinition) { self.definition = definition }

    /// Either the kind's list or the changes of a long-poll, told apart by the only value that
    /// `kind` has in each. No `discriminator` says so: kubectl, which reads OpenAPI 3.0 with the
    /// types of 2.0, takes it for text and then reads nothing of the document.
    var answer: JSONValue {
        let list = reference(definition.listSchemaName)
        let events = reference(listName)
        return ["oneOf": [["$ref": list], ["$ref": events]]]
    }

    /// Adds the kind's own schemas, and lets its list say of what kind it is: what is true of every
    /// answer, though a client need not say it.
    func add(to schemas: inout JSONObject) {
        schemas[eventName] = event
        schemas[listName] = list
        schemas[Self.eventTypeName] = Self.eventType
        schemas[definition.listSchemaName] = schemas[definition.listSchemaName].map(stating)
    }

    private var eventName: String { definition.schemaName + "WatchEvent" }
    private var listName: String { definition.schemaName + Self.kind }

    private var event: JSONValue {
        [
            "description": .string("A change of one \(definition.kind)."),
            "type": "object",
            "required": ["object", "type"],
            "properties": [
                "object": ["$ref": reference(definition.schemaName)],
                "type": ["$ref": reference(Self.eventTypeName)],
            ],
        ]
    }

    private var list: JSONValue {
        let metadata: JSONValue = ["$ref": reference(Self.listMetaName)]
        let text = "Changes of objects of kind \(definition.kind), in the order of their happening."
        return [
            "description": .string(text),
            "type": "object",
            "required": ["apiVersion", "items", "kind", "metadata"],
            "properties": [
                "apiVersion": ["type": "string"],
                "items": [
                    "description": "Empty when nothing happened before the time was up.",
                    "type": "array", "items": ["$ref": reference(eventName)],
                ],
                "kind": ["type": "string", "enum": [.string(Self.kind)]],
                "metadata": [
                    "description": "Its `resourceVersion` is where the next poll goes on.",
                    "allOf": [metadata],
                ],
            ],
        ]
    }

    private func stating(_ list: JSONValue) -> JSONValue {
        var list = list
        list["properties"]?["kind"]?["enum"] = [.string(definition.listKind)]
        let required = (list["required"]?.array ?? []).compactMap(\.string)
        list["required"] = .strings(Set(required).union(["kind"]).sorted())
        return list
    }

    private func reference(_ name: String) -> JSONValue {
        .string(OpenAPIForm.v3.referencePrefix + name)
    }

    private static let kind = "WatchEventList"
    private static let listMetaName = "io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta"
    private static let eventTypeName = "dev.binnacle.v1.WatchEventType"
    private static let eventType: JSONValue = [
        "description": """
        What happened. A BOOKMARK's object has nothing but a resource version, an ERROR's is a \
        Status; long-polls bring neither today.
        """,
        "type": "string", "enum": ["ADDED", "MODIFIED", "DELETED", "BOOKMARK", "ERROR"],
    ]
}
