import APIModel
import Buffers
import JSON
import Schema
import Testing

@testable import Resources

@Suite struct CatalogTests {
    /// One object of every kind, with what tables show of it at noon.
    static let examples = ofTheFirstKinds + WorkloadExamples.all + ClusterExamples.all

    private static let ofTheFirstKinds: [(kind: String, object: String, cells: String)] = [
        (
            "ClusterRole", #"{"rules":[{"verbs":["get"],"nonResourceURLs":["/metrics"]}]}"#,
            #"["x","2026-01-01T11:59:55Z"]"#
        ),
        (
            "ClusterRoleBinding",
            #"""
            {"roleRef":{"kind":"ClusterRole","name":"r"},"subjects":[{"kind":"Group","name":"g"},
            {"kind":"ServiceAccount","name":"s","namespace":"n"}]}
            """#,
            #"["x","ClusterRole/r","5s","","g","n/s"]"#
        ),
        ("ConfigMap", #"{"data":{"a":"1"},"binaryData":{"b":"eA=="}}"#, #"["x",2,"5s"]"#),
        (
            "Deployment",
            #"""
            {"spec":{"replicas":2,"selector":{"matchLabels":{"app":"d"}},
            "template":{"metadata":{"labels":{"app":"d"}},
            "spec":{"containers":[{"name":"a","image":"a:1"},{"name":"b",
            "image":"b:1"}]}}}}
            """#,
            #"["x","0/2",0,0,"5s","a,b","a:1,b:1","app=d"]"#
        ),
        (
            "Endpoints",
            #"""
            {"subsets":[{"addresses":[{"ip":"10.0.0.1"},{"ip":"10.0.0.2"}],
            "ports":[{"port":80}]}]}
            """#,
            #"["x","10.0.0.1:80,10.0.0.2:80","5s"]"#
        ),
        (
            "Event",
            #"""
            {"involvedObject":{"kind":"Pod","namespace":"ns","name":"p"},
            "reason":"Because","message":"text\n","type":"Normal"}
            """#,
            #"["<unknown>","Normal","Because","pod/p","","","text","<unknown>",1,"x"]"#
        ),
        (
            "Lease", #"{"spec":{"holderIdentity":"me","leaseDurationSeconds":15}}"#,
            #"["x","me","5s"]"#
        ),
        ("Namespace", "{}", #"["x","Active","5s"]"#),
        (
            "Node", #"{"spec":{"unschedulable":true}}"#,
            #"""
            ["x","Unknown,SchedulingDisabled","<none>","5s","","<none>","<none>",
            "<unknown>","<unknown>","<unknown>"]
            """#
        ),
        (
            "Pod", #"{"spec":{"containers":[{"name":"c","image":"nginx:1"}]}}"#,
            #"["x","0/1","Pending","0","5s","<none>","<none>","<none>","<none>"]"#
        ),
        (
            "ReplicaSet",
            #"""
            {"spec":{"selector":{"matchLabels":{"app":"d"},
            "matchExpressions":[{"key":"tier","operator":"In","values":["b","a"]}]},
            "template":{"metadata":{"labels":{"app":"d","tier":"a"}},
            "spec":{"containers":[{"name":"a","image":"a"}]}}}}
            """#,
            #"["x",1,0,0,"5s","a","a","app=d,tier in (a,b)"]"#
        ),
        (
            "ReplicationController",
            #"""
            {"spec":{"replicas":0,"template":{"metadata":{"labels":{"app":"rc"}},
            "spec":{"containers":[{"name":"c","image":"i"}]}}}}
            """#,
            #"["x",0,0,0,"5s","c","i","app=rc"]"#
        ),
        (
            "Role", #"{"rules":[{"verbs":["get"],"apiGroups":[""],"resources":["pods"]}]}"#,
            #"["x","2026-01-01T11:59:55Z"]"#
        ),
        (
            "RoleBinding",
            #"""
            {"roleRef":{"kind":"Role","name":"r"},"subjects":[{"kind":"User","name":"a"},
            {"kind":"User","name":"b"}]}
            """#,
            #"["x","Role/r","5s","a, b","",""]"#
        ),
        ("Secret", #"{"stringData":{"pw":"x"}}"#, #"["x","Opaque",1,"5s"]"#),
        (
            "Service", #"{"spec":{"selector":{"app":"web"},"ports":[{"port":80}]}}"#,
            #"["x","ClusterIP","10.96.1.0","<none>","80/TCP","5s","app=web"]"#
        ),
        ("ServiceAccount", #"{"secrets":[{"name":"s"}]}"#, #"["x",1,"5s"]"#),
        (
            "WatchCursor",
            #"""
            {"spec":{"user":"u","cursor":"c","path":"/api/v1/pods","resource":"pods",
            "labelSelector":"a=b","fieldSelector":"c=d"},
            "status":{"acknowledged":"7","lastUsedTime":"2026-01-01T11:59:58Z"}}
            """#,
            #"["x","u","pods","7","5s","2s","<none>","a=b,c=d"]"#
        ),
    ]

    @Test(arguments: examples)
    func `an object of each kind can be created and shown in a table`(
        kind: String, object: String, cells: String
    ) throws {
        let kind = try Kind(kind, stored: true)
        let name = ClusterExamples.names[kind.resource.definition.kind] ?? "x"
        var metadata: JSONValue = [
            "name": .string(name), "uid": "u", "creationTimestamp": "2026-01-01T11:59:55Z",
        ]
        if kind.resource.definition.isNamespaced { metadata["namespace"] = "ns" }
        let sent = try json(object).with { $0["metadata"] = metadata }

        #expect(try kind.errors(sent) == [])
        let created = try kind.created(sent)
        #expect(.array(kind.resource.cells(of: created, now: noon)) == (try json(cells)))
    }

    @Test func `every kind of the documents has an example`() {
        // The name of a definition follows from what is in it; see DefinitionTests.
        let kinds = catalog.storedResources.map(\.definition.kind).sorted()
            .filter { $0 != "CustomResourceDefinition" }
        #expect(kinds == Self.examples.map(\.kind).sorted())
    }

    @Test func `every strategy belongs to a kind of the documents`() {
        let resources = catalog.storedResources + catalog.convertedResources
        let kinds = Set(resources.map(\.definition.groupVersionKind.groupKind))
        let strategies = Set(Catalog.builtInStrategies.keys).union([Catalog.definitionKind])
        #expect(kinds == strategies)
    }

    @Test func `a kind without a strategy has cells that come from its fields and its age`() throws
    {
        let only = Catalog.builtInStrategies.filter { $0.key.kind != "Namespace" }
        let plain = try Catalog(
            registry: catalog.registry, strategies: only, converters: Catalog.builtInConverters)
        let namespaces = try #require(
            plain.resource(GroupVersionResource(group: "", version: "v1", resource: "namespaces")))
        #expect(namespaces.strategy is PlainStrategy)
        let object: JSONValue = ["metadata": ["name": "n"], "status": ["phase": "Active"]]
        #expect(namespaces.cells(of: object, now: noon) == ["n", "Active", "<unknown>"])
    }

    @Test func `a column whose cell nobody computes is refused`() throws {
        let none: [GroupKind: any Strategy] = [:]
        let error = #expect(throws: CatalogError.self) {
            try Catalog(registry: catalog.registry, strategies: none)
        }
        guard case .noCell? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func `resources are found by path and by kind`() throws {
        let name = GroupVersionResource(group: "apps", version: "v1", resource: "deployments")
        #expect(catalog.resource(name)?.definition.kind == "Deployment")
        let kind = GroupVersionKind(group: "", version: "v1", kind: "Pod")
        #expect(catalog.resource(for: kind)?.definition.plural == "pods")
        #expect(
            catalog.resource(for: GroupVersionKind(group: "", version: "v2", kind: "Pod")) == nil)
    }
}
