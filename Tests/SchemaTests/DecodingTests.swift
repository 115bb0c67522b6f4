import APIModel
import JSON
import Schema
import Testing

@Suite struct `Decoding` {
    @Test(
        arguments: [
            (["spec": "x"], "cannot read string into field spec of type object"),
            (["spec": ["books": [:]]], "cannot read object into field spec.books of type array"),
            (
                ["spec": ["books": ["x"]]],
                "cannot read string into field spec.books[0] of type object"
            ),
            (["spec": ["open": "true"]], "cannot read string into field spec.open of type boolean"),
            (
                ["spec": ["books": [[:], ["pages": "1"]]]],
                "cannot read string into field spec.books[1].pages of type int32"
            ),
            (
                ["spec": ["books": [["pages": 2_147_483_648]]]],
                "cannot read number 2147483648 into field spec.books[0].pages of type int32"
            ),
            (
                ["spec": ["width": 1.5]],
                "cannot read number 1.5 into field spec.width of type int64"
            ),
            (
                ["metadata": ["labels": ["a": 1]]],
                "cannot read integer into field metadata.labels[a] of type string"
            ),
            (
                ["metadata": ["created": "today"]],
                "cannot read string \"today\" into field metadata.created of type RFC 3339 time"
            ),
            (
                ["spec": ["books": [["price": "1x"]]]],
                "cannot read string \"1x\" into field spec.books[0].price of type quantity"
            ),
            (
                ["spec": ["books": [["cover": "a=b"]]]],
                "cannot read string \"a=b\" into field spec.books[0].cover of type base64 text"
            ),
            (
                ["spec": ["books": [["place": true]]]],
                "cannot read boolean into field spec.books[0].place of type integer or string"
            ),
            ([], "cannot read array as object"), (.null, "cannot read null as object"),
        ] as [(JSONValue, String)])
    func `names the field, the type and what was found`(value: JSONValue, message: String) throws {
        let schema = try Documents.shelfSchema()
        var decoded = value
        let error = #expect(throws: DecodeError.self) { try schema.decode(&decoded) }
        #expect(error?.description == message)
        #expect(decoded == value)
    }

    @Test func `drops null members and fills null elements`() throws {
        var value: JSONValue = [
            "metadata": ["name": .null, "labels": ["a": .null, "b": "c"]],
            "spec": [
                "books": [.null, ["title": "x", "pages": .null]], "tags": [.null],
                "notes": ["kept": .null], "unknown": .null,
            ],
        ]
        try Documents.shelfSchema().decode(&value)
        #expect(
            value == [
                "metadata": ["labels": ["a": "", "b": "c"]],
                "spec": [
                    "books": [[:], ["title": "x"]], "tags": [""], "notes": ["kept": .null],
                    "unknown": .null,
                ],
            ])
    }

    @Test func `drops empty lists and maps that may be left out`() throws {
        var value: JSONValue = [
            "metadata": ["labels": [:]],
            "spec": ["books": [], "tags": [], "notes": [:], "inner": ["tags": []], "unknown": []],
        ]
        try Documents.shelfSchema().decode(&value)
        #expect(
            value == [
                "metadata": [:],
                "spec": ["books": [], "notes": [:], "inner": [:], "unknown": []],
            ])
    }

    @Test func `writes quantities and times in their canonical form`() throws {
        var value: JSONValue = [
            "metadata": ["created": "2025-01-02T05:04:05.5+02:00"],
            "spec": ["books": [["price": 0.5], ["price": "1000m"], ["price": "2Gi"]]],
        ]
        try Documents.shelfSchema().decode(&value)
        #expect(value[path: "metadata", "created"] == "2025-01-02T03:04:05Z")
        #expect(value["spec"]?["books"] == [["price": "500m"], ["price": "1"], ["price": "2Gi"]])
    }

    @Test func `keeps microseconds where the type has them`() throws {
        let schemas: JSONObject = [
            "T": ["type": "object", "properties": ["at": Documents.use("meta.MicroTime")]],
            "U": [
                "type": "object",
                "properties": ["at": Documents.use("meta.MicroTime", ["minLength": 1])],
            ],
        ]
        let registry = try SchemaRegistry([Documents.common, Documents.document(schemas)])
        for name in ["T", "U"] {
            var value: JSONValue = ["at": "2025-01-02T03:04:05Z"]
            try registry.schema(named: name)!.decode(&value)
            #expect(value == ["at": "2025-01-02T03:04:05.000000Z"])
        }
    }
}

@Suite struct `Pruning` {
    @Test func `removes what the schema does not know and names it`() throws {
        var value: JSONValue = [
            "metadata": ["name": "a", "uid": 1], "extra": [:],
            "spec": [
                "books": [["title": "x", "author": "y"]], "notes": ["anything": ["goes": 1]],
                "inner": ["tag": 1, "tags": []],
            ],
        ]
        let unknown = try Documents.shelfSchema().prune(&value)
        #expect(
            unknown == ["metadata.uid", "extra", "spec.books[0].author", "spec.inner.tag"])
        #expect(
            value == [
                "metadata": ["name": "a"],
                "spec": [
                    "books": [["title": "x"]], "notes": ["anything": ["goes": 1]],
                    "inner": ["tags": []],
                ],
            ])
    }

    @Test func `names a hundred fields and removes all`() throws {
        var object = JSONObject()
        for number in 0..<150 { object["f\(number)"] = 1 }
        var value = JSONValue.object(object)
        #expect(try Documents.shelfSchema().prune(&value).count == 100)
        #expect(value == [:])
    }
}

@Suite struct `Defaulting` {
    @Test func `fills what is present and what has a default itself`() throws {
        var value: JSONValue = [
            "spec": ["books": [["title": "x"], ["pages": 7, "language": "de"]]]
        ]
        try Documents.shelfSchema().applyDefaults(&value)
        #expect(
            value == [
                "metadata": [:],
                "spec": [
                    "books": [
                        ["title": "x", "language": "en", "pages": 100],
                        ["pages": 7, "language": "de"],
                    ],
                    "open": true, "finish": ["colour": "oak", "layers": 2],
                ],
            ])
    }

    @Test func `does nothing inside of what is absent`() throws {
        var value: JSONValue = [:]
        try Documents.shelfSchema().applyDefaults(&value)
        #expect(value == ["metadata": [:]])
        value = ["spec": ["spare": ["colour": "red"]]]
        try Documents.shelfSchema().applyDefaults(&value)
        #expect(value["spec"]?["spare"] == ["colour": "red", "layers": 2])
        #expect(value["spec"]?["inner"] == nil)
    }

    @Test func `an empty string is absent, and a zero where the minimum excludes it`() throws {
        var value: JSONValue = [
            "spec": [
                "books": [["language": "", "pages": 0]], "finish": ["layers": 0], "open": false,
            ]
        ]
        try Documents.shelfSchema().applyDefaults(&value)
        #expect(value["spec"]?["books"] == [["language": "en", "pages": 100]])
        #expect(value["spec"]?["finish"] == ["layers": 0, "colour": "oak"])
        #expect(value["spec"]?["open"] == false)
    }
}
