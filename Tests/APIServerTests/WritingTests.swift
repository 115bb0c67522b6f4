import APIServer
import JSON
import Testing

@Suite struct WritingTests {
    private let maps = TestGateway.configMaps

    @Test func `writers of one object all get their turn`() async throws {
        try await TestGateway.run { gateway in
            try await gateway.create("a")
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<12 {
                    group.addTask {
                        let patch: JSONValue = ["data": ["k\(number)": "1"]]
                        return try await gateway.merge(patch, into: maps + "/a").status
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.allSatisfy { $0 == 200 })
            let data = try await gateway.get(maps + "/a").json["data"]?.object
            #expect(data?.count == 12)
        }
    }

    @Test func `an update that names an old version is refused`() async throws {
        try await TestGateway.run { gateway in
            let created = try await gateway.create("a").json
            try await gateway.merge(["data": ["x": "1"]], into: maps + "/a")
            let answer = try await gateway.ask("PUT", maps + "/a", created)
            #expect(answer.status == 409)
            #expect(answer.json["reason"] == "Conflict")
        }
    }

    @Test func `an update that changes nothing writes nothing`() async throws {
        try await TestGateway.run { gateway in
            let created = try await gateway.create("a", data: ["x": "1"])
            let again = try await gateway.merge(["data": ["x": "1"]], into: maps + "/a")
            #expect(again.revision == created.revision)
        }
    }

    @Test func `a dry run checks everything and stores nothing`() async throws {
        try await TestGateway.run { gateway in
            let body: JSONValue = ["metadata": ["name": "a"]]
            let answer = try await gateway.ask("POST", maps + "?dryRun=All", body)
            #expect(answer.status == 201)
            let found1 = try await gateway.get(maps + "/a").status
            #expect(found1 == 404)
            let bad: JSONValue = ["metadata": ["name": "No_Good"]]
            let found2 = try await gateway.ask("POST", maps + "?dryRun=All", bad).status
            #expect(found2 == 422)
        }
    }

    @Test func `unknown fields are dropped, told or refused as the client asks`() async throws {
        try await TestGateway.run { gateway in
            let body: JSONValue = ["metadata": ["generateName": "a-"], "nosuch": 1]
            let warned = try await gateway.ask("POST", maps, body)
            #expect(warned.status == 201)
            #expect(warned.field("Warning")?.contains("unknown field \\\"nosuch\\\"") == true)
            #expect(warned.json["nosuch"] == nil)
            let ignored = try await gateway.ask("POST", maps + "?fieldValidation=Ignore", body)
            #expect(ignored.status == 201 && ignored.field("Warning") == nil)
            let strict = try await gateway.ask("POST", maps + "?fieldValidation=Strict", body)
            #expect(strict.status == 400)
        }
    }

    @Test func `finalizers hold an object until the last one is taken off`() async throws {
        try await TestGateway.run { gateway in
            let body: JSONValue = [
                "metadata": ["name": "a", "finalizers": ["example.com/hold"]]
            ]
            _ = try await gateway.ask("POST", maps, body)
            let deleted = try await gateway.ask("DELETE", maps + "/a")
            #expect(deleted.json[path: "metadata", "deletionTimestamp"] != nil)
            let found3 = try await gateway.get(maps + "/a").status
            #expect(found3 == 200)
            try await gateway.merge(["metadata": ["finalizers": .null]], into: maps + "/a")
            let found4 = try await gateway.get(maps + "/a").status
            #expect(found4 == 404)
        }
    }

    @Test func `a namespace takes its objects along, and takes no new ones`() async throws {
        try await TestGateway.run { gateway in
            let namespaces = "/api/v1/namespaces"
            _ = try await gateway.ask("POST", namespaces, ["metadata": ["name": "shop"]])
            let held: JSONValue = [
                "metadata": ["name": "a", "finalizers": ["example.com/hold"]]
            ]
            let inside = namespaces + "/shop/configmaps"
            let found5 = try await gateway.ask("POST", inside, held).status
            #expect(found5 == 201)
            let watch = try await gateway.watch(
                namespaces + "?watch=1&fieldSelector=metadata.name%3Dshop")
            #expect(await watch.next(1) == ["ADDED shop"])
            _ = try await gateway.ask("DELETE", namespaces + "/shop")
            #expect(await watch.next(1) == ["MODIFIED shop"])
            let late = try await gateway.ask("POST", inside, ["metadata": ["name": "late"]])
            #expect(late.status == 403)
            try await gateway.merge(["metadata": ["finalizers": .null]], into: inside + "/a")
            #expect(await watch.next(1) == ["DELETED shop"])
        }
    }

    @Test func `a service's address is its own until it goes`() async throws {
        try await TestGateway.run { gateway in
            let services = "/api/v1/namespaces/default/services"
            func service(_ name: String) -> JSONValue {
                [
                    "metadata": ["name": .string(name)],
                    "spec": ["clusterIP": "10.96.0.50", "ports": [["port": 80]]],
                ]
            }
            let found6 = try await gateway.ask("POST", services, service("a")).status
            #expect(found6 == 201)
            let found7 = try await gateway.ask("POST", services, service("b")).status
            #expect(found7 == 422)
            let found8 = try await gateway.ask("DELETE", services + "/a").status
            #expect(found8 == 200)
            let found9 = try await gateway.ask("POST", services, service("b")).status
            #expect(found9 == 201)
        }
    }

    @Test func `scale reads and writes the replicas`() async throws {
        try await TestGateway.run { gateway in
            let deployments = "/apis/apps/v1/namespaces/default/deployments"
            _ = try await gateway.ask("POST", deployments, Self.deployment)
            let scale = deployments + "/d/scale"
            let found10 = try await gateway.get(scale).json[path: "spec", "replicas"]?.int
            #expect(found10 == 2)
            let scaled = try await gateway.merge(["spec": ["replicas": 5]], into: scale)
            #expect(scaled.json["kind"] == "Scale")
            let after = try await gateway.get(deployments + "/d").json
            #expect(after[path: "spec", "replicas"]?.int == 5)
            #expect(after[path: "metadata", "generation"]?.int == 2)
        }
    }

    @Test func `a pod is bound once`() async throws {
        try await TestGateway.run { gateway in
            let pods = "/api/v1/namespaces/default/pods"
            let pod: JSONValue = [
                "metadata": ["name": "p"],
                "spec": ["containers": [["name": "c", "image": "i"]]],
            ]
            _ = try await gateway.ask("POST", pods, pod)
            let binding: JSONValue = ["target": ["kind": "Node", "name": "n1"]]
            let found11 = try await gateway.ask("POST", pods + "/p/binding", binding).status
            #expect(found11 == 201)
            let found12 = try await gateway.ask("POST", pods + "/p/binding", binding).status
            #expect(found12 == 409)
            let selector = "?fieldSelector=spec.nodeName%3Dn1"
            let found13 = try await gateway.get(pods + selector).names
            #expect(found13 == ["p"])
        }
    }

    private static let deployment: JSONValue = [
        "metadata": ["name": "d"],
        "spec": [
            "replicas": 2, "selector": ["matchLabels": ["app": "d"]],
            "template": [
                "metadata": ["labels": ["app": "d"]],
                "spec": ["containers": [["name": "c", "image": "i"]]],
            ],
        ],
    ]
}
