// JSON Patch (RFC 6902).

import JSON

/// A sequence of operations on a document, applied all or not at all.
public struct JSONPatch: Hashable, Sendable {
    public enum Operation: Hashable, Sendable {
        case add(JSONPointer, JSONValue)
        case remove(JSONPointer)
        case replace(JSONPointer, JSONValue)
        case move(from: JSONPointer, to: JSONPointer)
        case copy(from: JSONPointer, to: JSONPointer)
        case test(JSONPointer, JSONValue)

        var name: String {
            switch self {
            case .add: "add"
            case .remove: "remove"
            case .replace: "replace"
            case .move: "move"
            case .copy: "copy"
            case .test: "test"
            }
        }

        /// The place that is changed or tested.
        var path: JSONPointer {
            switch self {
            case .add(let path, _), .remove(let path), .replace(let path, _), .move(_, let path),
                .copy(_, let path), .test(let path, _):
                path
            }
        }
    }

    public let operations: [Operation]

    public init(_ operations: [Operation]) { self.operations = operations }

    /// Reads a patch document.
    /// - Throws: `badRequest` when it is no array of objects, `requestEntityTooLarge` when it has
    ///   too many operations, and the 422 of a patch that cannot be applied when an operation is
    ///   malformed.
    public init(_ document: JSONValue) throws(APIStatus) {
        guard let elements = document.array else {
            throw .badRequest("a JSON patch must be an array of operations")
        }
        guard elements.count <= Limits.jsonPatchOperationCountMax else {
            throw .requestEntityTooLarge(
                "The allowed maximum operations in a JSON patch is "
                    + "\(Limits.jsonPatchOperationCountMax), got \(elements.count)")
        }
        var operations: [Operation] = []
        operations.reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() {
            guard let members = element.object else {
                throw .badRequest("operation \(index) of the JSON patch is not an object")
            }
            do {
                operations.append(try Operation(members))
            } catch {
                throw .patchRejected(
                    "operation \(index): \(error.why)", field: members["path"]?.string ?? "")
            }
        }
        self.operations = operations
    }

    /// The document that `document` becomes.
    /// - Throws: the 422 of a patch that cannot be applied, with the operation's index, path and
    ///   reason as a cause; `requestEntityTooLarge` when `copy` would make the document grow beyond
    ///   reason.
    public func apply(to document: JSONValue) throws(APIStatus) -> JSONValue {
        var patched = PatchedDocument(document)
        for (index, operation) in operations.enumerated() {
            do {
                try patched.apply(operation)
            } catch {
                if error.isTooLarge { throw .requestEntityTooLarge(error.why) }
                throw .patchRejected(
                    "operation \(index) (\(operation.name)): \(error.why)",
                    field: operation.path.description)
            }
        }
        return patched.document
    }
}

/// Why one operation cannot be done.
struct PatchFailure: Error {
    let why: String
    var isTooLarge = false

    init(_ why: String, isTooLarge: Bool = false) {
        self.why = why
        self.isTooLarge = isTooLarge
    }
}

extension JSONPatch.Operation {
    fileprivate init(_ members: JSONObject) throws(PatchFailure) {
        guard let name = members["op"]?.string else { throw PatchFailure("the op is missing") }
        let path = try Self.pointer(members, "path")
        switch name {
        case "add": self = .add(path, try Self.value(members))
        case "remove": self = .remove(path)
        case "replace": self = .replace(path, try Self.value(members))
        case "move": self = .move(from: try Self.pointer(members, "from"), to: path)
        case "copy": self = .copy(from: try Self.pointer(members, "from"), to: path)
        case "test": self = .test(path, try Self.value(members))
        default: throw PatchFailure("there is no op \(name.quoted)")
        }
    }

    private static func pointer(
        _ members: JSONObject, _ name: String
    ) throws(PatchFailure) -> JSONPointer {
        guard let text = members[name]?.string else { throw PatchFailure("the \(name) is missing") }
        guard let pointer = JSONPointer(text) else {
            throw PatchFailure("the \(name) \(text.quoted) is not a JSON pointer")
        }
        return pointer
    }

    private static func value(_ members: JSONObject) throws(PatchFailure) -> JSONValue {
        guard let value = members["value"] else { throw PatchFailure("the value is missing") }
        return value
    }

    /// The operation as it stands in a patch document.
    public var json: JSONValue {
        var members: JSONObject = ["op": .string(name), "path": .string(path.description)]
        switch self {
        case .add(_, let value), .replace(_, let value), .test(_, let value):
            members["value"] = value
        case .move(let from, _), .copy(let from, _): members["from"] = .string(from.description)
        case .remove: break
        }
        return .object(members)
    }
}
