// CronJobs: Jobs at times that come again and again.

import APIModel
import JSON

struct CronJobStrategy: Strategy {
    func applyDefaults(to object: inout JSONValue) {
        object.change("spec") { spec in
            spec.change("jobTemplate") { Workload.applyTemplateDefaults(&$0) }
        }
    }

    func validate(_ object: JSONValue) -> [FieldError] {
        let spec = object["spec"] ?? .null
        let path = FieldPath("spec")
        var errors = nameErrors(object)
        if let schedule = spec["schedule"]?.string, !schedule.isEmpty,
            let problem = CronSchedule.problem(of: schedule)
        {
            errors.append(.invalid(path.child("schedule"), .string(schedule), problem))
        }
        if let zone = spec["timeZone"], !zone.isNull,
            let problem = TimeZoneName.problem(of: zone.string ?? "")
        {
            errors.append(.invalid(path.child("timeZone"), zone, problem))
        }
        let job = spec[path: "jobTemplate", "spec"] ?? .null
        return errors + templateErrors(job, path.child("jobTemplate").child("spec"))
    }

    /// A Job's name is the CronJob's and eleven characters.
    private func nameErrors(_ object: JSONValue) -> [FieldError] {
        let name = ObjectMeta(of: object).name
        guard name.utf8.count > Limits.cronJobNameByteCountMax else { return [] }
        return [
            .invalid(
                FieldPath("metadata", "name"), .string(name),
                "must be no more than \(Limits.cronJobNameByteCountMax) characters")
        ]
    }

    private func templateErrors(_ job: JSONValue, _ path: FieldPath) -> [FieldError] {
        var errors = JobSpecRules(spec: job, path: path).errors
        if job.has("template") {
            errors += PodTemplateRules(spec: job, kindName: "Job", life: .ending, path: path)
                .errors(selector: nil)
        }
        if job.has("selector") {
            errors.append(
                .invalid(
                    path.child("selector"), job["selector"], "`selector` will be auto-generated"))
        }
        if job["manualSelector"]?.bool == true {
            errors.append(
                .notSupported(
                    path.child("manualSelector"), true, supported: ["<nil>", "false"]))
        }
        return errors
    }

    func cell(_ name: String, of object: JSONValue, now: Timestamp) -> JSONValue? {
        let (spec, status) = (object["spec"] ?? .null, object["status"] ?? .null)
        return switch name {
        case "cronTimeZone": CommonCells.textOrNone(spec["timeZone"])
        case "cronSuspend": CommonCells.truth(spec["suspend"])
        case "cronActive": .int(status.list("active").count)
        case "cronLastSchedule":
            status.has("lastScheduleTime")
                ? .string(CommonCells.age(since: status["lastScheduleTime"], now: now))
                : CommonCells.none
        case "labelSelector": Workload.selector(spec[path: "jobTemplate", "spec", "selector"])
        default: Workload.cell(name, of: object)
        }
    }
}
