// The LabelSelector object: `matchLabels` and `matchExpressions`.

import JSON

extension LabelSelector {
    /// Reads a LabelSelector object. No object selects nothing, an empty one everything.
    /// - Throws: the errors that `errors(inObject:at:)` would give.
    public init(object: JSONValue?) throws(InvalidSelector) {
        guard let object, !object.isNull else {
            self = .nothing
            return
        }
        let errors = Self.errors(inObject: object, at: .root)
        guard errors.isEmpty else { throw InvalidSelector(errors: errors) }
        let equalities = (object["matchLabels"]?.object ?? JSONObject()).map { entry in
            LabelRequirement(unchecked: entry.key, .equals, [entry.value.string ?? ""])
        }
        let expressions = (object["matchExpressions"]?.array ?? []).compactMap { expression in
            Self.operators[expression["operator"]?.string ?? ""].map { `operator` in
                LabelRequirement(
                    unchecked: expression["key"]?.string ?? "", `operator`,
                    (expression["values"]?.array ?? []).compactMap(\.string))
            }
        }
        self.init(equalities + expressions)
    }

    private static let operators: [String: LabelRequirement.Operator] = [
        "In": .in, "NotIn": .notIn, "Exists": .exists, "DoesNotExist": .doesNotExist,
    ]

    /// What is wrong with a LabelSelector object that stands at `path`.
    public static func errors(inObject object: JSONValue, at path: FieldPath) -> [FieldError] {
        let labels = (object["matchLabels"]?.object ?? JSONObject()).map { entry in
            (key: entry.key, value: entry.value.string ?? "")
        }
        var errors = ObjectMetaRules.labelErrors(labels, path.child("matchLabels"))
        for (index, expression) in (object["matchExpressions"]?.array ?? []).enumerated() {
            errors += self.errors(
                inExpression: expression, at: path.child("matchExpressions").index(index))
        }
        return errors
    }

    private static func errors(
        inExpression expression: JSONValue, at path: FieldPath
    ) -> [FieldError] {
        var errors: [FieldError] = []
        let values = expression["values"]?.array ?? []
        switch operators[expression["operator"]?.string ?? ""] {
        case .in, .notIn:
            if values.isEmpty {
                errors.append(
                    .required(
                        path.child("values"), "must be specified when `operator` is 'In' or 'NotIn'"
                    ))
            }
        case .exists, .doesNotExist:
            if !values.isEmpty {
                errors.append(
                    .forbidden(
                        path.child("values"),
                        "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"))
            }
        default:
            errors.append(
                .invalid(
                    path.child("operator"), expression["operator"] ?? "",
                    "not a valid selector operator"))
        }
        let key = expression["key"]?.string ?? ""
        errors += ValueFormat.qualifiedName.check(key).map {
            .invalid(path.child("key"), .string(key), $0)
        }
        for (index, value) in values.enumerated() {
            errors += ValueFormat.labelValue.check(value.string ?? "").map {
                .invalid(path.child("values").index(index), value, $0)
            }
        }
        return errors
    }
}
