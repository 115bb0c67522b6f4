// POST of a pod's `binding`: the scheduler's decision.

import APIModel
import Admission
import Buffers
import JSON
import Resources

struct Binding {
    let environment: WriteEnvironment

    /// Sets the pod's node, once.
    /// - Throws: 409 when the pod has a node, is held by scheduling gates, is being deleted, or is
    ///   not the one of the binding's uid and resourceVersion; 404 when there is no such pod.
    func run(_ request: WriteRequest) async throws(APIStatus) -> WriteOutcome {
        var body = try BodyDecoder.decode(
            request.body, as: .binding, request.target.endpoint.schemas
        ).value
        try check(body, request)
        let write = AdmittedWrite(environment: environment, request: request, operation: .create)
        if try await write.mutate(&body) { try check(body, request) }
        try await write.judge(body)
        let node = body[path: "target", "name"]?.string ?? ""
        let metadata = ObjectMeta(of: body)
        let name = request.target.name ?? ""
        let now = request.context.now
        let pods = request.retargeted(
            to: WriteTarget(
                endpoint: request.target.endpoint, namespace: request.target.namespace,
                name: name, subresource: "binding"))
        _ = try await ObjectUpdate(
            environment: environment, request: pods, ownership: .kept, view: .nothing,
            change: { current throws(APIStatus) in
                var pod = current.value
                try Self.checkUnbound(pod, name)
                pod.bind(to: node, annotations: metadata.annotations, now: now)
                pod.setMetadata("resourceVersion", metadata.members["resourceVersion"])
                if !metadata.uid.isEmpty { pod.setMetadata("uid", .string(metadata.uid)) }
                return (pod, [])
            }
        ).run()
        return WriteOutcome(httpStatus: 201, content: .status(.success(code: 201)))
    }

    private func check(_ body: JSONValue, _ request: WriteRequest) throws(APIStatus) {
        guard body.object != nil else {
            throw .badRequest("the body of a binding must be an object, and is \(body.typeName)")
        }
        let named = body.metadataName ?? request.target.name ?? ""
        guard named == request.target.name else {
            throw .badRequest(
                "the name of the binding (\(named)) does not match the name on the URL "
                    + "(\(request.target.name ?? ""))")
        }
        var errors: [FieldError] = []
        let target = FieldPath("target")
        let kind = body[path: "target", "kind"]?.string ?? ""
        if !kind.isEmpty, kind != "Node" {
            errors.append(
                .notSupported(target.child("kind"), .string(kind), supported: ["Node", "<empty>"]))
        }
        if (body[path: "target", "name"]?.string ?? "").isEmpty {
            errors.append(.required(target.child("name")))
        }
        guard errors.isEmpty else {
            throw .invalid(GroupKind(group: "", kind: "Binding"), named, errors)
        }
    }

    private static func checkUnbound(_ pod: JSONValue, _ name: String) throws(APIStatus) {
        let resource = GroupResource(group: "", resource: "pods/binding")
        guard pod[path: "metadata", "deletionTimestamp"] == nil else {
            throw .conflict(
                resource, name,
                problem: "pod \(name) is being deleted, cannot be assigned to a host")
        }
        let present = pod[path: "spec", "nodeName"]?.string ?? ""
        guard present.isEmpty else {
            throw .conflict(
                resource, name,
                problem: "pod \(name) is already assigned to node \"\(present)\"")
        }
        guard (pod[path: "spec", "schedulingGates"]?.array ?? []).isEmpty else {
            throw .conflict(
                resource, name, problem: "pod \(name) has non-empty .spec.schedulingGates")
        }
    }
}

extension JSONValue {
    /// Assigns a pod to a node, and says so in its conditions.
    fileprivate mutating func bind(
        to node: String, annotations: [(key: String, value: String)], now: Timestamp
    ) {
        var spec = self["spec"] ?? .object(JSONObject())
        spec["nodeName"] = .string(node)
        self["spec"] = spec
        if !annotations.isEmpty {
            var present = self[path: "metadata", "annotations"]?.object ?? JSONObject()
            for (name, value) in annotations { present[name] = .string(value) }
            setMetadata("annotations", .object(present))
        }
        var status = self["status"] ?? .object(JSONObject())
        var conditions = status["conditions"]?.array ?? []
        conditions.removeAll { $0["type"]?.string == "PodScheduled" }
        conditions.append([
            "type": "PodScheduled", "status": "True",
            "lastTransitionTime": .string(now.description),
        ])
        status["conditions"] = .array(conditions)
        self["status"] = status
    }
}
