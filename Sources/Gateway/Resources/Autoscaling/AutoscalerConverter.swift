// HorizontalPodAutoscalers in version 1, which knows the use of CPU alone.

import Buffers
import JSON

/// Version 2 is stored. What version 1 has no member for stands in annotations, as clients of
/// version 1 know it from Kubernetes.
struct AutoscalerConverter: Converter {
    private enum Annotation {
        static let metrics = "autoscaling.alpha.kubernetes.io/metrics"
        static let measured = "autoscaling.alpha.kubernetes.io/current-metrics"
        static let conditions = "autoscaling.alpha.kubernetes.io/conditions"
        static let behavior = "autoscaling.alpha.kubernetes.io/behavior"
        static let all = [metrics, measured, conditions, behavior]
    }

    func served(_ stored: JSONValue) -> JSONValue {
        var object = stored
        var kept: [(String, JSONValue)] = []
        object.change("spec") { spec in
            let (percent, others) = Self.split(spec.list("metrics"), "target")
            spec.put("metrics", nil)
            if let percent { spec.put("targetCPUUtilizationPercentage", percent) }
            if !others.isEmpty { kept.append((Annotation.metrics, .array(others))) }
            if let behavior = spec["behavior"], !behavior.isNull {
                kept.append((Annotation.behavior, behavior))
            }
            spec.put("behavior", nil)
        }
        object.change("status") { status in
            let (percent, others) = Self.split(status.list("currentMetrics"), "current")
            status.put("currentMetrics", nil)
            if let percent { status.put("currentCPUUtilizationPercentage", percent) }
            if !others.isEmpty { kept.append((Annotation.measured, .array(others))) }
            if status.isFilled("conditions") {
                kept.append((Annotation.conditions, status["conditions"] ?? []))
            }
            status.put("conditions", nil)
            // Here it is always there.
            status.fill("currentReplicas", 0)
        }
        guard !kept.isEmpty else { return object }
        object.change("metadata") { metadata in
            metadata.changeOrAdd("annotations") { annotations in
                for (name, value) in kept {
                    annotations.put(name, .string(value.bytes.description))
                }
            }
        }
        return object
    }

    func stored(_ served: JSONValue) -> JSONValue {
        var object = served
        let kept = Self.takeAnnotations(&object)
        object.change("spec") { spec in
            var metrics = kept[Annotation.metrics]?.array ?? []
            if let percent = spec["targetCPUUtilizationPercentage"]?.int {
                metrics.insert(AutoscalerStrategy.cpu(percent: percent), at: 0)
            }
            spec.put("targetCPUUtilizationPercentage", nil)
            if !metrics.isEmpty { spec.put("metrics", .array(metrics)) }
            if let behavior = kept[Annotation.behavior] { spec.put("behavior", behavior) }
        }
        object.change("status") { status in
            var measured = kept[Annotation.measured]?.array ?? []
            if let percent = status["currentCPUUtilizationPercentage"]?.int {
                measured.insert(Self.measuredCPU(percent), at: 0)
            }
            status.put("currentCPUUtilizationPercentage", nil)
            if !measured.isEmpty { status.put("currentMetrics", .array(measured)) }
            if let conditions = kept[Annotation.conditions] {
                status.put("conditions", conditions)
            }
        }
        return object
    }

    /// The first plain measurement of CPU, in percent, and all others.
    private static func split(
        _ metrics: [JSONValue], _ amount: String
    ) -> (percent: JSONValue?, others: [JSONValue]) {
        let index = metrics.firstIndex { metric in
            let resource = metric["resource"] ?? .null
            let values = resource.entries(amount).filter { !$0.value.isNull && $0.key != "type" }
            return metric.text("type") == "Resource" && resource.text("name") == "cpu"
                && values.map(\.key) == ["averageUtilization"]
        }
        guard let index else { return (nil, metrics) }
        var others = metrics
        let metric = others.remove(at: index)
        return (metric[path: "resource", amount, "averageUtilization"], others)
    }

    private static func measuredCPU(_ percent: Int64) -> JSONValue {
        [
            "type": "Resource",
            "resource": ["name": "cpu", "current": ["averageUtilization": .int(percent)]],
        ]
    }

    /// What the annotations keep; they are removed. Those that cannot be read stay.
    private static func takeAnnotations(_ object: inout JSONValue) -> [String: JSONValue] {
        var kept: [String: JSONValue] = [:]
        object.change("metadata") { metadata in
            metadata.change("annotations") { annotations in
                for name in Annotation.all {
                    guard let text = annotations[name]?.string,
                        let value = try? JSONValue(parsing: Bytes(text)),
                        value.array != nil || value.object != nil
                    else { continue }
                    kept[name] = value
                    annotations.put(name, nil)
                }
            }
            if metadata["annotations"] == [:] { metadata.put("annotations", nil) }
        }
        return kept
    }
}
