// Service accounts: nothing but a table cell and how a deletion is answered.

import APIModel
import JSON

struct ServiceAccountStrategy: Strategy {
    var deletionAnswersWithObject: Bool { true }

    func cell(_ name: String, of object: JSONValue, now: Timestamp) -> JSONValue? {
        name == "serviceAccountSecretCount" ? .int(object.list("secrets").count) : nil
    }
}
