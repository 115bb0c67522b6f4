// ReplicationControllers and ReplicaSets: a number of pods of one template.

import APIModel
import JSON

struct ReplicationControllerStrategy: Strategy {
    var orphansDependents: Bool { true }

    func applyDefaults(to object: inout JSONValue) {
        Workload.applyTemplateDefaults(&object)
        guard let labels = object[path: "spec", "template", "metadata", "labels"],
            labels.object?.isEmpty == false
        else { return }
        object.change("spec") { spec in
            if !spec.isFilled("selector") { spec.put("selector", labels) }
        }
        object.change("metadata") { metadata in
            if !metadata.isFilled("labels") { metadata.put("labels", labels) }
        }
    }

    func prepareForCreate(_ object: inout JSONValue, _ context: StrategyContext) {
        object.put("status", ["replicas": 0])
    }

    func validate(_ object: JSONValue) -> [FieldError] {
        let spec = object["spec"] ?? .null
        // A missing template is the schema's matter.
        guard spec.has("template") else { return [] }
        return PodTemplateRules(spec: spec, kindName: "ReplicationController")
            .errors(selectorMap: spec.entries("selector"))
    }

    func validateStatusUpdate(_ object: JSONValue, from old: JSONValue) -> [FieldError] {
        Workload.statusErrors(object, Workload.replicaBounds)
    }

    func absentValue(ofField field: String) -> String { field == "status.replicas" ? "0" : "" }

    func cell(_ name: String, of object: JSONValue, now: Timestamp) -> JSONValue? {
        Workload.cell(name, of: object)
    }
}

struct ReplicaSetStrategy: Strategy {
    func applyDefaults(to object: inout JSONValue) { Workload.applyTemplateDefaults(&object) }

    func prepareForCreate(_ object: inout JSONValue, _ context: StrategyContext) {
        object.put("status", ["replicas": 0])
    }

    func validate(_ object: JSONValue) -> [FieldError] {
        let spec = object["spec"] ?? .null
        return PodTemplateRules(spec: spec, kindName: "ReplicaSet")
            .errors(selector: spec["selector"])
    }

    func validateStatusUpdate(_ object: JSONValue, from old: JSONValue) -> [FieldError] {
        Workload.statusErrors(object, Workload.replicaBounds)
    }

    func absentValue(ofField field: String) -> String { field == "status.replicas" ? "0" : "" }

    func cell(_ name: String, of object: JSONValue, now: Timestamp) -> JSONValue? {
        Workload.cell(name, of: object)
    }
}
