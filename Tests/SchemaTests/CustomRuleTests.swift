import APIModel
import JSON
import Testing

@testable import Schema

/// Rules as expressions on the objects of custom resources.
@Suite struct CustomRuleTests {
    private static func thing(_ rules: String, more: String = "") throws -> CustomCase {
        try CustomCase(
            spec: try json(
                #"""
                {"type":"object","properties":{"least":{"type":"integer"},"most":{"type":"integer"},
                "name":{"type":"string"}\#(more)},"x-kubernetes-validations":[\#(rules)]}
                """#))
    }

    @Test func `a rule that fails is a reason with its message`() throws {
        let thing = try Self.thing(#"{"rule":"self.least <= self.most","message":"least is more"}"#)
        #expect(try thing.errors(["least": 1, "most": 2]) == [])
        #expect(
            try thing.errors(["least": 3, "most": 2])
                == ["spec: Invalid value: \"object\": least is more"])
    }

    @Test func `without a message the rule is shown, and an error in it is told`() throws {
        let thing = try Self.thing(#"{"rule":"self.least <= self.most"}"#)
        #expect(
            try thing.errors(["least": 3, "most": 2])
                == ["spec: Invalid value: \"object\": failed rule: self.least <= self.most"])
        let errors = try thing.errors(["least": 3])
        #expect(errors.count == 1 && errors[0].contains("no such key: most"))
    }

    @Test func `a message may be computed, with a reason and a field of its own`() throws {
        let thing = try Self.thing(
            #"""
            {"rule":"self.least <= self.most","fieldPath":".most","reason":"FieldValueForbidden",
            "message":"m",
            "messageExpression":"'%d is more than %d'.format([self.least, self.most])"}
            """#)
        #expect(
            try thing.errors(["least": 3, "most": 2])
                == ["spec.most: Forbidden: 3 is more than 2"])
    }

    @Test func `a transition rule is asked when there is a former value`() throws {
        let thing = try Self.thing(#"{"rule":"self.name == oldSelf.name","message":"fixed"}"#)
        #expect(try thing.errors(["name": "a"]) == [])
        #expect(try thing.errors(["name": "a", "least": 1], from: ["name": "a"]) == [])
        #expect(try thing.errors(["name": "b"], from: ["name": "a"]).count == 1)
    }

    @Test func `an optional former value is there or not`() throws {
        let rule = #"{"rule":"oldSelf.hasValue() || self.name == 'new'","optionalOldSelf":true}"#
        let thing = try Self.thing(rule)
        #expect(try thing.errors(["name": "new"]) == [])
        #expect(try thing.errors(["name": "old"]).count == 1)
        #expect(try thing.errors(["name": "old"], from: ["name": "new"]) == [])
    }

    @Test func `a rule that an unchanged value breaks is not asked again`() throws {
        let thing = try CustomCase(
            spec: try json(
                #"""
                {"type":"object","properties":{"a":{"type":"string",
                "x-kubernetes-validations":[{"rule":"self != 'bad'"}]},"b":{"type":"string"}}}
                """#))
        #expect(try thing.errors(["a": "bad", "b": "x"], from: ["a": "bad"]) == [])
        #expect(try thing.errors(["a": "bad"], from: ["a": "good"]).count == 1)
    }

    @Test func `elements and entries are asked, with their place`() throws {
        let thing = try Self.thing(
            #"{"rule":"true"}"#,
            more: #"""
                ,"list":{"type":"array","items":{"type":"integer",
                "x-kubernetes-validations":[{"rule":"self > 0","message":"too small"}]}},
                "map":{"type":"object","additionalProperties":{"type":"string",
                "x-kubernetes-validations":[{"rule":"self.size() > 1","message":"too short"}]}}
                """#)
        #expect(
            try thing.errors(["list": [1, 0], "map": ["k": "v"]]) == [
                "spec.list[1]: Invalid value: 0: too small",
                "spec.map.k: Invalid value: \"v\": too short",
            ])
    }

    @Test func `rules are not asked about values of a wrong type`() throws {
        let thing = try Self.thing(#"{"rule":"self.least > 0"}"#)
        #expect(
            try thing.errors(["least": "x"])
                == ["spec.least: Invalid value: \"x\": must be of type integer, not string"])
    }

    @Test func `the rules of one object have a budget together`() throws {
        let thing = try CustomCase(
            spec: try json(
                #"""
                {"type":"array","items":{"type":"array","items":{"type":"integer"},
                "x-kubernetes-validations":[{"rule":"self.all(a, self.all(b, a + b >= 0))"}]}}
                """#))
        let row = JSONValue.array((0..<300).map { .number(JSONNumber(Int64($0))) })
        let errors = try thing.errors(.array(Array(repeating: row, count: 60)))
        #expect(!errors.isEmpty && errors.allSatisfy { $0.contains("cost limit exceeded") })
    }
}
