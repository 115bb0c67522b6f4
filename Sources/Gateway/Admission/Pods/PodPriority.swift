import APIModel
import Access
import JSON
import Resources
import WatchCache

/// Kubernetes' `Priority`: turns the name of a PriorityClass into the number that schedulers
/// compare, and lets only one class be the default.
struct PodPriority: CachedPlugin {
    static let name = "Priority"
    static let resources: Set<GroupResource> = [.pods, .priorityClasses]

    private let classes: CachedKind

    init(_ cache: Cache) { classes = CachedKind("scheduling.k8s.io/priorityclasses", cache) }

    /// What a class, or the lack of one, makes of a pod.
    private struct Assignment {
        var className: String
        var priority: Int64
        var preemptionPolicy: String

        /// For pods in a cluster without a default class.
        static let plain = Assignment(
            className: "", priority: 0, preemptionPolicy: "PreemptLowerPriority")
    }

    func admit(_ write: inout ProposedWrite) throws(APIStatus) {
        guard write.resource == .pods, write.isCreation else { return }
        let assignment = try assignment(for: write)
        try check(write, assignment)
        write.object.change("spec") { spec in
            if !assignment.className.isEmpty {
                spec.put("priorityClassName", .string(assignment.className))
            }
            spec.put("priority", .int(assignment.priority))
            spec.put("preemptionPolicy", .string(assignment.preemptionPolicy))
        }
    }

    func validate(_ write: ProposedWrite) throws(APIStatus) {
        guard write.resource == .priorityClasses, write.isCreation || write.isUpdate,
            write.object["globalDefault"]?.bool == true,
            let present = defaultClass().map({ ObjectMeta(of: $0).name }),
            write.isCreation || present != ObjectMeta(of: write.object).name
        else { return }
        throw write.refused(
            "PriorityClass \(present) is already marked as default. Only one default can exist")
    }

    private func assignment(for write: ProposedWrite) throws(APIStatus) -> Assignment {
        let name = write.spec.text("priorityClassName")
        if name.isEmpty { return defaultClass().map(Self.assignment) ?? .plain }
        if let found = classes.object(name) { return Self.assignment(found) }
        // These are there whether or not somebody has deleted their objects.
        if let priority = SystemPriorities.values[name] {
            var assignment = Assignment.plain
            assignment.className = name
            assignment.priority = priority
            return assignment
        }
        throw write.refused("no PriorityClass with name \(name) was found")
    }

    private static func assignment(_ priorityClass: JSONValue) -> Assignment {
        let policy = priorityClass.text("preemptionPolicy")
        return Assignment(
            className: ObjectMeta(of: priorityClass).name,
            priority: priorityClass["value"]?.int ?? 0,
            preemptionPolicy: policy.isEmpty ? Assignment.plain.preemptionPolicy : policy)
    }

    /// Of several, which two gateways may have let in at once, the one with the lowest value.
    private func defaultClass() -> JSONValue? {
        classes.objects().filter { $0["globalDefault"]?.bool == true }
            .min { $0["value"]?.int ?? 0 < $1["value"]?.int ?? 0 }
    }

    /// What the author wrote in these members must be what the class says.
    private func check(
        _ write: ProposedWrite, _ assignment: Assignment
    ) throws(APIStatus) {
        let computed = "priority admission controller computed"
        if let given = write.spec["priority"]?.int, given != assignment.priority {
            throw write.refused(
                "the integer value of priority (\(given)) must not be provided in pod spec; "
                    + "\(computed) \(assignment.priority) from the given PriorityClass name")
        }
        let policy = write.spec.text("preemptionPolicy")
        guard policy.isEmpty || policy == assignment.preemptionPolicy else {
            throw write.refused(
                "the string value of PreemptionPolicy (\(policy)) must not be provided in pod "
                    + "spec; \(computed) \(assignment.preemptionPolicy) from the given "
                    + "PriorityClass name")
        }
    }
}
