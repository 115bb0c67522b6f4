// PATCH: a change to whatever the object is now.

import APIModel
import Buffers
import JSON
import Resources
import Schema
import Storage

struct Patching {
    let environment: WriteEnvironment

    /// - Throws: as `ObjectUpdate.run`; 415 for a patch type that is not known, 400 for a patch
    ///   that cannot be read, 422 for one that does not fit the object.
    func run(_ request: WriteRequest) async throws(APIStatus) -> WriteOutcome {
        let endpoint = request.target.endpoint
        let patch = try Patch(request.body, endpoint.resource)
        let fieldValidation = request.options.fieldValidation
        return try await ObjectUpdate(
            environment: environment, request: request,
            change: { current throws(APIStatus) in
                let patched = try patch.apply(to: current.value)
                try Self.checkIdentity(patched, current.value)
                var intake = ObjectIntake(endpoint, fieldValidation)
                let object = try intake.accept(DecodedBody(value: patched))
                return (object, intake.warnings)
            }
        ).run()
    }

    /// A patch cannot move an object.
    private static func checkIdentity(
        _ patched: JSONValue, _ current: JSONValue
    ) throws(APIStatus) {
        for member in ["name", "namespace"] {
            let before = current[path: "metadata", member]?.string
            let after = patched[path: "metadata", member]?.string
            guard before == after else {
                throw .badRequest(
                    "metadata.\(member) may not be changed by a patch: it is "
                        + "\(before ?? "not set"), the patch makes it \(after ?? "not set")")
            }
        }
    }
}

/// A patch of one of the three types (RFC 6902, RFC 7386, and Kubernetes' strategic merge patch).
struct Patch: Sendable {
    private enum Content {
        case operations(JSONPatch)
        case merge(JSONValue)
        case strategic(JSONValue)
    }

    private let content: Content
    private let schema: ObjectSchema

    init(_ body: RequestBody, _ resource: Resource) throws(APIStatus) {
        schema = resource.schema
        let type = try Self.type(of: body)
        if resource.isCustom, type == Self.types[2] {
            throw .unsupportedMediaType(accepted: Array(Self.types.prefix(2)))
        }
        let value: JSONValue
        do {
            value = try JSONValue(parsing: body.bytes)
        } catch {
            throw .badRequest("the patch is no JSON document: \(error)")
        }
        if type == Self.types[0] {
            content = .operations(try JSONPatch(value))
            return
        }
        guard value.object != nil else {
            throw .badRequest("the patch must be an object, and is \(value.typeName)")
        }
        content = type == Self.types[1] ? .merge(value) : .strategic(value)
    }

    func apply(to object: JSONValue) throws(APIStatus) -> JSONValue {
        switch content {
        case .operations(let patch): try patch.apply(to: object)
        case .merge(let patch): MergePatch.apply(patch, to: object)
        case .strategic(let patch):
            try StrategicMergePatch.apply(patch, to: object, schema: schema)
        }
    }

    /// - Throws: 415 for a patch type that is not known.
    @discardableResult
    static func type(of body: RequestBody) throws(APIStatus) -> String {
        let type = body.contentType.map { MediaTypeName($0).lowercased } ?? ""
        guard types.contains(type) else { throw .unsupportedMediaType(accepted: types) }
        return type
    }

    static let types = [
        "application/json-patch+json", "application/merge-patch+json",
        "application/strategic-merge-patch+json",
    ]
}
