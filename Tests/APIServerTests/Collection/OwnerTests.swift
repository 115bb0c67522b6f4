// Objects follow their owners.

import APIServer
import JSON
import Storage
import Testing

@Suite(.timeLimit(.minutes(10))) struct OwnerTests {
    private static let maps = TestGateway.configMaps
    private static let secrets = "/api/v1/namespaces/default/secrets"

    /// Creates a ConfigMap that owns nothing yet, and returns a reference to it.
    private func owner(
        _ gateway: TestGateway, _ name: String, blocks: Bool = true
    ) async throws -> JSONValue {
        let made = try await gateway.create(name)
        return reference(made.json, blocks: blocks)
    }

    private func reference(_ object: JSONValue, blocks: Bool = true) -> JSONValue {
        [
            "apiVersion": object["apiVersion"] ?? "v1", "kind": object["kind"] ?? .null,
            "name": object[path: "metadata", "name"] ?? .null,
            "uid": object[path: "metadata", "uid"] ?? .null, "blockOwnerDeletion": .bool(blocks),
        ]
    }

    /// Creates a secret with owners.
    @discardableResult
    private func secret(
        _ gateway: TestGateway, _ name: String, of owners: [JSONValue], finalizers: [JSONValue] = []
    ) async throws -> TestAnswer {
        let made = try await gateway.make(
            Self.secrets, name,
            metadata: ["ownerReferences": .array(owners), "finalizers": .array(finalizers)])
        #expect(made.status == 201, "\(made.body)")
        return made
    }

    private func delete(
        _ gateway: TestGateway, _ target: String, _ policy: String
    ) async throws -> TestAnswer {
        try await gateway.ask("DELETE", target, ["propagationPolicy": .string(policy)])
    }

    /// The events of a collection after `revision`, up to and with the one that `isLast`.
    private func events(
        _ gateway: TestGateway, _ collection: String, after revision: String,
        until isLast: (JSONValue) -> Bool
    ) async throws -> [JSONValue] {
        let watch = try await gateway.watch(
            "\(collection)?watch=true&resourceVersion=\(revision)")
        var events: [JSONValue] = []
        while let event = await watch.nextIfAny() {
            events.append(event)
            if isLast(event) { break }
        }
        await watch.close()
        return events
    }

    private func isDeletion(_ event: JSONValue, of name: String) -> Bool {
        event["type"] == "DELETED"
            && event[path: "object", "metadata", "name"] == .string(name)
    }

    private func waitForEnd(
        _ gateway: TestGateway, _ collection: String, _ name: String, after revision: String
    ) async throws {
        _ = try await events(gateway, collection, after: revision) { isDeletion($0, of: name) }
    }

    @Test func `what an object owns goes after it, and what that owns in turn`() async throws {
        try await TestGateway.run { gateway in
            let top = try await owner(gateway, "top")
            let middle = try await secret(gateway, "middle", of: [top])
            let last = try await secret(gateway, "last", of: [reference(middle.json)])
            try await secret(gateway, "stranger", of: [])
            try await gateway.ask("DELETE", Self.maps + "/top")
            for name in ["middle", "last"] {
                try await waitForEnd(gateway, Self.secrets, name, after: last.revision)
            }
            let left = try await gateway.get(Self.secrets).json["items"]?.array ?? []
            #expect(left.map { $0[path: "metadata", "name"] } == ["stranger"])
        }
    }

    @Test func `one of two owners is enough, and the other is named no more`() async throws {
        try await TestGateway.run { gateway in
            let first = try await owner(gateway, "first")
            let second = try await owner(gateway, "second")
            let made = try await secret(gateway, "shared", of: [first, second])
            try await gateway.ask("DELETE", Self.maps + "/first")
            let seen = try await events(gateway, Self.secrets, after: made.revision) {
                $0["type"] == "MODIFIED"
            }
            #expect(
                seen.last?[path: "object", "metadata", "ownerReferences"] == .array([second]))
            try await gateway.ask("DELETE", Self.maps + "/second")
            try await waitForEnd(gateway, Self.secrets, "shared", after: made.revision)
        }
    }

    @Test func `an owner that was never there, or has another uid, is no owner`() async throws {
        try await TestGateway.run { gateway in
            var former = try await owner(gateway, "named")
            former["uid"] = "00000000-0000-0000-0000-000000000000"
            let made = try await secret(gateway, "lost", of: [former])
            try await waitForEnd(gateway, Self.secrets, "lost", after: made.revision)
        }
    }

    @Test func `owners that cannot be judged are left alone`() async throws {
        try await TestGateway.run { gateway in
            let unknown: JSONValue = [
                "apiVersion": "example.com/v1", "kind": "Unknown", "name": "x", "uid": "u1",
            ]
            try await secret(gateway, "unknown", of: [unknown])
            let map = try await owner(gateway, "m")
            let cluster = try await gateway.make(
                "/api/v1/persistentvolumes", "volume",
                [
                    "spec": [
                        "capacity": ["storage": "1Gi"], "accessModes": ["ReadWriteOnce"],
                        "hostPath": ["path": "/x"],
                    ]
                ], metadata: ["ownerReferences": [map]])
            #expect(cluster.status == 201, "\(cluster.body)")
            // What comes after them in the same round is dealt with, and they are still there.
            let doomed = try await secret(gateway, "doomed", of: [map])
            try await gateway.ask("DELETE", Self.maps + "/m")
            try await waitForEnd(gateway, Self.secrets, "doomed", after: doomed.revision)
            #expect(try await gateway.get(Self.secrets + "/unknown").status == 200)
            #expect(try await gateway.get("/api/v1/persistentvolumes/volume").status == 200)
        }
    }

    @Test func `in the foreground dependents go first`() async throws {
        try await TestGateway.run { gateway in
            let top = try await owner(gateway, "top")
            let made = try await secret(gateway, "held", of: [top], finalizers: ["example.com/f"])
            let begun = try await delete(gateway, Self.maps + "/top", "Foreground")
            #expect(begun.json[path: "metadata", "finalizers"] == ["foregroundDeletion"])
            _ = try await events(gateway, Self.secrets, after: made.revision) {
                $0[path: "object", "metadata", "deletionTimestamp"] != nil
            }
            #expect(try await gateway.get(Self.maps + "/top").status == 200)
            try await gateway.merge(
                ["metadata": ["finalizers": .null]], into: Self.secrets + "/held")
            try await waitForEnd(gateway, Self.maps, "top", after: made.revision)
            #expect(try await gateway.get(Self.secrets + "/held").status == 404)
        }
    }

    @Test func `an owner does not wait for those that do not block it`() async throws {
        try await TestGateway.run { gateway in
            let top = try await owner(gateway, "top", blocks: false)
            let made = try await secret(gateway, "held", of: [top], finalizers: ["example.com/f"])
            _ = try await delete(gateway, Self.maps + "/top", "Foreground")
            try await waitForEnd(gateway, Self.maps, "top", after: made.revision)
            let held = try await gateway.get(Self.secrets + "/held")
            #expect(held.status == 200)
        }
    }

    @Test func `owners in a circle do not wait for each other`() async throws {
        try await TestGateway.run { gateway in
            let first = try await owner(gateway, "first")
            let second = try await secret(gateway, "second", of: [first])
            try await gateway.merge(
                ["metadata": ["ownerReferences": [reference(second.json)]]],
                into: Self.maps + "/first")
            _ = try await delete(gateway, Self.maps + "/first", "Foreground")
            try await waitForEnd(gateway, Self.maps, "first", after: second.revision)
            try await waitForEnd(gateway, Self.secrets, "second", after: second.revision)
        }
    }

    @Test func `orphans stay and name their owner no more`() async throws {
        try await TestGateway.run { gateway in
            let top = try await owner(gateway, "top")
            let made = try await secret(gateway, "orphan", of: [top])
            let begun = try await delete(gateway, Self.maps + "/top", "Orphan")
            #expect(begun.json[path: "metadata", "finalizers"] == ["orphan"])
            try await waitForEnd(gateway, Self.maps, "top", after: made.revision)
            let orphan = try await gateway.get(Self.secrets + "/orphan")
            #expect(orphan.status == 200)
            #expect(orphan.json[path: "metadata", "ownerReferences"] == nil)
        }
    }

    @Test func `a controller's pods are orphans when the deletion does not say`() async throws {
        try await TestGateway.run { gateway in
            let controllers = "/api/v1/namespaces/default/replicationcontrollers"
            let made = try await gateway.make(
                controllers, "rc",
                [
                    "spec": [
                        "selector": ["a": "b"],
                        "template": [
                            "metadata": ["labels": ["a": "b"]],
                            "spec": ["containers": [["name": "c", "image": "i"]]],
                        ],
                    ]
                ])
            let kept = try await secret(gateway, "kept", of: [reference(made.json)])
            try await gateway.ask("DELETE", controllers + "/rc")
            try await waitForEnd(gateway, controllers, "rc", after: kept.revision)
            #expect(try await gateway.get(Self.secrets + "/kept").status == 200)
        }
    }

    @Test func `a later deletion changes what becomes of the dependents`() async throws {
        try await TestGateway.run { gateway in
            let top = try await owner(gateway, "top")
            try await secret(gateway, "held", of: [top], finalizers: ["example.com/f"])
            _ = try await delete(gateway, Self.maps + "/top", "Foreground")
            let changed = try await delete(gateway, Self.maps + "/top", "Background")
            #expect(changed.status == 200)
            #expect(try await gateway.get(Self.maps + "/top").status == 404)
        }
    }

    @Test func `what lost its owner while no server ran is found at the start`() async throws {
        let store = MemoryStore()
        let idle = try await TestGateway(over: store) { $0.collectsGarbage = false }
        let top = try await owner(idle, "top")
        let made = try await secret(idle, "left", of: [top])
        try await idle.ask("DELETE", Self.maps + "/top")
        #expect(try await idle.get(Self.secrets + "/left").status == 200)
        await idle.stop(keepingStore: true)
        try await TestGateway(over: store).run { gateway in
            try await waitForEnd(gateway, Self.secrets, "left", after: made.revision)
        }
    }

    @Test func `several gateways over one store do no harm`() async throws {
        let store = MemoryStore()
        let other = try await TestGateway(over: store)
        let gateway = try await TestGateway(over: store)
        let keeper = try await owner(gateway, "keeper")
        let top = try await owner(gateway, "top")
        var last = ""
        for number in 0..<50 {
            let owners = number.isMultiple(of: 2) ? [top] : [top, keeper]
            last = try await secret(gateway, "s\(number)", of: owners).revision
        }
        try await gateway.ask("DELETE", Self.maps + "/top")
        for number in stride(from: 0, to: 50, by: 2) {
            try await waitForEnd(gateway, Self.secrets, "s\(number)", after: last)
        }
        var released: Set<String> = []
        _ = try await events(gateway, Self.secrets, after: last) { event in
            if event["type"] == "MODIFIED",
                event[path: "object", "metadata", "ownerReferences"] == .array([keeper])
            {
                released.insert(event[path: "object", "metadata", "name"]?.string ?? "")
            }
            return released.count == 25
        }
        let left = try await gateway.get(Self.secrets).json["items"]?.array ?? []
        #expect(left.count == 25)
        await other.stop(keepingStore: true)
        await gateway.stop()
    }
}
