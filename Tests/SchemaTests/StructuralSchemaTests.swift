import APIModel
import JSON
import Testing

@testable import Schema

/// What a schema of a custom resource must be to be structural.
@Suite struct StructuralSchemaTests {
    @Test(
        arguments: [
            (#"{"properties":{}}"#, "s.type: Required value: must be object at the root"),
            (
                #"{"type":"array","items":{"type":"string"}}"#,
                "s.type: Invalid value: \"array\": must be object at the root"
            ),
            (
                #"{"type":"object","nullable":true}"#,
                "s.nullable: Forbidden: nullable cannot be true at the root"
            ),
            (
                #"""
                {"type":"object","properties":{"metadata":{"type":"object","properties":{"labels\#
                ":{"type":"object"}}}}}
                """#,
                """
                s.properties[metadata]: Forbidden: must not specify anything other than name and\
                 generateName, but metadata is implicitly specified
                """
            ),
        ])
    func `the root is an object with known metadata`(root: String, error: String) throws {
        #expect(CustomCase.errors(root: try json(root)) == [error])
    }

    @Test(
        arguments: [
            (#"{}"#, "type: Required value: must not be empty for specified object fields"),
            (#"{"type":"array"}"#, "items: Required value: must be specified"),
            (
                #"{"type":"array","items":{}}"#,
                "items.type: Required value: must not be empty for specified array items"
            ),
            (
                #"{"type":"array","items":[{"type":"string"}]}"#,
                "items: Invalid value: \"array\": must be a schema object, not array"
            ),
            (
                #"{"type":"text"}"#,
                """
                type: Unsupported value: "text": supported values: "array", "boolean", "integer"\
                , "number", "object", "string"
                """
            ),
            (
                #"{"type":"object","additionalProperties":false}"#,
                "additionalProperties: Forbidden: additionalProperties cannot be set to false"
            ),
            (
                #"""
                {"type":"object","properties":{"a":{"type":"string"}},"additionalProperties":{"t\#
                ype":"string"}}
                """#,
                """
                additionalProperties: Forbidden: additionalProperties and properties are mutual \
                exclusive
                """
            ),
            (
                #"{"type":"string","uniqueItems":true}"#,
                """
                uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime comp\
                lexity becomes quadratic
                """
            ),
            (#"{"type":"string","$ref":"x"}"#, "$ref: Forbidden: must not be set"),
            (
                #"{"type":"object","patternProperties":{"a":{}}}"#,
                "patternProperties: Forbidden: must not be set"
            ),
            (
                #"{"type":"string","pattern":"("}"#,
                """
                pattern: Invalid value: "(": must be a valid regular expression: missing closing\
                 ) at offset 0
                """
            ),
            (
                #"{"type":"string","x-kubernetes-int-or-string":true}"#,
                "type: Invalid value: \"string\": must be empty with x-kubernetes-int-or-string"
            ),
            (
                #"{"type":"object","x-kubernetes-preserve-unknown-fields":false}"#,
                """
                x-kubernetes-preserve-unknown-fields: Invalid value: false: must be true or unde\
                fined
                """
            ),
            (
                #"{"type":"object","x-kubernetes-embedded-resource":true}"#,
                """
                properties: Required value: must not be empty if x-kubernetes-embedded-resource \
                is true without x-kubernetes-preserve-unknown-fields
                """
            ),
            (
                #"{"type":"string","maxLength":"x"}"#,
                "maxLength: Invalid value: \"x\": must be an integer, not string"
            ),
            (
                #"{"type":"string","minLength":-1}"#,
                "minLength: Invalid value: -1: must be greater than or equal to 0"
            ),
            (#"{"type":"string","enum":["a","a"]}"#, "enum[1]: Duplicate value: \"a\""),
            (
                #"{"type":"integer","default":"x"}"#,
                "default: Invalid value: \"x\": must be of type integer, not string"
            ),
            (
                #"{"type":"object","properties":{"a":{"type":"string"}},"default":{"b":1}}"#,
                "default: Invalid value: \"object\": must not have unknown fields: b"
            ),
            (
                #"{"type":"string","default":null}"#,
                "default: Invalid value: null: must not be null without nullable"
            ),
        ])
    func `is refused where it is not structural`(spec: String, error: String) throws {
        #expect(CustomCase.errors(spec: try json(spec)) == ["s.properties[spec]." + error])
    }

    @Test(
        arguments: [
            (
                #"{"type":"object","anyOf":[{"type":"object"}]}"#,
                "anyOf[0].type: Forbidden: must be undefined to be structural"
            ),
            (
                #"{"type":"object","allOf":[{"properties":{"a":{"minimum":1}}}]}"#,
                """
                properties[a]: Required value: because it is defined in s.properties[spec].allOf\
                [0].properties[a]
                """
            ),
            (
                #"{"type":"object","not":{"description":"x"}}"#,
                "not.description: Forbidden: must be undefined to be structural"
            ),
            (
                #"""
                {"type":"array","items":{"type":"object"},"oneOf":[{"items":{"properties":{"b":{\#
                }}}}]}
                """#,
                """
                items.properties[b]: Required value: because it is defined in s.properties[spec]\
                .oneOf[0].items.properties[b]
                """
            ),
        ])
    func `what judges says nothing of its own`(spec: String, error: String) throws {
        #expect(CustomCase.errors(spec: try json(spec)) == ["s.properties[spec]." + error])
    }

    @Test(
        arguments: [
            (
                #"{"type":"string","x-kubernetes-list-type":"set"}"#,
                """
                type: Invalid value: "string": must be array if x-kubernetes-list-type is specif\
                ied
                """
            ),
            (
                #"{"type":"array","items":{"type":"string"},"x-kubernetes-list-type":"bag"}"#,
                """
                x-kubernetes-list-type: Unsupported value: "bag": supported values: "atomic", "m\
                ap", "set"
                """
            ),
            (
                #"{"type":"array","items":{"type":"object"},"x-kubernetes-list-type":"set"}"#,
                """
                items.x-kubernetes-map-type: Invalid value: null: must be atomic as item of a li\
                st with type set
                """
            ),
            (
                #"{"type":"array","items":{"type":"object"},"x-kubernetes-list-type":"map"}"#,
                """
                x-kubernetes-list-map-keys: Required value: must not be empty if x-kubernetes-li\
                st-type is map
                """
            ),
            (
                #"""
                {"type":"array","items":{"type":"object","properties":{"k":{"type":"string"}}},"\#
                x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["k"]}
                """#,
                """
                items.properties[k].default: Required value: this property is in x-kubernetes-li\
                st-map-keys, so it must have a default or be a required property
                """
            ),
            (
                #"""
                {"type":"array","items":{"type":"object"},"x-kubernetes-list-type":"map","x-kube\#
                rnetes-list-map-keys":["k"]}
                """#,
                """
                x-kubernetes-list-map-keys[0]: Invalid value: "k": must be the name of a propert\
                y of the items
                """
            ),
        ])
    func `lists say how their elements are told apart`(spec: String, error: String) throws {
        let shown = error.replacing("Invalid value: null: ", with: "Invalid value: ")
        let errors = CustomCase.errors(spec: try json(spec)).map {
            $0.replacing("Invalid value: null: ", with: "Invalid value: ")
        }
        #expect(errors == ["s.properties[spec]." + shown])
    }

    @Test func `every reason is told at once`() throws {
        let spec = try json(
            #"""
            {"type":"object","properties":{"a":{},"b":{"type":"array"},"c":{"type":"stri\#
            ng","pattern":"["}}}
            """#
        )
        #expect(CustomCase.errors(spec: spec).count == 3)
    }

    @Test(
        arguments: [
            (#"{"rule":""}"#, "rule: Required value: rule is not specified"),
            (
                #"{"rule":"self.b == 1"}"#,
                """
                rule: Invalid value: "self.b == 1": compilation failed: ERROR: <input>:1:5: unde\
                fined field 'b'
                """
            ),
            (
                #"{"rule":"self.a"}"#,
                """
                rule: Invalid value: "self.a": compilation failed: ERROR: <input>:1:1: must eval\
                uate to bool, and evaluates to string
                """
            ),
            (
                #"{"rule":"true","messageExpression":"1"}"#,
                """
                messageExpression: Invalid value: "1": compilation failed: ERROR: <input>:1:1: m\
                ust evaluate to string, and evaluates to int
                """
            ),
            (
                #"{"rule":"true","reason":"Nope"}"#,
                """
                reason: Unsupported value: "Nope": supported values: "FieldValueDuplicate", "Fie\
                ldValueForbidden", "FieldValueInvalid", "FieldValueRequired"
                """
            ),
            (
                #"{"rule":"true","fieldPath":".x"}"#,
                "fieldPath: Invalid value: \".x\": fieldPath must refer to an existing field"
            ),
            (
                #"{"rule":"true","optionalOldSelf":true}"#,
                """
                optionalOldSelf: Invalid value: true: may not be set if oldSelf is not used in r\
                ule
                """
            ),
            (
                #"{"rule":"true &&\ntrue"}"#,
                "message: Required value: message must be specified if rule contains line breaks"
            ),
        ])
    func `rules are refused with what is wrong in them`(rule: String, error: String) throws {
        let spec = try json(
            #"{"type":"object","properties":{"a":{"type":"string"}},"x-kubernetes-validations":["#
                + rule + "]}")
        #expect(
            CustomCase.errors(spec: spec)
                == ["s.properties[spec].x-kubernetes-validations[0]." + error])
    }

    @Test func `a former value is asked for only where one can be found`() throws {
        let spec = try json(
            #"""
            {"type":"array","items":{"type":"string",
            "x-kubernetes-validations":[{"rule":"self == oldSelf"}]}}
            """#)
        let errors = CustomCase.errors(spec: spec)
        #expect(errors.count == 1 && errors[0].contains("uncorrelatable"))
    }
}
