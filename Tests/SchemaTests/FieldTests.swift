import APIModel
import Buffers
import JSON
import Ownership
import Testing

@testable import Schema

/// Which fields a write is found to have changed, and how they are written.
@Suite struct FieldTests {
    private func written(_ new: JSONValue, isStructure: Bool = true) throws -> String {
        try ShipDocuments.schema(isStructure: isStructure)
            .changes(from: nil, to: new, in: ShipDocuments.scope).written.bytes.description
    }

    @Test func `a new structure's own parts are nobody's doing, and what it holds is`() throws {
        #expect(
            try written([
                "apiVersion": "library/v1", "kind": "Ship",
                "metadata": ["name": "a", "uid": "1", "labels": ["x": "y"]],
                "spec": ["port": "Kiel", "crew": ["ann"], "engine": ["power": 3]],
                "status": ["place": "sea"],
            ])
                == #"{"f:metadata":{"f:labels":{".":{},"f:x":{}}},"#
                + #""f:spec":{"f:crew":{"v:\"ann\"":{}},"#
                + #""f:engine":{".":{},"f:power":{}},"f:port":{}}}"#)
    }

    @Test func `what a user defined has no parts before somebody writes them`() throws {
        #expect(
            try written(["spec": ["crew": ["ann"], "port": "Kiel"]], isStructure: false)
                == #"{"f:spec":{".":{},"f:crew":{".":{},"v:\"ann\"":{}},"f:port":{}}}"#)
    }

    @Test func `elements are named by their keys, and by the keys' defaults`() throws {
        #expect(
            try written(["spec": ["cabins": [["name": "a", "berths": 2, "fittings": [:]]]]])
                == #"{"f:spec":{"f:cabins":{".":{},"k:{\"deck\":\"main\",\"name\":\"a\"}":{".":{},"#
                + #""f:berths":{},"f:fittings":{},"f:name":{}}}}}"#)
    }

    @Test func `atomic lists and maps are one field`() throws {
        #expect(
            try written(["spec": ["log": ["x"], "papers": ["a": "b"], "cargo": ["t": ["u": []]]]])
                == #"{"f:spec":{"f:cargo":{".":{},"f:t":{".":{},"f:u":{}}},"#
                + #""f:log":{},"f:papers":{}}}"#)
    }

    @Test func `only what differs is changed, and what is gone is removed`() throws {
        let schema = try ShipDocuments.schema()
        let changes = schema.changes(
            from: ["spec": ["port": "a", "crew": ["x", "y"], "flags": ["n": "1"]]],
            to: ["spec": ["port": "b", "crew": ["y", "z"]]], in: ShipDocuments.scope)
        #expect(changes.written.bytes == #"{"f:spec":{"f:crew":{"v:\"z\"":{}},"f:port":{}}}"#)
        #expect(
            changes.removed.bytes
                == #"{"f:spec":{"f:crew":{"v:\"x\"":{}},"f:flags":{".":{},"f:n":{}}}}"#)
    }

    @Test func `the order of a set is no change`() throws {
        let changes = try ShipDocuments.schema().changes(
            from: ["spec": ["crew": ["x", "y"]]], to: ["spec": ["crew": ["y", "x"]]],
            in: ShipDocuments.scope)
        #expect(changes.isEmpty)
    }

    @Test func `elements that are there twice count as one field`() throws {
        let schema = try ShipDocuments.schema()
        let changes = schema.changes(
            from: ["spec": ["crew": ["x"]]], to: ["spec": ["crew": ["x", "x"]]],
            in: ShipDocuments.scope)
        #expect(changes.written.bytes == #"{"f:spec":{"f:crew":{"v:\"x\"":{}}}}"#)
    }

    @Test func `a value that becomes an object is another value with new members`() throws {
        let changes = try ShipDocuments.schema().changes(
            from: ["spec": ["cargo": ["a": 1]]], to: ["spec": ["cargo": ["a": ["b": 2]]]],
            in: ShipDocuments.scope)
        #expect(changes.written.bytes == #"{"f:spec":{"f:cargo":{"f:a":{".":{},"f:b":{}}}}}"#)
    }

    @Test func `a write of the status owns nothing else`() throws {
        let changes = try ShipDocuments.schema().changes(
            from: nil,
            to: [
                "metadata": ["labels": ["a": "b"]], "spec": ["port": "x"],
                "status": ["place": "sea"],
            ], in: .status(hasLabels: false))
        #expect(changes.written.bytes == #"{"f:status":{"f:place":{}}}"#)
    }

    @Test func `who applies owns elements and entries, and containers only when they are empty`()
        throws
    {
        let fields = try ShipDocuments.schema().fields(
            of: [
                "metadata": ["name": "a", "labels": ["x": "y"]],
                "spec": [
                    "cabins": [["name": "a", "fittings": [:]]], "crew": ["ann"],
                    "flags": ["n": "1"], "engine": ["power": 1],
                ],
            ], in: ShipDocuments.scope)
        #expect(
            fields.bytes.description
                == #"{"f:metadata":{"f:labels":{"f:x":{}}},"f:spec":{"f:cabins":{"#
                + #""k:{\"deck\":\"main\",\"name\":\"a\"}":{".":{},"f:fittings":{},"f:name":{}}},"#
                + #""f:crew":{"v:\"ann\"":{}},"f:engine":{"f:power":{}},"f:flags":{"f:n":{}}}}"#)
    }
}

/// Where applied elements stand among those that are there.
@Suite struct AppliedOrderTests {
    @Test(arguments: [
        (live: ["a", "b", "c"], applied: ["b"], merged: ["a", "b", "c"]),
        (live: ["a", "b", "c"], applied: ["c", "a"], merged: ["b", "c", "a"]),
        (live: ["a", "b"], applied: ["n", "b"], merged: ["a", "n", "b"]),
        (live: ["a", "b"], applied: ["b", "n"], merged: ["a", "b", "n"]),
        (live: [], applied: ["b", "a"], merged: ["b", "a"]),
        (live: ["x", "y"], applied: ["n"], merged: ["x", "y", "n"]),
        (live: ["a", "x", "b", "y"], applied: ["b", "a"], merged: ["x", "b", "y", "a"]),
        (
            live: ["a", "b", "c", "d"], applied: ["d", "n", "a"], merged: ["b", "c", "d", "n", "a"]
        ),
    ])
    func `what is applied keeps its order, and the rest its place`(
        live: [String], applied: [String], merged: [String]
    ) throws {
        let schema = try ShipDocuments.schema()
        func ship(_ crew: [String]) -> JSONValue {
            ["spec": ["crew": .array(crew.map { .string($0) })]]
        }
        #expect(schema.merging(ship(applied), into: ship(live)) == ship(merged))
    }
}
