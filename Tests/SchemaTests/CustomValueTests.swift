import APIModel
import JSON
import Testing

@testable import Schema

/// What becomes of the objects of custom resources.
@Suite struct CustomValueTests {
    @Test(
        arguments: [
            // Types
            (#"{"type":"integer"}"#, "1", nil), (#"{"type":"integer"}"#, "1.0", nil),
            (
                #"{"type":"integer"}"#, "1.5",
                "Invalid value: 1.5: must be of type integer, not number"
            ),
            (#"{"type":"string"}"#, "1", "Invalid value: 1: must be of type string, not integer"),
            (
                #"{"type":"boolean"}"#, "\"x\"",
                "Invalid value: \"x\": must be of type boolean, not string"
            ),
            (
                #"{"type":"array","items":{"type":"string"}}"#, "{}",
                "Invalid value: \"object\": must be of type array, not object"
            ),
            (#"{"type":"string","nullable":true}"#, "null", nil),
            (#"{"x-kubernetes-int-or-string":true}"#, "\"5%\"", nil),
            (#"{"x-kubernetes-int-or-string":true}"#, "5", nil),
            (
                #"{"x-kubernetes-int-or-string":true}"#, "true",
                "Invalid value: true: must be of type integer or string, not boolean"
            ),
            // Constraints
            (
                #"{"type":"integer","minimum":1,"maximum":3}"#, "4",
                "Invalid value: 4: must be between 1 and 3, inclusive"
            ),
            (
                #"{"type":"number","minimum":1,"exclusiveMinimum":true}"#, "1",
                "Invalid value: 1: must be greater than 1"
            ),
            (
                #"{"type":"integer","multipleOf":3}"#, "4",
                "Invalid value: 4: must be a multiple of 3"
            ),
            (#"{"type":"number","multipleOf":0.1}"#, "0.3", nil),
            (
                #"{"type":"integer","format":"int32"}"#, "3000000000",
                "Invalid value: 3000000000: must be a number of 32 bits (int32)"
            ),
            (
                #"{"type":"string","minLength":2}"#, "\"\"",
                "Invalid value: \"\": must be at least 2 characters long"
            ),
            (
                #"{"type":"string","maxLength":2}"#, "\"äöü\"",
                "Too long: may not be more than 2 characters"
            ),
            (#"{"type":"string","maxLength":3}"#, "\"äöü\"", nil),
            (
                #"{"type":"string","pattern":"^a+$"}"#, "\"ab\"",
                "Invalid value: \"ab\": must match the pattern '^a+$'"
            ),
            (
                #"{"type":"string","enum":["a","b"]}"#, "\"c\"",
                "Unsupported value: \"c\": supported values: \"a\", \"b\""
            ),
            (
                #"{"type":"string","format":"date-time"}"#, "\"x\"",
                "Invalid value: \"x\": must be of format date-time"
            ),
            (
                #"{"type":"string","format":"ipv4"}"#, "\"::1\"",
                "Invalid value: \"::1\": must be of format ipv4"
            ),
            (#"{"type":"string","format":"unheard-of"}"#, "\"x\"", nil),
            (
                #"{"type":"array","items":{"type":"string"},"maxItems":1}"#, #"["a","b"]"#,
                "Too many: 2: must have at most 1 items"
            ),
            (
                #"{"type":"object","additionalProperties":{"type":"string"},"minProperties":1}"#,
                "{}",
                "Invalid value: 0: must have at least 1 properties"
            ),
            // Junctions
            (
                #"{"type":"string","anyOf":[{"pattern":"^a"},{"pattern":"^b"}]}"#, "\"c\"",
                "Invalid value: \"c\": must validate at least one schema (anyOf)"
            ),
            (
                #"{"type":"integer","oneOf":[{"minimum":1},{"minimum":2}]}"#, "2",
                "Invalid value: 2: must validate one and only one schema (oneOf), and validates 2"
            ),
            (#"{"type":"integer","oneOf":[{"minimum":1},{"minimum":2}]}"#, "1", nil),
            (
                #"{"type":"string","not":{"enum":["a"]}}"#, "\"a\"",
                "Invalid value: \"a\": must not validate the schema (not)"
            ),
            (
                #"""
                {"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string"}},"any\#
                Of":[{"required":["a"]},{"required":["b"]}]}
                """#,
                "{}", "Invalid value: \"object\": must validate at least one schema (anyOf)"
            ),
            (
                #"""
                {"x-kubernetes-int-or-string":true,"anyOf":[{"type":"integer"},{"type":"string"}\#
                ]}
                """#,
                "\"x\"", nil
            ),
        ] as [(String, String, String?)])
    func `a value is let in or refused`(spec: String, value: String, error: String?) throws {
        let errors = try CustomCase(spec: try json(spec)).errors(try json(value))
        #expect(errors == (error.map { ["spec: " + $0] } ?? []))
    }

    private static let nested = #"""
        {"type":"object","required":["name"],"properties":{"name":{"type":"string"},
        "color":{"type":"string","default":"red"},
        "size":{"type":"object","default":{},"properties":{"x":{"type":"integer","default":1}}},
        "maybe":{"type":"string","nullable":true,"default":"d"},
        "free":{"type":"object","x-kubernetes-preserve-unknown-fields":true,
        "properties":{"known":{"type":"object","properties":{"a":{"type":"string"}}}}},
        "any":{"x-kubernetes-preserve-unknown-fields":true},
        "ports":{"type":"array","x-kubernetes-list-type":"map",
        "x-kubernetes-list-map-keys":["port"],
        "items":{"type":"object","required":["port"],"properties":{"port":{"type":"integer"},
        "protocol":{"type":"string","default":"TCP"}}}}}}
        """#

    @Test(
        arguments: [
            (#"{"name":"a"}"#, #"{"name":"a","color":"red","size":{"x":1},"maybe":"d"}"#),
            (
                #"{"name":"a","color":null,"size":{},"maybe":null}"#,
                #"{"name":"a","color":"red","size":{"x":1},"maybe":null}"#
            ),
            (
                #"{"name":"","color":"","ports":[]}"#,
                #"{"name":"","color":"","ports":[],"size":{"x":1},"maybe":"d"}"#
            ),
            (
                #"{"name":"a","extra":1,"ports":[{"port":1,"more":2}]}"#,
                #"""
                {"name":"a","color":"red","size":{"x":1},"maybe":"d","ports":[{"port":1,"protoco\#
                l":"TCP"}]}
                """#
            ),
            (
                #"{"name":"a","free":{"x":{"y":1},"known":{"a":"b","c":1}},"any":{"z":[1]}}"#,
                #"""
                {"name":"a","color":"red","size":{"x":1},"maybe":"d","free":{"x":{"y":1},"known"\#
                :{"a":"b"}},"any":{"z":[1]}}
                """#
            ),
        ])
    func `unknown members go, and defaults come`(sent: String, stored: String) throws {
        let thing = try CustomCase(spec: try json(Self.nested))
        #expect(try thing.stored(try json(sent))["spec"] == (try json(stored)))
        #expect(try thing.errors(try json(sent)) == [])
    }

    @Test func `every reason is told at once, with its place`() throws {
        let thing = try CustomCase(spec: try json(Self.nested))
        let errors = try thing.errors(
            try json(
                #"{"color":1,"size":{"x":"y"},"ports":[{"port":1},{"port":1},{}]}"#))
        #expect(
            errors == [
                "spec.color: Invalid value: 1: must be of type string, not integer",
                "spec.size.x: Invalid value: \"y\": must be of type integer, not string",
                "spec.ports[2].port: Required value", "spec.ports[1].port: Duplicate value: 1",
                "spec.name: Required value",
            ])
    }

    @Test func `a whole object inside says what it is, and keeps its metadata`() throws {
        let thing = try CustomCase(
            spec: try json(
                #"""
                {"type":"object","x-kubernetes-embedded-resource":true,"x-kubernetes-preserve-un\#
                known-fields":true}
                """#
            ))
        #expect(try thing.errors(["metadata": ["name": "x"]]).count == 2)
        let fine: JSONValue = [
            "apiVersion": "v1", "kind": "Pod", "metadata": ["name": "x"], "a": 1,
        ]
        #expect(try thing.errors(fine) == [])
        #expect(throws: DecodeError.self) {
            try thing.stored(["apiVersion": "v1", "kind": "Pod", "metadata": ["name": 1]])
        }
    }

    @Test func `what has not changed is not refused when the schema has become stricter`() throws {
        let thing = try CustomCase(
            spec: try json(
                #"""
                {"type":"object","properties":{"a":{"type":"string","maxLength":2},
                "b":{"type":"string"},"l":{"type":"array","x-kubernetes-list-type":"map",
                "x-kubernetes-list-map-keys":["k"],"items":{"type":"object","required":["k"],
                "properties":{"k":{"type":"string"},"v":{"type":"integer","maximum":1}}}}}}
                """#))
        let old: JSONValue = ["a": "long", "b": "x", "l": [["k": "one", "v": 5]]]
        var new = old
        new["b"] = "y"
        #expect(try thing.errors(new, from: old) == [])
        new["l"] = [["k": "two", "v": 1], ["k": "one", "v": 5]]
        #expect(try thing.errors(new, from: old) == [])
        new["a"] = "longer"
        new["l"] = [["k": "one", "v": 6]]
        #expect(try thing.errors(new, from: old).count == 2)
        #expect(try thing.errors(old).count == 2)
    }
}
