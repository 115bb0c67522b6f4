// How a create, an update or a patch is to be done.

import JSON

/// The query of a request that writes an object.
public struct WriteOptions: Hashable, Sendable {
    /// How an object is written.
    public enum Verb: Hashable, Sendable {
        case create, update, patch, apply

        var optionsKind: String {
            switch self {
            case .create: "CreateOptions"
            case .update: "UpdateOptions"
            case .patch, .apply: "PatchOptions"
            }
        }
    }

    /// What is done about unknown and duplicate members.
    public enum FieldValidation: String, Hashable, Sendable {
        case ignore = "Ignore"
        case warn = "Warn"
        case strict = "Strict"
    }

    /// Whether everything but the commit is done.
    public var isDryRun = false
    /// Who owns what is written; empty when the client did not say.
    public var fieldManager = ""
    /// Warnings, when the client did not say.
    public var fieldValidation = FieldValidation.warn
    /// Whether an apply takes fields from other managers.
    public var force = false

    public init() {}

    /// Reads and checks a query.
    /// - Throws: `invalid` of the verb's options.
    public init(_ query: QueryItems, for verb: Verb) throws(APIStatus) {
        isDryRun = !query.values("dryRun").isEmpty
        fieldManager = query["fieldManager"] ?? ""
        force = query.flag("force") ?? false
        let validation = query["fieldValidation"] ?? ""
        fieldValidation = FieldValidation(rawValue: validation) ?? .warn
        let errors =
            forceErrors(query, verb) + fieldManagerErrors() + DryRun.errors(query.values("dryRun"))
            + Self.validationErrors(validation)
        guard errors.isEmpty else { throw .invalidOptions(verb.optionsKind, errors) }
    }

    private func forceErrors(_ query: QueryItems, _ verb: Verb) -> [FieldError] {
        switch verb {
        case .apply:
            fieldManager.isEmpty
                ? [.required(FieldPath("fieldManager"), "is required for apply patch")] : []
        case .patch:
            query["force"] == nil
                ? [] : [.forbidden(FieldPath("force"), "may not be specified for non-apply patch")]
        case .create, .update: []
        }
    }

    private func fieldManagerErrors() -> [FieldError] {
        let path = FieldPath("fieldManager")
        var errors: [FieldError] = []
        if fieldManager.utf8.count > Limits.fieldManagerByteCountMax {
            errors.append(.tooLong(path, byteCountMax: Limits.fieldManagerByteCountMax))
        }
        var position = 0
        for scalar in fieldManager.unicodeScalars {
            if !scalar.isPrintable {
                let code = scalar.hexadecimal(digitCount: 4, uppercase: true)
                errors.append(
                    .invalid(
                        path, .string(fieldManager),
                        "invalid character U+\(code) (at position \(position))"))
            }
            position += UTF8.width(scalar)
        }
        return errors
    }

    private static func validationErrors(_ validation: String) -> [FieldError] {
        if validation.isEmpty || FieldValidation(rawValue: validation) != nil { return [] }
        return [
            .notSupported(
                FieldPath("fieldValidation"), .string(validation),
                supported: ["", "Ignore", "Strict", "Warn"])
        ]
    }
}

/// The `dryRun` option: `All`, any number of times, or nothing.
enum DryRun {
    static func errors(_ values: [String]) -> [FieldError] {
        if values.allSatisfy({ $0 == "All" }) { return [] }
        return [
            .notSupported(
                FieldPath("dryRun"), .array(values.map { .string($0) }), supported: ["All"])
        ]
    }
}
