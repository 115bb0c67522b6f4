// POST of a pod's `eviction`: a deletion that a PodDisruptionBudget may be against.

import APIModel
import Access
import Admission
import Buffers
import JSON
import Resources
import Schema
import Storage
import WatchCache

struct Eviction {
    let environment: WriteEnvironment

    /// Takes one from the pod's budget, if it has one, and deletes the pod.
    /// - Throws: 404 when there is no such pod, 429 when its budget does not allow it now, 500 when
    ///   it has more than one.
    func run(_ request: WriteRequest) async throws(APIStatus) -> WriteOutcome {
        let target = request.target
        var body = try BodyDecoder.decode(request.body, as: .eviction, target.endpoint.schemas)
            .value
        try check(body, target)
        try await admit(&body, request)
        let options = try DeleteOptions(
            query: try QueryItems(parsing: .empty), body: body["deleteOptions"])
        let place = WriteTarget(
            endpoint: target.endpoint, namespace: target.namespace, name: target.name,
            subresource: nil)
        let pod = try present(place)
        let isDryRun = options.isDryRun || request.options.isDryRun
        if !Self.isFree(pod.value), let budget = try budget(of: pod.value, place) {
            try await Disruption(
                environment: environment, budget: budget, pod: pod.value,
                now: request.context.now
            ).take(isDryRun: isDryRun)
        }
        _ = try await Removal(environment: environment, isAdmitted: false).run(
            request.retargeted(to: place), options)
        return WriteOutcome(httpStatus: 201, content: .status(.success(code: 201)))
    }

    private func admit(_ body: inout JSONValue, _ request: WriteRequest) async throws(APIStatus) {
        let write = AdmittedWrite(environment: environment, request: request, operation: .create)
        _ = try await write.mutate(&body)
        try await write.judge(body)
    }

    private func check(_ body: JSONValue, _ target: WriteTarget) throws(APIStatus) {
        let name = body.metadataName ?? target.name ?? ""
        guard name == target.name else {
            throw .badRequest("name in URL does not match name in Eviction object")
        }
    }

    private func present(_ place: WriteTarget) throws(APIStatus) -> CurrentObject {
        let key = Key(
            place.endpoint.key(
                namespace: place.namespace.map { Bytes($0) }, name: Bytes(place.name ?? "")))
        guard let pod = try environment.current(key, place.endpoint) else {
            throw .notFound(place.resource, place.name ?? "")
        }
        return pod
    }

    /// A pod that does not run yet, or is over or ending, is missed by nobody.
    private static func isFree(_ pod: JSONValue) -> Bool {
        let phase = pod[path: "status", "phase"]?.string ?? ""
        return ["Pending", "Succeeded", "Failed"].contains(phase)
            || ObjectMeta(of: pod).isBeingDeleted
    }

    private func budget(
        of pod: JSONValue, _ place: WriteTarget
    ) throws(APIStatus) -> CurrentObject? {
        guard let budgets = environment.budgets else { return nil }
        let labels = ObjectMeta(of: pod).labels
        var found: [CurrentObject] = []
        var failure: APIStatus?
        let filter = budgets.cache.filter(Selection(namespace: place.namespace))
        budgets.cache.snapshot().forEach(matching: filter) { object in
            do throws(APIStatus) {
                let budget = try StoredForm(endpoint: budgets).decode(object)
                let selector = try? LabelSelector(object: budget.value[path: "spec", "selector"])
                if selector?.matches(labels) == true { found.append(budget) }
            } catch { failure = error }
            return true
        }
        if let failure { throw failure }
        guard found.count <= 1 else {
            throw .internalError(
                "This pod has more than one PodDisruptionBudget, which the eviction subresource "
                    + "does not support.")
        }
        return found.first
    }
}

/// One pod less, of those that a budget counts.
private struct Disruption {
    let environment: WriteEnvironment
    let budget: CurrentObject
    let pod: JSONValue
    let now: Timestamp

    /// - Throws: 429 when the budget does not allow it.
    func take(isDryRun: Bool) async throws(APIStatus) {
        guard let endpoint = environment.budgets else { return }
        var current: CurrentObject? = budget
        for _ in 0..<Limits.retryCountMax {
            guard let present = current else { return }
            guard let changed = try reduced(present.value), !isDryRun else { return }
            let result = try await environment.commit(
                Transaction(
                    comparisons: [.unchanged(present.key, since: present.revision)],
                    operations: [
                        .put(
                            present.key,
                            StoredForm(endpoint: endpoint).encode(present.becoming(changed)))
                    ]))
            guard case .conflict = result else { return }
            current = try await environment.current(result, endpoint)
        }
        throw .tooManyConflicts(endpoint.qualifiedResource)
    }

    /// The budget with one disruption less; `nil` when this pod does not count.
    private func reduced(_ budget: JSONValue) throws(APIStatus) -> JSONValue? {
        let status = budget["status"] ?? [:]
        let healthy = status["currentHealthy"]?.int ?? 0
        let desired = status["desiredHealthy"]?.int ?? 0
        if !isReady {
            // A pod that is not ready is not among the healthy ones.
            let policy = budget[path: "spec", "unhealthyPodEvictionPolicy"]?.string
            if policy == "AlwaysAllow" || healthy >= desired && desired > 0 { return nil }
        }
        let name = budget.metadataName ?? ""
        let generation = budget[path: "metadata", "generation"]?.int ?? 0
        guard status["observedGeneration"]?.int ?? 0 >= generation else {
            throw .disruptionRefused(
                "The disruption budget \(name) is still being processed by the server.",
                retryAfterSeconds: 10)
        }
        let allowed = status["disruptionsAllowed"]?.int ?? 0
        guard allowed > 0 else {
            throw .disruptionRefused(
                "The disruption budget \(name) needs \(desired) healthy pods and has \(healthy) "
                    + "currently")
        }
        var changed = status
        changed["disruptionsAllowed"] = .number(JSONNumber(allowed - 1))
        var disrupted = status["disruptedPods"]?.object ?? JSONObject()
        disrupted[pod.metadataName ?? ""] = .string(now.description)
        changed["disruptedPods"] = .object(disrupted)
        var object = budget
        object["status"] = changed
        return object
    }

    private var isReady: Bool {
        (pod[path: "status", "conditions"]?.array ?? []).contains {
            $0["type"]?.string == "Ready" && $0["status"]?.string == "True"
        }
    }
}

extension APIStatus {
    /// 429 with the budget as its cause, which clients wait for.
    fileprivate static func disruptionRefused(
        _ cause: String, retryAfterSeconds: Int = 0
    ) -> APIStatus {
        var status = APIStatus.tooManyRequests(
            "Cannot evict pod as it would violate the pod's disruption budget.",
            retryAfterSeconds: retryAfterSeconds)
        status.details?.causes = [
            Cause(reason: "DisruptionBudget", message: cause, field: "")
        ]
        return status
    }
}
