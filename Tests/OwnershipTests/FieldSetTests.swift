import Buffers
import JSON
import SeedTesting
import Testing

@testable import Ownership

@Suite struct FieldSetTests {
    private let name: FieldStep = .key([FieldStep.KeyMember("name", "a")])

    private func set(_ paths: [FieldStep]...) -> FieldSet { FieldSet(paths: paths) }

    @Test func `a set is written in the order of its steps, members before keys and values`() {
        let fields = set(
            [.field("spec"), .value("b")], [.field("spec"), name, .field("image")],
            [.field("spec"), .field("z")], [.field("spec"), .index(2)], [.field("a")],
            [.field("spec"), name])
        #expect(
            fields.bytes.description
                == #"{"f:a":{},"f:spec":{"f:z":{},"k:{\"name\":\"a\"}":{".":{},"f:image":{}},"#
                + #""v:\"b\"":{},"i:2":{}}}"#)
    }

    @Test func `a key's members are written in the order of their names`() throws {
        let fields = try FieldSet(
            fields: #"{"f:ports":{"k:{\"protocol\":\"TCP\",\"port\":80}":{".":{}}}}"#)
        #expect(
            fields.paths == [
                [
                    .field("ports"),
                    .key([
                        FieldStep.KeyMember("port", 80), FieldStep.KeyMember("protocol", "TCP"),
                    ]),
                ]
            ])
        #expect(
            fields.bytes.description
                == #"{"f:ports":{"k:{\"port\":80,\"protocol\":\"TCP\"}":{}}}"#)
    }

    @Test func `a path with nothing below it is a member without saying so`() throws {
        let fields = try FieldSet(fields: #"{"f:a":{"f:b":{}},"f:c":{".":{},"f:d":{}}}"#)
        #expect(fields.contains([.field("a"), .field("b")]))
        #expect(!fields.contains([.field("a")]))
        #expect(fields.contains([.field("c")]))
        #expect(fields.count == 3)
    }

    @Test(arguments: ["[]", #"{"x:a":{}}"#, #"{"f":{}}"#, #"{"k:nope":{}}"#, #"{"i:b":{}}"#])
    func `what is no set of fields is refused`(text: String) {
        #expect(throws: FieldsError.self) { try FieldSet(fields: Bytes(text)) }
    }

    @Test func `names with quotation marks and line breaks survive`() throws {
        let fields = set([.field("a\"\n\\b"), .value("x\"y")])
        #expect(try FieldSet(fields: fields.bytes) == fields)
    }

    @Test func `subtracting a container leaves what is in it`() {
        let fields = set([.field("a")], [.field("a"), .field("b")])
        #expect(fields.subtracting(set([.field("a")])) == set([.field("a"), .field("b")]))
    }

    @Test func `conflicts print paths with keys, values and indices`() {
        let fields = set([.field("spec"), name, .field("args"), .value("b")])
        #expect(fields.description == #".spec[name="a"].args[="b"]"#)
    }
}

/// Sets drawn from a seed, which each failure prints.
@Suite struct FieldSetPropertyTests {
    @Test(arguments: Seeds.all)
    func `union, intersection and difference are those of sets of paths`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<50 {
            let (first, second) = (random.fieldSet(), random.fieldSet())
            let (mine, its) = (Set(first.paths), Set(second.paths))
            #expect(Set(first.union(second).paths) == mine.union(its))
            #expect(Set(first.intersection(second).paths) == mine.intersection(its))
            #expect(Set(first.subtracting(second).paths) == mine.subtracting(its))
            #expect(first.isDisjoint(with: second) == mine.isDisjoint(with: its))
            #expect(first.isSuperset(of: second) == mine.isSuperset(of: its))
            #expect(first.isSuperset(of: first.intersection(second)))
        }
    }

    @Test(arguments: Seeds.all)
    func `a set that was written reads as the same set`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<50 {
            let fields = random.fieldSet()
            #expect(try FieldSet(fields: fields.bytes) == fields)
            #expect(try JSONValue(parsing: fields.bytes).bytes == fields.bytes)
        }
    }

    @Test(arguments: Seeds.all)
    func `the order of insertion does not show`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<20 {
            let paths = random.fieldSet().paths
            #expect(
                FieldSet(paths: paths.shuffled(using: &random)) == FieldSet(paths: paths))
        }
    }
}
