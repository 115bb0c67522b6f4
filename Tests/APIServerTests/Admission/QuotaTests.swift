// What a namespace may use at most.

import APIServer
import Admission
import Buffers
import JSON
import Storage
import Testing

@Suite struct QuotaTests {
    private static let quotas = "/api/v1/namespaces/default/resourcequotas"

    private static func run(
        _ spec: JSONValue, over store: MemoryStore = MemoryStore(),
        _ body: (TestGateway) async throws -> Void
    ) async throws {
        try await TestGateway(over: store).run { gateway in
            let made = try await gateway.make(quotas, "q", ["spec": spec])
            #expect(made.status == 201, "\(made.body)")
            try await body(gateway)
        }
    }

    /// Asks for the quota until `isMet` by what it says is used.
    private static func wait(
        _ gateway: TestGateway, until isMet: (JSONValue) -> Bool
    ) async throws -> JSONValue {
        while true {
            let status = try await gateway.get(quotas + "/q").json["status"] ?? .null
            if isMet(status["used"] ?? .null) { return status }
            try Task.checkCancellation()
        }
    }

    @Test func `a quota that is full refuses, and says of how much how much is used`()
        async throws
    {
        try await Self.run(["hard": ["pods": "2", "count/configmaps": "1"]]) { gateway in
            let first = try await gateway.pod("a")
            let second = try await gateway.pod("b")
            #expect(first.status == 201 && second.status == 201)
            let third = try await gateway.pod("c")
            #expect(third.status == 403)
            #expect(
                third.message
                    == #"pods "c" is forbidden: exceeded quota: q, requested: pods=1, used: "#
                    + "pods=2, limited: pods=2")
            let map = try await gateway.create("m")
            let refused = try await gateway.create("n")
            #expect(map.status == 201)
            #expect(refused.message.contains("requested: count/configmaps=1"))
            let quota = try await gateway.get(Self.quotas + "/q").json
            #expect(
                quota["status"] == [
                    "hard": ["pods": "2", "count/configmaps": "1"],
                    "used": ["count/configmaps": "1", "pods": "2"],
                ])
        }
    }

    @Test func `what is deleted or has ended makes room`() async throws {
        try await Self.run(["hard": ["pods": "2", "count/pods": "9"]]) { gateway in
            try await gateway.pod("a")
            try await gateway.pod("b")
            try await gateway.merge(
                ["status": ["phase": "Succeeded"]], into: TestGateway.pods + "/a/status")
            _ = try await Self.wait(gateway) { $0 == ["count/pods": "2", "pods": "1"] }
            try await gateway.ask("DELETE", TestGateway.pods + "/b")
            _ = try await Self.wait(gateway) { $0 == ["count/pods": "1", "pods": "0"] }
            let next = try await gateway.pod("c")
            #expect(next.status == 201)
        }
    }

    @Test func `a pod is refused that does not say what is limited`() async throws {
        try await Self.run(["hard": ["requests.cpu": "1", "limits.memory": "1Gi"]]) { gateway in
            let silent = try await gateway.pod("p")
            #expect(
                silent.message
                    == #"pods "p" is forbidden: failed quota: q: must specify limits.memory for: "#
                    + "c; requests.cpu for: c")
            let small: JSONValue = ["requests": ["cpu": "600m"], "limits": ["memory": "512Mi"]]
            let fitting = try await gateway.pod("p", resources: small)
            #expect(fitting.status == 201, "\(fitting.body)")
            let large = try await gateway.pod("r", resources: small)
            #expect(
                large.message
                    == #"pods "r" is forbidden: exceeded quota: q, requested: requests.cpu=600m, "#
                    + "used: requests.cpu=600m, limited: requests.cpu=1")
        }
    }

    @Test(arguments: [
        (#"{"scopes":["BestEffort"],"hard":{"pods":"0"}}"#, false, true),
        (#"{"scopes":["NotBestEffort"],"hard":{"pods":"0"}}"#, true, false),
        (#"{"scopes":["Terminating"],"hard":{"pods":"0"}}"#, true, true),
        (#"{"scopes":["NotTerminating"],"hard":{"pods":"0"}}"#, false, false),
        (
            #"{"scopeSelector":{"matchExpressions":[{"scopeName":"PriorityClass","#
                + #""operator":"In","values":["dear"]}]},"hard":{"pods":"0"}}"#, true, true
        ),
    ])
    func `a quota with scopes is for the pods in all of them`(
        spec: String, admitsPlain: Bool, admitsBurstable: Bool
    ) async throws {
        try await Self.run(try JSONValue(parsing: Bytes(spec))) { gateway in
            let plain = try await gateway.pod("plain")
            #expect((plain.status == 201) == admitsPlain, "\(plain.body)")
            let burstable = try await gateway.pod(
                "burstable", resources: ["requests": ["cpu": "1m"]])
            #expect((burstable.status == 201) == admitsBurstable, "\(burstable.body)")
            let map = try await gateway.create("m")
            #expect(map.status == 201)
        }
    }

    @Test func `a pod of a class that is limited is counted`() async throws {
        let selector: JSONValue = [
            "matchExpressions": [
                ["scopeName": "PriorityClass", "operator": "In", "values": ["dear"]]
            ]
        ]
        try await Self.run(["hard": ["pods": "1"], "scopeSelector": selector]) { gateway in
            try await gateway.make(
                "/apis/scheduling.k8s.io/v1/priorityclasses", "dear", ["value": 7])
            let dear: JSONObject = ["priorityClassName": "dear"]
            let first = try await gateway.pod("a", spec: dear)
            let second = try await gateway.pod("b", spec: dear)
            #expect(first.status == 201 && second.status == 403, "\(first.body)")
        }
    }

    @Test func `services and claims are charged when they are made and when they grow`()
        async throws
    {
        let hard: JSONValue = [
            "services": "2", "services.nodeports": "1", "services.loadbalancers": "0",
            "requests.storage": "3Gi", "persistentvolumeclaims": "5",
            "fast.storageclass.storage.k8s.io/requests.storage": "0",
        ]
        try await Self.run(["hard": hard]) { gateway in
            let services = "/api/v1/namespaces/default/services"
            let ports: JSONValue = [["name": "a", "port": 80], ["name": "b", "port": 81]]
            let two = try await gateway.make(
                services, "s", ["spec": ["type": "NodePort", "ports": ports]])
            #expect(two.message.contains("requested: services.nodeports=2"))
            let plain = try await gateway.make(services, "s", ["spec": ["ports": ports]])
            #expect(plain.status == 201, "\(plain.body)")
            let opened = try await gateway.merge(
                ["spec": ["type": "NodePort"]], into: services + "/s")
            #expect(opened.status == 403, "\(opened.body)")
            let balanced = try await gateway.merge(
                ["spec": ["type": "LoadBalancer", "allocateLoadBalancerNodePorts": false]],
                into: services + "/s")
            #expect(balanced.message.contains("services.loadbalancers=1"))
            let claim = try await gateway.claim("c", storage: "2Gi")
            let other = try await gateway.claim("d", storage: "2Gi")
            #expect(claim.status == 201 && other.status == 403)
            let fast = try await gateway.claim(
                "f", storage: "1Gi", spec: ["storageClassName": "fast"])
            #expect(fast.status == 403)
        }
    }

    @Test func `a quota counts what was there before it, and what it allows can change`()
        async throws
    {
        try await TestGateway.run { gateway in
            try await gateway.create("old")
            try await gateway.make(
                Self.quotas, "q", ["spec": ["hard": ["configmaps": "1"]]])
            let refused = try await gateway.create("new")
            #expect(refused.status == 403)
            try await gateway.merge(
                ["spec": ["hard": ["configmaps": "2", "secrets": "1"]]], into: Self.quotas + "/q")
            let status = try await Self.wait(gateway) { $0["secrets"] != nil }
            #expect(
                status == [
                    "hard": ["configmaps": "2", "secrets": "1"],
                    "used": ["configmaps": "1", "secrets": "0"],
                ])
            let allowed = try await gateway.create("new")
            #expect(allowed.status == 201)
        }
    }

    @Test func `a dry run is refused as the write would be, and uses nothing`() async throws {
        try await Self.run(["hard": ["configmaps": "1"]]) { gateway in
            let maps = TestGateway.configMaps + "?dryRun=All"
            for _ in 0..<2 {
                let tried = try await gateway.make(maps, "m")
                #expect(tried.status == 201, "\(tried.body)")
            }
            try await gateway.create("m")
            let refused = try await gateway.make(maps, "n")
            #expect(refused.status == 403)
        }
    }

    @Test func `two gateways together let in no more than there is room for`() async throws {
        let store = MemoryStore()
        try await Self.run(["hard": ["configmaps": "7"]], over: store) { first in
            try await TestGateway(over: store, seenAs: SharedStore(store)).run {
                second in
                let codes = try await withThrowingTaskGroup(of: Int.self) { group in
                    for number in 0..<24 {
                        let gateway = number % 2 == 0 ? first : second
                        group.addTask { try await gateway.create("m\(number)").status }
                    }
                    return try await group.reduce(into: [Int: Int]()) { $0[$1, default: 0] += 1 }
                }
                #expect(codes == [201: 7, 403: 17])
                let used = try await first.get(Self.quotas + "/q").json[path: "status", "used"]
                #expect(used == ["configmaps": "7"])
            }
        }
    }

    @Test func `quotas that are turned off are kept and charge nothing`() async throws {
        let gateway = try await TestGateway { parts in
            parts.admission.disable("ResourceQuota")
        }
        try await gateway.run { gateway in
            try await gateway.make(Self.quotas, "q", ["spec": ["hard": ["configmaps": "0"]]])
            let made = try await gateway.create("m")
            #expect(made.status == 201)
        }
    }
}
