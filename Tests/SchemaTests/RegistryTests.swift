import APIModel
import JSON
import Schema
import Testing

@Suite struct `The registry` {
    @Test func `finds schemas by name and by kind`() throws {
        let registry = try Documents.registry()
        let kind = GroupVersionKind(group: "library", version: "v1", kind: "Shelf")
        #expect(registry.schema(for: kind)?.name == "library.Shelf")
        #expect(registry.schema(named: "nothing") == nil)
        #expect(registry.source(named: "library.Book") == Documents.book)
        #expect(registry.groupVersions.map(\.description) == ["meta/v1", "library/v1"])
    }

    @Test(
        arguments: [
            (
                ["A": Documents.reference("B")],
                "library/v1#/components/schemas/A: there is no schema called B"
            ),
            (
                ["A": ["type": "text"]],
                "library/v1#/components/schemas/A/type: has no value \"text\""
            ),
            (["A": ["typ": "text"]], "library/v1#/components/schemas/A/typ: is not known"),
            (
                ["A": ["type": "string", "x-binnacle-format": "word"]],
                "library/v1#/components/schemas/A/x-binnacle-format: has no value \"word\""
            ),
            (
                ["A": ["type": "array", "items": [:], "x-kubernetes-list-type": "bag"]],
                "library/v1#/components/schemas/A/x-kubernetes-list-type: has no value \"bag\""
            ),
            (["A": ["type": "array"]], "library/v1#/components/schemas/A: items is missing"),
            (
                [
                    "A": [
                        "type": "object",
                        "properties": ["a/b": ["type": "integer", "default": "x"]],
                    ]
                ],
                "library/v1#/components/schemas/A/properties/a~1b/default: "
                    + "cannot read string as int64"
            ),
            (
                [
                    "A": [
                        "type": "object",
                        "properties": ["a": ["type": "integer", "minimum": 1, "default": 0]],
                    ]
                ],
                "library/v1#/components/schemas/A/properties/a/default: "
                    + "Invalid value: 0: must be greater than or equal to 1"
            ),
            (
                [
                    "A": [
                        "type": "object", "properties": ["a": Documents.use("A", ["default": [:]])],
                    ]
                ],
                "library/v1#/components/schemas/A/properties/a/default: contains itself"
            ),
            (["A": Documents.reference("A")], "library/v1#/components/schemas/A: refers to itself"),
            (
                ["A": ["type": "object", "properties": ["a": [:]], "required": ["b"]]],
                "library/v1#/components/schemas/A/required: there is no property b"
            ),
        ] as [(JSONObject, String)])
    func `names what is wrong in a document, and where`(schemas: JSONObject, message: String) {
        let error = #expect(throws: SchemaError.self) {
            _ = try SchemaRegistry([Documents.document(schemas)])
        }
        #expect(error?.description == message)
    }

    @Test func `a rule laid over a schema that holds itself ends in an error`() {
        let schemas: JSONObject = [
            "A": ["type": "object", "properties": ["a": Documents.use("A", ["minLength": 1])]]
        ]
        let error = #expect(throws: SchemaError.self) {
            _ = try SchemaRegistry([Documents.document(schemas)])
        }
        #expect(error?.message == "refers to itself")
    }

    @Test func `collects what schemas refer to`() throws {
        let registry = try Documents.registry()
        #expect(registry.closure(of: ["library.Finish"]) == ["library.Finish"])
        #expect(
            registry.closure(of: ["library.ShelfSpec"]) == [
                "library.Book", "library.Finish", "library.ShelfSpec", "meta.IntOrString",
                "meta.Quantity",
            ])
    }

    @Test func `serves schemas in both forms, without its own extensions`() throws {
        let registry = try Documents.registry()
        let old = registry.schemas(of: ["library.Book"], in: .v2)
        #expect(
            old["library.Book"]?["properties"]?["place"] == [
                "$ref": "#/definitions/meta.IntOrString", "description": "A part.",
            ])
        #expect(
            old["meta.IntOrString"] == [
                "type": "string", "format": "int-or-string", "x-kubernetes-int-or-string": true,
            ])
        let new = registry.schemas(of: ["library.Book"], in: .v3)
        #expect(
            new["library.Book"]?["properties"]?["place"] == [
                "allOf": [["$ref": "#/components/schemas/meta.IntOrString"]],
                "description": "A part.",
            ])
        #expect(new["library.Book"]?["properties"]?["mirror"] == ["type": "string"])
    }
}

@Suite struct `The older form of a schema` {
    @Test func `has no type beside a reference`() {
        let source: JSONValue = [
            "allOf": [["$ref": "#/components/schemas/meta.IntOrString"]],
            "x-kubernetes-int-or-string": true,
        ]
        #expect(
            OpenAPIForm.v2.schema(from: source) == [
                "$ref": "#/definitions/meta.IntOrString", "x-kubernetes-int-or-string": true,
            ])
    }
}

@Suite struct `Both forms of a schema` {
    @Test(arguments: [OpenAPIForm.v2, .v3])
    func `leave out defaults that are empty objects`(form: OpenAPIForm) {
        let source: JSONValue = [
            "properties": [
                "part": ["type": "object", "default": [:], "required": ["name"]],
                "count": ["type": "integer", "default": 0],
                "default": ["type": "object"],
            ]
        ]
        #expect(
            form.schema(from: source) == [
                "properties": [
                    "part": ["type": "object", "required": ["name"]],
                    "count": ["type": "integer", "default": 0],
                    "default": ["type": "object"],
                ]
            ])
    }
}

@Suite struct `A resource's definition` {
    @Test func `is read with everything in it`() throws {
        let shelf = try #require(try Documents.registry().resources.first)
        #expect(shelf.groupVersionResource.description == "library/v1, Resource=shelves")
        #expect(shelf.listKind == "ShelfList" && shelf.singular == "shelf" && shelf.isNamespaced)
        #expect(shelf.nameFormat == .dns1123Label && shelf.hasGeneration)
        #expect(shelf.selectablePaths == [["spec", "room"]])
        #expect(shelf.subresource("status")?.groupVersionKind == nil)
        #expect(shelf.subresource("lend")?.groupVersionKind?.description == "library/v1, Kind=Loan")
        #expect(shelf.subresource("lend")?.verbs == ["create"])
        let scale = try #require(shelf.subresource("scale"))
        #expect(scale.groupVersionKind?.description == "autoscaling/v1, Kind=Scale")
        #expect(scale.scale?.specReplicas == FieldQuery(".spec.replicas"))
        #expect(shelf.columns[0].cell == .field(FieldQuery(".metadata.name")!))
        #expect(shelf.columns[1].cell == .computed("room") && shelf.columns[1].priority == 1)
    }

    @Test(
        arguments: [
            (["plurals": "x"], "/x-binnacle-resources/0/plurals: is not known"),
            (["kind": .null], "/x-binnacle-resources/0/kind: must be a string, not null"),
            (["nameFormat": "x"], "/x-binnacle-resources/0/nameFormat: has no value \"x\""),
            (
                ["subresources": [["nam": "x"]]],
                "/x-binnacle-resources/0/subresources/0/nam: is not known"
            ),
            (
                ["columns": [["name": "A", "type": "string", "jsonPath": "a"]]],
                "/x-binnacle-resources/0/columns/0/jsonPath: \"a\" is no path"
            ),
            (
                ["columns": [["name": "A", "type": "string"]]],
                "/x-binnacle-resources/0/columns/0: needs one of jsonPath, path and cell"
            ),
            (["schema": "X"], ": there is no schema called X for shelves"),
        ] as [(JSONObject, String)])
    func `is refused with what is wrong in it`(changes: JSONObject, message: String) {
        var resource = Documents.resource
        for (key, value) in changes { resource[key] = value }
        let schemas: JSONObject = ["library.Shelf": ["type": "object"]]
        let error = #expect(throws: SchemaError.self) {
            _ = try SchemaRegistry([Documents.document(schemas, resources: [resource])])
        }
        #expect(error?.description == "library/v1#" + message)
    }

    @Test func `has columns that find fields`() {
        let value: JSONValue = ["a": [["b": 1], ["b": 2]], "m": ["x.y/z": "q"]]
        #expect(FieldQuery(".a[1].b")?.value(in: value) == 2)
        #expect(FieldQuery(".m['x.y/z']")?.value(in: value) == "q")
        #expect(FieldQuery(".m.x\\.y/z")?.value(in: value) == "q")
        #expect(FieldQuery(".a[2].b")?.value(in: value) == nil)
        for text in ["", "a", ".", ".a[", ".a[x]", ".a[-1]", ".a['']", ".a['b'", "..a", ".a[*]"] {
            #expect(FieldQuery(text) == nil, "\(text)")
        }
    }

    @Test func `sets fields through the same paths`() {
        var value: JSONValue = ["spec": [:], "text": "x"]
        #expect(FieldQuery(".spec.a.b")?.set(3, in: &value) == true)
        #expect(FieldQuery(".status.n")?.set(4, in: &value) == true)
        #expect(FieldQuery(".text.n")?.set(4, in: &value) == false)
        #expect(FieldQuery(".a[0]")?.set(4, in: &value) == false)
        #expect(value == ["spec": ["a": ["b": 3]], "text": "x", "status": ["n": 4]])
    }
}
