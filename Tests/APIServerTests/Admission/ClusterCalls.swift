// Short ways to make what tests of admission and of owners need.

import JSON

extension TestGateway {
    /// Creates an object.
    /// - Parameter path: such as `/api/v1/namespaces/default/pods`.
    @discardableResult
    func make(
        _ path: String, _ name: String, _ members: JSONObject = [:], metadata: JSONObject = [:]
    ) async throws -> TestAnswer {
        var metadata = metadata
        metadata["name"] = .string(name)
        var object = members
        object["metadata"] = .object(metadata)
        return try await ask("POST", path, .object(object))
    }

    /// Creates a pod of one container in the namespace `default`.
    /// - Parameters:
    ///   - resources: the container's.
    ///   - spec: further members of the spec.
    @discardableResult
    func pod(
        _ name: String, resources: JSONValue = [:], spec: JSONObject = [:],
        metadata: JSONObject = [:]
    ) async throws -> TestAnswer {
        var spec = spec
        spec["containers"] = [["name": "c", "image": "nginx:1", "resources": resources]]
        return try await make(Self.pods, name, ["spec": .object(spec)], metadata: metadata)
    }

    static let pods = "/api/v1/namespaces/default/pods"
    static let claims = "/api/v1/namespaces/default/persistentvolumeclaims"
    static let replicaSets = "/apis/apps/v1/namespaces/default/replicasets"

    /// Creates a claim in the namespace `default`.
    @discardableResult
    func claim(
        _ name: String, storage: String = "1Gi", spec: JSONObject = [:],
        metadata: JSONObject = [:]
    ) async throws -> TestAnswer {
        var spec = spec
        spec["accessModes"] = ["ReadWriteOnce"]
        spec["resources"] = ["requests": ["storage": .string(storage)]]
        return try await make(Self.claims, name, ["spec": .object(spec)], metadata: metadata)
    }
}

extension TestAnswer {
    var spec: JSONValue { json["spec"] ?? .null }
}
