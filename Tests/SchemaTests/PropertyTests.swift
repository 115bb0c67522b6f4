import APIModel
import JSON
import Schema
import SeedTesting
import Testing

extension SeededGenerator {
    /// A value that often, but not always, is what the library's schemas expect under its name.
    mutating func value(under name: String = "", depth: Int = 0) -> JSONValue {
        let isObject = ["", "metadata", "spec", "inner", "finish", "spare", "labels", "notes"]
        let choice = Int.random(in: 0...19, using: &self)
        if choice == 0 || depth > 6 { return scalar() }
        if isObject.contains(name) { return object(depth) }
        switch name {
        case "books": return .array((0..<(choice % 4)).map { _ in object(depth) })
        case "tags": return .array((0..<(choice % 4)).map { _ in scalar() })
        case "pages", "width", "layers": return .number(JSONNumber(Int64(choice) - 2))
        case "price": return ["1", "500m", "0.5", 2, 1.5, "1x", "1e3"][choice % 7]
        case "created":
            return ["2025-01-02T03:04:05Z", "2025-01-02T03:04:05.1+01:00", "x"][choice % 3]
        case "open": return .bool(choice % 2 == 0)
        default: return ["", "a", "en", "de", "80", "YQ=="][choice % 6]
        }
    }

    private mutating func scalar() -> JSONValue {
        [.null, true, 0, -1, 1.5, 1e30, "", "text", [], [:], [.null], ["a": .null]].randomElement(
            using: &self)!
    }

    private mutating func object(_ depth: Int) -> JSONValue {
        let names = [
            "metadata", "spec", "name", "labels", "created", "books", "tags", "width", "weight",
            "open", "finish", "spare", "notes", "inner", "title", "language", "pages", "price",
            "isbn", "place", "mirror", "cover", "colour", "layers", "unknown", "kind",
        ]
        var object = JSONObject()
        for _ in 0..<Int.random(in: 0...8, using: &self) {
            let name = names.randomElement(using: &self)!
            object[name] = value(under: name, depth: depth + 1)
        }
        return .object(object)
    }
}

@Suite struct `For random values` {
    @Test func `nothing crashes, whatever the value is`() throws {
        let schema = try Documents.shelfSchema()
        var random = SeededGenerator()
        for _ in 0..<3000 {
            let value = random.value()
            _ = schema.validate(value)
            _ = schema.validateImmutable(old: random.value(), new: value)
            var changed = value
            schema.applyDefaults(&changed)
            _ = schema.prune(&changed)
        }
    }

    @Test func `defaulting twice is defaulting once`() throws {
        let schema = try Documents.shelfSchema()
        var random = SeededGenerator()
        for _ in 0..<2000 {
            var once = random.value()
            schema.applyDefaults(&once)
            var twice = once
            schema.applyDefaults(&twice)
            #expect(once == twice, "seed \(random.seed)")
        }
    }

    @Test func `decoding twice is decoding once`() throws {
        let schema = try Documents.shelfSchema()
        var random = SeededGenerator()
        for _ in 0..<2000 {
            var once = random.value()
            guard (try? schema.decode(&once)) != nil else { continue }
            var twice = once
            try schema.decode(&twice)
            #expect(once == twice, "seed \(random.seed)")
        }
    }

    @Test func `pruning removes exactly the fields that it names`() throws {
        let schema = try Documents.shelfSchema()
        var random = SeededGenerator()
        for _ in 0..<2000 {
            let value = random.value()
            var pruned = value
            let unknown = schema.prune(&pruned)
            #expect(unknown.isEmpty == (pruned == value), "seed \(random.seed)")
            #expect(
                leafCount(value) == leafCount(pruned)
                    + unknown.map { leafCount(at: $0, value) }.reduce(0, +),
                "seed \(random.seed)")
            #expect(schema.prune(&pruned).isEmpty, "seed \(random.seed)")
        }
    }

    /// Every value counts, so that one that vanished unnamed would be missed.
    private func leafCount(_ value: JSONValue) -> Int {
        switch value {
        case .object(let object): object.reduce(1) { $0 + leafCount($1.value) }
        case .array(let array): array.reduce(1) { $0 + leafCount($1) }
        default: 1
        }
    }

    private func leafCount(at path: String, _ value: JSONValue) -> Int {
        FieldQuery("." + path)?.value(in: value).map(leafCount) ?? -1
    }
}
