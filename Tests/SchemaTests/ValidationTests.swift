import APIModel
import JSON
import Schema
import Testing

@Suite struct `Validation` {
    func problems(_ value: JSONValue) throws -> [String] {
        try Documents.shelfSchema().validate(value).map(\.description)
    }

    @Test func `has nothing to say about what is right`() throws {
        let value: JSONValue = [
            "metadata": ["labels": ["app.example.com/name": "x"]],
            "spec": [
                "books": [
                    ["title": "a", "place": 80, "mirror": "10.0.0.1"],
                    ["title": "b", "place": "http", "mirror": ""],
                ],
                "tags": ["a", "b"], "width": 300, "weight": 0.5, "notes": [1],
            ],
        ]
        #expect(try problems(value).isEmpty)
    }

    @Test func `lists every cause in the order of the document`() throws {
        let value: JSONValue = [
            "spec": [
                "width": 301, "weight": 0,
                "books": [
                    ["title": "", "pages": 0, "language": "fr"], ["title": "12345678901"],
                    ["isbn": "12x"], ["title": "a", "place": 0, "mirror": "10.0.0"],
                ],
            ]
        ]
        #expect(
            try problems(value) == [
                "spec.width: Invalid value: 301: must be between 1 and 300, inclusive",
                "spec.weight: Invalid value: 0: must be greater than 0",
                "spec.books[0].title: Required value",
                "spec.books[0].pages: Invalid value: 0: must be greater than or equal to 1",
                "spec.books[0].language: Unsupported value: \"fr\": "
                    + "supported values: \"en\", \"de\"",
                "spec.books[1].title: Too long: may not be more than 10 bytes",
                "spec.books[2].isbn: Invalid value: \"12x\": must match the pattern '^[0-9-]+$'",
                "spec.books[2].title: Required value",
                "spec.books[3].place: Invalid value: 0: must be between 1 and 65535, inclusive",
                "spec.books[3].mirror: Invalid value: \"10.0.0\": "
                    + "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)",
            ])
    }

    @Test func `requires what is absent, null or an empty list`() throws {
        #expect(try problems([:]) == ["spec: Required value"])
        #expect(try problems(["spec": .null]) == ["spec: Required value"])
        #expect(try problems(["spec": [:]]) == ["spec.books: Required value"])
        #expect(try problems(["spec": ["books": []]]) == ["spec.books: Required value"])
    }

    @Test func `counts and compares the elements of lists`() throws {
        let many = JSONValue.array((0..<6).map { ["title": .string("t\($0)")] })
        #expect(
            try problems(["spec": ["books": many]]) == [
                "spec.books: Too many: 6: must have at most 5 items"
            ])
        let twice: JSONValue = [
            "books": [["title": "a"], ["title": "b"], ["title": "a"]], "tags": ["x", "x"],
        ]
        #expect(
            try problems(["spec": twice]) == [
                "spec.books[2].title: Duplicate value: \"a\"",
                "spec.tags[1]: Duplicate value: \"x\"",
            ])
    }

    @Test func `compares elements by all their keys, unless duplicates are allowed`() throws {
        func list(_ more: JSONObject) throws -> ObjectSchema {
            var list: JSONObject = [
                "type": "array", "items": ["type": "object"], "x-kubernetes-list-type": "map",
                "x-kubernetes-list-map-keys": ["port", "protocol"],
            ]
            for (key, value) in more { list[key] = value }
            return try SchemaRegistry([Documents.document(["L": .object(list)])]).schema(
                named: "L")!
        }
        let ports: JSONValue = [
            ["port": 1, "protocol": "TCP"], ["port": 1, "protocol": "UDP"],
            ["port": 1, "protocol": "TCP", "name": "b"],
        ]
        let problems = try list([:]).validate(ports, at: FieldPath("ports")).map(\.description)
        #expect(problems == ["ports[2]: Duplicate value: {\"port\":1,\"protocol\":\"TCP\"}"])
        #expect(try list(["x-binnacle-allow-duplicates": true]).validate(ports).isEmpty)
    }

    @Test func `checks keys of maps and types of values`() throws {
        let value: JSONValue = ["metadata": ["labels": ["": "x"]], "spec": ["books": "x"]]
        let errors = try Documents.shelfSchema().validate(value)
        #expect(errors.first?.path.description == "metadata.labels[]")
        #expect(errors.last?.kind == .typeInvalid)
        #expect(errors.last?.path.description == "spec.books")
        #expect(
            try problems(["spec": 1]) == ["spec: Invalid value: 1: must be of type object"])
    }

    @Test func `lists a bounded number of causes`() throws {
        let labels = JSONObject((0..<300).map { ("/\($0)", JSONValue.string("x")) })
        let value: JSONValue = [
            "metadata": ["labels": .object(labels)], "spec": ["books": [["title": "a"]]],
        ]
        #expect(try Documents.shelfSchema().validate(value).count == Limits.reportedErrorCountMax)
    }
}

@Suite struct `A field that may not change` {
    let old: JSONValue = [
        "spec": ["width": 1, "books": [["title": "a"]], "inner": ["width": 5]]
    ]

    func problems(_ new: JSONValue) throws -> [String] {
        try Documents.shelfSchema().validateImmutable(old: old, new: new).map(\.description)
    }

    @Test func `is named with its new value`() throws {
        var new = old
        new["spec"]?["width"] = 2
        new["spec"]?["inner"] = ["width": 5, "open": false]
        #expect(try problems(new) == ["spec.width: Invalid value: 2: field is immutable"])
        new["spec"]?["width"] = nil
        #expect(try problems(new) == ["spec.width: Invalid value: null: field is immutable"])
        new["spec"]?["width"] = 1.0
        new["spec"]?["inner"]?["width"] = 6
        #expect(try problems(new) == ["spec.inner.width: Invalid value: 6: field is immutable"])
    }

    @Test func `is found in lists by the keys of its element`() throws {
        let item: JSONValue = [
            "type": "object",
            "properties": [
                "name": ["type": "string"],
                "size": ["type": "string", "x-binnacle-immutable": true],
            ],
        ]
        let list: JSONValue = [
            "type": "array", "items": item, "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": ["name"],
        ]
        let schema = try SchemaRegistry([Documents.document(["L": list])]).schema(named: "L")!
        let old: JSONValue = [["name": "a", "size": "1"], ["name": "b", "size": "2"]]
        let new: JSONValue = [
            ["name": "c", "size": "9"], ["name": "b", "size": "3"], ["name": "a", "size": "1"],
        ]
        let problems = schema.validateImmutable(old: old, new: new, at: FieldPath("l"))
        #expect(
            problems.map(\.description) == ["l[1].size: Invalid value: \"3\": field is immutable"])
    }
}
