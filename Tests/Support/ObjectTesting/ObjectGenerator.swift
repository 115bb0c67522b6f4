// Objects of any kind, made from its schema.

import APIModel
import JSON
import Schema
import SeedTesting

/// Makes values in their canonical form: as the server would write them. No two elements of a list
/// have the same keys.
public struct ObjectGenerator {
    private let schema: UsedSchema
    private var random: SeededGenerator
    /// Below this, only what must be there.
    private let depthMax = 7
    /// What readers may take for something else, or writers break.
    private static let oddTexts = [
        "yes", "null", "~", "1e3", "0x10", "010", "2024-01-01", "1:30", "<<", "=", ".inf", "-", "?",
        "- a", "a: b", "# c", "a #b", "&a", "*a", "!a", "%a", "@a", "`a`", "'", "\"", "\\", "{}",
        "[a]", "|", ">", " before", "after ", "two\nlines", "ends\n", "\n", "\n\nlate\n\n", "a\n b",
        " a\nb", "a \nb\n ", "tab\tbed", "\tindent\n", "cr\r\nlf", "\u{7f}", "\u{85}", "\u{2028}",
        "\u{feff}", "\u{0}", "\u{1b}[0m", "Müsli", "🧭", "e\u{301}", "$patch", "a/b~c",
        String(repeating: "long ", count: 30) + "text",
    ]

    /// - Parameter schema: of a kind.
    public init(_ schema: UsedSchema, _ random: SeededGenerator) {
        self.schema = schema
        self.random = random
    }

    /// With metadata, which all objects have.
    public mutating func object() -> JSONValue {
        value(of: schema, depth: 0, needed: ["metadata"])
    }

    private mutating func chance(_ odds: Int) -> Bool {
        Int.random(in: 0..<odds, using: &random) == 0
    }

    // MARK: Values

    /// - Parameter needed: members that must be there, beside those that the schema requires.
    private mutating func value(
        of schema: UsedSchema, depth: Int, needed: [String] = []
    ) -> JSONValue {
        let source = schema.source
        if let choices = source["enum"]?.array {
            return choices.filter { $0 != "" }.randomElement(using: &random) ?? "x"
        }
        if source["x-kubernetes-int-or-string"] == true {
            return Bool.random(using: &random) ? 3 : "25%"
        }
        switch source["type"]?.string {
        case "object": return members(of: schema, depth: depth, needed: needed)
        case "array":
            return .array(elements(of: schema, depth, count: Int.random(in: 1...3, using: &random)))
        case "string": return text(of: source)
        case "integer": return .number(JSONNumber(Int64.random(in: 1...99, using: &random)))
        case "number": return 1.5
        case "boolean": return .bool(Bool.random(using: &random))
        default: return "x"
        }
    }

    private mutating func members(
        of schema: UsedSchema, depth: Int, needed: [String]
    ) -> JSONValue {
        let properties = schema.properties
        guard !properties.isEmpty else { return entries(of: schema, depth) }
        let needed = schema.required + needed
        var object = JSONObject()
        for (name, property) in properties {
            guard needed.contains(name) || depth < depthMax && chance(3) else { continue }
            object[name] = value(of: property, depth: depth + 1)
        }
        return .object(object)
    }

    /// Of an object whose members have no names in the schema.
    private mutating func entries(of schema: UsedSchema, _ depth: Int) -> JSONValue {
        var entries = JSONObject()
        for key in ["key", "example.com/a.b", "other"].shuffled(using: &random)
            .prefix(Int.random(in: 1...2, using: &random))
        {
            entries[key] = schema.mapValue.map { value(of: $0, depth: depth + 1) } ?? "x"
        }
        return .object(entries)
    }

    private mutating func elements(
        of schema: UsedSchema, _ depth: Int, count: Int
    ) -> [JSONValue] {
        guard let element = schema.element else { return [] }
        let keys = schema.neededKeys
        return schema.distinct(
            (0..<count).map { _ in value(of: element, depth: depth + 1, needed: keys) })
    }

    private mutating func text(of source: JSONValue) -> JSONValue {
        if source["x-binnacle-format"] == "quantity" {
            return ["500m", "1", "2Gi"].randomElement(using: &random)!
        }
        switch source["format"]?.string {
        case "date-time": return "2026-01-02T03:04:05Z"
        case "micro-time": return "2026-01-02T03:04:05.000006Z"
        case "byte": return "eA=="
        default:
            if chance(6) { return .string(Self.oddTexts.randomElement(using: &random)!) }
            return .string("x\(Int.random(in: 0...9, using: &random))")
        }
    }
}

// MARK: - Changes

extension ObjectGenerator {
    /// An object of the same kind that has much in common with `object`: values are others, members
    /// and elements have gone, come, and changed places.
    public mutating func changed(_ object: JSONValue) -> JSONValue {
        var new = changed(object.object ?? [:], schema, 0, ["kind", "apiVersion"])
        if new["metadata"] == nil { new["metadata"] = object["metadata"] }
        return new
    }

    private mutating func changed(
        _ old: JSONValue, _ schema: UsedSchema, _ depth: Int, keeping kept: [String] = []
    ) -> JSONValue {
        if depth > 1, chance(10) { return value(of: schema, depth: depth, needed: kept) }
        switch old {
        case .object(let members) where schema.properties.isEmpty:
            return changed(members, entriesOf: schema, depth)
        case .object(let members): return changed(members, schema, depth, kept)
        case .array(let elements): return .array(changed(elements, schema, depth))
        default: return chance(3) ? value(of: schema, depth: depth) : old
        }
    }

    private mutating func changed(
        _ old: JSONObject, _ schema: UsedSchema, _ depth: Int, _ kept: [String]
    ) -> JSONValue {
        let required = schema.required
        var object = JSONObject()
        for (name, property) in schema.properties {
            if kept.contains(name) {
                object[name] = old[name]
            } else if let value = old[name] {
                if chance(6), !required.contains(name) { continue }
                object[name] = changed(value, property, depth + 1)
            } else if depth < depthMax, chance(10) {
                object[name] = value(of: property, depth: depth + 1)
            }
        }
        return .object(object)
    }

    private mutating func changed(
        _ old: JSONObject, entriesOf schema: UsedSchema, _ depth: Int
    ) -> JSONValue {
        guard let content = schema.mapValue else { return chance(2) ? ["key": "y"] : .object(old) }
        var entries = JSONObject()
        for (name, value) in old where old.count == 1 || !chance(4) {
            entries[name] = changed(value, content, depth + 1)
        }
        if entries.isEmpty || chance(4) { entries["more"] = value(of: content, depth: depth + 1) }
        return .object(entries)
    }

    private mutating func changed(
        _ old: [JSONValue], _ schema: UsedSchema, _ depth: Int
    ) -> [JSONValue] {
        guard let element = schema.element else { return old }
        var list: [JSONValue] = []
        for value in old where !chance(4) {
            list.append(changed(value, element, depth + 1, keeping: schema.neededKeys))
        }
        list += elements(of: schema, depth, count: list.isEmpty || chance(3) ? 1 : 0)
        if chance(3) { list.shuffle(using: &random) }
        return schema.distinct(list)
    }
}

extension UsedSchema {
    /// The members without which an element of the list is not told from others.
    fileprivate var neededKeys: [String] {
        mapKeys + (patchMergeKey.map { mapKeys.contains($0) ? [] : [$0] } ?? [])
    }

    /// The list without elements that one before them is told by.
    fileprivate func distinct(_ elements: [JSONValue]) -> [JSONValue] {
        // What is told apart by one key only is so by several, too.
        let keys = patchMergeKey.map { [$0] } ?? mapKeys
        guard !keys.isEmpty || isSet else { return elements }
        var seen: Set<[JSONValue]> = []
        return elements.filter { element in
            seen.insert(keys.isEmpty ? [element] : keys.map { element[$0] ?? .null }).inserted
        }
    }
}
