// Pods: defaults, life and death.

import APIModel
import JSON

struct PodStrategy: Strategy {
    var deletionAnswersWithObject: Bool { true }

    func applyDefaults(to object: inout JSONValue) {
        object.change("spec") { PodSpecDefaults.apply(toSpecOfPod: &$0) }
    }

    func prepareForCreate(_ object: inout JSONValue, _ context: StrategyContext) {
        let quality = QualityOfService(ofSpec: object["spec"] ?? .null)
        object.put("status", ["phase": "Pending", "qosClass": .string(quality.rawValue)])
    }

    func prepareForUpdate(
        _ object: inout JSONValue, from old: JSONValue, _ context: StrategyContext
    ) {
        object.change("spec") { spec in
            for member in ["priority", "preemptionPolicy"] where !spec.has(member) {
                spec.take(member, from: old["spec"] ?? .null)
            }
        }
    }

    func prepareForStatusUpdate(
        _ object: inout JSONValue, from old: JSONValue, _ context: StrategyContext
    ) {
        object.change("status") { status in
            Self.alignAddresses(&status)
            if !status.isFilled("qosClass") {
                status.take("qosClass", from: old["status"] ?? .null)
            }
        }
    }

    /// `podIP` is the first of `podIPs`; where they differ, the single one was meant.
    private static func alignAddresses(_ status: inout JSONValue) {
        let single = status.text("podIP")
        let first = status.list("podIPs").first?.text("ip") ?? ""
        if single.isEmpty {
            if !first.isEmpty { status.put("podIP", .string(first)) }
        } else if single != first {
            status.put("podIPs", [["ip": .string(single)]])
        }
    }

    func validate(_ object: JSONValue) -> [FieldError] {
        let spec = object["spec"] ?? .null
        return PodSpecRules(
            spec: spec, path: FieldPath("spec"), mayHaveEphemeralContainers: true
        ).errors
    }

    func validateCreate(_ object: JSONValue) -> [FieldError] {
        EphemeralContainers.creationErrors(object["spec"] ?? .null, FieldPath("spec"))
    }

    func validateUpdate(_ object: JSONValue, from old: JSONValue) -> [FieldError] {
        PodUpdateRules.errors(object["spec"] ?? .null, from: old["spec"] ?? .null)
    }

    func prepare(
        _ object: inout JSONValue, forSubresource name: String, from old: JSONValue,
        _ context: StrategyContext
    ) {
        let sent = object["spec"] ?? .null
        object = old.keepingVersion(of: object)
        object.change("spec") { spec in
            switch name {
            case "ephemeralcontainers": spec.take("ephemeralContainers", from: sent)
            case "resize": PodResize.apply(sent, to: &spec)
            default: break
            }
        }
    }

    func validate(
        _ object: JSONValue, forSubresource name: String, from old: JSONValue
    ) -> [FieldError] {
        let (spec, before) = (object["spec"] ?? .null, old["spec"] ?? .null)
        return switch name {
        case "ephemeralcontainers": EphemeralContainers.errors(spec, from: before)
        case "resize": PodResize.errors(object, from: old)
        default: []
        }
    }

    func validateStatusUpdate(_ object: JSONValue, from old: JSONValue) -> [FieldError] {
        let (quality, before) = (object["status"]?["qosClass"], old["status"]?["qosClass"])
        guard !JSONValue.same(quality, before) else { return [] }
        return [
            .invalid(FieldPath("status", "qosClass"), quality ?? .null, "field is immutable")
        ]
    }

    func deletion(of object: JSONValue, gracePeriodSeconds: Int64?) -> Deletion {
        let spec = object["spec"] ?? .null
        // Nobody runs a pod without a node, and nothing is left to end in one that is over.
        let phase = object["status"]?.text("phase") ?? ""
        if !spec.isFilled("nodeName") || phase == "Succeeded" || phase == "Failed" {
            return .graceful(seconds: 0)
        }
        let seconds = gracePeriodSeconds ?? spec["terminationGracePeriodSeconds"]?.int ?? 0
        return .graceful(seconds: seconds < 0 ? 1 : seconds)
    }

    func absentValue(ofField field: String) -> String {
        field == "spec.hostNetwork" ? "false" : ""
    }

    func cell(_ name: String, of object: JSONValue, now: Timestamp) -> JSONValue? {
        switch name {
        case "podReady":
            let cells = PodCells(object)
            return .string("\(cells.readyCount)/\(cells.containerCount)")
        case "podStatus": return .string(PodCells(object).reason)
        case "podRestarts": return .string(PodCells(object).restarts(now: now))
        case "podIP":
            let status = object["status"] ?? .null
            return CommonCells.textOrNone(status.list("podIPs").first?["ip"] ?? status["podIP"])
        case "podNode": return CommonCells.textOrNone(object[path: "spec", "nodeName"])
        case "podNominatedNode":
            return CommonCells.textOrNone(object[path: "status", "nominatedNodeName"])
        case "podReadinessGates": return PodCells.readinessGates(object)
        default: return nil
        }
    }
}
