import APIModel
import JSON
import Testing

@testable import Resources

let plainPod: JSONValue = [
    "metadata": ["name": "p", "namespace": "ns"],
    "spec": ["containers": [["name": "c", "image": "nginx:1"]]],
]

extension JSONValue {
    /// A pod or a template's spec with its first container changed.
    func withContainer(_ change: (inout JSONValue) -> Void) -> JSONValue {
        with { object in
            var containers = object["spec"]?["containers"]?.array ?? []
            change(&containers[0])
            object["spec"]?["containers"] = .array(containers)
        }
    }

    func withSpec(_ change: (inout JSONValue) -> Void) -> JSONValue {
        with { object in
            var spec = object["spec"] ?? .null
            change(&spec)
            object["spec"] = spec
        }
    }
}

@Suite struct PodTests {
    @Test func `a new pod has the defaults that clients know`() throws {
        let created = try Kind("Pod").created(plainPod)
        #expect(
            created["spec"] == [
                "containers": [
                    [
                        "name": "c", "image": "nginx:1", "resources": [:],
                        "terminationMessagePath": "/dev/termination-log",
                        "terminationMessagePolicy": "File", "imagePullPolicy": "IfNotPresent",
                    ]
                ],
                "restartPolicy": "Always", "terminationGracePeriodSeconds": 30,
                "dnsPolicy": "ClusterFirst", "securityContext": [:],
                "schedulerName": "default-scheduler",
                "enableServiceLinks": true,
            ])
        #expect(created["status"] == ["phase": "Pending", "qosClass": "BestEffort"])
        #expect(created["metadata"]?["generation"] == 1)
    }

    @Test(arguments: [
        ("nginx", "Always"), ("nginx:latest", "Always"), ("nginx:1", "IfNotPresent"),
        ("localhost:5000/nginx", "Always"), ("localhost:5000/nginx:2", "IfNotPresent"),
        ("nginx@sha256:0123", "IfNotPresent"),
    ])
    func `an image is looked up again when its tag may move`(image: String, policy: String) {
        #expect(PodSpecDefaults.pullPolicy(of: image) == policy)
    }

    @Test func `requests follow limits, ports follow the host, and volumes have a source`() throws {
        let pod = plainPod.withContainer {
            $0["resources"] = [
                "limits": ["cpu": "1", "memory": "1Gi"], "requests": ["cpu": "500m"],
            ]
            $0["ports"] = [["containerPort": 80]]
        }.withSpec {
            $0["hostNetwork"] = true
            $0["volumes"] = [["name": "v"]]
        }
        let spec = try #require(try Kind("Pod").created(pod)["spec"])
        let container = try #require(spec["containers"]?[0])
        #expect(container["resources"]?["requests"] == ["cpu": "500m", "memory": "1Gi"])
        #expect(
            container["ports"] == [["containerPort": 80, "hostPort": 80, "protocol": "TCP"]])
        #expect(spec["volumes"] == [["name": "v", "emptyDir": [:]]])
    }

    @Test(arguments: [
        (#"{}"#, "BestEffort"),
        (#"{"requests":{"cpu":"1"}}"#, "Burstable"),
        (#"{"limits":{"cpu":"1"}}"#, "Burstable"),
        (#"{"limits":{"cpu":"1","memory":"1Gi"}}"#, "Guaranteed"),
        (#"{"limits":{"cpu":"1","memory":"1Gi"},"requests":{"cpu":"1000m"}}"#, "Guaranteed"),
        (#"{"limits":{"cpu":"1","memory":"1Gi"},"requests":{"cpu":"1m"}}"#, "Burstable"),
        (#"{"requests":{"example.com/gpu":"1"},"limits":{"example.com/gpu":"1"}}"#, "BestEffort"),
    ])
    func `the quality of service follows from what is asked for`(
        resources: String, quality: String
    ) throws {
        let resources = try json(resources)
        let pod = plainPod.withContainer { $0["resources"] = resources }
        #expect(try Kind("Pod").created(pod)["status"]?["qosClass"] == .string(quality))
    }

    @Test func `one container without limits keeps the pod from being guaranteed`() throws {
        let pod = plainPod.withContainer {
            $0["resources"] = ["limits": ["cpu": "1", "memory": "1Gi"]]
        }.withSpec { $0["initContainers"] = [["name": "i", "image": "i"]] }
        #expect(try Kind("Pod").created(pod)["status"]?["qosClass"] == "Burstable")
    }

    @Test(
        arguments: [
            (nil, nil, "", Deletion.graceful(seconds: 0)),
            ("node-1", nil, "Running", .graceful(seconds: 30)),
            ("node-1", 5, "Running", .graceful(seconds: 5)),
            ("node-1", 0, "Running", .graceful(seconds: 0)),
            ("node-1", -3, "Running", .graceful(seconds: 1)),
            ("node-1", nil, "Succeeded", .graceful(seconds: 0)),
            ("node-1", 5, "Failed", .graceful(seconds: 0)),
        ] as [(String?, Int64?, String, Deletion)])
    func `a pod is given time to end when somebody runs it`(
        node: String?, asked: Int64?, phase: String, deletion: Deletion
    ) throws {
        let kind = try Kind("Pod")
        let pod = try kind.created(plainPod).with { pod in
            pod["spec"]?["nodeName"] = node.map { .string($0) }
            pod["status"] = ["phase": .string(phase)]
        }
        let strategy = kind.resource.strategy
        #expect(strategy.deletion(of: pod, gracePeriodSeconds: asked) == deletion)
        #expect(strategy.deletionAnswersWithObject)
    }

    @Test func `the two forms of a pod's address are kept in step`() throws {
        let kind = try Kind("Pod")
        let old = try kind.created(plainPod)
        var pod = old.with { $0["status"] = ["podIP": "10.0.0.9"] }
        kind.resource.strategy.prepareForStatusUpdate(&pod, from: old, context())
        #expect(
            pod["status"] == [
                "podIP": "10.0.0.9", "podIPs": [["ip": "10.0.0.9"]], "qosClass": "BestEffort",
            ])
        #expect(kind.resource.strategy.validateStatusUpdate(pod, from: old) == [])
        pod["status"]?["qosClass"] = "Guaranteed"
        #expect(
            kind.resource.strategy.validateStatusUpdate(pod, from: old).map(\.description) == [
                "status.qosClass: Invalid value: \"Guaranteed\": field is immutable"
            ])
    }
}

@Suite struct PodUpdateTests {
    static let refusal =
        "spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,"
        + "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only "
        + "additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be "
        + "set to 1 if it was previously negative): changed "

    @Test func `images, labels and tolerations may change, and count as a generation`() throws {
        let kind = try Kind("Pod")
        let changed = plainPod.withContainer { $0["image"] = "nginx:2" }
        #expect(try kind.updateErrors(plainPod) { $0 = changed } == [])
        let old = try kind.created(plainPod)
        #expect(try kind.updated(changed, from: old)["metadata"]?["generation"] == 2)

        let labelled = old.with { $0["metadata"]?["labels"] = ["a": "b"] }
        #expect(try kind.updated(labelled, from: old)["metadata"]?["generation"] == 1)
    }

    @Test func `other members may not, and the refusal names them`() throws {
        let kind = try Kind("Pod")
        #expect(
            try kind.updateErrors(plainPod) { $0["spec"]?["hostNetwork"] = true }
                == [Self.refusal + "spec.hostNetwork"])
        let errors = try kind.updateErrors(plainPod) { pod in
            pod = pod.withContainer {
                $0["command"] = ["sh"]
                $0["imagePullPolicy"] = "Never"
            }
        }
        #expect(
            errors == [
                Self.refusal + "spec.containers[0].imagePullPolicy, spec.containers[0].command"
            ])
    }

    @Test func `containers are neither added nor removed`() throws {
        let errors = try Kind("Pod").updateErrors(plainPod) { pod in
            pod["spec"]?["containers"] = [
                ["name": "c", "image": "nginx:1"], ["name": "d", "image": "nginx:1"],
            ]
        }
        #expect(
            errors == ["spec.containers: Forbidden: pod updates may not add or remove containers"])
    }

    @Test func `a node is assigned once`() throws {
        let kind = try Kind("Pod")
        #expect(try kind.updateErrors(plainPod) { $0["spec"]?["nodeName"] = "node-1" } == [])
        let bound = plainPod.withSpec { $0["nodeName"] = "node-1" }
        #expect(
            try kind.updateErrors(bound) { $0["spec"]?["nodeName"] = "node-2" }
                == [Self.refusal + "spec.nodeName"])
    }

    @Test func `a deadline only comes nearer, and tolerations are only added`() throws {
        let kind = try Kind("Pod")
        let pod = plainPod.withSpec { $0["activeDeadlineSeconds"] = 10 }
        #expect(try kind.updateErrors(pod) { $0["spec"]?["activeDeadlineSeconds"] = 9 } == [])
        #expect(
            try kind.updateErrors(pod) { $0["spec"]?["activeDeadlineSeconds"] = 11 } == [
                "spec.activeDeadlineSeconds: Invalid value: 11: must be less than or equal to "
                    + "previous value"
            ])
        #expect(
            try kind.updateErrors(pod) { $0["spec"]?["activeDeadlineSeconds"] = nil } == [
                "spec.activeDeadlineSeconds: Invalid value: null: must not update from a positive "
                    + "integer to nil value"
            ])
        let tolerant = plainPod.withSpec { $0["tolerations"] = [["operator": "Exists"]] }
        #expect(
            try kind.updateErrors(tolerant) { $0["spec"]?["tolerations"] = [] } == [
                "spec.tolerations: Forbidden: existing toleration can not be modified except its "
                    + "tolerationSeconds"
            ])
    }
}
