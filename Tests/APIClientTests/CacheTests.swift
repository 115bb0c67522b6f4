// An informer's objects: changes, indexes, and the file that keeps them.

import Buffers
import Glibc
import JSON
import Testing

@testable import APIClient

private func pod(_ name: String, _ revision: Int, node: String = "a") -> JSONValue {
    [
        "metadata": [
            "namespace": "default", "name": .string(name), "uid": .string("uid-\(name)"),
            "resourceVersion": .string("\(revision)"),
        ],
        "spec": ["nodeName": .string(node)],
    ]
}

private func words(_ step: ObjectTable.Step) -> [String] {
    step.changes.map { change in
        switch change {
        case .added(let object): "added \(ObjectKey(of: object).name)"
        case .updated(let old, let new):
            "updated \(ObjectKey(of: new).name) from "
                + (old[path: "metadata", "resourceVersion"]?.string ?? "")
        case .deleted(let object): "deleted \(ObjectKey(of: object).name)"
        }
    }
}

@Suite struct ObjectTableTests {
    private let byNode = ObjectIndex("node") { pod in
        [pod[path: "spec", "nodeName"]?.string ?? ""]
    }

    @Test func `events change objects, indexes and the revision together`() {
        var table = ObjectTable([byNode])
        let first = table.replace(with: [pod("a", 3), pod("b", 5)], revision: "9")
        #expect(words(first) == ["added a", "added b"])
        #expect(table.keys("node", "a").count == 2)
        let second = table.apply([
            .modified(pod("a", 10, node: "z")), .deleted(pod("b", 11)), .added(pod("c", 12)),
            .bookmark(revision: "20", endsInitial: false),
        ])
        #expect(words(second) == ["updated a from 3", "deleted b", "added c"])
        #expect(second.revision == "20" && table.revision == "20")
        #expect(table.keys("node", "a").map(\.name) == ["c"])
        #expect(table.keys("node", "z").map(\.name) == ["a"])
        #expect(second.written.count == 3)
    }

    @Test func `a new list tells only of what differs`() {
        var table = ObjectTable([])
        _ = table.replace(with: [pod("a", 1), pod("b", 2), pod("c", 3)], revision: "3")
        let step = table.replace(with: [pod("a", 1), pod("b", 7), pod("d", 8)], revision: "8")
        #expect(words(step) == ["updated b from 2", "added d", "deleted c"])
    }

    @Test func `random events give what a plain dictionary gives`() {
        var table = ObjectTable([byNode])
        var model: [String: JSONValue] = [:]
        for revision in 1...5_000 {
            let name = "p\(Int.random(in: 0..<40))"
            let object = pod(name, revision, node: "n\(Int.random(in: 0..<5))")
            if Int.random(in: 0..<3) == 0 {
                _ = table.apply([.deleted(object)])
                model[name] = nil
            } else {
                _ = table.apply([.modified(object)])
                model[name] = object
            }
        }
        #expect(Set(table.objects.keys.map(\.name)) == Set(model.keys))
        for node in 0..<5 {
            let expected = model.filter { $0.value[path: "spec", "nodeName"]?.string == "n\(node)" }
            #expect(Set(table.keys("node", "n\(node)").map(\.name)) == Set(expected.keys))
        }
    }
}

@Suite final class CacheFileTests: Sendable {
    private let directory: String
    private let identity = CacheIdentity(
        cluster: "uid 1", resource: Resource("pods"), selection: Selection())

    init() {
        var template = Array("/tmp/binnacle-cache-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { preconditionFailure("no directory") }
        directory = String(cString: made)
    }

    deinit {
        for name in ["cache", "cache.aside"] {
            for ending in ["", "-wal", "-shm"] { unlink("\(directory)/\(name)\(ending)") }
        }
        rmdir(directory)
    }

    private var path: String { "\(directory)/cache" }

    private func fill(_ identity: CacheIdentity) async throws {
        let file = CacheFile(path)
        _ = try await file.open(identity)
        var table = ObjectTable([])
        try await file.write(table.replace(with: [pod("a", 1), pod("b", 2)], revision: "2"))
        try await file.write(table.apply([.deleted(pod("a", 3)), .added(pod("c", 4))]))
        await file.close()
    }

    @Test func `what was written is there after a restart`() async throws {
        try await fill(identity)
        let content = try await CacheFile(path).open(identity)
        #expect(content.revision == "4" && content.refusal == nil)
        #expect(content.objects.keys.map(\.name).sorted() == ["b", "c"])
        #expect(content.objects[ObjectKey(namespace: "default", name: "c")] == pod("c", 4))
    }

    @Test func `a file of another store, resource or selection is set aside`() async throws {
        for other in [
            CacheIdentity(cluster: "uid 2", resource: Resource("pods"), selection: Selection()),
            CacheIdentity(cluster: "uid 1", resource: Resource("nodes"), selection: Selection()),
            CacheIdentity(
                cluster: "uid 1", resource: Resource("pods"), selection: Selection(labels: "a=b")),
        ] {
            try await fill(identity)
            let content = try await CacheFile(path).open(other)
            #expect(content.revision == nil && content.objects.isEmpty)
            #expect(content.refusal?.contains("it is of other objects") == true)
            #expect(access("\(path).aside", F_OK) == 0)
            for ending in ["", "-wal", "-shm"] { unlink(path + ending) }
        }
    }

    @Test func `a broken file is set aside, and a new one works`() async throws {
        let file = fopen(path, "w")
        fputs(String(repeating: "this is no database ", count: 500), file)
        fclose(file)
        let content = try await CacheFile(path).open(identity)
        #expect(content.revision == nil && content.refusal != nil)
        try await fill(identity)
        #expect(try await CacheFile(path).open(identity).revision == "4")
    }
}
