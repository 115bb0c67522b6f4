// What the cluster is told of its gateways.

import APIServer
import JSON
import Storage
import Testing

@Suite struct PresenceTests {
    private static let endpoints = "/api/v1/namespaces/default/endpoints/kubernetes"
    private static let slices =
        "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes"
    private static let service = "/api/v1/namespaces/default/services/kubernetes"
    private static let leases = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases"

    private static func gateway(
        _ name: String?, _ host: String?, over store: MemoryStore
    ) async throws -> TestGateway {
        try await TestGateway(
            over: store, seenAs: name == nil ? nil : SharedStore(store),
            at: host.map { AdvertisedAddress(host: $0, port: 6443) }
        ) { parts in
            parts.gatewayName = name
            parts.makesKubernetesService = true
        }
    }

    /// The addresses behind the Service, by both kinds that tell them.
    private static func addresses(_ gateway: TestGateway) async throws -> [[String]] {
        let subsets = try await gateway.get(endpoints).json["subsets"]?.array ?? []
        let slice = try await gateway.get(slices).json["endpoints"]?.array ?? []
        return [
            subsets.flatMap { $0["addresses"]?.array ?? [] }.compactMap { $0["ip"]?.string },
            slice.compactMap { $0["addresses"]?[0]?.string },
        ]
    }

    private static func wait(
        _ gateway: TestGateway, for addresses: [String], whileDoing step: () async -> Void = {}
    ) async throws {
        while try await Self.addresses(gateway) != [addresses, addresses] {
            await step()
            try Task.checkCancellation()
        }
    }

    @Test func `the Service kubernetes leads to the gateway, and is mended`() async throws {
        try await Self.gateway(nil, "10.0.0.1", over: MemoryStore()).run { gateway in
            let service = try await gateway.get(Self.service).json
            #expect(service[path: "spec", "clusterIP"] == "10.96.0.1")
            #expect(service[path: "spec", "ports"]?[0]?["targetPort"] == 6443)
            #expect(service[path: "metadata", "labels", "component"] == "apiserver")
            let ports = try await gateway.get(Self.endpoints).json["subsets"]?[0]?["ports"]
            #expect(ports == [["name": "https", "port": 6443, "protocol": "TCP"]])
            try await Self.wait(gateway, for: ["10.0.0.1"])
            try await gateway.ask("DELETE", Self.endpoints)
            try await gateway.merge(["endpoints": []], into: Self.slices)
            try await Self.wait(gateway, for: ["10.0.0.1"])
            try await gateway.ask("DELETE", Self.service)
            while try await gateway.get(Self.service).status != 200 {
                try Task.checkCancellation()
            }
            let leases = try await gateway.get(Self.leases)
            #expect(leases.json["items"] == [])
        }
    }

    @Test func `a gateway on loopback is told to nobody`() async throws {
        try await Self.gateway(nil, nil, over: MemoryStore()).run { gateway in
            let service = try await gateway.get(Self.service)
            let endpoints = try await gateway.get(Self.endpoints)
            #expect(service.status == 200 && endpoints.status == 404)
        }
    }

    @Test func `an address goes when its gateway stops to renew, and comes back with it`()
        async throws
    {
        let store = MemoryStore()
        try await Self.gateway("a", "10.0.0.1", over: store).run { first in
            let second = try await Self.gateway("b", "10.0.0.2", over: store)
            try await Self.wait(first, for: ["10.0.0.1", "10.0.0.2"]) {
                await first.advance(seconds: 5)
                await second.advance(seconds: 5)
            }
            try await Self.wait(first, for: ["10.0.0.1"]) { await first.advance(seconds: 5) }
            let lease = try await first.get(Self.leases + "/binnacle-b")
            #expect(lease.status == 404)
            try await Self.wait(first, for: ["10.0.0.1", "10.0.0.2"]) {
                await second.advance(seconds: 5)
                await first.advance(seconds: 5)
            }
            await second.stop(keepingStore: true)
            try await Self.wait(first, for: ["10.0.0.1"])
        }
    }

    @Test func `when the one that leads has gone, the next one leads`() async throws {
        let store = MemoryStore()
        try await Self.gateway("b", "10.0.0.2", over: store).run { second in
            let first = try await Self.gateway("a", "10.0.0.1", over: store)
            try await Self.wait(second, for: ["10.0.0.1", "10.0.0.2"]) {
                await second.advance(seconds: 5)
                await first.advance(seconds: 5)
            }
            // It stands still and does not take itself out.
            try await Self.wait(second, for: ["10.0.0.2"]) { await second.advance(seconds: 5) }
            await first.stop(keepingStore: true)
        }
    }
}
