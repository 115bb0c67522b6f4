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
                let patched = try patch.apply(
                    to: patch.seesManagedFields ? current.whole : current.value)
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
    /// Whether it may read or change metadata.managedFields, which are not looked at otherwise.
    let seesManagedFields: Bool

    init(_ body: RequestBody, _ resource: Resource) throws(APIStatus) {
        schema = resource.schema
        let type = try Self.type(of: body)
        let accepted = Self.types(for: resource)
        guard accepted.contains(type) else { throw .unsupportedMediaType(accepted: accepted) }
        let parsed: ParsedJSON
        do {
            parsed = try JSONValue.parse(body.bytes)
        } catch {
            throw .badRequest("the patch is no JSON document: \(error)")
        }
        let value = parsed.value
        seesManagedFields = Self.seesManagedFields(value)
        if type == Self.operationsType {
            // RFC 6902, appendix A.13: such an operation says two things at once.
            if let member = parsed.duplicates.first(where: Self.isOfOperation) {
                throw .badRequest("the JSON patch has two members \(member.quoted)")
            }
            content = .operations(try JSONPatch(value))
            return
        }
        guard value.object != nil else {
            throw .badRequest("the patch must be an object, and is \(value.typeName)")
        }
        content = type == Self.mergeType ? .merge(value) : .strategic(value)
    }

    func apply(to object: JSONValue) throws(APIStatus) -> JSONValue {
        switch content {
        case .operations(let patch): try patch.apply(to: object)
        case .merge(let patch): MergePatch.apply(patch, to: object)
        case .strategic(let patch):
            try StrategicMergePatch.apply(patch, to: object, schema: schema)
        }
    }

    /// Whether the path of a member, such as `[0].op`, is that of an operation's own.
    private static func isOfOperation(_ path: String) -> Bool {
        ["op", "path", "from", "value"].contains { path.hasSuffix("]." + $0) }
            && path.utf8.count { $0 == UInt8(ascii: ".") } == 1
    }

    private static func seesManagedFields(_ patch: JSONValue) -> Bool {
        guard let operations = patch.array else {
            return patch[path: "metadata", "managedFields"] != nil
        }
        return operations.contains { operation in
            [operation["path"]?.string, operation["from"]?.string].contains { pointer in
                guard let pointer else { return false }
                return pointer.isEmpty || pointer == "/metadata"
                    || pointer.hasPrefix("/metadata/managedFields")
            }
        }
    }

    /// - Throws: 415 for a patch type that is not known.
    private static func type(of body: RequestBody) throws(APIStatus) -> String {
        let type = body.contentType.map { MediaTypeName($0).lowercased } ?? ""
        guard types.contains(type) else { throw .unsupportedMediaType(accepted: types) }
        return type
    }

    /// Whether the patch is a configuration to apply.
    /// - Throws: 415 for a patch type that is not known.
    static func isApply(_ body: RequestBody) throws(APIStatus) -> Bool {
        try type(of: body) == applyType
    }

    private static let operationsType = "application/json-patch+json"
    private static let mergeType = "application/merge-patch+json"
    private static let strategicType = "application/strategic-merge-patch+json"
    private static let applyType = "application/apply-patch+yaml"

    private static let types = [operationsType, mergeType, strategicType, applyType]

    /// The types that objects of a kind are patched with. Definitions of custom resources do not
    /// say how their lists are merged strategically; clients look for that in OpenAPI documents.
    static func types(for resource: Resource) -> [String] {
        resource.isCustom ? types.filter { $0 != strategicType } : types
    }
}
