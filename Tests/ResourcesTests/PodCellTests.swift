import APIModel
import JSON
import Testing

@testable import Resources

@Suite struct PodCellTests {
    /// A status, and the cells Ready, Status and Restarts at noon.
    static let examples: [(status: String, cells: [String])] = [
        (#"{"phase":"Pending"}"#, ["0/2", "Pending", "0"]),
        (#"{"phase":"Failed","reason":"Evicted"}"#, ["0/2", "Evicted", "0"]),
        (
            #"""
            {"phase":"Running","containerStatuses":[{"name":"a","ready":true,
            "restartCount":0,"state":{"running":{}}},{"name":"b","ready":true,
            "restartCount":0,"state":{"running":{}}}]}
            """#,
            ["2/2", "Running", "0"]
        ),
        (
            #"""
            {"phase":"Running","containerStatuses":[{"name":"a","ready":false,
            "restartCount":3,"state":{"waiting":{"reason":"CrashLoopBackOff"}},
            "lastState":{"terminated":{"exitCode":1,
            "finishedAt":"2026-01-01T11:55:00Z"}}},{"name":"b","ready":true,
            "restartCount":1,"state":{"running":{}}}]}
            """#,
            ["1/2", "CrashLoopBackOff", "4 (5m ago)"]
        ),
        (
            #"""
            {"phase":"Succeeded","containerStatuses":[{"name":"a",
            "state":{"terminated":{"exitCode":0,"reason":"Completed"}}}]}
            """#,
            ["0/2", "Completed", "0"]
        ),
        (
            #"""
            {"phase":"Running","conditions":[{"type":"Ready","status":"True"}],
            "containerStatuses":[{"name":"a","state":{"terminated":{"exitCode":0,
            "reason":"Completed"}}},{"name":"b","ready":true,"state":{"running":{}}}]}
            """#,
            ["1/2", "Running", "0"]
        ),
        (
            #"""
            {"phase":"Failed","containerStatuses":[{"name":"a",
            "state":{"terminated":{"exitCode":137,"signal":9}}}]}
            """#,
            ["0/2", "Signal:9", "0"]
        ),
        (
            #"""
            {"phase":"Failed","containerStatuses":[{"name":"a",
            "state":{"terminated":{"exitCode":2}}}]}
            """#,
            ["0/2", "ExitCode:2", "0"]
        ),
        (
            #"{"phase":"Pending","initContainerStatuses":[{"name":"i","state":{"running":{}}}]}"#,
            ["0/2", "Init:0/1", "0"]
        ),
        (
            #"""
            {"phase":"Pending","initContainerStatuses":[{"name":"i","restartCount":2,
            "state":{"waiting":{"reason":"ImagePullBackOff"}}}]}
            """#,
            ["0/2", "Init:ImagePullBackOff", "2"]
        ),
        (
            #"""
            {"phase":"Pending","initContainerStatuses":[{"name":"i",
            "state":{"terminated":{"exitCode":3}}}]}
            """#,
            ["0/2", "Init:ExitCode:3", "0"]
        ),
        (
            #"""
            {"phase":"Pending","conditions":[{"type":"PodScheduled","status":"False",
            "reason":"SchedulingGated"}]}
            """#,
            ["0/2", "SchedulingGated", "0"]
        ),
    ]

    static let pod: JSONValue = [
        "metadata": ["name": "p"],
        "spec": [
            "initContainers": [["name": "i"]], "containers": [["name": "a"], ["name": "b"]],
        ],
    ]

    @Test(arguments: examples)
    func `one word says what a pod is doing`(status: String, cells: [String]) throws {
        let status = try json(status)
        let pod = Self.pod.with { $0["status"] = status }
        let kind = try Kind("Pod")
        let shown = try ["Ready", "Status", "Restarts"].map { try kind.cell($0, of: pod) }
        #expect(shown == cells.map { .string($0) })
    }

    @Test func `a pod that is being deleted is terminating, or unknown when its node is lost`()
        throws
    {
        let kind = try Kind("Pod")
        var pod = Self.pod.with {
            $0["metadata"]?["deletionTimestamp"] = "2026-01-01T12:00:00Z"
            $0["status"] = ["phase": "Running"]
        }
        #expect(try kind.cell("Status", of: pod) == "Terminating")
        pod["status"] = ["phase": "Running", "reason": "NodeLost"]
        #expect(try kind.cell("Status", of: pod) == "Unknown")
        pod["status"] = ["phase": "Succeeded"]
        #expect(try kind.cell("Status", of: pod) == "Succeeded")
    }

    @Test func `a sidecar counts among the containers`() throws {
        let kind = try Kind("Pod")
        let pod = Self.pod.with {
            $0["spec"]?["initContainers"] = [["name": "i", "restartPolicy": "Always"]]
            $0["status"] = [
                "phase": "Running",
                "initContainerStatuses": [
                    [
                        "name": "i", "started": true, "ready": true, "restartCount": 2,
                        "state": ["running": [:]],
                    ]
                ],
                "containerStatuses": [
                    ["name": "a", "ready": true, "restartCount": 1, "state": ["running": [:]]]
                ],
            ]
        }
        #expect(try kind.cell("Ready", of: pod) == "2/3")
        #expect(try kind.cell("Status", of: pod) == "Running")
        #expect(try kind.cell("Restarts", of: pod) == "3")
    }

    @Test func `addresses, nodes and gates are shown when they are there`() throws {
        let kind = try Kind("Pod")
        let pod = Self.pod.with {
            $0["spec"]?["nodeName"] = "node-1"
            $0["spec"]?["readinessGates"] = [["conditionType": "a/b"], ["conditionType": "a/c"]]
            $0["status"] = [
                "podIP": "10.0.0.9", "nominatedNodeName": "node-2",
                "conditions": [["type": "a/b", "status": "True"]],
            ]
        }
        let shown = try ["IP", "Node", "Nominated Node", "Readiness Gates"].map {
            try kind.cell($0, of: pod)
        }
        #expect(shown == ["10.0.0.9", "node-1", "node-2", "1/2"])
    }
}
