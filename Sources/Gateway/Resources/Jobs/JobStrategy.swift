// Jobs: pods that run until their work is done.

import APIModel
import JSON

struct JobStrategy: Strategy {
    var orphansDependents: Bool { true }

    static let uidLabel = "batch.kubernetes.io/controller-uid"
    static let nameLabel = "batch.kubernetes.io/job-name"
    /// What the labels were called before, which clients still look for.
    private static let olderLabels = [uidLabel: "controller-uid", nameLabel: "job-name"]

    func applyDefaults(to object: inout JSONValue) {
        Workload.applyTemplateDefaults(&object)
        object.change("spec", JobDefaults.apply)
        let labels = object[path: "spec", "template", "metadata", "labels"] ?? .null
        guard labels.object?.isEmpty == false else { return }
        object.change("metadata") { metadata in
            if !metadata.isFilled("labels") { metadata.put("labels", labels) }
        }
    }

    func prepareForCreate(_ object: inout JSONValue, _ context: StrategyContext) {
        guard object[path: "spec", "manualSelector"]?.bool != true else { return }
        let meta = ObjectMeta(of: object)
        object.change("spec") { spec in
            spec.change("template") { template in
                template.changeOrAdd("metadata") { metadata in
                    metadata.changeOrAdd("labels") {
                        Self.label(&$0, Self.uidLabel, meta.uid)
                        Self.label(&$0, Self.nameLabel, meta.name)
                    }
                }
            }
            spec.changeOrAdd("selector") { selector in
                selector.changeOrAdd("matchLabels") { labels in
                    labels.fill(Self.uidLabel, .string(meta.uid))
                }
            }
        }
    }

    /// What the client has set stays, for the rules to refuse.
    private static func label(_ labels: inout JSONValue, _ key: String, _ value: String) {
        labels.fill(key, .string(value))
        if let older = olderLabels[key] { labels.fill(older, .string(value)) }
    }

    func validate(_ object: JSONValue) -> [FieldError] {
        let spec = object["spec"] ?? .null
        let rules = JobSpecRules(spec: spec, path: FieldPath("spec"))
        return rules.errors + selectorErrors(object, spec) + nameErrors(object, spec)
    }

    private func selectorErrors(_ object: JSONValue, _ spec: JSONValue) -> [FieldError] {
        // A missing template is the schema's matter.
        guard spec.has("template") else { return [] }
        let meta = ObjectMeta(of: object)
        var errors = PodTemplateRules(spec: spec, kindName: "Job", life: .ending)
            .errors(selector: spec["selector"])
        if !spec.has("selector") { errors.append(.required(FieldPath("spec", "selector"))) }
        guard spec["manualSelector"]?.bool != true else { return errors }
        let path = FieldPath("spec", "template", "metadata", "labels")
        let labels = spec[path: "template", "metadata", "labels"] ?? .null
        for (key, value) in [(Self.uidLabel, meta.uid), (Self.nameLabel, meta.name)] {
            guard labels.has(key), labels.text(key) != value else { continue }
            errors.append(.invalid(path.key(key), labels[key], "must be '\(value)'"))
        }
        return errors
    }

    /// Each pod of an indexed Job has a host name: the Job's, a hyphen and its index.
    private func nameErrors(_ object: JSONValue, _ spec: JSONValue) -> [FieldError] {
        guard spec.text("completionMode") == "Indexed",
            let completions = spec["completions"]?.int, completions > 0
        else { return [] }
        let name = "\(ObjectMeta(of: object).name)-\(completions - 1)"
        return ValueFormat.dns1123Label.check(name).map {
            .invalid(
                FieldPath("metadata", "name"), object[path: "metadata", "name"],
                "will not be able to create pod with invalid DNS label: \(name): \($0)")
        }
    }

    func validateUpdate(_ object: JSONValue, from old: JSONValue) -> [FieldError] {
        let path = FieldPath("spec")
        let (spec, before) = (object["spec"] ?? .null, old["spec"] ?? .null)
        var errors: [FieldError] = []
        if !JSONValue.same(spec["selector"], before["selector"]) {
            errors.append(.invalid(path.child("selector"), spec["selector"], "field is immutable"))
        }
        if !JobTransition.mayComplete(spec, before) {
            errors.append(
                .invalid(path.child("completions"), spec["completions"], "field is immutable"))
        }
        let kept = JobTransition.template(of: spec, keeping: before, from: old)
        if kept != before["template"] {
            errors.append(.invalid(path.child("template"), spec["template"], "field is immutable"))
        }
        return errors
    }

    func places(ofField field: String) -> [[String]] {
        field == "status.successful"
            ? [["status", "succeeded"]] : [field.split(separator: ".").map(String.init)]
    }

    func absentValue(ofField field: String) -> String { field == "status.successful" ? "0" : "" }

    func cell(_ name: String, of object: JSONValue, now: Timestamp) -> JSONValue? {
        switch name {
        case "jobStatus": .string(JobCells.status(object))
        case "jobCompletions": .string(JobCells.completions(object))
        case "jobDuration": .string(JobCells.duration(object, now))
        default: Workload.cell(name, of: object)
        }
    }
}

/// Defaults of a Job's spec that depend on other members.
enum JobDefaults {
    static func apply(_ spec: inout JSONValue) {
        if !spec.has("parallelism"), !spec.has("completions") { spec.put("completions", 1) }
        spec.fill("parallelism", 1)
        // With a bound for each index there is none for the whole, unless it is said.
        let boundless = JSONValue.int(Int64(Int32.max))
        spec.fill("backoffLimit", spec.has("backoffLimitPerIndex") ? boundless : 6)
        spec.fill("completionMode", "NonIndexed")
        spec.fill("suspend", false)
        spec.fill(
            "podReplacementPolicy", spec.has("podFailurePolicy") ? "Failed" : "TerminatingOrFailed")
    }
}

/// What may change in a Job that is there.
enum JobTransition {
    /// An indexed Job may grow and shrink as long as all of its indexes run at the same time.
    static func mayComplete(_ spec: JSONValue, _ before: JSONValue) -> Bool {
        if spec["completions"] == before["completions"] { return true }
        return before.text("completionMode") == "Indexed"
            && spec["completions"] == spec["parallelism"]
            && before["completions"] == before["parallelism"]
    }

    /// The new template with the old state of what may change: where the pods of a Job may run,
    /// while none has run yet.
    static func template(
        of spec: JSONValue, keeping before: JSONValue, from old: JSONValue
    ) -> JSONValue? {
        let hasStarted = old[path: "status", "startTime"] != nil
        let wasSuspended = before["suspend"]?.bool == true
        guard wasSuspended, !hasStarted, var template = spec["template"] else {
            return spec["template"]
        }
        let previous = before["template"] ?? .null
        template.change("metadata") { metadata in
            for member in ["labels", "annotations"] {
                metadata.take(member, from: previous["metadata"] ?? .null)
            }
        }
        template.change("spec") { pod in
            for member in ["nodeSelector", "affinity", "tolerations", "schedulingGates"] {
                pod.take(member, from: previous["spec"] ?? .null)
            }
        }
        return template
    }
}

enum JobCells {
    static func status(_ job: JSONValue) -> String {
        let conditions = job["status"]?.list("conditions") ?? []
        func holds(_ type: String) -> Bool {
            conditions.contains { $0.text("type") == type && $0.text("status") == "True" }
        }
        if holds("Complete") { return "Complete" }
        if holds("Failed") { return "Failed" }
        if ObjectMeta(of: job).isBeingDeleted { return "Terminating" }
        return ["Suspended", "FailureTarget", "SuccessCriteriaMet"].first(where: holds) ?? "Running"
    }

    static func completions(_ job: JSONValue) -> String {
        let succeeded = job[path: "status", "succeeded"]?.int ?? 0
        if let wanted = job[path: "spec", "completions"]?.int { return "\(succeeded)/\(wanted)" }
        let parallelism = job[path: "spec", "parallelism"]?.int ?? 0
        return parallelism > 1 ? "\(succeeded)/1 of \(parallelism)" : "\(succeeded)/1"
    }

    static func duration(_ job: JSONValue, _ now: Timestamp) -> String {
        let status = job["status"] ?? .null
        guard let start = status["startTime"]?.string.flatMap({ Timestamp($0) }) else { return "" }
        let end = status["completionTime"]?.string.flatMap { Timestamp($0) } ?? now
        return HumanDuration.format(end.seconds - start.seconds)
    }
}
