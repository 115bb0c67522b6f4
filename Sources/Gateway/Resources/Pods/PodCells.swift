// How tables show a pod: one word for what its phase, its containers and a deletion say together.

import APIModel
import JSON

/// What the states of a pod's containers add up to.
struct PodCells {
    private(set) var reason: String
    private(set) var readyCount = 0
    let containerCount: Int
    private var restartCount: Int64 = 0
    private var lastRestart: Timestamp?

    init(_ pod: JSONValue) {
        let spec = pod["spec"] ?? .null
        let status = pod["status"] ?? .null
        let sidecars = Set(
            spec.list("initContainers").filter { $0.text("restartPolicy") == "Always" }
                .map { $0.text("name") })
        containerCount = spec.list("containers").count + sidecars.count
        reason = status.isFilled("reason") ? status.text("reason") : status.text("phase")
        let conditions = status.list("conditions")
        let isGated = conditions.contains {
            $0.text("type") == "PodScheduled" && $0.text("reason") == "SchedulingGated"
        }
        if isGated { reason = "SchedulingGated" }

        let initial = InitialContainers(status.list("initContainerStatuses"), spec, sidecars)
        readyCount = initial.readyCount
        let isInitialized = Self.isTrue("Initialized", conditions)
        if let progress = initial.progress { reason = progress }
        let kept =
            initial.progress == nil || isInitialized ? initial.sidecarRestarts : initial.restarts
        restartCount = kept.count
        lastRestart = kept.last
        if initial.progress == nil || isInitialized {
            addContainers(
                status.list("containerStatuses"), isReady: Self.isTrue("Ready", conditions))
        }
        markDeletion(pod, status)
    }

    private static func isTrue(_ type: String, _ conditions: [JSONValue]) -> Bool {
        conditions.contains { $0.text("type") == type && $0.text("status") == "True" }
    }

    private mutating func addContainers(_ statuses: [JSONValue], isReady: Bool) {
        var isAnyRunning = false
        var restarts = Restarts(count: restartCount, last: lastRestart)
        // The first container has the last word.
        for container in statuses.reversed() {
            restarts.add(container)
            let state = container["state"] ?? .null
            if let waiting = state["waiting"], waiting.isFilled("reason") {
                reason = waiting.text("reason")
            } else if let terminated = state["terminated"], !terminated.isNull {
                reason = Self.end(terminated)
            } else if container["ready"]?.bool == true, state.has("running") {
                isAnyRunning = true
                readyCount += 1
            }
        }
        restartCount = restarts.count
        lastRestart = restarts.last
        if reason == "Completed", isAnyRunning { reason = isReady ? "Running" : "NotReady" }
    }

    private mutating func markDeletion(_ pod: JSONValue, _ status: JSONValue) {
        guard ObjectMeta(of: pod).isBeingDeleted else { return }
        let phase = status.text("phase")
        if status.text("reason") == "NodeLost" {
            reason = "Unknown"
        } else if phase != "Succeeded", phase != "Failed" {
            reason = "Terminating"
        }
    }

    /// How a container ended.
    fileprivate static func end(_ terminated: JSONValue) -> String {
        if terminated.isFilled("reason") { return terminated.text("reason") }
        if let signal = terminated["signal"]?.int, signal != 0 { return "Signal:\(signal)" }
        return "ExitCode:\(terminated["exitCode"]?.int ?? 0)"
    }

    func restarts(now: Timestamp) -> String {
        guard restartCount != 0, let lastRestart else { return "\(restartCount)" }
        return "\(restartCount) (\(HumanDuration.format(now.seconds - lastRestart.seconds)) ago)"
    }

    static func readinessGates(_ pod: JSONValue) -> JSONValue {
        let gates = pod["spec"]?.list("readinessGates") ?? []
        guard !gates.isEmpty else { return CommonCells.none }
        let conditions = pod["status"]?.list("conditions") ?? []
        let met = gates.count { Self.isTrue($0.text("conditionType"), conditions) }
        return .string("\(met)/\(gates.count)")
    }
}

/// How often containers were started again, and when one last ended.
private struct Restarts {
    var count: Int64 = 0
    var last: Timestamp?

    mutating func add(_ container: JSONValue) {
        count += container["restartCount"]?.int ?? 0
        let ended = container[path: "lastState", "terminated", "finishedAt"]?.string
        guard let moment = ended.flatMap({ Timestamp($0) }) else { return }
        last = last.map { max($0, moment) } ?? moment
    }
}

/// How far the containers are that run before the others.
private struct InitialContainers {
    /// What keeps the others from starting; nil when nothing does.
    var progress: String?
    var restarts = Restarts()
    var sidecarRestarts = Restarts()
    var readyCount = 0

    init(_ statuses: [JSONValue], _ spec: JSONValue, _ sidecars: Set<String>) {
        let total = spec.list("initContainers").count
        for (index, container) in statuses.enumerated() {
            let isSidecar = sidecars.contains(container.text("name"))
            restarts.add(container)
            if isSidecar { sidecarRestarts.add(container) }
            let state = container["state"] ?? .null
            if let terminated = state["terminated"], !terminated.isNull {
                if terminated["exitCode"]?.int ?? 0 == 0 { continue }
                progress = "Init:" + PodCells.end(terminated)
            } else if isSidecar, container["started"]?.bool == true {
                if container["ready"]?.bool == true { readyCount += 1 }
                continue
            } else if let reason = state["waiting"]?.text("reason"), !reason.isEmpty,
                reason != "PodInitializing"
            {
                progress = "Init:\(reason)"
            } else {
                progress = "Init:\(index)/\(total)"
            }
            return
        }
    }
}
