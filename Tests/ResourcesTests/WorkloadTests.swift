import APIModel
import JSON
import Testing

@testable import Resources

let podTemplate: JSONValue = [
    "metadata": ["labels": ["app": "d"]],
    "spec": ["containers": [["name": "a", "image": "a:1", "ports": [["containerPort": 80]]]]],
]

func workload(_ spec: JSONValue) -> JSONValue {
    ["metadata": ["name": "d", "namespace": "ns"], "spec": spec]
}

@Suite struct WorkloadTests {
    static let deployment = workload([
        "replicas": 0, "selector": ["matchLabels": ["app": "d"]], "template": podTemplate,
    ])

    @Test func `a new deployment has the defaults that clients know`() throws {
        let created = try Kind("Deployment").created(Self.deployment)
        #expect(
            created["spec"] == [
                "replicas": 0, "selector": ["matchLabels": ["app": "d"]],
                "template": [
                    "metadata": ["labels": ["app": "d"]],
                    "spec": [
                        "containers": [
                            [
                                "name": "a", "image": "a:1",
                                "ports": [["containerPort": 80, "protocol": "TCP"]],
                                "resources": [:],
                                "terminationMessagePath": "/dev/termination-log",
                                "terminationMessagePolicy": "File",
                                "imagePullPolicy": "IfNotPresent",
                            ]
                        ],
                        "restartPolicy": "Always", "terminationGracePeriodSeconds": 30,
                        "dnsPolicy": "ClusterFirst", "securityContext": [:],
                        "schedulerName": "default-scheduler",
                    ],
                ],
                "strategy": [
                    "type": "RollingUpdate",
                    "rollingUpdate": ["maxUnavailable": "25%", "maxSurge": "25%"],
                ],
                "revisionHistoryLimit": 10, "progressDeadlineSeconds": 600,
            ])
        #expect(created["status"] == [:])
        #expect(created["metadata"]?["generation"] == 1)
    }

    @Test func `a replication controller takes selector and labels from its template`() throws {
        let created = try Kind("ReplicationController").created(
            workload(["template": podTemplate]))
        #expect(created[path: "spec", "selector"] == ["app": "d"])
        #expect(created[path: "metadata", "labels"] == ["app": "d"])
        #expect(created[path: "spec", "replicas"] == 1)
        #expect(created["status"] == ["replicas": 0])
    }

    @Test func `a selector that never changes and no longer fits is told twice`() throws {
        let errors = try Kind("Deployment").updateErrors(Self.deployment) {
            $0["spec"]?["selector"] = ["matchLabels": ["app": "z"]]
        }
        #expect(
            errors == [
                "spec.selector: Invalid value: {\"matchLabels\":{\"app\":\"z\"}}: field is "
                    + "immutable",
                "spec.template.metadata.labels: Invalid value: {\"app\":\"d\"}: `selector` does "
                    + "not "
                    + "match template `labels`",
            ])
    }

    static let faults: [(member: String, value: String, errors: [String])] = [
        (
            "replicas", "-1",
            ["spec.replicas: Invalid value: -1: must be greater than or equal to 0"]
        ),
        (
            "selector", "{}",
            ["spec.selector: Invalid value: {}: empty selector is invalid for deployment"]
        ),
        (
            "selector", #"{"matchExpressions":[{"key":"a","operator":"In"}]}"#,
            [
                "spec.selector.matchExpressions[0].values: Required value: must be specified when "
                    + "`operator` is 'In' or 'NotIn'"
            ]
        ),
        (
            "strategy", #"{"type":"Recreate","rollingUpdate":{}}"#,
            [
                "spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy "
                    + "`type` is "
                    + "'Recreate'"
            ]
        ),
        (
            "strategy", #"{"rollingUpdate":{"maxUnavailable":0,"maxSurge":"0%"}}"#,
            [
                "spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when "
                    + "`maxSurge` is 0"
            ]
        ),
        (
            "strategy", #"{"rollingUpdate":{"maxUnavailable":"101%"}}"#,
            [
                "spec.strategy.rollingUpdate.maxUnavailable: Invalid value: \"101%\": must not be "
                    + "greater than 100%"
            ]
        ),
        ("strategy", #"{"rollingUpdate":{"maxSurge":"200%"}}"#, []),
        ("strategy", #"{"type":"Recreate"}"#, []),
        (
            "progressDeadlineSeconds", "0",
            ["spec.progressDeadlineSeconds: Invalid value: 0: must be greater than minReadySeconds"]
        ),
    ]

    @Test(arguments: faults)
    func `faults of a deployment are named`(
        member: String, value: String, errors: [String]
    ) throws {
        let value = try json(value)
        let object = Self.deployment.withSpec { $0[member] = value }
        #expect(try Kind("Deployment").errors(object) == errors)
    }

    @Test(arguments: ["Deployment", "ReplicaSet", "ReplicationController"])
    func `pods of a template go on running`(kind: String) throws {
        let selector: JSONValue =
            kind == "ReplicationController" ? ["app": "d"] : ["matchLabels": ["app": "d"]]
        let template = podTemplate.withSpec {
            $0["restartPolicy"] = "Never"
            $0["activeDeadlineSeconds"] = 5
        }
        let object = workload(["selector": selector, "template": template])
        #expect(
            try Kind(kind).errors(object) == [
                "spec.template.spec.restartPolicy: Unsupported value: \"Never\": supported values: "
                    + "\"Always\"",
                "spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in "
                    + "\(kind) is not Supported",
            ])
    }

    @Test func `what a template lacks is named with its path`() throws {
        let template = podTemplate.withContainer { $0["image"] = nil }
        let object = Self.deployment.withSpec { $0["template"] = template }
        #expect(
            try Kind("Deployment").errors(object)
                == ["spec.template.spec.containers[0].image: Required value"])
    }

    @Test func `a replica set needs a template and a selector`() throws {
        #expect(
            try Kind("ReplicaSet").errors(workload([:]))
                == ["spec.selector: Required value", "spec.template: Required value"])
    }

    @Test func `a replication controller without labels has nothing to select by`() throws {
        let template = podTemplate.with { $0["metadata"] = [:] }
        #expect(
            try Kind("ReplicationController").errors(workload(["template": template]))
                == ["spec.selector: Required value"])
    }

    @Test func `counts of a status do not exceed one another`() throws {
        let kind = try Kind("ReplicaSet")
        let old = try kind.created(
            workload(["selector": ["matchLabels": ["app": "d"]], "template": podTemplate]))
        let new = old.with {
            $0["status"] = ["replicas": 1, "readyReplicas": 2, "availableReplicas": 1]
        }
        #expect(
            kind.resource.strategy.validateStatusUpdate(new, from: old).map(\.description) == [
                "status.readyReplicas: Invalid value: 2: cannot be greater than status.replicas"
            ])
    }
}
