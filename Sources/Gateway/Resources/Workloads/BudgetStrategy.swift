// PodDisruptionBudgets: how many pods may be missing on purpose.

import APIModel
import JSON

struct BudgetStrategy: Strategy {
    func validate(_ object: JSONValue) -> [FieldError] {
        let (spec, path) = (object["spec"] ?? .null, FieldPath("spec"))
        var errors: [FieldError] = []
        if spec.has("minAvailable"), spec.has("maxUnavailable") {
            errors.append(
                .invalid(path, spec, "minAvailable and maxUnavailable cannot be both set"))
        }
        for member in ["minAvailable", "maxUnavailable"] {
            guard let value = spec[member], let amount = IntOrString(value) else { continue }
            errors += RollingAmounts.tooMuch(amount, value, path.child(member))
        }
        if let selector = spec["selector"], !selector.isNull {
            errors += LabelSelector.errors(inObject: selector, at: path.child("selector"))
        }
        return errors
    }

    func cell(_ name: String, of object: JSONValue, now: Timestamp) -> JSONValue? {
        let spec = object["spec"] ?? .null
        func amount(_ member: String) -> JSONValue {
            .string(spec[member].flatMap { IntOrString($0) }?.description ?? "N/A")
        }
        return switch name {
        case "budgetMinAvailable": amount("minAvailable")
        case "budgetMaxUnavailable": amount("maxUnavailable")
        default: nil
        }
    }
}
