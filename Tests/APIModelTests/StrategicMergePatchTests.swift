import APIModel
import JSON
import SeedTesting
import Testing

/// A schema in a few words: members, elements, strategies and key.
private struct TypeSchema: MergeSchema {
    var members: [String: TypeSchema] = [:]
    var elements: [TypeSchema] = []
    var patchStrategies: [String] = []
    var patchMergeKey: String?

    func member(_ name: String) -> (any MergeSchema)? { members[name] }
    var element: (any MergeSchema)? { elements.first }

    static func list(by key: String? = nil, of element: TypeSchema = TypeSchema()) -> TypeSchema {
        TypeSchema(elements: [element], patchStrategies: ["merge"], patchMergeKey: key)
    }
}

@Suite struct StrategicMergePatchTests {
    private let schema: TypeSchema = {
        let container = TypeSchema(members: [
            "env": .list(by: "name"), "ports": .list(by: "containerPort"), "args": TypeSchema(),
        ])
        return TypeSchema(members: [
            "containers": .list(by: "name", of: container),
            "finalizers": .list(),
            "strategy": TypeSchema(patchStrategies: ["retainKeys"]),
            "atomic": TypeSchema(patchStrategies: ["replace"]),
        ])
    }()

    private func apply(_ patch: String, to target: String) throws -> JSONValue {
        try StrategicMergePatch.apply(json(patch), to: json(target), schema: schema)
    }

    @Test(arguments: [
        // A new element comes first, a known one is merged where it stands.
        (
            #"{"containers":[{"name":"a"}]}"#, #"{"containers":[{"name":"b","image":"i"}]}"#,
            #"{"containers":[{"name":"b","image":"i"},{"name":"a"}]}"#
        ),
        (
            #"{"containers":[{"name":"a","x":1},{"name":"b"}]}"#,
            #"{"containers":[{"name":"b","y":2}]}"#,
            #"{"containers":[{"name":"a","x":1},{"name":"b","y":2}]}"#
        ),
        // Lists in elements are merged too.
        (
            #"{"containers":[{"name":"a","env":[{"name":"X"}]}]}"#,
            #"{"containers":[{"name":"a","env":[{"name":"Y"}]}]}"#,
            #"{"containers":[{"name":"a","env":[{"name":"Y"},{"name":"X"}]}]}"#
        ),
        // Keys may be numbers.
        (
            #"{"containers":[{"name":"a","ports":[{"containerPort":80},{"containerPort":81}]}]}"#,
            #"{"containers":[{"name":"a","ports":[{"containerPort":80,"$patch":"delete"}]}]}"#,
            #"{"containers":[{"name":"a","ports":[{"containerPort":81}]}]}"#
        ),
        // A list without a strategy is replaced, and so is one that the schema does not know.
        (
            #"{"containers":[{"name":"a","args":[1]}]}"#,
            #"{"containers":[{"name":"a","args":[2]}]}"#,
            #"{"containers":[{"name":"a","args":[2]}]}"#
        ),
        (
            #"{"other":[1],"o":{"p":1}}"#, #"{"other":[2],"o":{"q":2}}"#,
            #"{"other":[2],"o":{"p":1,"q":2}}"#
        ),
        // Lists of scalars are sets.
        (
            #"{"finalizers":["a","b"]}"#, #"{"finalizers":["c","b"]}"#,
            #"{"finalizers":["c","a","b"]}"#
        ),
        // Nulls delete, also in what is new.
        (#"{"a":1,"b":2}"#, #"{"a":null,"c":{"d":null,"e":1}}"#, #"{"b":2,"c":{"e":1}}"#),
        (#"{"a":1}"#, #"{"a":{"b":1}}"#, #"{"a":{"b":1}}"#),
        // An object with the replace strategy is replaced.
        (#"{"atomic":{"a":1}}"#, #"{"atomic":{"b":2}}"#, #"{"atomic":{"b":2}}"#),
    ])
    func `members merge by their strategy`(target: String, patch: String, result: String) throws {
        #expect(try apply(patch, to: target) == json(result))
    }

    @Test(arguments: [
        (#"{"o":{"a":1}}"#, #"{"o":{"$patch":"replace","b":2}}"#, #"{"o":{"b":2}}"#),
        (#"{"o":{"a":1}}"#, #"{"o":{"$patch":"delete"}}"#, #"{"o":{}}"#),
        (#"{"o":{"a":1}}"#, #"{"o":{"$patch":"merge","b":2}}"#, #"{"o":{"a":1,"b":2}}"#),
        (#"{"a":1}"#, #"{"$patch":"replace","b":2}"#, #"{"b":2}"#),
        (
            #"{"containers":[{"name":"a"},{"name":"b"}]}"#,
            #"{"containers":[{"$patch":"delete","name":"a"}]}"#, #"{"containers":[{"name":"b"}]}"#
        ),
        (
            #"{"containers":[{"name":"a"},{"name":"b"}]}"#,
            #"{"containers":[{"name":"c"},{"$patch":"replace"}]}"#,
            #"{"containers":[{"name":"c"}]}"#
        ),
        (
            #"{"containers":[{"name":"a","x":1}]}"#,
            #"{"containers":[{"$patch":"merge","name":"a","y":2}]}"#,
            #"{"containers":[{"name":"a","x":1,"y":2}]}"#
        ),
        (#"{}"#, #"{"containers":[{"$patch":"delete","name":"a"}]}"#, #"{"containers":[]}"#),
    ])
    func `the patch directive replaces, merges and deletes`(
        target: String, patch: String, result: String
    ) throws {
        #expect(try apply(patch, to: target) == json(result))
    }

    @Test func `retainKeys clears what it does not list`() throws {
        let target = #"{"strategy":{"type":"RollingUpdate","rollingUpdate":{"maxSurge":1}}}"#
        #expect(
            try apply(#"{"strategy":{"$retainKeys":["type"],"type":"Recreate"}}"#, to: target)
                == json(#"{"strategy":{"type":"Recreate"}}"#))
        #expect(throws: APIStatus.self) {
            try apply(#"{"strategy":{"$retainKeys":["type"],"other":1}}"#, to: target)
        }
        #expect(throws: APIStatus.self) {
            try apply(#"{"strategy":{"$retainKeys":"type"}}"#, to: target)
        }
    }

    @Test func `deleteFromPrimitiveList takes scalars away`() throws {
        #expect(
            try apply(
                #"{"$deleteFromPrimitiveList/finalizers":["a","c"],"finalizers":["d"]}"#,
                to: #"{"finalizers":["a","b","c"]}"#) == json(#"{"finalizers":["d","b"]}"#))
        #expect(
            try apply(#"{"$deleteFromPrimitiveList/finalizers":["a"]}"#, to: "{}") == json("{}"))
    }

    @Test(arguments: [
        (
            #"{"containers":[{"name":"a"},{"name":"b"},{"name":"c"}]}"#,
            #"{"$setElementOrder/containers":[{"name":"c"},{"name":"a"}]}"#, ["b", "c", "a"]
        ),
        (
            #"{"containers":[{"name":"a"},{"name":"b"}]}"#,
            #"""
            {"$setElementOrder/containers":[{"name":"b"},{"name":"n"},{"name":"a"}],\#
            "containers":[{"name":"n"}]}
            """#,
            ["b", "n", "a"]
        ),
        (
            #"{"containers":[{"name":"a"},{"name":"srv"},{"name":"b"}]}"#,
            #"{"$setElementOrder/containers":[{"name":"a"},{"name":"b"}]}"#, ["a", "srv", "b"]
        ),
    ])
    func `setElementOrder orders, and others stay near their place`(
        target: String, patch: String, names: [String]
    ) throws {
        let result = try apply(patch, to: target)
        #expect(result["containers"]?.array?.compactMap { $0["name"]?.string } == names)
    }

    @Test func `setElementOrder orders scalars`() throws {
        #expect(
            try apply(
                #"{"$setElementOrder/finalizers":["c","a"],"finalizers":["c"]}"#,
                to: #"{"finalizers":["a"]}"#) == json(#"{"finalizers":["c","a"]}"#))
    }

    @Test(arguments: [
        #"[]"#, #"{"o":{"$patch":"explode"}}"#, #"{"containers":[{"image":"i"}]}"#,
        #"{"containers":[{"$patch":"delete"}]}"#, #"{"containers":[{"$patch":1,"name":"a"}]}"#,
        #"{"finalizers":[{"name":"a"}]}"#, #"{"$setElementOrder/containers":1}"#,
        #"{"$setElementOrder/containers":[{"name":"b"}],"containers":[{"name":"a"}]}"#,
        #"""
        {"$setElementOrder/containers":[{"name":"b"},{"name":"a"}],"containers":[{"name":"a"},\#
        {"name":"b"}]}
        """#,
        #"{"$deleteFromPrimitiveList/finalizers":"a"}"#,
    ])
    func `what cannot be understood is a bad request`(patch: String) throws {
        let target = #"{"containers":[{"name":"a"}],"finalizers":[],"o":{}}"#
        do {
            _ = try apply(patch, to: target)
            Issue.record("applied")
        } catch let status as APIStatus {
            #expect(status.code == 400)
        }
    }

    @Test func `stored elements without the key are left alone`() throws {
        #expect(
            try apply(#"{"containers":[{"name":"a"}]}"#, to: #"{"containers":[{"x":1}]}"#)
                == json(#"{"containers":[{"name":"a"},{"x":1}]}"#))
    }

    @Test func `a patch applied again changes nothing more`() throws {
        var random = SeededGenerator()
        let seed = random.seed
        for _ in 0..<2_000 {
            let target = randomObject(&random, isPatch: false)
            let patch = randomObject(&random, isPatch: true)
            let once = try StrategicMergePatch.apply(patch, to: target, schema: schema)
            let twice = try StrategicMergePatch.apply(patch, to: once, schema: schema)
            #expect(twice == once, "seed \(seed): \(patch) on \(target)")
            let same = try StrategicMergePatch.apply([:], to: target, schema: schema)
            #expect(same == target, "seed \(seed): an empty patch on \(target)")
            #expect(!once.description.contains("$"), "seed \(seed): \(patch) on \(target)")
        }
    }

    /// Containers and finalizers; in a patch also deletions and nulls.
    private func randomObject(_ random: inout SeededGenerator, isPatch: Bool) -> JSONValue {
        var object = JSONObject()
        object["containers"] = .array(
            randomNames(&random).map { name in
                var container: JSONObject = ["name": .string(name)]
                if isPatch, Int.random(in: 0..<4, using: &random) == 0 {
                    container["$patch"] = "delete"
                } else {
                    container["env"] = .array(
                        randomNames(&random).map { ["name": .string($0)] })
                    container["image"] = isPatch && Bool.random(using: &random) ? .null : "i"
                }
                return .object(container)
            })
        object["finalizers"] = .array(randomNames(&random).map { .string($0) })
        if isPatch {
            object["$deleteFromPrimitiveList/finalizers"] = .array(
                randomNames(&random).map { .string($0) })
        }
        return .object(object)
    }

    private func randomNames(_ random: inout SeededGenerator) -> [String] {
        Array(
            ["a", "b", "c", "d", "e"].shuffled(using: &random).prefix(
                Int.random(in: 0...4, using: &random)))
    }

    @Test func `without a schema it is a merge patch`() throws {
        let patched = try StrategicMergePatch.apply(
            json(#"{"l":[2],"o":{"a":null}}"#), to: json(#"{"l":[1],"o":{"a":1,"b":2}}"#),
            schema: nil)
        #expect(try patched == json(#"{"l":[2],"o":{"b":2}}"#))
    }
}
