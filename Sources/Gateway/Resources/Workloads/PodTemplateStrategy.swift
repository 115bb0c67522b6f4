// PodTemplates: patterns of pods, kept for themselves.

import APIModel
import JSON

struct PodTemplateStrategy: Strategy {
    var deletionAnswersWithObject: Bool { true }

    func applyDefaults(to object: inout JSONValue) {
        object.change("template") { template in
            template.change("spec") { PodSpecDefaults.apply(toSpec: &$0) }
        }
    }

    func validate(_ object: JSONValue) -> [FieldError] {
        let path = FieldPath("template")
        let template = object["template"] ?? .null
        return ObjectMetaRules.labelErrors(
            ObjectMeta(of: template).labels, path.child("metadata").child("labels"))
            + PodSpecRules(spec: template["spec"] ?? .null, path: path.child("spec")).errors
    }

    func cell(_ name: String, of object: JSONValue, now: Timestamp) -> JSONValue? {
        let containers = object[path: "template", "spec"]?.list("containers") ?? []
        return switch name {
        case "containers": .string(containers.map { $0.text("name") }.joined(separator: ","))
        case "images": .string(containers.map { $0.text("image") }.joined(separator: ","))
        case "podLabels": CommonCells.labels(object[path: "template", "metadata", "labels"])
        default: nil
        }
    }
}

/// Whether the components of the control plane are well. They say so themselves today, so that
/// there is nothing to list; the kind is there for clients that ask.
struct ComponentStatusStrategy: Strategy {
    func cell(_ name: String, of object: JSONValue, now: Timestamp) -> JSONValue? {
        let healthy = object.list("conditions").first { $0.text("type") == "Healthy" } ?? .null
        switch name {
        case "componentStatus":
            switch healthy.text("status") {
            case "True": return "Healthy"
            case "False": return "Unhealthy"
            default: return "Unknown"
            }
        case "componentMessage": return .string(healthy.text("message"))
        case "componentError": return .string(healthy.text("error"))
        default: return nil
        }
    }
}

/// Priorities of pods, under names.
struct PriorityClassStrategy: Strategy {
    /// Names that begin so are the system's.
    private static let systemPrefix = "system-"
    private static let systemValues: [String: Int64] = [
        "system-cluster-critical": 2_000_000_000, "system-node-critical": 2_000_001_000,
    ]

    func validate(_ object: JSONValue) -> [FieldError] {
        let name = ObjectMeta(of: object).name
        guard let value = object["value"]?.int else { return [] }
        if Self.systemValues[name] == value { return [] }
        if name.hasPrefix(Self.systemPrefix) {
            return [
                .forbidden(
                    FieldPath("metadata", "name"),
                    "priority class names with '\(Self.systemPrefix)' prefix are reserved for "
                        + "system use only")
            ]
        }
        guard value > Limits.userPriorityMax else { return [] }
        return [
            .forbidden(
                FieldPath("value"),
                "maximum allowed value of a user defined priority is \(Limits.userPriorityMax)")
        ]
    }

    func validateUpdate(_ object: JSONValue, from old: JSONValue) -> [FieldError] {
        object["value"] == old["value"]
            ? [] : [.forbidden(FieldPath("value"), "may not be changed in an update.")]
    }

    func cell(_ name: String, of object: JSONValue, now: Timestamp) -> JSONValue? {
        name == "isGlobalDefault" ? .bool(object["globalDefault"]?.bool ?? false) : nil
    }
}
