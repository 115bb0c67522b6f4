// Classes of storage.

import APIModel
import JSON

struct StorageClassStrategy: Strategy {
    var deletionAnswersWithObject: Bool { true }

    private static let defaultMarks = [
        "storageclass.kubernetes.io/is-default-class",
        "storageclass.beta.kubernetes.io/is-default-class",
    ]

    func validate(_ object: JSONValue) -> [FieldError] {
        let provisioner = object.text("provisioner")
        var errors: [FieldError] = []
        if !provisioner.isEmpty {
            errors = ValueFormat.qualifiedName.check(provisioner.lowercased()).map {
                .invalid(FieldPath("provisioner"), .string(provisioner), $0)
            }
        }
        return errors + ClassParameters.errors(object, isNeeded: false)
            + TopologyTerms.errors(object)
    }

    func validateUpdate(_ object: JSONValue, from old: JSONValue) -> [FieldError] {
        ClassParameters.changes(
            of: ["parameters", "provisioner", "reclaimPolicy"], in: object, from: old)
    }

    func cell(_ name: String, of object: JSONValue, now: Timestamp) -> JSONValue? {
        switch name {
        case "className":
            let meta = ObjectMeta(of: object)
            let isDefault = meta.annotations.contains {
                Self.defaultMarks.contains($0.key) && $0.value == "true"
            }
            return .string(meta.name + (isDefault ? " (default)" : ""))
        case "allowsExpansion": return .bool(object["allowVolumeExpansion"]?.bool ?? false)
        default: return nil
        }
    }
}

/// Properties of volumes that can be changed while they are used.
struct AttributesClassStrategy: Strategy {
    var deletionAnswersWithObject: Bool { true }

    func validate(_ object: JSONValue) -> [FieldError] {
        DriverName.errors(object["driverName"], FieldPath("driverName"))
            + ClassParameters.errors(object, isNeeded: true)
    }
}

/// Parameters that a driver knows, and nobody else.
enum ClassParameters {
    static func errors(_ object: JSONValue, isNeeded: Bool) -> [FieldError] {
        let path = FieldPath("parameters")
        let parameters = object.entries("parameters")
        if parameters.isEmpty {
            return isNeeded
                ? [.required(path, "must contain at least one key/value pair")] : []
        }
        if parameters.count > Limits.parameterCountMax {
            return [
                .tooLong(path, byteCountMax: Limits.parameterCountMax)
            ]
        }
        var errors: [FieldError] = []
        if parameters.contains("") {
            errors.append(.invalid(path, "", "field can not be empty."))
        }
        let byteCount = parameters.reduce(0) {
            $0 + $1.key.utf8.count + ($1.value.string?.utf8.count ?? 0)
        }
        if byteCount > Limits.parametersByteCountMax {
            errors.append(.tooLong(path, byteCountMax: Limits.parametersByteCountMax))
        }
        return errors
    }

    static func changes(
        of members: [String], in object: JSONValue, from old: JSONValue
    ) -> [FieldError] {
        members.filter { !JSONValue.same(object[$0], old[$0]) }.map {
            .forbidden(FieldPath($0), "updates to \($0) are forbidden.")
        }
    }
}

/// Where volumes may be made.
private enum TopologyTerms {
    static func errors(_ object: JSONValue) -> [FieldError] {
        var errors: [FieldError] = []
        var seen: Set<JSONValue> = []
        for (index, term) in object.list("allowedTopologies").enumerated() {
            let path = FieldPath("allowedTopologies").index(index)
            if !seen.insert(term).inserted {
                errors.append(.duplicate(path.child("matchLabelExpressions"), ""))
            }
            var keys: Set<String> = []
            for (place, expression) in term.list("matchLabelExpressions").enumerated()
            where !keys.insert(expression.text("key")).inserted {
                errors.append(
                    .duplicate(
                        path.child("matchLabelExpressions").index(place).child("key"),
                        expression["key"]))
            }
        }
        return errors
    }
}
