// What leads to a pod's node, and how far it gets.

import JSON
import Testing

@Suite struct ConnectionTests {
    private static let pods = "/api/v1/namespaces/default/pods"

    private static func pod(
        _ name: String, containers: [String] = ["main"], node: String? = nil
    ) -> JSONValue {
        var spec: JSONValue = [
            "containers": .array(containers.map { ["name": .string($0), "image": "i"] })
        ]
        spec["nodeName"] = node.map { .string($0) }
        return ["metadata": ["name": .string(name)], "spec": spec]
    }

    @Test func `a pod that has no node has written nothing, and nobody gets in`() async throws {
        try await TestGateway.run { gateway in
            _ = try await gateway.ask("POST", Self.pods, Self.pod("p"))
            let log = try await gateway.get(Self.pods + "/p/log")
            #expect(log.status == 200 && log.body.isEmpty)
            #expect(log.field("Content-Type")?.hasPrefix("text/plain") == true)
            for path in ["exec?command=true", "attach", "portforward?ports=80", "proxy/x/y"] {
                let answer = try await gateway.ask("POST", Self.pods + "/p/" + path)
                #expect(answer.status == 400, "\(path)")
                #expect(answer.json["message"] == "pod p does not have a host assigned")
            }
        }
    }

    @Test func `what is missing is named`() async throws {
        try await TestGateway.run { gateway in
            _ = try await gateway.ask("POST", Self.pods, Self.pod("two", containers: ["a", "b"]))
            _ = try await gateway.ask("POST", Self.pods, Self.pod("lost", node: "nosuch"))
            let expected: [(String, Int, JSONValue)] = [
                ("none/log", 404, "pods \"none\" not found"),
                ("two/log?container=c", 400, "container c is not valid for pod two"),
                (
                    "two/log", 400,
                    "a container name must be specified for pod two, choose one of: [a b]"
                ),
                ("lost/log", 404, "nodes \"nosuch\" not found"),
            ]
            for (path, status, message) in expected {
                let answer = try await gateway.get(Self.pods + "/" + path)
                #expect(answer.status == status, "\(path)")
                #expect(answer.json["message"] == message)
            }
            let service = try await gateway.get("/api/v1/namespaces/default/services/s/proxy/")
            #expect(service.json["message"] == "services \"s\" not found")
        }
    }

    @Test func `a node that is there is not reached`() async throws {
        try await TestGateway.run { gateway in
            _ = try await gateway.ask("POST", "/api/v1/nodes", ["metadata": ["name": "n"]])
            _ = try await gateway.ask("POST", Self.pods, Self.pod("p", node: "n"))
            for path in [Self.pods + "/p/log", "/api/v1/nodes/n/proxy/stats/summary"] {
                let answer = try await gateway.get(path)
                #expect(answer.status == 503, "\(path)")
                #expect(answer.json["reason"] == "ServiceUnavailable")
            }
            let method = try await gateway.ask("DELETE", Self.pods + "/p/log").status
            #expect(method == 405)
        }
    }
}
