// PUT of a namespace's `finalize`: the finalizers of its contents.

import APIModel
import JSON
import Resources
import Schema

struct Finalization {
    let environment: WriteEnvironment

    /// Replaces `spec.finalizers`, and nothing else.
    /// - Throws: as `ObjectUpdate.run`.
    func run(_ request: WriteRequest) async throws(APIStatus) -> WriteOutcome {
        let endpoint = request.target.endpoint
        let body = try BodyDecoder.decode(
            request.body, as: endpoint.definition.groupVersionKind, endpoint.schemas
        ).value
        let finalizers = body[path: "spec", "finalizers"] ?? .array([])
        let version = body[path: "metadata", "resourceVersion"]
        return try await update(request) { object in
            object.setSpec("finalizers", finalizers)
            object.setMetadata("resourceVersion", version)
        }
    }

    /// Takes one finalizer off; the namespace leaves when it was the last.
    func remove(_ finalizer: String, _ request: WriteRequest) async throws(APIStatus) {
        _ = try await update(request) { object in
            let present = object[path: "spec", "finalizers"]?.array ?? []
            let rest = present.filter { $0.string != finalizer }
            object.setSpec("finalizers", rest.isEmpty ? nil : .array(rest))
            object.setMetadata("resourceVersion", nil)
        }
    }

    private func update(
        _ request: WriteRequest, _ change: @escaping @Sendable (inout JSONValue) -> Void
    ) async throws(APIStatus) -> WriteOutcome {
        try await ObjectUpdate(
            environment: environment, request: request,
            change: { current throws(APIStatus) in
                var object = current.value
                change(&object)
                return (object, [])
            }
        ).run()
    }
}

extension JSONValue {
    fileprivate mutating func setSpec(_ name: String, _ value: JSONValue?) {
        var spec = self["spec"] ?? .object(JSONObject())
        spec[name] = value
        self["spec"] = spec
    }
}
