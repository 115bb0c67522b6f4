// What is wrong with one member of an object, in the words that clients of the API know.

import Buffers
import JSON

/// One reason why an object is invalid. The printed form is the API's:
/// `spec.replicas: Invalid value: -1: must be greater than or equal to 0`.
public struct FieldError: Hashable, Sendable, CustomStringConvertible {
    /// What is wrong. The raw value is the reason of the cause in a `Status`.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        case required = "FieldValueRequired"
        case invalid = "FieldValueInvalid"
        case notSupported = "FieldValueNotSupported"
        case duplicate = "FieldValueDuplicate"
        case forbidden = "FieldValueForbidden"
        case tooLong = "FieldValueTooLong"
        case tooShort = "FieldValueTooShort"
        case tooMany = "FieldValueTooMany"
        case tooFew = "FieldValueTooFew"
        case typeInvalid = "FieldValueTypeInvalid"
        case notFound = "FieldValueNotFound"
        case `internal` = "InternalError"

        /// How the message begins.
        var title: String {
            switch self {
            case .required: "Required value"
            case .invalid, .typeInvalid: "Invalid value"
            case .notSupported: "Unsupported value"
            case .duplicate: "Duplicate value"
            case .forbidden: "Forbidden"
            case .tooLong: "Too long"
            case .tooShort: "Too short"
            case .tooMany: "Too many"
            case .tooFew: "Too few"
            case .notFound: "Not found"
            case .internal: "Internal error"
            }
        }

        var printsValue: Bool {
            switch self {
            case .required, .forbidden, .tooLong, .tooShort, .internal: false
            default: true
            }
        }
    }

    public var kind: Kind
    public var path: FieldPath
    /// The offending value; nil when the message is not to show one.
    public var value: JSONValue?
    /// The value as it is printed, where that is not its JSON.
    var shownValue: String?
    public var detail: String

    public init(kind: Kind, path: FieldPath, value: JSONValue? = nil, detail: String = "") {
        self.kind = kind
        self.path = path
        self.value = value
        self.detail = detail
    }

    /// The message without the path, as it stands in a cause of a `Status`.
    public var body: String {
        var text = kind.title
        if kind.printsValue, let shown = shownValue ?? value.map(Self.printed) {
            text += ": \(shown)"
        }
        return detail.isEmpty ? text : "\(text): \(detail)"
    }

    public var description: String { "\(path): \(body)" }

    /// The entry for the details of a `Status`.
    public var cause: APIStatus.Cause {
        APIStatus.Cause(reason: kind.rawValue, message: body, field: path.description)
    }

    private static func printed(_ value: JSONValue) -> String {
        if case .string(let string) = value { return string.quoted }
        return value.bytes.description
    }
}

extension FieldError {
    public static func required(_ path: FieldPath, _ detail: String = "") -> FieldError {
        FieldError(kind: .required, path: path, detail: detail)
    }

    public static func invalid(
        _ path: FieldPath, _ value: JSONValue?, _ detail: String
    ) -> FieldError {
        FieldError(kind: .invalid, path: path, value: value, detail: detail)
    }

    public static func typeInvalid(
        _ path: FieldPath, _ value: JSONValue?, _ detail: String
    ) -> FieldError {
        FieldError(kind: .typeInvalid, path: path, value: value, detail: detail)
    }

    /// `supported` is printed in the order given.
    public static func notSupported(
        _ path: FieldPath, _ value: JSONValue?, supported: [String]
    ) -> FieldError {
        let names = supported.map(\.quoted).joined(separator: ", ")
        return FieldError(
            kind: .notSupported, path: path, value: value,
            detail: supported.isEmpty ? "" : "supported values: \(names)")
    }

    public static func duplicate(_ path: FieldPath, _ value: JSONValue?) -> FieldError {
        FieldError(kind: .duplicate, path: path, value: value)
    }

    public static func forbidden(_ path: FieldPath, _ detail: String) -> FieldError {
        FieldError(kind: .forbidden, path: path, detail: detail)
    }

    public static func notFound(_ path: FieldPath, _ value: JSONValue?) -> FieldError {
        FieldError(kind: .notFound, path: path, value: value)
    }

    public static func internalError(_ path: FieldPath, _ detail: String) -> FieldError {
        FieldError(kind: .internal, path: path, detail: detail)
    }

    public static func tooLong(_ path: FieldPath, byteCountMax: Int) -> FieldError {
        let unit = byteCountMax == 1 ? "byte" : "bytes"
        return FieldError(
            kind: .tooLong, path: path, detail: "may not be more than \(byteCountMax) \(unit)")
    }

    public static func tooMany(_ path: FieldPath, count: Int, countMax: Int) -> FieldError {
        let unit = countMax == 1 ? "item" : "items"
        return FieldError(
            kind: .tooMany, path: path, value: .number(JSONNumber(Int64(count))),
            detail: "must have at most \(countMax) \(unit)")
    }
}
