import APIModel
import JSON
import Schema
import Testing

@testable import Resources

/// Objects that are served in more versions than the stored one.
@Suite struct VersionTests {
    private static let autoscaler = #"""
        {"apiVersion":"autoscaling/v2","kind":"HorizontalPodAutoscaler",
        "metadata":{"name":"a","annotations":{"own":"1"}},
        "spec":{"scaleTargetRef":{"kind":"Deployment","name":"web","apiVersion":"apps/v1"},
        "minReplicas":1,"maxReplicas":5,"metrics":[
        {"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization",
        "averageUtilization":60}}},
        {"type":"Pods","pods":{"metric":{"name":"rps"},
        "target":{"type":"AverageValue","averageValue":"100"}}}],
        "behavior":{"scaleDown":{"selectPolicy":"Disabled"}}},
        "status":{"currentReplicas":2,"desiredReplicas":3,"currentMetrics":[
        {"type":"Resource","resource":{"name":"cpu","current":{"averageUtilization":50}}}],
        "conditions":[{"type":"AbleToScale","status":"True"}]}}
        """#

    @Test func `version 1 of an autoscaler keeps in annotations what it has no member for`() throws
    {
        let older = try Kind("HorizontalPodAutoscaler", stored: false)
        let conversion = try #require(older.resource.conversion)
        let stored = try json(Self.autoscaler)
        let served = conversion.served(stored)

        #expect(served["apiVersion"] == "autoscaling/v1")
        #expect(served[path: "spec", "targetCPUUtilizationPercentage"] == 60)
        #expect(served[path: "status", "currentCPUUtilizationPercentage"] == 50)
        #expect(served[path: "spec", "metrics"] == nil)
        #expect(served[path: "spec", "behavior"] == nil)
        let annotations = served[path: "metadata", "annotations"]?.object ?? [:]
        #expect(
            annotations.map(\.key).sorted() == [
                "autoscaling.alpha.kubernetes.io/behavior",
                "autoscaling.alpha.kubernetes.io/conditions",
                "autoscaling.alpha.kubernetes.io/metrics", "own",
            ])
        var schemaChecked = served
        try older.resource.schema.decode(&schemaChecked)
        #expect(older.resource.schema.prune(&schemaChecked) == [])
        #expect(conversion.stored(served) == stored)
    }

    @Test func `an autoscaler of version 1 is stored as one of version 2`() throws {
        let older = try Kind("HorizontalPodAutoscaler", stored: false)
        let conversion = try #require(older.resource.conversion)
        let sent = try json(
            #"""
            {"apiVersion":"autoscaling/v1","kind":"HorizontalPodAutoscaler","metadata":{"name":"a"},
            "spec":{"scaleTargetRef":{"kind":"D","name":"d"},"maxReplicas":2,
            "targetCPUUtilizationPercentage":70}}
            """#)
        #expect(try older.errors(sent) == [])
        let stored = conversion.stored(try older.created(sent))
        #expect(stored["apiVersion"] == "autoscaling/v2")
        #expect(stored[path: "spec", "metrics"] == [AutoscalerStrategy.cpu(percent: 70)])
        #expect(stored[path: "metadata", "annotations"] == nil)
        // Without a target, the same one as in version 2.
        let plain = try older.created(
            sent.with { $0["spec"]?["targetCPUUtilizationPercentage"] = nil })
        #expect(plain[path: "spec", "targetCPUUtilizationPercentage"] == 80)
    }

    @Test func `the rules of the stored version hold in the other one, each said once`() throws {
        let older = try Kind("HorizontalPodAutoscaler", stored: false)
        let sent = try json(
            #"""
            {"metadata":{"name":"a"},
            "spec":{"scaleTargetRef":{"kind":"D","name":"d"},"minReplicas":0}}
            """#
        )
        #expect(
            try older.errors(sent) == [
                "spec.maxReplicas: Required value",
                "spec.minReplicas: Invalid value: 0: must be greater than or equal to 1",
            ])
    }

    @Test func `both forms of an event say the same`() throws {
        let newer = try #require(
            catalog.resource(
                for: GroupVersionKind(group: "events.k8s.io", version: "v1", kind: "Event")))
        let conversion = try #require(newer.conversion)
        let stored = try json(
            #"""
            {"apiVersion":"v1","kind":"Event","metadata":{"name":"e","namespace":"ns"},
            "involvedObject":{"kind":"Pod","namespace":"ns","name":"p"},"reason":"R",
            "message":"m","source":{"component":"c"},"firstTimestamp":"2026-01-01T00:00:00Z",
            "lastTimestamp":"2026-01-01T00:00:01Z","count":3,"type":"Normal",
            "eventTime":"2026-01-01T00:00:00.000000Z","series":{"count":2},"action":"a",
            "reportingComponent":"example.com/c","reportingInstance":"i"}
            """#)
        let served = conversion.served(stored)
        #expect(served["note"] == "m")
        #expect(served["regarding"] == stored["involvedObject"])
        #expect(served["reportingController"] == "example.com/c")
        #expect(served["deprecatedCount"] == 3)
        #expect(conversion.stored(served) == stored)
        #expect(conversion.storedField("regarding.name") == "involvedObject.name")
        #expect(conversion.storedField("reason") == "reason")
        for field in newer.definition.selectableFields {
            #expect(conversion.storage.selectableFields.contains(conversion.storedField(field)))
        }
    }

    @Test(arguments: [
        (
            #"{"reason":"R"}"#,
            ["reportingInstance", "action", "reportingController", "reportingController", "type"]
        ),
        (
            #"""
            {"reason":"R","action":"a","reportingInstance":"i","type":"Normal",
            "reportingController":"example.com/c","series":{"count":1,"lastObservedTime":
            "2026-01-01T00:00:00.000000Z"}}
            """#, ["series.count"]
        ),
    ])
    func `a new event says who reports what`(object: String, fields: [String]) throws {
        let newer = try #require(
            catalog.resource(
                for: GroupVersionKind(group: "events.k8s.io", version: "v1", kind: "Event")))
        let sent = try json(object).with {
            $0["eventTime"] = "2026-01-01T00:00:00.000000Z"
            $0["regarding"] = ["namespace": "ns"]
            $0["metadata"] = ["name": "e", "namespace": "ns"]
        }
        #expect(newer.strategy.validate(sent).map(\.path.description) == fields)
    }

    @Test func `a version that nothing converts, or that is stored nowhere, is refused`() throws {
        let none = #expect(throws: CatalogError.self) {
            try Catalog(registry: catalog.registry, strategies: Catalog.builtInStrategies)
        }
        guard case .noConverter? = none else {
            Issue.record("\(String(describing: none))")
            return
        }
    }
}
