// Leases: who holds them, and for how long.

import APIModel
import JSON

struct LeaseStrategy: Strategy {
    /// The holder of a lease is decided by who wrote last; writing without having read would break
    /// that.
    var allowsUnconditionalUpdate: Bool { false }
    var createsOnUpdate: Bool { true }

    func applyDefaults(to object: inout JSONValue) { object.fill("spec", .object(JSONObject())) }

    func validate(_ object: JSONValue) -> [FieldError] {
        guard let holder = object["spec"]?["holderIdentity"], holder == "" else { return [] }
        return [.invalid(FieldPath("spec", "holderIdentity"), holder, "must not be empty")]
    }

    func cell(_ name: String, of object: JSONValue, now: Timestamp) -> JSONValue? {
        name == "leaseHolder" ? .string(object["spec"]?.text("holderIdentity") ?? "") : nil
    }
}
