import Buffers
import JSON
import Testing

@Suite struct `The value` {
    @Test func `keeps members in order and compares without it`() throws {
        var object: JSONObject = ["b": 1, "a": 2]
        object["c"] = 3
        object["b"] = 4
        #expect(Array(object.keys) == ["b", "a", "c"])
        #expect(object == ["c": 3, "a": 2, "b": 4])
        #expect(object.hashValue == (["c": 3, "a": 2, "b": 4] as JSONObject).hashValue)
        object.insertFirst("a", 9)
        #expect(JSONValue.object(object).description == #"{"a":9,"b":4,"c":3}"#)
        object["b"] = nil
        #expect(object.removeValue(forKey: "c") == 3)
        #expect(object == ["a": 9])
    }

    @Test func `changes deep members in place`() {
        var value: JSONValue = .null
        value["metadata"] = [:]
        value["metadata"]?["labels"] = ["app": "web"]
        value["metadata"]?["name"] = "x"
        #expect(value == ["metadata": ["labels": ["app": "web"], "name": "x"]])
        #expect(value[path: "metadata", "labels", "app"] == "web")
        value["metadata"] = nil
        #expect(value == [:])
    }

    @Test func `a large object finds, replaces and removes by its index`() {
        var object = JSONObject()
        for number in 0..<1000 { object["key-\(number)"] = .number(JSONNumber(Int64(number))) }
        let copy = object
        for number in stride(from: 0, to: 1000, by: 2) { object["key-\(number)"] = nil }
        object["key-1"] = "one"
        #expect(object.count == 500)
        #expect(object["key-1"] == "one")
        #expect(object["key-2"] == nil)
        #expect(object["key-999"] == 999)
        #expect(copy.count == 1000 && copy["key-1"] == 1 && copy["key-2"] == 2)
        object.removeAll { $0.key != "key-999" }
        #expect(object == ["key-999": 999])
    }

    @Test func `two Unicode spellings of a character are two names`() {
        let object: JSONObject = ["\u{E9}": 1, "e\u{301}": 2]
        #expect(object.count == 2)
        #expect(JSONValue.string("\u{E9}") != JSONValue.string("e\u{301}"))
    }

    @Test func `names its type`() throws {
        let value = try JSONValue(parsing: "[null,true,1,1.5,\"\",[],{}]")
        let names = value.array?.map(\.typeName)
        #expect(names == ["null", "boolean", "integer", "number", "string", "array", "object"])
    }
}
