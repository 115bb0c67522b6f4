import APIModel
import Buffers
import JSON
import SeedTesting
import Testing

func json(_ text: String) throws -> JSONValue { try JSONValue(parsing: Bytes(text)) }

@Suite struct JSONPatchTests {
    /// RFC 6902, appendix A: document, patch and result; no result where the patch must fail.
    static let appendix: [(String, String, String?)] = [
        (
            #"{"foo":"bar"}"#, #"[{"op":"add","path":"/baz","value":"qux"}]"#,
            #"{"baz":"qux","foo":"bar"}"#
        ),
        (
            #"{"foo":["bar","baz"]}"#, #"[{"op":"add","path":"/foo/1","value":"qux"}]"#,
            #"{"foo":["bar","qux","baz"]}"#
        ),
        (#"{"baz":"qux","foo":"bar"}"#, #"[{"op":"remove","path":"/baz"}]"#, #"{"foo":"bar"}"#),
        (
            #"{"foo":["bar","qux","baz"]}"#, #"[{"op":"remove","path":"/foo/1"}]"#,
            #"{"foo":["bar","baz"]}"#
        ),
        (
            #"{"baz":"qux","foo":"bar"}"#, #"[{"op":"replace","path":"/baz","value":"boo"}]"#,
            #"{"baz":"boo","foo":"bar"}"#
        ),
        (
            #"{"foo":{"bar":"baz","waldo":"fred"},"qux":{"corge":"grault"}}"#,
            #"[{"op":"move","from":"/foo/waldo","path":"/qux/thud"}]"#,
            #"{"foo":{"bar":"baz"},"qux":{"corge":"grault","thud":"fred"}}"#
        ),
        (
            #"{"foo":["all","grass","cows","eat"]}"#,
            #"[{"op":"move","from":"/foo/1","path":"/foo/3"}]"#,
            #"{"foo":["all","cows","eat","grass"]}"#
        ),
        (
            #"{"baz":"qux","foo":["a",2,"c"]}"#,
            #"[{"op":"test","path":"/baz","value":"qux"},{"op":"test","path":"/foo/1","value":2}]"#,
            #"{"baz":"qux","foo":["a",2,"c"]}"#
        ),
        (#"{"baz":"qux"}"#, #"[{"op":"test","path":"/baz","value":"bar"}]"#, nil),
        (
            #"{"foo":"bar"}"#, #"[{"op":"add","path":"/child","value":{"grandchild":{}}}]"#,
            #"{"foo":"bar","child":{"grandchild":{}}}"#
        ),
        (
            #"{"foo":"bar"}"#, #"[{"op":"add","path":"/baz","value":"qux","xyz":123}]"#,
            #"{"foo":"bar","baz":"qux"}"#
        ),
        (#"{"foo":"bar"}"#, #"[{"op":"add","path":"/baz/bat","value":"qux"}]"#, nil),
        (#"{"/":9,"~1":10}"#, #"[{"op":"test","path":"/~01","value":10}]"#, #"{"/":9,"~1":10}"#),
        (#"{"/":9,"~1":10}"#, #"[{"op":"test","path":"/~01","value":"10"}]"#, nil),
        (
            #"{"foo":["bar"]}"#, #"[{"op":"add","path":"/foo/-","value":["abc","def"]}]"#,
            #"{"foo":["bar",["abc","def"]]}"#
        ),
    ]

    @Test(arguments: appendix)
    func `the examples of RFC 6902 hold`(document: String, patch: String, result: String?) throws {
        let patch = try JSONPatch(json(patch))
        if let result {
            #expect(try patch.apply(to: json(document)) == json(result))
        } else {
            #expect(throws: APIStatus.self) { try patch.apply(to: json(document)) }
        }
    }

    @Test(arguments: [
        (#"[{"op":"remove","path":"/x"}]"#, "operation 0 (remove): there is no member \"x\"", "/x"),
        (
            #"[{"op":"test","path":"/a","value":1},{"op":"add","path":"/l/4","value":0}]"#,
            "operation 1 (add): there is no element 4", "/l/4"
        ),
        (
            #"[{"op":"replace","path":"/l/01","value":0}]"#,
            "operation 0 (replace): \"01\" is not an index of an array", "/l/01"
        ),
        (
            #"[{"op":"remove","path":"/l/-"}]"#,
            "operation 0 (remove): \"-\" is not an index of an array", "/l/-"
        ),
        (
            #"[{"op":"add","path":"/a/b","value":0}]"#,
            "operation 0 (add): \"b\" is looked for in what is neither object nor array", "/a/b"
        ),
        (
            #"[{"op":"move","from":"/o","path":"/o/p"}]"#,
            "operation 0 (move): a value cannot be moved into itself", "/o/p"
        ),
        (
            #"[{"op":"test","path":"/a","value":2}]"#,
            "operation 0 (test): the value is not equal", "/a"
        ),
        (
            #"[{"op":"remove","path":""}]"#,
            "operation 0 (remove): the whole document cannot be removed", ""
        ),
        (
            #"[{"op":"replace","path":"/no","value":2}]"#,
            "operation 0 (replace): there is no member \"no\"", "/no"
        ),
    ])
    func `a refusal tells the operation, the path and why`(
        patch: String, why: String, field: String
    ) throws {
        let document = try json(#"{"a":1,"l":[1,2,3],"o":{}}"#)
        let patch = try JSONPatch(json(patch))
        do {
            _ = try patch.apply(to: document)
            Issue.record("applied")
        } catch {
            #expect(error.code == 422)
            #expect(
                error.message == "the server rejected our request due to an error in our request")
            #expect(error.details?.causes == [APIStatus.Cause(message: why, field: field)])
        }
    }

    @Test(arguments: [
        (#"{"op":"add"}"#, 400), (#"[1]"#, 400), (#"[{"path":"/a"}]"#, 422),
        (#"[{"op":"grow","path":"/a"}]"#, 422), (#"[{"op":"add","path":"/a"}]"#, 422),
        (#"[{"op":"add","path":"a","value":1}]"#, 422), (#"[{"op":"move","path":"/a"}]"#, 422),
        (#"[{"op":"remove","path":"/~2"}]"#, 422),
    ])
    func `a malformed patch is refused before it is applied`(patch: String, code: Int) throws {
        let document = try json(patch)
        do {
            _ = try JSONPatch(document)
            Issue.record("read")
        } catch {
            #expect(error.code == code)
        }
    }

    @Test func `the root can be replaced, tested and copied from`() throws {
        let patch = try JSONPatch(
            json(
                #"""
                [{"op":"test","path":"","value":{"a":1}},{"op":"copy","from":"","path":"/b"},\#
                {"op":"move","from":"/b","path":""}]
                """#
            ))
        #expect(try patch.apply(to: ["a": 1]) == ["a": 1])
        #expect(try JSONPatch([.replace(JSONPointer(steps: []), 5)]).apply(to: ["a": 1]) == 5)
    }

    @Test func `a patch has at most ten thousand operations`() throws {
        let operation: JSONValue = ["op": "test", "path": "", "value": 1]
        let most = JSONValue.array(Array(repeating: operation, count: 10_000))
        #expect(try JSONPatch(most).apply(to: 1) == 1)
        let more = JSONValue.array(Array(repeating: operation, count: 10_001))
        do {
            _ = try JSONPatch(more)
            Issue.record("read")
        } catch {
            #expect(error.code == 413)
        }
    }

    @Test func `copies cannot double a document without end`() throws {
        let grow = JSONPatch(
            (0..<40).map { _ in
                .copy(from: JSONPointer(steps: ["l"]), to: JSONPointer(steps: ["l", "-"]))
            })
        let big = JSONValue.string(String(repeating: "x", count: 1000))
        do {
            _ = try grow.apply(to: ["l": .array([big])])
            Issue.record("applied")
        } catch {
            #expect(error.code == 413)
        }
    }

    @Test func `a patched document is never nested deeper than the parser reads`() throws {
        let deepen = JSONPatch(
            (0..<200).map { _ in
                .move(from: JSONPointer(steps: ["a"]), to: JSONPointer(steps: ["b", "c"]))
            })
        #expect(throws: APIStatus.self) {
            try deepen.apply(to: ["a": 1, "b": [:]])
        }
        let path = JSONPointer(steps: (0..<100).map { _ in "a" })
        var nested: JSONValue = 1
        for _ in 0..<100 { nested = ["a": nested] }
        do {
            _ = try JSONPatch([.replace(path, nested)]).apply(to: nested)
            Issue.record("applied")
        } catch {
            #expect(error.code == 413)
        }
    }

    @Test func `pointers unescape and print back`() {
        #expect(JSONPointer("/a~1b/~0c/")?.steps == ["a/b", "~c", ""])
        #expect(JSONPointer("/")?.steps == [""])
        #expect(JSONPointer("")?.steps == [])
        #expect(JSONPointer("a") == nil)
        #expect(JSONPointer("/~") == nil)
        for text in ["/a~1b/~0c/", "/", "", "/é/0"] {
            #expect(JSONPointer(text)?.description == text)
        }
    }

    @Test func `random operations leave a document or an error, never a crash`() throws {
        var random = SeededGenerator()
        let seed = random.seed
        let document = try json(#"{"a":[1,{"b":2}],"c":{"d":[]},"":0,"x/y":{}}"#)
        let paths = [
            "", "/a", "/a/0", "/a/1/b", "/a/-", "/c/d", "/c/d/-", "/", "/x~1y", "/a/9", "/c/n",
        ]
        .map { JSONPointer($0)! }
        for _ in 0..<3_000 {
            let operations = (0..<6).map { _ -> JSONPatch.Operation in
                let path = paths.randomElement(using: &random)!
                let from = paths.randomElement(using: &random)!
                switch Int.random(in: 0..<6, using: &random) {
                case 0: return .add(path, ["v": 1])
                case 1: return .remove(path)
                case 2: return .replace(path, [1])
                case 3: return .move(from: from, to: path)
                case 4: return .copy(from: from, to: path)
                default: return .test(path, 1)
                }
            }
            let patch = JSONPatch(operations)
            let written = JSONValue.array(operations.map(\.json))
            #expect(try JSONPatch(written) == patch, "seed \(seed)")
            guard let patched = try? patch.apply(to: document) else { continue }
            #expect(try JSONValue(parsing: patched.bytes) == patched, "seed \(seed)")
        }
    }
}

@Suite struct MergePatchTests {
    /// RFC 7386, appendix A: original, patch, result.
    @Test(arguments: [
        (#"{"a":"b"}"#, #"{"a":"c"}"#, #"{"a":"c"}"#),
        (#"{"a":"b"}"#, #"{"b":"c"}"#, #"{"a":"b","b":"c"}"#),
        (#"{"a":"b"}"#, #"{"a":null}"#, #"{}"#),
        (#"{"a":"b","b":"c"}"#, #"{"a":null}"#, #"{"b":"c"}"#),
        (#"{"a":["b"]}"#, #"{"a":"c"}"#, #"{"a":"c"}"#),
        (#"{"a":"c"}"#, #"{"a":["b"]}"#, #"{"a":["b"]}"#),
        (#"{"a":{"b":"c"}}"#, #"{"a":{"b":"d","c":null}}"#, #"{"a":{"b":"d"}}"#),
        (#"{"a":[{"b":"c"}]}"#, #"{"a":[1]}"#, #"{"a":[1]}"#),
        (#"["a","b"]"#, #"["c","d"]"#, #"["c","d"]"#),
        (#"{"a":"b"}"#, #"["c"]"#, #"["c"]"#),
        (#"{"a":"foo"}"#, "null", "null"),
        (#"{"a":"foo"}"#, #""bar""#, #""bar""#),
        (#"{"e":null}"#, #"{"a":1}"#, #"{"e":null,"a":1}"#),
        (#"[1,2]"#, #"{"a":"b","c":null}"#, #"{"a":"b"}"#),
        (#"{}"#, #"{"a":{"bb":{"ccc":null}}}"#, #"{"a":{"bb":{}}}"#),
    ])
    func `the examples of RFC 7386 hold`(original: String, patch: String, result: String) throws {
        #expect(try MergePatch.apply(json(patch), to: json(original)) == json(result))
    }

    @Test func `the difference of two documents leads from one to the other`() {
        var random = SeededGenerator()
        let seed = random.seed
        for _ in 0..<2_000 {
            let old = randomObject(depth: 3, &random)
            let new = randomObject(depth: 3, &random)
            let patch = MergePatch.difference(from: old, to: new)
            #expect(
                (patch.map { MergePatch.apply($0, to: old) } ?? old) == new,
                "seed \(seed): \(old) → \(new)")
        }
    }

    @Test func `one patch after another is one patch of both, and an empty one changes nothing`() {
        var random = SeededGenerator()
        let seed = random.seed
        for _ in 0..<2_000 {
            let document = randomObject(depth: 3, &random)
            let first = randomPatch(&random)
            let second = randomPatch(&random)
            let after = MergePatch.apply(second, to: MergePatch.apply(first, to: document))
            #expect(
                after == MergePatch.apply(joined(first, second), to: document),
                "seed \(seed): \(first), then \(second) on \(document)")
            #expect(MergePatch.apply([:], to: document) == document, "seed \(seed)")
        }
    }

    /// A patch that sets and removes members, without objects in it: where one patch sets an object
    /// and the next one changes it, no single patch does the same to every document.
    private func randomPatch(_ random: inout SeededGenerator) -> JSONValue {
        var patch = JSONObject()
        for key in ["a", "b", "c", "d"] where Bool.random(using: &random) {
            patch[key] = [.null, 1, ["x"], true].randomElement(using: &random)
        }
        return .object(patch)
    }

    private func joined(_ first: JSONValue, _ second: JSONValue) -> JSONValue {
        var patch = first.object ?? JSONObject()
        for (key, value) in second.object ?? JSONObject() { patch[key] = value }
        return .object(patch)
    }

    private func randomObject(depth: Int, _ random: inout SeededGenerator) -> JSONValue {
        var object = JSONObject()
        for key in ["a", "b", "c", "d"] where Bool.random(using: &random) {
            switch Int.random(in: 0..<4, using: &random) {
            case 0 where depth > 0: object[key] = randomObject(depth: depth - 1, &random)
            case 1:
                object[key] = .array([.number(JSONNumber(Int64.random(in: 0..<3, using: &random)))])
            case 2: object[key] = .bool(Bool.random(using: &random))
            default: object[key] = .string(random.text(of: ["x", "é"], countMax: 2))
            }
        }
        return .object(object)
    }
}
