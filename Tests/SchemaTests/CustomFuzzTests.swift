import JSON
import Testing

@testable import Schema

/// Random schemas and random objects: nothing crashes, and what is let in stays as it is.
@Suite struct CustomFuzzTests {
    private struct Chance {
        var generator = SystemRandomNumberGenerator()

        mutating func pick<Item>(_ items: [Item]) -> Item {
            items[Int.random(in: items.indices, using: &generator)]
        }

        mutating func happens(_ share: Double) -> Bool {
            Double.random(in: 0..<1, using: &generator) < share
        }

        mutating func schema(_ depth: Int) -> JSONValue {
            let types = ["object", "array", "string", "integer", "number", "boolean"]
            var schema: JSONObject = ["type": .string(pick(types))]
            let keywords: [(String, JSONValue)] = [
                ("nullable", true), ("minimum", 1), ("maxLength", 2), ("pattern", "^a*$"),
                ("enum", ["a", 1]), ("default", "a"), ("default", [:]), ("minItems", 1),
                ("x-kubernetes-preserve-unknown-fields", true), ("required", ["a"]),
                ("x-kubernetes-int-or-string", true), ("format", "date-time"),
                ("x-kubernetes-list-type", "set"), ("not", ["enum": ["b"]]),
                ("anyOf", [["minimum": 2], ["maxLength": 1]]), ("type", "text"),
                ("x-kubernetes-embedded-resource", true), ("maxProperties", 1),
                ("x-kubernetes-validations", [["rule": "self == self"]]),
                ("x-kubernetes-validations", [["rule": "self.size() < 2", "message": "m"]]),
            ]
            for (name, value) in keywords where happens(0.06) { schema[name] = value }
            guard depth > 0 else { return .object(schema) }
            switch schema["type"] {
            case "object"? where happens(0.3):
                schema["additionalProperties"] = self.schema(depth - 1)
            case "object"?:
                var properties = JSONObject()
                for name in ["a", "b", "c"] where happens(0.7) {
                    properties[name] = self.schema(depth - 1)
                }
                schema["properties"] = .object(properties)
            case "array"?: schema["items"] = self.schema(depth - 1)
            default: break
            }
            return .object(schema)
        }

        mutating func value(_ depth: Int) -> JSONValue {
            let scalars: [JSONValue] = [
                .null, true, 0, 1, -2.5, "", "a", "aaa", "2026-01-01T00:00:00Z",
            ]
            guard depth > 0, happens(0.7) else { return pick(scalars) }
            if happens(0.4) {
                return .array((0..<pick([0, 1, 2, 3])).map { _ in value(depth - 1) })
            }
            var members = JSONObject()
            for name in ["a", "b", "c", "d"] where happens(0.5) { members[name] = value(depth - 1) }
            return .object(members)
        }
    }

    @Test func `what is stored is stored the same once more, and judged the same`() throws {
        var chance = Chance()
        var (compiled, accepted) = (0, 0)
        for _ in 0..<3000 {
            guard let thing = try? CustomCase(spec: chance.schema(3)) else { continue }
            compiled += 1
            for _ in 0..<5 {
                let sent = chance.value(4)
                guard let stored = try? thing.stored(sent) else { continue }
                let again = try thing.stored(stored["spec"] ?? .null)
                let isSame = stored["spec"] == nil || again == stored
                #expect(isSame, "\(thing.schema) \(sent)")
                let errors = thing.schema.validate(stored)
                if errors.isEmpty { accepted += 1 }
                // What has not changed is never refused.
                #expect(thing.schema.validate(stored, from: stored).isEmpty)
            }
        }
        #expect(compiled > 300 && accepted > 300)
    }
}
