import JSON
import Schema

/// A small API of our own: shelves of books.
enum Documents {
    static func document(
        _ schemas: JSONObject, resources: [JSONValue] = [], group: JSONValue = "library"
    ) -> JSONValue {
        [
            "openapi": "3.0.0", "info": ["title": "Binnacle", "version": "v1"],
            "x-binnacle-group-version": ["group": group, "version": "v1"],
            "x-binnacle-resources": .array(resources),
            "components": ["schemas": .object(schemas)],
        ]
    }

    static func reference(_ name: String) -> JSONValue {
        ["$ref": .string("#/components/schemas/" + name)]
    }

    static func use(_ name: String, _ more: JSONObject = [:]) -> JSONValue {
        var schema: JSONObject = ["allOf": .array([reference(name)]), "description": "A part."]
        for (key, value) in more { schema[key] = value }
        return .object(schema)
    }

    static let meta: JSONValue = [
        "type": "object",
        "properties": [
            "name": ["type": "string"],
            "labels": [
                "type": "object", "additionalProperties": ["type": "string"],
                "x-binnacle-key-format": "qualified-name",
            ],
            "created": use("meta.Time"),
        ],
    ]

    static let book: JSONValue = [
        "type": "object", "required": ["title"],
        "properties": [
            "title": ["type": "string", "minLength": 1, "maxLength": 10],
            "language": ["type": "string", "enum": ["en", "de"], "default": "en"],
            "pages": ["type": "integer", "format": "int32", "minimum": 1, "default": 100],
            "price": use("meta.Quantity"),
            "isbn": ["type": "string", "pattern": "^[0-9-]+$"],
            "place": use("meta.IntOrString", ["x-binnacle-format": "port-number-or-name"]),
            "mirror": ["type": "string", "x-binnacle-format": "ip"],
            "cover": ["type": "string", "format": "byte"],
        ],
    ]

    static let spec: JSONValue = [
        "type": "object", "required": ["books"],
        "properties": [
            "books": [
                "type": "array", "items": reference("library.Book"), "minItems": 1, "maxItems": 5,
                "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["title"],
                "x-kubernetes-patch-strategy": "merge", "x-kubernetes-patch-merge-key": "title",
            ],
            "tags": [
                "type": "array", "items": ["type": "string"], "x-kubernetes-list-type": "set",
            ],
            "width": [
                "type": "integer", "format": "int64", "minimum": 1, "maximum": 300,
                "x-binnacle-immutable": true,
            ],
            "weight": ["type": "number", "exclusiveMinimum": true, "minimum": 0],
            "open": ["type": "boolean", "default": true],
            "finish": use("library.Finish", ["default": [:]]),
            "spare": use("library.Finish"),
            "notes": ["type": "object", "x-kubernetes-preserve-unknown-fields": true],
            "inner": use("library.ShelfSpec"),
        ],
    ]

    static let shelf: JSONValue = [
        "type": "object", "required": ["spec"],
        "properties": [
            "apiVersion": ["type": "string"], "kind": ["type": "string"],
            "metadata": use("meta.Meta", ["default": [:]]), "spec": use("library.ShelfSpec"),
        ],
        "x-kubernetes-group-version-kind": [
            ["group": "library", "version": "v1", "kind": "Shelf"]
        ],
    ]

    static let finish: JSONValue = [
        "type": "object",
        "properties": [
            "colour": ["type": "string", "default": "oak"],
            "layers": ["type": "integer", "format": "int32", "default": 2],
        ],
    ]

    static let resource: JSONValue = [
        "plural": "shelves", "singular": "shelf", "kind": "Shelf", "schema": "library.Shelf",
        "namespaced": true, "shortNames": ["sh"], "categories": ["all"],
        "nameFormat": "dns1123-label", "generation": true,
        "subresources": [
            ["name": "status"],
            [
                "name": "scale", "group": "autoscaling", "version": "v1", "kind": "Scale",
                "specReplicas": ".spec.replicas", "statusReplicas": ".status.replicas",
                "selector": ".spec.selector",
            ],
            ["name": "lend", "kind": "Loan", "verbs": ["create"]],
        ],
        "selectableFields": ["spec.room"],
        "columns": [
            ["name": "Name", "type": "string", "format": "name", "jsonPath": ".metadata.name"],
            ["name": "Room", "type": "string", "priority": 1, "cell": "room"],
        ],
    ]

    static let common = document(
        [
            "meta.Meta": meta,
            "meta.Time": ["type": "string", "format": "date-time"],
            "meta.MicroTime": ["type": "string", "format": "date-time"],
            "meta.Quantity": ["type": "string", "x-binnacle-format": "quantity"],
            "meta.IntOrString": [
                "x-kubernetes-int-or-string": true, "format": "int-or-string",
                "oneOf": [["type": "integer"], ["type": "string"]],
            ],
        ], group: "meta")

    static let library = document(
        [
            "library.Shelf": shelf, "library.ShelfSpec": spec, "library.Book": book,
            "library.Finish": finish,
        ], resources: [resource])

    static func registry() throws -> SchemaRegistry { try SchemaRegistry([common, library]) }
    static func shelfSchema() throws -> ObjectSchema {
        try registry().schema(named: "library.Shelf")!
    }
}
