import APIModel
import JSON
import Ownership
import SeedTesting
import Testing

@testable import Schema

/// Managers that write and apply at random, beside a simple model of who owns what.
@Suite struct ApplicationPropertyTests {
    /// Flags and crew of a ship: for each the value and its owners.
    private struct Model {
        struct Field: Equatable {
            var value: String
            var owners: Set<String>
        }

        /// `flags.NAME`, `crew.NAME`
        var fields: [String: Field] = [:]

        mutating func update(_ name: String, _ values: [String: String]) {
            for (key, value) in values where fields[key]?.value != value {
                fields[key] = Field(value: value, owners: ["\(name)/Update"])
            }
            fields = fields.filter { values[$0.key] != nil }
        }

        func conflicts(_ name: String, _ values: [String: String]) -> Bool {
            values.contains { key, value in
                guard let field = fields[key], field.value != value else { return false }
                return field.owners != ["\(name)/Apply"]
            }
        }

        mutating func apply(_ name: String, _ values: [String: String]) {
            let owner = "\(name)/Apply"
            for key in fields.keys where values[key] == nil {
                guard fields[key]?.owners.remove(owner) != nil else { continue }
                if fields[key]?.owners.isEmpty == true { fields[key] = nil }
            }
            for (key, value) in values {
                if fields[key]?.value == value {
                    fields[key]?.owners.insert(owner)
                } else {
                    fields[key] = Field(value: value, owners: [owner])
                }
            }
        }
    }

    private static func spec(_ values: [String: String]) -> JSONValue {
        var flags = JSONObject()
        var crew: [JSONValue] = []
        for (key, value) in values.sorted(by: { $0.key < $1.key }) {
            let name = String(key.drop { $0 != "." }.dropFirst())
            if key.hasPrefix("crew") {
                crew.append(.string(name))
            } else {
                flags[name] = .string(value)
            }
        }
        var spec = JSONObject()
        if !flags.isEmpty { spec["flags"] = .object(flags) }
        if !crew.isEmpty { spec["crew"] = .array(crew) }
        return .object(spec)
    }

    private static func owners(_ ship: ManagedShip) -> [String: Set<String>] {
        var owners: [String: Set<String>] = [:]
        for entry in ship.managed.entries {
            for path in entry.set.paths where path.count == 3 {
                guard case .field(let container) = path[1] else { continue }
                let name: String
                switch path[2] {
                case .field(let field): name = field
                case .value(let value): name = value.string ?? ""
                default: continue
                }
                owners["\(container).\(name)", default: []].insert(
                    "\(entry.owner.name)/\(entry.owner.operation.rawValue)")
            }
        }
        return owners
    }

    private static func values(_ random: inout SeededGenerator) -> [String: String] {
        var values: [String: String] = [:]
        for name in ["flags.a", "flags.b", "flags.c", "crew.x", "crew.y"]
        where Bool.random(using: &random) {
            let isFlag = name.hasPrefix("flags")
            values[name] = isFlag && Bool.random(using: &random) ? "2" : "1"
        }
        return values
    }

    @Test(arguments: [1, 2, 3, UInt64.random(in: 0...UInt64.max)])
    func `a walk of managers leaves what the model says`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var ship = ManagedShip()
        var model = Model()
        for _ in 0..<300 {
            let name = ["ann", "bob", "cid"].randomElement(using: &random)!
            let values = Self.values(&random)
            if Bool.random(using: &random) {
                try ship.update(name, Self.spec(values))
                model.update(name, values)
            } else {
                let conflicts = try ship.conflicts(name, Self.spec(values))
                #expect(conflicts.isEmpty != model.conflicts(name, values), "\(conflicts)")
                try ship.apply(name, Self.spec(values), isForced: true)
                model.apply(name, values)
            }
            let expected = Self.spec(model.fields.mapValues(\.value))
            let found = try ShipDocuments.schema().changes(
                from: ["spec": expected], to: ship.object ?? [:], in: ShipDocuments.scope)
            #expect(found.isEmpty, "\(ship.spec) instead of \(expected)")
            #expect(Self.owners(ship) == model.fields.mapValues(\.owners))
        }
    }

    @Test(arguments: [1, 2, UInt64.random(in: 0...UInt64.max)])
    func `applying twice is applying once`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var ship = ManagedShip()
        for _ in 0..<200 {
            let name = ["ann", "bob"].randomElement(using: &random)!
            if Bool.random(using: &random) {
                try ship.update("upd", Self.spec(Self.values(&random)))
            }
            let spec = Self.spec(Self.values(&random))
            try ship.apply(name, spec, isForced: true)
            let once = ship
            try ship.apply(name, spec)
            #expect(ship.object == once.object)
            #expect(Self.owners(ship) == Self.owners(once))
        }
    }
}
