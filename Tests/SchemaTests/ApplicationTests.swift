import APIModel
import Buffers
import JSON
import Ownership
import Testing

@testable import Schema

/// An object as its managers leave it.
struct ManagedShip {
    var object: JSONValue?
    var managed = ManagedFields()
    private var seconds: Int64 = 0

    mutating func update(_ name: String, _ spec: JSONValue) throws {
        seconds += 1
        let new: JSONValue = ["spec": spec]
        managed = try ShipDocuments.attribution(name, .update, at: seconds)
            .owners(after: managed, from: object, to: new)
        object = new
    }

    mutating func apply(_ name: String, _ spec: JSONValue, isForced: Bool = false) throws {
        seconds += 1
        let application = try Application(
            ["spec": spec], by: ShipDocuments.attribution(name, .apply, at: seconds))
        let result = try application.apply(to: object, managed, isForced: isForced)
        object = result.object
        managed = result.managed
    }

    var spec: JSONValue { object?["spec"] ?? .null }

    /// The fields that are in the way of an apply.
    func conflicts(_ name: String, _ spec: JSONValue) throws -> [String] {
        var copy = self
        do {
            try copy.apply(name, spec)
            return []
        } catch ApplicationError.conflicts(let conflicts) {
            return conflicts.map { "\($0.owner.name) \($0.field)" }
        }
    }
}

@Suite struct ApplicationTests {
    private var ship = ManagedShip()

    @Test mutating func `what nobody else owns and is applied no more goes`() throws {
        try ship.apply("one", ["flags": ["a": "1", "b": "1"], "engine": ["power": 3]])
        try ship.apply("one", ["flags": ["b": "1"]])
        #expect(ship.spec == ["flags": ["b": "1"]])
        #expect(ship.managed.fields(of: "one", .apply) == #"{"f:spec":{"f:flags":{"f:b":{}}}}"#)
    }

    @Test mutating func `what another manager owns too stays`() throws {
        try ship.apply("one", ["flags": ["a": "1"]])
        try ship.apply("two", ["flags": ["a": "1"]])
        try ship.apply("one", ["port": "Kiel"])
        #expect(ship.spec == ["flags": ["a": "1"], "port": "Kiel"])
        #expect(ship.managed.fields(of: "two", .apply) == #"{"f:spec":{"f:flags":{"f:a":{}}}}"#)
    }

    @Test mutating func `another value of somebody's field is a conflict, and the same is none`()
        throws
    {
        try ship.apply("one", ["flags": ["a": "1"], "port": "Kiel"])
        try ship.update("two", ["flags": ["a": "1", "b": "2"], "port": "Kiel"])
        #expect(try ship.conflicts("three", ["flags": ["a": "1"]]).isEmpty)
        #expect(
            try ship.conflicts("three", ["flags": ["a": "9", "b": "9"], "port": "Rome"])
                == ["one .spec.flags.a", "one .spec.port", "two .spec.flags.b"])
    }

    @Test mutating func `force takes fields from their owners`() throws {
        try ship.apply("one", ["flags": ["a": "1"]])
        try ship.apply("two", ["flags": ["a": "2"]], isForced: true)
        #expect(ship.spec == ["flags": ["a": "2"]])
        #expect(ship.managed.fields(of: "one", .apply) == nil)
    }

    @Test mutating func `elements of lists are merged by their keys`() throws {
        try ship.update("boss", ["cabins": [["name": "a", "berths": 1, "deck": "main"]]])
        try ship.apply("one", ["cabins": [["name": "b", "berths": 4]]])
        #expect(
            ship.spec == [
                "cabins": [
                    ["name": "a", "berths": 1, "deck": "main"], ["name": "b", "berths": 4],
                ]
            ])
        try ship.apply("one", ["cabins": [["name": "a", "fittings": ["lamp": "oil"]]]])
        #expect(
            ship.spec == [
                "cabins": [
                    [
                        "name": "a", "berths": 1, "deck": "main", "fittings": ["lamp": "oil"],
                    ]
                ]
            ])
    }

    @Test mutating func `an object that goes with its last field takes its defaults along`() throws
    {
        try ship.apply("one", ["engine": ["power": 1]])
        // As if the server had filled in what is nobody's.
        ship.object?["spec"]?["engine"]?["fuel"] = "coal"
        try ship.apply("one", ["port": "Kiel"])
        #expect(ship.spec == ["port": "Kiel"])
    }

    @Test
    mutating func `an object that nobody has owned belongs to somebody before the first apply`()
        throws
    {
        ship.object = ["spec": ["flags": ["a": "1"], "port": "Kiel"]]
        #expect(
            try ship.conflicts("one", ["port": "Rome"]) == ["before-first-apply .spec.port"])
        try ship.apply("one", ["port": "Kiel"])
        #expect(ship.managed.fields(of: "before-first-apply") != nil)
    }

    @Test func `an element without its key is refused`() throws {
        #expect(throws: ApplicationError.self) {
            _ = try Application(
                ["spec": ["cabins": [["berths": 1]]]],
                by: ShipDocuments.attribution("one", .apply))
        }
        #expect(throws: ApplicationError.self) {
            _ = try Application(
                ["spec": ["crew": ["ann", "ann"]]], by: ShipDocuments.attribution("one", .apply))
        }
    }

    @Test func `what was applied on the client's side counts as far as it is still there`() throws {
        let fields = try ShipDocuments.schema().unchangedFields(
            of: ["spec": ["port": "Kiel", "flags": ["a": "1", "b": "1"]]],
            in: ["spec": ["port": "Rome", "flags": ["a": "1"], "crew": ["ann"]]],
            ShipDocuments.scope)
        #expect(fields.bytes == #"{"f:spec":{"f:flags":{"f:a":{}}}}"#)
    }
}

@Suite struct AttributionTests {
    private var ship = ManagedShip()

    @Test mutating func `who changes a field owns it alone, and since then`() throws {
        try ship.update("one", ["flags": ["a": "1", "b": "1"]])
        try ship.update("two", ["flags": ["a": "2", "b": "1"]])
        #expect(
            ship.managed.fields(of: "one") == #"{"f:spec":{"f:flags":{".":{},"f:b":{}}}}"#)
        #expect(ship.managed.fields(of: "two") == #"{"f:spec":{"f:flags":{"f:a":{}}}}"#)
        let times = ship.managed.entries.map { $0.time?.seconds }
        #expect(times == [1, 2])
    }

    @Test mutating func `an update that changes nothing leaves owners and times alone`() throws {
        try ship.update("one", ["port": "Kiel"])
        let before = ship.managed.bytes
        try ship.update("two", ["port": "Kiel"])
        #expect(ship.managed.bytes == before)
    }

    @Test mutating func `what is removed is nobody's, and who owns nothing is forgotten`() throws {
        try ship.update("one", ["port": "Kiel"])
        try ship.update("two", ["crew": ["ann"]])
        #expect(ship.managed.fields(of: "one") == nil)
        #expect(ship.managed.fields(of: "two") == #"{"f:spec":{"f:crew":{"v:\"ann\"":{}}}}"#)
    }

    @Test mutating func `the changes of the oldest of many updaters are put together`() throws {
        var flags = JSONObject()
        for number in 10..<22 {
            flags["k\(number)"] = "v"
            try ship.update("m\(number)", ["flags": .object(flags)])
        }
        #expect(ship.managed.entries.count == 10)
        #expect(
            ship.managed.fields(of: "ancient-changes")
                == #"{"f:spec":{"f:flags":{".":{},"f:k10":{},"f:k11":{},"f:k12":{}}}}"#)
        #expect(ship.managed.fields(of: "m13") != nil)
    }

    @Test mutating func `the entries survive being written`() throws {
        try ship.update("one", ["port": "Kiel", "flags": ["a\"b": "1"]])
        try ship.apply("two", ["flags": ["c": "1"]])
        let read = try ManagedFields(written: ship.managed.bytes)
        #expect(read.bytes == ship.managed.bytes)
        #expect(
            read.bytes.description.hasPrefix(
                #"[{"manager":"two","operation":"Apply","apiVersion":"library/v1","#
                    + #""time":"1970-01-01T00:00:02Z","fieldsType":"FieldsV1","fieldsV1":{"#))
    }
}
