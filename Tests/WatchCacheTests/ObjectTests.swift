import Buffers
import Storage
import Synchronization
import Testing

@testable import WatchCache

private func object(
    _ value: String, key: String = "core/pods/ns/a", revision: UInt64 = 7, uid: String = "u-1",
    fields: [String] = ["", ""]
) -> CachedObject? {
    let description = ResourceDescription(
        name: "core/pods", isNamespaced: true, objectPrefix: Samples.prefix(of: "core/pods/"),
        fieldNames: ["a", "b"],
        readFields: { _ in ObjectFields(uid: uid, labels: [("app", "web")], fields: fields) })
    return ObjectForm(description, interning: InternTable()).object(
        Item(key: Key(key), value: Bytes(value), revision: Revision(revision)))
}

private let pod = #"{"kind":"Pod","apiVersion":"v1","metadata":{"#

@Suite struct ObjectTests {
    @Test func `the revision is put in front of the metadata`() throws {
        let made = try #require(object(pod + #""name":"a","uid":"u-1"},"spec":{}}"#))
        #expect(
            made.body == #""metadata":{"resourceVersion":"7","name":"a","uid":"u-1"},"spec":{}}"#)
        #expect(made.resourceVersion == "7")
        #expect(made.key == "core/pods/ns/a")
        #expect(made.namespace == "ns" && made.name == "a" && made.uid == "u-1")
        #expect(made.label("app") == "web" && made.label("tier") == nil)
    }

    @Test func `labels that are written alike are read once and shared`() throws {
        let reads = Mutex(0)
        let value = Bytes(pod + #""labels":{"app":"web"},"uid":"u-1"}}"#)
        let start = try #require(value.firstOffset(of: #"{"app""#))
        let description = ResourceDescription(
            name: "core/pods", isNamespaced: true, objectPrefix: Samples.prefix(of: "core/pods/"),
            readFields: { value in
                let uid = value.firstOffset(of: "u-1").map { value[$0..<$0 + 3] } ?? .empty
                return ObjectFields(
                    uid: uid, labelBytes: value[start..<start + 13],
                    readLabels: { _ in
                        reads.withLock { $0 += 1 }
                        return [("app", "web")]
                    }, fields: [])
            })
        let form = ObjectForm(description, interning: InternTable())
        let made = try (1...3).map { number in
            let item = Item(
                key: Key("core/pods/ns/\(number)"), value: value, revision: Revision(7))
            return try #require(form.object(item))
        }
        #expect(made.allSatisfy { $0.labels === made[0].labels && $0.uid == "u-1" })
        #expect(made[0].label("app") == "web" && reads.withLock { $0 } == 1)
        let bare = try #require(
            form.withoutFields.object(
                Item(key: "core/pods/ns/4", value: value, revision: Revision(7))))
        #expect(bare.body == made[0].body && bare.key == "core/pods/ns/4")
        #expect(bare.uid.isEmpty && bare.label("app") == nil)
    }

    @Test func `empty metadata becomes metadata with a revision only`() {
        #expect(object(pod + "}}")?.body == #""metadata":{"resourceVersion":"7"}}"#)
    }

    @Test func `a uid that the JSON spells otherwise is kept all the same`() {
        let made = object(pod + #""uid":"\u0075-1"}}"#)
        #expect(made?.uid == "u-1")
        #expect(made?.respliced(at: Revision(12_345)).uid == "u-1")
        #expect(object(pod + "}}", uid: "")?.uid == Bytes.empty)
    }

    @Test(arguments: [1, 127, 128, 300, 70_000])
    func `fields of any length keep their values`(byteCount: Int) throws {
        let long = String(repeating: "é", count: byteCount)
        let made = try #require(object(pod + "}}", fields: [long, "b"]))
        #expect(String(made.field(0)) == long && made.field(1) == "b")
        #expect(made.field(0, equals: Bytes(long)) && !made.field(0, equals: "b"))
        #expect(made.field(1, equals: "b") && !made.field(1, equals: "c"))
    }

    @Test(arguments: [7, 9, 10, 99_999] as [UInt64])
    func `a deletion shows the last state with its own revision`(revision: UInt64) throws {
        let made = try #require(object(pod + #""uid":"u-1"},"x":1}"#))
        let gone = made.respliced(at: Revision(revision))
        #expect(
            String(gone.body)
                == #""metadata":{"resourceVersion":"\#(revision)","uid":"u-1"},"x":1}"#)
        #expect(gone.revision == Revision(revision) && gone.uid == "u-1" && gone.name == "a")
        #expect(String(gone.resourceVersion) == String(revision))
    }

    @Test(arguments: [
        "", "{}", pod, #"{"kind":"Node","apiVersion":"v1","metadata":{}}"#,
        #"{"apiVersion":"v1","kind":"Pod","metadata":{}}"#,
    ])
    func `a value of another form is no object`(value: String) {
        #expect(object(value) == nil)
    }

    @Test(arguments: [
        "core/pods/a", "core/pods/", "core/pods//a", "core/pods/ns/", "core/nodes/ns/a", "core",
    ])
    func `a key of another form is no object`(key: String) {
        #expect(object(pod + "}}", key: key) == nil)
    }

    @Test func `a value that cannot be shown hides the object and is counted`() async throws {
        let cache = try await Samples.emptyCache()
        cache.apply(Samples.put(Samples.pod("a"), 1))
        let bad = Event(
            revision: Revision(2), key: "core/pods/default/a", change: .put("{}"), previous: nil)
        cache.apply(bad)
        #expect(cache.refusedItemCount == 1)
        #expect(cache.pods.snapshot().count == 0)
        guard case .events(let slice) = cache.pods.events(after: Revision(1), limit: 9) else {
            Issue.record("expired")
            return
        }
        #expect(slice.events.map(\.kind) == [.deleted])
    }
}

@Suite struct InterningTests {
    @Test func `equal labels are one set, in the order of names`() {
        let table = InternTable()
        let first = table.labels([("b", "2"), ("a", "1")])
        let second = table.labels([("a", "1"), ("b", "2")])
        #expect(first === second)
        #expect(first.labels.map(\.name.text) == ["a", "b"])
        #expect(first.value(of: table.text("b")) === table.text("2"))
        #expect(first.value(of: table.text("c")) == nil)
    }

    @Test func `texts that nobody holds are forgotten and the others kept`() {
        let table = InternTable()
        let kept = (0..<1_000).map { table.labels([("kept", "v\($0)")]) }
        for number in 0..<100_000 { _ = table.labels([("gone", "v\(number)")]) }
        #expect(table.count < 20_000)
        for (number, set) in kept.enumerated() {
            #expect(table.labels([("kept", "v\(number)")]) === set)
        }
    }
}
