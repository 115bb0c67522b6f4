// What makes a Job's spec invalid beyond its schema. The same rules hold in a CronJob.

import APIModel
import JSON

struct JobSpecRules {
    let spec: JSONValue
    let path: FieldPath

    private var isIndexed: Bool { spec.text("completionMode") == "Indexed" }
    private var pod: JSONValue { spec[path: "template", "spec"] ?? .null }
    private var restartPolicy: String { pod.text("restartPolicy") }

    var errors: [FieldError] {
        var errors = indexErrors + perIndexErrors
        if spec.has("podFailurePolicy") {
            errors += failureErrors
        }
        errors += SuccessPolicyRules(spec: spec, path: path).errors
        if let manager = spec["managedBy"]?.string {
            errors += DomainPath.problems(of: manager).map {
                .invalid(path.child("managedBy"), .string(manager), $0)
            }
        }
        return errors
    }

    private var indexErrors: [FieldError] {
        guard isIndexed else { return [] }
        let place = path.child("completions")
        guard let completions = spec["completions"]?.int else {
            return [
                .required(place, "when completion mode is Indexed")
            ]
        }
        let parallelism = spec["parallelism"]?.int ?? 0
        var errors: [FieldError] = []
        if parallelism > Limits.indexedParallelismMax {
            errors.append(
                .invalid(
                    path.child("parallelism"), .int(parallelism),
                    "must be less than or equal to \(Limits.indexedParallelismMax) when "
                        + "completion mode is Indexed"))
        }
        if spec.has("backoffLimitPerIndex"), completions > Limits.countedIndexesMax {
            errors += manyIndexErrors
        }
        return errors
    }

    /// So many indexes are only counted when few of them may fail.
    private var manyIndexErrors: [FieldError] {
        let place = path.child("maxFailedIndexes")
        let bound = Limits.countedIndexesMax
        guard let failures = spec["maxFailedIndexes"]?.int else {
            return [.required(place, "must be specified when completions is above \(bound)")]
        }
        if failures <= Limits.failedIndexesMax { return [] }
        return [
            .invalid(
                place, .int(failures), "must be less than or equal to \(Limits.failedIndexesMax)")
        ]
    }

    private var perIndexErrors: [FieldError] {
        var errors: [FieldError] = []
        if spec.has("backoffLimitPerIndex") {
            let place = path.child("backoffLimitPerIndex")
            if !isIndexed {
                errors.append(
                    .invalid(
                        place, spec["backoffLimitPerIndex"], "requires indexed completion mode"))
            }
            if restartPolicy != "Never" {
                errors.append(
                    .invalid(
                        path.child("template").child("spec").child("restartPolicy"),
                        .string(restartPolicy),
                        "only \"Never\" is supported when backoffLimitPerIndex is specified"))
            }
        }
        guard let failures = spec["maxFailedIndexes"]?.int else { return errors }
        if !spec.has("backoffLimitPerIndex") {
            errors.append(
                .required(
                    path.child("backoffLimitPerIndex"), "when maxFailedIndexes is specified"))
        }
        if let completions = spec["completions"]?.int, failures > completions {
            errors.append(
                .invalid(
                    path.child("maxFailedIndexes"), .int(failures),
                    "must be less than or equal to completions"))
        }
        return errors
    }

    private var failureErrors: [FieldError] {
        var errors: [FieldError] = []
        if restartPolicy != "Never" {
            errors.append(
                .invalid(
                    path.child("template").child("spec").child("restartPolicy"),
                    .string(restartPolicy),
                    "only \"Never\" is supported when podFailurePolicy is specified"))
        }
        if spec.text("podReplacementPolicy") == "TerminatingOrFailed" {
            errors.append(
                .notSupported(
                    path.child("podReplacementPolicy"), spec["podReplacementPolicy"],
                    supported: ["Failed"]))
        }
        let names = ["containers", "initContainers"].flatMap { list in
            pod.list(list).map { $0.text("name") }
        }
        let rules = spec["podFailurePolicy"]?.list("rules") ?? []
        for (index, rule) in rules.enumerated() {
            errors +=
                FailureRule(
                    rule: rule, path: path.child("podFailurePolicy").child("rules").index(index),
                    containerNames: Set(names), hasIndexBound: spec.has("backoffLimitPerIndex")
                ).errors
        }
        return errors
    }
}

/// One rule of a pod failure policy.
private struct FailureRule {
    let rule: JSONValue
    let path: FieldPath
    let containerNames: Set<String>
    let hasIndexBound: Bool

    var errors: [FieldError] {
        var errors: [FieldError] = []
        if rule.text("action") == "FailIndex", !hasIndexBound {
            errors.append(
                .invalid(
                    path.child("action"), rule["action"], "requires the backoffLimitPerIndex"))
        }
        switch (rule.has("onExitCodes"), rule.isFilled("onPodConditions")) {
        case (true, true):
            errors.append(
                .invalid(
                    path, rule, "specifying both OnExitCodes and OnPodConditions is not supported"))
        case (false, false):
            errors.append(
                .invalid(
                    path, rule, "specifying one of OnExitCodes and OnPodConditions is required"))
        default: break
        }
        return errors + (rule["onExitCodes"].map(exitErrors) ?? [])
    }

    private func exitErrors(_ requirement: JSONValue) -> [FieldError] {
        let path = path.child("onExitCodes")
        var errors: [FieldError] = []
        if let name = requirement["containerName"], !name.isNull,
            !containerNames.contains(name.string ?? "")
        {
            errors.append(
                .invalid(
                    path.child("containerName"), name,
                    "must be one of the container or initContainer names in the pod template"))
        }
        let codes = requirement.list("values").compactMap(\.int)
        let place = path.child("values")
        if zip(codes, codes.dropFirst()).contains(where: { $0 > $1 }) {
            errors.append(.invalid(place, requirement["values"], "must be ordered"))
        }
        if requirement.text("operator") == "In", let index = codes.firstIndex(of: 0) {
            errors.append(
                .invalid(place.index(index), 0, "must not be 0 for the In operator"))
        }
        return errors
    }
}
