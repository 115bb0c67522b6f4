// Objects of any kind, made from its schema.

import APIModel
import JSON
import Schema
import SeedTesting

/// Makes values in their canonical form: as the server would write them.
struct ObjectGenerator {
    let registry: SchemaRegistry
    var random: SeededGenerator
    /// Below this, only what must be there.
    private let depthMax = 7

    init(_ registry: SchemaRegistry, _ random: SeededGenerator) {
        self.registry = registry
        self.random = random
    }

    mutating func object(of schema: String) -> JSONValue {
        value(of: reference(schema), depth: 0)
    }

    private func reference(_ name: String) -> JSONValue {
        ["$ref": .string("#/components/schemas/\(name)")]
    }

    private func resolved(_ schema: JSONValue) -> JSONValue {
        let target = schema["$ref"] ?? schema["allOf"]?[0]?["$ref"]
        guard let name = target?.string?.split(separator: "/").last,
            var found = registry.source(named: String(name))
        else { return schema }
        for (key, value) in schema.object ?? [:] where key != "$ref" && key != "allOf" {
            found[key] = value
        }
        if name.hasSuffix(".MicroTime") { found["format"] = "micro-time" }
        return found
    }

    private mutating func value(of use: JSONValue, depth: Int) -> JSONValue {
        let schema = resolved(use)
        if let choices = schema["enum"]?.array {
            return choices.filter { $0 != "" }.randomElement(using: &random) ?? "x"
        }
        if schema["x-kubernetes-int-or-string"] == true {
            return Bool.random(using: &random) ? 3 : "25%"
        }
        switch schema["type"]?.string {
        case "object": return members(of: schema, depth: depth)
        case "array":
            guard let element = schema["items"] else { return [] }
            let count = Int.random(in: 1...2, using: &random)
            return .array((0..<count).map { _ in value(of: element, depth: depth + 1) })
        case "string": return text(of: schema)
        case "integer": return .number(JSONNumber(Int64.random(in: 1...99, using: &random)))
        case "number": return 1.5
        case "boolean": return .bool(Bool.random(using: &random))
        default: return "x"
        }
    }

    private mutating func members(of schema: JSONValue, depth: Int) -> JSONValue {
        guard let properties = schema["properties"]?.object else {
            let element = schema["additionalProperties"].flatMap { $0.object == nil ? nil : $0 }
            return ["key": element.map { value(of: $0, depth: depth + 1) } ?? "x"]
        }
        let required = (schema["required"]?.array ?? []).compactMap(\.string)
        var object = JSONObject()
        for (name, property) in properties {
            let isNeeded = required.contains(name)
            guard isNeeded || depth < depthMax && Int.random(in: 0..<3, using: &random) == 0 else {
                continue
            }
            object[name] = value(of: property, depth: depth + 1)
        }
        return .object(object)
    }

    private mutating func text(of schema: JSONValue) -> JSONValue {
        if schema["x-binnacle-format"] == "quantity" {
            return ["500m", "1", "2Gi"].randomElement(using: &random)!
        }
        switch schema["format"]?.string {
        case "date-time": return "2026-01-02T03:04:05Z"
        case "micro-time": return "2026-01-02T03:04:05.000000Z"
        case "byte": return "eA=="
        default: return .string("x\(Int.random(in: 0...9, using: &random))")
        }
    }
}
