import APIModel
import Buffers
import JSON
import Schema
import Testing

@testable import Resources

@Suite struct ResourceTests {
    @Test func `a write of the object keeps its status, a write of the status all else`() throws {
        let resource = try Kind("Deployment").resource
        let old: JSONValue = [
            "metadata": [
                "name": "d", "resourceVersion": "7", "labels": ["a": "1"], "generation": 3,
            ],
            "spec": ["replicas": 1], "status": ["replicas": 1],
        ]
        let sent: JSONValue = [
            "metadata": [
                "name": "d", "resourceVersion": "6", "labels": ["a": "2"],
                "annotations": ["k": "v"], "generation": 9,
            ],
            "spec": ["replicas": 2], "status": ["replicas": 2],
        ]
        var main = sent
        resource.keepStatus(&main, from: old)
        #expect(main == sent.with { $0["status"] = ["replicas": 1] })

        var status = sent
        resource.keepAllButStatus(&status, from: old)
        #expect(
            status == [
                "metadata": [
                    "name": "d", "resourceVersion": "6", "labels": ["a": "2"],
                    "annotations": ["k": "v"], "generation": 3,
                ],
                "spec": ["replicas": 1], "status": ["replicas": 2],
            ])
        resource.strategy.prepareForStatusUpdate(&status, from: old, context())
        #expect(status[path: "metadata", "labels"] == ["a": "1"])
    }

    @Test func `the generation counts changes of anything but metadata and status`() throws {
        let resource = try Kind("Deployment").resource
        let old: JSONValue = [
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": ["generation": 4],
            "spec": ["replicas": 1], "status": [:],
        ]
        func generation(_ change: (inout JSONValue) -> Void) -> JSONValue? {
            var object = old
            change(&object)
            resource.raiseGeneration(&object, from: old)
            return object["metadata"]?["generation"]
        }
        #expect(generation { $0["spec"]?["replicas"] = 2 } == 5)
        #expect(generation { $0["spec"] = nil } == 5)
        #expect(generation { $0["metadata"] = ["generation": 99, "labels": ["a": "b"]] } == 4)
        #expect(generation { $0["status"] = ["replicas": 1] } == 4)
        #expect(
            generation {
                $0["apiVersion"] = nil
                $0["kind"] = nil
            } == 4)
    }

    @Test func `kinds that do not count keep a client from counting`() throws {
        let kind = try Kind("ConfigMap")
        let old: JSONValue = ["metadata": ["name": "c"], "data": ["a": "1"]]
        let sent: JSONValue = ["metadata": ["name": "c", "generation": 3], "data": ["a": "2"]]
        #expect(try kind.updated(sent, from: old)["metadata"] == ["name": "c"])
    }

    @Test(arguments: [
        (
            "Pod",
            #"""
            {"metadata":{"uid":"u","labels":{"a":"1","b":"2"}},"spec":{"nodeName":"n",
            "restartPolicy":"Always","hostNetwork":true},"status":{"phase":"Running"}}
            """#,
            ["n", "Always", "", "", "true", "Running", "", ""]
        ),
        ("Pod", #"{"spec":{}}"#, ["", "", "", "", "false", "", "", ""]),
        ("Node", #"{"spec":{"unschedulable":true}}"#, ["true"]),
        ("Node", #"{"spec":{}}"#, ["false"]),
        ("ReplicaSet", #"{"status":{"replicas":3}}"#, ["3"]),
        ("ReplicaSet", "{}", ["0"]),
        ("Namespace", #"{"status":{"phase":"Active"}}"#, ["Active"]),
        (
            "Event",
            #"""
            {"involvedObject":{"kind":"Pod","name":"p"},"reason":"R",
            "reportingComponent":"c","source":{},"type":"Normal"}
            """#,
            ["Pod", "", "p", "", "", "", "", "R", "c", "c", "Normal"]
        ),
        (
            "Event", #"{"reportingComponent":"c","source":{"component":"s"}}"#,
            ["", "", "", "", "", "", "", "", "c", "s", ""]
        ),
    ])
    func `selectable fields are read from the stored bytes`(
        kind: String, object: String, fields: [String]
    ) throws {
        #expect(try Kind(kind).resource.readFields(Bytes(object)).fields == fields)
    }

    @Test func `uid and labels are read from the stored bytes`() throws {
        let bytes = Bytes(#"{"metadata":{"uid":"u","labels":{"a":"1","b":"2"}}}"#)
        let read = try Kind("Pod").resource.readFields(bytes)
        #expect(read.uid == "u")
        #expect(read.labels.map(\.name) == ["a", "b"])
        #expect(read.labels.map(\.value) == ["1", "2"])
        #expect(try Kind("Pod").resource.readFields(Bytes("{}")).labels.isEmpty)
    }

    @Test func `strategies survive objects of any shape`() throws {
        let shapes: [JSONValue] = [
            .null, [], "x", 1, [:], ["metadata": 1, "spec": 1, "status": 1, "data": 1],
            ["metadata": [], "spec": [], "status": [], "subsets": 1, "stringData": "x"],
            ["spec": ["ports": 1, "containers": "x", "template": 1, "strategy": 1, "selector": 1]],
            [
                "spec": [
                    "ports": [1], "containers": [1, []], "volumes": [1], "template": ["spec": 1],
                ]
            ],
            ["spec": ["containers": [["ports": 1, "resources": 1, "env": [1], "lifecycle": 1]]]],
            [
                "metadata": ["labels": 1],
                "spec": ["finalizers": 1, "taints": [1], "podCIDRs": [1]],
            ],
        ]
        for resource in catalog.resources {
            for old in shapes {
                for shape in shapes {
                    var object = shape
                    resource.applyDefaults(to: &object)
                    resource.dropStatus(&object)
                    resource.strategy.prepareForCreate(&object, context())
                    _ = resource.strategy.validate(object)
                    resource.keepStatus(&object, from: old)
                    resource.strategy.prepareForUpdate(&object, from: old, context())
                    resource.raiseGeneration(&object, from: old)
                    _ = resource.strategy.validateUpdate(object, from: old)
                    resource.keepAllButStatus(&object, from: old)
                    resource.strategy.prepareForStatusUpdate(&object, from: old, context())
                    _ = resource.strategy.validateStatusUpdate(object, from: old)
                    _ = resource.strategy.claims(of: object, sent: old)
                    resource.strategy.prepareForDeletion(&object)
                    #expect(
                        resource.cells(of: shape, now: noon).count
                            == resource.definition.columns.count)
                }
            }
        }
    }
}
