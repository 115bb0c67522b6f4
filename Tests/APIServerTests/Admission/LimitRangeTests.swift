// The bounds of a namespace.

import APIServer
import Buffers
import JSON
import Testing

@Suite struct LimitRangeTests {
    private func run(
        _ limits: JSONValue, _ body: (TestGateway) async throws -> Void
    ) async throws {
        try await TestGateway.run { gateway in
            let made = try await gateway.make(
                "/api/v1/namespaces/default/limitranges", "bounds", ["spec": ["limits": limits]])
            #expect(made.status == 201, "\(made.body)")
            try await body(gateway)
        }
    }

    @Test func `a container that says nothing is given the defaults, and the pod is told`()
        async throws
    {
        let limits: JSONValue = [
            [
                "type": "Container", "default": ["cpu": "500m", "memory": "1Gi"],
                "defaultRequest": ["cpu": "100m"],
            ]
        ]
        try await run(limits) { gateway in
            let pod = try await gateway.pod("p", resources: ["limits": ["cpu": "300m"]])
            let container = pod.spec["containers"]?[0]
            #expect(
                container?[path: "resources", "limits"] == ["cpu": "300m", "memory": "1Gi"])
            #expect(container?[path: "resources", "requests", "cpu"] == "300m")
            #expect(
                pod.json[path: "metadata", "annotations", "kubernetes.io/limit-ranger"]?.string
                    == "LimitRanger plugin set: memory request for container c; "
                    + "memory limit for container c")
            let plain = try await gateway.pod("q")
            #expect(
                plain.spec["containers"]?[0]?["resources"] == [
                    "requests": ["cpu": "100m", "memory": "1Gi"],
                    "limits": ["cpu": "500m", "memory": "1Gi"],
                ])
            #expect(plain.json[path: "status", "qosClass"] == "Burstable")
        }
    }

    @Test(arguments: [
        (
            #"{"requests":{"cpu":"50m"},"limits":{"cpu":"100m"}}"#,
            "minimum cpu usage per Container is 100m, but request is 50m"
        ),
        (
            #"{"requests":{"cpu":"200m"},"limits":{"cpu":"3"}}"#,
            "[maximum cpu usage per Container is 2, but limit is 3, cpu max limit to request "
                + "ratio per Container is 4, but provided ratio is 15.000000]"
        ),
        (
            #"{"requests":{"cpu":"200m"},"limits":{"cpu":"1"}}"#,
            "cpu max limit to request ratio per Container is 4, but provided ratio is 5.000000"
        ),
    ])
    func `a container out of its bounds is refused`(resources: String, problem: String)
        async throws
    {
        let limits: JSONValue = [
            [
                "type": "Container", "min": ["cpu": "100m"], "max": ["cpu": "2"],
                "maxLimitRequestRatio": ["cpu": "4"],
            ]
        ]
        try await run(limits) { gateway in
            let pod = try await gateway.pod(
                "p", resources: try JSONValue(parsing: Bytes(resources)))
            #expect(pod.status == 403)
            #expect(pod.message == #"pods "p" is forbidden: "# + problem)
        }
    }

    @Test func `a pod is measured as a whole, with what starts before it`() async throws {
        try await run([["type": "Pod", "max": ["cpu": "1"]]]) { gateway in
            let resources: JSONValue = ["requests": ["cpu": "600m"], "limits": ["cpu": "600m"]]
            let fitting = try await gateway.pod(
                "fitting", resources: resources,
                spec: ["initContainers": [["name": "i", "image": "i", "resources": resources]]])
            #expect(fitting.status == 201, "\(fitting.body)")
            let large = try await gateway.pod(
                "large", resources: resources,
                spec: [
                    "initContainers": [
                        [
                            "name": "i", "image": "i", "resources": resources,
                            "restartPolicy": "Always",
                        ]
                    ]
                ])
            #expect(
                large.message
                    == #"pods "large" is forbidden: maximum cpu usage per Pod is 1, but limit is "#
                    + "1200m")
        }
    }

    @Test func `a claim has bounds too, also when it grows`() async throws {
        let limits: JSONValue = [
            ["type": "PersistentVolumeClaim", "min": ["storage": "1Gi"], "max": ["storage": "2Gi"]]
        ]
        try await run(limits) { gateway in
            let fitting = try await gateway.claim("fitting", storage: "2Gi")
            #expect(fitting.status == 201)
            let small = try await gateway.claim("small", storage: "1Mi")
            #expect(
                small.message
                    == #"persistentvolumeclaims "small" is forbidden: minimum storage usage per "#
                    + "PersistentVolumeClaim is 1Gi, but request is 1Mi")
            let large = try await gateway.claim("large", storage: "3Gi")
            #expect(large.status == 403)
        }
    }

    @Test func `other namespaces have no such bounds`() async throws {
        try await run([["type": "Pod", "max": ["cpu": "1"]]]) { gateway in
            try await gateway.make("/api/v1/namespaces", "free")
            let pod = try await gateway.make(
                "/api/v1/namespaces/free/pods", "p",
                ["spec": ["containers": [["name": "c", "image": "nginx:1"]]]])
            #expect(pod.status == 201)
            let bound = try await gateway.pod("p")
            #expect(bound.status == 403)
        }
    }
}
