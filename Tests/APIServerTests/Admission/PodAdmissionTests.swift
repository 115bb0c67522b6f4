// What pods are given, and which are refused, by what else there is in the cluster.

import APIServer
import Admission
import JSON
import Testing

@Suite struct PodAdmissionTests {
    private static let classes = "/apis/scheduling.k8s.io/v1/priorityclasses"

    @Test func `a pod tolerates failing nodes for a while, unless it says otherwise`()
        async throws
    {
        try await TestGateway.run { gateway in
            let plain = try await gateway.pod("plain")
            #expect(
                plain.spec["tolerations"] == [
                    [
                        "key": "node.kubernetes.io/not-ready", "operator": "Exists",
                        "effect": "NoExecute", "tolerationSeconds": 300,
                    ],
                    [
                        "key": "node.kubernetes.io/unreachable", "operator": "Exists",
                        "effect": "NoExecute", "tolerationSeconds": 300,
                    ],
                ])
            let own: JSONValue = [["operator": "Exists"]]
            let tolerant = try await gateway.pod("tolerant", spec: ["tolerations": own])
            #expect(tolerant.spec["tolerations"] == own)
        }
    }

    @Test func `the class of a pod says its priority`() async throws {
        try await TestGateway.run { gateway in
            let before = try await gateway.pod("before")
            #expect(before.spec["priority"] == 0)
            #expect(before.spec["preemptionPolicy"] == "PreemptLowerPriority")
            try await gateway.make(
                Self.classes, "high", ["value": 1000, "preemptionPolicy": "Never"])
            let high = try await gateway.pod("high", spec: ["priorityClassName": "high"])
            #expect(high.spec["priority"] == 1000)
            #expect(high.spec["preemptionPolicy"] == "Never")
            let system = try await gateway.pod(
                "system", spec: ["priorityClassName": "system-node-critical"])
            #expect(system.spec["priority"] == 2_000_001_000)
            let lost = try await gateway.pod("lost", spec: ["priorityClassName": "none"])
            #expect(lost.status == 403)
            #expect(
                lost.message
                    == #"pods "lost" is forbidden: no PriorityClass with name none was found"#)
            let bold = try await gateway.pod(
                "bold", spec: ["priorityClassName": "high", "priority": 7])
            #expect(bold.status == 403)
            #expect(bold.message.hasPrefix(#"pods "bold" is forbidden: the integer value of "#))
        }
    }

    @Test func `one class is the default`() async throws {
        try await TestGateway.run { gateway in
            let made = try await gateway.make(
                Self.classes, "usual", ["value": 5, "globalDefault": true])
            #expect(made.status == 201)
            let second = try await gateway.make(
                Self.classes, "other", ["value": 6, "globalDefault": true])
            #expect(second.status == 403)
            #expect(
                second.message
                    == #"priorityclasses.scheduling.k8s.io "other" is forbidden: PriorityClass "#
                    + "usual is already marked as default. Only one default can exist")
            let pod = try await gateway.pod("p")
            #expect(pod.spec["priorityClassName"] == "usual")
            #expect(pod.spec["priority"] == 5)
        }
    }

    @Test func `a runtime says what it costs and where it is`() async throws {
        try await TestGateway.run { gateway in
            try await gateway.make(
                "/apis/node.k8s.io/v1/runtimeclasses", "sandbox",
                [
                    "handler": "sandbox", "overhead": ["podFixed": ["memory": "64Mi"]],
                    "scheduling": ["nodeSelector": ["sandbox": "yes"]],
                ])
            let pod = try await gateway.pod("p", spec: ["runtimeClassName": "sandbox"])
            #expect(pod.spec["overhead"] == ["memory": "64Mi"])
            #expect(pod.spec["nodeSelector"] == ["sandbox": "yes"])
            let elsewhere = try await gateway.pod(
                "q", spec: ["runtimeClassName": "sandbox", "nodeSelector": ["sandbox": "no"]])
            #expect(elsewhere.status == 403)
            let unknown = try await gateway.pod("r", spec: ["runtimeClassName": "none"])
            #expect(
                unknown.message
                    == #"pods "r" is forbidden: pod rejected: RuntimeClass "none" not found"#)
            let costly = try await gateway.pod("s", spec: ["overhead": ["memory": "1Mi"]])
            #expect(costly.status == 403)
        }
    }

    @Test func `plugins are turned on and off by their names`() async throws {
        let gateway = try await TestGateway {
            $0.admission = try! AdmissionChoice(
                enabling: ["StorageObjectInUseProtection", "TaintNodesByCondition"],
                disabling: ["DefaultTolerationSeconds"])
        }
        try await gateway.run { gateway in
            let pod = try await gateway.pod("p")
            #expect(pod.spec["tolerations"] == nil)
            let claim = try await gateway.claim("c")
            #expect(
                claim.json[path: "metadata", "finalizers"] == ["kubernetes.io/pvc-protection"])
            let node = try await gateway.make("/api/v1/nodes", "n")
            #expect(
                node.spec["taints"] == [
                    ["key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"]
                ])
        }
        try await TestGateway.run { gateway in
            let node = try await gateway.make("/api/v1/nodes", "n")
            #expect(node.spec["taints"] == nil)
        }
    }

    @Test(arguments: [
        (["Nonsense"], [], "there is no admission plugin Nonsense; there are "),
        ([], ["NodeRestriction"], "the admission plugin NodeRestriction cannot be turned off"),
        (["Priority"], ["Priority"], "the admission plugin Priority is both turned on and"),
    ])
    func `a choice that cannot be is refused`(
        enabling: [String], disabling: [String], problem: String
    ) throws {
        let refusal = #expect(throws: AdmissionChoice.Problem.self) {
            try AdmissionChoice(enabling: enabling, disabling: disabling)
        }
        #expect(refusal?.description.hasPrefix(problem) == true)
    }
}
