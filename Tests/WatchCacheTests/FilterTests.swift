import Buffers
import SeedTesting
import Storage
import StorageTesting
import Testing

@testable import WatchCache

extension Snapshot {
    fileprivate var keys: [Key] {
        var keys: [Key] = []
        forEach(in: .all) { object in
            keys.append(object.key)
            return true
        }
        return keys
    }
}

@Suite struct FilterTests {
    private let form = ObjectForm(Samples.pods, interning: InternTable())

    private func object(_ sample: Sample) -> CachedObject {
        form.object(Item(key: Key(sample.key), value: sample.value, revision: Revision(1)))!
    }

    private func accepts(_ requirement: LabelRequirement, _ labels: [String: String]) -> Bool {
        Filter(Selection(labels: [requirement]), form: form)
            .matches(object(Samples.pod("a", labels: labels)))
    }

    @Test func `label requirements mean what they mean in Kubernetes`() {
        #expect(accepts(.isIn("app", ["web", "db"]), ["app": "db"]))
        #expect(!accepts(.isIn("app", ["web"]), ["app": "db"]))
        #expect(!accepts(.isIn("app", ["web"]), [:]))
        #expect(accepts(.isIn("app", [""]), ["app": ""]))
        #expect(accepts(.notIn("app", ["web"]), [:]))
        #expect(accepts(.notIn("app", ["web"]), ["app": "db"]))
        #expect(!accepts(.notIn("app", ["web"]), ["app": "web"]))
        #expect(accepts(.exists("app"), ["app": ""]) && !accepts(.exists("app"), [:]))
        #expect(accepts(.absent("app"), [:]) && !accepts(.absent("app"), ["app": ""]))
        #expect(accepts(.greaterThan("n", 4), ["n": "5"]))
        #expect(!accepts(.greaterThan("n", 5), ["n": "5"]))
        #expect(!accepts(.greaterThan("n", 4), ["n": "five"]))
        #expect(accepts(.lessThan("n", 5), ["n": "-1"]) && !accepts(.lessThan("n", 5), [:]))
    }

    @Test func `names and namespaces narrow the keys that are looked at`() {
        func range(_ selection: Selection) -> KeyRange { Filter(selection, form: form).range }
        let name = FieldRequirement(.name, "a")
        #expect(range(Selection()) == .prefix("core/pods/"))
        #expect(range(Selection(namespace: "ns")) == .prefix("core/pods/ns/"))
        #expect(range(Selection(name: "a")) == .prefix("core/pods/"))
        let exact = range(Selection(namespace: "ns", fields: [name]))
        #expect(exact.contains("core/pods/ns/a") && !exact.contains("core/pods/ns/a0"))
        #expect(range(Selection(fields: [FieldRequirement(.namespace, "ns"), name])) == exact)
    }

    @Test func `requirements that contradict each other match nothing`() {
        let pod = object(Samples.pod("a", namespace: "ns"))
        let name = FieldRequirement(.name, "b")
        let namespace = FieldRequirement(.namespace, "other")
        #expect(!Filter(Selection(name: "a", fields: [name]), form: form).matches(pod))
        #expect(
            !Filter(Selection(namespace: "ns", fields: [namespace]), form: form).matches(pod))
        #expect(!Filter(Selection(name: "b"), form: form).matches(pod))
        #expect(Filter(Selection(name: "a"), form: form).matches(pod))
    }

    @Test func `a filtered walk finds what matching one by one finds`() async throws {
        var random = SeededGenerator()
        let cache = try await Samples.emptyCache()
        var revision: UInt64 = 0
        func change(_ count: Int) {
            for _ in 0..<count {
                revision += 1
                let number = Int.random(in: 0..<700, using: &random)
                let labels = Bool.random(using: &random) ? ["app": "app\(number % 5)"] : [:]
                let pod = Samples.pod(
                    "p\(number)", namespace: "ns\(number % 3)", labels: labels,
                    node: "n\(Int.random(in: 0..<9, using: &random))")
                cache.apply(Samples.put(pod, revision))
            }
        }
        let filters = [
            Selection(fields: [FieldRequirement(.field(0), "n3")]),
            Selection(namespace: "ns1", labels: [.isIn("app", ["app2"])]),
            Selection(labels: [.isIn("app", ["app2"]), .exists("app")]),
            Selection(labels: [.notIn("app", ["app2"])]),
            Selection(namespace: "ns2", fields: [FieldRequirement(.field(1), "Failed")]),
        ].map { cache.pods.filter($0) }
        for _ in 0..<20 {
            change(100)
            let snapshot = cache.pods.snapshot()
            for filter in filters {
                var expected = snapshot.keys.filter { filter.matches(snapshot.object($0)!) }
                let after = expected.randomElement(using: &random)
                var found: [Key] = []
                snapshot.forEach(matching: filter, after: after) { object in
                    found.append(object.key)
                    return true
                }
                expected.removeAll { key in after.map { key <= $0 } ?? false }
                #expect(found == expected, "BINNACLE_TEST_SEED=\(random.seed)")
            }
        }
    }
}
