import APIModel
import JSON
import Testing

@testable import Resources

@Suite struct PodValidationTests {
    @Test func `several causes are told at once`() throws {
        let pod: JSONValue = [
            "metadata": ["name": "bad", "namespace": "ns"],
            "spec": [
                "containers": [["name": "UPPER", "image": ""]], "restartPolicy": "Sometimes",
            ],
        ]
        #expect(
            try Kind("Pod").errors(pod) == [
                "spec.containers[0].name: Invalid value: \"UPPER\": a lowercase RFC 1123 label "
                    + "must "
                    + "consist of lower case alphanumeric characters or '-', and must start and "
                    + "end "
                    + "with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used "
                    + "for "
                    + "validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
                "spec.containers[0].image: Required value",
                "spec.restartPolicy: Unsupported value: \"Sometimes\": supported values: "
                    + "\"Always\", "
                    + "\"OnFailure\", \"Never\"",
            ])
    }

    @Test func `a pod has containers, and a container has an image`() throws {
        let kind = try Kind("Pod")
        #expect(
            try kind.errors(plainPod.withSpec { $0["containers"] = [] })
                == ["spec.containers: Required value"])
        #expect(
            try kind.errors(plainPod.withContainer { $0["image"] = nil })
                == ["spec.containers[0].image: Required value"])
    }

    /// A changed member of the container, or of the spec, and what is wrong with it.
    static let containerFaults: [(member: String, value: String, errors: [String])] = [
        (
            "ports", #"[{"containerPort":80,"name":"a"},{"containerPort":81,"name":"a"}]"#,
            [#"spec.containers[0].ports[1].name: Duplicate value: "a""#]
        ),
        (
            "ports", #"[{"containerPort":80,"hostPort":9},{"containerPort":81,"hostPort":9}]"#,
            [#"spec.containers[0].ports[1].hostPort: Duplicate value: "TCP//9""#]
        ),
        ("env", #"[{"name":"A","value":"1"},{"name":"A","value":"2"}]"#, []),
        (
            "env",
            #"[{"name":"A","value":"1","valueFrom":{"fieldRef":{"fieldPath":"metadata.name"}}}]"#,
            [
                "spec.containers[0].env[0].valueFrom: Invalid value: \"\": may not be specified "
                    + "when "
                    + "`value` is not empty"
            ]
        ),
        (
            "env", #"[{"name":"A","valueFrom":{}}]"#,
            [
                "spec.containers[0].env[0].valueFrom: Invalid value: \"\": must specify one of: "
                    + "`fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`"
            ]
        ),
        (
            "volumeMounts", #"[{"name":"x","mountPath":"/x"}]"#,
            [#"spec.containers[0].volumeMounts[0].name: Not found: "x""#]
        ),
        (
            "readinessProbe", #"{}"#,
            ["spec.containers[0].readinessProbe: Required value: must specify a handler type"]
        ),
        (
            "livenessProbe", #"{"tcpSocket":{"port":80},"exec":{"command":["true"]}}"#,
            [
                "spec.containers[0].livenessProbe.tcpSocket: Forbidden: may not specify more "
                    + "than 1 "
                    + "handler type"
            ]
        ),
        (
            "startupProbe", #"{"httpGet":{"port":70000},"successThreshold":2}"#,
            [
                "spec.containers[0].startupProbe.httpGet.port: Invalid value: 70000: must be "
                    + "between "
                    + "1 and 65535, inclusive",
                "spec.containers[0].startupProbe.successThreshold: Invalid value: 2: must be 1",
            ]
        ),
        (
            "resources", #"{"limits":{"cpu":"100m"},"requests":{"cpu":"200m"}}"#,
            [
                "spec.containers[0].resources.requests: Invalid value: \"200m\": must be less "
                    + "than or "
                    + "equal to cpu limit of 100m"
            ]
        ),
        (
            "resources", #"{"limits":{"cpu":"-1"}}"#,
            [
                #"spec.containers[0].resources.limits[cpu]: Invalid value: "-1": must be greater "#
                    + #"than or equal to 0"#,
                #"spec.containers[0].resources.requests[cpu]: Invalid value: "-1": must be "#
                    + #"greater than or equal to 0"#,
            ]
        ),
        (
            "resources", #"{"requests":{"gpu":"1","example.com/gpu":"1"}}"#,
            [
                #"spec.containers[0].resources.requests[gpu]: Invalid value: "gpu": must be a "#
                    + #"standard resource for containers"#,
                "spec.containers[0].resources.limits: Required value: Limit must be set for non "
                    + "overcommitable resources",
                "spec.containers[0].resources.limits: Required value: Limit must be set for non "
                    + "overcommitable resources",
            ]
        ),
    ]

    @Test(arguments: containerFaults)
    func `faults of a container are named`(
        member: String, value: String, errors: [String]
    ) throws {
        let value = try json(value)
        let pod = plainPod.withContainer { $0[member] = value }
        #expect(try Kind("Pod").errors(pod) == errors)
    }

    static let specFaults: [(member: String, value: String, errors: [String])] = [
        (
            "volumes", #"[{"name":"v"},{"name":"v"}]"#,
            [#"spec.volumes[1].name: Duplicate value: "v""#]
        ),
        (
            "volumes", #"[{"name":"v","emptyDir":{},"configMap":{"name":"c"}}]"#,
            ["spec.volumes[0].configMap: Forbidden: may not specify more than 1 volume type"]
        ),
        (
            "volumes", #"[{"name":"v","secret":{}}]"#,
            ["spec.volumes[0].secret.secretName: Required value"]
        ),
        (
            "initContainers", #"[{"name":"c","image":"i"}]"#,
            [#"spec.initContainers[0].name: Duplicate value: "c""#]
        ),
        (
            "initContainers",
            #"[{"name":"i","image":"i","lifecycle":{"preStop":{"sleep":{"seconds":1}}}}]"#,
            [
                "spec.initContainers[0].lifecycle: Forbidden: may not be set for init containers "
                    + "without restartPolicy=Always"
            ]
        ),
        (
            "tolerations", #"[{"operator":"Exists","key":"k","value":"v"}]"#,
            [
                #"spec.tolerations[0].operator: Invalid value: "v": value must be empty when "#
                    + #"`operator` is 'Exists'"#
            ]
        ),
        (
            "tolerations", #"[{"value":"v"}]"#,
            [
                #"spec.tolerations[0].operator: Invalid value: "": operator must be Exists when "#
                    + #"`key` is empty, which means "match all values and all keys""#
            ]
        ),
        (
            "tolerations",
            #"[{"key":"k","operator":"Exists","effect":"NoSchedule","tolerationSeconds":1}]"#,
            [
                #"spec.tolerations[0].effect: Invalid value: "NoSchedule": effect must be "#
                    + #"'NoExecute' when `tolerationSeconds` is set"#
            ]
        ),
        (
            "dnsPolicy", #""None""#,
            ["spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None"]
        ),
        (
            "affinity",
            #"""
            {"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":
            {"nodeSelectorTerms":[{"matchExpressions":[{"key":"a",
            "operator":"In"}]}]}}}
            """#,
            [
                "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution."
                    + "nodeSelectorTerms[0].matchExpressions[0].values: Required value: must be "
                    + "specified when `operator` is 'In' or 'NotIn'"
            ]
        ),
    ]

    @Test(arguments: specFaults)
    func `faults of a spec are named`(member: String, value: String, errors: [String]) throws {
        let value = try json(value)
        let pod = plainPod.withSpec { $0[member] = value }
        #expect(try Kind("Pod").errors(pod) == errors)
    }
}
