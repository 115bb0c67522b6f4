import APIModel
import JSON
import Testing

@testable import Resources

@Suite struct ClusterTests {
    @Test func `a new namespace is active, named by a label, and held by its own finalizer`() throws
    {
        let created = try Kind("Namespace").created([
            "metadata": ["name": "n", "labels": ["a": "b"]]
        ])
        #expect(
            created == [
                "metadata": [
                    "name": "n", "labels": ["a": "b", "kubernetes.io/metadata.name": "n"],
                ],
                "spec": ["finalizers": ["kubernetes"]], "status": ["phase": "Active"],
            ])
    }

    @Test func `an update changes neither the finalizers nor the label of a namespace`() throws {
        let kind = try Kind("Namespace")
        let old = try kind.created(["metadata": ["name": "n"]])
        let new = try kind.updated(
            [
                "metadata": ["name": "n", "labels": ["kubernetes.io/metadata.name": "x"]],
                "spec": ["finalizers": []], "status": ["phase": "Terminating"],
            ], from: old)
        #expect(new == old)
    }

    @Test func `a namespace ends when its own finalizers are gone`() throws {
        let strategy = try Kind("Namespace").resource.strategy
        var namespace = try Kind("Namespace").created(["metadata": ["name": "n"]])
        namespace["metadata"]?["deletionTimestamp"] = "2026-01-01T12:00:00Z"
        namespace["metadata"]?["deletionGracePeriodSeconds"] = 0
        strategy.prepareForDeletion(&namespace)
        #expect(namespace["status"] == ["phase": "Terminating"])
        #expect(namespace["metadata"]?["deletionGracePeriodSeconds"] == nil)
        #expect(!strategy.mayEnd(namespace))

        namespace["spec"] = ["finalizers": []]
        #expect(strategy.mayEnd(namespace))
    }

    @Test func `some namespaces are never deleted`() throws {
        let strategy = try Kind("Namespace").resource.strategy
        for name in ["default", "kube-system", "kube-public"] {
            let namespace: JSONValue = ["metadata": ["name": .string(name)]]
            #expect(strategy.refusalToDelete(namespace) == "this namespace may not be deleted")
        }
        #expect(strategy.refusalToDelete(["metadata": ["name": "kube-node-lease"]]) == nil)
    }

    @Test func `the phase of a namespace says whether it is being deleted`() throws {
        let strategy = try Kind("Namespace").resource.strategy
        let namespace: JSONValue = ["metadata": ["name": "n"], "status": ["phase": "Terminating"]]
        #expect(
            strategy.validateStatusUpdate(namespace, from: namespace).map(\.description) == [
                "status.phase: Invalid value: \"Terminating\": may only be 'Active' if "
                    + "`deletionTimestamp` is empty"
            ])
    }

    @Test func `a node brings its status, and is nothing that it does not say`() throws {
        let kind = try Kind("Node")
        let silent = try kind.created(["metadata": ["name": "n"]])
        #expect(silent["spec"] == [:])
        let status = try #require(silent["status"]?.object)
        #expect(Set(status.map(\.key)) == ["daemonEndpoints", "nodeInfo"])
        #expect(status["daemonEndpoints"] == ["kubeletEndpoint": ["Port": 0]])
        let info = try #require(status["nodeInfo"]?.object)
        #expect(info.count == 10 && info.allSatisfy { $0.value == "" })
        let object: JSONValue = [
            "metadata": ["name": "n"],
            "status": ["conditions": [["type": "Ready", "status": "True"]]],
        ]
        let created = try kind.created(object)
        #expect(created[path: "status", "conditions"]?[0]?["status"] == "True")
        #expect(try kind.cell("Status", of: created) == "Ready")
    }

    @Test func `the networks of a node are kept in step and set once`() throws {
        let kind = try Kind("Node")
        let node: JSONValue = ["metadata": ["name": "n"], "spec": ["podCIDR": "10.1.0.0/24"]]
        let created = try kind.created(node)
        #expect(created["spec"] == ["podCIDR": "10.1.0.0/24", "podCIDRs": ["10.1.0.0/24"]])
        let errors = try kind.updateErrors(node) { $0["spec"]?["podCIDR"] = "10.2.0.0/24" }
        #expect(
            errors == [
                "spec.podCIDRs: Forbidden: node updates may not change podCIDR except from \"\" to "
                    + "valid"
            ])
    }

    @Test func `a taint is set once for each effect`() throws {
        let taints: JSONValue = [
            ["key": "a", "effect": "NoSchedule"], ["key": "a", "effect": "NoExecute"],
            ["key": "a", "effect": "NoSchedule", "value": "v"],
        ]
        let errors = try Kind("Node").errors([
            "metadata": ["name": "n"], "spec": ["taints": taints],
        ])
        #expect(
            errors == [
                #"spec.taints[2]: Duplicate value: {"key":"a","effect":"NoSchedule","value":"v"}"#
            ])
    }

    @Test func `tables show a node's roles, addresses and system`() throws {
        let kind = try Kind("Node")
        let node: JSONValue = [
            "metadata": [
                "labels": [
                    "node-role.kubernetes.io/worker": "",
                    "node-role.kubernetes.io/control-plane": "",
                    "kubernetes.io/role": "extra",
                ]
            ],
            "status": [
                "conditions": [["type": "Ready", "status": "False"]],
                "addresses": [
                    ["type": "Hostname", "address": "n"],
                    ["type": "InternalIP", "address": "10.0.0.1"],
                ],
                "nodeInfo": ["kubeletVersion": "v1.34.0", "osImage": "Debian"],
            ],
        ]
        let columns = [
            "Status", "Roles", "Version", "Internal-IP", "External-IP", "OS-Image",
            "Kernel-Version",
        ]
        #expect(
            try columns.map { try kind.cell($0, of: node) } == [
                "NotReady", "control-plane,extra,worker", "v1.34.0", "10.0.0.1", "<none>", "Debian",
                "<unknown>",
            ])
    }

    static let subsets: [(subset: String, errors: [String])] = [
        ("{}", ["subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`"]),
        (
            #"{"addresses":[{"ip":"127.0.0.1"},{"ip":"fe80::1"},{"ip":"10.0.0.1"}]}"#,
            [
                "subsets[0].addresses[0].ip: Invalid value: \"127.0.0.1\": may not be in the "
                    + "loopback "
                    + "range (127.0.0.0/8, ::1/128)",
                "subsets[0].addresses[1].ip: Invalid value: \"fe80::1\": may not be in the "
                    + "link-local "
                    + "range (169.254.0.0/16, fe80::/10)",
            ]
        ),
        (
            #"""
            {"notReadyAddresses":[{"ip":"10.0.0.1"}],"ports":[{"port":80},{"port":81,
            "name":"a"}]}
            """#,
            ["subsets[0].ports[0].name: Required value"]
        ),
    ]

    @Test(arguments: subsets)
    func `faults of endpoints are named`(subset: String, errors: [String]) throws {
        let subset = try json(subset)
        let object: JSONValue = [
            "metadata": ["name": "e", "namespace": "ns"], "subsets": [subset],
        ]
        #expect(try Kind("Endpoints").errors(object) == errors)
    }

    @Test func `three endpoints are shown and the others counted`() throws {
        let object: JSONValue = [
            "subsets": [
                [
                    "addresses": [["ip": "10.0.0.1"], ["ip": "fd00::1"]],
                    "ports": [["port": 80], ["port": 81]],
                ],
                ["addresses": [["ip": "10.0.0.3"]]],
            ]
        ]
        #expect(
            try Kind("Endpoints").cell("Endpoints", of: object)
                == "10.0.0.1:80,[fd00::1]:80,10.0.0.1:81 + 2 more...")
        #expect(try Kind("Endpoints").cell("Endpoints", of: [:]) == "<none>")
    }
}
