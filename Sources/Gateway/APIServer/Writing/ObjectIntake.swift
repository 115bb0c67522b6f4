// What happens to every object that a client sends, before a verb's own rules.

import APIModel
import JSON
import Resources
import Schema

/// Checks a decoded body against its kind's schema and fills it in. Collects warnings on the way.
struct ObjectIntake {
    private let kind: GroupVersionKind
    private let schema: ObjectSchema
    private let strategy: (any Strategy)?
    private let fieldValidation: WriteOptions.FieldValidation
    private(set) var warnings: [String] = []

    init(_ endpoint: ResourceEndpoint, _ fieldValidation: WriteOptions.FieldValidation) {
        self.init(
            endpoint.definition.groupVersionKind, endpoint.resource.schema, fieldValidation,
            strategy: endpoint.resource.strategy)
    }

    /// For objects of a kind that has no resource of its own.
    init(
        _ kind: GroupVersionKind, _ schema: ObjectSchema,
        _ fieldValidation: WriteOptions.FieldValidation, strategy: (any Strategy)? = nil
    ) {
        self.kind = kind
        self.schema = schema
        self.strategy = strategy
        self.fieldValidation = fieldValidation
    }

    /// The body as an object of the endpoint's kind: types checked, unknown members removed,
    /// defaults filled in.
    /// - Throws: 400 for another kind, a wrong type, or with `Strict` an unknown or repeated
    ///   member.
    mutating func accept(_ body: DecodedBody) throws(APIStatus) -> JSONValue {
        var object = try identified(body.value)
        if object[path: "metadata", "managedFields"] == [] {
            // An empty list is not kept apart from none; this means the same.
            object.setMetadata("managedFields", [[:]])
        }
        try decode(&object)
        let unknown = schema.prune(&object)
        try report(
            unknown.map { "unknown field \"\($0)\"" }
                + body.duplicates.map { "duplicate field \"\($0)\"" })
        complete(&object)
        return object
    }

    /// A configuration that is applied, as an object of the endpoint's kind: types checked, and
    /// nothing filled in.
    /// - Throws: 400 for another kind, a wrong type, an unknown member, and with `Strict` a
    ///   repeated member.
    mutating func acceptConfiguration(_ body: DecodedBody) throws(APIStatus) -> JSONValue {
        var object = try identified(body.value)
        try decode(&object)
        if let unknown = schema.prune(&object).first {
            throw cannotBeHandled(".\(unknown): field not declared in schema")
        }
        try report(body.duplicates.map { "duplicate field \"\($0)\"" })
        return object
    }

    private func decode(_ object: inout JSONValue) throws(APIStatus) {
        do {
            try schema.decode(&object)
        } catch {
            throw cannotBeHandled(error.description)
        }
    }

    /// Fills in what has a default and is not there.
    func complete(_ object: inout JSONValue) {
        schema.applyDefaults(&object)
        strategy?.applyDefaults(to: &object)
    }

    /// With kind and apiVersion, which clients may leave out, and metadata.
    private func identified(_ value: JSONValue) throws(APIStatus) -> JSONValue {
        guard case .object(var members) = value else {
            throw .badRequest(
                "the object provided is unrecognized (must be of type \(kind.kind)): "
                    + "found \(value.typeName) where an object was expected")
        }
        let stated = try text("kind", of: members) ?? kind.kind
        let apiVersion =
            try text("apiVersion", of: members) ?? kind.groupVersion.description
        guard apiVersion == kind.groupVersion.description else {
            throw .badRequest(
                "the API version in the data (\(apiVersion)) does not match the expected API "
                    + "version (\(kind.groupVersion))")
        }
        guard stated == kind.kind else {
            throw .badRequest(
                "\(stated) in version \"\(apiVersion)\" cannot be handled as a \(kind.kind): "
                    + "the kinds differ")
        }
        members["kind"] = .string(stated)
        members["apiVersion"] = .string(apiVersion)
        if members["metadata"] == nil || members["metadata"] == .null {
            members["metadata"] = .object(JSONObject())
        }
        return .object(members)
    }

    private func text(_ name: String, of members: JSONObject) throws(APIStatus) -> String? {
        guard let value = members[name], value != .null else { return nil }
        guard let text = value.string else {
            throw .badRequest(
                "\(name): expected a string, found \(value.typeName)")
        }
        return text.isEmpty ? nil : text
    }

    private mutating func report(_ findings: [String]) throws(APIStatus) {
        switch fieldValidation {
        case .ignore: break
        case .warn: warnings += findings
        case .strict:
            guard !findings.isEmpty else { return }
            throw cannotBeHandled("strict decoding error: " + findings.joined(separator: ", "))
        }
    }

    private func cannotBeHandled(_ reason: String) -> APIStatus {
        return .badRequest(
            "\(kind.kind) in version \"\(kind.version)\" cannot be "
                + "handled as a \(kind.kind): \(reason)")
    }
}
