// The `scale` subresource: the same few fields of every kind that runs replicas.

import APIModel
import Buffers
import JSON
import Resources
import Schema
import Storage

/// Reads an object as a `Scale`, and writes a `Scale` into an object.
struct ScaleView {
    let endpoint: ResourceEndpoint
    let paths: ResourceDefinition.ScalePaths

    /// - Returns: `nil` when the kind has no scale.
    init?(_ endpoint: ResourceEndpoint) {
        guard let paths = endpoint.definition.scale else { return nil }
        self.endpoint = endpoint
        self.paths = paths
    }

    /// The object's `Scale`. Zero replicas are left out of `spec`, as Kubernetes leaves them out.
    /// - Throws: 500 when an object of a custom resource does not say how many there should be: it
    ///   is not known whether it is scaled at all.
    func scale(of object: JSONValue) throws(APIStatus) -> JSONValue {
        if endpoint.resource.isCustom, paths.specReplicas.value(in: object) == nil {
            throw .internalError("the spec replicas field \"\(paths.specReplicas)\" does not exist")
        }
        var metadata = JSONObject()
        for name in ["name", "namespace", "uid", "resourceVersion", "creationTimestamp"] {
            metadata[name] = object[path: "metadata", name]
        }
        var spec = JSONObject()
        if let replicas = paths.specReplicas.value(in: object)?.int, replicas != 0 {
            spec["replicas"] = .number(JSONNumber(replicas))
        }
        let running = paths.statusReplicas.value(in: object)?.int ?? 0
        var status: JSONObject = ["replicas": .number(JSONNumber(running))]
        if let selector = paths.selector?.value(in: object).flatMap(Self.selectorText) {
            status["selector"] = .string(selector)
        }
        return [
            "kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": .object(metadata),
            "spec": .object(spec), "status": .object(status),
        ]
    }

    /// `object` with the replicas that `scale` asks for.
    func apply(_ scale: JSONValue, to object: JSONValue) -> JSONValue {
        var object = object
        _ = paths.specReplicas.set(
            .number(JSONNumber(scale[path: "spec", "replicas"]?.int ?? 0)), in: &object)
        object.setMetadata("resourceVersion", scale[path: "metadata", "resourceVersion"])
        return object
    }

    /// The part of an object that applying `scale` speaks of.
    func configuration(of scale: JSONValue) -> JSONValue {
        var object: JSONValue = [
            "apiVersion": .string(endpoint.definition.groupVersion.description),
            "kind": .string(endpoint.definition.kind),
        ]
        object["metadata"] = scale["metadata"] ?? [:]
        if let replicas = scale[path: "spec", "replicas"], replicas != .null {
            _ = paths.specReplicas.set(replicas, in: &object)
        }
        return object
    }

    /// A selector as the string that clients put into a query: both of a map and of a
    /// LabelSelector.
    private static func selectorText(_ selector: JSONValue) -> String? {
        guard let object = selector.object else { return selector.string }
        if object["matchLabels"] != nil || object["matchExpressions"] != nil || object.isEmpty {
            return try? LabelSelector(object: selector).description
        }
        return object.map { "\($0.key)=\($0.value.string ?? "")" }.sorted().joined(separator: ",")
    }
}

extension ScaleView {
    /// The answer to a write of the object, as an answer about its scale.
    func scaled(_ outcome: WriteOutcome) throws(APIStatus) -> WriteOutcome {
        guard case .object(let bytes, _) = outcome.content,
            let object = try? JSONValue(parsing: bytes)
        else { return outcome }
        return WriteOutcome(
            httpStatus: 200, content: .document(try scale(of: object).bytes),
            warnings: outcome.warnings)
    }
}

/// PUT and PATCH of a `Scale`.
struct Scaling {
    let environment: WriteEnvironment

    /// - Throws: as `ObjectUpdate.run`; 400 when the body is no Scale of the object that the path
    ///   names.
    func run(_ request: WriteRequest, isPatch: Bool) async throws(APIStatus) -> WriteOutcome {
        guard let view = ScaleView(request.target.endpoint) else {
            throw .genericNotFound
        }
        let patch = isPatch ? try Patch(request.body, view.endpoint.resource) : nil
        let replacement = isPatch ? nil : try decode(request)
        let outcome = try await ObjectUpdate(
            environment: environment, request: request, view: .scale(view),
            change: { current throws(APIStatus) in
                let present = try view.scale(of: current.value)
                var wanted = replacement ?? present
                if let patch { wanted = try patch.apply(to: present) }
                try Self.check(wanted, request.target)
                return (view.apply(wanted, to: current.value), [])
            }
        ).run()
        return try view.scaled(outcome)
    }

    /// Applies a `Scale`.
    /// - Throws: as `Applying.run`, and 404 for an object that is not there.
    func apply(_ request: WriteRequest) async throws(APIStatus) -> WriteOutcome {
        let endpoint = request.target.endpoint
        guard let view = ScaleView(endpoint) else { throw .genericNotFound }
        let body = try BodyDecoder.decodeConfiguration(request.body, as: .scale)
        try AppliedConfiguration.checkKind(body.value, .scale)
        try Self.check(body.value, request.target)
        var intake = ObjectIntake(endpoint, request.options.fieldValidation)
        let configuration = try intake.acceptConfiguration(
            DecodedBody(value: view.configuration(of: body.value), duplicates: body.duplicates))
        let applied = try AppliedConfiguration(configuration, request, intake)
        let outcome = try await Applying(environment: environment).update(
            request, applied, view: .scale(view))
        return try view.scaled(outcome)
    }

    private func decode(_ request: WriteRequest) throws(APIStatus) -> JSONValue {
        let scale = try BodyDecoder.decode(
            request.body, as: .scale, request.target.endpoint.schemas
        ).value
        guard scale.object != nil, scale["kind"]?.string ?? "Scale" == "Scale" else {
            throw .badRequest("the body must be a Scale of autoscaling/v1")
        }
        return scale
    }

    private static func check(_ scale: JSONValue, _ target: WriteTarget) throws(APIStatus) {
        if let name = scale.metadataName, name != target.name {
            throw .badRequest(
                "the name of the object (\(name)) does not match the name on the URL "
                    + "(\(target.name ?? ""))")
        }
        let field = FieldPath("spec").child("replicas")
        guard let replicas = scale[path: "spec", "replicas"], replicas != .null else { return }
        guard let count = replicas.int else {
            throw .invalid(
                GroupKind(group: "autoscaling", kind: "Scale"), target.name ?? "",
                [.typeInvalid(field, replicas, "must be an integer")])
        }
        guard count >= 0 else {
            throw .invalid(
                GroupKind(group: "autoscaling", kind: "Scale"), target.name ?? "",
                [.invalid(field, replicas, "must be greater than or equal to 0")])
        }
    }
}
