// PUT: the whole object anew.

import APIModel
import JSON
import Resources
import Schema
import Storage

struct Replacement {
    let environment: WriteEnvironment

    /// - Throws: as `ObjectUpdate.run`, and 400 when the object is not the one that the path names.
    func run(_ request: WriteRequest) async throws(APIStatus) -> WriteOutcome {
        let target = request.target
        let endpoint = target.endpoint
        let body = try BodyDecoder.decode(
            request.body, as: endpoint.definition.groupVersionKind, endpoint.schemas)
        var intake = ObjectIntake(endpoint, request.options.fieldValidation)
        var object = try intake.accept(body)
        try place(&object, target)
        let warnings = intake.warnings
        let accepted = object
        do {
            return try await ObjectUpdate(
                environment: environment, request: request, change: { _ in (accepted, warnings) }
            ).run()
        } catch {
            guard error.reason == .notFound, target.subresource == nil,
                endpoint.resource.strategy.createsOnUpdate
            else { throw error }
            try environment.requireCreation(request)
            return try await Creation(environment: environment).create(
                accepted, request, warnings: warnings)
        }
    }

    /// The name and namespace must be those of the path, or left out.
    private func place(_ object: inout JSONValue, _ target: WriteTarget) throws(APIStatus) {
        let name = object.metadataName ?? ""
        guard name == target.name else {
            throw name.isEmpty
                ? .badRequest("the name of the object must be set: it is empty in the body")
                : .badRequest(
                    "the name of the object (\(name)) does not match the name on the URL "
                        + "(\(target.name ?? ""))")
        }
        let namespace = object[path: "metadata", "namespace"]?.string ?? ""
        guard namespace.isEmpty || namespace == target.namespace ?? "" else {
            throw .badRequest(
                "the namespace of the object (\(namespace)) does not match the namespace on the "
                    + "request (\(target.namespace ?? ""))")
        }
        if let expected = target.namespace {
            object.setMetadata("namespace", .string(expected))
        }
    }
}
