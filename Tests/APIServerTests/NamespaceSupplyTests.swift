import APIServer
import Buffers
import JSON
import Storage
import Testing

/// What each namespace has without being asked.
@Suite struct NamespaceSupplyTests {
    private func run(
        over store: MemoryStore = MemoryStore(), authority: Bytes = "PEM",
        _ body: (TestGateway) async throws -> Void
    ) async throws {
        let gateway = try await TestGateway(over: store) {
            $0.makesDefaultAccounts = true
            $0.clusterAuthority = authority
        }
        do {
            try await body(gateway)
        } catch {
            await gateway.stop(keepingStore: true)
            throw error
        }
        await gateway.stop(keepingStore: true)
    }

    private static let accounts = "/api/v1/serviceaccounts"
    private static let maps = "/api/v1/configmaps"

    /// Waits for an event of `name` in `namespace`.
    private func wait(
        _ gateway: TestGateway, _ target: String, _ isMet: (JSONValue) -> Bool
    ) async throws {
        let watch = try await gateway.watch(target + "?watch=true")
        while let event = await watch.nextIfAny(), !isMet(event) {}
        await watch.close()
    }

    @Test func `each namespace has its account and is told of the authority`() async throws {
        try await run { gateway in
            try await gateway.ask(
                "POST", "/api/v1/namespaces", ["metadata": ["name": "made-later"]])
            for target in [Self.accounts, Self.maps] {
                try await wait(gateway, target) {
                    $0[path: "object", "metadata", "namespace"] == "made-later"
                }
                let items = try await gateway.get(target).json["items"]?.array ?? []
                let supplied = items.filter {
                    $0[path: "metadata", "name"] != "extension-apiserver-authentication"
                }
                #expect(supplied.count == 5)
            }
            let map = try await gateway.get(
                "/api/v1/namespaces/default/configmaps/kube-root-ca.crt")
            #expect(map.json["data"] == ["ca.crt": "PEM"])
        }
    }

    @Test func `what is deleted or changed comes back`() async throws {
        try await run { gateway in
            let account = "/api/v1/namespaces/default/serviceaccounts/default"
            let uid = try await gateway.get(account).json[path: "metadata", "uid"]
            try await gateway.ask("DELETE", account)
            try await wait(gateway, Self.accounts) {
                $0["type"] == "ADDED" && $0[path: "object", "metadata", "namespace"] == "default"
                    && $0[path: "object", "metadata", "uid"] != uid
            }
            let map = "/api/v1/namespaces/default/configmaps/kube-root-ca.crt"
            try await gateway.merge(["data": ["ca.crt": "forged"]], into: map)
            try await wait(gateway, Self.maps) {
                $0[path: "object", "metadata", "namespace"] == "default"
                    && $0[path: "object", "data", "ca.crt"] == "PEM"
            }
        }
    }

    @Test func `a namespace that ends is not supplied again`() async throws {
        try await run { gateway in
            try await gateway.ask("POST", "/api/v1/namespaces", ["metadata": ["name": "brief"]])
            try await gateway.ask("DELETE", "/api/v1/namespaces/brief")
            try await wait(gateway, "/api/v1/namespaces") {
                $0["type"] == "DELETED" || $0[path: "object", "metadata", "name"] == "none"
            }
            let gone = try await gateway.get("/api/v1/namespaces/brief").status
            #expect(gone == 404)
            let left = try await gateway.get(Self.accounts).json["items"]?.array ?? []
            #expect(left.allSatisfy { $0[path: "metadata", "namespace"] != "brief" })
        }
    }

    @Test func `a restart writes nothing, and a new authority is told`() async throws {
        let store = MemoryStore()
        try await run(over: store) { _ in }
        let before = try await store.currentRevision()
        try await run(over: store) { _ in }
        let after = try await store.currentRevision()
        #expect(before == after)
        try await run(over: store, authority: "NEW") { gateway in
            let map = try await gateway.get(
                "/api/v1/namespaces/default/configmaps/kube-root-ca.crt")
            #expect(map.json["data"] == ["ca.crt": "NEW"])
        }
        await store.close()
    }
}
