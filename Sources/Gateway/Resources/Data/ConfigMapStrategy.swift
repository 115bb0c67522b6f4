// ConfigMaps: keys, sizes, immutability.

import APIModel
import JSON

struct ConfigMapStrategy: Strategy {
    func validate(_ object: JSONValue) -> [FieldError] {
        var errors: [FieldError] = []
        let data = object.entries("data")
        let binaryData = object.entries("binaryData")
        for key in data.keys where binaryData.contains(key) {
            errors.append(
                .invalid(
                    FieldPath("data").key(key), .string(key),
                    "duplicate of key present in binaryData"))
        }
        let byteCount =
            data.reduce(0) { $0 + ($1.value.string?.utf8.count ?? 0) }
            + binaryData.reduce(0) { $0 + Base64.decodedByteCount($1.value.string ?? "") }
        if byteCount > Limits.dataByteCountMax {
            // The whole object is too long; the API prints its path as an empty key.
            errors.append(
                .tooLong(FieldPath.root.key(""), byteCountMax: Limits.dataByteCountMax))
        }
        return errors
    }

    func validateUpdate(_ object: JSONValue, from old: JSONValue) -> [FieldError] {
        Immutability.errors(object, from: old, members: ["data", "binaryData"])
    }

    func cell(_ name: String, of object: JSONValue, now: Timestamp) -> JSONValue? {
        guard name == "configMapKeyCount" else { return nil }
        return .int(object.entries("data").count + object.entries("binaryData").count)
    }
}

/// What `immutable: true` means for ConfigMaps and Secrets.
enum Immutability {
    static func errors(
        _ object: JSONValue, from old: JSONValue, members: [String]
    ) -> [FieldError] {
        guard old["immutable"]?.bool == true else { return [] }
        let message = "field is immutable when `immutable` is set"
        var errors: [FieldError] = []
        if object["immutable"]?.bool != true {
            errors.append(.forbidden(FieldPath("immutable"), message))
        }
        for member in members where !JSONValue.same(object[member], old[member]) {
            errors.append(.forbidden(FieldPath(member), message))
        }
        return errors
    }
}
