import APIModel
import CEL
import JSON

/// What only the schemas of custom resources have.
final class CustomRules: @unchecked Sendable {
    // Reason: written only while it is being compiled; afterwards it is only read.
    let isNullable: Bool
    /// Whether the value is a whole object with kind, apiVersion and metadata.
    let isEmbedded: Bool
    /// `allOf`, `anyOf`, `oneOf` and `not`; `nil` when there are none.
    let condition: ValueCondition?
    /// What expressions see of an object; `nil` when it names no fields.
    var objectType: ObjectType?
    var rules: [ValidationRule] = []
    /// Whether there are rules here or below.
    var hasRules = false

    init(isNullable: Bool, isEmbedded: Bool, condition: ValueCondition?) {
        self.isNullable = isNullable
        self.isEmbedded = isEmbedded
        self.condition = condition
    }
}

extension SchemaNode {
    /// Whether `null` is a value here.
    var isNullable: Bool { custom?.isNullable ?? false }
}

/// The formats of text and numbers that custom resources may use. Unknown formats are not looked
/// at, as JSON Schema has it.
enum CustomFormat: String, Sendable {
    case date, duration, email, hostname, ipv4, ipv6, cidr, mac, uri, uuid, uuid3, uuid4, uuid5
    case byte, password, int32, int64, float, double, isbn, isbn10, isbn13, ssn
    case dateTime = "date-time"
    case hexColor = "hexcolor"
    case rgbColor = "rgbcolor"
    case creditCard = "creditcard"
    case objectID = "bsonobjectid"
    case shortName = "k8s-short-name"
    case longName = "k8s-long-name"
}
