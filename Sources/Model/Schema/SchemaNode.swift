import APIModel
import JSON
import Patterns

/// What values may stand at one place of a document. Nodes refer to one another, also in circles;
/// the registry owns them all.
final class SchemaNode: @unchecked Sendable {
    // Reason: written only while the registry is being built; afterwards it is only read.
    enum Shape: Sendable {
        /// An object with named properties.
        case object
        /// An object with free names and values of one kind.
        case map
        case array
        case string
        case integer
        case number
        case boolean
        case intOrString
        /// Any value, kept as it is.
        case any
    }

    var shape = Shape.any
    var properties: [SchemaProperty] = []
    var names = NameTable([])
    /// The properties that must be present, in the order in which the schema lists them.
    var requiredNames: [String] = []
    /// Unknown members stay: the object says so, or it names none.
    var keepsUnknown = false
    /// The values of a map or the elements of an array.
    unowned(unsafe) var element: SchemaNode?
    var list = ListRules()
    /// `nil` when nothing is demanded beyond the type.
    var constraints: Constraints?
    var encoding = Encoding.plain
    /// Whether the map or object is replaced as a whole by patches.
    var isAtomic = false
    var keyFormat: ValueFormat?
    /// The fields of the object's message.
    var protobuf = ProtobufMessage()
    /// The field of the message that holds the value as JSON text, where one does.
    var protobufJSONNumber: Int?
    /// What only the schemas of custom resources have. Where it is there, values are kept as
    /// clients send them: an empty list is a value, and a wrong type is a reason to refuse the
    /// object like any other.
    var custom: CustomRules?

    /// The properties that have a default.
    var defaultedProperties: [SchemaProperty] = []
    /// Whether something here or below has a default value.
    var hasDefaults = false
    /// Whether a value of the right type can be invalid here or below.
    var hasRules = false
    /// Whether an unknown field can stand here or below.
    var hasFields = false
    /// Whether a property here or below may not change.
    var hasImmutable = false

    /// Whether a value may be read that is stored in another form.
    var hasForms: Bool {
        switch shape {
        case .object, .map, .array: true
        case .string: encoding != .plain && encoding != .base64
        default: false
        }
    }

    func property(_ name: String) -> SchemaProperty? {
        names.index(of: name).map { properties[$0] }
    }
}

/// A property of an object: its name, its schema and what depends on where the schema is used.
final class SchemaProperty: @unchecked Sendable {
    // Reason: written only while the registry is being built; afterwards it is only read.
    let name: String
    unowned(unsafe) let node: SchemaNode
    /// With the defaults of what is in it.
    var defaultValue: JSONValue?
    var isRequired = false
    var isImmutable = false
    var patchStrategies: [String] = []
    var patchMergeKey: String?
    /// The field number, after those of the messages around it that JSON does not show. Empty where
    /// there is none.
    var protobufPath: [Int] = []
    /// Whether a zero that was sent as protobuf is meant.
    var keepsProtobufZero = false
    /// Whether a new object does not have it before somebody says so, though it is required or has
    /// a default.
    var isOptional = false

    init(name: String, node: SchemaNode) {
        self.name = name
        self.node = node
    }
}

/// How the elements of a list are told apart.
struct ListRules: Sendable {
    enum Kind: String, Sendable {
        case atomic, set, map
    }

    var kind = Kind.atomic
    /// The members that identify an element of a list of kind `map`.
    var keys: [String] = []
    /// Whether two elements may have the same keys all the same: patches then merge into the first.
    var allowsDuplicates = false
}

/// How a scalar is written in JSON, where that is more than its type says.
enum Encoding: Sendable {
    case plain
    case int32
    case int64
    /// Standard base64 (RFC 4648, section 4).
    case base64
    /// RFC 3339, kept in UTC with whole seconds.
    case time
    /// RFC 3339, kept in UTC with microseconds.
    case microTime
    /// A number with a unit, kept in its canonical form; a JSON number is read too.
    case quantity
}

/// What is demanded of a value beyond its type.
final class Constraints: @unchecked Sendable {
    // Reason: written only while the registry is being built; afterwards it is only read.
    var enumeration: [JSONValue] = []
    var minimum: JSONNumber?
    var maximum: JSONNumber?
    var excludesMinimum = false
    var excludesMaximum = false
    /// In Unicode scalars.
    var minLength = 0
    var maxLength: Int?
    var pattern: RegularExpression?
    var format: TextFormat?
    /// A format that only custom resources have.
    var customFormat: CustomFormat?
    var minItems = 0
    var maxItems: Int?
    var minProperties = 0
    var maxProperties: Int?
    var multipleOf: JSONNumber?

    var isEmpty: Bool {
        enumeration.isEmpty && minimum == nil && maximum == nil && minLength == 0
            && maxLength == nil && pattern == nil && format == nil && minItems == 0
            && maxItems == nil && customFormat == nil && minProperties == 0
            && maxProperties == nil && multipleOf == nil
    }
}

/// The values of `x-binnacle-format`: a format of text, or of a value that is a number or text.
enum TextFormat: Sendable {
    case text(ValueFormat)
    case intOrPercent
    case portNumberOrName

    init?(_ name: String) {
        switch name {
        case "int-or-percent": self = .intOrPercent
        case "port-number-or-name": self = .portNumberOrName
        default:
            guard let format = ValueFormat(rawValue: name) else { return nil }
            self = .text(format)
        }
    }
}
